"""Boards in every console: each figure against the rows that it opens, to the fen; who sees what; files and pieces."""

import csv
import io
import json
import re
from datetime import date
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import books
from tests.make import boarded
from tests.make import parties as make_parties
from tuike.audit.types import SYSTEM
from tuike.checkups import service as checkups
from tuike.db import rows
from tuike.doors.console.boards.drawn import MEASURES
from tuike.figures import queries as figures
from tuike.figures.types import Owner, Watermark
from tuike.insight.boards import behind, tiles
from tuike.insight.boards.types import EVERYBODY, Unit
from tuike.insight.lists import accruals, board_rows, listing
from tuike.kit import clock
from tuike.kit.errors import NotFound
from tuike.parties.types import Role

KINDS = ("promoter", "merchant", "leader", "operator")
SUMMED = {
    "shares": "shares", "clicks": "clicks", "visitors": "visitors", "orders": "orders", "paid": "paid",
    "refunded": "refunded", "received_orders": "orders", "settled_orders": "orders", "all_orders": "all_orders",
    "all_paid": "paid", "estimated": "amount", "pending": "amount", "held": "amount", "settled": "amount",
}  # fmt: skip
"""The column of the rows behind a tile whose sum is the tile; of `cancelled` it is how many rows there are."""


@pytest.fixture
def alliance(db, monkeypatch):
    found = boarded.story()
    monkeypatch.setattr(clock, "now", lambda: boarded.LOOKED)
    return found


def text(answer):
    assert answer.status_code == 200, answer.content.decode()[:300]
    return answer.content.decode().replace("&amp;", "&").replace("&#x27;", "'")


def option(page, key):
    return json.loads(re.search(rf'<script id="option-{key}" type="application/json">(.*?)</script>', page)[1])


def listing_of(kind, url):
    """Return the list that an address shows, and what it asks of it."""
    asked = dict(parse_qsl(urlsplit(url).query))
    path = urlsplit(url).path
    if path.endswith("/boards/traffic/"):
        return board_rows.TRAFFIC[kind], asked
    if path.endswith("/boards/lines/"):
        each = board_rows.EACH.get(kind) if {"promoter", "place"} & asked.keys() else None
        return each or board_rows.LINES[kind], asked
    assert path.endswith("/explorer/")
    return accruals.EVERY[kind], asked


def sum_behind(party, kind, url, key):
    """Return what the rows that an address shows add up to."""
    of, asked = listing_of(kind, url)
    if key == "cancelled":
        return listing.count(of, {"party": party.id}, asked, exact=True).n
    return listing.totals(of, {"party": party.id}, asked)[SUMMED[key]]


def value_of(page, key):
    """Return a tile's address and what it shows."""
    found = re.search(rf'id="tile-{key}" href="([^"]+)".*?<b>([^<]*)</b>', page, re.DOTALL)
    return found[1], found[2]


def digits(shown):
    return int(re.sub(r"[^0-9−]", "", shown).replace("−", "-") or 0)


@pytest.mark.parametrize("span", [7, 30, 90])
@pytest.mark.parametrize("kind", KINDS)
def test_every_tile_is_the_sum_of_the_rows_that_it_opens(alliance, sit, kind, span):
    party = alliance.of(kind)
    page = text(sit(party).get("boards", {"days": span}))
    for tile in tiles.of(kind):
        url, shown = value_of(page, tile.key)
        if tile.unit is Unit.BPS:
            continue
        assert digits(shown) == sum_behind(party, kind, url, tile.key), (tile.key, shown)
    books.check()


def test_the_tiles_of_a_shop_are_what_was_sold_there(alliance, sit):
    """By hand: three paid orders of the shop's own promoter, each two lines of ¥59.90 and ¥119.80 …"""
    page = text(sit(alliance.of("merchant")).get("boards", {"days": 90}))
    sold = rows.query(
        "SELECT count(DISTINCT s.order_no), sum(s.paid_fen), sum(s.refunded_fen) FROM commission_sale s"
        " JOIN attribution_claim c ON c.id = s.id WHERE s.merchant_id = %s AND s.kind = 'goods'",
        [alliance.of("merchant").id],
    )[0]
    assert digits(value_of(page, "orders")[1]) == sold[0] == 4
    assert digits(value_of(page, "paid")[1]) == sold[1] == 4 * 3 * 5_990
    assert digits(value_of(page, "refunded")[1]) == sold[2] == 5_990 + 3 * 5_990
    assert digits(value_of(page, "clicks")[1]) == 12
    assert digits(value_of(page, "visitors")[1]) == 9
    assert digits(value_of(page, "shares")[1]) == 3
    assert value_of(page, "conversion")[1] == "33.33%"
    assert value_of(page, "refund_rate")[1] == "33.33%"


