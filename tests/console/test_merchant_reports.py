"""What a shop's software reported, in its console: with reasons, by filter, as a file; a mall shop has no such page."""

from datetime import timedelta

import pytest

from tests.console.unchanged import CHINESE, words_of
from tests.make import alliance as make
from tests.make.reports import PLACED, kept, order
from tuike.flows.take_reports import take_reports
from tuike.inbox import service as inbox
from tuike.insight.lists import listing, merchant_reports
from tuike.parties.types import Role, Source


@pytest.fixture
def one(db):
    return make.alliance(source=Source.MINI_PROGRAM, price_fen=10_000)


@pytest.fixture
def batch(one):
    """Return a batch of which one was taken, two were refused and one waits."""
    goods = [{"item": "tea-0", "quantity": 1, "price_fen": 1}]
    said = [order(one, "A"), order(one, "B", lines=goods), order(one, "C", paid_at=PLACED - timedelta(days=1))]
    made = kept(one, said)
    assert take_reports(now=PLACED) == {"done": 1, "refused": 2}
    kept(one, [order(one, "D")], key="k2")
    return made


def test_each_report_with_what_became_of_it(sit, one, batch):
    page = sit(one.shop, Role.ADMIN).get("reports")
    assert page.status_code == 200
    text = page.content.decode()
    for said in ("上报记录", batch.no, "商品不存在", "tea-0", "时间先后不合理", "待处理"):
        assert said in text, said
    assert not CHINESE.search(words_of(sit(one.shop, Role.ADMIN, english=True).get("reports")))


def test_by_state_and_by_reason(sit, one, batch):
    seat = sit(one.shop, Role.FINANCE)
    refused = seat.get("reports", {"state": "refused"}).content.decode()
    assert "tea-0" in refused
    rows = listing.page(merchant_reports.LISTING, {"party": one.shop.id}, {"code": "reported_goods_unknown"}).rows
    assert [row["external_no"] for row in rows] == ["B"]
    rows = listing.page(merchant_reports.LISTING, {"party": one.shop.id}, {"batch_no": batch.no.lower()}).rows
    assert [(row["external_no"], row["state"]) for row in rows] == [("C", "refused"), ("B", "refused"), ("A", "done")]
    assert rows[2]["order_no"] and rows[1]["order_no"] is None


def test_every_code_that_a_report_is_refused_with_has_its_words(one, batch):
    codes = {row["code"] for row in listing.page(merchant_reports.LISTING, {"party": one.shop.id}, {}).rows}
    assert codes - {None} <= set(merchant_reports.REASONS) and "report_not_taken" in merchant_reports.REASONS
    assert inbox.KEPT.days == 30


def test_a_mall_shop_and_another_shop(sit, one, batch):
    mall = make.alliance(beside=one)
    assert sit(mall.shop).get("reports").status_code == 404
    assert "上报记录" not in words_of(sit(mall.shop).get("orders"))
    assert "上报记录" in words_of(sit(one.shop).get("orders"))
    other = make.alliance(source=Source.MINI_PROGRAM, beside=one)
    assert batch.no not in words_of(sit(other.shop).get("reports"))
