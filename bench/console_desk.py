"""What passes over the desks of the measured alliance: papers, money in the books and on its way out, acts, after-sales.

Beside the orders: 2,000 applications to decide, 22,000 payout accounts, 300,000 transfers over 190,000 accounts, 100,000
withdrawals, 100,000 sealed acts, 2,200 cases, 1,000 corrections, 3,000 reviewed accruals, an after-sale for each refund;
for the measured shop and promoter full lists of places, material, coupons, campaigns, plans, requests, seats and news.
"""

import hashlib
from datetime import date, datetime, timedelta
from typing import Any

import psycopg

from tuike.kit.days import start_of

TRANSFERS, WITHDRAWALS, ACTS, CLEARINGS = 300_000, 100_000, 100_000, 100_000


def write(link: psycopg.Connection, params: dict[str, Any]) -> None:
    """Write all of it beside what `console_data.make` has written."""
    now: datetime = params["now"]
    params = params | {
        "transfers": TRANSFERS, "withdrawals": WITHDRAWALS, "acts": ACTS, "clearings": CLEARINGS,
        "start": start_of(now.date()) - timedelta(days=60), "month": date(now.year, now.month, 1),
    }  # fmt: skip
    for statement in (*_PEOPLE, *_BOOKS, *_MONEY_OUT, *_SETTLED, *_SHOP, *_PROMOTER):
        link.execute(statement, params)
    _sealed_acts(link, params)


_PEOPLE = (
    "INSERT INTO people_person (password, id, no, nickname, language, unionid, created_at)"
    " SELECT '', 900000 + n, 'UB' || n, '员工' || n, 'zh', 'bench-' || n, %(listed)s FROM generate_series(1, 300) n",
    "INSERT INTO parties_seat (party_id, person_id, role, since)"
    " SELECT p, 900000 + n, CASE WHEN p <> %(operator)s THEN 'admin' WHEN n = 1 THEN 'finance' ELSE 'operator' END,"
    " %(listed)s FROM unnest(ARRAY[%(shop)s, %(promoter)s, %(operator)s]) p, generate_series(1, 95) n",
    "UPDATE parties_party SET admins = admins + 95 WHERE id IN (%(shop)s, %(promoter)s, %(operator)s)",
    "INSERT INTO parties_bank_account (id, party_id, rail, row_key, sealed, tail, bank, verified_at, usable_from, created_at)"
    " SELECT 1000000 + id, id, 'bank', 'bench' || id, '\\x00', lpad((id %% 10000)::text, 4, '0'), '招商银行',"
    " CASE WHEN id %% 40 <> 3 THEN %(listed)s END, %(listed)s, %(listed)s FROM parties_party"
    " WHERE kind IN ('merchant', 'promoter') AND id NOT IN (SELECT party_id FROM parties_bank_account)",
    "INSERT INTO parties_party (no, kind, name, certified_as, suspended_reason, admins, created_at)"
    " SELECT 'NB' || n, 'promoter', '新推客' || n, '', '', 0, %(start)s + n * interval '40 minutes'"
    " FROM generate_series(1, 2000) n",
    "INSERT INTO parties_promoter (party_id, subject_kind, line, standing)"
    " SELECT id, 'individual', '{}', 'active' FROM parties_party WHERE no LIKE 'NB%%'",
    "INSERT INTO parties_certification (party_id, no, kind, sealed, state, reason, filed_at, decided_at, decided_by)"
    " SELECT id, 'CB' || id, 'individual', '\\x00', CASE WHEN no LIKE 'NB%%' THEN 'filed' ELSE 'approved' END, '',"
    " created_at, CASE WHEN no NOT LIKE 'NB%%' THEN created_at END, CASE WHEN no NOT LIKE 'NB%%' THEN 900001 END"
    " FROM parties_party WHERE kind = 'promoter' AND id NOT IN (SELECT party_id FROM parties_certification)",
)

