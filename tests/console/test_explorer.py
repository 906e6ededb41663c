"""The explorer of accruals as each console shows it: rows, groups, columns, views, files, and the way to the ledger."""

import csv
import io
import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings as configured
from django.db import ProgrammingError, connection, transaction
from django.test.utils import CaptureQueriesContext

from tests import books
from tests.console.conftest import toast_of
from tests.make import explored
from tuike.audit.types import SYSTEM
from tuike.checkups import service as checkups
from tuike.db import rows
from tuike.insight.explorer import dimensions
from tuike.insight.lists import accruals, listing
from tuike.kit import clock
from tuike.parties.types import Role
from tuike.views import queries as views
from tuike.views.types import Keeper

ASKERS = ("promoter", "merchant", "leader", "operator")


@pytest.fixture
def story(db):
    return explored.story()


@pytest.fixture
def sitting(story, sit):
    """Return who sits before the console of a kind."""
    parties = {
        "promoter": story.one.promoter, "merchant": story.one.shop, "leader": story.one.leader,
        "operator": story.operator,
    }  # fmt: skip
    return lambda kind, **more: sit(parties[kind], **more)


def text(answer):
    return answer.content.decode().replace("&amp;", "&")


def yuan(fen):
    sign = "−" if fen < 0 else ""
    return f"{sign}¥{abs(fen) // 100:,}.{abs(fen) % 100:02}"


def links(page, end):
    """Return the addresses on a page whose path ends so."""
    return [url for url in re.findall(r'href="([^"]+)"', page) if urlsplit(url).path.endswith(end)]


@pytest.mark.parametrize("kind", ASKERS)
def test_each_console_shows_its_own_rows_with_totals_to_the_fen(sitting, kind):
    one = sitting(kind)
    scope = {"party": one.party.id}
    page = text(one.get("explorer"))
    count = listing.count(accruals.EVERY[kind], scope, {}, exact=True).n
    assert page.count('class="opens"') == min(count, 20) > 0
    sums = listing.totals(accruals.EVERY[kind], scope, {})
    totals = text(one.get("explorer", {"part": "totals"}))
    assert f"共 {count} 条" in totals
    assert f"当前佣金合计 <b>{yuan(sums['amount'])}</b>" in totals
    assert f"预估佣金合计 <b>{yuan(sums['first'])}</b>" in totals
    books.check()


@pytest.mark.parametrize("kind", ASKERS)
def test_a_page_asks_few_questions(sitting, kind):
    one = sitting(kind)
    for query in ({"view": "none"}, {"by": ["role", "paid_at_day"]}, {"part": "totals"}):
        with CaptureQueriesContext(
            connection,
        ) as asked:
            assert one.get("explorer", query).status_code == 200
        assert len(asked) <= 15, [q["sql"][:80] for q in asked]


@pytest.mark.parametrize("kind", ASKERS)
def test_every_dimension_groups_and_a_group_opens_its_rows(sitting, kind):
    one = sitting(kind)
    scope = {"party": one.party.id}
    for key in dimensions.groups_of(kind):
        page = text(one.get("explorer", {"by": key}))
        assert f'<option value="{key}" selected>' in page, key
        opened = links(page[page.index('id="list"') :], "/explorer/")
        opened = [url for url in opened if not {"by", "view"} & parse_qs(urlsplit(url).query).keys()]
        assert opened, key
        asked = {name: values[0] for name, values in parse_qs(urlsplit(opened[0]).query).items()}
        rows_of = text(one.get(opened[0]))
        assert rows_of.count('class="opens"') == min(listing.count(accruals.EVERY[kind], scope, asked).n, 20) > 0


def test_groups_show_counts_and_sums_and_their_totals_are_those_of_the_rows(sitting, story):
    one = sitting("merchant")
    scope = {"party": one.party.id}
    page = text(one.get("explorer", {"by": "role", "source": "mini_store"}))
    for role in ("direct", "leader", "tier2"):
        asked = {"role": role, "source": "mini_store"}
        assert yuan(listing.totals(accruals.OF_MERCHANT, scope, asked)["amount"]) in page
    totals = text(one.get("explorer", {"by": "role", "part": "totals"}))
    whole = listing.totals(accruals.OF_MERCHANT, scope, {})
    assert f"当前佣金合计 <b>{yuan(whole['amount'])}</b>" in totals
    assert f"笔数合计 <b>{listing.count(accruals.OF_MERCHANT, scope, {}, exact=True).n}</b>" in totals


def test_a_group_of_a_month_keeps_the_days_that_were_asked_for(sitting):
    one = sitting("operator")
    page = text(one.get("explorer", {"by": "paid_at_month", "paid_at_from": "2026-03-05", "paid_at_to": "2026-12-01"}))
    spans = [parse_qs(urlsplit(url).query) for url in links(page, "/explorer/") if "paid_at_from" in url]
    march = next(one for one in spans if one["paid_at_to"] == ["2026-03-31"])
    assert march["paid_at_from"] == ["2026-03-05"]


