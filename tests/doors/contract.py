"""The contract's two doors, one shape: shop and leader before their consoles, or by their software.

A verb returns what its door said of it in Chinese: the sentence of a refusal, what a cancel says, else nothing. Who
acts comes in at the instant of the act: sessions and tokens are as old as that.
"""

import html
import json
import re
from datetime import datetime
from typing import Any

from django.test import Client

from tests.console.conftest import Sitting, toast_of
from tests.doors.openapi.conftest import Software
from tests.make import alliance as make
from tests.make import apps as make_apps
from tests.make import parties as make_parties
from tuike.kit import clock
from tuike.kit.days import SHANGHAI
from tuike.parties.types import NewSecret, PartyRef

Notes = list[tuple[str, bool]]
"""Sentences beside an enrolment, and which are red."""


class ByConsole:
    """Shop and leader at their pages."""

    def __init__(self, one: make.Alliance) -> None:
        self.one = one

    def sits(self, party: PartyRef) -> Sitting:
        """Return the party's super administrator before its console, signed in now."""
        return Sitting(make_parties.super_admin_of(party).person_id, party)

    def can_cancel(self, no: str) -> str:
        """Return what the shop reads before it clicks."""
        found = re.search(r'id="can-cancel".*?<p>(.*?)</p>', self._drawer(self.one.shop, no), re.DOTALL)
        assert found
        return html.unescape(found[1])

    def cancel(self, no: str) -> str:
        """Let the shop file a cancel."""
        return self._said(self.sits(self.one.shop).post("enrolment-cancel", no=no), always=True)

    def decide(self, no: str, *, agree: bool) -> str:
        """Let the leader agree to the end, or refuse."""
        return self._said(self.sits(self.one.leader).post("enrolment-cancel", {"agree": str(int(agree))}, no=no))

    def longer(self, no: str, until: datetime) -> str:
        """Let the leader ask for a later end."""
        typed = until.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M:%S")
        return self._said(self.sits(self.one.leader).post("enrolment-extend", {"ends_at": typed}, no=no))

    def answer(self, no: str, *, agree: bool) -> str:
        """Let the shop answer that."""
        return self._said(self.sits(self.one.shop).post("enrolment-answer", {"agree": str(int(agree))}, no=no))

    def label(self, no: str) -> str:
        """Return the label of what was sold, as both read it."""
        both = [re.findall(r"团长[已未]达成", self._drawer(party, no)) for party in (self.one.shop, self.one.leader)]
        assert both[0] == both[1] and len(both[0]) == 1
        return both[0][0]

    def notes(self, no: str) -> Notes:
        """Return the notes, which are the same for both."""
        both = [_notes(self._drawer(party, no)) for party in (self.one.shop, self.one.leader)]
        assert both[0] == both[1]
        return both[0]

    def _drawer(self, party: PartyRef, no: str) -> str:
        answer = self.sits(party).get("enrolment", no=no)
        assert answer.status_code == 200
        return answer.content.decode()

    @staticmethod
    def _said(answer: Any, *, always: bool = False) -> str:
        if answer.status_code == 200:
            return toast_of(answer) if always else ""
        if answer.status_code == 409:
            return toast_of(answer)
        assert answer.status_code == 422, answer.content.decode()[:300]
        found = re.search(r'role="alert">.*?<p data-data>(.*?)</p>', answer.content.decode(), re.DOTALL)
        assert found, answer.content.decode()
        return html.unescape(found[1]).strip()


class ByApi:
    """Shop and leader by their software."""

    def __init__(self, one: make.Alliance) -> None:
        self.one = one
        self._apps: dict[int, NewSecret] = {}
        for party in (one.shop, one.leader):  # beforehand: what follows may have to change nothing
            self.software(party)

    def software(self, party: PartyRef) -> Software:
        """Return the party's software with a token of now."""
        if party.id not in self._apps:
            self._apps[party.id] = make_apps.secret(party, now=clock.now())
        app = self._apps[party.id]
        return Software(Client(), party, make_apps.token(app, now=clock.now()), app)

    def can_cancel(self, no: str) -> str:
        """Return what the shop's software is told before it files."""
        return self._get(self.one.shop, f"/merchant/enrolments/{no}/can-cancel")["text"]

    def cancel(self, no: str) -> str:
        """Let the shop's software file a cancel."""
        return self._said(self.software(self.one.shop).post(f"/merchant/enrolments/{no}/cancel"), always=True)

    def decide(self, no: str, *, agree: bool) -> str:
        """Let the leader's software agree to the end, or refuse."""
        path = f"/leader/enrolments/{no}/cancel-decision"
        return self._said(self.software(self.one.leader).post(path, {"agree": agree}))

    def longer(self, no: str, until: datetime) -> str:
        """Let the leader's software ask for a later end."""
        path = f"/leader/enrolments/{no}/extension"
        return self._said(self.software(self.one.leader).post(path, {"ends_at": until.isoformat()}))

    def answer(self, no: str, *, agree: bool) -> str:
        """Let the shop's software answer that."""
        path = f"/merchant/enrolments/{no}/extension-answer"
        return self._said(self.software(self.one.shop).post(path, {"agree": agree}))

    def label(self, no: str) -> str:
        """Return the label of what was sold."""
        return self._both(no)["label"]

    def notes(self, no: str) -> Notes:
        """Return the notes, which are the same for both."""
        return [(note["text"], note["red"]) for note in self._both(no)["notes"]]

    def _both(self, no: str) -> Any:
        shop = self._get(self.one.shop, f"/merchant/enrolments/{no}")
        assert self._get(self.one.leader, f"/leader/enrolments/{no}") == shop
        return shop

    def _get(self, party: PartyRef, path: str) -> Any:
        answer = self.software(party).get(path)
        assert answer.status_code == 200, answer.content.decode()
        return answer.json()

    @staticmethod
    def _said(answer: Any, *, always: bool = False) -> str:
        said = json.loads(answer.content)
        if answer.status_code in (200, 201):
            return said["text"] if always else ""
        assert answer.status_code in (409, 422)
        return said["detail"]


def _notes(page: str) -> Notes:
    """Return what stands between the labels and the facts of a drawer."""
    facts = page.split('<dl class="dl">', 1)[0]
    found = re.findall(r'<div class="note( bad)?">.*?<p>(.*?)</p></div>', facts, re.DOTALL)
    return [(html.unescape(words), bool(red)) for red, words in found]
