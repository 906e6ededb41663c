"""The member centre and what friends do together on a phone: bargains, packets, messages, settings, a shop to open."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests import chromium
from tests.make import mall
from tests.mall.phones import fits, hand_in, held_by, opened
from tuike.db import rows
from tuike.kit import clock
from tuike.marketing import queries as marketing

pytestmark = [*chromium.MARKS, pytest.mark.slow, pytest.mark.xdist_group("browser")]


def test_a_bargain_is_started_shared_and_cut_once_by_a_friend(phone, mall_runs):
    say, now = phone.say, clock.now()
    mall.offer(now=now, starts_at=now - timedelta(hours=1), ends_at=now + timedelta(days=2), cuts_needed=3)
    buyer, friend = mall.person(), mall.person()
    held_by(phone, mall_runs, buyer)
    page = opened(phone, "/marketing/bargains/bargains")
    page.get_by_text(say("发起砍价", "Start")).click()
    page.wait_for_url("**/marketing/bargain/bargain?code=*")
    code = page.url.split("code=")[1]
    expect(page.get_by_text(say("邀请朋友砍价", "Invite friends to cut"))).to_be_visible()
    fits(page)

    held_by(phone, mall_runs, friend)
    page = opened(phone, f"/marketing/bargain/bargain?code={code}")
    before = rows.query("SELECT cut_count FROM marketing_bargain")[0][0]
    page.get_by_text(say("帮砍一刀", "Cut it")).click()
    expect(page.locator(".done")).to_be_visible()
    expect(page.get_by_text(say("帮砍一刀", "Cut it"), exact=True)).to_have_count(0)
    assert rows.query("SELECT cut_count FROM marketing_bargain") == [(before + 1,)]
    page = opened(phone, f"/marketing/proof/proof?code={code}")
    expect(page.locator(".mono").first).to_have_text(marketing.bargain_by_code(code).digest)

    held_by(phone, mall_runs, buyer)
    page = opened(phone, "/member/messages/messages")
    page.locator(".thread").nth(1).click()
    page.locator(".message").first.click()
    page.wait_for_url(f"**/marketing/bargain/bargain?code={code}")


def test_a_red_packet_is_sent_from_the_balance_and_opened_by_a_friend(phone, mall_runs):
    say = phone.say
    sender, friend = mall.person(), mall.person()
    mall.rich(sender, 1_000, now=clock.now())
    held_by(phone, mall_runs, sender)
    page = opened(phone, "/marketing/send/send")
    page.locator("input").first.fill("20")
    page.get_by_role("radio").last.click()
    expect(page.locator(".why")).to_have_text(say("余额不足", "The balance is too low"))
    page.locator("input").first.fill("4.00")
    page.locator(".stepper .side").last.click()
    page.get_by_text(say("塞钱进红包", "Put the money in")).click()
    page.wait_for_url("**/marketing/packet/packet?code=*")
    code = page.url.split("code=")[1]
    expect(page.get_by_text(say("发给朋友", "Send to friends"))).to_be_visible()

    held_by(phone, mall_runs, friend)
    page = opened(phone, f"/marketing/packet/packet?code={code}")
    page.locator(".seal").click()
    expect(page.locator(".got .price")).to_be_visible()
    [(fen,)] = rows.query("SELECT amount_fen FROM marketing_packet_share WHERE person_id = %s", [friend])
    expect(page.locator(".got .price")).to_have_text(f"¥{fen // 100}.{fen % 100:02d}")
    page = opened(phone, "/marketing/balance/balance")
    expect(page.locator(".sum")).to_have_text(f"¥{fen // 100}.{fen % 100:02d}")
    held_by(phone, mall_runs, sender)
    page = opened(phone, "/marketing/balance/balance")
    expect(page.locator(".sum")).to_have_text("¥6.00")


def test_a_member_sets_things_applies_with_a_shop_and_leaves(phone, mall_runs):
    say, one = phone.say, mall.person()
    held_by(phone, mall_runs, one)
    page = opened(phone, "/member/settings/settings")
    page.get_by_text(say("昵称", "Nickname")).first.click()
    page.locator(".sheet input").fill("小满")
    page.locator(".sheet").get_by_text(say("保存", "Save")).click()
    expect(page.locator(".sheet")).to_have_count(0)
    expect(page.get_by_text("小满")).to_be_visible()
    page.locator("uni-switch").click()
    page.wait_for_load_state("networkidle")
    for path in ("/member/level/level", "/marketing/points/points", "/member/kept/kept", "/member/devices/devices",
                 "/marketing/vouchers/vouchers", "/marketing/packets/packets", "/member/privacy/privacy"):  # fmt: skip
        opened(phone, path)
        assert page.locator(".bones").count() == 0, path

    page = opened(phone, "/member/onboarding/onboarding")
    page.get_by_text(say("申请入驻", "Apply"), exact=True).click()
    page.locator(".sheet input").fill("小满的店")
    page.locator(".sheet").get_by_text(say("个人", "A person")).click()
    page.get_by_text(say("下一步", "Next"), exact=False).click()
    page.wait_for_url("**/member/joining/joining?no=*")
    hand_in(page, say("提交审核", "Hand in for review"))
    assert rows.query("SELECT state FROM parties_certification ORDER BY id DESC LIMIT 1") == [("filed",)]

    leaving = mall.person()
    held_by(phone, mall_runs, leaving)
    page = opened(phone, "/member/close/close")
    page.locator("input").fill(say("注销", "close"))
    page.locator(".bar").get_by_text(say("注销账号", "Close the account")).click()
    page.wait_for_url("**/m/pages/me/me")
    expect(page.get_by_text(say("点击登录", "Tap to sign in"))).to_be_visible()
    assert rows.query("SELECT erased_at IS NOT NULL FROM people_person WHERE id = %s", [leaving]) == [(True,)]
