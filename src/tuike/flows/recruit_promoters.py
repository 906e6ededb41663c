"""Recruiting links with their posters: made by a promoter, a merchant or the operator; nothing is paid for coming."""

from datetime import datetime
from functools import lru_cache
from pathlib import Path

from django.conf import settings

from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.flows import operators
from tuike.flows.keyed import keyed
from tuike.kit import poster
from tuike.kit.errors import Forbidden, NotFound
from tuike.kit.fonts import Fonts
from tuike.network import queries
from tuike.network import service as network
from tuike.network.types import RecruitLinkShown, UnknownLink
from tuike.parties import queries as parties
from tuike.parties.types import NotCertified, PartyKind, Role, Suspended

_RECRUITS = frozenset({PartyKind.PROMOTER, PartyKind.MERCHANT, PartyKind.OPERATOR})
_ROLES = frozenset({Role.SUPER_ADMIN, Role.ADMIN})


@retry
def make_link(*, owner_id: int, note: str, actor: Actor, now: datetime, key: str | None = None) -> RecruitLinkShown:
    """Make a recruiting link of a party in which the person is an administrator; the same key makes none again.

    Raises:
        NotFound: no seat there, or a party that doesn't recruit. Forbidden: another role.
        NotCertified, Suspended: the party may not act. Invalid, TooManyLinks: see network.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> RecruitLinkShown:
        _may(owner_id, actor)
        return network.make_link(owner_id=owner_id, note=note, actor=actor, now=now)

    def again() -> RecruitLinkShown:
        return queries.links_of(owner_id=owner_id, limit=1)[0]

    scope = f"person:{actor.person_id}:make_recruit_link"
    return keyed(scope=scope, key=key, content=[owner_id, note], now=now, work=work, again=again)


@retry
def close_link(*, owner_id: int, code: str, actor: Actor, now: datetime) -> None:
    """Let nobody come by a link any more.

    Raises:
        NotFound: no seat there. Forbidden: another role. UnknownLink: not one of theirs, or closed.
    """

    def work() -> None:
        _seated(owner_id, actor)
        network.close_link(code=code, owner_id=owner_id, actor=actor, now=now)

    keyed(scope="", key=None, content=None, now=now, work=work, again=work)


def address(code: str) -> str:
    """Return where a recruiting link leads: the mall's page on which one becomes a promoter."""
    return f"{settings.PUBLIC_BASE}/m/promoter/join/join?link={code}"


def draw_link_poster(*, owner_id: int, code: str, zh: bool = True) -> bytes:
    """Return the poster (JPEG) of a party's own link.

    Raises:
        UnknownLink: not one of theirs.
    """
    link = queries.link_by_code(code)
    if link.owner_id != owner_id:
        raise UnknownLink
    return poster.draw(
        poster.Poster(
            nickname=link.owner_name,
            slogan="邀请你成为推客" if zh else "invites you to become a promoter",
            title="推荐好物，按实际成交获得佣金" if zh else "Recommend good things; earn from what is sold",
            price_fen=None,
            shop="加入不收取费用换取收益" if zh else "Nobody earns by who joins",
            hint="长按识别，申请加入" if zh else "Scan to apply",
            link=address(code),
        ),
        _fonts(),
    )


def _may(owner_id: int, actor: Actor) -> None:
    kind = _seated(owner_id, actor)
    if kind is PartyKind.OPERATOR:
        return
    facts = (
        parties.promoter_facts([owner_id])[owner_id]
        if kind is PartyKind.PROMOTER
        else parties.merchant_facts([owner_id])[owner_id]
    )
    if not facts.certified:
        raise NotCertified
    if facts.suspended:
        raise Suspended(reason="—")


def _seated(owner_id: int, actor: Actor) -> PartyKind:
    seat = parties.seat_of(actor.person_id or 0, owner_id)
    if seat is None or seat.party.kind not in _RECRUITS:
        raise NotFound
    allowed = operators.DECIDERS if seat.party.kind is PartyKind.OPERATOR else _ROLES
    if seat.role not in allowed:
        raise Forbidden
    return seat.party.kind


@lru_cache
def _fonts() -> Fonts:
    return Fonts(Path(settings.FONTS))
