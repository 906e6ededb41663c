"""What a promoter earned, on a phone: by state, explained, asked for, taken back, refused and paid out."""

import re
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests import books, chromium
from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.mall.phones import FRONT, fits, is_off, opened
from tests.waiting import until
from tuike.db import rows
from tuike.doors.web.soon import soon
from tuike.flows.decide_withdrawal import approve_withdrawal, reject_withdrawal
from tuike.kit import clock
from tuike.parties.types import Rail, Role

pytestmark = [*chromium.MARKS, pytest.mark.slow, pytest.mark.xdist_group("browser")]
HAN = re.compile("[\u3400-\u9fff]")
NAMES = ("推客老王", "推客小李", "手绘青瓷盖碗")
"""What people called themselves and their goods: said as it is in every language."""


def _earned(mall_runs, now: datetime) -> None:
    """Let the promoter earn: ¥7.18 available, as much pending, and one that a refund took away."""
    past = replace(mall_runs.one, links={}, places=10)
    make.touch(past, now=now - timedelta(days=41))
    old = make.bought(past, now=now - timedelta(days=40))
    make.received(old, now=now - timedelta(days=39))
    make.matured(until=now - timedelta(days=1))
    make.touch(past, now=now - timedelta(days=3))
    make.bought(past, now=now - timedelta(days=2))
    back = make.bought(past, now=now - timedelta(days=1))
    make.refunded(back, now=now - timedelta(hours=3))
    books.check()


def test_what_was_earned_is_shown_by_state_and_explained(promoter, mall_runs):
    page, say = promoter.page, promoter.say
    _earned(mall_runs, clock.now())
    opened(promoter, "/promoter/centre/centre")
    expect(page.locator(".purse .sum")).to_have_text("¥7.18")
    expect(page.locator(".purse .part").first).to_contain_text("¥7.18")
    page.locator(".span").last.click()
    expect(page.locator(".span").last).to_have_class(re.compile("on"))
    page.locator(".tile").get_by_text(say("收益明细", "Earnings")).click()
    page.wait_for_url("**/promoter/earnings/earnings")
    here = page.locator(FRONT)
    expect(here.locator(".earning")).to_have_count(3)
    fits(page)
    for state, number in (
        (say("待结算", "Pending"), 1),
        (say("待商家备款", "Waits for funds"), 0),
        (say("已取消", "Cancelled"), 1),
        (say("已结算", "Settled"), 1),
    ):
        here.locator(".tab").get_by_text(state, exact=True).click()
        expect(here.locator(".earning")).to_have_count(number)
        expect(here.locator(".earning .state")).to_have_text([state] * number)
        expect(here.locator(".empty")).to_have_count(0 if number else 1)
        fits(page)
    [(order_no,)] = rows.query("SELECT no FROM orders_order ORDER BY id LIMIT 1")
    expect(here.locator(".earning")).to_contain_text(order_no)
    expect(here.locator(".earning")).to_contain_text("¥59.90 × 12%")
    here.locator(".earning").click()
    page.wait_for_url("**/promoter/earning/earning?id=*")
    expect(here.locator(".verdict")).to_contain_text(say("已逐项重算", "Computed anew"))
    expect(here.locator(".block").filter(has_text="¥7.18").first).to_be_visible()
    headings = here.locator(".heading").all_inner_texts() + here.locator(".label").all_inner_texts()
    assert len(headings) > 6
    if promoter.english:
        names = re.compile("|".join(NAMES))
        assert [text for text in headings if HAN.search(names.sub("", text))] == []
    fits(page)


def _bound(mall_runs) -> None:
    """Bind the promoter's WeChat pocket at the sandbox, in its owner's name."""
    owner = mall_runs.sandbox.control("people")["people"][0]
    make_parties.bank_account(mall_runs.one.promoter, rail=Rail.WECHAT, number=owner["openid"], holder=owner["name"])


def _state(no: str) -> str:
    return str(rows.query("SELECT state FROM settlement_withdrawal WHERE no = %s", [no])[0][0])


