"""The mall's pages of the consoles with a real browser: each looked at in both languages, wide and on a phone."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.make import alliance as make
from tests.make import content as make_content
from tests.make import freight as make_freight
from tests.make import parties as make_parties
from tests.make import people as make_people
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.kit import clock
from tuike.members import queries as members_of
from tuike.members import service as members
from tuike.members.types import PurchaseFacts
from tuike.parties import service as parties
from tuike.parties.types import MallFunction

BOTH = pytest.mark.parametrize(("english", "width"), [(False, 1440), (True, 390)])
SHOP = (
    *("mall-page", "coupons", "coupon-new", "points-goods", "bargains", "bargain-new", "red-packets", "members"),
    *("member-groups", "sendings", "reviews", "refunds", "freight", "freight-new", "functions", "stock"),
)
DESK = ("mall-page", "moderation", "words", "coupons", "coupon-new", "levels", "members", "wechat", "disputes")


@pytest.fixture
def one(living) -> make.Alliance:
    """A shop with every function on, a member who has bought, a review and a freight template."""
    made, now = make.alliance(price_fen=10_000), clock.now()
    for function in MallFunction:
        parties.switch_function(merchant_id=made.shop.id, function=function, on=True, actor=OPERATOR_SHELL, now=now)
    rows.run("UPDATE catalog_product SET title = 'Celadon bowl'")
    member = make_people.person(phone="13912345678").id
    rows.run("UPDATE people_person SET nickname = 'Ann' WHERE id = %s", [member])
    bought = PurchaseFacts(
        order_no="M1",
        merchant_id=made.shop.id,
        person_id=member,
        paid_fen=25_000,
        refunded_fen=0,
        paid_at=now - timedelta(days=3),
        completed=True,
    )
    members.note_purchases(purchases=[bought])
    make_content.review(line_=make_content.line(merchant_id=made.shop.id), text="Lovely")
    make_freight.template(made.shop.id, make_freight.terms(name="East"))
    return made


@BOTH
def test_every_page_of_a_shop_is_right(one, as_person, english, width):
    me = as_person(one.shop, english=english, width=width)
    for name in SHOP:
        me.go(name)


@BOTH
def test_every_page_of_the_desk_is_right(one, as_person, english, width):
    desk = as_person(make_parties.operator(), english=english, width=width)
    for name in DESK:
        desk.go(name)


@BOTH
def test_a_member_is_found_by_phone_tagged_and_a_segment_changed(one, as_person, english, width):
    me = as_person(one.shop, english=english, width=width)
    page = me.go("members", "?q=13912345678")
    page.locator("#list a.open").first.click()
    page.locator("#drawer").get_by_role("button", name=me.say("打标签", "Tag"), exact=True).click()
    page.fill("#o-name", "Regular")
    me.check()
    page.locator("#dialog .btn.pri").click()
    expect(page.locator("#toasts")).to_contain_text(me.say("已打标签", "Tagged"))
    page = me.go("member-groups")
    page.get_by_role("button", name=me.say("新建人群", "Add a segment")).click()
    page.fill("#o-name", "Spent")
    page.fill("#o-paid_fen", "200")
    page.locator("#dialog .btn.pri").click()
    expect(page.locator("#groups")).to_contain_text("Spent")
    page.locator("#groups").get_by_role("button", name=me.say("编辑", "Change"), exact=True).click()
    expect(page.locator("#o-paid_fen")).to_have_value("200.00")
    page.fill("#o-paid_fen", "300")
    me.check()
    with page.expect_response(lambda answer: "/edit/" in answer.url and answer.request.method == "POST"):
        page.locator("#dialog .btn.pri").click()
    assert members_of.segments_of(one.shop.id)[0].asked.paid_fen == 30_000