@pytest.mark.parametrize("kind", KINDS)
def test_a_page_asks_few_questions(alliance, sit, kind):
    one = sit(alliance.of(kind))
    pieces = [({"days": 90}, 20), ({"part": "trend"}, 12)]
    pieces += [({"part": "best", "by": by, "days": 90}, 14) for by in behind.dimensions(kind)[:1]]
    for query, most in pieces:
        with CaptureQueriesContext(connection) as asked:
            assert one.get("boards", query).status_code == 200
        assert len(asked) <= most, [q["sql"][:90] for q in asked]


@pytest.mark.parametrize("kind", KINDS)
def test_each_of_the_best_is_the_sum_of_the_lines_that_it_opens(alliance, sit, kind):
    party = alliance.of(kind)
    one = sit(party)
    for by in behind.dimensions(kind):
        page = text(one.get("boards", {"part": "best", "by": by, "days": 90}))
        lines = re.findall(r"<tr>(.*?)</tr>", page.split("<tbody>")[1], re.DOTALL) if "<tbody>" in page else []
        paid, orders = 0, 0
        for line in lines:
            cells = re.findall(r"<t[dh][^>]*>(.*?)</t[dh]>", line, re.DOTALL)
            shown = [digits(re.sub(r"<[^>]+>", "", cell)) for cell in cells[1:]]
            paid, orders = paid + shown[2], orders + shown[1]
            link = re.search(r'href="([^"]+)"', cells[0])
            if link:
                of, asked = listing_of(kind, link[1])
                sums = listing.totals(of, {"party": party.id}, asked)
                assert (shown[2], shown[4]) == (sums["paid"], sums["refunded"]), (by, asked)
                assert shown[1] == sums["orders"], (by, asked)
        whole = text(one.get("boards", {"days": 90}))
        assert paid == digits(value_of(whole, "paid")[1]), by


@pytest.mark.parametrize("kind", KINDS)
def test_commission_by_role_and_status_opens_its_accruals(alliance, sit, kind):
    party = alliance.of(kind)
    page = text(sit(party).get("boards", {"days": 90}))
    table = page[page.index('id="chart-commission"') :].split("</table>")[0]
    cells = re.findall(r'href="([^"]+)">([^<]+)</a>', table)
    assert len(cells) % 5 == 0 and cells
    keys = ("estimated", "pending", "held", "settled", "cancelled")
    for number, (url, shown) in enumerate(cells):
        assert digits(shown) == sum_behind(party, kind, url, keys[number % 5]), url


def test_who_is_not_shown_what_is_not_its_own(alliance, sit):
    promoter, leader, merchant = (sit(alliance.of(kind)) for kind in ("promoter", "leader", "merchant"))
    for by in ("promoter", "merchant", "leader", "nothing", ""):
        assert promoter.get("boards", {"part": "best", "by": by}).status_code == 404, by
    assert leader.get("boards", {"part": "best", "by": "campaign"}).status_code == 404
    assert merchant.get("boards", {"part": "best", "by": "merchant"}).status_code == 404
    for one in (promoter, leader):
        assert one.get("boards", {"part": "cohorts"}).status_code == 404
        assert one.get("boards", {"part": "csv", "of": "cohorts"}).status_code == 404
    for query in ({"days": 2}, {"part": "x"}, {"part": "csv", "of": "x"}, {"part": "trend", "measure": "id"}):
        assert merchant.get("boards", query).status_code == 404, query
    assert merchant.get("boards", {"part": "best", "order": "id"}).status_code == 404
    # A party without anything sees nothing of the others.
    for make_one in (make_parties.promoter, make_parties.merchant, make_parties.leader):
        page = text(sit(make_one()).get("boards", {"days": 90}))
        assert "这段时间还没有数据" in page
        assert not re.search(r"<b>[^<]*[1-9][^<]*</b>", page.split('class="board-tiles"')[1])
    other = make_parties.merchant()
    for name in ("boards", "board-lines", "board-traffic"):
        assert merchant.get(name, of=other).status_code == 404