@pytest.mark.parametrize("kind", ASKERS)
def test_a_row_opens_its_computation_and_its_entries(sitting, kind):
    one = sitting(kind)
    scope = {"party": one.party.id}
    found = listing.page(accruals.EVERY[kind], scope, {"state": "settled"}).rows
    if kind == "leader":
        found = listing.page(accruals.EVERY[kind], scope, {}).rows
    page = text(one.get("explorer-row", accrual_id=found[0]["id"], htmx=True))
    assert "怎么算的" in page and "账本分录" in page
    assert "accrual:" in page.split("账本分录")[1]
    if kind in ("promoter", "operator"):
        assert "mature:" in page.split("账本分录")[1]


def test_nobody_opens_what_it_does_not_see(sitting, story):
    foreign = {
        "promoter": "payee_kind = 'leader'",
        "leader": "payee_kind = 'promoter'",
        "merchant": f"merchant_id = {story.beside.shop.id}",
    }
    for kind, condition in foreign.items():
        [(id_,)] = rows.query(f"SELECT min(id) FROM commission_accrual WHERE {condition}")
        assert sitting(kind).get("explorer-row", accrual_id=id_, htmx=True).status_code == 404, kind
    assert sitting("operator").get("explorer-row", accrual_id=999_999_999, htmx=True).status_code == 404


def test_columns_are_chosen_and_kept_by_seat(sitting, sit, story):
    one = sitting("merchant")
    dialog = text(one.get("explorer-columns", {"role": "direct"}, htmx=True))
    assert 'value="layer"' in dialog and 'value="payee"' in dialog and 'value="order_no"' not in dialog
    answer = one.post("explorer-columns", {"column": ["layer", "amount"], "asked": "role=direct"})
    assert answer.headers["HX-Redirect"].endswith("/explorer/?role=direct")
    page = text(one.get("explorer"))
    heads = re.findall(r'<th scope="col"[^>]*>(?:<a[^>]*>)?([^<]+)', page)
    assert heads == ["订单号", "佣金层级", "当前佣金"]
    other = sit(story.one.shop, Role.FINANCE)
    assert len(re.findall(r'<th scope="col"', text(other.get("explorer")))) > 5
    assert one.post("explorer-columns", {"column": ["nothing"], "asked": ""}).status_code == 422
    one.post("explorer-columns", {"usual": "1", "asked": ""})
    assert len(re.findall(r'<th scope="col"', text(one.get("explorer")))) > 5


def test_a_view_is_kept_opened_changed_and_removed(sitting, sit, story):
    one = sitting("promoter")
    query = "state=settled&by=shop&by=role&sort=-n"
    assert one.post("explorer-view-save", {"name": "  ", "asked": query}).status_code == 422
    answer = one.post("explorer-view-save", {"name": "已结算 按店铺", "asked": query})
    url = answer.headers["HX-Redirect"]
    kept = Keeper(one.party.id, one.person_id, "explorer")
    [view] = views.mine(keeper=kept)
    assert view.asked == {"state": "settled", "by": "shop,role", "sort": "-n"}
    page = text(one.get(url))
    assert "视图: <b data-data>已结算 按店铺</b>" in page and 'aria-sort="descending"' in page
    assert one.post("explorer-view-save", {"name": "已结算 按店铺", "asked": ""}).status_code == 409
    assert one.post("explorer-view-save", {"name": "坏的", "asked": "role=nobody"}).status_code == 422

    assert one.get("explorer").status_code == 200
    one.post("explorer-view", {"act": "first"}, view_id=view.id)
    opened = one.get("explorer")
    assert opened.status_code == 303 and opened.headers["Location"] == url
    assert one.get("explorer", {"view": "none"}).status_code == 200
    assert "state=settled" not in links(text(one.get("explorer", {"view": "none"})), "/explorer/")[0]

    one.post("explorer-view", {"act": "rename", "name": "店铺"}, view_id=view.id)
    answer = one.post("explorer-view", {"act": "replace", "asked": "?role=direct"}, view_id=view.id)
    assert toast_of(answer) == "视图已更新"
    [view] = views.mine(keeper=kept)
    assert view.name == "店铺" and view.asked["role"] == "direct" and "amount" in view.asked["cols"]
    assert one.post("explorer-view", {"act": "jump"}, view_id=view.id).status_code == 404

    other = sit(story.one.recruiter)
    for act in ("first", "unfirst", "delete", "rename", "replace"):
        assert other.post("explorer-view", {"act": act, "name": "x"}, view_id=view.id).status_code == 404
    assert views.mine(keeper=kept) == [view]
    one.post("explorer-view", {"act": "delete"}, view_id=view.id)
    assert views.mine(keeper=kept) == []
    assert one.get("explorer").status_code == 200


