"""What promoters do, page by page: exact figures for each party, today as it is now, from promoters to products."""

import json
import re
from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import parties as make_parties
from tuike.attribution import service as attribution
from tuike.attribution.types import ClickFacts, ShareKind, Surface
from tuike.db import ids, rows
from tuike.figures import service as figures
from tuike.kit import clock
from tuike.parties import queries as parties

DAY = timedelta(days=1)
KINDS = ("promoter", "merchant", "leader", "operator")


def clicked(one, visitors, *, at, leader=False):
    link = make.link(one, now=make.NOON, leader=leader)
    attribution.add_clicks(
        clicks=[
            ClickFacts(id_, link.link_id, one.shop.id, one.promoter.id, at, visitor, b"", "")
            for id_, visitor in zip(ids.take("attribution_click", len(visitors)), visitors, strict=True)
        ]
    )
    return link


def shared(one, key, *, at):
    attribution.record_share(
        promoter_id=one.promoter.id,
        code=make.link(one, now=make.NOON).code,
        kind=ShareKind.WORDING,
        surface=Surface.PHONE,
        key=key,
        now=at,
    )


@pytest.fixture
def one(db, monkeypatch):
    """An alliance with two days: yesterday is counted, today only recorded; it is the evening of the second."""
    one = make.alliance()
    make.link(one, leader=True)  # the product is enrolled in the leader's activity
    make.touch(one)
    order = make.bought(one, pieces=(1, 2))
    clicked(one, ["a", "a", "b"], at=make.NOON)
    shared(one, "first", at=make.NOON)
    evening = make.NOON + DAY + timedelta(hours=6)
    figures.count(order_nos=[order.no], now=make.NOON)
    figures.count_clicks(now=make.NOON + DAY)
    refunded = make.bought(one, now=make.NOON + DAY)
    make.refunded(refunded, (1, 1), now=make.NOON + DAY + timedelta(hours=1))
    clicked(one, ["a", "c", "c", "c", "c"], at=make.NOON + DAY)
    shared(one, "second", at=make.NOON + DAY)
    shared(one, "third", at=make.NOON + DAY)
    monkeypatch.setattr(clock, "now", lambda: evening)
    return one


def party(one, kind):
    if kind == "operator":
        return parties.operator() or make_parties.operator()
    return {"promoter": one.promoter, "merchant": one.shop, "leader": one.leader}[kind]


def place(one):
    """Return number and name of the place at which everything happened."""
    [found] = rows.query("SELECT pid, name FROM attribution_place WHERE id = %s", [make.link(one).place_id])
    return found


def text(answer, status=200):
    assert answer.status_code == status, answer.content.decode()[:800]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def row(answer):
    """Return the cells of the table's only row, without the first."""
    found = re.findall(r'<td data-label="([^"]+)".*?<div class="v">(.*?)</div></td>', answer.content.decode(), re.S)
    assert len(found) == 8, found
    return [re.sub(r"<[^>]+>", "", value).strip() for _, value in found][1:]


@pytest.mark.parametrize("kind", KINDS)
def test_each_party_sees_the_span_with_today_as_it_is_now(one, sit, kind):
    here = sit(party(one, kind))
    # 3 + 5 clicks of 2 + 2 visitors; two orders, of 17970 and of 5990, the second refunded: 5990 of 23960.
    assert row(here.get("behaviour")) == ["3", "8", "4", "2", "25%", "¥239.60", "25%"]
    # Today alone: five clicks of two visitors, one order, refunded as a whole.
    assert row(here.get("behaviour", {"span": "1"})) == ["2", "5", "2", "1", "20%", "¥59.90", "100%"]


