"""A party's money in its console: what stands where, withdrawals asked for and taken back, statements, the account."""

import csv
import io
from datetime import timedelta

import pytest

from tests.console.conftest import toast_of
from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make import settlement as make_settlement
from tests.make.settlement import stand
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows.close_month import close_ended_months
from tuike.flows.decide_withdrawal import reject_withdrawal
from tuike.kit import clock
from tuike.parties import queries as parties
from tuike.parties.types import Role
from tuike.people import service as people
from tuike.settlement import queries as settlement
from tuike.settlement.types import WithdrawalState


def text(answer):
    return answer.content.decode()


@pytest.fixture
def party(db):
    return make_settlement.payee(100_00)


def form(**changed):
    return {"amount": "60", "source": "mini_store"} | changed


def asked(party):
    return settlement.withdrawals_of(party.id)


def scanned(ticket, person_id):
    people.scan(ticket=ticket, person_id=person_id, now=clock.now())
    people.confirm_scan(ticket=ticket, person_id=person_id, now=clock.now())


def ticket_in(answer, name="ticket"):
    import re

    return re.search(rf'name="{name}" value="([^"]+)"', text(answer))[1]


def test_the_overview_shows_the_ledgers_balances(party, sit):
    page = text(sit(party).get("funds"))
    for shown in ("¥100.00", "可提现", "待结算", "没有欠款", "商城", "外部小程序", "•••• 6789", "已验证"):
        assert shown in page


def test_money_is_asked_for_once_and_taken_back(party, sit):
    one = sit(party, Role.ADMIN)
    assert "申请提现" in text(one.get("withdraw", htmx=True))
    for _ in range(2):
        answer = one.post("withdraw", form(key="same"))
        assert answer.headers["HX-Redirect"] == one.url("withdrawals")
    assert stand(party, "available", "leaving") == {"available": 40_00, "leaving": 60_00}
    no = asked(party)[0].no
    assert no in text(one.get("withdrawals"))
    drawer = text(one.get("withdrawal", no=no, htmx=True))
    assert "等待平台财务审批（0/1）" in drawer
    assert "撤销提现" in drawer
    done = one.post("withdrawal-cancel", no=no)
    assert toast_of(done) == "提现已撤销，金额已退回可提现"
    assert stand(party, "available", "leaving") == {"available": 100_00, "leaving": 0}
    assert "已撤销" in text(one.get("withdrawal", no=no, htmx=True))
    assert one.post("withdrawal-cancel", no=no).status_code == 409


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"amount": "100.01"}, "可提现余额不足"),
        ({"amount": "0.99"}, "提现金额低于最低限额"),
        ({"amount": "abc"}, "请填写金额"),
        ({"amount": "-5"}, "请填写金额"),
        ({"source": "mini_program"}, "可提现余额不足"),
        ({"source": "elsewhere"}, "请选择资金来源"),
    ],
)
def test_what_can_not_be_withdrawn_is_said_and_nothing_changes(party, sit, changed, said):
    before = make_settlement.everything()
    answer = sit(party).post("withdraw", form(**changed))
    assert answer.status_code == 422
    assert said in text(answer)
    assert make_settlement.everything() == before


def test_a_debt_is_shown_with_its_origin_and_stops_withdrawals(db, sit):
    one = make.alliance()
    make.touch(one)
    order = make.bought(one)
    make.received(order, now=make.NOON)
    make.matured(until=make.NOON + timedelta(days=40))
    make_parties.bank_account(one.promoter)
    from tuike.flows.request_withdrawal import request_withdrawal

    actor = make_parties.super_admin_of(one.promoter)
    request_withdrawal(
        party_id=one.promoter.id, amount_fen=700, key="w", actor=actor, now=make.NOON + timedelta(days=41)
    )
    make.refunded(order, now=make.NOON + timedelta(days=42))
    desk = sit(one.promoter, english=True)
    page = text(desk.get("funds"))
    assert "You owe ¥7.00" in page
    assert order.no in page
    assert "Refund after settling" in page
    answer = desk.post("withdraw", form(amount="1"))
    assert answer.status_code == 422
    assert "no withdrawal before" in text(answer)


def test_another_partys_withdrawal_is_not_there(party, sit):
    theirs = make_settlement.payee(50_00, name="别人", phone="13900000005")
    no = make_settlement.asked(theirs, 10_00)
    one = sit(party)
    for answer in (one.get("withdrawal", no=no, htmx=True), one.post("withdrawal-cancel", no=no)):
        assert answer.status_code == 404
    assert settlement.withdrawal(no).state is WithdrawalState.REQUESTED


def test_a_shops_product_manager_sees_no_money_and_its_finance_does(db, sit):
    shop = make_parties.merchant()
    make_parties.bank_account(shop)
    make_settlement.fund(shop, 30_00)
    manager, finance = sit(shop, Role.PRODUCT_MANAGER), sit(shop, Role.FINANCE)
    for name in ("funds", "ledger", "withdrawals", "statements", "withdraw"):
        assert manager.get(name).status_code == 403
    assert manager.post("withdraw", form()).status_code == 403
    page = text(finance.get("funds"))
    assert "待结算货款" in page
    assert "外部小程序</td>" not in page  # a shop has its own source only
    assert finance.post("withdraw", form(amount="30")).status_code == 200
    assert stand(shop, "available") == {"available": 0}
    assert finance.get("bank").status_code == 403