_BOOKS = (
    """
    INSERT INTO ledger_account (id, path, owner, unit, balance_fen, version)
    SELECT 5000000 + row_number() OVER (), path, owner, unit, 0, 0 FROM (
        SELECT p.kind || ':' || p.id || ':' || u, p.kind || ':' || p.id, 'CNY' FROM parties_party p, unnest(CASE p.kind
            WHEN 'promoter' THEN ARRAY['pending', 'available', 'leaving', 'owed']
            ELSE ARRAY['held', 'available', 'leaving'] END) u WHERE p.kind IN ('promoter', 'merchant')
        UNION ALL SELECT 'clearing:OB' || n, 'clearing', 'CNY' FROM generate_series(1, %(clearings)s) n
        UNION ALL SELECT 'outside:bank', 'outside', 'CNY'
    ) named (path, owner, unit) WHERE path NOT IN (SELECT path FROM ledger_account)
    """,
    """
    CREATE UNLOGGED TABLE bench_move AS
    SELECT n, %(start)s + n * interval '60 days' / %(transfers)s AS at, 100 + n %% 9000 AS fen, CASE n %% 20
        WHEN 0 THEN 'promoter:' || %(promoter)s WHEN 1 THEN 'merchant:' || %(shop)s
        ELSE 'promoter:' || %(first_promoter)s + 1 + n * 7919::bigint %% %(promoters)s END || ':available' AS path
    FROM generate_series(1, %(transfers)s) n
    """,
    "ANALYZE ledger_account, bench_move",
    "INSERT INTO ledger_transfer (id, key, kind, source, happened_at, posted_at, digest)"
    " SELECT 5000000 + n, 'bench:' || n, 'mature', 'B' || n, at, at, sha256(('bench:' || n)::bytea) FROM bench_move",
    """
    INSERT INTO ledger_entry (id, transfer_id, account_id, owner, no, amount_fen, balance_fen, version)
    SELECT 10000000 + 2 * m.n + 1, 5000000 + m.n, a.id, a.owner, 2, m.fen,
        sum(m.fen) OVER (PARTITION BY a.id ORDER BY m.n), row_number() OVER (PARTITION BY a.id ORDER BY m.n)
    FROM bench_move m JOIN ledger_account a ON a.path = m.path
    UNION ALL
    SELECT 10000000 + 2 * m.n, 5000000 + m.n, a.id, a.owner, 1, -m.fen, -sum(m.fen) OVER (ORDER BY m.n),
        row_number() OVER (ORDER BY m.n)
    FROM bench_move m JOIN ledger_account a ON a.path = 'outside:bank'
    """,
    "ANALYZE ledger_entry",
    "UPDATE ledger_account a SET balance_fen = e.fen, version = e.n FROM (SELECT account_id, sum(amount_fen) AS fen,"
    " count(*) AS n FROM ledger_entry WHERE id > 10000000 GROUP BY 1) e WHERE e.account_id = a.id",
    "DROP TABLE bench_move",
    """
    INSERT INTO settlement_statement (owner, month, opening_fen, in_fen, out_fen, closing_fen, by_kind, entries,
        through_version, digest, closed_at)
    SELECT a.owner, (%(month)s - n * interval '1 month')::date, 0, 1000, 0, 1000, '{"mature": 1000}', 5000,
        CASE WHEN n = 1 THEN 5000 ELSE 0 END, '\\x00', %(now)s
    FROM ledger_account a, generate_series(1, 12) n
    WHERE a.path IN ('promoter:' || %(promoter)s || ':available', 'merchant:' || %(shop)s || ':available')
    """,
)