@pytest.mark.parametrize("kind", ("merchant", "leader", "operator"))
def test_from_a_promoter_to_its_places_and_their_products(one, sit, kind):
    here = sit(party(one, kind))
    page = here.get("behaviour", {"span": "30"}).content.decode()
    address = here.url("behaviour-promoter", promoter_no=one.promoter.no)
    assert f'href="{address}?span=30"' in page
    places = here.get(address)
    expected = ["3", "8", "4", "2", "25%", "¥239.60", "25%"]
    assert row(places) == expected
    pid, name = place(one)
    assert f'href="{here.url("behaviour-place", pid=pid)}?span=7"' in places.content.decode()
    assert (name in text(places)) is (kind == "operator"), "what a promoter calls a place is its own affair"
    products = here.get("behaviour-place", pid=pid)
    assert row(products) == expected
    assert "手绘青瓷盖碗" in text(products)
    assert row(here.get("behaviour", {"by": "product"})) == expected


def test_a_promoter_goes_from_its_places_to_their_products(one, sit):
    here = sit(one.promoter)
    pid, _ = place(one)
    assert f'href="{here.url("behaviour-place", pid=pid)}?span=7"' in here.get("behaviour").content.decode()
    assert "手绘青瓷盖碗" in text(here.get("behaviour-place", pid=pid))
    assert "手绘青瓷盖碗" in text(here.get("behaviour", {"by": "product"}))


def test_who_has_nothing_to_do_with_a_promoter_learns_nothing_of_it(one, sit):
    pid, _ = place(one)
    for stranger in (make_parties.merchant(), make_parties.leader()):
        here = sit(stranger)
        assert "这段时间还没有数据" in text(here.get("behaviour"))
        assert here.get("behaviour-promoter", promoter_no=one.promoter.no).status_code == 404
        assert here.get("behaviour-place", pid=pid).status_code == 404
        assert here.get("behaviour-promoter", promoter_no=one.shop.no).status_code == 404
    other = sit(make_parties.promoter(phone="13900000077"))
    assert "这段时间还没有数据" in text(other.get("behaviour"))
    assert other.get("behaviour-place", pid=pid).status_code == 404
    assert other.get("behaviour-place", pid="nothing").status_code == 404


@pytest.mark.parametrize("query", [{"span": "2"}, {"span": "x"}, {"by": "merchant"}, {"by": "place"}])
def test_what_cannot_be_asked_is_not_there(one, sit, query):
    assert sit(one.shop).get("behaviour", query).status_code == 404


def test_leaders_see_their_products_within_the_cooperation_only(one, sit):
    here = sit(one.leader)
    rows.run("UPDATE cooperation_enrolment SET starts_at = %s", [make.NOON + DAY])
    assert row(here.get("behaviour", {"span": "30"})) == ["2", "5", "2", "1", "20%", "¥59.90", "100%"]
    rows.run(
        "UPDATE cooperation_enrolment SET starts_at = %s, state = 'ended', end_cause = 'at_once', ended_at = %s",
        [make.NOON - DAY, make.NOON],
    )
    assert row(here.get("behaviour", {"span": "30"}))[:4] == ["1", "3", "2", "1"]


def test_today_is_live_and_what_stands_below_reloads_when_it_moved(one, sit):
    here = sit(one.promoter)
    page = here.get("behaviour").content.decode()
    address = re.search(r'hx-get="(\?part=live[^"]*)"', page)[1].replace("&amp;", "&")
    assert 'hx-trigger="every 4s"' in page
    still = here.get(here.url("behaviour") + address, htmx=True)
    assert "HX-Trigger" not in still.headers
    assert re.findall(r"<dd>(.*?)</dd>", still.content.decode()) == ["2", "5", "2", "1", "20%", "100%"]
    clicked(one, ["new"], at=clock.now())
    shared(one, "fourth", at=clock.now())
    moved = here.get(here.url("behaviour") + address, htmx=True)
    assert json.loads(moved.headers["HX-Trigger"]) == {"list-changed": True}
    assert re.findall(r"<dd>(.*?)</dd>", moved.content.decode()) == ["3", "6", "3", "1", "16.66%", "100%"]
    again = re.search(r'hx-get="(\?part=live[^"]*)"', moved.content.decode())[1].replace("&amp;", "&")
    assert "HX-Trigger" not in here.get(here.url("behaviour") + again, htmx=True).headers


