"""The operator's queues worked off in a browser by the right people, and closed to those who may only look."""

import re
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make import settlement as make_settlement
from tuike.catalog import queries as catalog
from tuike.commission import queries as accruals
from tuike.commission import service as commission
from tuike.doors.jobs import tasks
from tuike.kit import clock
from tuike.parties import queries as parties
from tuike.parties.types import Role
from tuike.settlement import queries as settlement
from tuike.settlement.types import WithdrawalState

BOTH = pytest.mark.parametrize(("english", "width"), [(False, 1440), (True, 1024), (True, 390)])


@pytest.fixture
def desk(living):
    return make_parties.operator()


def _no_button(person, *words: str) -> None:
    """Assert that somebody sees the drawer and none of these deeds."""
    expect(person.page.locator("#drawer[open]")).to_be_visible()
    for word in words:
        expect(person.page.locator("#drawer").get_by_role("button", name=word)).to_have_count(0)


@BOTH
def test_a_payout_account_is_compared_and_verified(desk, as_person, english, width):
    account = make_parties.bank_account(make_parties.promoter(), verified=False)
    watcher = as_person(desk, Role.FINANCE, english=english, width=width)
    watcher.go("accounts", check=False).locator("#list a.open").first.click()
    _no_button(watcher, watcher.say("通过验证", "Verify"), watcher.say("查看完整账户", "Show in full"))
    who = as_person(desk, Role.OPERATOR, english=english, width=width)
    page = who.go("accounts")
    page.locator("#list a.open").first.click()
    expect(page.locator("#drawer")).not_to_contain_text("6225880123456789")
    page.get_by_role("button", name=who.say("查看完整账户", "Show in full")).click()
    expect(page.locator("#drawer")).to_contain_text("6225880123456789")
    who.check()
    page.locator("#drawer").get_by_role("button", name=who.say("通过验证", "Verify")).click()
    page.locator("#dialog .btn.pri").click()
    expect(page.locator(".toast")).to_contain_text(who.say("账户已通过验证", "The account is verified"))
    assert parties.bank_account(account.id).verified_at is not None


@BOTH
def test_commission_under_review_is_released(desk, as_person, english, width):
    one = make.alliance()
    make.touch(one)
    order = make.received(make.bought(one, now=make.NOON), now=make.NOON + timedelta(days=1))
    accrual = make.accruals(order)["direct"]
    commission.hold(accrual_ids=[accrual], reason="同一地址多单", actor=make_settlement.FIRST, now=make.NOON)
    watcher = as_person(desk, Role.AUDITOR, english=english, width=width)
    watcher.go("held", check=False).locator("#list a.open").first.click()
    _no_button(watcher, watcher.say("放行", "Release"), watcher.say("驳回", "Reject"))
    who = as_person(desk, Role.OPERATOR, english=english, width=width)
    page = who.go("held")
    page.locator("#list a.open").first.click()
    release = who.say("放行", "Release")
    page.locator("#drawer").get_by_role("button", name=release, exact=True).click()
    page.locator("#o-reason").fill("地址已核实")
    who.check()
    page.locator("#dialog").get_by_role("button", name=release, exact=True).click()
    expect(page.locator(".toast")).to_contain_text(who.say("已放行 1 笔", "1 released"))
    assert accruals.accruals_by_id([accrual])[0].review != "held"


@BOTH
def test_an_adjustment_is_filed_by_one_and_booked_by_another(desk, as_person, english, width):
    payee = make_settlement.payee(0)
    first = as_person(desk, Role.FINANCE, english=english, width=width)
    page = first.go("adjustments")
    page.get_by_role("button", name=first.say("新建调整", "File an adjustment")).click()
    with first.expecting(422):
        page.locator("#o-party_no").fill("P0")
        page.locator("#o-amount").fill("12.50")
        page.locator("#o-reason").fill("补发奖励")
        page.locator("#dialog .btn.pri").click()
        expect(page.locator("#dialog .err")).to_be_visible()
    page.locator("#o-party_no").fill(payee.no)
    first.check()
    page.locator("#dialog .btn.pri").click()
    expect(page.locator(".toast")).to_be_visible()
    page.locator("#list a.open").first.click()
    approve = first.say("审批入账", "Approve and book")
    _no_button(first, approve)
    second = as_person(desk, Role.FINANCE, english=english, width=width)
    page = second.go("adjustments")
    page.locator("#list a.open").first.click()
    page.locator("#drawer").get_by_role("button", name=approve).click()
    second.check()
    page.locator("#dialog .dacts .btn").last.click()
    expect(page.locator(".toast")).to_contain_text(second.say("已入账", "Booked"))
    assert make_settlement.stand(payee, "available") == {"available": 1_250}


@BOTH
def test_above_the_threshold_two_people_approve(desk, as_person, english, width):
    no = make_settlement.asked(make_settlement.payee(5_000), 3_000, approvals_needed=2)
    for state in (WithdrawalState.REQUESTED, WithdrawalState.APPROVED):
        who = as_person(desk, Role.FINANCE, english=english, width=width)
        page = who.go("withdrawals", "?state=requested", check=False)
        page.get_by_role("link", name=no).click()
        yes = who.say("通过", "Approve")
        page.locator("#drawer").get_by_role("button", name=yes, exact=True).click()
        who.check()
        page.locator("#dialog").get_by_role("button", name=yes, exact=True).click()
        first = state is WithdrawalState.REQUESTED
        words = who.say("还需另一位财务审批", "another person's is needed") if first else who.say("已通过", "Approved")
        expect(page.locator(".toast")).to_contain_text(words)
        assert settlement.withdrawal(no).state is state


