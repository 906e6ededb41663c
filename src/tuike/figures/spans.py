"""Of which columns of a counted day the figures of a span are made, by owner and by what they are divided."""

from tuike.figures.rules import orders_of
from tuike.figures.types import By, Owner

SPANNED = (
    "clicks",
    "visitors",
    "shares",
    "orders",
    "received_orders",
    "settled_orders",
    "paid_fen",
    "refunded_fen",
    "estimated_fen",
    "settled_fen",
)
STORED = tuple(by for by in By if by is not By.CATEGORY)
"""A product's category may change: what is by category is made of what is by product when it is asked for."""
OWNERS = {Owner.MERCHANT: "merchant_id", Owner.PROMOTER: "promoter_id", Owner.LEADER: "leader_id"}
_ORDERS = {
    "own": ("orders", "received_orders", "settled_orders"),
    "promoted": ("promoted_orders", "promoted_received", "promoted_settled"),
    "led": ("led_orders", "led_received", "led_settled"),
}


def sources(owner: Owner, by: By) -> tuple[str, ...]:
    """Return the columns of figures_day of which SPANNED are made."""
    mine = {Owner.LEADER: "led_", Owner.MERCHANT: "shop_"}.get(owner, "")
    return (
        "clicks", "visitors", "shares", *_ORDERS[orders_of(owner, by)], "paid_fen", "refunded_fen",
        f"{mine}estimated_fen", f"{mine}settled_fen",
    )  # fmt: skip


def summed(owner: Owner, by: By) -> str:
    """Return the sums that SPANNED are, as columns of a statement over figures_day `f`."""
    return ", ".join(
        f"coalesce(sum(f.{source}) FILTER (WHERE f.promoter_id > 0), 0)::bigint AS {name}"
        if name in ("paid_fen", "refunded_fen")
        else f"sum(f.{source})::bigint AS {name}"
        for name, source in zip(SPANNED, sources(owner, by), strict=True)
    )


def whose(owner: Owner) -> str:
    """Return the column of figures_day that names an owner, `0` for all."""
    return OWNERS.get(owner, "0")
