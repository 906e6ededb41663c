"""Reads of coupons and vouchers."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from tuike.catalog import queries as catalog
from tuike.catalog.types import ProductFacts
from tuike.db import rows
from tuike.kit.errors import NotFound, Refusal
from tuike.marketing import rules
from tuike.marketing.types import (
    CouponChannel,
    CouponKind,
    CouponScope,
    CouponShown,
    CouponTerms,
    Item,
    Offer,
    VoucherShown,
    VoucherState,
)

TERMS = (
    "c.merchant_id, c.name, c.kind, c.threshold_fen, c.minus_fen, c.off_bps, c.most_fen, c.scope, c.target_ids,"
    " c.channel"
)
_WIDTH = 10
"""How many columns `TERMS` are."""
_COUPON = f"""
    SELECT c.id, c.no, {TERMS}, c.starts_at, c.ends_at, c.use_days, c.stock, c.taken, c.limit_each, c.stopped_at,
           c.created_at
    FROM marketing_coupon c
"""
_VOUCHER = f"""
    SELECT v.no, c.no, {TERMS}, v.taken_at, v.usable_until, v.used_at
    FROM marketing_voucher v JOIN marketing_coupon c ON c.id = v.coupon_id
"""
_FOR_CATEGORY = """(
    c.scope = 'category' AND EXISTS (SELECT 1 FROM catalog_category k WHERE k.id = %(category)s
        AND k.path && c.target_ids)
    OR c.scope = 'product' AND EXISTS (SELECT 1 FROM catalog_product t JOIN catalog_category k ON k.id = t.category_id
        WHERE t.id = ANY(c.target_ids) AND %(category)s = ANY(k.path))
)"""
_STATE = (
    "CASE WHEN v.used_at IS NOT NULL THEN 'used' WHEN v.usable_until > %(now)s::timestamptz THEN 'good'"
    " ELSE 'expired' END"
)
_OPEN = "c.stopped_at IS NULL AND c.starts_at <= %s AND c.ends_at > %s AND c.taken < c.stock"
SOON = timedelta(days=7)
"""So long before they begin coupons for everyone are shown."""
MOST_SHOWN = 200
"""Coupons of one shop that are looked at for its products."""
MOST_TRIED = 200
"""Vouchers of a buyer that are tried on a checkout, those that end first."""


def coupon_of(*, merchant_id: int | None, no: str) -> CouponShown:
    """Return a shop's coupon, or (None) one of the platform.

    Raises:
        NotFound: not one of theirs.
    """
    found = _coupons("WHERE c.merchant_id IS NOT DISTINCT FROM %s AND c.no = %s", [merchant_id, no])
    if not found:
        raise NotFound
    return found[0]


def coupon_by_no(no: str) -> CouponShown:
    """Return a coupon by its number: for who may see it (`flows.couponing`).

    Raises:
        NotFound: there is no such coupon.
    """
    found = _coupons("WHERE c.no = %s", [no])
    if not found:
        raise NotFound
    return found[0]


def open_coupons(merchant_ids: Iterable[int], now: datetime) -> list[CouponShown]:
    """Return the alliance coupons of shops that can be taken at `now`, newest first."""
    wanted = sorted(set(merchant_ids))
    limit = MOST_SHOWN * max(1, len(wanted))
    return _coupons(
        f"WHERE c.channel = 'alliance' AND c.merchant_id = ANY(%s) AND {_OPEN} ORDER BY c.id DESC LIMIT %s",
        [wanted, now, now, limit],
    )


def coupons_for_everyone(
    *,
    now: datetime,
    merchant_id: int | None = None,
    category_id: int | None = None,
    before: str = "",
    limit: int = 20,
) -> list[CouponShown]:
    """Return the coupons that everyone may take at `now` or will within a week, newest first: of all shops that hand
    coupons out and the platform, of one shop; with a category those that are for it (not those for a whole shop).
    `before` is the last number of the page before."""
    return _coupons(
        f"""
        LEFT JOIN parties_merchant m ON m.party_id = c.merchant_id LEFT JOIN parties_party p ON p.id = m.party_id
        WHERE c.channel = 'everyone' AND c.stopped_at IS NULL AND c.ends_at > %(now)s AND c.taken < c.stock
          AND c.starts_at <= %(soon)s
          AND (c.merchant_id IS NULL
               OR m.source = 'mini_store' AND p.suspended_at IS NULL AND 'coupons' = ANY(m.functions))
          AND (%(merchant)s::bigint IS NULL OR c.merchant_id = %(merchant)s)
          AND (%(category)s::bigint IS NULL OR {_FOR_CATEGORY})
          AND (%(before)s = '' OR c.id < (SELECT b.id FROM marketing_coupon b WHERE b.no = %(before)s))
        ORDER BY c.id DESC LIMIT %(limit)s
        """,
        {
            "now": now,
            "soon": now + SOON,
            "merchant": merchant_id,
            "category": category_id,
            "before": before,
            "limit": max(1, min(limit, 200)),
        },
    )


def coupons_for_product(*, product: ProductFacts, ticketed: bool, now: datetime) -> tuple[CouponShown, ...]:
    """Return the coupons that lower a product, newest first: alliance coupons that can be taken at `now`, if its buyer
    is `ticketed`, before those for everyone, its shop's and the platform's, of now or within a week. One statement."""
    found = _coupons(
        f"""
        WHERE c.stopped_at IS NULL AND c.ends_at > %(now)s AND c.taken < c.stock
          AND (c.channel = 'everyone' AND c.starts_at <= %(soon)s
               AND (c.merchant_id IS NULL OR c.merchant_id = %(merchant)s AND EXISTS (
                    SELECT 1 FROM parties_merchant m WHERE m.party_id = c.merchant_id AND m.source = 'mini_store'))
               OR %(ticketed)s AND c.channel = 'alliance' AND c.starts_at <= %(now)s AND c.merchant_id = %(merchant)s)
        ORDER BY c.channel = 'everyone', c.id DESC LIMIT {2 * MOST_SHOWN}
        """,
        {"now": now, "soon": now + SOON, "merchant": product.merchant_id, "ticketed": ticketed},
    )
    item = Item(product.merchant_id, product.product_id, product.category_path, product.min_price_fen)
    return tuple(one for one in found if rules.covers(one.terms, item))


def coupons_for(product_ids: Iterable[int], now: datetime) -> dict[int, tuple[CouponShown, ...]]:
    """Return by product the coupons that can be taken at `now` and lower it, newest first: for promoters, who show
    them with their material. Two statements for the whole list; products without one are missing."""
    return coupons_of_products(catalog.product_facts(product_ids).values(), now)


def coupons_of_products(products: Iterable[ProductFacts], now: datetime) -> dict[int, tuple[CouponShown, ...]]:
    """Return what `coupons_for` does, for a caller who has the products: one statement."""
    items = [Item(one.merchant_id, one.product_id, one.category_path, one.min_price_fen) for one in products]
    found = open_coupons({item.merchant_id for item in items}, now) if items else []
    by_product = {item.product_id: tuple(one for one in found if rules.covers(one.terms, item)) for item in items}
    return {product_id: coupons for product_id, coupons in by_product.items() if coupons}


def coupon_turns(*, after: datetime, until: datetime) -> list[int]:
    """Return the shops of which a coupon begins or ends after one instant and until another."""
    found = rows.query(
        "SELECT DISTINCT merchant_id FROM marketing_coupon WHERE stopped_at IS NULL AND channel = 'alliance' AND"
        " ((starts_at > %(after)s AND starts_at <= %(until)s) OR (ends_at > %(after)s AND ends_at <= %(until)s))",
        {"after": after, "until": until},
    )
    return [merchant_id for (merchant_id,) in found]


def lowers(coupon: CouponShown, products: Iterable[ProductFacts]) -> bool:
    """Return whether a coupon lowers any of these products."""
    return any(
        rules.covers(coupon.terms, Item(one.merchant_id, one.product_id, one.category_path, one.min_price_fen))
        for one in products
    )


def minus_of(coupon: CouponShown, product: ProductFacts) -> int:
    """Return what a coupon takes off one piece of a product's cheapest choice, in fen; 0 where it takes nothing off."""
    item = Item(product.merchant_id, product.product_id, product.category_path, product.min_price_fen)
    return rules.taken_off(coupon.terms, item.amount_fen) if rules.covers(coupon.terms, item) else 0