@BOTH
def test_withdrawals_become_a_file_and_its_outcomes_come_back(desk, as_person, tmp_path, english, width):
    payee = make_settlement.payee(5_000)
    arrives, returns = (make_settlement.approved(payee, fen) for fen in (1_000, 2_000))
    watcher = as_person(desk, Role.OPERATOR, english=english, width=width)
    page = watcher.go("payouts")
    make_it = watcher.say("生成银行文件", "Make the bank's file")
    expect(page.get_by_role("button", name=make_it)).to_have_count(0)
    who = as_person(desk, Role.FINANCE, english=english, width=width)
    page = who.go("payouts")
    page.get_by_role("button", name=make_it).click()
    page.locator("#confirm [value=yes]").click()
    expect(page.locator("tbody tr")).to_have_count(1)
    who.check()
    with page.expect_download() as saved:
        page.get_by_role("button", name=who.say("下载", "Download")).click()
    saved.value.save_as(tmp_path / "batch.csv")
    assert {arrives, returns} <= set(re.findall(r"\w+", (tmp_path / "batch.csv").read_text("utf-8-sig")))
    at = clock.now().strftime("%Y-%m-%dT%H:%M:%SZ")
    lines = [f"{arrives},paid,TP1,,{at}", f"{returns},returned,TP2,账户已销户,{at}"]
    file = "\r\n".join(["payout_no,outcome,bank_ref,reason,settled_at", *lines])
    page.get_by_role("button", name=who.say("导入回单", "Import outcomes")).click()
    with who.expecting(422):
        page.set_input_files("#o-file", {"name": "b.csv", "mimeType": "text/csv", "buffer": file[:90].encode()})
        page.locator("#dialog .btn.pri").click()
        expect(page.locator("#dialog .note.bad")).to_be_visible()
    who.check()
    page.set_input_files("#o-file", {"name": "b.csv", "mimeType": "text/csv", "buffer": file.encode()})
    page.locator("#dialog .btn.pri").click()
    expect(page.locator(".toast")).to_contain_text(who.say("已到账 1 笔，退回 1 笔", "1 arrived, 1 came back"))
    states = [settlement.withdrawal(no).state for no in (arrives, returns)]
    assert states == [WithdrawalState.PAID, WithdrawalState.RETURNED]
    assert make_settlement.stand(payee, "available") == {"available": 4_000}


@BOTH
def test_a_party_is_suspended_with_a_reason_and_restored(desk, as_person, english, width):
    party = make_parties.promoter(name="推客小周")
    watcher = as_person(desk, Role.FINANCE, english=english, width=width)
    watcher.go("parties", f"?q={party.no}", check=False).locator("#list a.open").first.click()
    suspend, restore = watcher.say("停用", "Suspend"), watcher.say("恢复", "Restore")
    _no_button(watcher, suspend)
    who = as_person(desk, Role.OPERATOR, english=english, width=width)
    for verb, words in ((suspend, who.say("已停用", "Suspended")), (restore, who.say("已恢复", "Restored"))):
        page = who.go("parties", f"?q={party.no}", check=False)
        page.locator("#list a.open").first.click()
        page.locator("#drawer").get_by_role("button", name=verb, exact=True).click()
        page.locator("#o-reason").fill("刷单核查")
        who.check()
        page.locator("#dialog .dacts .btn").last.click()
        expect(page.locator(".toast")).to_contain_text(words)
        assert bool(parties.party_shown(party.no).suspended_at) is (verb == suspend)
        sitting = as_person(party, english=english, width=width)
        seen = sitting.go("home").get_by_text("刷单核查")
        expect(seen).to_have_count(1 if verb == suspend else 0)


@BOTH
def test_a_category_is_restricted_and_the_chain_verified(desk, as_person, english, width):
    one = make.alliance()
    watcher = as_person(desk, Role.AUDITOR, english=english, width=width)
    page = watcher.go("categories", check=False)
    change = watcher.say("修改", "Change")
    expect(page.locator("#tree").get_by_role("button", name=change, exact=True)).to_have_count(0)
    who = as_person(desk, Role.OPERATOR, english=english, width=width)
    page = who.go("categories")
    page.locator("#tree").get_by_role("button", name=change, exact=True).first.click()
    page.locator("#dialog [name=restricted]").check()
    who.check()
    page.locator("#dialog .btn.pri").click()
    expect(page.locator("#tree")).to_contain_text(who.say("限制", "Restricted"))
    assert next(node for node in catalog.categories() if node.category_id == one.category_id).restricted
    page = who.go("audit", "?noun=category")
    expect(page.locator("#list tbody tr").first).to_contain_text(who.say("修改类目", "Changed a category"))
    page.get_by_role("button", name=who.say("核对哈希链", "Verify the chain")).click()
    expect(page.locator("#chain")).to_contain_text(who.say("核对中", "being verified"))
    tasks.verify_books(clock.now())
    expect(page.locator("#chain")).to_contain_text(who.say("完整", "It holds"), timeout=10_000)
    who.check()
