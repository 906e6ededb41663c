"""The promoter's centre on a phone: becoming one, places, library, material, team; a code that a computer shows."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests import chromium
from tests.make import catalog as make_catalog
from tests.make import library as make_library
from tests.make import mall as make_mall
from tests.make import parties as make_parties
from tests.make import plans as make_plans
from tests.mall.phones import FRONT, button, fits, hand_in, held_by, is_off, opened
from tests.waiting import until
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.kit import clock
from tuike.kit.errors import Refusal
from tuike.parties import service as parties
from tuike.people import service as people

pytestmark = [*chromium.MARKS, pytest.mark.slow, pytest.mark.xdist_group("browser")]


def _field(page: Page, word: str) -> object:
    """Return the input that stands under this hint."""
    return page.locator(FRONT).locator("uni-input").filter(has_text=word).locator("input")


def test_somebody_becomes_a_promoter(phone, mall_runs):
    say, one = phone.say, mall_runs.one
    held_by(phone, mall_runs, make_mall.person())
    page = opened(phone, "/promoter/centre/centre")
    expect(page.get_by_text(say("您还不是推客", "You are not a promoter yet"))).to_be_visible()
    button(page, say("成为推客", "Become a promoter")).click()
    page.wait_for_url("**/promoter/join/join")
    is_off(button(page, say("下一步：提交证件", "Next: documents")))
    _field(page, say("推客名称", "Your name as a promoter")).fill("小满推荐")
    _field(page, say("邀请码（选填）", "Invitation number (optional)")).fill(one.promoter.no)
    fits(page)
    button(page, say("下一步：提交证件", "Next: documents")).click()
    page.wait_for_url("**/member/joining/joining?no=*")
    no = page.url.split("no=")[1]
    hand_in(page, say("提交审核", "Hand in for review"))
    fits(page)

    def stands(word: str) -> None:
        opened(phone, "/promoter/join/join")
        expect(page.locator(".block .state")).to_have_text(word)

    def decide(*, approve: bool, reason: str = "") -> None:
        [(filed,)] = rows.query("SELECT no FROM parties_certification ORDER BY id DESC LIMIT 1")
        parties.decide_certification(no=filed, approve=approve, reason=reason, actor=OPERATOR_SHELL, now=clock.now())

    stands(say("审核中", "Under review"))
    opened(phone, "/promoter/centre/centre")
    expect(page.get_by_text(say("完成实名认证后即可推广", "Prove who you are, then promote"))).to_be_visible()
    decide(approve=False, reason="照片不清楚")
    stands(say("未通过", "Refused"))
    expect(page.get_by_text("照片不清楚")).to_be_visible()
    opened(phone, f"/member/joining/joining?no={no}")
    page.locator(".bar uni-button").click()
    hand_in(page, say("提交审核", "Hand in for review"))
    decide(approve=True)
    stands(say("已通过", "Approved"))
    button(page, say("进入推广中心", "Open the centre")).click()
    page.wait_for_url("**/promoter/centre/centre")
    for tile in (say("我的团队", "My team"), say("绑定客户", "Bound buyers"), say("加入与退出", "Joining and leaving")):
        expect(page.locator(FRONT).locator(".tiles .tile", has_text=tile)).to_be_visible()
    expect(page.get_by_text(say("完成实名认证后即可推广", "Prove who you are, then promote"))).to_have_count(0)
    fits(page)
    assert rows.query(
        "SELECT name, p.recruiter_id FROM parties_promoter p JOIN parties_party ON id = party_id WHERE no = %s", [no]
    ) == [("小满推荐", one.promoter.id)]


def test_places_are_added_renamed_and_deleted(promoter, mall_runs):
    page, say = promoter.page, promoter.say
    held_by(promoter, mall_runs, make_parties.super_admin_of(mall_runs.one.recruiter).person_id)
    opened(promoter, "/promoter/places/places")
    expect(page.get_by_text(say("还没有推广位", "No places yet"))).to_be_visible()

    def named(name: str) -> None:
        expect(page.locator(".sheet")).to_be_visible()
        page.locator(".sheet input").fill(name)
        fits(page)
        page.locator(".sheet").get_by_text(say("保存", "Save"), exact=True).click()

    for name in ("朋友圈", "茶友群"):
        button(page, say("新建推广位", "New place")).click()
        named(name)
        expect(page.locator(".place", has_text=name)).to_be_visible()
    promoter.expected.add(409)
    button(page, say("新建推广位", "New place")).click()
    named("茶友群")
    expect(page.locator("uni-toast")).to_be_visible()
    page.locator(".sheet .close").click()
    expect(page.locator(".place")).to_have_count(2)
    page.locator(".place", has_text="朋友圈").get_by_role("button", name=say("改名", "Rename")).click()
    named("公众号")
    expect(page.locator(".place", has_text="公众号")).to_be_visible()
    for answer, left in (("default", 2), ("primary", 1)):
        page.locator(".place", has_text="茶友群").get_by_role("button", name=say("删除", "Delete")).click()
        page.locator(f".uni-modal__btn_{answer}").click()
        expect(page.locator(".place")).to_have_count(left)
    fits(page)
    stands = "SELECT name, deleted_at IS NULL FROM attribution_place WHERE promoter_id = %s ORDER BY id"
    assert rows.query(stands, [mall_runs.one.recruiter.id]) == [("公众号", True), ("茶友群", False)]


def _two_more(mall_runs) -> None:
    """Put two products beside the first: a cheap one of the same category at 12 %, a dear one of another at 20 %."""
    one = mall_runs.one
    other = make_catalog.category(name="香器")
    make_plans.category_rate(one.shop.id, other, 2000)
    made = [
        make_catalog.product(merchant_id=one.shop.id, category_id=category_id, price_fen=price_fen, title=title)
        for category_id, price_fen, title in ((one.category_id, 1_990, "竹制茶则"), (other, 19_900, "铜香炉"))
    ]
    make_library.stand(made, now=clock.now())


def test_the_library_is_searched_sorted_and_filtered(promoter, mall_runs):
    page, say = promoter.page, promoter.say
    _two_more(mall_runs)
    opened(promoter, "/promoter/library/library")
    titles = page.locator(".card .title")

    def shows(*wanted: str) -> None:
        expect(titles).to_have_text(list(wanted))
        fits(page)

    expect(titles).to_have_count(3)
    chip = page.locator(".chips .chip")
    chip.get_by_text(say("佣金", "Commission"), exact=True).click()
    shows("铜香炉", "手绘青瓷盖碗", "竹制茶则")
    expect(page.locator(".card .earn").first).to_have_text(say("赚 ¥39.80", "earn ¥39.80"))
    chip.get_by_text(say("价格", "Price"), exact=True).click()
    expect(page.locator(".chips .chip.on")).to_have_text(say("价格 ↑", "Price ↑"))
    shows("竹制茶则", "手绘青瓷盖碗", "铜香炉")
    page.locator(".head input").fill("茶")
    page.locator(".head input").press("Enter")
    shows("竹制茶则")
    page.locator(".head input").fill("")
    page.locator(".head input").press("Enter")

    def filtered(**typed: str) -> None:
        chip.first.click()
        sheet = page.locator(".sheet")
        sheet.get_by_text(say("重置", "Clear"), exact=True).click()
        for measure in ("price_fen", "rate_bps", "commission_fen"):
            for nth, end in enumerate(("from", "to")):
                sheet.locator(f".{measure} input").nth(nth).fill(typed.get(f"{measure}_{end}", ""))
        if "category" in typed:
            sheet.locator(".wrap .chip", has_text=typed["category"]).click()
        fits(page)
        sheet.get_by_text(say("查看商品", "Show"), exact=True).click()
        expect(page.locator(".sheet")).to_have_count(0)

    filtered(price_fen_from="20", price_fen_to="100.50")
    shows("手绘青瓷盖碗")
    filtered(rate_bps_from="12.5")
    shows("铜香炉")
    filtered(category="茶具")
    shows("竹制茶则", "手绘青瓷盖碗")
    filtered(price_fen_from="9000")
    expect(page.locator(".card")).to_have_count(0)
    expect(page.locator(".empty")).to_be_visible()
    filtered()
    expect(titles).to_have_count(3)
    page.locator(".card", has_text="铜香炉").get_by_role("button", name=say("加入选品车", "Put aside")).click()
    expect(page.locator(".card .aside[aria-pressed=true]")).to_have_count(1)
    opened(promoter, "/promoter/selection/selection")
    expect(page.get_by_text("铜香炉")).to_be_visible()
    button(page, say("移出", "Take out")).click()
    expect(page.get_by_text(say("选品车是空的", "Nothing put aside"))).to_be_visible()
    fits(page)


def _loaded(page: Page, name: str) -> tuple[int, int]:
    """Return how wide and high the picture with this name is, once the browser has it."""
    shown = page.locator(f"uni-image[alt='{name}']")
    shown.scroll_into_view_if_needed()
    expect(shown).to_be_visible()
    inner = shown.locator("img")
    until(lambda: inner.evaluate("one => one.complete && one.naturalWidth > 0"), what=f"the picture of {name}")
    width, height = inner.evaluate("one => [one.naturalWidth, one.naturalHeight]")
    box = shown.bounding_box()
    assert box and box["width"] > 100 and box["height"] > 100, box
    return width, height


def test_a_product_is_promoted_by_poster_link_and_own_words(promoter, mall_runs):
    page, say, one = promoter.page, promoter.say, mall_runs.one
    opened(promoter, "/promoter/library/library")
    page.locator(".card", has_text="手绘青瓷盖碗").get_by_text(say("去推广", "Promote"), exact=True).click()
    page.wait_for_url("**/promoter/promote/promote?no=*")
    address = page.url
    make_it = button(page, say("生成素材", "Make"))
    is_off(make_it)
    fits(page)
    button(page, say("同意规则", "Accept")).click()
    expect(page.locator(".flat .value")).to_contain_text("朋友圈")
    before = rows.query("SELECT count(*) FROM attribution_link")[0][0]
    make_it.click()
    width, height = _loaded(page, say("推广海报", "Poster"))
    assert width >= 600 and height > width
    _loaded(page, say("小程序码", "Code"))
    fits(page)
    [(code,)] = rows.query("SELECT code FROM attribution_link ORDER BY id DESC LIMIT 1")
    assert rows.query("SELECT count(*) FROM attribution_link") == [(before + 1,)]
    link = page.locator(".wording").last
    expect(link).to_contain_text(f"/s/{code}")
    button(page, say("复制链接", "Copy the link")).click()
    expect(page.locator("uni-toast")).to_contain_text(say("已复制", "Copied"))

    first = page.locator(".wording").first.inner_text()
    button(page, say("修改文案", "Edit")).click()
    expect(page.locator(".sheet textarea")).to_have_value(first)
    page.locator(".sheet textarea").fill("家里天天在用\n泡茶不烫手")
    fits(page)
    page.locator(".sheet").get_by_text(say("保存", "Save"), exact=True).click()
    expect(page.locator(".sheet")).to_have_count(0)
    expect(page.locator(".wording").first).to_contain_text("泡茶不烫手")

    page.goto(address)
    make_it.click()
    expect(page.locator(".wording").first).to_contain_text("泡茶不烫手")
    button(page, say("修改文案", "Edit")).click()
    page.locator(".sheet").get_by_text(say("恢复默认", "Back to the first"), exact=True).click()
    expect(page.locator(".sheet")).to_have_count(0)
    expect(page.locator(".wording").first).not_to_contain_text("泡茶不烫手")

    short = re.search(r"http\S+", link.inner_text())[0]
    held_by(promoter, mall_runs, one.buyer_id)
    page.goto(short)
    page.wait_for_url("**/m/pages/product/product?c=*")
    expect(page.locator(".block .title")).to_contain_text("手绘青瓷盖碗")
    seen = "SELECT count(*) FROM attribution_touch t JOIN attribution_link l ON l.id = link_id WHERE code = %s"
    until(lambda: rows.query(seen, [short.rsplit("/", 1)[1]]) != [(0,)], what="the touch")


def test_the_team_is_shown_and_others_are_invited(promoter, mall_runs):
    page, say, one = promoter.page, promoter.say, mall_runs.one
    opened(promoter, "/promoter/team/team")
    expect(page.get_by_text(say("还没有团队成员", "Nobody here yet"))).to_be_visible()
    expect(page.get_by_text(one.recruiter.name)).to_be_visible()
    below = make_parties.promoter(name="推客小赵", recruiter_id=one.promoter.id)
    make_parties.promoter(name="推客小钱", recruiter_id=below.id)
    opened(promoter, "/promoter/team/team")
    expect(
        page.get_by_text(say("一级 1 人 · 二级 1 人 · 三级 0 人", "level 1: 1 · level 2: 1 · level 3: 0"))
    ).to_be_visible()
    expect(page.locator(".member")).to_have_count(1)
    page.locator(".member", has_text="推客小赵").click()
    expect(page.locator(".member", has_text="推客小钱")).to_be_visible()
    page.locator(".way").get_by_text(say("我的团队", "My team")).click()
    expect(page.locator(".member", has_text="推客小赵")).to_be_visible()
    fits(page)
    button(page, say("邀请推客", "Invite")).click()
    expect(page.locator("uni-toast")).to_be_visible()

    held_by(promoter, mall_runs, make_mall.person())
    opened(promoter, f"/promoter/join/join?by={one.promoter.no}")
    expect(_field(page, say("邀请码（选填）", "Invitation number (optional)"))).to_have_value(one.promoter.no)


@pytest.mark.parametrize(
    ("purpose", "words"),
    [
        ("sign_in", ("登录推客联盟工作台", "Sign in to a Tuike console")),
        (
            "reset_secret",
            ("重置 AppSecret，旧密钥将立即失效", "Reset the AppSecret; the old one stops working at once"),
        ),
    ],
)
def test_what_a_computer_asks_is_confirmed_or_refused_by_who_scans_it(promoter, mall_runs, purpose, words):
    page, say, one = promoter.page, promoter.say, mall_runs.one
    me, now = make_parties.super_admin_of(one.promoter).person_id, clock.now()
    subject = one.promoter.no if purpose == "reset_secret" else ""

    def asked() -> str:
        ticket = people.ask_scan(purpose=purpose, subject=subject, place="Chrome · 杭州", asker="computer", now=now)
        opened(promoter, f"/pages/scan/index?ticket={ticket}")
        expect(page.get_by_text(say(*words), exact=True)).to_be_visible()
        expect(page.get_by_text("Chrome · 杭州")).to_be_visible()
        expect(page.get_by_text(one.promoter.name)).to_have_count(1 if subject else 0)
        fits(page)
        return ticket

    ticket = asked()
    button(page, say("确认", "Confirm")).click()
    expect(page.get_by_text(say("已确认", "Confirmed"), exact=True)).to_be_visible()
    assert people.use_scan(ticket=ticket, asker="computer", purpose=purpose, subject=subject, now=now) == me
    ticket = asked()
    button(page, say("拒绝", "Refuse")).click()
    expect(page.get_by_text(say("已拒绝", "Refused"), exact=True)).to_be_visible()
    fits(page)
    with pytest.raises(Refusal):
        people.use_scan(ticket=ticket, asker="computer", purpose=purpose, subject=subject, now=now)
    promoter.expected.add(404)
    page.goto(f"{promoter.base}/m/pages/scan/index?ticket={'x' * 24}")
    expect(page.locator(FRONT).locator(".buttons")).to_have_count(0)
