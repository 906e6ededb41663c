"""The buyers' profile: its figures and charts exact, small groups hidden on the page and in files, who sees it."""

import csv
import io
import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests.make import buyers as make
from tests.make import parties as make_parties
from tuike.buyers import service
from tuike.db import rows
from tuike.doors.jobs import tasks
from tuike.kit import clock
from tuike.parties import queries as parties
from tuike.parties.types import Role

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
DAY = timedelta(days=1)
CHARTS = [
    "arrival", "times", "rfm", "pieces", "value", "price", "together", "province", "city", "hour", "weekday", "saving",
    "way", "way_days", "way_touches", "worth",
]  # fmt: skip


@pytest.fixture
def shop(db, monkeypatch):
    """A shop of twelve buyers in Shenzhen at noon, three of whom in Shanghai in the morning, too."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    found = make.shop(party_id=make_parties.merchant().id)
    for buyer in range(12):
        make.buy(found, buyer_id=buyer + 1, at=NOW - 3 * DAY, goods=((0, 1, 9_900), (1, 2, 1_500)), region="440305")
    for buyer in range(3):
        at = NOW - 2 * DAY - timedelta(hours=3)
        make.buy(found, buyer_id=buyer + 1, at=at, goods=((0, 1, 30_000),), region="310115", refunded_fen=1_000)
    service.count_anew(now=NOW)
    return found


@pytest.fixture
def merchant(shop):
    """The shop as a party."""
    return parties.refs([shop.id])[shop.id]


def text(answer):
    """Return a page that was answered."""
    assert answer.status_code == 200, answer.content.decode()[:300]
    return answer.content.decode().replace("&amp;", "&").replace("&#x27;", "'")


def option(page, key):
    """Return the option of a chart."""
    return json.loads(re.search(rf'<script id="option-{key}" type="application/json">(.*?)</script>', page)[1])


def bars(page, key):
    """Return what a chart shows: name → people, None where it is hidden."""
    found = option(page, key)
    axis = found["xAxis"] if found["xAxis"].get("data") else found["yAxis"][0]
    return dict(zip(axis["data"], found["series"][0]["data"], strict=True))


def file_of(answer):
    """Return a file's rows."""
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


def test_the_figures_of_a_shop_are_exact_and_small_groups_are_hidden(sit, shop, merchant):
    page = text(sit(merchant, Role.PRODUCT_MANAGER).get("buyers"))
    cards = dict(re.findall(r'<div class="kpi"><small>(.*?)</small><b>(.*?)</b>', page))
    paid = 12 * 12_900 + 3 * 30_000 - 3 * 1_000
    assert cards == {
        "买家": "12", "订单": "15", "净额": f"¥{paid // 100:,}.00", "每单净额": "¥161.20", "人均净额": "¥201.50",
        "新买家占比": "100%", "复购占比": "—",
    }  # fmt: skip
    assert bars(page, "arrival") == {"新买家": 12, "老买家": 0}
    assert "option-pieces" not in page  # three of one piece: those of three pieces would say how much they spent
    assert "广东省" not in page and "上海" not in page
    assert "这里的各组都少于 10 人，或须随之隐去" in page
    assert "数据截至 2026-11-21" in page


def test_charts_change_when_the_data_do(sit, shop, merchant):
    seat = sit(merchant)
    before = text(seat.get("buyers"))
    assert "option-province" not in before and bars(before, "arrival")["新买家"] == 12
    for buyer in range(20, 32):
        make.buy(shop, buyer_id=buyer, at=NOW - 2 * DAY, region="310115")
    assert "option-province" not in text(seat.get("buyers"))  # until it is counted
    tasks.count_groups(NOW)
    page = text(seat.get("buyers"))
    assert bars(page, "arrival")["新买家"] == 24
    assert bars(page, "province") == {"上海市": 15, "广东省": 12}
    assert bars(page, "city") == {"上海市": 15, "深圳市": 12}
    assert bars(page, "weekday")["周四"] == 12
    pair = next(iter(bars(page, "together")))
    assert bars(page, "together")[pair] == 12


def test_what_is_hidden_is_said_in_words_on_the_page_and_in_the_file(sit, shop, merchant):
    for buyer in range(40, 60):
        make.buy(shop, buyer_id=buyer, at=NOW - 4 * DAY, region="110101")
    service.count_anew(now=NOW)
    seat = sit(merchant)
    page = text(seat.get("buyers"))
    assert bars(page, "province") == {"北京市": 20, "上海市 *": None, "广东省 *": None}
    assert "* 少于 10 人，或为不让其被算出而一并隐去" in page
    found = file_of(seat.get("buyers", {"part": "csv", "of": "province"}))
    assert found[0] == ["群体", "买家", "占全部买家（%）", "订单", "净额（元）", "每单净额（元）", "说明"]
    assert found[1] == ["北京市", "20", "62.5", "20", "1980.00", "99.00", ""]
    assert found[2:] == [[name, "", "", "", "", "", "少于 10 人，或随之隐去"] for name in ("上海市", "广东省")]
    english = file_of(sit(merchant, english=True).get("buyers", {"part": "csv", "of": "province"}))
    assert english[2][-1] == "Fewer than 10, or hidden with them"