def _moves_on(no: str, *states: str) -> None:
    """Let the worker send what is approved, and ask, until the withdrawal stands so."""

    def there() -> bool:
        soon("run_payouts")
        return _state(no) in states

    until(there, what=f"the withdrawal {states}")


def _asked(promoter, times: int, *, amount: str) -> str:
    """Ask for an amount on the page of withdrawals; return its number. `times`: how many there are then."""
    here = promoter.page.locator(FRONT)
    here.locator("input").fill(amount)
    here.locator(".form uni-button").click()
    expect(here.locator(".past")).to_have_count(times)
    expect(here.locator(".past .state").first).to_have_text(promoter.say("审核中", "To be approved"))
    fits(promoter.page)
    return str(rows.query("SELECT no FROM settlement_withdrawal ORDER BY id DESC LIMIT 1")[0][0])


def test_money_is_asked_for_taken_back_and_refused(promoter, mall_runs):
    page, say = promoter.page, promoter.say
    _earned(mall_runs, clock.now())
    opened(promoter, "/promoter/centre/centre")
    expect(page.get_by_text(say("还没有绑定收款账户", "No account for payouts yet"))).to_be_visible()
    _bound(mall_runs)
    page.locator(".purse").get_by_text(say("提现", "Withdraw"), exact=True).click()
    page.wait_for_url("**/promoter/withdraw/withdraw")
    here = page.locator(FRONT)
    expect(here.get_by_text(say("还没有提现记录", "No withdrawals yet"))).to_be_visible()
    send = here.locator(".form uni-button")
    for amount in ("0", "7.19", "7.181", ""):
        here.locator("input").fill("5")
        expect(send).not_to_have_attribute("disabled", "true")
        here.locator("input").fill(amount)
        is_off(send)
    here.get_by_text(say("全部提现", "All of it")).click()
    expect(here.locator("input")).to_have_value("7.18")
    fits(page)

    state = here.locator(".past .state").first
    first = _asked(promoter, 1, amount="7.18")
    here.locator(".past").get_by_text(say("取消", "Cancel"), exact=True).click()
    expect(state).to_have_text(say("已取消", "Cancelled"))
    second = _asked(promoter, 2, amount="6")
    reject_withdrawal(no=second, reason="资料不全", actor=make_parties.operator_seat(Role.FINANCE), now=clock.now())
    opened(promoter, "/promoter/withdraw/withdraw")
    expect(state).to_have_text(say("未通过", "Refused"))
    expect(here.locator(".past").first).to_contain_text("资料不全")
    assert [_state(no) for no in (first, second)] == ["cancelled", "rejected"]
    books.check()
    opened(promoter, "/promoter/centre/centre")
    expect(page.locator(".purse .sum")).to_have_text("¥7.18")


def test_a_withdrawal_waits_for_wechats_confirmation_and_arrives(promoter, mall_runs):
    page, say = promoter.page, promoter.say
    _earned(mall_runs, clock.now())
    _bound(mall_runs)
    opened(promoter, "/promoter/withdraw/withdraw")
    no = _asked(promoter, 1, amount="5")
    approve_withdrawal(no=no, actor=make_parties.operator_seat(Role.FINANCE), now=clock.now())
    _moves_on(no, "waiting_user")
    opened(promoter, "/promoter/centre/centre")
    page.get_by_text(say("有 1 笔提现待您确认收款", "1 withdrawals wait for your confirmation")).click()
    page.wait_for_url("**/promoter/withdraw/withdraw")
    past = page.locator(FRONT).locator(".past").first
    expect(past.locator(".state")).to_have_text(say("待确认收款", "Confirm it"))
    past.locator("uni-button").click()
    expect(page.locator("uni-toast")).to_contain_text(say("微信小程序", "WeChat"))
    fits(page)
    assert _state(no) == "waiting_user"  # what WeChat asks, a browser can't confirm
    mall_runs.sandbox.control("transfer", out_bill_no=no, action="confirm")
    _moves_on(no, "paid")
    opened(promoter, "/promoter/withdraw/withdraw")
    expect(past.locator(".state")).to_have_text(say("已到账", "Paid"))
    books.check()
    opened(promoter, "/promoter/centre/centre")
    expect(page.locator(".purse .sum")).to_have_text("¥2.18")
