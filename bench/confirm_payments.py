"""`confirm_payments`: paid orders with five accruals each, ledger included, against the same rows written by raw SQL.

Tiers, grade, a leader's fee, and a campaign's bonuses for each piece, for the order and for a buyer's first order.

`python -m bench.confirm_payments [--orders 20000] [--batch 1000] [--runs 3]`
"""

import argparse
from datetime import UTC, datetime, timedelta

from bench import ground

MERCHANTS, PROMOTERS, PRODUCTS = 20, 2000, 200
NOW = datetime(2026, 5, 4, 4, 0, tzinfo=UTC)


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=20_000)
    parser.add_argument("--batch", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=3)
    given = parser.parse_args()
    with ground.database():
        _alliance()
        ours, raw = [], []
        for run in range(given.runs):
            _orders(run, given.orders)
            ours.append(given.orders / ground.seconds(lambda: _confirm(given.batch)))
            _must_be_booked(run, given.orders)
            raw.append(given.orders / _raw(run))
        ground.told("confirm_payments, 5 accruals, ledger included", ours, "orders/s", limit="limit ≥ 2,500")
        ground.told("the same rows by raw SQL, same constraints", raw, "orders/s")
        ground.told("ratio", [a / b for a, b in zip(ours, raw, strict=True)], "", limit="limit ≥ 0.4")
        print(f"peak memory {ground.peak_mb()} MB")


def _alliance() -> None:
    """Merchants, products, a three-tier tree of promoters, a leader, and rates of every kind."""
    from tuike.db import rows

    long_ago = datetime(2025, 1, 1, tzinfo=UTC) - timedelta(hours=8)  # a midnight in Shanghai
    rows.run(
        "INSERT INTO parties_party (id, no, kind, name, certified_as, certified_at, suspended_reason, admins, created_at)"
        " SELECT g, 'P' || g, CASE WHEN g <= %s THEN 'merchant' WHEN g = %s THEN 'leader' ELSE 'promoter' END,"
        " 'party ' || g, 'individual', %s, '', 0, %s FROM generate_series(1, %s) g",
        [MERCHANTS, MERCHANTS + 1, long_ago, long_ago, MERCHANTS + 1 + PROMOTERS],
    )
    rows.run(
        "INSERT INTO parties_merchant (party_id, source, subject_kind, appid, opened_from, binding_mode, binding_days,"
        " functions) SELECT g, 'mini_store', 'enterprise', '', %s, 'off', 0, '{coupons,points}' FROM generate_series(1, %s) g",
        [long_ago, MERCHANTS],
    )
    rows.run("INSERT INTO parties_leader (party_id) VALUES (%s)", [MERCHANTS + 1])
    first = MERCHANTS + 2
    rows.run(
        "INSERT INTO parties_promoter (party_id, subject_kind, standing, recruiter_id, line)"
        " SELECT g, 'individual', 'active', CASE WHEN g > %(f)s THEN %(f)s + (g - %(f)s - 1) / 20 END,"
        " CASE WHEN g > %(f)s + 20 THEN ARRAY[%(f)s + (g - %(f)s - 1) / 20, %(f)s]::bigint[]"
        " WHEN g > %(f)s THEN ARRAY[%(f)s]::bigint[] ELSE '{}' END"
        " FROM generate_series(%(f)s, %(f)s + %(n)s - 1) g",
        {"f": first, "n": PROMOTERS},
    )
    rows.run(
        "INSERT INTO catalog_category (id, path, name, name_en, picture, level, restricted, position)"
        " VALUES (1, '{1}', '食品', 'Food', '', 1, false, 0)"
    )
    rows.run(
        "INSERT INTO catalog_product (id, no, merchant_id, category_id, external_no, title, subtitle, detail, pictures,"
        " path, words, grams, sold, state, excluded, min_price_fen, created_at, updated_at)"
        " SELECT g, 'G' || g, 1 + g %% %s, 1, '', '商品 ' || g, '', '', '{a.png}', '', '', '{}', 0, 'on_sale', false, 4990, %s, %s"
        " FROM generate_series(1, %s) g",
        [MERCHANTS, long_ago, long_ago, PRODUCTS],
    )
    rows.run(
        "INSERT INTO catalog_sku (id, product_id, spec, price_fen, free, sold, on_sale)"
        " SELECT g, g, '', 4990, 1000000, 1000000, true FROM generate_series(1, %s) g",
        [PRODUCTS],
    )
    _rates(long_ago)


