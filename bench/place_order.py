"""Placing an order over HTTP: 8 buyers, one connection each, against the same rows written by raw SQL.

`python -m bench.place_order [--seconds 6] [--runs 3]`. granian runs as `tuike up` runs it; each checkout has two choices
of one shop, a sealed address and a promoter's touch behind it, so that every step of placing is done; three of ten
use a voucher of the platform and 100 points. The clients are one process of ours and share the machine's cores with web and database. The raw run takes the rows of each measured run
out and writes them again, a transaction an order, from as many connections.
"""

import argparse
import json
import subprocess
import sys
import threading
from datetime import datetime, timedelta

import psycopg

from bench import ground, web
from bench.confirm_payments import MERCHANTS, PRODUCTS, PROMOTERS, _alliance

CLIENTS = 8
GOAL = 200
COUPONS, EACH = 40, 100
"""The platform's coupons, and how many vouchers of each every buyer has: more than a run uses."""


def main() -> None:
    """Run the benchmark and print its figures."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--seconds", type=float, default=6)
    words.add_argument("--runs", type=int, default=3)
    told = words.parse_args()
    with ground.database():
        tokens = _buyers()
        vouchers = [_vouchers(turn) for turn in range(CLIENTS)]
        plain, lowered = _statements(tokens[0], []), _statements(tokens[0], vouchers[0])
        print(
            f"round trips to the database a placement: {plain}, with a voucher and points {lowered}, begin and commit"
            " included"
        )
        with psycopg.connect(ground.owner_url(), autocommit=True) as connection:
            connection.execute("ANALYZE")  # as after the first minute of a database that is used
        seen, raw = [], []
        with web.answering() as (port, _):
            _load(port, tokens, vouchers, 1.5)
            for _ in range(told.runs):
                since = _newest()
                seen.append(_load(port, tokens, vouchers, told.seconds))
                raw.append(_raw(since))
        ours = [one["placed"] / one["seconds"] for one in seen]
        ground.told(f"place an order over HTTP, {CLIENTS} clients", ours, "orders/s", limit=f"limit ≥ {GOAL}")
        ground.told("p50", [one["p50"] for one in seen], "ms")
        ground.told("p99", [one["p99"] for one in seen], "ms")
        ground.told("the same rows by raw SQL, same constraints", raw, "orders/s")
        ground.told("ratio", [a / b for a, b in zip(ours, raw, strict=True)], "")
        refused = sum(one["refused"] for one in seen)
        if refused:
            raise SystemExit(f"{refused} placements were refused")


def _buyers() -> list[str]:
    """Make the alliance and buyers who have all seen a promoter's material; return their tokens."""
    from tests.make import attribution as make_attribution
    from tests.make import people as make_people
    from tuike.flows.record_touch import record_touch
    from tuike.kit import clock
    from tuike.people import service as people
    from tuike.people.types import SessionKind

    _alliance()
    tokens, now = [], clock.now()
    for turn in range(CLIENTS):
        buyer = make_people.person()
        for merchant_id in range(1, MERCHANTS + 1):
            promoter_id = MERCHANTS + 2 + (421 + turn * 20 + merchant_id) % PROMOTERS
            seen = make_attribution.link(promoter_id=promoter_id, merchant_id=merchant_id, now=now)
            record_touch(ticket_or_code=seen.code, buyer_id=buyer.id, now=now)
        _gifts(buyer.id, turn, now)
        tokens.append(people.open_session(person_id=buyer.id, kind=SessionKind.STOREFRONT, device="bench", now=now))
    return tokens


def _gifts(buyer_id: int, turn: int, now: datetime) -> None:
    """Give a buyer vouchers of the platform's coupons, and points."""
    from tests.make import marketing as coupons
    from tests.make import points
    from tuike.db import rows
    from tuike.marketing.types import CouponChannel

    if not turn:
        for _ in range(COUPONS):
            week = {"starts_at": now, "ends_at": now + timedelta(days=7), "limit_each": EACH, "stock": 100_000}
            coupons.coupon(None, coupons.fixed(100, channel=CouponChannel.EVERYONE, **week), now=now)  # type: ignore[arg-type]
    rows.run(
        "INSERT INTO marketing_voucher (no, coupon_id, buyer_id, nth, taken_at, usable_until)"
        " SELECT 'V' || %(turn)s || 'x' || c.id || 'x' || n, c.id, %(buyer)s, n, %(now)s, c.ends_at"
        " FROM marketing_coupon c, generate_series(1, %(each)s) n",
        {"turn": turn, "buyer": buyer_id, "now": now, "each": EACH},
    )
    points.earn(points.worth(1, 10**9, buyer_id=buyer_id), now=now)


