"""A list as a page: the address says everything; what comes after the rows; files, for whoever asked."""

import csv
import hashlib
import io
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import RequestFactory
from django.utils import translation

from tests.make import parties as make_parties
from tests.modules.test_lists import LIST
from tuike.doors.console import lists
from tuike.doors.console.guard import Asker
from tuike.doors.console.text import T
from tuike.insight.lists import registry
from tuike.kit import clock
from tuike.parties import queries as parties
from tuike.parties.types import Role
from tuike.people.types import PersonRef

TITLE = T("测试列表", "Test list")


@pytest.fixture
def promoter(db):
    return make_parties.promoter(name="推客小李", phone="13900000002")


@pytest.fixture(autouse=True)
def known(monkeypatch, tmp_path):
    """Let the registry know the list of the tests, and files lie in a place of their own."""
    monkeypatch.setattr(registry, "every", lambda: {LIST.name: LIST})
    monkeypatch.setattr(settings, "EXPORTS_ROOT", tmp_path / "exports")


def shown(party, query="", *, htmx=False, person_id=0, zh=True, **more):
    """Return what `show` answers to an address, for the party's super administrator or somebody else of it."""
    headers = {"HX-Request": "true", "HX-Target": "list"} if htmx else {}
    request = RequestFactory().get(f"/promoter/{party.no}/test/{query}", headers=headers)
    person_id = person_id or parties.administrators_of([party.id])[party.id][0].person_id
    standing = parties.standing(person_id=person_id, party_no=party.no)
    request.asker = Asker(
        person=PersonRef(id=person_id, no="U1", nickname="小李", language="zh-hans"), now=clock.now(), zh=zh, token="",
        maybe_seat=standing.seat, maybe_standing=standing,
    )  # fmt: skip
    with translation.override("zh-hans" if zh else "en"):
        return lists.show(request, more.pop("listing", LIST), scope={"shop": 1}, title=TITLE, **more)


def addresses(answer):
    """Return the queries of the links of an answer, by what they are for."""
    return re.findall(r'href="([^"]*/test/\?[^"]*)"', answer.content.decode().replace("&amp;", "&"))


def test_the_page_has_filters_tabs_rows_and_the_way_on(promoter):
    answer = shown(promoter)
    text = answer.content.decode()
    assert text.count("<tr") == 8
    assert 'id="filter"' in text and "N200" in text and "进行中" in text
    assert 'rel="next"' in text and 'rel="prev"' not in text


def test_htmx_gets_the_table_alone_and_the_address_to_keep(promoter):
    answer = shown(promoter, "?state=open&sort=-fen&at_from=&part=", htmx=True)
    text = answer.content.decode()
    assert text.lstrip().startswith("<section") and "<html" not in text
    assert answer.headers["HX-Push-Url"] == f"/promoter/{promoter.no}/test/?state=open&sort=-fen"


def test_every_link_keeps_what_was_asked_and_none_keeps_the_place_in_another_order(promoter):
    token = parse_qs(urlsplit(next(u for u in addresses(shown(promoter, "?q=w1")) if "after=" in u)).query)["after"][0]
    answer = shown(promoter, f"?q=w1&after={token}")
    for url in addresses(answer):
        asked = parse_qs(urlsplit(url).query)
        assert asked["q"] == ["w1"], url
        if "sort" in asked or "state" in asked:
            assert "after" not in asked, url
    assert any("before=" in url for url in addresses(answer))


def test_sums_and_counts_come_after_the_rows(promoter):
    text = shown(promoter, "?part=totals&state=done").content.decode()
    assert "共 67 条" in text
    assert re.search(r"金额合计 <b>¥\d+\.\d\d</b>", text)
    assert 'id="tab-n-open" hx-swap-oob="true">33<' in text
    assert 'id="tab-n-all" hx-swap-oob="true">100<' in text


def test_no_rows_says_why(promoter):
    text = shown(promoter, "?q=nothing").content.decode()
    assert "没有符合条件的记录" in text
    assert "<table" not in text


