"""kill -9 of web, worker and database, each and all, while orders are placed and paid and links clicked.

Nothing that was acknowledged is lost, nothing is done twice, and the work goes on by itself.
"""

import random

import pytest

from tests.faults.living import STOCK, Living, Load
from tests.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]
PARTS = ("web", "worker", "postgres")


def test_kills_at_any_moment_lose_nothing_and_repeat_nothing(living: Living):
    chance = random.Random()
    rounds: list[tuple[str, ...]] = [*((part,) for part in PARTS), PARTS, *((part,) for part in PARTS), PARTS]
    load = Load(living)
    former = {part: set[int]() for part in PARTS}
    try:
        for doomed in rounds:
            load.until(chance.randint(3, 12))
            for part in doomed:
                until(lambda part=part: living.pid(part), what=f"{part} runs")
                former[part].add(living.pid(part))
                living.kill(part)
            for part in doomed:
                until(lambda part=part: living.pid(part) not in {None, *former[part]}, what=f"another {part}")
        load.until(10)
    finally:
        seen = load.stop()
    assert all(len(pids) == 4 for pids in former.values())  # the kills were real …
    assert seen.troubles > 0  # … and were felt
    until(living.all_well, what="all well")
    _nothing_lost(living, load)


def _nothing_lost(living: Living, load: Load) -> None:
    seen = load.seen
    assert len(seen.paid) >= 40
    until(lambda: not _unpaid(living, seen.paid), what="each payment is booked")
    kept = dict(living.sql("SELECT key, answer->>'checkout_no' FROM idempotency_key WHERE scope LIKE '%:place_order'"))
    assert {key: number for key, (_, number) in seen.placed.items()} == kept
    assert {no for (no,) in living.sql("SELECT no FROM orders_checkout")} == set(kept.values())
    # Each notice that was answered with success is kept.
    notices = living.control("notices")["notices"]
    delivered = {one["id"] for one in notices if one["state"] == "delivered"}
    assert delivered and delivered <= {no for (no,) in living.sql("SELECT notice_no FROM payments_notice")}
    # Booked once: a sale for each line paid, one accrual a role, one piece of stock.
    [(lines, sales, accruals, roles)] = living.sql(
        "SELECT (SELECT count(*) FROM orders_line), (SELECT count(*) FROM commission_sale),"
        " (SELECT count(*) FROM commission_accrual),"
        " (SELECT count(*) FROM (SELECT DISTINCT sale_id, role FROM commission_accrual) x)"
    )
    assert lines == sales == len(seen.paid) and accruals == roles >= lines
    assert living.sql("SELECT free FROM catalog_sku WHERE id = %s", living.seed["sku"]) == [(STOCK - lines,)]
    [(clicks,)] = living.sql("SELECT count(*) FROM attribution_click")
    assert seen.clicks and clicks >= seen.clicks
    done = living.tuike("verify")
    assert done.returncode == 0, done.stdout


def _unpaid(living: Living, paid: dict[str, str]) -> list[str]:
    states = dict(living.sql("SELECT c.no, o.state FROM orders_order o JOIN orders_checkout c ON c.id = o.checkout_id"))
    return [number for number in paid if states.get(number) != "paid"]
