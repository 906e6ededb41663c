"""Applications: filed, withdrawn, decided by rules or by hand."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.files import service as files
from tuike.kit import crypto, ids
from tuike.kit.days import shown
from tuike.messages import service as messages
from tuike.network import queries, rules
from tuike.network.service import deposits
from tuike.network.types import (
    ApplicationClosed,
    ApplicationOpen,
    ApplicationShown,
    ApplicationState,
    AppliedTooSoon,
    FormShown,
    NewForm,
    PersonBanned,
    Thresholds,
    Verdict,
)
from tuike.outbox import service as outbox
from tuike.parties import queries as parties

_DECIDE = """
    UPDATE network_application SET state = %(to)s, reason = %(why)s, decided_at = %(now)s, decided_by = %(by)s
    WHERE no = %(no)s AND state = 'filed' RETURNING id
"""
PURPOSE = "application"
"""What pictures are given for that answer a question of the form."""
_ONCE = ("network_application_one_of_person", "network_application_one_open")


def check_free_to_join(*, person_id: int, form: FormShown | None, now: datetime) -> None:
    """Refuse who was shut out, or was rejected too lately (docs/rules.md §1).

    Raises:
        PersonBanned: shut out. AppliedTooSoon: some days aren't over yet.
    """
    if queries.banned([person_id]):
        raise PersonBanned
    rejected_at = queries.last_rejection(person_id)
    if form is not None and rejected_at is not None:
        until = rules.may_apply_from(rejected_at, form.form)
        if now < until:
            raise AppliedTooSoon(at=shown(until))


@transaction.atomic
def file_application(
    *,
    person_id: int,
    promoter_id: int,
    form: FormShown,
    given: Mapping[str, Any],
    actor: Actor,
    now: datetime,
) -> ApplicationShown:
    """File that a person asks to come in with a promoter of theirs; the answers are sealed (docs/rules.md §1, §11).

    `given` are answers by the form's keys; pictures are numbers of the promoter's own kept ones. The caller holds the
    person, so that nobody is shut out meanwhile. A deposit that waits to go back and is enough stays.

    Raises:
        PersonBanned, AppliedTooSoon: see `check_free_to_join`.
        Invalid: an answer that is missing or makes no sense. UnknownFile: a picture that isn't the promoter's.
        ApplicationOpen: the person or the promoter has an application under review.
    """
    check_free_to_join(person_id=person_id, form=form, now=now)
    answers = rules.read_answers(form.form, given)
    files.use(nos=rules.pictures(form.form, answers), party_id=promoter_id, purpose=PURPOSE, now=now)
    id_ = rows.query("SELECT nextval(pg_get_serial_sequence('network_application', 'id'))")[0][0]
    no = ids.number("N", id_, now)
    text = json.dumps(dict(answers), ensure_ascii=False)
    sealed = crypto.seal(text, place=_place(no), keys=settings.FIELD_KEYS)
    try:
        with transaction.atomic():
            rows.run(
                "INSERT INTO network_application (id, no, person_id, promoter_id, form_id, sealed, state, by_hand,"
                " filed_at, reason) VALUES (%s, %s, %s, %s, %s, %s, 'filed', false, %s, '')",
                [id_, no, person_id, promoter_id, form.form_id, sealed, now],
            )
    except IntegrityError as error:
        if any(name in str(error) for name in _ONCE):
            raise ApplicationOpen from error
        raise
    deposits.stay_deposit(promoter_id=promoter_id, least_fen=max(form.form.deposit_fen, 1))
    facts = {"promoter": promoter_id, "edition": form.edition}
    audit.record(actor=actor, action="network.apply", object_=no, facts=facts, now=now)
    return queries.application(no)


@transaction.atomic
def withdraw_application(*, no: str, person_id: int, actor: Actor, now: datetime) -> ApplicationShown:
    """Take one's own application back.

    Raises:
        ApplicationClosed: no such application of the person's under review.
    """
    found = queries.application(no)
    if found.person_id != person_id:
        raise ApplicationClosed
    _decide(no, ApplicationState.WITHDRAWN, "", actor, now)
    audit.record(actor=actor, action="network.withdraw", object_=no, facts={}, now=now)
    return queries.application(no)


@transaction.atomic
def decide_application(*, no: str, to: ApplicationState, reason: str, actor: Actor, now: datetime) -> ApplicationShown:
    """Pass or reject an application, once; who applied is told. Letting the promoter in is the caller's.

    Raises:
        ApplicationClosed: there is none under review.
    """
    _decide(no, to, reason, actor, now)
    found = queries.application(no)
    facts = {"state": to.value, "reason": reason}
    audit.record(actor=actor, action="network.decide", object_=no, facts=facts, now=now)
    kind = "application_passed" if to is ApplicationState.PASSED else "application_rejected"
    whose = parties.refs([found.promoter_id])[found.promoter_id].no
    messages.tell_person(person_id=found.person_id, kind=kind, facts={"reason": reason}, object_=whose, now=now)
    told = facts | {"party_id": found.promoter_id}
    outbox.put(topic="application.decided", events=[(no, told)], now=now)
    return found


def leave_to_people(*, nos: list[str]) -> None:
    """Note that the rules have said that a person must decide: they look at these no more."""
    rows.run("UPDATE network_application SET by_hand = true WHERE no = ANY(%s) AND state = 'filed'", [sorted(nos)])


def open_answers(*, no: str) -> dict[str, Any]:
    """Return the answers of an application in clear; the caller knows who may read them, and records the look.

    Raises:
        ApplicationClosed: there is no such application.
    """
    found = rows.query("SELECT sealed FROM network_application WHERE no = %s", [no])
    if not found:
        raise ApplicationClosed
    opened: dict[str, Any] = json.loads(
        crypto.open_sealed(bytes(found[0][0]), place=_place(no), keys=settings.FIELD_KEYS)
    )
    return opened


def judge(*, form: NewForm, no: str, known: Thresholds, filed: datetime) -> Verdict:
    """Return what the form's rules say of an application's answers (docs/rules.md §1)."""
    return rules.judge(form, open_answers(no=no), known, filed)


def _decide(no: str, to: ApplicationState, reason: str, actor: Actor, now: datetime) -> None:
    said = {"no": no, "to": to.value, "why": reason, "now": now, "by": actor.person_id}
    if not rows.query(_DECIDE, said):
        raise ApplicationClosed


def _place(no: str) -> str:
    return f"network_application|sealed|{no}"
