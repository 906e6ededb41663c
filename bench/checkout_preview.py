"""What a checkout of 20 lines over 5 shops comes to: best vouchers searched, points, balance, freight by region.

`python -m bench.checkout_preview [--runs 200] [--lines 20] [--shops 5]`. Each shop has a freight template by regions and
eight coupons (thresholds, amounts, shares; of the shop, a category, some products; half for whoever came by a promoter),
the platform has eight; the buyer holds a voucher of each, and points and a balance that pay a part. A call is measured
in the process that answers it, middleware included, after some rounds that are not counted.
"""

import argparse
import json
import os
import statistics
import time
from datetime import datetime, timedelta

import psycopg

from bench import ground
from bench.confirm_payments import MERCHANTS, PROMOTERS, _alliance

LIMIT_MS = 60
COUPONS = 8
_URL = "/api/storefront/checkouts/preview"


def main() -> None:
    """Run the benchmark and print its figures."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--runs", type=int, default=200)
    words.add_argument("--lines", type=int, default=20)
    words.add_argument("--shops", type=int, default=5)
    told = words.parse_args()
    os.environ.setdefault("TUIKE_LOG_LEVEL", "WARNING")
    with ground.database():
        from django.conf import settings

        settings.ALLOWED_HOSTS = ["testserver"]
        token, skus = _world(told.lines, told.shops)
        with psycopg.connect(ground.owner_url(), autocommit=True) as connection:
            connection.execute("ANALYZE")
        print(_told(_ask(token, _body(skus))[0], told))
        best = _body(skus)
        _measure("best vouchers searched, points, balance", token, best, told.runs, limit=LIMIT_MS)
        _measure("no voucher, no points", token, best | {"vouchers": [], "points": 0}, told.runs)
    print(f"peak memory {ground.peak_mb()} MB")


def _body(skus: list[int]) -> dict:
    return {"items": [{"sku_id": sku, "quantity": 1 + sku % 3} for sku in skus], "use_balance": True}


def _world(lines: int, shops: int) -> tuple[str, list[int]]:
    """Return the token of a buyer who has everything that lowers a checkout, and the choices of the checkout."""
    from tests.make import people as make_people
    from tuike.db import rows
    from tuike.kit import clock
    from tuike.people import service as people
    from tuike.people.types import SessionKind

    _alliance()
    now, buyer = clock.now(), make_people.person().id
    rows.run("UPDATE parties_merchant SET functions = '{coupons,points,red_packets}'", [])
    skus = [sku for turn in range(lines) for sku in [MERCHANTS * (1 + turn // shops) + turn % shops]]
    rows.run("UPDATE catalog_sku SET price_fen = 1990 + 700 * (id %% 9) WHERE id = ANY(%s)", [skus])
    merchants = [merchant for (merchant,) in rows.query(
        "SELECT DISTINCT merchant_id FROM catalog_product WHERE id = ANY(%s) ORDER BY 1", [skus])]  # fmt: skip
    for merchant_id in merchants:
        _shop(merchant_id, buyer, skus, now)
    _coupons(None, buyer, skus, now)
    _purse(merchants[0], buyer, now)
    rows.run(
        "INSERT INTO orders_cart_item (buyer_id, sku_id, quantity, price_fen, added_at)"
        " SELECT %s, id, 1, price_fen, now() FROM catalog_sku WHERE id = ANY(%s)",
        [buyer, skus],
    )
    return people.open_session(person_id=buyer, kind=SessionKind.STOREFRONT, device="bench", now=now), skus


def _shop(merchant_id: int, buyer: int, skus: list[int], now: datetime) -> None:
    """Give a shop freight by regions, coupons of every kind, and the buyer a promoter's touch."""
    from tests.make import attribution as make_attribution
    from tests.make import freight
    from tuike.flows.record_touch import record_touch
    from tuike.freight.types import Row

    near = Row(regions=("310000", "330000"), first_units=2, first_fen=600, next_units=1, next_fen=200)
    far = Row(regions=("540000", "650000"), first_units=1, first_fen=2_500, next_units=1, next_fen=1_500)
    freight.template(merchant_id, freight.terms(near, far))
    promoter_id = MERCHANTS + 2 + (421 + merchant_id) % PROMOTERS
    seen = make_attribution.link(promoter_id=promoter_id, merchant_id=merchant_id, now=now)
    record_touch(ticket_or_code=seen.code, buyer_id=buyer, now=now)
    _coupons(merchant_id, buyer, skus, now)