_MONEY_OUT = (
    "ANALYZE parties_party, parties_bank_account, commission_accrual, orders_line",
    """
    INSERT INTO settlement_withdrawal (id, no, party_id, payee_kind, source, rail, bank_account_id, amount_fen, fee_fen,
        tax_fen, state, reason, asked_by, asked_at, approvals_needed, decided_at, batch_file_no, attempts, provider_no,
        confirm_package, ended_at)
    SELECT 6000000 + n, 'WB' || n, b.party_id, p.kind, 'mini_store', 'bank', b.id, 1000 + n %% 90000, 0, 0, state, '',
        900001 + n %% 200, at, 1, CASE WHEN state <> 'requested' THEN at + interval '1 hour' END,
        CASE WHEN state IN ('sending', 'paid', 'returned') THEN 'PB' || n / 200 ELSE '' END, 1, '', '',
        CASE WHEN state IN ('paid', 'returned', 'rejected', 'cancelled') THEN at + interval '1 day' END
    FROM (SELECT n, %(start)s + n * interval '60 days' / %(withdrawals)s AS at, CASE
            WHEN n %% 100 < 3 THEN (ARRAY['returned', 'rejected', 'cancelled'])[n %% 100 + 1]
            WHEN n > %(withdrawals)s * 0.98 THEN 'requested' WHEN n > %(withdrawals)s * 0.97 THEN 'approved'
            WHEN n > %(withdrawals)s * 0.965 THEN 'sending' ELSE 'paid' END AS state,
            CASE n %% 50 WHEN 0 THEN %(promoter)s WHEN 1 THEN %(shop)s
                ELSE %(first_promoter)s + 1 + n * 7919::bigint %% %(promoters)s END AS party
        FROM generate_series(1, %(withdrawals)s) n) w
    JOIN parties_bank_account b ON b.party_id = w.party AND b.replaced_at IS NULL JOIN parties_party p ON p.id = w.party
    """,
    "ANALYZE settlement_withdrawal",
    "INSERT INTO settlement_approval (withdrawal_id, person_id, at) SELECT id, 900001, decided_at"
    " FROM settlement_withdrawal WHERE no LIKE 'WB%%' AND state IN ('approved', 'sending', 'paid', 'returned')",
    "INSERT INTO settlement_attempt (withdrawal_id, kind, outcome, facts, at) SELECT id, 'send', 'accepted', '{}', decided_at"
    " FROM settlement_withdrawal WHERE no LIKE 'WB%%' AND state IN ('sending', 'paid', 'returned')",
    "INSERT INTO settlement_hand_booking (withdrawal_id, outcome, happened_at, reference, reason, note, state, asked_by, asked_at)"
    " SELECT id, 'paid', asked_at, 'R' || id, '银行回单', '', 'asked', 900001, asked_at FROM settlement_withdrawal"
    " WHERE no LIKE 'WB%%' AND state = 'sending'",
    "INSERT INTO risk_case (no, kind, object, amount_fen, facts, opened_at, closed_at, closed_by, note)"
    " SELECT 'XB' || n, 'unknown_payment', 'bench:' || n, n, '{}', %(start)s + n * interval '30 minutes',"
    " CASE WHEN n <= 2000 THEN %(now)s END, CASE WHEN n <= 2000 THEN 900001 END, '' FROM generate_series(1, 2200) n",
    "INSERT INTO commission_adjustment (id, no, payee_kind, payee_id, amount_fen, reason, state, author_id, approver_id,"
    " asked_at, decided_at) SELECT 7000000 + n, 'JB' || n, 'promoter', %(first_promoter)s + n, n, '补发',"
    " CASE WHEN n <= 900 THEN 'approved' ELSE 'asked' END, 900001, CASE WHEN n <= 900 THEN 900002 END,"
    " %(start)s + n * interval '1 hour', CASE WHEN n <= 900 THEN %(now)s END FROM generate_series(1, 1000) n",
    "INSERT INTO commission_debt (id, payee_kind, payee_id, cause, amount_fen, repaid_fen, at) SELECT 7100000 + n,"
    " 'promoter', %(promoter)s, 'ASB' || n || ':' || (SELECT min(id) FROM commission_accrual WHERE payee_id = %(promoter)s),"
    " 100, CASE WHEN n > 5 THEN 100 ELSE 0 END, %(now)s FROM generate_series(1, 200) n",
)

