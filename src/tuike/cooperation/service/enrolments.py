"""Products enrolled in activities: applied for, withdrawn, passed, rejected (docs/rules.md §9)."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.catalog.types import ProductFacts
from tuike.cooperation import queries
from tuike.cooperation.queries.enrolments import contact_place
from tuike.cooperation.service import checking, telling, timers
from tuike.cooperation.service.locking import locked
from tuike.cooperation.service.texts import reason_of, sealed
from tuike.cooperation.types import (
    ActivityNotOpen,
    ActivityNotPublished,
    ActivityShown,
    ActivityState,
    EnrolledAlready,
    EnrolmentDecided,
    EnrolmentOver,
    EnrolmentShown,
    EnrolmentState,
    NewEnrolment,
)
from tuike.db import rows
from tuike.kit.errors import Invalid, NotFound, about
from tuike.kit.ids import number

_TYPES = {
    "id": "bigint",
    "no": "text",
    "activity_id": "bigint",
    "merchant_id": "bigint",
    "product_id": "bigint",
    "rate_bps": "int",
    "service_bps": "int",
    "starts_at": "timestamptz",
    "ends_at": "timestamptz",
    "base_orders": "int",
    "shown_to": "text",
    "contact": "bytea",
    "state": "text",
    "applied_at": "timestamptz",
    "end_cause": "text",
    "gross_orders": "int",
    "net_orders": "int",
    "reason": "text",
}
_ONCE = "ON CONFLICT (activity_id, product_id) WHERE state IN ('applied', 'active') DO NOTHING RETURNING product_id"


@transaction.atomic
def enrol(
    *, merchant_id: int, activity_no: str, wanted: Sequence[NewEnrolment], actor: Actor, now: datetime
) -> list[EnrolmentShown]:
    """Enrol products of a shop in an activity, each at its own terms, all or none; `now` is their enrolment time. The
    leader decides. A no names the product that it is about by its number (`about`).

    Raises:
        NotFound: no such activity, or a product that isn't the shop's. ActivityNotOpen: it takes no products now.
        PeriodInPast, PeriodOutsideActivity, BelowActivityFloor, Invalid: see checking.check_enrolment.
        EnrolledAlready: one is in it, or applied for.
    """
    activity = _shared(activity_no)
    if not activity.open_at(now):
        raise ActivityNotOpen
    products = _own(merchant_id, wanted)
    _settle_over(activity.activity_id, list(products), now)
    made = []
    for one in sorted(wanted, key=lambda one: one.product_id):
        product = products[one.product_id]
        with about(product.product_no):
            starts_at = checking.check_enrolment(one, product=product, activity=activity, now=now)
        made.append(_row(merchant_id, activity.activity_id, one, starts_at, now))
    new = {id_ for (id_,) in rows.insert("cooperation_enrolment", _TYPES, made, suffix=_ONCE)}
    if known := [id_ for id_ in sorted(products) if id_ not in new]:
        with about(products[known[0]].product_no):
            raise EnrolledAlready(title=products[known[0]].title)
    shown = list(queries.enrolments_by_id(row[0] for row in made).values())
    acts = [(one.no, _facts(one)) for one in shown]
    audit.record_many(actor=actor, action="enrolment.apply", acts=acts, now=now)
    telling.tell("enrolment_applied", shown, now)
    return shown


@transaction.atomic
def withdraw_enrolment(*, merchant_id: int, no: str, actor: Actor, now: datetime) -> EnrolmentShown:
    """Take an application back that the leader hasn't decided on.

    Raises:
        NotFound: not an enrolment of the shop. EnrolmentDecided: decided on, or withdrawn, before.
        EnrolmentOver: its period has passed.
    """
    before = locked(nos=[no], merchant_id=merchant_id, now=now)
    _move(before, EnrolmentState.WITHDRAWN, "", actor, now)
    return _said("enrolment_withdrawn", "enrolment.withdraw", before, actor, now)[0]


@transaction.atomic
def pass_enrolments(*, leader_id: int, nos: Sequence[str], actor: Actor, now: datetime) -> list[EnrolmentShown]:
    """Let products into a leader's activity, all or none: from now on, or from their start, they are led.

    Raises:
        NotFound: one that isn't in an activity of the leader. ActivityNotPublished: the activity was closed.
        NotCertified, Suspended: the leader may not lead now. EnrolmentDecided, EnrolmentOver: see
        `withdraw_enrolment`.
    """
    checking.check_leader(leader_id)
    found = rows.query(
        "SELECT a.state FROM cooperation_activity a WHERE a.leader_id = %s AND a.id IN"
        " (SELECT activity_id FROM cooperation_enrolment WHERE no = ANY(%s)) ORDER BY a.id FOR SHARE",
        [leader_id, list(nos)],
    )
    if any(state != ActivityState.PUBLISHED.value for (state,) in found):
        raise ActivityNotPublished
    before = locked(nos=nos, leader_id=leader_id, now=now)
    _move(before, EnrolmentState.ACTIVE, "", actor, now)
    return _said("enrolment_passed", "enrolment.pass", before, actor, now)


@transaction.atomic
def reject_enrolments(
    *, leader_id: int, nos: Sequence[str], reason: str, actor: Actor, now: datetime
) -> list[EnrolmentShown]:
    """Turn products away with a reason, all or none.

    Raises:
        NotFound: one that isn't in an activity of the leader. EnrolmentDecided, EnrolmentOver: see
        `withdraw_enrolment`. Invalid: the reason.
    """
    text = reason_of(reason, needed=True)
    before = locked(nos=nos, leader_id=leader_id, now=now)
    _move(before, EnrolmentState.REJECTED, text, actor, now)
    return _said("enrolment_rejected", "enrolment.reject", before, actor, now, reason=text)


def _shared(activity_no: str) -> ActivityShown:
    """Return an activity, held so that it can't be closed until the transaction ends."""
    found = rows.query(
        "SELECT id FROM cooperation_activity WHERE no = %s AND state IN ('published', 'closed') FOR SHARE",
        [activity_no],
    )
    if not found:
        raise NotFound
    return queries.activity(found[0][0])


