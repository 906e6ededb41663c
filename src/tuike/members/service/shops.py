"""A shop's tags and segments."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime

from django.db import IntegrityError, transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit.errors import NotFound
from tuike.kit.ids import number
from tuike.members import rules
from tuike.members.queries import shops as queries
from tuike.members.types.facts import MAX_SEGMENTS, MAX_TAGS, MAX_TAGS_EACH, Asked, SegmentShown, TagShown
from tuike.members.types.refusals import NameTaken, TooManySegments, TooManyTags

_TAG = """
    INSERT INTO members_tagging (tag_id, person_id, at)
    SELECT %(tag)s, person, %(now)s FROM unnest(%(persons)s::bigint[]) AS person
    ON CONFLICT (tag_id, person_id) DO NOTHING
"""
_MOST_EACH = """
    SELECT max(tags) FROM (
        SELECT count(*) AS tags FROM members_tagging x JOIN members_tag t ON t.id = x.tag_id
        WHERE t.merchant_id = %s AND x.person_id = ANY(%s) GROUP BY x.person_id
    ) counted
"""


@transaction.atomic
def make_tag(*, merchant_id: int, name: str, actor: Actor, now: datetime) -> TagShown:
    """Make a tag of a shop (docs/rules.md §10).

    Raises:
        Invalid: a name that is empty or longer than 20 characters.
        NameTaken: the shop has it already.
        TooManyTags: the shop has 100.
    """
    name = rules.check_name(name)
    _lock(merchant_id)
    if rows.query("SELECT count(*) FROM members_tag WHERE merchant_id = %s", [merchant_id])[0][0] >= MAX_TAGS:
        raise TooManyTags(most=MAX_TAGS)
    id_ = rows.query("SELECT nextval(pg_get_serial_sequence('members_tag', 'id'))")[0][0]
    no = number("L", id_, now)
    try:
        with transaction.atomic():
            rows.run(
                "INSERT INTO members_tag (id, no, merchant_id, name, made_at) VALUES (%s, %s, %s, %s, %s)",
                [id_, no, merchant_id, name, now],
            )
    except IntegrityError:
        raise NameTaken(name=name) from None
    audit.record(actor=actor, action="members.make_tag", object_=no, facts={"name": name}, now=now)
    return TagShown(no, name, 0)


@transaction.atomic
def remove_tag(*, merchant_id: int, no: str, actor: Actor, now: datetime) -> None:
    """Remove a tag, from all members too.

    Raises:
        NotFound: not the shop's.
    """
    found = rows.query("SELECT id FROM members_tag WHERE merchant_id = %s AND no = %s FOR UPDATE", [merchant_id, no])
    if not found:
        raise NotFound
    rows.run("DELETE FROM members_tagging WHERE tag_id = %s", [found[0][0]])
    rows.run("DELETE FROM members_tag WHERE id = %s", [found[0][0]])
    audit.record(actor=actor, action="members.remove_tag", object_=no, facts={}, now=now)


@transaction.atomic
def tag_members(*, merchant_id: int, no: str, person_ids: Iterable[int], actor: Actor, now: datetime) -> None:
    """Give members of a shop one of its tags; who has it keeps it.

    Raises:
        NotFound: not the shop's tag, or somebody who is no member of the shop.
        TooManyTags: a member would have more than 20 of the shop's.
    """
    _lock(merchant_id)
    wanted = sorted(set(person_ids))
    tag_id = _tag_id(merchant_id, no)
    for person_id in wanted:
        queries.shop_member(merchant_id=merchant_id, person_id=person_id)
    added = rows.run(_TAG, {"tag": tag_id, "persons": wanted, "now": now})
    if (rows.query(_MOST_EACH, [merchant_id, wanted])[0][0] or 0) > MAX_TAGS_EACH:
        raise TooManyTags(most=MAX_TAGS_EACH)
    audit.record(actor=actor, action="members.tag", object_=no, facts={"members": added}, now=now)


@transaction.atomic
def untag_member(*, merchant_id: int, no: str, person_id: int, actor: Actor, now: datetime) -> None:
    """Take a tag from a member; one that isn't there is no matter.

    Raises:
        NotFound: not the shop's tag.
    """
    rows.run("DELETE FROM members_tagging WHERE tag_id = %s AND person_id = %s", [_tag_id(merchant_id, no), person_id])
    audit.record(actor=actor, action="members.untag", object_=no, facts={"person_id": person_id}, now=now)


@transaction.atomic
def save_segment(
    *, merchant_id: int, name: str, asked: Asked, no: str = "", actor: Actor, now: datetime
) -> SegmentShown:
    """Save a question about a shop's members under a name, or put another one into segment `no`.

    Raises:
        Invalid: a name or a number that makes no sense.
        NameTaken: another segment of the shop has it.
        TooManySegments: the shop has 50.
        NotFound: not the shop's segment or tag.
    """
    name = rules.check_name(name)
    rules.check_asked(asked)
    _lock(merchant_id)
    if asked.tag:
        _tag_id(merchant_id, asked.tag)
    wanted = json.dumps({key: value for key, value in asdict(asked).items() if value not in (None, "")})
    if no:
        queries.segment_of(merchant_id=merchant_id, no=no)
    elif rows.query("SELECT count(*) FROM members_segment WHERE merchant_id = %s", [merchant_id])[0][0] >= MAX_SEGMENTS:
        raise TooManySegments(most=MAX_SEGMENTS)
    else:
        id_ = rows.query("SELECT nextval(pg_get_serial_sequence('members_segment', 'id'))")[0][0]
        no = number("G", id_, now)
    try:
        with transaction.atomic():
            rows.run(
                "INSERT INTO members_segment (no, merchant_id, name, wanted, made_at)"
                " VALUES (%s, %s, %s, %s::jsonb, %s)"
                " ON CONFLICT (no) DO UPDATE SET name = EXCLUDED.name, wanted = EXCLUDED.wanted",
                [no, merchant_id, name, wanted, now],
            )
    except IntegrityError:
        raise NameTaken(name=name) from None
    audit.record(actor=actor, action="members.save_segment", object_=no, facts=json.loads(wanted), now=now)
    return queries.segment_of(merchant_id=merchant_id, no=no)


@transaction.atomic
def remove_segment(*, merchant_id: int, no: str, actor: Actor, now: datetime) -> None:
    """Forget a segment; what was sent to it stays.

    Raises:
        NotFound: not the shop's.
    """
    if not rows.run("DELETE FROM members_segment WHERE merchant_id = %s AND no = %s", [merchant_id, no]):
        raise NotFound
    audit.record(actor=actor, action="members.remove_segment", object_=no, facts={}, now=now)


def _lock(merchant_id: int) -> None:
    """Let changes of one shop's tags and segments come one after the other, so that counting them is exact."""
    rows.query("SELECT pg_advisory_xact_lock(hashtextextended('members:shop:' || %s::text, 0))", [merchant_id])


def _tag_id(merchant_id: int, no: str) -> int:
    found = rows.query("SELECT id FROM members_tag WHERE merchant_id = %s AND no = %s", [merchant_id, no])
    if not found:
        raise NotFound
    return int(found[0][0])