def test_the_trend_and_the_best_are_those_of_the_figures(one, sit):
    page = sit(one.shop).get("behaviour").content.decode()
    option = json.loads(re.search(r'<script id="trend" type="application/json">(.*?)</script>', page)[1])
    assert option["xAxis"]["data"][-2:] == ["03-02", "03-03"]
    assert [one["data"][-2:] for one in option["series"]] == [[3, 5], [2, 2], [1, 2], [1, 1]]
    best = re.search(r'<ol class="best">(.*?)</ol>', page, re.S)[1]
    assert "推客小李" in best and "2 单" in best and "¥239.60" in best
    part = sit(one.promoter).get("behaviour", {"part": "sums", "span": "1"}, htmx=True).content.decode()
    assert "手绘青瓷盖碗" in part and "1 单" in part


def test_rows_are_found_filtered_sorted_and_summed(one, sit):
    here = sit(one.shop)
    assert row(here.get("behaviour", {"q": "推客小"}))
    assert "没有符合条件的记录" in text(here.get("behaviour", {"q": "nobody"}))
    assert row(here.get("behaviour", {"orders_min": "2", "clicks_max": "8", "refunds_min": "25"}))
    assert "没有符合条件的记录" in text(here.get("behaviour", {"orders_min": "3"}))
    for sort in ("shares", "-clicks", "visitors", "-orders", "conversion", "-paid", "refunds"):
        assert row(here.get("behaviour", {"sort": sort}))
    totals = text(here.get("behaviour", {"part": "totals"}, htmx=True))
    assert "¥239.60" in totals
    assert "CSV" in text(here.get("behaviour", {"part": "export"}, htmx=True))


@pytest.mark.parametrize("kind", KINDS)
def test_few_questions(one, sit, kind, django_assert_max_num_queries):
    here = sit(party(one, kind))
    here.get("behaviour")
    with django_assert_max_num_queries(15):
        assert here.get("behaviour").status_code == 200
    with django_assert_max_num_queries(15):
        assert here.get("behaviour", {"part": "live"}, htmx=True).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_in_english_no_chinese_stands_but_names(one, sit, kind):
    page = sit(party(one, kind), english=True).get("behaviour").content.decode()
    assert "Today, live" in page and "今日实时" not in page


class TestSharing:
    """Material that is copied or downloaded in the console."""

    def test_a_press_is_kept_once_by_its_key(self, one, sit):
        here, code = sit(one.promoter), make.link(one, now=make.NOON).code
        shown = here.get("material", code=code, htmx=True).content.decode()
        assert f'data-share-url="{here.url("material-share", code=code)}"' in shown
        assert {"link", "wording", "poster", "code"} <= set(re.findall(r'data-share="(\w+)"', shown))
        before = self.kept()
        for _ in range(2):
            assert here.post("material-share", {"kind": "poster", "key": "press"}, code=code).status_code == 204
        assert self.kept() == [*before, ("poster", "console", clock.now())]

    def test_what_is_no_share_is_refused_and_changes_nothing(self, one, sit):
        here, code, before = sit(one.promoter), make.link(one, now=make.NOON).code, self.kept()
        assert here.post("material-share", {"kind": "dance"}, code=code).status_code == 422
        assert here.post("material-share", {"kind": "link", "key": ""}, code=code).status_code == 422
        assert here.post("material-share", {"kind": "link"}, code="nothing").status_code == 404
        other = sit(make_parties.promoter(phone="13900000078"))
        assert other.post("material-share", {"kind": "link"}, code=code).status_code == 404
        assert self.kept() == before

    def kept(self):
        return rows.query("SELECT kind, surface, at FROM attribution_share ORDER BY id")
