"""Makers of shops' buyers: orders paid at an instant, of a city, with discounts; and the touches before them."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from tests.make import catalog as make_catalog
from tests.make import orders as make_orders
from tuike.attribution import service as attribution
from tuike.attribution.types import LinkFacts, ShareKind, Surface
from tuike.catalog import queries as catalog
from tuike.db import ids, rows
from tuike.orders import service
from tuike.orders.types import DiscountFact, LineDraft


@dataclass
class Bought:
    """An order as a test remembers it: who, when, what it came to."""

    shop_id: int
    buyer_id: int
    at: datetime
    lines: list[dict[str, int]]
    city: str = ""
    coupon: bool = False
    points: bool = False
    order_id: int = 0

    def sum(self, name: str) -> int:
        """Return the sum over its lines."""
        return sum(line[name] for line in self.lines)


@dataclass
class Shop:
    """A shop with a choice in each of some categories."""

    id: int
    skus: list[int]
    categories: list[int]
    bought: list[Bought] = field(default_factory=list)


def shop(*, party_id: int | None = None, categories: Sequence[int] = (), many: int = 3) -> Shop:
    """Return a shop (a bare new one, unless one is named) with a choice of a product in each category."""
    shop_id = party_id or make_catalog.shop()
    categories = list(categories) or [make_catalog.category() for _ in range(many)]
    skus = [make_catalog.sku_of(make_catalog.product(merchant_id=shop_id, category_id=one)) for one in categories]
    return Shop(shop_id, skus, categories)


def buy(
    where: Shop,
    *,
    buyer_id: int,
    at: datetime,
    goods: Sequence[tuple[int, int, int]] = ((0, 1, 9_900),),
    region: str = "",
    coupon_fen: int = 0,
    points: int = 0,
    refunded_fen: int = 0,
) -> Bought:
    """Let somebody buy `goods` (which choice, pieces, fen a piece) at a shop, paid at `at`; remember it."""
    facts = catalog.sku_facts(where.skus)
    discounts = [DiscountFact(kind="coupon", source="K1", amount_fen=coupon_fen)] if coupon_fen else []
    if points:
        discounts.append(DiscountFact(kind="points", source="P1", amount_fen=points, points=points))
    lines = [
        LineDraft(
            product_id=facts[where.skus[one]].product_id, sku_id=where.skus[one], spec="", title="商品",
            category_id=where.categories[one], price_fen=price, quantity=pieces,
            discounts=discounts if number == 0 else (),
        )
        for number, (one, pieces, price) in enumerate(goods)
    ]  # fmt: skip
    placed = service.place(
        drafts=[make_orders.draft(*lines, merchant_id=where.id)],
        buyer_id=buyer_id,
        address=replace(make_orders.ADDRESS, region_code=region) if region else None,
        pay_by=at + timedelta(minutes=30),
        now=at,
    )
    service.mark_paid(checkouts={placed.checkout_no: at})
    [order] = placed.orders
    if refunded_fen:
        rows.run("UPDATE orders_line SET refunded_fen = %s WHERE id = %s", [refunded_fen, order.lines[0].id])
    made = Bought(
        where.id, buyer_id, at,
        [
            {
                "pieces": line.quantity, "paid": line.paid_fen, "price": line.price_fen,
                "category": line.category_id, "refunded": refunded_fen if line is order.lines[0] else 0,
            }
            for line in order.lines
        ],
        f"{region[:4]}00" if region else "", bool(coupon_fen), bool(points), order.id,
    )  # fmt: skip
    where.bought.append(made)
    return made


def share(link: LinkFacts, *, kind: ShareKind, at: datetime) -> None:
    """Let a promoter share material."""
    attribution.record_share(
        promoter_id=link.promoter_id, code=link.code, kind=kind, surface=Surface.PHONE, key=f"{kind}-{at}", now=at
    )


def click(link: LinkFacts, *, visitor: str, at: datetime) -> None:
    """Write a click of a short link, as its door does."""
    values: list[Any] = [ids.take_one("attribution_click"), link.link_id, link.merchant_id, link.promoter_id, at]
    rows.run(
        "INSERT INTO attribution_click (id, link_id, merchant_id, promoter_id, at, visitor, ip_hash, agent)"
        " VALUES (%s, %s, %s, %s, %s, %s, ''::bytea, '')",
        [*values, visitor],
    )
