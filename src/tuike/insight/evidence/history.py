"""What happened to an accrual, in the order of time: booked, hit, held, decided, changed, corrected, settled; and what
its payee took out lately."""

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tuike.db import rows
from tuike.insight.explain.types import Words
from tuike.insight.lists.operator_acts import ACTIONS


@dataclass(frozen=True, slots=True)
class Happened:
    """One thing that happened: who did it (a name, or empty for the product itself), and what it did to the money."""

    at: datetime
    words: Words
    detail: str
    who: str
    amount_fen: int | None = None


@dataclass(frozen=True, slots=True)
class TakenOut:
    """A withdrawal of the payee."""

    no: str
    amount_fen: int
    state: str
    asked_at: datetime


_ACTS = """
    SELECT a.at, a.action, a.facts::text, coalesce(p.nickname, '') FROM audit_act a
    LEFT JOIN people_person p ON p.id = a.person_id
    WHERE a.object = %(object)s OR a.object = ANY(%(nos)s) ORDER BY a.id
"""
_OBJECTS = """
    SELECT no FROM appeals_appeal WHERE accrual_id = %(id)s
    UNION ALL SELECT no FROM commission_adjustment
    WHERE sale_id = %(sale)s AND payee_kind = %(kind)s AND payee_id = %(payee)s
"""
_BOOKED, _HIT = Words("记账", "Booked"), Words("命中审核规则", "A review rule held it")
_SETTLED, _REFUNDED = Words("结算", "Settled"), Words("退款，佣金变动", "Refunded; the commission follows")


def history(accrual_id: int) -> list[Happened]:
    """Return what happened to an accrual, the oldest first."""
    sale_id, kind, payee_id, first, accrued_at, settled_at, fen = rows.query(
        "SELECT sale_id, payee_kind, payee_id, first_fen, accrued_at, settled_at, amount_fen FROM commission_accrual"
        " WHERE id = %s",
        [accrual_id],
    )[0]
    found = [Happened(accrued_at, _BOOKED, "", "", first)]
    found += [
        Happened(at, _HIT, f"{name} v{version}", "", held)
        for at, name, version, held in rows.query(
            "SELECT h.at, v.name, v.version, h.amount_fen FROM review_hit h JOIN review_version v ON v.id ="
            " h.version_id WHERE h.object_id = %s AND h.subject = 'commission'",
            [accrual_id],
        )
    ]
    of = {"id": accrual_id, "sale": sale_id, "kind": kind, "payee": payee_id}
    nos = [no for (no,) in rows.query(_OBJECTS, of)]
    found += [
        _act(at, action, json.loads(facts), who)
        for at, action, facts, who in rows.query(_ACTS, {"object": f"accrual:{accrual_id}", "nos": nos})
    ]
    found += [
        Happened(at, _REFUNDED, cause, "", delta)
        for at, cause, delta in rows.query(
            "SELECT at, cause, delta_fen FROM commission_change WHERE accrual_id = %s AND cause NOT LIKE 'reject:%%'"
            " ORDER BY id",
            [accrual_id],
        )
    ]
    if settled_at is not None:
        found.append(Happened(settled_at, _SETTLED, "", "", fen))
    return sorted(found, key=lambda one: one.at)


def taken_out(party_id: int, *, limit: int = 5) -> list[TakenOut]:
    """Return the latest withdrawals of a party."""
    found = rows.query(
        "SELECT no, amount_fen, state, asked_at FROM settlement_withdrawal WHERE party_id = %s"
        " ORDER BY id DESC LIMIT %s",
        [party_id, limit],
    )
    return [TakenOut(*row) for row in found]


def _act(at: datetime, action: str, facts: dict[str, Any], who: str) -> Happened:
    amount = facts.get("amount_fen")
    detail = str(facts.get("reason") or facts.get("note") or facts.get("adjustment") or "")
    return Happened(at, Words(*ACTIONS.get(action, (action, action))), detail, who, amount)