def _coupons(merchant_id: int | None, buyer: int, skus: list[int], now: datetime) -> None:
    """Make eight coupons of a shop or of the platform, and give the buyer a voucher of each."""
    from tests.make import marketing as make
    from tuike.db import rows
    from tuike.marketing.types import CouponChannel, CouponScope, NewCoupon

    mine = [sku for (sku,) in rows.query(
        "SELECT id FROM catalog_product WHERE id = ANY(%s) AND merchant_id = %s ORDER BY id", [skus, merchant_id])]  # fmt: skip
    week: dict = {"starts_at": now, "ends_at": now + timedelta(days=7)}
    some: list[NewCoupon] = []
    for turn in range(COUPONS):
        half = CouponChannel.EVERYONE if turn % 2 or merchant_id is None else CouponChannel.ALLIANCE
        scope: dict = {}
        if merchant_id is not None:  # the platform's lower everything
            scope = ({}, {"scope": CouponScope.CATEGORY, "target_ids": (1,)},
                     {"scope": CouponScope.PRODUCT, "target_ids": tuple(mine[:2])})[turn % 3]  # fmt: skip
        facts = week | scope | {"channel": half}
        some.append(
            (
                make.new(threshold_fen=5_000 + 1_500 * turn, minus_fen=500 + 230 * turn, **facts),
                make.fixed(300 + 90 * turn, **facts),
                make.percent(300 + 110 * turn, most_fen=900 + 100 * turn, **facts),
            )[turn % 3]
        )
    for wanted in some:
        make.voucher(make.coupon(merchant_id, wanted, now=now), buyer, now=now)  # type: ignore[arg-type]


def _purse(merchant_id: int, buyer: int, now: datetime) -> None:
    """Give the buyer points for a hundred thousand yuan, and a balance of 30 yuan out of a friend's red packet."""
    from tests.make import mall, points
    from tests.make import payments as make_payments
    from tests.make import people as make_people
    from tuike.flows import packet_money
    from tuike.flows.confirm_payments import confirm_answers
    from tuike.flows.open_red_packet import open_red_packet
    from tuike.flows.send_red_packet import send_red_packet

    points.earn(points.worth(merchant_id, 10**7, buyer_id=buyer), now=now)
    friend, wanted = make_people.person().id, mall.lucky(3_000, 1)
    packet = send_red_packet(buyer_id=friend, packet=wanted, from_balance=False, key="bench", now=now)
    intent = make_payments.intent(purpose=packet_money.purpose(packet.no), amount_fen=3_000, now=now)
    paid = make_payments.fact(intent.no, amount_fen=3_000, success_at=now, payer_openid="friend")
    confirm_answers(facts=[paid], now=now)
    open_red_packet(person_id=buyer, code=packet.code, now=now)


def _ask(token: str, body: dict) -> tuple[dict, float]:
    """Ask once; return the answer and how many ms it took."""
    from django.test import Client

    client = Client(headers={"authorization": f"Bearer {token}"})
    words = json.dumps(body)
    began = time.perf_counter()
    answer = client.post(_URL, words, content_type="application/json")
    took = (time.perf_counter() - began) * 1000
    if answer.status_code != 200:
        raise SystemExit(f"{answer.status_code} {answer.content[:300]!r}")
    return answer.json(), took


def _told(seen: dict, told: argparse.Namespace) -> str:
    """Return what the checkout came to; ends the benchmark when it isn't the one that is to be measured."""
    kinds = {one["kind"]: one["amount_fen"] for one in seen["discounts"]}
    lines = sum(len(one["lines"]) for one in seen["shops"])
    usable = sum(not one["code"] for one in seen["offers"])
    whole = (lines, len(seen["shops"])) == (told.lines, told.shops) and not seen["unbuyable"]
    if not (whole and kinds.get("coupon") and kinds.get("points") and seen["balance_fen"] and seen["freight_fen"]):
        raise SystemExit(f"not all of it is there: {lines} lines, {kinds}, balance {seen['balance_fen']}")
    return (
        f"{lines} lines of {len(seen['shops'])} shops, {len(seen['offers'])} vouchers ({usable} could be used,"
        f" {len(seen['chosen'])} are), {seen['goods_fen']} fen of goods, lowered by {kinds}, freight"
        f" {seen['freight_fen']}, balance {seen['balance_fen']}"
    )


def _measure(name: str, token: str, body: dict, runs: int, *, limit: int = 0) -> None:
    for _ in range(10):
        _ask(token, body)
    asked = _questions(token, body)
    times = sorted(_ask(token, body)[1] for _ in range(runs))
    middle, late = statistics.median(times), times[min(runs - 1, int(runs * 0.99))]
    mark = f"   (limit p50 ≤ {limit} ms)" if limit else ""
    over = "  over the limit" if limit and middle > limit else ""
    print(f"  {name:<42}p50 {middle:>6.1f} ms   p99 {late:>6.1f} ms   {asked} questions{mark}{over}", flush=True)


def _questions(token: str, body: dict) -> int:
    """Return how often a call waits for the database, begin and commit included."""
    from unittest import mock

    asked, wait = mock.Mock(), psycopg.Connection.wait

    def counted(self: psycopg.Connection, *args: object, **kwargs: object) -> object:
        asked()
        return wait(self, *args, **kwargs)  # type: ignore[arg-type]

    with mock.patch.object(psycopg.Connection, "wait", counted):
        _ask(token, body)
    return asked.call_count


if __name__ == "__main__":
    main()