_SETTLED = (
    "UPDATE commission_accrual SET review = (ARRAY['held', 'held', 'approved', 'rejected'])[1 + id %% 4] WHERE id IN"
    " (SELECT id FROM commission_accrual WHERE state = 'pending' ORDER BY id DESC LIMIT 3000)",
    "INSERT INTO settlement_batch (id, no, due_until, sales, accruals, amount_fen, digest, at)"
    " SELECT n, 'BB' || n, %(start)s + n * interval '1 day', 0, 0, 0, '\\x00', %(start)s + n * interval '1 day'"
    " FROM generate_series(1, 60) n ON CONFLICT DO NOTHING",
    "INSERT INTO settlement_part (id, batch_id, payee_kind, payee_id, merchant_id, items, amount_fen, transfer_id)"
    " SELECT 7200000 + row_number() OVER (), 1 + a.id %% 60, 'promoter', payee_id, merchant_id, count(*), sum(amount_fen), 1"
    " FROM commission_accrual a WHERE a.state = 'settled' AND payee_kind = 'promoter' GROUP BY 1 + a.id %% 60, payee_id,"
    " merchant_id, 3",
    "INSERT INTO orders_after_sale (id, no, kind, state, reason, answer, freight_fen, opened_at, decided_at, ended_at, order_id)"
    " SELECT id, 'ASB' || id, 'unshipped', CASE WHEN id %% 50 = 7 THEN 'requested' ELSE 'refunded' END, '不想要了', '', 0,"
    " %(now)s, CASE WHEN id %% 50 <> 7 THEN %(now)s END, CASE WHEN id %% 50 <> 7 THEN %(now)s END, order_id"
    " FROM orders_line WHERE refunded_fen > 0",
    "INSERT INTO orders_after_sale_line (id, after_sale_id, line_id, quantity, amount_fen)"
    " SELECT id, id, id, refunded_quantity, refunded_fen FROM orders_line WHERE refunded_fen > 0",
)

_SHOP = (
    "INSERT INTO marketing_coupon (id, no, merchant_id, channel, name, kind, threshold_fen, minus_fen, off_bps, scope, target_ids,"
    " starts_at, ends_at, stock, taken, limit_each, created_at) SELECT 700000 + n, 'KB' || n, %(shop)s, 'alliance', '满减' || n,"
    " 'threshold', 10000, 1000, 0, 'shop', '{}', %(start)s, %(now)s + interval '90 days', 10000, 500, 1, %(start)s"
    " FROM generate_series(1, 200) n",
    "INSERT INTO marketing_voucher (id, no, coupon_id, buyer_id, nth, taken_at, usable_until, used_at) SELECT"
    " 7000000 + n, 'VB' || n, 700001 + n %% 200, 1 + n %% 300000, 1, %(start)s, %(now)s + interval '90 days',"
    " CASE WHEN n %% 3 = 0 THEN %(now)s END FROM generate_series(1, 100000) n",
    "INSERT INTO plans_campaign (id, no, name, starts_at, ends_at, rate_bps, bonus_fen, order_bonus_fen,"
    " first_order_bonus_fen, budget_fen, reserved_fen, created_at, merchant_id) SELECT 700000 + n, 'HB' || n, '活动' || n, %(start)s - interval '400 days', %(start)s - interval '1 day',"
    " 1500, 0, 0, 0, 100000, 0, %(start)s, %(shop)s FROM generate_series(1, 100) n",
    "INSERT INTO plans_targeted (id, no, name, note, starts_at, ends_at, invite_code, created_at, merchant_id)"
    " SELECT 700000 + n, 'TB' || n, '定向计划' || n, '', %(start)s, %(now)s + interval '90 days', 'bench' || n, %(start)s,"
    " CASE WHEN n <= 60 THEN %(shop)s ELSE %(first_shop)s + n END FROM generate_series(1, 500) n",
    "INSERT INTO plans_targeted_product (plan_id, product_id, rate_bps, from_at) SELECT t.id, p.id, 2000, %(start)s"
    " FROM plans_targeted t CROSS JOIN LATERAL (SELECT id FROM catalog_product p WHERE p.merchant_id = t.merchant_id"
    " ORDER BY id DESC LIMIT 50) p",
    "INSERT INTO plans_targeted_member (plan_id, promoter_id, message, reason, state, since) SELECT t.id, %(first_promoter)s + n, '', '',"
    " (ARRAY['applied', 'invited', 'accepted', 'accepted'])[1 + n %% 4], %(now)s FROM plans_targeted t,"
    " generate_series(1, 200) n WHERE t.merchant_id = %(shop)s",
    "INSERT INTO plans_targeted_member (plan_id, promoter_id, message, reason, state, since) SELECT id, %(promoter)s, '', '', 'invited', %(now)s"
    " FROM plans_targeted",
    "INSERT INTO matching_request (id, no, plan_id, merchant_id, title, text, min_level, category_ids, open_until, created_at)"
    " SELECT id, 'RB' || id, id, merchant_id, '寻找推客', '长期合作', 0, %(roots)s, %(now)s + interval '60 days', %(start)s"
    " FROM plans_targeted",
    "INSERT INTO matching_card (promoter_id, listed, name, intro, category_ids, level, conversion_bps, counted_at, changed_at)"
    " SELECT id, true, left(name, 20), '做社群', (%(roots)s::bigint[])[1 + id %% 20:3 + id %% 20], id %% 6, id %% 900, %(now)s,"
    " %(now)s FROM parties_party WHERE kind = 'promoter' AND no LIKE 'PB%%'",
    "INSERT INTO messages_message (party_id, kind, facts, object, at) SELECT p, 'certification_approved', '{}', 'b' || n,"
    " %(start)s + n * interval '2 hours' FROM unnest(ARRAY[%(shop)s, %(promoter)s, %(operator)s]) p, generate_series(1, 700) n",
)

