"""Who of the operator's people may decide: asked by every journey of the operator's desk. Not a journey itself."""

from collections.abc import Iterable

from tuike.audit.types import Actor
from tuike.kit.errors import Forbidden, Invalid, Refusal
from tuike.parties import queries as parties
from tuike.parties.types import Role

DECIDERS = frozenset({Role.SUPER_ADMIN, Role.ADMIN, Role.OPERATOR})
"""Reviews, cases, rates, categories (docs/rules.md §1)."""

GOVERNORS = frozenset({Role.SUPER_ADMIN, Role.ADMIN})
"""Settings of the product."""

MONEY = frozenset({Role.SUPER_ADMIN, Role.ADMIN, Role.FINANCE})
"""Adjustments: money that the platform gives or takes."""

ANYBODY = frozenset({*DECIDERS, *MONEY})
"""Everybody of the operator's who does something; auditors only read."""


class Involved(Refusal):
    """Whoever sits in the party that it is about decides nothing."""

    code = "involved"
    status = 403
    zh = "您是当事主体的管理员，不能处理此事项，请由其他同事处理"
    en = "You hold a seat in the party that this is about; somebody else must decide."


def require(actor: Actor, roles: Iterable[Role]) -> None:
    """Refuse everybody without a seat of the operator in one of these roles at this moment.

    Raises:
        Forbidden: somebody else.
    """
    operator = parties.operator()
    if operator is None or actor.person_id is None:
        raise Forbidden
    seat = parties.seat_of(actor.person_id, operator.id)
    if seat is None or seat.role not in roles:
        raise Forbidden


def require_uninvolved(actor: Actor, party_ids: Iterable[int]) -> None:
    """Refuse who sits in one of these parties.

    Raises:
        Involved: the person does.
    """
    theirs = {seat.party.id for seat in parties.seats_of(actor.person_id or 0)}
    if theirs & set(party_ids):
        raise Involved


def reason(text: str, *, field: str = "reason", most: int = 200) -> str:
    """Return a reason without the spaces around it.

    Raises:
        Invalid: nothing said, or too long.
    """
    said = text.strip()
    if not 1 <= len(said) <= most or "\0" in said:
        raise Invalid(
            field=field, reason_zh=f"请填写原因（不超过 {most} 字）", reason_en=f"say why in {most} characters"
        )
    return said