def test_the_same_key_saves_one_view_and_twenty_are_the_most(sitting):
    one = sitting("leader")
    for _ in range(2):
        one.post("explorer-view-save", {"name": "一", "asked": "", "key": "same"})
    for n in range(19):
        assert one.post("explorer-view-save", {"name": f"V{n}", "asked": ""}).status_code == 200
    assert one.post("explorer-view-save", {"name": "还有", "asked": ""}).status_code == 409
    assert len(views.mine(keeper=Keeper(one.party.id, one.person_id, "explorer"))) == 20


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_slice_as_a_file_is_what_the_page_shows(sitting, monkeypatch, tmp_path, kind):
    monkeypatch.setattr(configured, "EXPORTS_ROOT", tmp_path / "exports")
    one = sitting("operator")
    scope = {"party": one.party.id}
    for query in ({"cols": "layer,amount,state", "role": "direct"}, {"by": "product,role", "role": "direct,tier2"}):
        dialog = text(one.get("explorer", {"part": "export", **query}))
        signed = re.search(r'name="ask" value="([^"]+)"', dialog)[1]
        done = text(one.post("exports-start", {"ask": signed, "format": kind}))
        assert "文件已生成" in done
        url = next(url for url in re.findall(r'href="([^"]+/file)"', done))
        body = b"".join(one.get(url).streaming_content)
        assert yuan(listing.totals(accruals.OF_OPERATOR, scope, {"role": query["role"]})["amount"]) in done
        if kind == "xlsx":
            assert body.startswith(b"PK")
            continue
        head, *lines = csv.reader(io.StringIO(body.decode("utf-8-sig")))
        if "by" in query:
            assert head == ["商品", "商品编号", "角色", "笔数", "预估佣金", "当前佣金", "其中待结算", "其中已结算"]
            assert (
                sum(int(line[3]) for line in lines)
                == listing.count(accruals.OF_OPERATOR, scope, {"role": query["role"]}, exact=True).n
            )
        else:
            assert head == ["订单号", "佣金层级", "当前佣金", "状态"]
            assert len(lines) == listing.count(accruals.OF_OPERATOR, scope, {"role": "direct"}, exact=True).n
        assert (
            sum(int(line[head.index("当前佣金")].replace(".", "")) for line in lines)
            == listing.totals(accruals.OF_OPERATOR, scope, {"role": query["role"]})["amount"]
        )


def test_it_says_when_the_books_were_checked(sitting):
    one = sitting("promoter")
    assert "账目尚未核对" in text(one.get("explorer"))
    now = clock.now()
    for names, findings in (((), []), (["explorer", "pending"], [{"object": "promoter:1", "what": "differs"}])):
        checkups.ask(names=names, actor=SYSTEM, now=now - timedelta(minutes=4))
        taken = checkups.take(now=now - timedelta(minutes=3))
        found = [{"name": "explorer", "zh": "", "en": "", "rows": 1, "sum_fen": 1, "findings": findings}]
        checkups.finish(checkup_id=taken.id, results=found, took_ms=1, now=now - timedelta(minutes=3))
        page = text(one.get("explorer"))
        assert ("账目 3 分钟前已核对 ✓" if not findings else "账目 3 分钟前核对时不一致 ✗") in page


def test_what_cannot_be_asked_for_is_refused(sitting):
    one = sitting("promoter")
    for query in (
        {"by": "payee"}, {"by": "role,state,shop"}, {"cols": "payee"}, {"role": "boss"},
        {"amount_min": "x"}, {"paid_at_from": "yesterday"}, {"after": "x"},
    ):  # fmt: skip
        assert one.get("explorer", query).status_code == 422, query
    assert one.get("explorer", {"sort": "-n"}).status_code == 200  # what only groups are sorted by
    assert one.get("explorer", {"q": "x" * 300, "no": "A"}).status_code == 200
    assert "没有符合条件的记录" in text(one.get("explorer", {"order_no": "O-none"}))


def test_a_statement_is_a_click_away_and_the_page_speaks_english(sitting):
    one = sitting("promoter", english=True)
    page = text(one.get("explorer", {"by": "layer"}))
    assert links(page, "/funds/statements/") and "Commission explorer" in page and "Group by" in page
    plain = re.sub(r"<[^>]*data-data[^>]*>[^<]*", "", page[page.index('id="main"') :])
    assert "category rate" in page
    assert not re.search(r"[\u4e00-\u9fff]", re.sub(r'<option value="[^"]*"[^>]*data-data>[^<]*', "", plain)), plain[
        :2000
    ]


def test_rows_that_take_too_long_are_refused_by_name_and_nothing_else_is(sitting, monkeypatch):
    browser = sitting("operator")

    def slow(*_):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '30ms'")
            cursor.execute("SELECT pg_sleep(5)")

    monkeypatch.setattr(listing, "page", slow)
    refused = browser.get("explorer", {"view": "none"})
    assert refused.status_code == 422
    assert "请缩小时间范围" in text(refused)
    english = sitting("operator", english=True).get("explorer", {"view": "none"})
    assert "Choose a shorter period" in text(english)

    def broken(*_):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM nowhere")

    monkeypatch.setattr(listing, "page", broken)
    with pytest.raises(ProgrammingError):
        browser.get("explorer", {"view": "none"})
