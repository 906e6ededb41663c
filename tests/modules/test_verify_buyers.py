"""Whatever is changed of the counted groups of buyers behind the product's back, `verify` names it."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.make import buyers as make
from tuike.buyers import service
from tuike.db import rows
from tuike.insight import verify

pytestmark = pytest.mark.django_db
CHECKS = ("buyers",)
NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def found():
    """Return what the check says, and how many groups it looked at."""
    [result] = verify.run(names=[*CHECKS])
    return [f"{one.object}: {one.what}" for one in result.findings], result.rows


@pytest.fixture
def shop():
    """A shop with twelve buyers of whom ten came back."""
    shop = make.shop()
    for buyer in range(12):
        make.buy(shop, buyer_id=buyer + 1, at=NOW - 9 * DAY, goods=((0, 1, 9_900), (1, 1, 500)), region="440305")
    for buyer in range(10):
        make.buy(shop, buyer_id=buyer + 1, at=NOW - 2 * DAY, refunded_fen=100)
    assert found() == ([], 0)  # before the first count there is nothing to look at
    service.count_anew(now=NOW)
    return shop


def test_what_was_counted_holds_and_goes_on_holding_while_orders_come_and_go_back(shop):
    findings, groups = found()
    assert findings == [] and groups > 40
    late = make.buy(shop, buyer_id=90, at=NOW - 3 * DAY)
    rows.run("UPDATE orders_line SET refunded_fen = paid_fen WHERE order_id = %s", [late.order_id])
    assert found()[0] == []


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ("paid_fen = paid_fen + 1 WHERE section = 'hour'", "2026-10-01 hour: adds up to"),
        ("refunded_fen = refunded_fen + 1 WHERE section = 'price'", "2026-10-01 price: adds up to"),
        ("orders = orders + 1 WHERE section = 'city'", "2026-10-01 city: adds up to"),
        ("buyers = buyers + 1 WHERE section = 'rfm' AND key = '000'", "2026-10-01 rfm: adds up to"),
        ("buyers = buyers + 1 WHERE section = 'way'", "2026-10-01 way: adds up to 13 people, new ones are 12"),
        ("buyers = buyers + 1 WHERE section = 'cohort'", "2026-10-01 cohort: adds up to 13 people"),
        ("orders = orders + 9 WHERE section = 'total'", "2026-10-01: counted 31"),
        ("period = '2026-07-01' WHERE section = 'total'", "2026-07-01: counted 22"),
    ],
)
def test_a_changed_group_is_named(shop, change, named):
    assert rows.run(f"UPDATE buyers_group SET {change} AND owner_id = %s", [shop.id]) > 0
    findings, _ = found()
    assert any(one.startswith(f"owner {shop.id} {named}") for one in findings), findings
    assert not any(one.startswith("owner 0 ") for one in findings)


def test_an_order_that_is_gone_is_missed(shop):
    rows.run("UPDATE orders_order SET buyer_id = NULL WHERE id = %s", [shop.bought[0].order_id])
    findings, _ = found()
    assert {one.partition(":")[0] for one in findings} == {"owner 0 2026-10-01", f"owner {shop.id} 2026-10-01"}
