"""The index: products looked at anew, their rows written as far ahead as the next midnight."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache

from django.db import connection, transaction

from tuike.catalog import queries as catalog
from tuike.catalog.types import ProductFacts
from tuike.db import rows
from tuike.kit import grams
from tuike.kit.days import next_midnight
from tuike.library import rules
from tuike.library.types import FOREVER, ItemRow, Scope, Standing
from tuike.parties import queries as parties
from tuike.parties.types import MerchantFacts
from tuike.plans import queries as plans
from tuike.plans.types import LineAsk
from tuike.settings import service as settings

STEP = 2_000
"""Products that one step looks at: a transaction of a fraction of a second."""

Coupons = Callable[[Sequence[ProductFacts], datetime], set[int]]
"""Which of these products have a coupon that a ticket brings along at an instant."""

Left = Callable[[Sequence[int], datetime], None]
"""Hears which products stood in the library until an instant and don't any more."""

_LOCK = 7_301
_COLUMNS = (
    "product_id",
    "merchant_id",
    "source",
    "path",
    "words",
    "grams",
    "price_fen",
    "rate_bps",
    "commission_fen",
    "coupon",
    "sold",
    "listed_at",
    "begins",
    "ends",
)
_STORED = """
    SELECT id, product_id, begins, ends, merchant_id, source, path, words, price_fen, rate_bps, commission_fen, coupon,
           listed_at
    FROM library_item WHERE product_id = ANY(%s) AND ends > %s ORDER BY id
"""
_IN_SCOPE = {
    Scope.MERCHANT: "merchant_id = %(scope)s",
    Scope.CATEGORY: "category_id IN (SELECT id FROM catalog_category WHERE %(scope)s = ANY(path))",
    Scope.ALL: "true",
}
# What was sold is counted from the shelves; only rows that differ are written.
_COUNT = """
    UPDATE library_item i SET sold = s.sold
    FROM (SELECT product_id, least(sum(sold), 2147483647)::int AS sold FROM catalog_sku
          WHERE product_id > %(after)s AND product_id <= %(last)s GROUP BY product_id) s
    WHERE i.product_id = s.product_id AND i.sold <> s.sold
"""


def no_coupons(products: Sequence[ProductFacts], at: datetime) -> set[int]:
    """Return no product: where nobody hands out coupons."""
    return set()


def nobody_hears(product_ids: Sequence[int], at: datetime) -> None:
    """Tell nobody of products that left the library."""


@transaction.atomic
def refresh(
    *, product_ids: Iterable[int], now: datetime, coupons: Coupons = no_coupons, left: Left = nobody_hears
) -> int:
    """Look at products anew and write the rows that have changed, those of the next midnight included; return how many
    rows were removed, ended otherwise, or added (docs/rules.md §2).

    `coupons` says which products have one at an instant; `left` hears which stood in the library until now.
    """
    wanted = sorted(set(product_ids))
    rows.query("SELECT pg_advisory_xact_lock(%s, 0)", [_LOCK])
    by_product = _wanted(wanted, now, coupons)
    stored = _stored(wanted, now)
    if gone_now := [id_ for id_ in wanted if _stands(stored.get(id_, {}).values(), now)]:
        gone_now = [id_ for id_ in gone_now if not _stands(by_product.get(id_, ()), now)]
    if gone_now:
        left(gone_now, now)
    gone: list[int] = []
    ends: dict[int, datetime] = {}
    added: list[ItemRow] = []
    for product_id in wanted:
        removed, ended, new = rules.changes(stored.get(product_id, {}), by_product.get(product_id, []), now)
        gone += removed
        ends |= ended
        added += new
    # A row that ended is not looked at any more by anybody.
    rows.run(
        "DELETE FROM library_item WHERE product_id = ANY(%s) AND (ends <= %s OR id = ANY(%s))", [wanted, now, gone]
    )
    if ends:
        rows.run(
            "UPDATE library_item i SET ends = w.ends FROM unnest(%s::bigint[], %s::timestamptz[]) AS w (id, ends)"
            " WHERE i.id = w.id",
            [list(ends), list(ends.values())],
        )
    _add(added)
    return len(gone) + len(ends) + len(added)


def work_off(*, now: datetime, coupons: Coupons = no_coupons, left: Left = nobody_hears) -> int:
    """Take one step of the oldest mark, named products first, and return how many products were looked at (at least 1
    while there is a mark). Call it in a transaction of its own, until it returns 0."""
    found = rows.query(
        "SELECT id, scope, scope_id, product_ids, after_id FROM library_mark"
        " ORDER BY scope <> 'products', id LIMIT 1 FOR UPDATE SKIP LOCKED"
    )
    if not found:
        return 0
    mark_id, scope, scope_id, named, after = found[0]
    looked_at = named if scope == Scope.PRODUCTS else _next(Scope(scope), scope_id, after)
    refresh(product_ids=looked_at, now=now, coupons=coupons, left=left)
    if scope != Scope.PRODUCTS and len(looked_at) == STEP:
        rows.run("UPDATE library_mark SET after_id = %s WHERE id = %s", [looked_at[-1], mark_id])
    else:
        rows.run("DELETE FROM library_mark WHERE id = %s", [mark_id])
    return max(1, len(looked_at))


