"""Reports that are due are written: once for each period and person, with a piece of news, and a mail where it is
wished."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction

from tuike.alerts import queries as alerts_of
from tuike.alerts import service as alerts
from tuike.alerts.types import Rhythm, SubscriptionShown
from tuike.db.retry import retry
from tuike.flows import seated
from tuike.messages import service as messages
from tuike.parties import queries as parties
from tuike.parties.types import PartyRef

Write = Callable[[PartyRef, Rhythm, date, date], Mapping[str, Any]]
"""Returns the content of a party's report of some days (both included) as plain JSON; `said_zh` and `said_en` are the
sentence that the news says."""


def make_reports(*, write: Write, now: datetime) -> int:
    """Write what is due and return how many reports that were (docs/rules.md §11).

    After days without a worker the latest period is written, and none of those before.
    """
    made, after = 0, 0
    while found := alerts.due(now=now, after=after):
        after = found[-1].id
        refs = parties.refs({one.party_id for one in found})
        written: dict[tuple[int, Rhythm], Mapping[str, Any]] = {}
        for one in found:
            first, last = alerts_of.period(one.rhythm, now)
            if not seated.of(party_id=one.party_id, person_ids=[one.person_id]):
                _stop(one)
                continue
            about = (one.party_id, one.rhythm)
            if about not in written:
                written[about] = write(refs[one.party_id], one.rhythm, first, last)
            made += _keep(one, first, last, written[about], now)
    return made


@retry
def _keep(one: SubscriptionShown, first: date, last: date, content: Mapping[str, Any], now: datetime) -> int:
    with transaction.atomic(durable=True):
        made = alerts.make_edition(one=one, first=first, last=last, content=content, now=now)
        if made is None:
            return 0
        edition_id, no = made
        facts = {
            "no": no, "day": first.isoformat(), "first": first.isoformat(), "last": last.isoformat(),
            "said_zh": content["said_zh"], "said_en": content["said_en"],
        }  # fmt: skip
        messages.tell_one(
            party_id=one.party_id,
            person_id=one.person_id,
            kind=f"report_{one.rhythm}",
            facts=facts,
            object_=no,
            now=now,
        )
        if one.mail:
            alerts.queue(party_id=one.party_id, person_ids=[one.person_id], edition_id=edition_id, now=now)
        return 1


@retry
def _stop(one: SubscriptionShown) -> None:
    with transaction.atomic(durable=True):
        alerts.stop_report(subscription_id=one.id)