def _rates(since: datetime) -> None:
    from tuike.db import rows

    rows.run(
        "INSERT INTO plans_campaign (id, no, merchant_id, name, starts_at, ends_at, rate_bps, bonus_fen,"
        " order_bonus_fen, first_order_bonus_fen, reserved_fen, created_at)"
        " SELECT g, 'K' || g, g, 'spring', %s, %s, 1500, 50, 20, 10, 0, %s FROM generate_series(1, %s) g",
        [since, NOW + timedelta(days=30), since, MERCHANTS],
    )
    for layer, scope, lookup, column, bps, count in (
        ("main", "'main:' || g", "'main:' || g", "product_id", 1200, PRODUCTS),
        ("default", "'default:' || g", "'default:' || g", "merchant_id", 800, MERCHANTS),
        ("campaign", "'campaign:' || g || ':a:' || g", "'campaign:a:' || g", "campaign_id", 1500, MERCHANTS),
        ("tier", "'tier:' || g || ':2'", "'tier:' || g || ':2'", "merchant_id", 500, MERCHANTS),
        ("tier", "'tier:' || g || ':3'", "'tier:' || g || ':3'", "merchant_id", 200, MERCHANTS),
    ):
        bonus = 50 if layer == "campaign" else 0
        rows.run(
            f"INSERT INTO plans_rate (layer, scope, lookup, {column}, rate_bps, bonus_fen, service_bps, valid, written_at)"
            f" SELECT '{layer}', {scope}, {lookup}, g, {bps}, {bonus}, 0, tstzrange(%s, NULL), %s"
            f" FROM generate_series(1, {count}) g",
            [since, since - timedelta(hours=1)],
        )
    rows.run(
        "INSERT INTO plans_grade (id, name, rank, threshold_fen, threshold_orders, extra_bps)"
        " VALUES (1, 'gold', 1, 0, 0, 100)"
    )
    rows.run(
        "INSERT INTO plans_rate (layer, scope, lookup, grade_id, rate_bps, bonus_fen, service_bps, valid, written_at)"
        " SELECT 'grade', 'grade:' || g, 'grade:' || g, 1, 100, 0, 0, tstzrange(%s, NULL), %s"
        " FROM generate_series(%s, %s) g",
        [since, since - timedelta(hours=1), MERCHANTS + 2, MERCHANTS + 1 + PROMOTERS],
    )
    rows.run("INSERT INTO settings_value (name, value, at) VALUES ('max_paid_tiers', '3', %s)", [since])


def _orders(run: int, count: int) -> None:
    """Unpaid orders with claims, prepared payments, and the verified notices that say they are paid."""
    from tuike.db import rows

    base = run * 10_000_000
    params = {"b": base, "n": count, "m": MERCHANTS, "now": NOW, "f": MERCHANTS + 2, "p": PROMOTERS, "k": PRODUCTS}
    for statement in _ORDERS:
        rows.run(statement, params)
    rows.run("ANALYZE")


