"""What an order pays under any sequence of partial refunds, held against arithmetic written down a second time.

The oracle knows neither sales nor changes: it is told the order's terms and what is left of each line, and works with
fractions. Two orders on the same terms lose the same in different steps; both must stand where the oracle says.
"""

from fractions import Fraction
from itertools import count
from math import floor
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import books
from tests.make import commission as make
from tuike.commission import service
from tuike.commission.types import Refund, RefundFacts, SaleTerms, Tier
from tuike.db import rows

pytestmark = pytest.mark.django_db
_ids = count(50_000, 100)
_bps = st.sampled_from((0, 1, 333, 1_250, 4_999, 9_000))
_lines = st.fixed_dictionaries(
    {
        "paid": st.sampled_from((1, 99, 4_990, 10_001)),
        "quantity": st.integers(1, 3),
        "rate": _bps,
        "grade": st.sampled_from((0, 100)),
        "bonus": st.sampled_from((0, 0, 1, 700)),
        "tier2": _bps,
        "tier3": _bps,
        "service": _bps,
        "fee": st.sampled_from((0, 1_000)),
        "own": st.sampled_from((False, False, False, True)),
        "nobody": st.sampled_from((False, False, False, True)),
    }
)
_orders = st.tuples(
    st.lists(_lines, min_size=1, max_size=3), st.sampled_from((0, 5, 800, 20_000)), st.sampled_from((0, 0, 300))
)


def terms(line: dict[str, Any], order_bonus: int = 0, first_bonus: int = 0) -> SaleTerms:
    """Return a line's terms as booking makes them."""
    if line["nobody"]:
        return SaleTerms(nobody="no_touch")
    own = line["own"]
    return make.terms(
        rate_bps=line["rate"],
        grade_bps=0 if own else line["grade"],
        self_purchase=own,
        bonus_fen=0 if own else line["bonus"],
        campaign_id=None if own else 5,
        tier2=None if own else Tier(make.RECRUITER, line["tier2"], 2),
        tier3=None if own else Tier(make.GRAND, line["tier3"], 3),
        leader_id=make.LEADER,
        service_bps=line["service"],
        platform_fee_bps=0 if own else line["fee"],
        order_bonus_fen=order_bonus,
        first_order_bonus_fen=first_bonus,
    )


def oracle(lines: list[dict[str, Any]], left: list[tuple[int, int]], once: int) -> dict[tuple[int, str], int]:
    """Return the fen of every role of every line: of the rates what is left, in the order in which shares give way."""
    host = next((i for i, line in enumerate(lines) if not line["nobody"] and not line["own"]), None)
    due: dict[tuple[int, str], int] = {}
    room = 0
    for i, (line, (base, pieces)) in enumerate(zip(lines, left, strict=True)):
        free = base
        if not line["nobody"]:
            own = line["own"]
            wishes = [
                ("self" if own else "direct", Fraction(base * (line["rate"] + (0 if own else line["grade"])), 10_000))
            ]
            wishes.append(("leader", Fraction(base * line["service"], 10_000)))
            if not own:
                wishes += [(tier, Fraction(base * line[tier], 10_000)) for tier in ("tier2", "tier3")]
                wishes.append(("bonus", Fraction(line["bonus"] * pieces)))
            for role, wish in wishes:
                due[i, role] = min(floor(wish), free)
                free -= due[i, role]
            if not own:
                due[i, "platform"] = floor(Fraction(due[i, "direct"] * line["fee"], 10_000))
                due[i, "direct"] -= due[i, "platform"]
        room += free
    if host is not None:
        due[host, "bonus"] += min(once, room)
    return {key: fen for key, fen in due.items() if fen}