def _vouchers(turn: int) -> list[str]:
    from tuike.db import rows

    return [no for (no,) in rows.query("SELECT no FROM marketing_voucher WHERE no LIKE %s ORDER BY id", [f"V{turn}x%"])]


def _bodies() -> list[dict]:
    """Return what is ordered: a product and the next one of the same shop, in turn."""
    address = {"name": "王小明", "phone": "13800138000", "region": "上海市 浦东新区", "detail": "世纪大道 1 号"}
    return [
        {
            "items": [{"sku_id": sku, "quantity": 1}, {"sku_id": sku + MERCHANTS, "quantity": 2}],
            "address": address,
            "note": "",
        }
        for sku in range(1, PRODUCTS - MERCHANTS + 1)
    ]


def _statements(token: str, vouchers: list[str]) -> int:
    """Return how often one warm placement asks the database and waits for its answer; with vouchers each uses one."""
    from unittest import mock

    from django.test import Client

    browser, asked = Client(), mock.Mock()
    wait = psycopg.Connection.wait

    def counted(self: psycopg.Connection, *args: object, **kwargs: object) -> object:
        asked()
        return wait(self, *args, **kwargs)  # type: ignore[arg-type]

    for turn in range(8):  # ids are taken in blocks, plans are made at first
        asked.reset_mock()
        extra = {"vouchers": [vouchers.pop(0)], "points": 100} if vouchers else {}
        with mock.patch.object(psycopg.Connection, "wait", counted):
            answer = browser.post(
                "/api/storefront/orders",
                json.dumps(_bodies()[0] | extra),
                content_type="application/json",
                headers={"Authorization": f"Bearer {token}", "Idempotency-Key": f"counted-{bool(extra)}-{turn}"},
            )
        if answer.status_code != 201:
            raise SystemExit(answer.content.decode())
    return asked.call_count


def _load(port: int, tokens: list[str], vouchers: list[list[str]], seconds: float) -> dict:
    """Place for some seconds; the vouchers that were used are taken out of `vouchers`."""
    told = {"port": port, "seconds": seconds, "tokens": tokens, "bodies": _bodies(), "vouchers": vouchers}
    done = subprocess.run(
        [sys.executable, "-m", "bench.place_load"],
        input=json.dumps(told),
        stdout=subprocess.PIPE,
        cwd=web.CHECKOUT,
        text=True,
        check=True,
        timeout=seconds + 60,
    )
    figures = json.loads(done.stdout)
    for mine, used in zip(vouchers, figures["used"], strict=True):
        del mine[:used]
    return figures


def _newest() -> int:
    from tuike.db import rows

    return rows.query("SELECT coalesce(max(id), 0) FROM idempotency_key")[0][0]


def _raw(since: int) -> float:
    """Write the orders of a run once more, a transaction each, from as many connections; return orders a second."""
    with psycopg.connect(ground.owner_url(), autocommit=True) as connection:
        for statement in _SAVE:
            connection.execute(statement.format(since=since))
        numbers = [row[0] for row in connection.execute("SELECT id FROM saved_key ORDER BY id")]
        connection.execute("ANALYZE")
    began = threading.Barrier(CLIENTS + 1)

    def write(mine: list[int]) -> None:
        with psycopg.connect(ground.owner_url(), autocommit=True) as own:
            began.wait()
            for key in mine:
                with own.transaction():
                    for statement in _WRITE:
                        own.execute(statement, [key])

    threads = [threading.Thread(target=write, args=(numbers[i::CLIENTS],)) for i in range(CLIENTS)]
    for thread in threads:
        thread.start()
    began.wait()

    def done() -> None:
        for thread in threads:
            thread.join()

    return len(numbers) / ground.seconds(done)