def held(*, buyer_id: int, coupon_ids: Sequence[int]) -> dict[int, int]:
    """Return how many of each coupon a buyer has taken."""
    return dict(
        rows.query(
            "SELECT coupon_id, count(*) FROM marketing_voucher WHERE buyer_id = %s AND coupon_id = ANY(%s) GROUP BY 1",
            [buyer_id, list(coupon_ids)],
        )
    )


def vouchers_of(
    *, buyer_id: int, state: VoucherState | None = None, now: datetime | None = None, before: str = "", limit: int = 20
) -> list[VoucherShown]:
    """Return a buyer's vouchers (those that stand in `state` at `now`), newest first; `before` is the last number of
    the page before."""
    return _vouchers(
        f"WHERE v.buyer_id = %(buyer)s AND (%(state)s = '' OR %(state)s = {_STATE}) AND (%(before)s = ''"
        " OR v.id < (SELECT b.id FROM marketing_voucher b WHERE b.no = %(before)s AND b.buyer_id = %(buyer)s))"
        " ORDER BY v.id DESC LIMIT %(limit)s",
        {
            "buyer": buyer_id,
            "state": str(state or ""),
            "now": now,
            "before": before,
            "limit": max(1, min(limit, 100)),
        },
    )


def good_vouchers(*, buyer_id: int, merchant_ids: Iterable[int], now: datetime) -> list[VoucherShown]:
    """Return a buyer's vouchers that are good at `now` for shops, and the platform's; those that end first first."""
    return _vouchers(
        "WHERE v.buyer_id = %s AND v.used_at IS NULL AND v.usable_until > %s"
        " AND (c.merchant_id = ANY(%s) OR c.merchant_id IS NULL) ORDER BY v.usable_until, v.id LIMIT %s",
        [buyer_id, now, sorted(set(merchant_ids)), MOST_TRIED],
    )