def test_text_of_people_is_text(promoter):
    nasty = replace(LIST, sql_from=LIST.sql_from.replace("'w' ||", "'<script>x</script>' ||"))
    text = shown(promoter, listing=nasty).content.decode()
    assert "&lt;script&gt;x&lt;/script&gt;" in text
    assert "<script>x" not in text


def ask(sitting, query="", **more):
    """Return the hidden text of an export's dialog."""
    dialog = shown(sitting.party, f"?part=export&{query}", person_id=sitting.person_id, **more).content.decode()
    return re.search(r'name="ask" value="([^"]+)"', dialog)[1]


def test_a_small_file_is_there_at_once_and_holds_what_was_filtered(sit, promoter):
    sitting = sit(promoter)
    signed = ask(sitting, "state=open&small=yes")
    answer = sitting.post("exports-start", {"ask": signed, "format": "csv"})
    text = answer.content.decode()
    assert answer.status_code == 200 and "文件已生成" in text
    url = re.search(r'href="([^"]+/file)"', text)[1]
    file = sitting.get(url)
    content = b"".join(file.streaming_content)
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    assert [row[0] for row in rows] == ["编号", "N6"]
    assert hashlib.sha256(content).hexdigest() in text
    assert "¥6.00" in text
    assert "%E6%B5%8B%E8%AF%95%E5%88%97%E8%A1%A8" in file.headers["Content-Disposition"]
    page = sitting.get("exports").content.decode()
    assert "测试列表" in page and "可下载" in page


def test_the_same_form_twice_makes_one_file(sit, promoter):
    sitting = sit(promoter)
    form = {"ask": ask(sitting), "format": "xlsx", "key": "once"}
    one, other = (sitting.post("exports-start", form).content.decode() for _ in range(2))
    assert re.search(r'href="([^"]+/file)"', one)[1] == re.search(r'href="([^"]+/file)"', other)[1]


def test_a_file_is_its_askers_alone(sit, promoter):
    sitting, colleague = sit(promoter), sit(promoter, Role.ADMIN)
    text = sitting.post("exports-start", {"ask": ask(sitting), "format": "csv"}).content.decode()
    url = re.search(r'href="([^"]+/file)"', text)[1]
    assert colleague.get(url).status_code == 404
    assert colleague.get(url.replace("/file", "/state")).status_code == 404
    assert "测试列表" not in colleague.get("exports").content.decode()
    stranger = sit(make_parties.promoter(name="别人", phone="13900000009"))
    assert stranger.get(url).status_code == 404
    own = url.replace(promoter.no, stranger.party.no)
    assert stranger.get(own).status_code == 404


@pytest.mark.parametrize("change", [lambda text: "", lambda text: text[:-3] + "abc", lambda text: "x" + text])
def test_what_was_not_asked_in_our_dialog_is_refused(sit, promoter, change):
    sitting = sit(promoter)
    answer = sitting.post("exports-start", {"ask": change(ask(sitting)), "format": "csv"})
    assert answer.status_code == 404
    assert list(Path(settings.EXPORTS_ROOT).glob("*")) == []


def test_somebody_elses_dialog_is_refused(sit, promoter):
    sitting, colleague = sit(promoter), sit(promoter, Role.ADMIN)
    assert colleague.post("exports-start", {"ask": ask(sitting), "format": "csv"}).status_code == 404
    assert sitting.post("exports-start", {"ask": ask(sitting), "format": "exe"}).status_code == 422


def test_english(sit, promoter):
    sitting = sit(promoter, english=True)
    text = sitting.post("exports-start", {"ask": ask(sitting), "format": "csv"}).content.decode()
    assert "The file is ready" in text
    assert not re.search(r"[\u4e00-\u9fff]", re.sub(r"data-data[^<]*<[^<]*", "", text))


@pytest.mark.slow
def test_what_takes_too_long_is_said_and_the_rest_is_shown(promoter):
    slow = replace(
        LIST, columns=tuple(replace(c, sql="(SELECT r.fen FROM pg_sleep(9))") if c.total else c for c in LIST.columns)
    )
    text = shown(promoter, "?part=totals", listing=slow).content.decode()
    assert "共 100 条" in text
    assert "合计太慢" in text
    assert 'id="tab-n-open" hx-swap-oob="true">33<' in text
