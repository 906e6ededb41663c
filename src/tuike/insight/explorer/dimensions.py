"""Every dimension of an accrual, once for all who ask (docs/rules.md §3, §4, §6)."""

from dataclasses import replace

from tuike.commission.types import AccrualState
from tuike.insight.explorer import goods, parts, people, terms
from tuike.insight.explorer.states import REVIEWS, STATES
from tuike.insight.explorer.types import EVERYBODY, Dimension, Group
from tuike.insight.lists.types import Column, Filter

# Nothing is booked before it was paid (but for clocks that differ), nor settles before it was booked and matured.
_IMPLIED = {
    "paid_at": " AND a.accrued_at >= %(low)s - interval '1 day'",
    "settled_at": " AND a.accrued_at < %(high)s AND s.matured_batch_id IS NOT NULL",
}


def _times() -> tuple[Dimension, ...]:
    all_ = (
        ("booked_at", ("记账时间", "Booked"), "a.accrued_at", True, ()),
        ("placed_at", ("下单时间", "Ordered"), "s.placed_at", True, ()),
        ("paid_at", ("支付时间", "Paid at"), "s.paid_at", True, EVERYBODY),
        ("received_at", ("收货时间", "Received"), "s.received_at", False, ()),
        ("due_at", ("应结算时间", "Due"), "s.due_at", False, ()),
        ("settled_at", ("结算时间", "Settled"), "a.settled_at", False, EVERYBODY),
    )
    return tuple(
        Dimension(
            key,
            said,
            *parts.instant(key, said, sql, filled=filled, implied=_IMPLIED.get(key, "")),
            usual=frozenset(usual),
        )
        for key, said, sql, filled, usual in all_
    )


def _amounts() -> tuple[Dimension, ...]:
    rate = Filter("rate", ("佣金率", "Rate"), "a.rate_bps BETWEEN %(low)s AND %(high)s", kind="bps")
    paid = Filter("paid", ("实付金额", "Paid"), "s.paid_fen BETWEEN %(low)s AND %(high)s", kind="fen")
    amount = Filter("amount", ("佣金金额", "Commission"), "a.amount_fen BETWEEN %(low)s AND %(high)s", kind="fen")
    return (
        Dimension(
            "paid",
            ("实付金额", "Paid"),
            (Column("paid", ("实付金额", "Paid"), "s.paid_fen", kind="money"),),
            (paid,),
            usual=EVERYBODY,
        ),
        Dimension(
            "refunded",
            ("已退金额", "Refunded"),
            (Column("refunded", ("已退金额", "Refunded"), "nullif(s.refunded_fen, 0)", kind="money"),),
        ),
        Dimension(
            "rate",
            ("佣金率", "Rate"),
            (Column("rate", ("佣金率", "Rate"), "CASE WHEN a.role <> 'bonus' THEN a.rate_bps END", kind="rate"),),
            (rate,),
            usual=EVERYBODY,
        ),
        Dimension(
            "first",
            ("预估佣金", "Estimated"),
            (Column("first", ("预估佣金", "Estimated"), "a.first_fen", kind="money", total=True),),
        ),
        Dimension(
            "amount",
            ("当前佣金", "Commission now"),
            (
                Column(
                    "amount", ("当前佣金", "Commission now"), "a.amount_fen", kind="money", sort=True, filled=True,
                    total=True,
                ),
            ),
            (amount,),
            usual=EVERYBODY,
        ),
    )  # fmt: skip


def _standing() -> tuple[Dimension, ...]:
    state, review = ("状态", "State"), ("审核", "Review")
    columns, (one,), groups = parts.stated("state", state, "a.state", STATES)
    # What the sale says as well, along which the rows come: nothing settles before its sale has matured.
    others = [str(key) for key in STATES if key != AccrualState.SETTLED]
    mature = f"({one.sql}) AND (s.matured_batch_id IS NOT NULL OR %(value)s::text[] && ARRAY{others})"
    return (
        Dimension("state", state, columns, (replace(one, sql=mature),), groups, usual=EVERYBODY),
        Dimension("review", review, *parts.stated("review", review, "a.review", REVIEWS)),
    )


DIMENSIONS: tuple[Dimension, ...] = (
    *goods.dimensions(),
    *people.dimensions(),
    *_times(),
    *terms.dimensions(),
    *_amounts(),
    *_standing(),
)
"""All of them, in the order in which columns stand."""


def of(asker: str) -> tuple[Dimension, ...]:
    """Return the dimensions that a kind of party has."""
    return tuple(one for one in DIMENSIONS if asker in one.askers)


def groups_of(asker: str) -> dict[str, tuple[tuple[str, str], Group]]:
    """Return by key what a kind of party may group by, in words."""
    return {key: group for one in of(asker) for key, group in one.groups.items()}