def test_a_shop_of_the_same_promoter_and_its_names_of_places_stay_unseen(alliance, sit):
    shop, beside = alliance.of("merchant"), alliance.story.beside.shop
    page = text(sit(shop).get("board-lines")) + text(sit(shop).get("board-traffic"))
    assert beside.no not in page
    assert "朋友圈" not in page and "朋友圈" in text(sit(alliance.of("promoter")).get("board-lines"))
    best = text(sit(shop).get("boards", {"part": "best", "by": "place", "days": 90}))
    assert "朋友圈" not in best


def test_the_trend_is_the_days_beside_the_days_before(alliance, sit):
    one = sit(alliance.of("merchant"))
    for measure in MEASURES:
        now, before = option(text(one.get("boards", {"part": "trend", "days": 30, "measure": measure})), "trend")[
            "series"
        ]
        assert len(now["data"]) == len(before["data"]) == 30
        summed = tiles.sums(
            owner=Owner.MERCHANT, owner_id=alliance.of("merchant").id,
            first=tiles.days_before(30, boarded.LOOKED)[0], last=tiles.days_before(30, boarded.LOOKED)[1],
        ).figures  # fmt: skip
        assert sum(before["data"]) == getattr(summed, measure), measure
    today = option(text(one.get("boards", {"days": 1})), "trend")
    assert len(today["xAxis"]["data"]) == 7, "one day alone is no line"


def test_the_change_is_against_as_many_days_before(alliance):
    shop = alliance.of("merchant").id
    asked = {"owner": Owner.MERCHANT, "owner_id": shop, "now": boarded.LOOKED}
    shown = tiles.tile_value("paid", span=30, **asked)
    sold = dict(
        rows.query(
            "SELECT (s.paid_at AT TIME ZONE 'Asia/Shanghai')::date >= %s::date, sum(s.paid_fen)::bigint"
            " FROM commission_sale s JOIN attribution_claim c ON c.id = s.id WHERE s.merchant_id = %s GROUP BY 1",
            [tiles.span_days(30, boarded.LOOKED)[0], shop],
        )
    )
    assert (shown.value, shown.before) == (sold[True], sold[False])
    assert shown.change_bps == (sold[True] - sold[False]) * 10_000 // sold[False]
    assert shown.watermark == figures.watermark().at
    for key, more in (("nothing", {}), ("paid", {"span": 8})):
        with pytest.raises(NotFound):
            tiles.tile_value(key, **{"span": 30, **asked, **more})
    with pytest.raises(NotFound):
        tiles.tile_value("all_paid", owner=Owner.PROMOTER, owner_id=1, span=7, now=boarded.LOOKED)


def test_every_tile_and_group_is_known_to_every_list(alliance):
    first, last = date(2026, 1, 1), date(2026, 1, 31)
    for kind in KINDS:
        for tile in tiles.of(kind):
            found = tile.behind(kind, first, last)
            of, asked = listing_of(kind, f"/x/{found.page.replace('board-', 'boards/')}/?" + _query(found))
            known = {key for one in of.all_filters for key in one.keys}
            assert asked.keys() <= known, (kind, tile.key)
        for by in behind.dimensions(kind):
            for no in ("X1", ""):
                found = behind.of_group(by, no, kind, first, last)
                of, asked = listing_of(kind, "/x/boards/lines/?" + _query(found))
                assert asked.keys() <= {key for one in of.all_filters for key in one.keys}, (kind, by)
                listing.totals(of, {"party": 1}, asked)
    assert all(one.kinds <= EVERYBODY for one in tiles.TILES.values())


def _query(found):
    from urllib.parse import urlencode

    return urlencode(found.asked)