def count_sales() -> int:
    """Count anew how many pieces of each product were sold, and return how many rows had another figure."""
    highest = rows.query("SELECT coalesce(max(product_id), 0) FROM library_item")[0][0]
    step = 20 * STEP
    return sum(rows.run(_COUNT, {"after": low, "last": low + step}) for low in range(0, highest, step))


def _stands(periods: Iterable[ItemRow], at: datetime) -> bool:
    return any(one.begins <= at < one.ends for one in periods)


def _next(scope: Scope, scope_id: int, after: int) -> list[int]:
    found = rows.query(
        f"SELECT id FROM catalog_product WHERE id > %(after)s AND {_IN_SCOPE[scope]} ORDER BY id LIMIT %(step)s",
        {"after": after, "scope": scope_id, "step": STEP},
    )
    return [id_ for (id_,) in found]


def _wanted(product_ids: Sequence[int], now: datetime, coupons: Coupons) -> dict[int, list[ItemRow]]:
    midnight = next_midnight(now)
    # What can't be promoted, or listed by the midnight, stands nowhere: most of the work is spared.
    products = {
        id_: one
        for id_, one in catalog.product_facts(product_ids).items()
        if one.listed_from is not None and one.listed_from <= midnight
    }
    shops = parties.merchant_facts({one.merchant_id for one in products.values()})
    floor = settings.get("price_floor_fen")
    instants = (now, midnight)
    there = [_there(products.values(), shops, floor, instant) for instant in instants]
    # One question for both instants; a line is a product at one of them.
    asks = [
        _ask(one, shops[one.merchant_id], at, number) for number, at in enumerate(instants) for one in there[number]
    ]
    rates = plans.public_rates(asks)
    words = {id_: grams.joined(one.title, one.subtitle, shops[one.merchant_id].name) for id_, one in products.items()}
    stand: list[dict[int, Standing]] = []
    for number, at in enumerate(instants):
        with_coupon = coupons(there[number], at)
        stand.append(
            {
                one.product_id: _standing(
                    one,
                    shops[one.merchant_id],
                    words=words[one.product_id],
                    rate_bps=rates[_line(one, number)].rate_bps,
                    coupon=one.product_id in with_coupon,
                )
                for one in there[number]
            }
        )
    return {
        id_: rules.periods(id_, now, midnight, stand[0].get(id_), stand[1].get(id_))
        for id_ in stand[0].keys() | stand[1].keys()
    }


def _there(
    products: Collection[ProductFacts], shops: Mapping[int, MerchantFacts], price_floor_fen: int, at: datetime
) -> list[ProductFacts]:
    """Return the products that stand in the library at an instant."""
    reasons = catalog.promotability(products, shops, price_floor_fen, at)
    return [
        one
        for one in products
        if reasons[one.product_id] is None and one.listed_from is not None and one.listed_from <= at
    ]


def _line(one: ProductFacts, number: int) -> int:
    return one.product_id * 2 + number


def _ask(one: ProductFacts, shop: MerchantFacts, at: datetime, number: int) -> LineAsk:
    return LineAsk(
        line_id=_line(one, number),
        product_id=one.product_id,
        merchant_id=one.merchant_id,
        category_path=one.category_path,
        subject_kind=str(shop.subject_kind),
        promoter_id=None,
        self_purchase=False,
        at=at,
    )


def _standing(one: ProductFacts, shop: MerchantFacts, *, words: str, rate_bps: int, coupon: bool) -> Standing:
    assert one.listed_from is not None
    return Standing(
        merchant_id=one.merchant_id,
        source=str(shop.source),
        path=one.category_path,
        words=words,
        price_fen=one.min_price_fen,
        rate_bps=rate_bps,
        commission_fen=rules.commission(one.min_price_fen, rate_bps),
        coupon=coupon,
        listed_at=one.listed_from,
    )


def _stored(product_ids: Sequence[int], now: datetime) -> dict[int, dict[int, ItemRow]]:
    by_product: dict[int, dict[int, ItemRow]] = {}
    for id_, product_id, begins, ends, merchant_id, source, path, *rest in rows.query(_STORED, [product_ids, now]):
        stands = Standing(merchant_id, source, tuple(path), *rest)
        by_product.setdefault(product_id, {})[id_] = ItemRow(product_id, begins, ends, stands)
    return by_product


def _add(added: Sequence[ItemRow]) -> None:
    if not added:
        return
    sold = dict(
        rows.query(
            "SELECT product_id, least(sum(sold), 2147483647)::int FROM catalog_sku"
            " WHERE product_id = ANY(%s) GROUP BY 1",
            [sorted({row.product_id for row in added})],
        )
    )
    cut = lru_cache(maxsize=STEP)(grams.grams)  # the rows of today and of tomorrow have the same words
    values = [
        (
            row.product_id,
            row.stands.merchant_id,
            row.stands.source,
            list(row.stands.path),
            row.stands.words,
            cut(row.stands.words),
            row.stands.price_fen,
            row.stands.rate_bps,
            row.stands.commission_fen,
            row.stands.coupon,
            sold.get(row.product_id, 0),
            row.stands.listed_at,
            row.begins,
            min(row.ends, FOREVER),
        )
        for row in added
    ]
    # COPY takes arrays as values, which the statements of `rows` for many rows don't.
    statement = f"COPY library_item ({', '.join(_COLUMNS)}) FROM STDIN"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for value in values:
            copy.write_row(value)
