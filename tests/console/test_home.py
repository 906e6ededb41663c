"""Home pages: the figures of a span, what waits, the best after the page; each party sees its own."""

import json
import re
from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import parties as make_parties
from tuike.attribution import service as attribution
from tuike.db import rows
from tuike.figures import service as figures
from tuike.kit import clock
from tuike.parties.types import PartyRef, Role, Source


@pytest.fixture
def sold(db, monkeypatch):
    """An alliance that sold two orders by promotion at the tests' noon; it is the evening of that day."""
    one = make.alliance()
    make.touch(one)
    orders = [make.bought(one, pieces=(1, 2)), make.bought(one)]
    figures.count(order_nos=[order.no for order in orders], now=make.NOON)
    monkeypatch.setattr(clock, "now", lambda: make.NOON + timedelta(hours=6))
    return one


def text_of(answer):
    """Return what a page shows, without its tags."""
    assert answer.status_code == 200, answer.content.decode()[:500]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def operator() -> PartyRef:
    from tuike.parties import queries

    return queries.operator() or make_parties.operator()


@pytest.mark.parametrize("span", ["1", "7", "30", "", "31", "x"])
def test_a_promoter_sees_what_its_promotion_brought(sold, sit, span):
    shown = text_of(sit(sold.promoter).get("home", {"days": span}))
    # 12 % of ¥59.90, of ¥119.80, and of ¥59.90 again.
    assert "付款订单 2" in shown
    assert "预估佣金 ¥28.73" in shown
    assert "待结算 ¥28.73" in shown


def test_the_trend_is_the_days_of_the_figures(sold, sit):
    page = sit(sold.promoter).get("home", {"days": "7"}).content.decode()
    option = json.loads(re.search(r'<script id="trend" type="application/json">(.*?)</script>', page)[1])
    assert len(option["xAxis"]["data"]) == 30
    assert option["xAxis"]["data"][-1] == "03-02"
    assert [one["data"][-1] for one in option["series"]] == [0, 2, 2873]
    assert sum(option["series"][2]["data"]) == 2873


def test_the_best_come_after_the_page(sold, sit):
    sitting = sit(sold.promoter)
    page = sitting.get("home").content.decode()
    assert 'hx-get="?days=7&amp;by=product"' in page
    assert "手绘青瓷盖碗" in text_of(sitting.get("home", {"by": "product"}, htmx=True))
    assert "青瓷朋友圈1" in text_of(sitting.get("home", {"by": "place"}, htmx=True))
    assert "手绘青瓷盖碗" not in text_of(sit(sold.recruiter).get("home", {"by": "place"}, htmx=True))


def test_a_merchant_sees_what_promotion_sold_and_cost(sold, sit):
    shown = text_of(sit(sold.shop, Role.FINANCE).get("home"))
    assert "推广订单 2" in shown and "全部订单 2" in shown
    assert "推广成交额 ¥239.60" in shown and "占全店 100%" in shown
    assert "预估佣金支出 ¥40.70" in shown  # 28.73 and 5 % of it all for the recruiter, in three parts
    assert "有 2 个订单待发货" in shown
    assert "推客小李" in text_of(sit(sold.shop).get("home", {"by": "promoter"}, htmx=True))


def more_to_ship(count: int) -> None:
    """Add orders like the first one, paid and not shipped, under numbers of their own."""
    rows.run(
        """
        INSERT INTO orders_order
        SELECT copy.* FROM (SELECT to_jsonb(t) AS row FROM orders_order t ORDER BY id LIMIT 1) AS o,
            generate_series(1, %s) AS g,
            jsonb_populate_record(
                NULL::orders_order, o.row || jsonb_build_object('id', -g, 'no', 'COPY' || g, 'checkout_id', NULL)
            ) AS copy
        """,
        [count],
    )


@pytest.mark.parametrize(("more", "said"), [(997, "999"), (998, "1,000"), (999, "1,000+"), (5_000, "1,000+")])
def test_orders_to_ship_are_counted_to_a_thousand_however_old_they_are(sold, sit, more, said):
    more_to_ship(more)
    rows.run("UPDATE orders_order SET placed_at = placed_at - interval '300 days' WHERE id < 0")
    assert f"有 {said} 个订单待发货" in text_of(sit(sold.shop).get("home"))


def test_an_external_shops_orders_are_not_ours_to_ship(db, sit):
    one = make.alliance(source=Source.MINI_PROGRAM)
    make.topped_up(one, 100_00, now=make.NOON)
    make.reported(one)
    assert rows.run("UPDATE orders_order SET state = 'paid', received_at = NULL") == 1
    assert "待发货" not in text_of(sit(one.shop).get("home"))


def test_the_desk_sees_its_queues_and_the_whole_alliance(sold, sit):
    shown = text_of(sit(operator(), Role.AUDITOR).get("home"))
    assert "推广成交额 ¥239.60" in shown
    assert "青瓷小铺" in text_of(sit(operator()).get("home", {"by": "merchant"}, htmx=True))


def test_what_is_missing_is_said_until_it_is_there(db, sit):
    promoter = make_parties.promoter(name="推客小李", phone="13900000002")
    sitting = sit(promoter)
    assert "还没有推广位" in text_of(sitting.get("home"))
    attribution.add_place(promoter_id=promoter.id, name="朋友圈", key="k1", now=clock.now())
    assert "还没有推广位" not in text_of(sitting.get("home"))
    assert "转化率 —" in text_of(sitting.get("home"))


def test_nobody_elses_home(sold, sit):
    stranger = sit(make_parties.promoter(name="别人", phone="13900000009"))
    assert stranger.get("home", of=sold.promoter).status_code == 404
    assert stranger.get("home", of=sold.shop, kind="merchant").status_code == 404
    assert "¥28.73" not in text_of(stranger.get("home"))


def test_english_has_no_chinese_but_data(sold, sit):
    for party in (sold.promoter, sold.shop, operator()):
        shown = sit(party, english=True).get("home").content.decode()
        main = shown[shown.index("<main") : shown.index("</main>")]
        assert not re.search(r"[\u4e00-\u9fff]", main)


def test_a_home_costs_few_statements(sold, sit, django_assert_max_num_queries):
    for party in (sold.promoter, sold.shop, operator()):
        sitting = sit(party)
        with django_assert_max_num_queries(15):
            assert sitting.get("home").status_code == 200
