"""The network with a real browser: a link is made and closed, the form is published, an application passes, the tree
opens by the keyboard, a promoter is frozen, a deposit is forfeited by two people, a buyer is released."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.make import alliance as make
from tests.make import network as make_network
from tests.make import parties as make_parties
from tuike.db import rows
from tuike.kit import clock
from tuike.network import queries
from tuike.network.types import ApplicationState
from tuike.parties import queries as parties
from tuike.parties.types import PromoterState, Role

MANNERS = pytest.mark.parametrize(("english", "width"), [(False, 1440), (True, 390)])


@MANNERS
def test_a_shop_recruits_and_sees_its_agents_as_a_tree(as_person, english, width):
    one = make.alliance()
    me = as_person(one.shop, english=english, width=width)
    say = me.say
    page = me.go("recruiting")
    page.get_by_role("button", name=say("新建招募链接", "Make a recruiting link")).click()
    page.get_by_label(say("用途备注", "What for")).fill("Live")
    me.check()
    page.locator("#dialog").get_by_role("button", name=say("新建", "Make it"), exact=True).click()
    expect(page.locator(".toast")).to_contain_text(say("已新建", "was made"))
    (link,) = queries.links_of(owner_id=one.shop.id)
    agent = make_network.opened(link=link.code, now=clock.now())
    below = make_network.opened(recruiter_no=agent.no, now=clock.now())
    page = me.go("recruiting")
    page.get_by_role("link", name=link.code).first.click()
    expect(page.locator("#drawer img")).to_be_visible()
    me.check()
    page = me.go("hierarchy")
    expect(page.locator("#list")).to_contain_text(below.no)
    page = me.go("hierarchy-tree")
    top = page.locator(".tree-name").first
    expect(page.locator(f"#b-{agent.no}")).to_be_hidden()
    top.focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(f"#b-{agent.no}")).to_contain_text(below.no)
    me.check()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".tree-name:focus")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.locator("#drawer")).to_contain_text(below.no)
    me.check()


@MANNERS
def test_the_operator_publishes_a_form_and_passes_who_applies(as_person, english, width):
    me = as_person(make_parties.operator(), Role.SUPER_ADMIN, english=english, width=width)
    say = me.say
    page = me.go("join-form")
    page.get_by_role("link", name=say("编辑并发布", "Edit and publish")).click()
    page.locator("#title").fill("推客申请" if not english else "Apply")
    page.get_by_role("button", name=say("添加问题", "Add a question")).click()
    page.locator("[name=field_key]").fill("why")
    page.locator("[name=field_zh]").fill("为什么")
    page.locator("[name=field_en]").fill("Why")
    page.locator("#deposit").fill("200")
    me.check()
    with me.expecting(422):
        page.get_by_role("button", name=say("发布新版本", "Publish the edition")).click()
        expect(page.locator(".note.bad")).to_be_visible()
    page.locator("#deposit").fill("")
    page.locator("[name=real_name]").uncheck()
    me.check()
    page.get_by_role("button", name=say("发布新版本", "Publish the edition")).click()
    expect(page.locator(".toast")).to_contain_text(say("已发布", "is published"))
    me.check()
    party = make_network.opened(now=clock.now())
    rows.run("UPDATE parties_party SET name = 'Newcomer' WHERE id = %s", [party.id])
    make_network.apply_to_network.file_application(
        person_id=make_network.head(party),
        promoter_id=party.id,
        answers={"why": "Tea"},
        actor=make_parties.super_admin_of(party),
        now=clock.now(),
    )
    found = queries.last_application(party.id)
    page = me.go("applications")
    page.get_by_role("link", name=found.no).first.click()
    page.get_by_role("button", name=say("查看申请内容", "Show the answers")).click()
    expect(page.locator("#drawer")).to_contain_text("Tea")
    me.check()
    page.locator("#drawer").get_by_role("button", name=say("通过", "Pass"), exact=True).click()
    page.locator("#dialog").get_by_role("button", name=say("通过", "Pass"), exact=True).click()
    expect(page.locator(".toast")).to_contain_text(say("已通过申请", "Passed"))
    assert queries.application(found.no).state is ApplicationState.PASSED


@MANNERS
def test_two_people_forfeit_and_one_freezes(as_person, english, width):
    one, operator = make.alliance(), make_parties.operator()
    deposit = make_network.paid(one.promoter, now=clock.now())
    first = as_person(operator, Role.FINANCE, english=english, width=width)
    say = first.say
    page = first.go("deposits")
    page.get_by_role("link", name=deposit.no).first.click()
    page.get_by_role("button", name=say("扣除", "Forfeit"), exact=True).click()
    first.check()
    page.locator("#o-amount").fill("50")
    page.locator("#o-reason").fill("Rule 7")
    page.get_by_role("button", name=say("提交复核", "Ask a second person")).click()
    expect(page.locator(".toast")).to_contain_text(say("另一位同事复核", "another person must approve"))
    second = as_person(operator, Role.FINANCE, english=english, width=width)
    page = second.go("deposits")
    page.get_by_role("link", name=deposit.no).first.click()
    page.locator("#drawer").get_by_role("button", name=say("复核：", "Approve:")).click()
    second.check()
    page.get_by_role("button", name=say("确认入账", "Book it")).click()
    expect(page.locator(".toast")).to_contain_text(say("已入账", "Booked"))
    assert queries.deposit(deposit.no).left_fen == 15_000
    third = as_person(operator, Role.SUPER_ADMIN, english=english, width=width)
    page = third.go("hierarchy")
    page.get_by_role("link", name=one.promoter.name).first.click()
    page.locator("#drawer").get_by_role("button", name=say("冻结", "Freeze")).click()
    third.check()
    page.locator("#o-reason").fill("Looked at")
    page.locator("#dialog").get_by_role("button", name=say("停用", "Suspend"), exact=True).click()
    expect(page.locator(".toast")).to_be_visible()
    assert parties.promoter_facts([one.promoter.id])[one.promoter.id].state is PromoterState.FROZEN


@MANNERS
def test_a_shop_releases_a_bound_buyer(as_person, english, width):
    one = make.alliance()
    make.touch(one, now=clock.now())
    now = clock.now()
    rows.run("DELETE FROM attribution_binding")
    rows.run(
        "INSERT INTO attribution_binding (merchant_id, buyer_id, promoter_id, touch_id, bound_at, until, released_by)"
        " SELECT %s, %s, %s, max(id), %s, %s, '' FROM attribution_touch",
        [one.shop.id, one.buyer_id, one.promoter.id, now, now + timedelta(days=10)],
    )
    me = as_person(one.shop, english=english, width=width)
    say = me.say
    page = me.go("bindings")
    page.get_by_role("button", name=say("解除", "Release"), exact=True).first.click()
    me.check()
    page.locator("#o-reason").fill("Asked for")
    page.locator("#dialog").get_by_role("button", name=say("解除", "Release"), exact=True).click()
    expect(page.locator(".toast")).to_contain_text(say("已解除绑定", "Released"))
    other = as_person(one.promoter, english=english, width=width)
    expect(other.go("bindings").locator("#list")).to_contain_text(say("已解除", "Released"))
