"""A new person becomes a promoter and is paid: every click of it, in the browsers of all who have a part in it."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests import books
from tests.browser.acting import Phone, comes, followed, picture, scanned, signed_in
from tests.make import catalog as make_catalog
from tests.make import parties as make_parties
from tests.make import plans as make_plans
from tests.waiting import until
from tuike.catalog import queries as catalog
from tuike.doors.cli.story import pictures
from tuike.doors.cli.story.goods import CAMELLIA
from tuike.doors.web.soon import soon
from tuike.flows.refresh_library import refresh_library
from tuike.kit import clock
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.parties import queries as parties
from tuike.parties.types import PartyRef, Role
from tuike.settlement import queries as settlement
from tuike.settlement.types import WithdrawalState

pytestmark = [pytest.mark.slow, pytest.mark.timeout(420)]
DAY = int(timedelta(days=1).total_seconds())


class Scene:
    """A shop with one product at ¥33.30, 12 % direct; its owner, a buyer and the operator's people."""

    def __init__(self, living, as_person) -> None:
        self.living, self.as_person = living, as_person
        self.newcomer, self.buyer = Phone(living, 0), Phone(living, 1)
        make_plans.benchmark(500)
        self.shop = make_parties.merchant(name="青瓷小铺")
        self.operator, self.finance = make_parties.operator(), Phone(living, 2)
        make_parties.seated(self.operator, Role.FINANCE, person_id=self.finance.person_id())
        drawn = pictures.draw_all(CAMELLIA[:1], Path(settings.MEDIA_ROOT))
        self.product_id = make_catalog.product(
            merchant_id=self.shop.id, price_fen=3_330, free=10, title="手绘青瓷盖碗", pictures=tuple(drawn.values())
        )
        self.sku_id = make_catalog.sku_of(self.product_id)
        make_plans.main_product(self.shop.id, self.product_id, 1200)
        refresh_library(now=clock.now())
        self.product_no = catalog.product_facts([self.product_id])[self.product_id].product_no

    def balances(self, party_id: int) -> dict[str, int]:
        """What a promoter has pending, available and on its way; the books are checked."""
        books.check()
        refs = {name: chart.promoter(party_id, name) for name in ("pending", "available", "leaving")}
        found = ledger.balances(refs=refs.values())
        return {name: found[ref.path] for name, ref in refs.items()}


@pytest.fixture
def scene(living, as_person):
    living.worker()
    return Scene(living, as_person)


def _opened(scene, me):
    """Sign in by scan, open a promoter, hand in the certification; return the page."""
    page = signed_in(me, scene.newcomer)
    me.check()
    followed(page, page.get_by_role("link", name="成为推客"))
    page.get_by_label("推客名称").fill("小满推荐")
    page.get_by_role("button", name="开通", exact=True).click()
    page.wait_for_url(re.compile(r"/promoter/P\d+/certification/"))
    page.get_by_label("真实姓名").fill(scene.newcomer.name)
    page.get_by_label("手机号").fill("13900000000")
    page.get_by_label("身份证号码").fill(make_parties.ID_NUMBER)
    page.get_by_label("上传证件照片").set_input_files([picture("正面.png"), picture("反面.png", "#a77")])
    expect(page.locator("#documents img")).to_have_count(2)
    page.get_by_role("button", name="提交认证").click()
    expect(page.get_by_text("审核中，请耐心等待")).to_be_visible()
    me.check()
    expect(page.get_by_role("link", name="选品库")).to_have_count(0)
    return page


def _passed(scene) -> None:
    """Let an operator look at the papers and pass the application."""
    desk = scene.as_person(scene.operator, Role.OPERATOR, english=True)
    page = desk.go("home")
    followed(page, page.get_by_role("link", name="Certifications").first)
    page.locator("#list a.open").first.click()
    drawer = page.locator("#drawer")
    drawer.get_by_role("button", name="Show what was filed").click()
    expect(drawer.locator(".documents img")).to_have_count(2)
    desk.check()
    drawer.get_by_role("button", name="Pass", exact=True).click()
    page.locator("#dialog").get_by_role("button", name="Pass", exact=True).click()
    expect(page.locator(".toast")).to_be_visible()


def _promoted(scene, me, page) -> str:
    """Make a place, find the product in the library and make its material; return the ticket."""
    followed(page, page.get_by_role("link", name="推广位", exact=True))
    page.get_by_role("button", name="新建推广位").click()
    page.locator("#dialog").get_by_label("推广位名称").fill("茶友群")
    page.locator("#dialog").get_by_role("button", name="新建", exact=True).click()
    expect(page.locator("#list")).to_contain_text("茶友群")
    me.check()
    followed(page, page.get_by_role("link", name="选品库"))
    page.get_by_role("searchbox").fill("盖碗")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator(".pcard")).to_have_count(1)
    page.locator(".pcard").hover()
    page.locator(".pcard").get_by_role("button", name="立即推广").click()
    dialog = page.locator("#dialog")
    dialog.get_by_role("checkbox").check()
    dialog.get_by_label("茶友群").check()
    dialog.get_by_role("button", name="生成推广素材").click()
    short = dialog.get_by_label("短链", exact=True)
    expect(short).to_have_value(re.compile(r"/s/\w+$"))
    me.check()
    code = str(short.input_value()).rsplit("/", 1)[1]
    dialog.get_by_role("button", name="完成").click()
    return code


