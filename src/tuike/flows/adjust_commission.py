"""Corrections between a payee and the platform: one person files, another one decides (docs/rules.md §6)."""

from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.audit.types import Actor
from tuike.commission import queries, service
from tuike.commission.types import AdjustmentDecided, Payee
from tuike.db.retry import retry
from tuike.flows import operators
from tuike.flows.answer_appeals import answered_by_adjustment
from tuike.flows.keyed import keyed
from tuike.idempotency import service as idempotency
from tuike.kit.errors import Invalid
from tuike.kit.money import MAX_FEN
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind, UnknownParty

_PAYEES = frozenset({PartyKind.MERCHANT, PartyKind.PROMOTER, PartyKind.LEADER})


@retry
def ask_adjustment(
    *, party_no: str, amount_fen: int, reason: str, order_no: str = "", actor: Actor, now: datetime, key: str
) -> str:
    """File a correction of `amount_fen` (positive: to the party; negative: from it) and return its number.

    `order_no` names the order that it is about, where it is about one. The same key returns the same number.

    Raises:
        Forbidden: no money seat of the operator.
        UnknownParty: no such merchant, promoter or leader.
        Involved: the person sits in the party.
        Invalid: amount, reason, or an order that has no sale.
        KeyMalformed, KeyUsedForOther: the key.
    """
    why = operators.reason(reason)
    if type(amount_fen) is not int or not 0 < abs(amount_fen) <= MAX_FEN:
        raise Invalid(field="amount_fen", reason_zh="金额不能为 0", reason_en="an amount other than 0")
    said: dict[str, Any] = {"amount_fen": amount_fen, "reason": why, "actor": actor, "now": now}
    with transaction.atomic(durable=True):
        operators.require(actor, operators.MONEY)
        answer = idempotency.once(
            scope=f"person:{actor.person_id}:ask_adjustment",
            key=key,
            content=[party_no, amount_fen, why, order_no],
            now=now,
            work=lambda: {"no": service.ask_adjustment(**_checked(party_no, order_no, actor), **said)},
        )
        return answer["no"]


@retry
def approve_adjustment(*, no: str, actor: Actor, now: datetime, key: str | None = None) -> None:
    """Book a correction that another person filed; what a payee lacks becomes its debt.

    Raises:
        Forbidden: no money seat of the operator.
        AdjustmentDecided: decided before, or unknown.
        Involved: the person sits in the party.
        SamePerson: the author approves their own.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> None:
        _judged(no, actor)
        service.approve_adjustment(no=no, actor=actor, now=now)
        answered_by_adjustment(no, approved=True, now=now)

    keyed(scope=f"person:{actor.person_id}:approve_adjustment", key=key, content=no, now=now, work=work, again=_done)


@retry
def reject_adjustment(*, no: str, reason: str, actor: Actor, now: datetime, key: str | None = None) -> None:
    """Turn a filed correction down; the author may take their own back so.

    Raises:
        Forbidden: no money seat of the operator.
        AdjustmentDecided: decided before, or unknown.
        Involved: the person sits in the party.
        Invalid: no reason, or longer than 200 characters.
        KeyMalformed, KeyUsedForOther: the key.
    """
    why = operators.reason(reason)

    def work() -> None:
        _judged(no, actor)
        service.reject_adjustment(no=no, reason=why, actor=actor, now=now)
        answered_by_adjustment(no, approved=False, now=now)

    scope = f"person:{actor.person_id}:reject_adjustment"
    keyed(scope=scope, key=key, content=[no, why], now=now, work=work, again=_done)


def _checked(party_no: str, order_no: str, actor: Actor) -> dict[str, Any]:
    """Return whom a correction is of and which sale it is about."""
    party = parties.find(party_no)
    if party is None or party.kind not in _PAYEES:
        raise UnknownParty
    operators.require_uninvolved(actor, [party.id])
    return {"payee": Payee(party.kind.value, party.id), "sale_id": _sale(order_no)}


def _judged(no: str, actor: Actor) -> None:
    operators.require(actor, operators.MONEY)
    found = queries.adjustment(no)
    if found is None:
        raise AdjustmentDecided
    operators.require_uninvolved(actor, [found.payee.id])


def _sale(order_no: str) -> int | None:
    """Return the first line of an order as commission knows it, None where no order is named."""
    if not order_no.strip():
        return None
    found = queries.first_sale_of(order_no.strip())
    if found is None:
        raise Invalid(field="order_no", reason_zh="没有这笔已支付的订单", reason_en="there is no such paid order")
    return found


def _done() -> None:
    return None
