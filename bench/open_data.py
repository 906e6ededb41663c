"""The open data's export: everything anew, and a night on which little changed.

`python -m bench.open_data [--accruals 1000000] [--days 365]`: orders, lines, sales with claims and five accruals each,
over so many days. Seconds, peak memory of the writing process, and what the files take.
"""

import argparse
import shutil
from datetime import UTC, datetime
from pathlib import Path

from bench import ground

FROM = datetime(2026, 1, 1, 4, 0, tzinfo=UTC)
NOW = datetime(2027, 1, 5, 4, 0, tzinfo=UTC)
PROMOTERS, PRODUCTS, MERCHANTS = 20_000, 2_000, 20


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accruals", type=int, default=1_000_000)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--again", action="store_true", help="on the database of the last run")
    given = parser.parse_args()
    root = ground.HOME / "open_data_bench"
    shutil.rmtree(root, ignore_errors=True)
    with ground.database(again=given.again):
        if not given.again:
            _make(given.accruals, given.days)
        for what, change in (
            ("everything", None),
            ("a night: one sale of each of 30 days was refunded", _REFUNDED),
            ("a night on which nothing changed", None),
        ):
            if change:
                _run(change)
            _measure(f"{given.accruals:,} accruals, {what}", root)
        checked = ground.seconds(lambda: _check(root))
        ground.told("check: every file read again, compared with the books", [checked], "s")
    shutil.rmtree(root)
    print(f"peak memory {ground.peak_mb()} MB (limit ≤ 300)")


def _measure(what: str, root: Path) -> None:
    from tuike.insight.open_data import write

    found = []

    def work() -> None:
        found.append(
            write.write(root=root, keep_days=0, everything=False, told=lambda *_: None, stopping=lambda: False, now=NOW)
        )

    took = ground.seconds(work)
    one = found[0]
    ground.told(what, [took], "s")
    print(
        f"  {one.files:,} files with {one.rows:,} rows written anew; {one.all_files:,} files,"
        f" {one.all_bytes >> 20:,} MB in all; peak memory so far {ground.peak_mb()} MB",
        flush=True,
    )


def _check(root: Path) -> None:
    from tuike.insight.open_data.check import check

    found = check(root)
    assert found is not None and not found.findings, found
    print(f"  {found.files:,} files, {found.rows:,} rows, {found.compared:,} compared", flush=True)


def _make(accruals: int, days: int) -> None:
    import psycopg

    values = {
        "n": accruals // 5,
        "from": FROM.isoformat(),
        "seconds": days * 86_400,
        "m": MERCHANTS,
        "p": PROMOTERS,
        "g": PRODUCTS,
    }
    for statement in _ROWS:
        _run(statement.format(**{**values, "from_": values["from"]}))
    with psycopg.connect(ground.owner_url(), autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def _run(statement: str) -> None:
    import psycopg

    with psycopg.connect(ground.owner_url()) as connection:
        connection.execute("SET statement_timeout = 0")
        connection.execute(statement)


_REFUNDED = """
    UPDATE commission_accrual SET amount_fen = 0, state = 'cancelled', turned_at = now() WHERE sale_id IN (
        SELECT min(id) FROM commission_sale GROUP BY (paid_at AT TIME ZONE 'Asia/Shanghai')::date ORDER BY 1 LIMIT 30)
"""
_AT = "timestamptz '{from_}' + g * ({seconds} / {n}::numeric) * interval '1 second'"
_ROWS = (
    "INSERT INTO parties_party (id, no, kind, name, certified_as, suspended_reason, admins, created_at)"
    " SELECT g, 'P' || g, CASE WHEN g <= {m} THEN 'merchant' ELSE 'promoter' END, 'N' || g, '', '', 0,"
    " timestamptz '{from_}' FROM generate_series(1, {m} + {p}) g",
    "INSERT INTO parties_merchant (party_id, source, subject_kind, appid, binding_mode, binding_days, functions)"
    " SELECT g, 'mini_store', 'enterprise', '', 'off', 0, '{{}}' FROM generate_series(1, {m}) g",
    "INSERT INTO catalog_category (id, path, name, name_en, picture, level, restricted, position)"
    " SELECT 1000 + g, ARRAY[1000 + g], 'C' || g, 'C' || g, '', 1, false, g FROM generate_series(1, 20) g",
    "INSERT INTO catalog_product (id, no, merchant_id, category_id, external_no, title, subtitle, detail, pictures,"
    " path, state, excluded, min_price_fen, words, grams, sold, created_at, updated_at)"
    " SELECT g, 'G' || g, 1 + g % {m}, 1001 + g % 20, '', 'T' || g, '', '', '{{}}', '', 'on_sale', false, 10000, '',"
    " '{{}}', 0, timestamptz '{from_}', timestamptz '{from_}' FROM generate_series(1, {g}) g",
    "INSERT INTO catalog_sku (id, product_id, spec, price_fen, free, sold, on_sale)"
    " SELECT g, g, '', 10000, 100, 0, true FROM generate_series(1, {g}) g",
    "INSERT INTO orders_order (id, no, merchant_id, buyer_id, source, external_no, state, goods_fen, discount_fen,"
    " freight_fen, freight_refunded_fen, payable_fen, placed_at, paid_at, receive_extended, received_by, close_reason,"
    " note) SELECT g, 'O26030200' || g, 1 + g % {m}, g, 'mini_store', '', 'completed', 10000, 0, 0, 0, 10000,"
    f" {_AT}, {_AT}, false, '', '', '' FROM generate_series(1, {{n}}) g",
    "INSERT INTO orders_line (id, order_id, merchant_id, no, product_id, sku_id, category_id, title, spec, quantity,"
    " price_fen, discount_fen, paid_fen, refunded_fen, refunded_quantity)"
    " SELECT id, id, merchant_id, 1, 1 + id % {g}, 1 + id % {g}, 1001 + id % 20, 'T', '', 1, 10000, 0, 10000, 0, 0"
    " FROM orders_order",
    "INSERT INTO commission_sale (id, kind, order_no, merchant_id, source, product_id, quantity, paid_fen, subsidy_fen,"
    " refunded_fen, refunded_quantity, terms, placed_at, paid_at, open_after_sales, waiting, booking)"
    " SELECT id, 'goods', no, merchant_id, 'mini_store', 1 + id % {g}, 1, 10000, 0, 0, 0, '{{}}', placed_at, paid_at, 0,"
    " false, 'B' FROM orders_order",
    "INSERT INTO attribution_claim (id, merchant_id, order_no, kind, reason, promoter_id, activity_no, service_bps,"
    " self_purchase, customize_info, facts, made_at)"
    " SELECT id, merchant_id, order_no, 'touch', '', {m} + 1 + id % {p}, '', 0, false, '', '{{}}', placed_at"
    " FROM commission_sale",
    "INSERT INTO commission_accrual (id, sale_id, merchant_id, payee_kind, payee_id, role, funder, base_fen, rate_bps,"
    " first_fen, amount_fen, state, review, accrued_at, settled_at)"
    " SELECT (s.id - 1) * 5 + r.no, s.id, s.merchant_id, 'promoter', {m} + 1 + (s.id * r.no) % {p}, r.role, 'merchant',"
    " 10000, 100 * r.no, 100 * r.no, 100 * r.no, 'settled', 'clear', s.paid_at, s.paid_at + interval '30 days'"
    " FROM commission_sale s,"
    " (VALUES (1, 'direct'), (2, 'bonus'), (3, 'tier2'), (4, 'tier3'), (5, 'leader')) r (no, role)",
)


if __name__ == "__main__":
    main()
