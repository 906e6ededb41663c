"""Leaders' activities: drafted, published, changed, closed, deleted (docs/rules.md §9)."""

from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.cooperation import queries
from tuike.cooperation.models import Activity
from tuike.cooperation.queries.activities import contact_place
from tuike.cooperation.service import checking, telling, timers
from tuike.cooperation.service.texts import sealed
from tuike.cooperation.types import (
    ActivityChange,
    ActivityNotDraft,
    ActivityNotPublished,
    ActivityShown,
    ActivityState,
    EnrolmentState,
    NewActivity,
    PeriodInPast,
)
from tuike.db import rows
from tuike.kit.errors import Invalid, NotFound
from tuike.kit.ids import number

_CLOSE = """
    UPDATE cooperation_{what} SET state = 'closed', decided_at = %s
    WHERE state = 'open' AND enrolment_id = ANY(%s)
"""
_END = """
    UPDATE cooperation_enrolment
    SET state = CASE state WHEN 'active' THEN 'ended' ELSE 'rejected' END, end_cause = 'activity_closed',
        ended_at = CASE state WHEN 'active' THEN %(now)s::timestamptz END, decided_at = coalesce(decided_at, %(now)s)
    WHERE id = ANY(%(ids)s) AND state IN ('applied', 'active') RETURNING id
"""


@transaction.atomic
def create_activity(*, leader_id: int, activity: NewActivity, actor: Actor, now: datetime) -> ActivityShown:
    """Write a draft of an activity and return it.

    Raises:
        Invalid: title, sample, note, contact, ends_at, rates, categories, promoters.
        PeriodInPast: it begins before now.
    """
    checking.check_activity(activity, now)
    id_ = rows.query("SELECT nextval(pg_get_serial_sequence('cooperation_activity', 'id'))")[0][0]
    no = number("AC", id_, now)
    Activity.objects.create(id=id_, no=no, leader_id=leader_id, created_at=now, **_columns(no, activity))
    _write_parts(id_, activity)
    audit.record(actor=actor, action="activity.create", object_=no, facts=_facts(activity), now=now)
    return queries.activity(id_)


@transaction.atomic
def change_draft(*, leader_id: int, no: str, activity: NewActivity, actor: Actor, now: datetime) -> ActivityShown:
    """Write a draft anew.

    Raises:
        NotFound: not one of the leader's. ActivityNotDraft: it was published. Invalid, PeriodInPast: see
        `create_activity`.
    """
    had = lock(leader_id=leader_id, no=no)
    if had.state is not ActivityState.DRAFT:
        raise ActivityNotDraft
    checking.check_activity(activity, now)
    Activity.objects.filter(id=had.activity_id).update(**_columns(no, activity))
    _write_parts(had.activity_id, activity)
    audit.record(actor=actor, action="activity.change", object_=no, facts=_facts(activity), now=now)
    return queries.activity(had.activity_id)


@transaction.atomic
def change_activity(*, leader_id: int, no: str, change: ActivityChange, actor: Actor, now: datetime) -> ActivityShown:
    """Change a published activity: its words, promoters, a later end; floors hold for enrolments to come.

    Raises:
        NotFound: not one of the leader's. ActivityNotPublished: a draft, or closed.
        Invalid: see `create_activity`; also an end that is earlier than before.
    """
    had = lock(leader_id=leader_id, no=no)
    if had.state is not ActivityState.PUBLISHED:
        raise ActivityNotPublished
    whole = NewActivity(
        title=change.title,
        kind=had.kind,
        starts_at=had.starts_at,
        ends_at=change.ends_at,
        floor=change.floor,
        floors=change.floors,
        promoter_ids=change.promoter_ids,
        sample=change.sample,
        contact=change.contact,
        note=change.note,
    )
    if change.ends_at < had.ends_at:
        raise Invalid(field="ends_at", reason_zh="不能早于原结束时间", reason_en="can't be before the present end")
    checking.check_content(whole)
    Activity.objects.filter(id=had.activity_id).update(**_columns(no, whole))
    _write_parts(had.activity_id, whole)
    audit.record(actor=actor, action="activity.change", object_=no, facts=_facts(whole), now=now)
    return queries.activity(had.activity_id)


@transaction.atomic
def publish_activity(*, leader_id: int, no: str, actor: Actor, now: datetime) -> ActivityShown:
    """Open a draft for shops' products.

    Raises:
        NotFound: not one of the leader's. ActivityNotDraft: published before. PeriodInPast: its end has passed.
        NotCertified, Suspended: the leader may not lead now.
    """
    had = lock(leader_id=leader_id, no=no)
    if had.state is not ActivityState.DRAFT:
        raise ActivityNotDraft
    checking.check_leader(leader_id)
    if had.ends_at <= now:
        raise PeriodInPast
    Activity.objects.filter(id=had.activity_id).update(state=ActivityState.PUBLISHED.value, published_at=now)
    audit.record(actor=actor, action="activity.publish", object_=no, facts={}, now=now)
    return queries.activity(had.activity_id)


