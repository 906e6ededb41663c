"""The product library with a real browser: found, looked at, promoted, put aside and packed; the curated list."""

import zipfile
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import parties as make_parties
from tests.make import plans as make_plans
from tuike.attribution import queries as attribution
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries as catalog
from tuike.catalog import service
from tuike.doors.cli.story import pictures
from tuike.doors.cli.story.goods import CAMELLIA
from tuike.flows.refresh_library import refresh_library
from tuike.kit import clock
from tuike.library import queries as library
from tuike.parties.types import Role, Source

TITLES = 24


def stocked() -> make.Alliance:
    """An alliance with two dozen products in the library, with pictures; one shop sells outside the mall."""
    one = make.alliance()
    drawn = pictures.draw_all(CAMELLIA[:TITLES], Path(settings.MEDIA_ROOT))
    tea = make_catalog.category(name="茶叶")
    service.change_category(category_id=one.category_id, name_en="Teaware", actor=OPERATOR_SHELL, now=make_plans.EARLY)
    service.change_category(category_id=tea, name_en="Tea", actor=OPERATOR_SHELL, now=make_plans.EARLY)
    for number, item in enumerate(CAMELLIA[:TITLES]):
        make_catalog.product(
            merchant_id=one.shop.id,
            category_id=(one.category_id, tea)[number % 2],
            title=item.title,
            subtitle=item.subtitle,
            price_fen=item.skus[0][1],
            pictures=(drawn[item.no],),
        )
    outside = make_parties.merchant(name="山间茶铺", source=Source.MINI_PROGRAM)
    away = make_catalog.product(merchant_id=outside.id, category_id=tea, title="高山乌龙 礼盒", price_fen=16_800)
    make_plans.main_product(outside.id, away, 2_000)
    refresh_library(now=clock.now())
    return one


def number_of(product_id: int) -> str:
    return catalog.product_facts([product_id])[product_id].product_no


@pytest.mark.parametrize(("english", "width"), [(False, 1440), (True, 390)])
def test_from_the_library_to_the_material(living, as_person, english, width):
    one = stocked()
    make_plans.campaign(one.shop.id, 3_000, now=clock.now(), product_ids=(one.product_id,), bonus_fen=100)
    me = as_person(one.promoter, english=english, width=width)
    page = me.go("library")
    expect(page.locator(".pcard")).to_have_count(20)
    expect(page.locator("#lib-count")).to_contain_text("26")
    page.get_by_role("searchbox").fill("手绘")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator(".pcard")).to_have_count(1)
    assert "q=" in page.url
    me.check()
    card = page.locator(".pcard")
    expect(card).to_contain_text("12%")
    expect(card).to_contain_text("30%")
    card.locator("h2 a").click()
    drawer = page.locator("#drawer")
    expect(drawer).to_contain_text("手绘青瓷盖碗")
    me.check()
    drawer.get_by_role("button", name="立即推广" if not english else "Promote").click()
    dialog = page.locator("#dialog")
    expect(dialog.locator("input[name=accept]")).to_be_visible()
    me.check()
    dialog.locator("input[name=accept]").check()
    dialog.locator("input[name=new_place]").fill("茶友群")
    dialog.get_by_role("button", name="生成推广素材" if not english else "Make the material").click()
    expect(dialog.locator("img").first).to_have_js_property("complete", True)
    expect(dialog).to_contain_text("茶友群")
    me.check()
    [place] = attribution.places_of(promoter_id=one.promoter.id)
    [link] = attribution.links_of(promoter_id=one.promoter.id)
    assert (place.name, link.place_id) == ("茶友群", place.place_id)
    row = dialog.locator(".copyrow", has=page.locator(f"input[value*='/s/{link.code}']"))
    row.get_by_role("button").click()
    assert page.evaluate("navigator.clipboard.readText()").endswith(f"/s/{link.code}")
    dialog.locator("#m-wording").fill("好杯子")
    dialog.get_by_role("button", name="存为我的文案" if not english else "Save as mine").click()
    expect(dialog.locator("#m-wording")).to_have_value(f"好杯子\n{living.base}/s/{link.code}")
    with page.expect_download() as saved:
        dialog.get_by_role("link", name="下载海报" if not english else "Download the poster").click()
    assert Path(saved.value.path()).read_bytes().startswith(b"\xff\xd8")