def _kept(table: str, link: str) -> str:
    """Return the statement that keeps the run's rows of a table with the key of their placement."""
    return f"CREATE TABLE saved_{table} AS SELECT t.*, k.id AS placement FROM {table} t JOIN saved_key k ON {link}"


_ROWS = {
    "orders_checkout": "t.no = k.checkout_no",
    "orders_order": "t.no = k.order_no",
    "orders_line": "t.order_id = k.order_id",
    "orders_discount": "t.line_id IN (SELECT l.id FROM orders_line l WHERE l.order_id = k.order_id)",
    "attribution_claim": "t.order_no = k.order_no",
    "outbox_event": "t.topic = 'order.placed' AND t.key = k.order_no",
}
_SAVE = (
    "DROP TABLE IF EXISTS saved_key, " + ", ".join(f"saved_{table}" for table in _ROWS),
    "CREATE TABLE saved_key AS SELECT i.*, i.answer->>'checkout_no' AS checkout_no, o.no AS order_no, o.id AS order_id"
    " FROM idempotency_key i JOIN orders_order o ON o.no = i.answer->'orders'->0->>'no' WHERE i.id > {since}",
    *(_kept(table, link) for table, link in _ROWS.items()),
    *(f"DELETE FROM {table} t USING saved_{table} s WHERE t.id = s.id" for table in reversed(_ROWS)),
    "DELETE FROM idempotency_key i USING saved_key s WHERE s.id = i.id",
    "UPDATE catalog_sku k SET free = k.free + s.taken FROM (SELECT sku_id, sum(quantity) AS taken FROM saved_orders_line"
    " GROUP BY 1) s WHERE s.sku_id = k.id",
    "CREATE UNIQUE INDEX ON saved_key (id)",
    *(f"CREATE INDEX ON saved_{table} (placement)" for table in _ROWS),
)


def _again(table: str) -> str:
    """Return the statement that inserts a placement's rows of a table again."""
    columns = _COLUMNS[table]
    return f"INSERT INTO {table} ({columns}) SELECT {columns} FROM saved_{table} WHERE placement = %s"


_COLUMNS = {
    "orders_checkout": "id, no, buyer_id, payable_fen, balance_fen, placed_at",
    "orders_order": "id, no, checkout_id, merchant_id, buyer_id, source, external_no, external_digest, state, goods_fen,"
    " discount_fen, freight_fen, freight_id, freight_refunded_fen, payable_fen, placed_at, pay_by, receive_extended,"
    " received_by, close_reason, sealed_address, city_code, note",
    "orders_line": "id, order_id, merchant_id, no, product_id, sku_id, category_id, title, spec, quantity, price_fen,"
    " discount_fen, paid_fen, refunded_fen, refunded_quantity",
    "orders_discount": "id, line_id, kind, source, funded_by, amount_fen, points",
    "attribution_claim": "id, order_no, merchant_id, kind, made_at, reason, promoter_id, place_id, link_id, touch_id,"
    " leader_id, activity_no, service_bps, self_purchase, customize_info, facts",
    "outbox_event": "id, txid, topic, key, facts, at",
}
_WRITE = (
    "INSERT INTO idempotency_key (id, scope, key, digest, at) SELECT id, scope, key, digest, at FROM saved_key"
    " WHERE id = %s",
    "WITH wanted AS (SELECT sku_id, quantity FROM saved_orders_line WHERE placement = %s), held AS (SELECT id FROM"
    " catalog_sku WHERE id IN (SELECT sku_id FROM wanted) ORDER BY id FOR UPDATE) UPDATE catalog_sku s"
    " SET free = s.free - w.quantity FROM wanted w, held h WHERE h.id = s.id AND w.sku_id = s.id"
    " AND s.free >= w.quantity",
    _again("orders_checkout"),
    _again("orders_order"),
    _again("orders_line"),
    _again("orders_discount"),
    _again("attribution_claim"),
    _again("outbox_event"),
    "UPDATE idempotency_key i SET answer = s.answer FROM saved_key s WHERE s.id = i.id AND i.id = %s",
)


if __name__ == "__main__":
    main()