def voucher_of(*, buyer_id: int, no: str) -> VoucherShown:
    """Return a buyer's own voucher.

    Raises:
        NotFound: not one of theirs.
    """
    found = _vouchers("WHERE v.buyer_id = %s AND v.no = %s", [buyer_id, no])
    if not found:
        raise NotFound
    return found[0]


def quote(*, buyer_id: int, items: Sequence[Item], ticketed: Sequence[bool], now: datetime) -> list[Offer]:
    """Return what each good voucher of a buyer would take off these items, the best first, or why it wouldn't.

    `ticketed` says by position which items the buyer came to by a ticket; a voucher needs one among those that it
    lowers. Of vouchers of one coupon one is shown.
    """
    found = good_vouchers(buyer_id=buyer_id, merchant_ids={item.merchant_id for item in items}, now=now)
    return offers(found, items, ticketed)


def offers(
    vouchers: Iterable[VoucherShown],
    items: Sequence[Item],
    ticketed: Sequence[bool],
    *,
    before: Mapping[int, int] | None = None,
) -> list[Offer]:
    """Return what each of these vouchers would take off the items, the best first, or why it wouldn't; the platform's
    are reckoned from what `before` left of the items. Of vouchers of one coupon the first is shown."""
    first = {one.coupon_no: one for one in reversed(list(vouchers))}
    found = [_offer(one, items, ticketed, before) for one in first.values()]
    return sorted(found, key=lambda offer: (-offer.minus_fen, offer.voucher.no))


def used_counts(coupon_ids: Sequence[int]) -> Mapping[int, int]:
    """Return how many vouchers of each coupon lower an order now; unused coupons are missing."""
    return dict(
        rows.query(
            "SELECT coupon_id, count(*) FROM marketing_voucher"
            " WHERE coupon_id = ANY(%s) AND used_at IS NOT NULL GROUP BY 1",
            [list(coupon_ids)],
        )
    )


def terms_of(row: Sequence) -> CouponTerms:
    """Return the terms out of the columns `TERMS`."""
    merchant_id, name, kind, threshold, minus, off, most, scope, targets, channel = row
    return CouponTerms(
        merchant_id,
        name,
        CouponKind(kind),
        threshold,
        minus,
        off,
        most,
        CouponScope(scope),
        tuple(targets),
        CouponChannel(channel),
    )


def _offer(
    voucher: VoucherShown, items: Sequence[Item], ticketed: Sequence[bool], before: Mapping[int, int] | None
) -> Offer:
    taken = before if voucher.terms.merchant_id is None else None
    try:
        minus = rules.lowered(voucher.no, voucher.terms, items, before=taken).minus_fen
        rules.check_ticket(voucher.terms, items, ticketed)
    except Refusal as refusal:
        return Offer(voucher, 0, refusal)
    return Offer(voucher, minus)


def _coupons(where: str, params: Sequence | Mapping) -> list[CouponShown]:
    found = rows.query(_COUPON + where, params)
    return [CouponShown(row[0], row[1], terms_of(row[2 : 2 + _WIDTH]), *row[2 + _WIDTH :]) for row in found]


def _vouchers(where: str, params: Sequence | Mapping) -> list[VoucherShown]:
    found = rows.query(_VOUCHER + where, params)
    return [VoucherShown(row[0], row[1], terms_of(row[2 : 2 + _WIDTH]), *row[2 + _WIDTH :]) for row in found]