def test_a_no_of_the_operator_is_told_with_its_reason(party, sit):
    one = sit(party)
    one.post("withdraw", form())
    no = asked(party)[0].no
    reject_withdrawal(no=no, reason="户名不符", actor=make_parties.operator_seat(Role.FINANCE), now=clock.now())
    drawer = text(one.get("withdrawal", no=no, htmx=True))
    assert "户名不符" in drawer
    assert "审批未通过" in drawer
    told = rows.query("SELECT kind, facts->>'reason' FROM messages_message WHERE party_id = %s ORDER BY id", [party.id])
    assert told[-1] == ("withdrawal_rejected", "户名不符")


@pytest.fixture
def months(db):
    """A promoter with two closed months: settled in March, withdrawn in April."""
    party = make_settlement.payee(0)
    march = make_settlement.NOW - timedelta(days=60)
    make_settlement.fund(party, 80_00, now=march)
    make_settlement.asked(party, 30_00, now=march + timedelta(days=30))
    close_ended_months(now=make_settlement.NOW)
    return party


def test_statements_are_listed_and_read_as_csv_and_pdf(months, sit):
    one = sit(months, english=True)
    page = text(one.get("statements"))
    assert "2026-03" in page
    assert "2026-04" in page
    assert "¥50.00" in page
    answer = one.get("statement-csv", month="2026-04")
    assert answer.headers["Content-Type"].startswith("text/csv")
    table = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert table[0][0] == "Booked"
    assert [row[3:] for row in table[1:]] == [["-30.00", "50.00"]]
    paper = one.get("statement-pdf", month="2026-04")
    assert paper.headers["Content-Type"] == "application/pdf"
    assert paper.content.startswith(b"%PDF")
    for month in ("2026-05", "2026-13", "x"):
        assert one.get("statement-csv", month=month).status_code == 404
    other = sit(make_settlement.payee(0, name="别人", phone="13900000005"))
    assert other.get("statement-csv", month="2026-04").status_code == 404


def test_the_ledger_is_the_partys_own_and_adds_up(months, sit):
    stranger = make_settlement.payee(12_34, name="别人", phone="13900000005")
    one = sit(months)
    page = text(one.get("ledger"))
    no = asked(months)[0].no
    assert no in page
    assert "¥12.34" not in page
    assert text(sit(stranger).get("ledger")).count("¥12.34") >= 2
    sums = text(one.get("ledger", {"part": "totals", "account": "available"}, htmx=True))
    assert "¥50.00" in sums
    assert no in text(one.get("ledger", {"source": no}))
    assert no not in text(one.get("ledger", {"kind": "mature"})).split('id="list"')[1]


def test_an_account_is_bound_by_a_scan_and_only_by_the_super_administrator(db, sit):
    party = make_parties.promoter()
    one = sit(party)
    typed = {"rail": "bank", "holder": "李雷", "bank": "招商银行", "number": "6225 8801 0000 1234"}
    assert one.post("bank", typed | {"number": "12"}).status_code == 422
    assert one.post("bank", typed | {"holder": ""}).status_code == 422
    shown = one.post("bank", typed)
    ticket = ticket_in(shown)
    assert 'src="data:image/svg' in text(shown)
    assert parties.bank_account_of(party.id) is None
    assert 'id="scan"' in text(one.post("bank-state", typed | {"ticket": ticket}))
    assert parties.bank_account_of(party.id) is None
    scanned(ticket, one.person_id)
    answer = one.post("bank-state", typed | {"ticket": ticket})
    assert answer.headers["HX-Redirect"] == one.url("funds")
    assert parties.bank_account_of(party.id).tail == "1234"
    assert "待平台验证" in text(one.get("funds"))
    thief = sit(party, Role.ADMIN)
    assert thief.post("bank", typed).status_code == 403
    again = ticket_in(one.post("bank", typed | {"number": "6225880199999999"}))
    assert thief.post("bank-state", typed | {"ticket": again}).status_code == 403
    scanned(again, thief.person_id)
    refused = one.post("bank-state", typed | {"ticket": again, "number": "6225880199999999"})
    assert refused.status_code == 403
    assert parties.bank_account_of(party.id).tail == "1234"


def test_a_changed_account_cools_down_on_the_page(party, sit):
    one = sit(party)
    typed = {"rail": "bank", "holder": "李雷", "bank": "工商银行", "number": "6222020000005678"}
    ticket = ticket_in(one.post("bank", typed))
    scanned(ticket, one.person_id)
    one.post("bank-state", typed | {"ticket": ticket})
    from tuike.parties import service

    service.verify_bank_account(
        bank_account_id=parties.bank_account_of(party.id).id, actor=OPERATOR_SHELL, now=clock.now()
    )
    assert "冷静期 24 小时" in text(one.get("funds"))
    answer = one.post("withdraw", form())
    assert answer.status_code == 422
    assert "收款账户刚刚变更" in text(answer)
