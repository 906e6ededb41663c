"""The operator's desk in a browser: each page looked at, and each queue worked through by the right people."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import parties as make_parties
from tests.make import settlement as make_settlement
from tuike.commission import service as commission
from tuike.commission.types import Payee
from tuike.doors.jobs import tasks
from tuike.kit import clock
from tuike.parties import queries as parties
from tuike.parties import service as party_verbs
from tuike.parties.types import Role
from tuike.plans import queries as plans
from tuike.risk import service as cases
from tuike.risk.types import CaseFacts, CaseKind
from tuike.settings import service as settings
from tuike.settlement import queries as settlement
from tuike.settlement import service as payouts
from tuike.settlement.types import Heard, WithdrawalState

PAGES = (
    "certifications",
    "accounts",
    "withdrawals",
    "by-hand",
    "payouts",
    "held",
    "cases",
    "adjustments",
    "categories",
    "grades",
    "settings",
    "parties",
    "audit",
    "books",
    "explain",
    "checkups",
    "open-data",
)


@pytest.fixture
def story(living):
    """Something in every queue."""
    operator = make_parties.operator()
    one = make.alliance()
    make.touch(one)
    order = make.received(make.bought(one, now=make.NOON), now=make.NOON + timedelta(days=1))
    accrual = make.accruals(order)["direct"]
    commission.hold(accrual_ids=[accrual], reason="同一地址多单", actor=make_settlement.FIRST, now=make.NOON)
    waiting = make_parties.promoter(name="推客小周", certified=False)
    party_verbs.file_certification(
        party_id=waiting.id,
        proof=make_parties.individual(),
        actor=make_parties.super_admin_of(waiting),
        now=clock.now(),
    )
    payee = make_settlement.payee(50_000)
    make_parties.bank_account(make_parties.leader(name="团长小王"), verified=False)
    asked = make_settlement.asked(payee, 3_000)
    paid = make_settlement.sending(payee, 1_000).no
    payouts.record_outcomes(outcomes=[make_settlement.outcome(paid, Heard.PAID)], now=make_settlement.NOW)
    cases.open_cases(cases=[CaseFacts(CaseKind.PAYOUT_CONFLICT, paid, 1_000, {"heard": "returned"})], now=clock.now())
    commission.ask_adjustment(
        payee=Payee("promoter", payee.id),
        amount_fen=1_250,
        reason="补发奖励",
        sale_id=None,
        actor=make_settlement.FIRST,
        now=make.NOON,
    )
    make_catalog.category(name="保健")
    return {"operator": operator, "waiting": waiting, "asked": asked, "paid": paid, "accrual": accrual}


@pytest.mark.parametrize(
    ("english", "width", "dark"),
    [(False, 1440, False), pytest.param(True, 390, True, marks=pytest.mark.slow)],
)
def test_every_page_is_right_in_both_languages_sizes_and_themes(story, as_person, english, width, dark):
    who = as_person(story["operator"], Role.SUPER_ADMIN, english=english, width=width, dark=dark)
    for name in PAGES:
        who.go(name)
    page = who.go("settings", check=False)
    page.locator("tbody .btn").nth(1).click()
    expect(page.locator("#dialog")).to_be_visible()
    who.check()
    page = who.go("withdrawals", check=False)
    page.locator("#list a.open").first.click()
    expect(page.locator("#drawer")).to_be_visible()
    who.check()


@pytest.mark.parametrize("english", [False, True])
def test_an_application_passes_and_the_look_is_in_the_log(story, as_person, english):
    who = as_person(story["operator"], Role.OPERATOR, english=english)
    page = who.go("certifications", "?state=filed", check=False)
    page.locator("#list a.open").first.click()
    expect(page.locator("#drawer")).not_to_contain_text(make_parties.ID_NUMBER)
    page.get_by_role("button", name=who.say("查看提交的资料", "Show what was filed")).click()
    expect(page.locator("#drawer")).to_contain_text(make_parties.ID_NUMBER)
    who.check()
    yes = who.say("通过", "Pass")
    page.locator("#drawer").get_by_role("button", name=yes, exact=True).click()
    page.locator("#dialog").get_by_role("button", name=yes, exact=True).click()
    expect(page.locator(".toast")).to_contain_text(who.say("已通过", "Passed"))
    expect(page.locator("#list")).to_contain_text(who.say("没有认证申请", "No applications here"))
    assert parties.certifications_of(story["waiting"].id)[0].state == "approved"
    page = who.go("audit", "?noun=certification", check=False)
    expect(page.locator("#list")).to_contain_text(who.say("查看认证资料", "Looked at a certification"))


@pytest.mark.slow
@pytest.mark.parametrize("english", [False, True])
def test_finance_approves_and_books_a_late_return_with_a_second_person(story, as_person, english):
    first = as_person(story["operator"], Role.FINANCE, english=english)
    say, yes = first.say, first.say("通过", "Approve")
    page = first.go("withdrawals", "?state=requested", check=False)
    page.get_by_role("link", name=story["asked"]).click()
    page.locator("#drawer").get_by_role("button", name=yes, exact=True).click()
    page.locator("#dialog").get_by_role("button", name=yes, exact=True).click()
    expect(page.locator(".toast")).to_contain_text(say("已通过", "Approved"))
    assert settlement.withdrawal(story["asked"]).state is WithdrawalState.APPROVED
    page = first.go("cases", "?state=open", check=False)
    page.locator("#list a.open").first.click()
    page.get_by_role("button", name=say("人工入账", "Book by hand")).click()
    dialog = page.locator("#dialog")
    dialog.locator("[name=reference]").fill("TP20260521")
    dialog.locator("[name=reason]").fill("账户已销户")
    dialog.locator("[name=happened_at]").evaluate("field => field._flatpickr.setDate('2026-05-21 10:07', true)")
    first.check()
    dialog.locator(".btn.pri, .btn.danger").click()
    expect(page.locator(".toast")).to_contain_text(say("另一位财务", "another person"))
    page = first.go("by-hand", check=False)
    page.locator("#list a.open").first.click()
    book = say("复核入账", "Approve and book")
    expect(page.locator("#drawer")).to_be_visible()
    expect(page.get_by_role("button", name=book)).to_have_count(0)
    second = as_person(story["operator"], Role.FINANCE, english=english)
    page = second.go("by-hand", check=False)
    page.locator("#list a.open").first.click()
    page.get_by_role("button", name=book).click()
    second.check()
    page.locator("#dialog .dacts .btn").last.click()
    expect(page.locator(".toast")).to_contain_text(say("已入账", "Booked"))
    assert settlement.withdrawal(story["paid"]).state is WithdrawalState.RETURNED


@pytest.mark.slow
@pytest.mark.parametrize("english", [False, True])
def test_rates_settings_and_a_look_as_they_see_it(story, as_person, english):
    who = as_person(story["operator"], Role.ADMIN, english=english)
    page, save = who.go("categories", check=False), who.say("保存", "Save")
    page.get_by_role("button", name=who.say("修改基准", "Change the benchmark")).first.click()
    with who.expecting(422):
        page.locator("#o-rate").fill("abc")
        page.get_by_role("button", name=save).click()
        expect(page.locator("#dialog .err")).to_be_visible()
    page.locator("#o-rate").fill("6.5")
    page.get_by_role("button", name=save).click()
    expect(page.locator(".toast")).to_contain_text(who.say("起生效", "in force from"))
    expect(page.locator("#tree")).to_contain_text("6.5%")
    assert 650 in [row.rate_bps for row in plans.benchmark_rates(at=clock.now() + timedelta(days=1))]
    page = who.go("settings", check=False)
    page.get_by_role("button", name=re.compile(who.say("修改 ?: 提现代扣税", "Change ?: Tax withheld"))).click()
    page.get_by_label(who.say("新的值", "New value")).fill("3.5")
    page.get_by_role("button", name=save).click()
    expect(page.locator("#settings")).to_contain_text("3.5%")
    assert settings.get("tax_bps") == 350
    page = who.go("parties", "?kind=promoter", check=False)
    page.locator("#list a.open").first.click()
    page.get_by_role("button", name=who.say("以其视角查看", "Look as they see it")).click()
    leave = page.get_by_role("button", name=who.say("结束查看", "Stop looking"))
    expect(leave).to_be_visible()
    leave.click()
    page.wait_for_url("**/parties/")


@pytest.mark.slow
@pytest.mark.parametrize("english", [False, True])
def test_the_books_down_to_a_transfer_and_verify_on_its_button(story, as_person, english):
    who = as_person(story["operator"], Role.AUDITOR, english=english)
    page = who.go("books", check=False)
    pending = re.compile(who.say("推客.*待结算佣金", "Promoter.*[Pp]ending"))
    page.get_by_role("row", name=pending).get_by_role("link").click()
    page.wait_for_url("**/books/accounts/**")
    who.check()
    page.locator("#list a.open").first.click()
    page.wait_for_url("**/books/entries/**")
    who.check()
    page.locator("#list a.open").first.click()
    expect(page.locator("#drawer")).to_contain_text(who.say("与记账时的摘要一致", "as it was posted"))
    who.check()
    page = who.go("checkups", check=False)
    page.get_by_role("button", name=who.say("立即核对", "Verify now")).click()
    expect(page.locator("#checkup")).to_contain_text(who.say("核对中", "Running"))
    tasks.verify_books(clock.now())
    expect(page.locator("#checkup")).to_contain_text(who.say("每笔转账", "each transfer"), timeout=10_000)
    who.check()


@pytest.mark.slow
@pytest.mark.parametrize("english", [False, True])
def test_an_auditor_finds_no_button_and_no_way(story, as_person, english):
    who = as_person(story["operator"], Role.AUDITOR, english=english)
    page = who.go("withdrawals", check=False)
    page.get_by_role("link", name=story["asked"]).click()
    expect(page.locator("#drawer")).to_contain_text(story["asked"])
    expect(page.locator("#drawer .btn.pri")).to_have_count(0)
    with who.expecting(403):
        page.goto(who.url("setting-change", setting="tax_bps"))