def test_every_chart_has_a_file_and_nothing_else_has_one(sit, merchant):
    seat = sit(merchant)
    for key in CHARTS:
        assert len(file_of(seat.get("buyers", {"part": "csv", "of": key}))) >= 1, key
    for query in (
        {"part": "csv", "of": "total"}, {"part": "csv", "of": "cohort"}, {"part": "csv"}, {"part": "rows"},
        {"period": "2026-08-01"}, {"period": "2020-01-01"}, {"period": "x"},
        {"period": "2026-07-01", "part": "csv", "of": "rfm"},
    ):  # fmt: skip
        assert seat.get("buyers", query).status_code == 404, query


def test_a_quarter_with_fewer_than_ten_buyers_says_why_it_shows_nothing(sit, merchant):
    page = text(sit(merchant).get("buyers", {"period": "2026-07-01"}))
    assert "本季度的买家少于 10 人" in page and "data-chart=" not in page
    english = text(sit(merchant, english=True).get("buyers", {"period": "2026-07-01"}))
    assert "fewer than 10 buyers" in english
    other = make_parties.merchant()
    assert "本季度的买家少于 10 人" in text(sit(other).get("buyers"))
    rows.run("DELETE FROM buyers_edition")
    assert "还没有统计过" in text(sit(merchant).get("buyers"))


def test_a_shop_sees_its_own_and_the_operator_all(sit, shop, merchant):
    other = make.shop(party_id=make_parties.merchant().id)
    for buyer in range(1, 11):
        make.buy(other, buyer_id=buyer, at=NOW - 5 * DAY)
    service.count_anew(now=NOW)

    def buyers(page):
        return re.search(r"<small>买家</small><b>(.*?)</b>", page)[1], bars(page, "arrival")

    everybody = text(sit(make_parties.operator(), Role.AUDITOR).get("buyers"))
    assert buyers(everybody) == ("12", {"新买家": 12, "老买家": 0})  # ten of them bought in both shops
    assert "<small>订单</small><b>25</b>" in everybody
    assert buyers(text(sit(merchant).get("buyers"))) == ("12", {"新买家": 12, "老买家": 0})
    assert buyers(text(sit(parties.refs([other.id])[other.id]).get("buyers"))) == ("10", {"新买家": 10, "老买家": 0})


@pytest.mark.parametrize("kind", ["promoter", "leader"])
def test_promoters_and_leaders_have_no_such_page_and_see_no_shops(sit, merchant, kind):
    party = make_parties.promoter() if kind == "promoter" else make_parties.leader()
    seat = sit(party)
    assert seat.client.get(f"/{kind}/{party.no}/buyers/").status_code == 404
    assert seat.client.get(f"/merchant/{merchant.no}/buyers/").status_code == 404
    assert "buyers/" not in text(seat.get("home"))


def test_who_may_count_anew_has_the_button_and_others_are_refused(sit, shop, merchant):
    operator = make_parties.operator()
    assert "重新统计" in text(sit(operator, Role.OPERATOR).get("buyers"))
    assert sit(operator, Role.OPERATOR).post("buyers-count").status_code in (200, 204)
    waiting = rows.query("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'count_buyers'")
    assert waiting == [(1,)]
    for role in (Role.FINANCE, Role.AUDITOR):
        assert "重新统计" not in text(sit(operator, role).get("buyers"))
        assert sit(operator, role).post("buyers-count").status_code == 403
    assert "重新统计" not in text(sit(merchant).get("buyers"))
    assert rows.query("SELECT count(*) FROM procrastinate_jobs WHERE task_name = 'count_buyers'") == waiting


def test_a_page_asks_as_much_of_many_groups_as_of_few(sit, shop, merchant):
    seat = sit(merchant)
    seat.get("buyers")
    with CaptureQueriesContext(
        connection,
    ) as few:
        seat.get("buyers")
    for buyer in range(100, 130):
        make.buy(
            shop, buyer_id=buyer, at=NOW - (buyer % 28 + 1) * DAY, region=("440305", "310115", "110101")[buyer % 3]
        )
    service.count_anew(now=NOW)
    with CaptureQueriesContext(connection) as many:
        page = text(seat.get("buyers"))
    assert "北京" in page
    assert len(many) <= len(few) + 1  # the names of categories
