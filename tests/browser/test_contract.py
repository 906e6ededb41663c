"""The leader's contract with a real browser: an activity, enrolling with the worst case, a cancel, longer, material."""

from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.browser.test_finding_promoters import fill_date, in_days
from tests.make import alliance as make
from tests.make import cooperation as making
from tuike.cooperation import queries as cooperation
from tuike.db import rows
from tuike.doors.cli.story import pictures
from tuike.doors.cli.story.goods import CAMELLIA
from tuike.flows import extend_cooperation
from tuike.kit import clock


def alliance() -> make.Alliance:
    """Return an alliance whose product has a picture that is there and a title that toasts may show."""
    one = make.alliance()
    drawn = pictures.draw_all(CAMELLIA[:1], Path(settings.MEDIA_ROOT))
    picture = drawn[CAMELLIA[0].no]
    rows.run("UPDATE catalog_product SET pictures = ARRAY[%s], title = 'Celadon bowl'", [picture])
    return one


@pytest.mark.parametrize(("english", "width"), [(False, 1440), (True, 390)])
def test_from_an_activity_to_a_cooperation_and_its_end(as_person, english, width):
    one = alliance()
    making.open_to_all(now=clock.now())
    leader = as_person(one.leader, english=english, width=width)
    say = leader.say
    page = leader.go("activities")
    page.get_by_role("link", name=say("新建招商活动", "Make an activity")).first.click()
    leader.check()
    page.locator("#title").fill("Spring tea")
    fill_date(page, "ends_at", in_days(90))
    page.locator("#rate").fill("10")
    page.locator("#service").fill("100")
    with leader.expecting(422):
        page.get_by_role("button", name=say("保存草稿", "Keep the draft")).click()
        expect(page.locator("[role=alert]")).to_be_visible()
    leader.check()
    page.locator("#service").fill("2")
    page.get_by_role("button", name=say("添加类目", "Add a category")).click()
    expect(page.locator("[name=floor_category]")).to_have_count(1)
    leader.check()
    page.get_by_role("button", name=say("保存草稿", "Keep the draft")).click()
    page.get_by_role("button", name=say("发布", "Publish"), exact=True).click()
    page.locator("dialog[open] .btn.pri, dialog[open] .btn.danger").last.click()
    expect(page.locator("#share-link")).to_be_visible()
    leader.check()
    [activity] = cooperation.activities_of(leader_id=one.leader.id)
    _enrols(as_person(one.shop, english=english, width=width))
    page = leader.go("enrolments")
    page.locator("#list a.open").first.click()
    page.locator("#drawer").get_by_role("button", name=say("通过", "Pass"), exact=True).click()
    expect(page.locator(".toast").last).to_contain_text(say("已通过 1 个商品", "Passed: 1"))
    [made] = cooperation.enrolments_in(leader_id=one.leader.id, activity_no=activity.no)
    assert (made.rate_bps, made.service_bps, made.state.value) == (1500, 200, "active")
    seller = as_person(one.shop, english=english, width=width)
    page = seller.go("enrolment", no=made.no)
    expect(page.get_by_text(say("现在可以取消吗？", "Can I cancel now?"))).to_be_visible()
    page = seller.go("enrolments")
    page.locator("#list a.open").first.click()
    page.locator("#drawer").get_by_role("button", name=say("申请取消推广", "Ask to cancel")).click()
    seller.check()
    page.locator("#dialog .btn.pri").click()
    expect(page.locator(".toast").last).to_contain_text(say("已发起取消合作，团长审核中", "the leader is reviewing it"))
    page = leader.go("enrolments")
    page.locator("#list a.open").first.click()
    expect(page.locator("#drawer")).to_contain_text(say("已发起取消合作，团长审核中", "the leader is reviewing it"))
    leader.check()
    page.locator("#drawer").get_by_role("button", name=say("拒绝取消", "Refuse")).click()
    expect(page.locator(".toast").last).to_contain_text(say("推广继续", "promotion goes on"))


def _enrols(seller):
    say = seller.say
    page = seller.go("activities")
    page.get_by_role("link", name="Spring tea").click()
    seller.check()
    page.get_by_role("link", name=say("报名活动商品", "Enrol products")).click()
    page.locator("#pick-q").click()
    for _ in range(2):  # chosen twice, it stands there once
        with page.expect_response("**/pick/?one=**"):
            page.get_by_role("button", name=say("选择", "Choose"), exact=True).first.click()
    row = page.locator("li.terms-row")
    expect(row).to_have_count(1)
    cells = {name: row.locator(f"[data-column={name}]") for name in ("rate", "service", "base")}
    expect(cells["service"]).to_have_value("2")  # what the activity asks for
    expect(cells["rate"]).to_be_focused()
    page.keyboard.type("11")
    page.keyboard.press("Tab")
    expect(cells["service"]).to_be_focused()
    expect(row).to_contain_text(say("公开佣金率", "public rate"))
    with seller.expecting(422):
        page.get_by_role("button", name=say("提交报名", "Enrol"), exact=True).click()
        expect(page.locator("[role=alert]")).to_be_visible()
    expect(page.locator("li.terms-row .err")).to_contain_text(say("公开佣金率", "public rate"))
    seller.check()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("#all_rate").fill("15")
    page.get_by_role("button", name=say("应用到全部商品", "Apply to all")).press("Enter")
    expect(cells["rate"]).to_have_value("15")
    expect(row).to_contain_text("¥13.16")  # 8.98 for a promoter, 1.19 for the leader, 2.99 for the tier above
    page.get_by_role("button", name=say("预览最高支出", "Preview the worst case")).click()
    expect(page.locator("#dialog")).to_contain_text("¥8.98")
    seller.check()
    page.keyboard.press("Escape")
    page.get_by_role("button", name=say("提交报名", "Enrol"), exact=True).click()
    expect(page.locator("#list")).to_contain_text(say("待团长审核", "Leader decides"))
    seller.check()


@pytest.mark.parametrize(("english", "width"), [(False, 390), (True, 1440)])
def test_the_shop_answers_and_a_promoter_finds_the_product(as_person, english, width):
    one, now = alliance(), clock.now()
    making.open_to_all(now=now)
    made = making.agreed(one, now=now)
    extend_cooperation.ask_extension(
        no=made.no, ends_at=cooperation.activity(made.activity_id).ends_at, by=making.by(one.leader.id, now)
    )
    seller = as_person(one.shop, english=english, width=width)
    say = seller.say
    page = seller.go("enrolments")
    page.locator("#list a.open").first.click()
    page.locator("#drawer").get_by_role("button", name=say("处理申请", "Answer the leader")).click()
    expect(page.locator("#dialog")).to_contain_text(say("申请延长至", "Longer, until"))
    seller.check()
    page.locator("#dialog").get_by_role("button", name=say("同意", "Agree"), exact=True).click()
    expect(page.locator(".toast").last).to_contain_text(say("已同意团长延长推广时间", "The leader may promote longer"))
    promoter = as_person(one.promoter, english=english, width=width)
    page = promoter.go("led-products")
    page.locator("#list a.open").first.click()
    expect(page.locator("#drawer")).to_contain_text("¥8.98")
    promoter.check()
    page.locator("#drawer").get_by_role("button", name=say("推广", "Promote"), exact=True).click()
    expect(page.locator("#dialog")).to_contain_text(say("推广位", "Promotion place"))
    promoter.check()