@pytest.mark.parametrize("of", ["tiles", "trend", "funnel", "commission", "best", "cohorts"])
def test_every_chart_is_a_file_of_the_same_figures(alliance, sit, of):
    shop = alliance.of("merchant")
    answer = sit(shop, english=True).get("boards", {"part": "csv", "of": of, "days": 90})
    assert answer.status_code == 200 and "attachment" in answer.headers["Content-Disposition"]
    head, *lines = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")))
    assert lines and all(len(line) == len(head) for line in lines)
    if of == "tiles":
        value = {line[0]: line[2] for line in lines}
        assert value["Paid"] == "718.80" and value["Promoted orders"] == "4"
    if of == "best":
        paid = head.index("Paid (CNY)")
        assert sum(int(line[paid].replace(".", "")) for line in lines) == 71_880
    if of == "trend":
        assert sum(int(line[1].replace(".", "")) for line in lines) == 71_880
    if of == "funnel":
        assert [line[1] for line in lines] == ["3", "12", "9", "4", "2", "2"]


def test_cohorts_are_promoters_by_the_month_in_which_they_began(alliance, sit):
    for kind in ("merchant", "operator"):
        page = text(sit(alliance.of(kind)).get("boards", {"part": "cohorts", "measure": "paid"}))
        shown = option(page, "cohorts")
        assert shown["series"][0]["name"] == "2026-03"
        paid = sum(value for one in shown["series"] for value in one["data"] if value)
        of = board_rows.LINES[kind]
        assert paid == listing.totals(of, {"party": alliance.of(kind).id}, {"promoted": "yes"})["paid"]
        active = option(text(sit(alliance.of(kind)).get("boards", {"part": "cohorts"})), "cohorts")
        assert active["series"][0]["data"][0] == 10_000


def test_it_says_up_to_when_it_is_counted_and_whether_the_books_were_checked(alliance, sit, monkeypatch):
    one = sit(alliance.of("operator"), Role.AUDITOR)
    assert "账目尚未核对" in text(one.get("boards"))
    for at, said in ((None, "数据尚未开始统计"), (boarded.LOOKED, "数据截至 04-27 12:00:00")):
        monkeypatch.setattr(figures, "watermark", lambda at=at: Watermark(at, 7))
        assert said in text(one.get("boards"))
    checkups.ask(names=["figures"], actor=SYSTEM, now=boarded.LOOKED)
    taken = checkups.take(now=boarded.LOOKED)
    results = [
        {"name": name, "zh": "", "en": "", "rows": 1, "sum_fen": 1, "findings": []} for name in ("figures", "explorer")
    ]
    checkups.finish(checkup_id=taken.id, results=results, took_ms=1, now=boarded.LOOKED)
    assert "账目 0 分钟前已核对 ✓" in text(one.get("boards"))
    results[1]["findings"] = [{"object": "promoter:1", "what": "differs"}]
    checkups.ask(names=["figures"], actor=SYSTEM, now=boarded.LOOKED)
    taken = checkups.take(now=boarded.LOOKED)
    checkups.finish(checkup_id=taken.id, results=results, took_ms=1, now=boarded.LOOKED)
    assert "核对时不一致 ✗" in text(one.get("boards"))


def test_a_name_that_a_spreadsheet_would_run_is_text_in_a_file(alliance, sit):
    rows.run("UPDATE catalog_product SET title = '=1+1' WHERE merchant_id = %s", [alliance.of("merchant").id])
    answer = sit(alliance.of("merchant")).get("boards", {"part": "csv", "of": "best", "by": "product", "days": 90})
    assert "'=1+1" in answer.content.decode() and "\n=1+1" not in answer.content.decode()


@pytest.mark.parametrize("kind", KINDS)
def test_rows_open_what_they_came_to(alliance, sit, kind):
    one = sit(alliance.of(kind))
    lines = text(one.get("board-lines"))
    opened = re.search(r'<a class="open" href="([^"]+)"', lines)[1]
    assert parse_qs(urlsplit(opened).query).keys() == {"order_no"}
    assert 'class="opens"' in text(one.get(opened))
    traffic = text(one.get("board-traffic"))
    sold = re.search(r'<a class="open" href="([^"]+)"', traffic)[1]
    assert {"paid_at_from", "paid_at_to"} <= parse_qs(urlsplit(sold).query).keys()
    assert one.get(sold).status_code == 200


@pytest.mark.parametrize("kind", KINDS)
def test_home_pages_lead_to_the_board(alliance, sit, kind):
    one = sit(alliance.of(kind))
    page = text(one.get("home"))
    assert page.count(f'href="{one.url("boards")}') >= 2, "in the navigation, and beside the figures"