@pytest.mark.parametrize(("english", "width"), [(False, 1440), (True, 1024)])
def test_filters_stay_in_the_address(living, as_person, english, width):
    one = stocked()
    me = as_person(one.promoter, english=english, width=width)
    page = me.go("library")
    lowest = page.get_by_label(me.say("最低价格", "Lowest price"))
    page.get_by_text(me.say("更多筛选", "More filters")).click()
    lowest.fill("150")
    page.locator(".lib-filters input[value=rate]").check(force=True)
    expect(page.locator("#lib-count")).not_to_contain_text("26")
    page.wait_for_url(lambda url: "price_low=150" in url and "sort=rate" in url)
    shown = page.locator(".pcard h2").all_inner_texts()
    page.reload()
    assert page.locator(".pcard h2").all_inner_texts() == shown
    expect(lowest).to_have_value("150")
    page.get_by_title(me.say("列表", "List")).click()
    expect(page.locator("table.t")).to_be_visible()
    me.check()


@pytest.mark.parametrize(("english", "width"), [(False, 1440), (True, 390)])
def test_a_selection_set_becomes_a_file(living, as_person, english, width):
    one = stocked()
    living.worker()
    me = as_person(one.promoter, english=english, width=width)
    page = me.go("library", "?q=手绘")
    page.locator(".choose").click()
    expect(page.locator("#chosen-count")).to_have_text("1")
    expect(page.locator(".choose")).to_have_attribute("aria-pressed", "true")
    me.go("selection")
    page.get_by_role("button", name=me.say("打包素材", "Pack the material")).click()
    dialog = page.locator("#dialog")
    dialog.locator("input[name=accept]").check()
    dialog.locator("input[name=new_place]").fill("打包")
    me.check()
    dialog.get_by_role("button", name=me.say("开始打包", "Pack")).click()
    link = dialog.get_by_role("link", name=me.say("下载", "Download"))
    expect(link).to_be_visible(timeout=30_000)
    with page.expect_download() as saved:
        link.click()
    names = zipfile.ZipFile(saved.value.path()).namelist()
    assert names == ["posters/001-手绘青瓷盖碗.jpg", "codes/001-手绘青瓷盖碗.png", "links.csv"]
    page.goto(me.url("selection"))
    page.get_by_role("button", name=me.say("清空", "Empty")).click()
    page.locator("#confirm [value=yes]").click()
    expect(page.get_by_text(me.say("选品车是空的", "The set is empty"))).to_be_visible()
    assert library.chosen(promoter_id=one.promoter.id) == []


@pytest.mark.parametrize("english", [False, True])
def test_the_rules_of_each_source(living, as_person, english):
    one = stocked()
    me = as_person(one.promoter, english=english, width=390 if english else 1440)
    for source in ("mini_store", "mini_program"):
        page = me.go("library-rules", source=source)
        page.get_by_role("button", name="我已阅读并同意" if not english else "I have read this and accept it").click()
        expect(page.locator(".note.good").first).to_be_visible()
    assert library.accepted(promoter_id=one.promoter.id) == set(Source)


@pytest.mark.parametrize("english", [False, True])
def test_the_operator_curates(living, as_person, english):
    one = stocked()
    desk = as_person(make_parties.operator(), Role.OPERATOR, english=english)
    page = desk.go("library-curated")
    page.get_by_role("button", name="添加商品" if not english else "Add products").click()
    page.locator("#c-numbers").fill("NOSUCH")
    with desk.expecting(422):
        page.locator("#dialog .btn.pri").click()
        expect(page.locator("#dialog .err")).to_contain_text("NOSUCH")
    desk.check()
    page.locator("#c-numbers").fill(number_of(one.product_id))
    page.locator("#dialog .btn.pri").click()
    expect(page.locator("#curated")).to_contain_text("手绘青瓷盖碗")
    desk.check()
    promoter = as_person(one.promoter, english=english)
    seen = promoter.go("library", "?tab=picked")
    expect(seen.locator(".pcard")).to_have_count(1)


@pytest.mark.parametrize("english", [False, True])
def test_a_stranger_finds_nothing(living, as_person, english):
    one = stocked()
    stranger = as_person(make_parties.promoter(phone="13900000088"), english=english)
    with stranger.expecting(404):
        page = stranger.go("library", of=one.promoter)
        expect(page.locator(".pcard")).to_have_count(0)
