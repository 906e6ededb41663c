"""Recruiting links: made, closed, and who came by one. Nothing is ever paid for coming (docs/rules.md §11)."""

from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit.errors import Invalid
from tuike.kit.ids import random_code
from tuike.network import queries
from tuike.network.types import RecruitLinkShown, TooManyLinks, UnknownLink
from tuike.parties.types import PartyKind

MOST_LINKS = 50
"""Open links of a party (docs/rules.md §1)."""
_LOCK = 7_311


@transaction.atomic
def make_link(*, owner_id: int, note: str, actor: Actor, now: datetime) -> RecruitLinkShown:
    """Make a recruiting link of a party, which the caller knows to be one that may recruit.

    Raises:
        Invalid: the note is longer than 40 characters.
        TooManyLinks: 50 are open.
    """
    said = note.strip()
    if len(said) > 40 or not said.isprintable():
        raise Invalid(field="note", reason_zh="备注最多 40 个字", reason_en="at most 40 characters")
    rows.query("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, owner_id % 2**31])
    if queries.open_links(owner_id) >= MOST_LINKS:
        raise TooManyLinks(most=MOST_LINKS)
    code = random_code(10)
    rows.run(
        "INSERT INTO network_recruit_link (code, owner_id, note, made_at, made_by) VALUES (%s, %s, %s, %s, %s)",
        [code, owner_id, said, now, actor.person_id],
    )
    audit.record(actor=actor, action="network.make_link", object_=code, facts={"owner": owner_id}, now=now)
    return queries.link_by_code(code)


@transaction.atomic
def close_link(*, code: str, owner_id: int, actor: Actor, now: datetime) -> None:
    """Let nobody come by a link any more.

    Raises:
        UnknownLink: not one of this owner's, or closed.
    """
    closed = rows.run(
        "UPDATE network_recruit_link SET closed_at = %s WHERE code = %s AND owner_id = %s AND closed_at IS NULL",
        [now, code, owner_id],
    )
    if not closed:
        raise UnknownLink
    audit.record(actor=actor, action="network.close_link", object_=code, facts={}, now=now)


def recruited(*, promoter_id: int, link: RecruitLinkShown, now: datetime) -> None:
    """Keep by which link a promoter came, and whom a merchant recruited, in the transaction that opens the promoter;
    others' links leave no agent."""
    rows.run(
        "INSERT INTO network_arrival (promoter_id, link_id, at) VALUES (%s, %s, %s)", [promoter_id, link.link_id, now]
    )
    if link.owner_kind is PartyKind.MERCHANT:
        rows.run(
            "INSERT INTO network_agent (promoter_id, merchant_id, link_id, since) VALUES (%s, %s, %s, %s)",
            [promoter_id, link.owner_id, link.link_id, now],
        )