_ORDERS = (
    "INSERT INTO orders_checkout (id, no, buyer_id, payable_fen, balance_fen, placed_at)"
    " SELECT %(b)s + g, 'C' || %(b)s + g, 100000 + g, 4990, 0, %(now)s FROM generate_series(1, %(n)s) g",
    "INSERT INTO orders_order (id, no, checkout_id, merchant_id, buyer_id, source, external_no, state, goods_fen,"
    " discount_fen, freight_fen, freight_refunded_fen, payable_fen, placed_at, pay_by, receive_extended, received_by,"
    " close_reason, note) SELECT %(b)s + g, 'O' || %(b)s + g, %(b)s + g, 1 + (1 + g %% %(k)s) %% %(m)s, 100000 + g,"
    " 'mini_store', '', 'unpaid', 4990, 0, 0, 0, 4990, %(now)s, %(now)s + interval '30 min', false, '', '', ''"
    " FROM generate_series(1, %(n)s) g",
    "INSERT INTO orders_line (id, order_id, merchant_id, no, product_id, sku_id, category_id, title, spec, quantity,"
    " price_fen, discount_fen, paid_fen, refunded_fen, refunded_quantity) SELECT %(b)s + g, %(b)s + g,"
    " 1 + (1 + g %% %(k)s) %% %(m)s, 1, 1 + g %% %(k)s, 1 + g %% %(k)s, 1, '商品', '', 1, 4990, 0, 4990, 0, 0"
    " FROM generate_series(1, %(n)s) g",
    "INSERT INTO attribution_claim (id, merchant_id, order_no, kind, reason, promoter_id, leader_id, activity_no,"
    " service_bps, self_purchase, customize_info, facts, made_at) SELECT %(b)s + g, 1 + (1 + g %% %(k)s) %% %(m)s,"
    " 'O' || %(b)s + g, 'material', '', %(f)s + 421 + g %% (%(p)s - 421), %(m)s + 1, 'A1', 300, false, '', '{}', %(now)s"
    " FROM generate_series(1, %(n)s) g",
    "INSERT INTO payments_intent (id, no, channel, mode, purpose, description, payer, amount_fen, state, paid_by,"
    " paid_fen, clearing_no, refunding_fen, refunds, created_at, expires_at, ask_at) SELECT %(b)s + g,"
    " 'P' || %(b)s + g, 'wechatpay', 'jsapi', 'checkout:C' || %(b)s + g, '商品', 'openid' || g, 4990, 'open', '', 0, '',"
    " 0, 0, %(now)s, %(now)s + interval '30 min', %(now)s FROM generate_series(1, %(n)s) g",
    "INSERT INTO payments_notice (channel, notice_no, kind, object_no, facts, received_at, outcome, attempts)"
    " SELECT 'wechatpay', 'N' || %(b)s + g, 'payment', 'P' || %(b)s + g, jsonb_build_object("
    "'out_trade_no', 'P' || %(b)s + g, 'transaction_id', 'T' || %(b)s + g, 'trade_state', 'SUCCESS', 'amount_fen', 4990,"
    " 'currency', 'CNY', 'payer_openid', 'openid' || g, 'mchid', '1', 'appid', 'wx1', 'success_at',"
    " to_char(%(now)s::timestamptz + interval '1 min', 'YYYY-MM-DD\"T\"HH24:MI:SSOF')), %(now)s, '', 0"
    " FROM generate_series(1, %(n)s) g",
)


def _confirm(batch: int) -> None:
    from tuike.flows.confirm_payments import confirm_payments

    later = NOW + timedelta(minutes=2)
    while confirm_payments(now=later, limit=batch).notices:
        pass


def _must_be_booked(run: int, count: int) -> None:
    """End the benchmark when the run didn't book what it was to book: its figure would be of something else."""
    from tuike.db import rows

    sales = rows.query(
        "SELECT count(*) FROM commission_sale WHERE id > %s AND id < %s", [run * 10**7, (run + 1) * 10**7]
    )
    if sales != [(count,)]:
        raise SystemExit(f"{sales[0][0]} of {count} orders were booked")


def _raw(run: int) -> float:
    """Write the rows of a run once more by INSERT … SELECT and UPDATE … FROM in the same batches; return seconds."""
    import psycopg

    with psycopg.connect(ground.owner_url(), autocommit=True) as connection:
        for statement in _SAVE:
            connection.execute(statement.format(b=run * 10_000_000, e=(run + 1) * 10_000_000))
        # In the order in which they were booked: the last one leaves each account as it stands.
        in_order = "SELECT booking FROM saved_transfer GROUP BY booking ORDER BY min(id)"
        batches = [row[0] for row in connection.execute(in_order)]
        connection.execute("ANALYZE")

        def write() -> None:
            for booking in batches:
                with connection.transaction():
                    for statement in _WRITE:
                        connection.execute(statement, [booking] * statement.count("%s"))

        return ground.seconds(write)


