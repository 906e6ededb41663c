"""On a phone: what is looked at and kept, a coupon taken, a bargain that a friend cuts, a red packet that is opened."""

import re

import pytest
from playwright.sync_api import expect

from tests import chromium
from tests.browser.watched import Watched
from tests.make import mall as make_mall
from tests.make import marketing as make_coupons
from tests.mall.phones import fits, held_by
from tests.waiting import until
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.kit import clock
from tuike.marketing import service as marketing
from tuike.marketing.types import CouponChannel
from tuike.parties import service as parties
from tuike.parties.types import MallFunction

pytestmark = [*chromium.MARKS, pytest.mark.slow, pytest.mark.xdist_group("browser")]


@pytest.fixture
def buyer(phone, mall_runs) -> Watched:
    """Return the phone of the buyer of the alliance, signed in, with bargains and red packets on in the shop."""
    one, now = mall_runs.one, clock.now()
    for function in (MallFunction.BARGAINS, MallFunction.RED_PACKETS):
        parties.switch_function(merchant_id=one.shop.id, function=function, on=True, actor=OPERATOR_SHELL, now=now)
    held_by(phone, mall_runs, one.buyer_id)
    return phone


def test_a_product_is_found_and_kept(buyer, mall_runs):
    page, say = buyer.page, buyer.say
    [(title,)] = rows.query("SELECT title FROM catalog_product ORDER BY id LIMIT 1")
    page.goto(f"{mall_runs.base}/m/")
    page.locator(".search").first.click()
    page.wait_for_url("**/search/search*")
    page.locator("uni-page:last-of-type input").fill(title[:4])
    page.locator("uni-page:last-of-type input").press("Enter")
    page.locator("uni-page:last-of-type").get_by_text(title).first.click()
    page.wait_for_url("**/product/product*")
    fits(page)
    page.locator(".bar").get_by_text(say("收藏", "Keep"), exact=True).click()
    expect(page.locator(".bar [aria-pressed=true]")).to_have_count(1)
    page.goto(f"{mall_runs.base}/m/member/kept/kept")
    expect(page.get_by_text(title).first).to_be_visible()
    fits(page)
    assert rows.query("SELECT count(*) FROM members_favourite") == [(1,)]


def test_a_coupon_is_taken_once(buyer, mall_runs):
    page, one = buyer.page, mall_runs.one
    wanted = make_coupons.fixed(
        channel=CouponChannel.EVERYONE, starts_at=clock.now(), ends_at=clock.now().replace(year=clock.now().year + 1)
    )
    make_coupons.coupon(one.shop.id, wanted, now=clock.now())
    page.goto(f"{mall_runs.base}/m/marketing/coupons/coupons")
    coupon = page.locator(".coupon")
    expect(coupon).to_have_count(1)
    coupon.get_by_text(buyer.say("领取", "Take"), exact=True).click()
    expect(coupon.get_by_text(buyer.say("已领取", "Taken"))).to_be_visible()
    fits(page)
    assert rows.query("SELECT count(*) FROM marketing_voucher") == [(1,)]
    page.goto(f"{mall_runs.base}/m/marketing/vouchers/vouchers")
    expect(page.get_by_text(wanted.name).first).to_be_visible()


def test_a_friend_cuts_a_bargain_once(buyer, mall_runs):
    page, one, now = buyer.page, mall_runs.one, clock.now()
    [(sku_id,)] = rows.query("SELECT min(id) FROM catalog_sku")
    wanted = make_mall.new_offer(sku_id, floor_fen=2_000, starts_at=now, ends_at=now.replace(year=now.year + 1))
    offer = marketing.create_bargain_offer(merchant_id=one.shop.id, offer=wanted, actor=OPERATOR_SHELL, now=now)
    begun = marketing.start_bargain(offer_no=offer.no, buyer_id=one.buyer_id, now=now)
    page.goto(f"{mall_runs.base}/m/marketing/bargain/bargain?code={begun.code}")
    expect(page.locator(".cut")).to_have_count(1)
    fits(page)
    held_by(buyer, mall_runs, make_mall.person())
    page.goto(f"{mall_runs.base}/m/marketing/bargain/bargain?code={begun.code}")
    page.locator(".acts").get_by_text(buyer.say("帮砍一刀", "Cut it")).first.click()
    expect(page.locator(".cut")).to_have_count(2)
    expect(page.locator(".done")).to_be_visible()
    fits(page)
    assert rows.query("SELECT cut_count FROM marketing_bargain") == [(2,)]


def test_a_red_packet_is_opened_once(buyer, mall_runs):
    page, one, now = buyer.page, mall_runs.one, clock.now()
    sender = make_mall.rich(make_mall.person(), 1_000, now=now)
    packet = marketing.send_red_packet(
        buyer_id=sender, packet=make_mall.NewPacket(total_fen=1_000, shares=4), from_balance=True, now=now
    )
    page.goto(f"{mall_runs.base}/m/marketing/packet/packet?code={packet.code}")
    page.locator(".seal").click()
    expect(page.locator(".seal")).to_have_count(0)
    until(lambda: rows.query("SELECT opened FROM marketing_packet WHERE code = %s", [packet.code]) == [(1,)], what="it")
    shown = page.locator("uni-page:last-of-type")
    fits(page)
    [(fen,)] = rows.query("SELECT amount_fen FROM marketing_packet_share WHERE person_id = %s", [one.buyer_id])
    yuan = f"{fen // 100}.{fen % 100:02d}"
    expect(shown).to_contain_text(re.compile(re.escape(yuan).replace(r"\.", r"\s*\.")))
    page.reload()
    expect(page.locator(".seal")).to_have_count(0)
    expect(shown).to_contain_text(re.compile(re.escape(yuan).replace(r"\.", r"\s*\.")))
    assert rows.query("SELECT opened FROM marketing_packet WHERE code = %s", [packet.code]) == [(1,)]
