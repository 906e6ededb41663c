"""What is decided about products from values alone."""

import re
from collections.abc import Sequence
from datetime import datetime

from tuike.catalog.types import NewSku, NotPromotable, ProductFacts, ProductState, PromotionFacts
from tuike.kit.errors import Invalid
from tuike.kit.money import MAX_FEN
from tuike.parties.types import MerchantFacts, Source

MAX_LEVEL = 3
MAX_STOCK = 10**9
MAX_WEIGHT_G = 1_000_000
"""Largest stock of one SKU: the column is a 32-bit integer."""


def why_not_promotable(facts: PromotionFacts) -> NotPromotable | None:
    """Return the first reason why a product can't be promoted, or None when it can (docs/rules.md §2)."""
    held = (
        (NotPromotable.MERCHANT_NOT_OPENED, not facts.opened),
        (NotPromotable.MERCHANT_NOT_CERTIFIED, not facts.certified),
        (NotPromotable.MERCHANT_SUSPENDED, facts.suspended),
        (NotPromotable.OFF_SALE, not facts.on_sale),
        (NotPromotable.OUT_OF_STOCK, facts.free <= 0),
        (NotPromotable.RESTRICTED_CATEGORY, facts.restricted),
        (NotPromotable.NO_PICTURE, not facts.has_picture),
        (NotPromotable.BELOW_PRICE_FLOOR, facts.min_price_fen < facts.price_floor_fen),
        (NotPromotable.EXCLUDED, facts.excluded),
        (NotPromotable.PREPAID_SHORT, facts.prepaid_short),
    )
    return next((reason for reason, holds in held if holds), None)


def promotion_facts(
    product: ProductFacts, merchant: MerchantFacts, *, price_floor_fen: int, now: datetime
) -> PromotionFacts:
    """Bring a product and its merchant together as they stand at `now`."""
    return PromotionFacts(
        opened=merchant.open_at(now),
        certified=merchant.certified,
        suspended=merchant.suspended,
        on_sale=product.state is ProductState.ON_SALE,
        free=product.free,
        restricted=product.restricted,
        has_picture=bool(product.pictures),
        min_price_fen=product.min_price_fen,
        price_floor_fen=price_floor_fen,
        excluded=product.excluded,
        prepaid_short=merchant.source is Source.MINI_PROGRAM and merchant.prepaid_short,
    )


def check_sku(sku: NewSku) -> None:
    """Refuse a SKU whose price or stock can't be.

    Raises:
        Invalid: price_fen, free, spec or weight_g.
    """
    check_price(sku.price_fen)
    if not 0 <= sku.free <= MAX_STOCK:
        raise Invalid(field="free", reason_zh="库存须为 0 或正整数", reason_en="stock must be a whole number from 0")
    check_spec(sku.spec)
    check_weight(sku.weight_g)


def check_weight(weight_g: int) -> None:
    """Refuse a weight below nothing or above a ton.

    Raises:
        Invalid: weight_g.
    """
    if not 0 <= weight_g <= MAX_WEIGHT_G:
        raise Invalid(field="weight_g", reason_zh="重量须在 0–1,000,000 克之间", reason_en="0 to 1,000,000 grams")


def check_price(price_fen: int) -> None:
    """Refuse a price that isn't positive or is beyond what the product books.

    Raises:
        Invalid: price_fen.
    """
    if not 0 < price_fen <= MAX_FEN:
        raise Invalid(field="price_fen", reason_zh="价格须大于 0", reason_en="a price must be above 0")


def check_spec(spec: str) -> None:
    """Refuse a choice's name of more than 80 characters.

    Raises:
        Invalid: spec.
    """
    if len(spec) > 80:
        raise Invalid(field="spec", reason_zh="最多 80 个字符", reason_en="80 characters at most")


def check_title(title: str) -> str:
    """Return the title without spaces around it.

    Raises:
        Invalid: title is empty or longer than 120 characters.
    """
    title = title.strip()
    if not 1 <= len(title) <= 120:
        raise Invalid(field="title", reason_zh="标题须为 1 到 120 个字符", reason_en="a title has 1 to 120 characters")
    return title


def lowest_price(prices: list[tuple[int, bool]]) -> int:
    """Return the lowest price in fen of (price, on sale): of those on sale, or of all where none is."""
    return min([price for price, on_sale in prices if on_sale] or [price for price, _ in prices])


def choices(specs: Sequence[str]) -> tuple[tuple[tuple[str, tuple[str, ...]], ...], list[tuple[str, ...]]]:
    """Return the axes that a product's choices differ in, (name, its values in order of appearance), and each choice's
    value on every axis.

    A spec like `红色,L` or `颜色:红色,尺码:L` is cut at its commas when all specs of the product have as many parts
    and the parts tell them apart; else the whole spec is the only axis. Names are empty where specs don't give them.
    A product of one choice without words has no axis.
    """
    parts = [_parts(spec) for spec in specs]
    values = [tuple(value for _, value in one) for one in parts]
    if len({len(one) for one in parts}) > 1 or len(set(values)) < len(values):
        parts = [[("", spec.strip())] for spec in specs]
        values = [(spec.strip(),) for spec in specs]
    if not any(any(one) for one in values):
        return (), [() for _ in specs]
    axes = []
    for column in zip(*parts, strict=True):
        names = {name for name, _ in column}
        axes.append((names.pop() if len(names) == 1 else "", tuple(dict.fromkeys(value for _, value in column))))
    return tuple(axes), values


def _parts(spec: str) -> list[tuple[str, str]]:
    """Return the (name, value) pairs of a spec; the name is empty where none is given."""
    pairs = []
    for part in re.split(r"[,，;；]", spec):
        name, _, value = part.replace("：", ":").partition(":")
        pairs.append((name.strip(), value.strip()) if value.strip() else ("", part.strip()))
    return pairs