@transaction.atomic
def close_activity(*, leader_id: int, no: str, actor: Actor, now: datetime) -> list[int]:
    """Close a published activity at once, with every cooperation in it, and return the ids of those that ended.

    Wishes that were open are closed with it, applications are turned away. Claims made before keep their terms.

    Raises:
        NotFound: not one of the leader's. ActivityNotPublished: a draft, or closed before.
    """
    had = lock(leader_id=leader_id, no=no)
    if had.state is not ActivityState.PUBLISHED:
        raise ActivityNotPublished
    Activity.objects.filter(id=had.activity_id).update(state=ActivityState.CLOSED.value, closed_at=now)
    found = rows.query(
        "SELECT id FROM cooperation_enrolment WHERE activity_id = %s AND state IN ('applied', 'active')"
        " ORDER BY id FOR NO KEY UPDATE",
        [had.activity_id],
    )
    ids = [id_ for (id_,) in found]
    timers.settle(ids, now)
    for what in ("cancel", "extension"):
        rows.run(_CLOSE.format(what=what), [now, ids])
    over = sorted(id_ for (id_,) in rows.query(_END, {"ids": ids, "now": now}))
    shown = queries.enrolments_by_id(over)
    ended = [id_ for id_ in over if shown[id_].state is EnrolmentState.ENDED]
    telling.tell("cooperation_ended", [shown[id_] for id_ in over], now)
    facts = {"enrolments": [shown[id_].no for id_ in over]}
    audit.record(actor=actor, action="activity.close", object_=no, facts=facts, now=now)
    return ended


@transaction.atomic
def delete_activity(*, leader_id: int, no: str, actor: Actor, now: datetime) -> None:
    """Take a draft, or a closed activity, off the leader's list.

    Raises:
        NotFound: not one of the leader's. ActivityNotDraft: it is published; close it first.
    """
    had = lock(leader_id=leader_id, no=no)
    if ActivityState.DELETED not in had.state.exits:
        raise ActivityNotDraft
    Activity.objects.filter(id=had.activity_id).update(state=ActivityState.DELETED.value, deleted_at=now)
    audit.record(actor=actor, action="activity.delete", object_=no, facts={}, now=now)


def lock(*, leader_id: int, no: str) -> ActivityShown:
    """Return a leader's activity, locked until the transaction ends: before its enrolments, always.

    Raises:
        NotFound: not one of the leader's, or deleted.
    """
    found = rows.query(
        "SELECT id FROM cooperation_activity WHERE no = %s AND leader_id = %s AND state <> 'deleted' FOR NO KEY UPDATE",
        [no, leader_id],
    )
    if not found:
        raise NotFound
    return queries.activity(found[0][0])


def _columns(no: str, activity: NewActivity) -> dict[str, object]:
    return {
        "title": activity.title.strip(),
        "kind": activity.kind.value,
        "starts_at": activity.starts_at,
        "ends_at": activity.ends_at,
        "min_rate_bps": activity.floor.min_rate_bps,
        "min_service_bps": activity.floor.min_service_bps,
        "sample": activity.sample.strip(),
        "note": activity.note.strip(),
        "contact": sealed(activity.contact, place=contact_place(no)),
    }


def _write_parts(activity_id: int, activity: NewActivity) -> None:
    rows.run("DELETE FROM cooperation_activity_floor WHERE activity_id = %s", [activity_id])
    rows.run("DELETE FROM cooperation_activity_promoter WHERE activity_id = %s", [activity_id])
    types = {"activity_id": "bigint", "category_id": "bigint", "min_rate_bps": "int", "min_service_bps": "int"}
    floors = [
        (activity_id, category_id, floor.min_rate_bps, floor.min_service_bps)
        for category_id, floor in sorted(activity.floors.items())
    ]
    rows.insert("cooperation_activity_floor", types, floors)
    promoters = [(activity_id, promoter_id) for promoter_id in sorted(set(activity.promoter_ids))]
    rows.insert("cooperation_activity_promoter", {"activity_id": "bigint", "promoter_id": "bigint"}, promoters)


def _facts(activity: NewActivity) -> dict[str, object]:
    """Return what the log keeps: no contact."""
    return {
        "title": activity.title.strip(),
        "kind": activity.kind.value,
        "starts_at": activity.starts_at.isoformat(),
        "ends_at": activity.ends_at.isoformat(),
        "floor": [activity.floor.min_rate_bps, activity.floor.min_service_bps],
        "floors": {str(id_): [one.min_rate_bps, one.min_service_bps] for id_, one in sorted(activity.floors.items())},
        "promoters": sorted(set(activity.promoter_ids)),
    }
