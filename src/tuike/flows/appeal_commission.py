"""A payee appeals against its commission being held or rejected, replies once, or takes it back (docs/rules.md §6)."""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta

from tuike.appeals import queries
from tuike.appeals import service as appeals
from tuike.appeals.types import (
    MOST_PICTURES,
    MOST_TEXT,
    PURPOSE,
    About,
    AppealFacts,
    AppealShown,
    AppealTooLate,
    NoReplyLeft,
    NothingToAppeal,
)
from tuike.audit.types import Actor
from tuike.commission import service as commission
from tuike.commission.types import Review, Reviewed
from tuike.db.retry import retry
from tuike.files import service as files
from tuike.flows import operators
from tuike.flows.keyed import keyed
from tuike.kit.days import exact_days
from tuike.kit.errors import Forbidden, Invalid, NotFound
from tuike.parties import queries as parties
from tuike.parties.types import Role
from tuike.settings import service as settings

APPELLANTS = frozenset({Role.SUPER_ADMIN, Role.ADMIN})
"""Seats of a promoter or leader that speak for its money."""
Picture = tuple[str, bytes]
"""What a picture is called, and its bytes."""


@retry
def appeal_commission(
    *,
    party_id: int,
    accrual_id: int,
    text: str,
    pictures: Sequence[Picture] = (),
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> str:
    """Appeal against one of a party's own accruals being held, or having been rejected; return the appeal's number.

    While it is held that is always possible, after a rejection for `appeal_days` × 86,400 s (the edge counts).

    Raises:
        Forbidden: no seat of the party that speaks for its money. NotFound: no such accrual of the party.
        NothingToAppeal: it is neither held nor was it rejected, or brought nothing. AppealTooLate: the days are over.
        AppealOpen, AppealAnswered: see appeals. Invalid: no words, too many, or too many pictures.
        TooLarge, TooSmallToRead, NotAPicture: a picture. KeyMalformed, KeyUsedForOther: the key.
    """
    said = _words(text, pictures)

    def work() -> str:
        _require(actor, party_id)
        kept = _kept(party_id, pictures, actor, now)
        facts = _facts(_own(accrual_id, party_id), party_id, now)
        return appeals.file_appeal(facts=facts, text=said, pictures=kept, actor=actor, now=now)

    scope, content = f"party:{party_id}:appeal", [accrual_id, said, _digests(pictures)]
    return keyed(
        scope=scope, key=key, content=content, now=now, work=work, again=lambda: queries.of_accrual(accrual_id)[0].no
    )


@retry
def reply_to_answer(
    *,
    party_id: int,
    no: str,
    text: str,
    pictures: Sequence[Picture] = (),
    actor: Actor,
    now: datetime,
    key: str | None = None,
) -> None:
    """Say something to the answer that refused an appeal: it is looked at once more, and answered for the last time.

    Possible once, in the same days as the appeal itself, counted from the answer, while the accrual stands as it did.

    Raises:
        Forbidden, NotFound, Invalid and those of the pictures and the key: see appeal_commission.
        NoReplyLeft: it isn't refused, was replied to before, or the accrual was decided otherwise since.
        AppealTooLate: the days after the answer are over.
    """
    said = _words(text, pictures)

    def work() -> None:
        _require(actor, party_id)
        one = _appeal(no, party_id)
        kept = _kept(party_id, pictures, actor, now)
        stands = _own(one.accrual_id, party_id)
        if _about(stands) != (one.about, one.since):
            raise NoReplyLeft
        days = settings.get("appeal_days")
        if one.answered_at is not None and now > exact_days(one.answered_at, days):
            raise AppealTooLate(days=days)
        due_at = _due(now)
        appeals.reply(no=no, party_id=party_id, text=said, pictures=kept, due_at=due_at, actor=actor, now=now)

    scope, content = f"party:{party_id}:appeal_reply", [no, said, _digests(pictures)]
    keyed(scope=scope, key=key, content=content, now=now, work=work, again=lambda: None)


@retry
def withdraw_appeal(*, party_id: int, no: str, actor: Actor, now: datetime, key: str | None = None) -> None:
    """Take an appeal back that isn't answered yet; the same may be appealed anew in its days.

    Raises:
        Forbidden: no seat of the party that speaks for its money. NotFound: no such appeal of the party.
        AppealNotOpen: answered or withdrawn before. KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> None:
        _require(actor, party_id)
        appeals.withdraw(no=no, party_id=party_id, actor=actor, now=now)

    scope = f"party:{party_id}:appeal_withdraw"
    keyed(scope=scope, key=key, content=no, now=now, work=work, again=lambda: None)


def appealable(one: Reviewed, *, now: datetime) -> datetime | None:
    """Return until when an accrual may be appealed against, `datetime.max` for as long as it is held; None: it can't
    be, an appeal about the same that isn't answered, or was, included."""
    about = _about(one)
    stake = one.rejected_fen if about and about[0] is About.REJECTED else one.amount_fen
    if about is None or not stake:
        return None
    others = [each for each in queries.of_accrual(one.accrual_id) if each.state != "withdrawn"]
    if any((each.about, each.since) == about or each.state in ("open", "approving") for each in others):
        return None
    if about[0] is About.HELD:
        return datetime.max.replace(tzinfo=now.tzinfo)
    until = exact_days(about[1], settings.get("appeal_days"))
    return until if now <= until else None


def _require(actor: Actor, party_id: int) -> None:
    seat = parties.seat_of(actor.person_id or 0, party_id)
    if seat is None or seat.role not in APPELLANTS:
        raise Forbidden


def _words(text: str, pictures: Sequence[Picture]) -> str:
    if len(pictures) > MOST_PICTURES:
        most = f"最多上传 {MOST_PICTURES} 张图片", f"at most {MOST_PICTURES} pictures"
        raise Invalid(field="pictures", reason_zh=most[0], reason_en=most[1])
    return operators.reason(text, field="text", most=MOST_TEXT)


def _digests(pictures: Sequence[Picture]) -> list[str]:
    return [hashlib.sha256(raw).hexdigest() for _, raw in pictures]


def _kept(party_id: int, pictures: Sequence[Picture], actor: Actor, now: datetime) -> list[str]:
    """Keep pictures before anything is locked: drawing them anew takes its time."""
    person_id = actor.person_id
    kept = [
        files.keep(party_id=party_id, purpose=PURPOSE, raw=raw, name=name, person_id=person_id, now=now).no
        for name, raw in pictures
    ]
    files.use(nos=kept, party_id=party_id, purpose=PURPOSE, now=now)
    return kept


def _own(accrual_id: int, party_id: int) -> Reviewed:
    found = commission.lock_reviewed(accrual_ids=[accrual_id]).get(accrual_id)
    if found is None or found.payee.id != party_id or found.payee.kind not in ("promoter", "leader"):
        raise NotFound
    return found


def _appeal(no: str, party_id: int) -> AppealShown:
    found = queries.own_appeal(no, party_id=party_id)
    if found is None:
        raise NotFound
    return found


def _about(one: Reviewed) -> tuple[About, datetime] | None:
    """Return against what an appeal can be, and since when that is so."""
    if one.review is Review.HELD and one.held_at is not None:
        return About.HELD, one.held_at
    if one.review is Review.REJECTED and one.rejected_at is not None:
        return About.REJECTED, one.rejected_at
    return None


def _facts(one: Reviewed, party_id: int, now: datetime) -> AppealFacts:
    about = _about(one)
    if about is None:
        raise NothingToAppeal
    stake = one.amount_fen if about[0] is About.HELD else one.rejected_fen
    if not stake:
        raise NothingToAppeal
    days = settings.get("appeal_days")
    if about[0] is About.REJECTED and now > exact_days(about[1], days):
        raise AppealTooLate(days=days)
    return AppealFacts(one.accrual_id, party_id, *about, stake, _due(now))


def _due(now: datetime) -> datetime:
    return now + timedelta(hours=settings.get("appeal_answer_hours"))