_PROMOTER = (
    "INSERT INTO attribution_place (promoter_id, pid, name, created_at) SELECT %(promoter)s, 'pid_c' || n, '渠道' || n,"
    " %(listed)s FROM generate_series(1, 90) n",
    "INSERT INTO attribution_link (id, code, product_id, merchant_id, promoter_id, place_id, activity_no, service_bps, ticket,"
    " customize_info, wording, url_link, tag, issued_at, expires_at) SELECT 8000000 + row_number() OVER (), 'bench' || p.id,"
    " p.id, p.merchant_id, %(promoter)s, e.id, '', 0, 'bench', '', '', '', '', %(start)s, %(now)s + interval '180 days'"
    " FROM (SELECT id, merchant_id, row_number() OVER () AS n FROM catalog_product WHERE id > 10000000 LIMIT 20000) p"
    " JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM attribution_place WHERE promoter_id = %(promoter)s) e"
    " ON e.n = 1 + p.n %% 90",
    "INSERT INTO library_chosen (product_id, promoter_id, chosen_at) SELECT product_id, %(promoter)s, %(now)s"
    " FROM library_item ORDER BY id LIMIT 100",
    "INSERT INTO library_chosen_count (promoter_id, products) VALUES (%(promoter)s, 100)",
    "INSERT INTO library_pick (product_id, position, picked_at) SELECT product_id, row_number() OVER (ORDER BY id), %(now)s"
    " FROM (SELECT id, product_id FROM library_item ORDER BY id DESC LIMIT 100) newest",
)


def _sealed_acts(link: psycopg.Connection, params: dict[str, Any]) -> None:
    """Write acts, and the chain that seals them."""
    link.execute(
        "INSERT INTO audit_act (id, at, actor_kind, person_id, party_id, role, action, object, facts, request_id, digest)"
        " SELECT 1000000 + n, %(start)s + n * interval '60 days' / %(acts)s, 'person', 900001 + n %% 200,"
        " CASE n %% 20 WHEN 0 THEN %(shop)s WHEN 1 THEN %(promoter)s ELSE %(operator)s END, 'operator',"
        " (ARRAY['withdrawal.approve', 'certification.decide', 'product.change', 'setting.change'])[1 + n %% 4],"
        " 'withdrawal:WB' || n, '{}', 'bench', sha256(('act' || n)::bytea) FROM generate_series(1, %(acts)s) n",
        params,
    )
    begin, before = link.execute(
        "SELECT coalesce(max(id), 0), (SELECT digest FROM audit_link ORDER BY id DESC LIMIT 1) FROM audit_link"
    ).fetchone()
    digest = bytes(before or bytes(32))
    acts = link.execute("SELECT id, digest FROM audit_act WHERE request_id = 'bench' ORDER BY id").fetchall()
    with (
        link.cursor() as cursor,
        cursor.copy("COPY audit_link (id, act_id, digest) FROM STDIN (FORMAT BINARY)") as copy,
    ):
        copy.set_types(["int8", "int8", "bytea"])
        for number, (act, own) in enumerate(acts, begin + 1):
            digest = hashlib.sha256(digest + bytes(own)).digest()
            copy.write_row((number, act, digest))