def _own(merchant_id: int, wanted: Sequence[NewEnrolment]) -> Mapping[int, ProductFacts]:
    ids = [one.product_id for one in wanted]
    if not ids or len(set(ids)) < len(ids):
        raise Invalid(field="products", reason_zh="请选择商品，且不要重复", reason_en="choose products, each once")
    products = catalog.product_facts(ids)
    if any(id_ not in products or products[id_].merchant_id != merchant_id for id_ in ids):
        raise NotFound
    return products


def _settle_over(activity_id: int, product_ids: Sequence[int], now: datetime) -> None:
    """Let earlier enrolments of the products be over whose period has passed, so that they don't stand in the way."""
    found = rows.query(
        "SELECT id FROM cooperation_enrolment WHERE activity_id = %s AND product_id = ANY(%s)"
        " AND state IN ('applied', 'active') AND ends_at <= %s ORDER BY id FOR NO KEY UPDATE",
        [activity_id, list(product_ids), now],
    )
    timers.settle([id_ for (id_,) in found], now)


def _row(merchant_id: int, activity_id: int, one: NewEnrolment, starts_at: datetime, now: datetime) -> tuple:
    id_ = rows.query("SELECT nextval(pg_get_serial_sequence('cooperation_enrolment', 'id'))")[0][0]
    no = number("EN", id_, now)
    return (
        id_,
        no,
        activity_id,
        merchant_id,
        one.product_id,
        one.rate_bps,
        one.service_bps,
        starts_at,
        one.ends_at,
        one.base_orders,
        one.shown_to.value,
        sealed(one.contact, place=contact_place(no)),
        EnrolmentState.APPLIED.value,
        now,
        "",
        0,
        0,
        "",
    )


def _move(before: Sequence[EnrolmentShown], to: EnrolmentState, reason: str, actor: Actor, now: datetime) -> None:
    """Decide on applications that the caller has locked, all or none."""
    for one in before:
        if one.end_cause is not None:
            raise EnrolmentOver
        if to not in one.state.exits:
            raise EnrolmentDecided
    ids = [one.enrolment_id for one in before]
    moved = rows.run(
        "UPDATE cooperation_enrolment SET state = %s, decided_at = %s, decided_by = %s, reason = %s"
        " WHERE id = ANY(%s) AND state = 'applied'",
        [to.value, now, actor.person_id, reason, ids],
    )
    if moved != len(ids):
        raise EnrolmentDecided


def _said(
    kind: str, action: str, before: Sequence[EnrolmentShown], actor: Actor, now: datetime, **more: str
) -> list[EnrolmentShown]:
    shown = list(queries.enrolments_by_id(one.enrolment_id for one in before).values())
    audit.record_many(actor=actor, action=action, acts=[(one.no, dict(more)) for one in shown], now=now)
    telling.tell(kind, shown, now, **more)
    return shown


def _facts(one: EnrolmentShown) -> dict[str, object]:
    """Return what the log keeps of the terms: no contact."""
    return {
        "activity": one.activity_no,
        "product": one.product_id,
        "rate_bps": one.rate_bps,
        "service_bps": one.service_bps,
        "starts_at": one.starts_at.isoformat(),
        "ends_at": one.ends_at.isoformat(),
        "base_orders": one.base_orders,
        "shown_to": one.shown_to.value,
    }
