"""The buyers' profile: counting all groups of all shops anew, and reading the largest owner's page of figures.

`python -m bench.buyers [--orders 1000000] [--again]`, on `bench/big_alliance.py`: a year, of every fifth order a second line,
of every third a coupon; cities and a touch of half of the orders' buyers are written beside.
"""

import argparse
from datetime import UTC, datetime

from bench import big_alliance, ground

NOW = datetime(2027, 1, 5, 4, 0, tzinfo=UTC)
_BESIDE = (
    "UPDATE orders_order SET city_code = (ARRAY['440300','440100','310100','110100','330100','510100',''])[1 + id %% 7]",
    "INSERT INTO orders_line (id, order_id, merchant_id, no, product_id, sku_id, category_id, title, spec, quantity,"
    " price_fen, discount_fen, paid_fen, refunded_fen, refunded_quantity) SELECT id + 100000000, order_id, merchant_id, 2,"
    " product_id, sku_id, 1 + (category_id + 3) %% 300, title, '', 1, 0, 0, 0, 0, 0 FROM orders_line WHERE id %% 5 = 0",
    "INSERT INTO orders_discount (line_id, kind, source, funded_by, amount_fen, points) SELECT id, 'coupon', 'K', 'merchant',"
    " 0, 0 FROM orders_line WHERE id %% 3 = 0 AND no = 1",
    "INSERT INTO attribution_touch (visitor, buyer_id, link_id, touched_at) SELECT '', o.buyer_id, l.id,"
    " o.placed_at - (o.id %% 40) * interval '1 day' FROM orders_order o JOIN attribution_link l"
    " ON l.id = (SELECT min(id) FROM attribution_link) + o.id %% 1000 WHERE o.id %% 2 = 0",
    "VACUUM ANALYZE",
)


def main() -> None:
    """Run the benchmark and print its figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--orders", type=int, default=1_000_000)
    parser.add_argument("--again", action="store_true", help="on the database of the last run")
    given = parser.parse_args()
    with ground.database(again=given.again):
        if given.again:
            big = big_alliance.find(now=NOW, days=365)
        else:
            big = big_alliance.make(accruals=round(given.orders * 3.8), days=365, now=NOW, earned=False)
            _write()
        from tuike.buyers.types import EVERYBODY
        from tuike.db import rows
        from tuike.flows.count_buyers import count_buyers
        from tuike.insight import buyer_profile, verify

        ground.told(f"{big.orders:,} orders counted anew", [ground.seconds(lambda: count_buyers(now=NOW))], "s")
        found = rows.query("SELECT count(*), count(DISTINCT owner_id) FROM buyers_group")[0]
        print(f"  {found[0]:,} groups of {found[1]:,} owners", flush=True)
        for who, owner in (("everybody", EVERYBODY), ("the largest shop", big.parties["shop"].id)):
            took = [ground.seconds(lambda owner=owner: buyer_profile.profile(owner_id=owner)) * 1000 for _ in range(20)]
            ground.told(f"figures of the page, {who}", took, "ms")
        ground.told("verify", [ground.seconds(lambda: verify.run(names=["buyers"]))], "s")


def _write() -> None:
    import psycopg

    with psycopg.connect(ground.owner_url(), autocommit=True) as link:
        link.execute("SET statement_timeout = 0")
        for statement in _BESIDE:
            link.execute(statement.replace("%%", "%"))


if __name__ == "__main__":
    main()