_TABLES = (
    "saved_sale, saved_accrual, saved_transfer, saved_entry, saved_outbox, saved_notice, saved_intent, saved_order"
)
_SAVE = (
    f"DROP TABLE IF EXISTS {_TABLES}, saved_account",
    "CREATE TABLE saved_sale AS SELECT * FROM commission_sale WHERE id > {b} AND id < {e}",
    "CREATE TABLE saved_accrual AS SELECT a.*, s.booking FROM commission_accrual a JOIN saved_sale s ON s.id = a.sale_id",
    "CREATE TABLE saved_intent AS SELECT i.*, s.booking FROM payments_intent i JOIN saved_sale s ON s.id = i.id",
    "CREATE TABLE saved_order AS SELECT o.id, o.state, o.paid_at, s.booking FROM orders_order o"
    " JOIN saved_sale s ON s.id = o.id",
    "CREATE TABLE saved_notice AS SELECT n.*, i.booking FROM payments_notice n JOIN saved_intent i ON i.no = n.object_no",
    "CREATE TABLE saved_outbox AS SELECT e.*, s.booking FROM outbox_event e JOIN saved_sale s ON s.order_no = e.key",
    "CREATE TABLE saved_transfer AS SELECT t.*, b.booking FROM ledger_transfer t JOIN (SELECT DISTINCT booking"
    " FROM saved_sale) b ON t.source = 'booking:' || b.booking OR t.key = 'payment:' || b.booking",
    "CREATE TABLE saved_entry AS SELECT e.*, t.booking FROM ledger_entry e JOIN saved_transfer t ON t.id = e.transfer_id",
    "CREATE TABLE saved_account AS SELECT DISTINCT ON (account_id, booking) account_id, booking, balance_fen, version"
    " FROM saved_entry ORDER BY account_id, booking, version DESC",
    "DELETE FROM ledger_entry USING saved_entry s WHERE ledger_entry.id = s.id",
    "DELETE FROM ledger_transfer USING saved_transfer s WHERE ledger_transfer.id = s.id",
    "DELETE FROM commission_accrual USING saved_accrual s WHERE commission_accrual.id = s.id",
    "DELETE FROM commission_sale USING saved_sale s WHERE commission_sale.id = s.id",
    "DELETE FROM outbox_event USING saved_outbox s WHERE outbox_event.id = s.id",
    "UPDATE payments_notice n SET processed_at = NULL, outcome = '' FROM saved_notice s WHERE s.id = n.id",
    "UPDATE payments_intent i SET state = 'open', paid_fen = 0, paid_at = NULL, transaction_no = NULL, paid_by = '',"
    " clearing_no = '', ask_at = i.created_at FROM saved_intent s WHERE s.id = i.id",
    "UPDATE orders_order o SET state = 'unpaid', paid_at = NULL FROM saved_order s WHERE s.id = o.id",
    "CREATE INDEX ON saved_sale (booking)",
    "CREATE INDEX ON saved_accrual (booking)",
    "CREATE INDEX ON saved_intent (booking)",
    "CREATE INDEX ON saved_order (booking)",
    "CREATE INDEX ON saved_notice (booking)",
    "CREATE INDEX ON saved_outbox (booking)",
    "CREATE INDEX ON saved_transfer (booking)",
    "CREATE INDEX ON saved_entry (booking)",
    "CREATE INDEX ON saved_account (booking)",
)


def _copied(table: str, saved: str) -> str:
    """Return the statement that inserts a saved batch back, without the batch's own column."""
    columns = {
        "commission_accrual": "id, sale_id, merchant_id, payee_kind, payee_id, role, funder, base_fen, rate_bps, rate_id,"
        " first_fen, amount_fen, state, review, batch_id, accrued_at, settled_at",
        "ledger_transfer": "id, key, kind, source, happened_at, posted_at, digest",
        "ledger_entry": "id, transfer_id, account_id, owner, no, amount_fen, balance_fen, version",
        "outbox_event": "id, txid, topic, key, facts, at",
    }[table]
    return f"INSERT INTO {table} ({columns}) SELECT {columns} FROM {saved} WHERE booking = %s"


_WRITE = (
    "UPDATE payments_intent i SET state = s.state, paid_fen = s.paid_fen, paid_at = s.paid_at, ask_at = s.ask_at,"
    " transaction_no = s.transaction_no, paid_by = s.paid_by, clearing_no = s.clearing_no FROM saved_intent s"
    " WHERE s.id = i.id AND s.booking = %s",
    "UPDATE orders_order o SET state = s.state, paid_at = s.paid_at FROM saved_order s"
    " WHERE s.id = o.id AND s.booking = %s",
    "INSERT INTO commission_sale SELECT * FROM saved_sale WHERE booking = %s",
    _copied("commission_accrual", "saved_accrual"),
    "SELECT id FROM ledger_account WHERE id IN (SELECT account_id FROM saved_account WHERE booking = %s)"
    " ORDER BY id FOR UPDATE",
    _copied("ledger_transfer", "saved_transfer"),
    _copied("ledger_entry", "saved_entry"),
    "UPDATE ledger_account a SET balance_fen = s.balance_fen, version = s.version FROM saved_account s"
    " WHERE s.account_id = a.id AND s.booking = %s",
    _copied("outbox_event", "saved_outbox"),
    "UPDATE payments_notice n SET processed_at = s.processed_at, outcome = s.outcome FROM saved_notice s"
    " WHERE s.id = n.id AND s.booking = %s",
)


if __name__ == "__main__":
    main()