def test_from_the_scan_to_the_payout(scene):
    me = scene.as_person(None)
    page = _opened(scene, me)
    _passed(scene)
    comes(page, page.get_by_role("link", name="选品库"))
    ticket = _promoted(scene, me, page)
    party = _party(page)
    scene.buyer.sign_in()
    order_no = scene.buyer.buy(ticket, scene.sku_id, pieces=3)
    # 12 % of ¥99.90 is 11.988: the shop keeps the fraction.
    assert scene.balances(party.id) == {"pending": 1_198, "available": 0, "leaving": 0}
    followed(page, page.get_by_role("link", name="订单数据"))
    page.locator("#list").get_by_role("link", name=order_no).click()
    expect(page.locator("#drawer")).to_contain_text("¥11.98")
    expect(page.locator("#drawer")).to_contain_text("茶友群")
    me.check()
    _shipped_and_received(scene, order_no)
    scene.living.sandbox.move_clock(27 * DAY + 120)
    soon("mature")
    me = scene.as_person(None)
    page = signed_in(me, scene.newcomer)
    followed(page, page.get_by_role("link", name="资金结算"))
    comes(page, page.locator(".kpi").filter(has_text="¥11.98").filter(has_text="可提现"))
    assert scene.balances(party.id) == {"pending": 0, "available": 1_198, "leaving": 0}
    _bound(scene, me, page)
    _withdrawn(scene, me, page, party)


def _party(page) -> PartyRef:
    no = re.search(r"/promoter/(P\d+)/", page.url)[1]
    found = parties.find(no)
    assert found is not None
    return found


def _shipped_and_received(scene, order_no: str) -> None:
    seller = scene.as_person(scene.shop)
    page = seller.go("orders")
    page.locator("#list").get_by_role("link", name=order_no).click()
    drawer = page.locator("#drawer")
    drawer.locator("input[name=tracking_no]").fill("SF1234567890")
    drawer.locator("[name=carrier]").first.fill("顺丰速运")
    drawer.get_by_role("button", name="确认发货").click()
    expect(page.locator(".toast")).to_contain_text("已发货")
    seller.check()
    assert scene.buyer.done("POST", f"/orders/{order_no}/receipt")["state"] == "completed"


def _bound(scene, me, page) -> None:
    page.get_by_role("button", name="绑定收款账户").first.click()
    dialog = page.locator("#dialog")
    dialog.locator("label", has_text=re.compile("微信")).first.click()
    dialog.get_by_role("textbox", name="户名").fill(scene.newcomer.name)
    dialog.get_by_role("button", name="下一步").click()
    scanned(me, scene.newcomer)
    expect(page.locator(".toast")).to_contain_text("已绑定")
    me.check()


def _withdrawn(scene, me, page, party) -> None:
    page.get_by_role("button", name="申请提现").click()
    page.get_by_label("提现金额").fill("7")
    page.locator("#dialog").get_by_role("button", name="提交申请").click()
    expect(page.locator("#list")).to_contain_text("¥7.00")
    assert scene.balances(party.id) == {"pending": 0, "available": 498, "leaving": 700}
    desk = signed_in(scene.as_person(None), scene.finance)
    followed(desk, desk.get_by_role("link", name="提现审批"))
    desk.locator("#list a.open").first.click()
    no = desk.locator("#list a.open").first.inner_text()
    desk.locator("#drawer").get_by_role("button", name="通过", exact=True).click()
    desk.locator("#dialog").get_by_role("button", name="通过", exact=True).click()
    expect(desk.locator(".toast")).to_be_visible()
    soon("run_payouts")
    comes(page, page.locator("#list .tag", has_text="待您确认收款"))
    scene.living.sandbox.control("transfer", out_bill_no=no, action="confirm")

    def paid() -> bool:
        soon("run_payouts")  # its notice, or the answer when asked: whichever is first
        found = settlement.withdrawal(no)
        return found is not None and found.state is WithdrawalState.PAID

    until(paid, what="the payout")
    page.reload()
    expect(page.locator("#list .tag", has_text="已到账")).to_be_visible()
    page.locator("#list a.open").first.click()
    expect(page.locator("#drawer .steps")).to_contain_text("已付款")
    me.check()
    assert scene.balances(party.id) == {"pending": 0, "available": 498, "leaving": 0}