def steps(lines: list[dict[str, Any]], draw: Any) -> list[list[tuple[int, int, int]]]:
    """Return refunds of one order: each takes (line, fen, pieces) from some lines, never more than there is."""
    left = [[line["paid"], line["quantity"]] for line in lines]
    found = []
    for _ in range(draw(st.integers(0, 4))):
        parts = []
        for i, here in enumerate(left):
            if draw(st.booleans()):
                fen = draw(st.sampled_from((here[0], 0, 1, here[0] // 2, here[0] // 3)))
                fen, pieces = min(fen, here[0]), draw(st.integers(0, here[1]))
                if fen or pieces:
                    here[0], here[1] = here[0] - fen, here[1] - pieces
                    parts.append((i, fen, pieces))
        if parts:
            found.append(parts)
    return found


def lost_by(lines: list[dict[str, Any]], refunds: list[list[tuple[int, int, int]]]) -> list[tuple[int, int]]:
    """Return what all refunds together took from each line."""
    return [
        (
            sum(f for parts in refunds for n, f, _ in parts if n == i),
            sum(p for parts in refunds for n, _, p in parts if n == i),
        )
        for i in range(len(lines))
    ]


def sell(lines: list[dict[str, Any]], order_bonus: int, first_bonus: int) -> int:
    """Book an order whose first earning line carries what the order brings once; return its first sale's id."""
    first = next(_ids)
    host = next((i for i, line in enumerate(lines) if not line["nobody"] and not line["own"]), None)
    sales = [
        make.sale(
            first + i,
            line["paid"],
            line["quantity"],
            order_no=f"O{first}",
            terms=terms(line, order_bonus, first_bonus) if i == host else terms(line),
        )
        for i, line in enumerate(lines)
    ]
    make.paid(sales)
    return first


def give_back(first: int, refunds: list[list[tuple[int, int, int]]], *, at: Any = make.NOW) -> None:
    """Take refunds of an order one after the other."""
    for n, parts in enumerate(refunds):
        facts = tuple(RefundFacts(first + i, fen, pieces) for i, fen, pieces in parts)
        service.refund(refunds=[Refund(f"R{first}-{at:%m%d}-{n}", make.MERCHANT, facts)], at=at, now=at)


def stands(first: int, size: int) -> dict[tuple[int, str], int]:
    """Return what the order's accruals are now."""
    found = rows.query(
        "SELECT sale_id - %s, role, amount_fen FROM commission_accrual WHERE sale_id = ANY(%s) AND amount_fen > 0",
        [first, [first + i for i in range(size)]],
    )
    return {(i, role): fen for i, role, fen in found}


@given(_orders, st.data())
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_equal_totals_pay_the_same_whatever_came_when(order: Any, data: Any) -> None:
    lines, order_bonus, first_bonus = order
    refunds = steps(lines, data.draw)
    lost = lost_by(lines, refunds)
    left = [(line["paid"] - fen, line["quantity"] - n) for line, (fen, n) in zip(lines, lost, strict=True)]
    whole = [(line["paid"], line["quantity"]) for line in lines]
    one, other = (sell(lines, order_bonus, first_bonus) for _ in range(2))
    assert stands(one, len(lines)) == oracle(lines, whole, order_bonus + first_bonus)
    give_back(one, refunds)
    give_back(other, [[(i, fen, n)] for i, (fen, n) in reversed(list(enumerate(lost))) if fen or n])
    expected = oracle(lines, left, order_bonus + first_bonus)
    assert stands(one, len(lines)) == stands(other, len(lines)) == expected
    books.check("accruals", "changes", "refunded", "pending", "held", "states")
    rest = [[(i, fen, n)] for i, (fen, n) in enumerate(left) if fen or n]
    later = make.NOW.replace(day=20)
    for first in (one, other):
        give_back(first, rest, at=later)
        assert stands(first, len(lines)) == {}
    books.check("accruals", "changes", "refunded", "pending", "held", "states")


@given(_orders, st.data())
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_settled_is_taken_back_to_the_same_fen(order: Any, data: Any) -> None:
    """The same after settling, by batches of one: an order that brings something once is never parted by the limit."""
    lines, order_bonus, first_bonus = order
    first = sell(lines, order_bonus, first_bonus)
    before = steps(lines, data.draw)
    give_back(first, before)
    ids = [first + i for i in range(len(lines))]
    service.mark_received(sale_ids=ids, received_at=make.NOW, settle_days=27)
    batch = first
    while make.settled(batch_id=batch, limit=1).sales:
        batch += 1
    lost = lost_by(lines, before)
    left = [(line["paid"] - fen, line["quantity"] - n) for line, (fen, n) in zip(lines, lost, strict=True)]
    for i, (fen, n) in enumerate(left):
        later = [(i, fen // 2, n)] if fen // 2 or n else []
        give_back(first, [later] if later else [], at=make.NOW.replace(month=5, day=1 + i))
        left[i] = (fen - fen // 2, 0)
        assert stands(first, len(lines)) == oracle(lines, left, order_bonus + first_bonus)
    books.check("accruals", "changes", "refunded", "pending", "held", "debts", "advance")
