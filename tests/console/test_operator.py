"""The operator's desk: each queue worked through as the right person and as wrong ones, in both languages."""

import io
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.console.conftest import toast_of
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import parties as make_parties
from tests.make import people as make_people
from tests.make import settlement as make_settlement
from tuike.audit import service as audit
from tuike.audit.types import SYSTEM
from tuike.checkups import queries as checkups
from tuike.commission import queries as accruals
from tuike.commission import service as commission
from tuike.db import rows
from tuike.doors.jobs import tasks
from tuike.files import service as files
from tuike.kit import clock
from tuike.parties import queries as parties
from tuike.parties import service as party_verbs
from tuike.parties.types import Role
from tuike.people import service as people
from tuike.plans import queries as plans
from tuike.risk import queries as risk
from tuike.risk import service as cases
from tuike.risk.types import CaseFacts, CaseKind
from tuike.settings import service as settings
from tuike.settlement import queries as settlement
from tuike.settlement import service as payouts
from tuike.settlement.types import Heard, Rail, WithdrawalState

HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture
def operator(db):
    return make_parties.operator()


@pytest.fixture
def desk(sit, operator):
    """Return somebody of the operator's, by role."""
    return lambda role=Role.OPERATOR, **rest: sit(operator, role, **rest)


def words(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


# ---------------------------------------------------------------- certifications


@pytest.fixture
def filed(db):
    party = make_parties.promoter(name="推客小周", certified=False)
    proof = make_parties.individual()
    no = party_verbs.file_certification(
        party_id=party.id, proof=proof, actor=make_parties.super_admin_of(party), now=clock.now()
    )
    return party, no


def test_an_application_is_looked_at_and_passed(desk, filed):
    party, no = filed
    who = desk()
    assert no in words(who.get("certifications"))
    shown = who.get("certification", no=no, htmx=True)
    assert "推客小周" in words(shown) and make_parties.ID_NUMBER not in words(shown)
    looked = who.post("certification-look", no=no)
    assert make_parties.ID_NUMBER in words(looked)
    assert rows.query("SELECT person_id FROM audit_act WHERE action = 'certification.look'") == [(who.person_id,)]
    assert "通过" in words(who.get("certification-pass", no=no, htmx=True))
    assert toast_of(who.post("certification-pass", no=no)) == "已通过"
    assert parties.certifications_of(party.id)[0].state == "approved"
    again = who.post("certification-pass", no=no)
    assert again.status_code == 422 and "已处理" in words(again)


def test_a_rejection_needs_a_reason_and_keeps_what_was_typed(desk, filed):
    party, no = filed
    who = desk(english=True)
    empty = who.post("certification-reject", {"reason": " "}, no=no)
    assert empty.status_code == 422 and "Give a reason" in words(empty)
    assert parties.certifications_of(party.id)[0].state == "filed"
    assert toast_of(who.post("certification-reject", {"reason": "证件照不清晰"}, no=no)) == "Rejected"
    assert parties.certifications_of(party.id)[0].reason == "证件照不清晰"


@pytest.mark.parametrize("role", [Role.FINANCE, Role.AUDITOR])
def test_who_only_reads_sees_no_papers(desk, filed, role):
    _, no = filed
    who = desk(role)
    assert who.get("certifications").status_code == 200
    assert who.get("certification", no=no, htmx=True).status_code == 200
    for name in ("certification-look", "certification-pass", "certification-reject"):
        assert who.post(name, no=no).status_code == 403
    assert rows.query("SELECT 1 FROM audit_act WHERE action = 'certification.look'") == []


def test_a_document_opens_for_who_has_just_looked(desk, tmp_path, settings):
    settings.FILES_ROOT = tmp_path
    party = make_parties.promoter(certified=False)
    out = io.BytesIO()
    Image.new("RGB", (640, 400), "teal").save(out, "JPEG")
    kept = files.keep(
        party_id=party.id, purpose="certification", raw=out.getvalue(), name="证件.jpg", person_id=None, now=clock.now()
    )
    proof = replace(make_parties.individual(), documents=(kept.no,))
    actor = make_parties.super_admin_of(party)
    no = party_verbs.file_certification(party_id=party.id, proof=proof, actor=actor, now=clock.now())
    who = desk()
    assert "<img" not in who.get("certification", no=no, htmx=True).content.decode()
    (address,) = re.findall(r'<img src="([^"]+)"', who.post("certification-look", no=no).content.decode())
    picture = who.get(address)
    assert picture.headers["Content-Type"] == "image/jpeg" and picture.content[:3] == b"\xff\xd8\xff"
    assert desk().get(address).status_code == 404, "somebody else's look"
    assert desk(Role.AUDITOR).get(address).status_code == 403
    assert who.get("certification-document", signed="nonsense").status_code == 404


# ---------------------------------------------------------------- payout accounts


def test_an_account_is_looked_at_and_verified(desk):
    party = make_parties.promoter()
    account = make_parties.bank_account(party, verified=False)
    who = desk()
    assert "…6789" in words(who.get("accounts"))
    assert "6225880123456789" not in words(who.get("account", account_id=account.id, htmx=True))
    assert "6225880123456789" in words(who.post("account-look", account_id=account.id))
    acts = rows.query("SELECT action, object FROM audit_act WHERE action = 'bank_account.look'")
    assert acts == [("bank_account.look", party.no)]
    assert toast_of(who.post("account-verify", account_id=account.id)) == "账户已通过验证"
    assert parties.bank_account_of(party.id).verified_at is not None
    assert desk(Role.FINANCE).post("account-look", account_id=account.id).status_code == 403


# ---------------------------------------------------------------- withdrawals and payouts


def test_finance_approves_and_the_asker_does_not(desk):
    party = make_settlement.payee(10_000)
    one, two = make_settlement.asked(party, 1_000), make_settlement.asked(party, 2_000)
    who = desk(Role.FINANCE)
    assert one in words(who.get("withdrawals", {"state": "requested"}))
    assert who.get("withdrawal", no=one, htmx=True).status_code == 200
    assert toast_of(who.post("withdrawal-approve", no=one)) == "已通过"
    assert settlement.withdrawal(one).state is WithdrawalState.APPROVED
    wrong = who.post("withdrawal-reject", {"reason": ""}, no=two)
    assert wrong.status_code == 422 and settlement.withdrawal(two).state is WithdrawalState.REQUESTED
    assert toast_of(who.post("withdrawal-reject", {"reason": "账户不符"}, no=two)) == "已驳回"
    for role in (Role.ADMIN, Role.OPERATOR, Role.AUDITOR):
        other = desk(role)
        assert other.post("withdrawal-approve", no=one).status_code == 403
        assert "通过" not in words(other.get("withdrawal", no=one, htmx=True)).replace("审批通过", "")


def test_many_are_approved_and_what_is_refused_is_said(desk):
    party = make_settlement.payee(10_000)
    who = desk(Role.FINANCE)
    good = make_settlement.asked(party, 1_000)
    own = make_settlement.asked(party, 2_000, asked_by=who.person_id)
    ids = [id_ for (id_,) in rows.query("SELECT id FROM settlement_withdrawal ORDER BY id")]
    answer = who.post("withdrawals-approve", {"ids": ids})
    assert "1 笔，1 笔未通过" in toast_of(answer) and own in toast_of(answer)
    assert settlement.withdrawal(good).state is WithdrawalState.APPROVED
    assert settlement.withdrawal(own).state is WithdrawalState.REQUESTED


def test_a_second_person_is_needed_above_the_threshold(desk):
    party = make_settlement.payee(10_000)
    no = make_settlement.asked(party, 9_000, approvals_needed=2)
    first, second = desk(Role.FINANCE), desk(Role.FINANCE)
    assert "另一位财务" in toast_of(first.post("withdrawal-approve", no=no))
    again = first.post("withdrawal-approve", no=no)
    assert again.status_code == 422 and "您已审批过" in words(again)
    assert toast_of(second.post("withdrawal-approve", no=no)) == "已通过"


def test_a_file_goes_to_the_bank_and_its_outcomes_come_back(desk):
    party = make_settlement.payee(10_000)
    nos = [make_settlement.approved(party, fen) for fen in (1_000, 2_000)]
    who = desk(Role.FINANCE)
    assert "¥30.00" in words(who.get("payouts"))
    assert who.post("payouts-make", htmx=False).status_code == 303
    (batch,) = settlement.bank_batches()
    file = who.post("payouts-file", htmx=False, batch_no=batch.no)
    assert file.headers["Content-Disposition"].startswith("attachment") and nos[0] in file.content.decode()
    at = (clock.now()).strftime("%Y-%m-%dT%H:%M:%S+00:00")
    lines = [
        "payout_no,outcome,bank_ref,reason,settled_at",
        f"{nos[0]},paid,TP1,,{at}",
        f"{nos[1]},returned,TP2,户名不符,{at}",
    ]
    broken = SimpleUploadedFile("bank.csv", b"nonsense")
    wrong = who.post("payouts-outcomes", {"file": broken}, batch_no=batch.no)
    assert wrong.status_code == 422 and settlement.withdrawal(nos[0]).state is WithdrawalState.SENDING
    good = SimpleUploadedFile("bank.csv", "\r\n".join(lines).encode())
    assert who.post("payouts-outcomes", {"file": good}, batch_no=batch.no).status_code == 200
    assert [settlement.withdrawal(no).state for no in nos] == [WithdrawalState.PAID, WithdrawalState.RETURNED]
    assert who.get("payouts-outcomes", batch_no=batch.no, htmx=True).status_code == 200
    assert desk(Role.ADMIN).post("payouts-make", htmx=False).status_code == 403


@pytest.mark.slow
def test_a_late_return_is_filed_by_one_and_booked_by_another(desk):
    party = make_settlement.payee(1_000)
    no = make_settlement.sending(party, 1_000).no
    payouts.record_outcomes(outcomes=[make_settlement.outcome(no, Heard.PAID)], now=make_settlement.NOW)
    first, second = desk(Role.FINANCE), desk(Role.FINANCE)
    assert "人工入账" in words(first.get("withdrawal", no=no, htmx=True))
    assert first.get("by-hand-ask", no=no, htmx=True).status_code == 200
    said = {"outcome": "returned", "happened_at": "2026-05-21 09:00", "reference": "TP9", "reason": "账户已销户"}
    wrong = first.post("by-hand-ask", said | {"happened_at": "昨天"}, no=no)
    assert wrong.status_code == 422 and "日期和时间" in words(wrong) and "账户已销户" in wrong.content.decode()
    filed = first.post("by-hand-ask", said, no=no)
    assert "另一位财务" in toast_of(filed), words(filed)
    (booking,) = settlement.hand_bookings_of(no)
    assert no in words(first.get("by-hand"))
    own = words(first.get("by-hand-one", booking_id=booking.id, htmx=True))
    assert "须由另一位财务复核" in own and "复核入账" not in own
    assert first.post("by-hand-approve", booking_id=booking.id).status_code == 422
    assert "复核入账" in words(second.get("by-hand-one", booking_id=booking.id, htmx=True))
    assert second.get("by-hand-approve", booking_id=booking.id, htmx=True).status_code == 200
    assert toast_of(second.post("by-hand-approve", booking_id=booking.id)) == "已入账"
    assert settlement.withdrawal(no).state is WithdrawalState.RETURNED
    assert "人工入账" not in words(first.get("withdrawal", no=no, htmx=True)).split("经过")[0]


def test_a_filing_is_turned_down(desk):
    party = make_settlement.payee(1_000)
    no = make_settlement.sending(party, 1_000).no
    payouts.record_outcomes(outcomes=[make_settlement.outcome(no, Heard.PAID)], now=make_settlement.NOW)
    first, second = desk(Role.FINANCE), desk(Role.FINANCE)
    said = {"outcome": "returned", "happened_at": "2026-05-21 09:00", "reference": "TP9", "reason": "退票"}
    first.post("by-hand-ask", said, no=no)
    (booking,) = settlement.hand_bookings_of(no)
    assert second.post("by-hand-reject", {"note": ""}, booking_id=booking.id).status_code == 422
    assert "已驳回" in toast_of(second.post("by-hand-reject", {"note": "查无此笔"}, booking_id=booking.id))
    assert settlement.withdrawal(no).state is WithdrawalState.PAID


# ---------------------------------------------------------------- reviews, cases, adjustments


@pytest.fixture
def story(db):
    one = make.alliance()
    make.touch(one)
    order = make.received(make.bought(one, now=make.NOON), now=make.NOON + timedelta(days=1))
    return one, order, make.accruals(order)["direct"]


def test_commission_is_held_released_and_rejected(desk, story):
    *_, accrual = story
    who = desk()
    assert "A42" in words(who.get("held-hold", htmx=True))
    assert who.post("held-hold", {"no": "x", "reason": "多单"}).status_code == 422
    assert toast_of(who.post("held-hold", {"no": f"A{accrual}", "reason": "同一地址多单"})) == "已冻结 1 笔"
    listed = words(who.get("held"))
    assert f"A{accrual}" in listed and "同一地址多单" in listed
    assert "放行" in words(who.get("accrual", accrual_id=accrual, htmx=True))
    asking = who.get("held-release", {"ids": [accrual]}, htmx=True)
    assert f'value="{accrual}"' in asking.content.decode()
    assert toast_of(who.post("held-release", {"ids": accrual, "reason": "核实无误"})) == "已放行 1 笔"
    who.post("held-hold", {"no": str(accrual), "reason": "再查"})
    assert toast_of(who.post("held-reject", {"ids": accrual, "reason": "刷单"})) == "已驳回 1 笔"
    assert accruals.accruals_by_id([accrual])[0].state == "cancelled"
    assert desk(Role.FINANCE).post("held-hold", {"no": str(accrual), "reason": "x"}).status_code == 403


def test_a_case_is_explained_and_closed(desk):
    no = make_settlement.sending(make_settlement.payee(1_000), 1_000).no
    cases.open_cases(cases=[CaseFacts(CaseKind.UNKNOWN_PAYOUT, no, 1_000, {"attempts": 6})], now=clock.now())
    (case,) = risk.open_cases()
    who = desk(Role.FINANCE)
    assert case.no in words(who.get("cases", {"state": "open"}))
    shown = words(who.get("case", no=case.no, htmx=True))
    assert "绝不要重新付款" in shown and no in shown and "已查询次数" in shown
    assert who.post("case-close", {"note": ""}, no=case.no).status_code == 422
    assert toast_of(who.post("case-close", {"note": "银行确认已付"}, no=case.no)) == "事项已关闭"
    assert "银行确认已付" in words(who.get("case", no=case.no, htmx=True))
    reader = desk(Role.AUDITOR)
    assert reader.get("case", no=case.no, htmx=True).status_code == 200
    assert reader.post("case-close", {"note": "x"}, no=case.no).status_code == 403


def test_an_adjustment_is_filed_by_one_and_booked_by_another(desk, story):
    one, order, _ = story
    first, second = desk(Role.FINANCE), desk(Role.ADMIN)
    said = {"party_no": one.promoter.no, "side": "to", "amount": "12.50", "reason": "补发奖励", "order_no": order.no}
    wrong = first.post("adjustment-ask", said | {"amount": "12.345"})
    assert wrong.status_code == 422 and "最多两位小数" in words(wrong) and "12.345" in wrong.content.decode()
    unknown = first.post("adjustment-ask", said | {"party_no": "P404"})
    assert unknown.status_code == 422 and "没有这个主体" in words(unknown)
    assert "待另一位同事审批" in toast_of(first.post("adjustment-ask", said))
    no = rows.query("SELECT no FROM commission_adjustment")[0][0]
    assert "撤回" in words(first.get("adjustment", no=no, htmx=True))
    assert first.post("adjustment-approve", no=no).status_code == 422
    assert "审批入账" in words(second.get("adjustment", no=no, htmx=True))
    assert toast_of(second.post("adjustment-approve", no=no)) == "已入账"
    assert make_settlement.stand(one.promoter, "available") == {"available": 1_250}
    taken = said | {"side": "from", "amount": "2", "order_no": ""}
    first.post("adjustment-ask", taken)
    back = rows.query("SELECT no FROM commission_adjustment ORDER BY id DESC")[0][0]
    assert rows.query("SELECT amount_fen FROM commission_adjustment WHERE no = %s", [back]) == [(-200,)]
    assert "已处理" in toast_of(first.post("adjustment-reject", {"reason": "填错"}, no=back))
    assert desk().post("adjustment-ask", said).status_code == 403


# ---------------------------------------------------------------- rules


def test_benchmarks_and_categories(desk):
    category = make_catalog.category(name="茶具")
    who = desk()
    assert "茶具" in words(who.get("categories"))
    assert who.get("benchmark", category_id=category, subject="other", htmx=True).status_code == 200
    assert who.post("benchmark", {"rate": "abc"}, category_id=category, subject="other").status_code == 422
    assert "0:00 起生效" in toast_of(who.post("benchmark", {"rate": "7.5"}, category_id=category, subject="other"))
    assert [row.rate_bps for row in plans.benchmark_rates(at=clock.now() + timedelta(days=1))] == [750]
    assert "7.5%" in words(who.get("categories"))
    assert who.post("benchmark", {"rate": "95"}, category_id=category, subject="other").status_code == 422
    assert who.get("benchmark", category_id=category, subject="nobody", htmx=True).status_code == 404
    assert who.get("benchmark", category_id=10**6, subject="other", htmx=True).status_code == 404
    given = {"name": "茶具", "name_en": "Tea ware", "restricted": "1"}
    assert toast_of(who.post("category-change", given, category_id=category)) == "类目已修改"
    assert "限制" in words(who.get("categories"))
    assert toast_of(who.post("category-add", {"name": "盖碗", "parent": str(category)})) == "类目已新建"
    assert "随上级限制" in words(who.get("categories"))
    reader = desk(Role.AUDITOR)
    assert reader.post("category-add", {"name": "x"}).status_code == 403
    assert "新建类目" not in words(reader.get("categories"))


def test_the_ladder(desk):
    who, promoter = desk(), make_parties.promoter()
    said = {"name": "金牌", "rank": "3", "threshold_fen": "10,000", "threshold_orders": "0", "extra_bps": "1.5"}
    assert who.post("grade-add", said | {"rank": "三"}).status_code == 422
    assert toast_of(who.post("grade-add", said)) == "等级已新建"
    (step,) = plans.ladder()
    assert (step.threshold_fen, step.extra_bps) == (1_000_000, 150)
    assert who.post("grade-put", {"promoter_no": "P404", "grade": str(step.grade_id)}).status_code == 422
    assert toast_of(who.post("grade-put", {"promoter_no": promoter.no, "grade": str(step.grade_id)})) == "已保存"
    changed = {"threshold_fen": "20000", "threshold_orders": "30", "extra_bps": "2"}
    assert who.get("grade-change", grade_id=step.grade_id, htmx=True).status_code == 200
    assert "0:00 起生效" in toast_of(who.post("grade-change", changed, grade_id=step.grade_id))
    assert "金牌" in words(who.get("grades"))
    assert desk(Role.FINANCE).post("grade-add", said).status_code == 403


def test_settings_with_their_history(desk):
    who = desk(Role.ADMIN)
    assert "最低提现金额" in words(who.get("settings"))
    assert who.post("setting-change", {"value": "99"}, setting="tax_bps").status_code == 422
    assert toast_of(who.post("setting-change", {"value": "3.5"}, setting="tax_bps")) == "已保存"
    assert settings.get("tax_bps") == 350
    assert toast_of(who.post("setting-change", {"value": "2"}, setting="withdraw_min_fen.mini_store")) == "已保存"
    assert settings.get("withdraw_min_fen.mini_store") == 200
    history = words(who.get("setting-history", setting="tax_bps", htmx=True))
    assert "3.5%" in history and "0%" in history
    assert "传销" in words(who.get("setting-change", setting="max_paid_tiers", htmx=True))
    assert who.get("setting-history", setting="nothing", htmx=True).status_code == 404
    for role in (Role.OPERATOR, Role.FINANCE, Role.AUDITOR):
        assert desk(role).post("setting-change", {"value": "1"}, setting="tax_bps").status_code == 403
    assert settings.get("tax_bps") == 350


# ---------------------------------------------------------------- parties


def test_a_party_is_suspended_and_restored_with_a_reason(desk):
    party = make_parties.promoter(name="推客小吴")
    who = desk()
    assert party.no in words(who.get("parties", {"q": "小吴"}))
    boss = make_parties.super_admin_of(party).person_id
    people.bind_phone(person_id=boss, phone="13711112222", now=clock.now())
    make_parties.promoter(name="推客小郑")
    found = words(who.get("parties", {"person": "137 1111 2222"}))
    assert party.no in found and "推客小郑" not in found
    shown = words(who.get("party", no=party.no, htmx=True))
    assert "137****2222" in shown
    assert "推客小吴" in shown and "可提现" in shown and "超级管理员" in shown
    assert who.post("party-suspend", {"reason": ""}, no=party.no).status_code == 422
    assert toast_of(who.post("party-suspend", {"reason": "刷单"}, no=party.no)) == "已停用"
    assert "刷单" in words(who.get("party", no=party.no, htmx=True))
    assert toast_of(who.post("party-restore", {"reason": "已整改"}, no=party.no)) == "已恢复"
    assert parties.party_shown(party.no).suspended_at is None
    assert who.get("party", no="P404", htmx=True).status_code == 404
    assert desk(Role.FINANCE).post("party-suspend", {"reason": "x"}, no=party.no).status_code == 403


def test_a_look_at_a_party_is_read_only_and_recorded(desk, operator):
    party = make_parties.promoter()
    who = desk(Role.AUDITOR)
    places = f"/promoter/{party.no}/places/"
    assert who.get(places).status_code == 404
    answer = who.post("party-look", htmx=False, no=party.no)
    assert answer.status_code == 303 and party.no in answer.url
    assert rows.query("SELECT person_id, object FROM audit_act WHERE action = 'party.look'") == [
        (who.person_id, party.no)
    ]
    seen = who.get(places)
    assert seen.status_code == 200 and "结束查看" in words(seen)
    assert who.post(f"/promoter/{party.no}/places/add", {"name": "x"}).status_code == 403
    assert who.get(f"/promoter/{make_parties.promoter().no}/places/").status_code == 404
    assert who.post("look-end", htmx=False).status_code == 303
    assert who.get(places).status_code == 404
    assert who.post("party-look", htmx=False, no=operator.no).status_code == 404


# ---------------------------------------------------------------- audit and books


def test_acts_are_found_and_the_chain_is_verified(desk, monkeypatch):
    who = desk()
    settings.change(name="tax_bps", value=1, actor=make_people.acting(who.person_id), now=clock.now())
    assert "setting.change" in words(who.get("audit", {"noun": "setting"}))
    assert "setting.change" not in words(who.get("audit", {"noun": "grade"}))
    (act,) = rows.query("SELECT id FROM audit_act WHERE action = 'setting.change'")[0]
    assert "tax_bps" in words(who.get("act", act_id=act, htmx=True))
    audit.seal()
    assert "核对中" in words(who.post("audit-verify"))
    tasks.verify_books(clock.now())
    assert "完整" in words(who.get("audit-chain", htmx=True))
    assert checkups.last_of(["audit"]).holds
    assert who.get("act", act_id=10**9, htmx=True).status_code == 404


def test_the_books_from_the_balance_down_to_a_transfer(desk, story):
    one, order, _ = story
    who = desk(Role.AUDITOR)
    assert "part=balance" in who.get("books").content.decode()
    balance = words(who.get("books", {"part": "balance"}))
    assert "平衡" in balance and "不平衡" not in balance
    listed = who.get("accounts-of", group="promoter", purpose="pending", unit="CNY")
    assert f"promoter:{one.promoter.id}:pending" in words(listed)
    assert who.get("accounts-of", group="clearing", purpose="-", unit="CNY").status_code == 200
    assert who.get("accounts-of", group="nobody", purpose="-", unit="CNY").status_code == 404
    account = rows.query("SELECT id FROM ledger_account WHERE path = %s", [f"promoter:{one.promoter.id}:pending"])[0][0]
    assert "佣金记账" in words(who.get("entries", account_id=account))
    entry = rows.query("SELECT id FROM ledger_entry WHERE account_id = %s", [account])[0][0]
    assert "与记账时的摘要一致" in words(who.get("transfer", entry_id=entry, htmx=True))
    assert who.get("entries", account_id=10**9).status_code == 404
    assert who.get("transfer", entry_id=10**9, htmx=True).status_code == 404
    assert order.no in words(who.get("explain", {"q": order.no}))
    assert who.get("explain", {"q": "O404"}).status_code == 404


def test_verify_on_a_button(desk, story):
    who = desk(Role.FINANCE)
    assert "尚未核对" in words(who.get("checkups"))
    assert "核对中" in words(who.post("checkup-ask"))
    assert "核对中" in words(who.get("checkup-state", htmx=True))
    tasks.verify_books(clock.now())
    shown = words(who.get("checkups"))
    assert "不符" in shown, "the story lies in the past: what is due wasn't settled"
    found = checkups.last_of()
    assert {one["name"] for one in found.results if one["findings"]} <= {"overdue", "unsealed", "notices"}
    assert who.get("checkup", checkup_id=found.id).status_code == 200
    assert who.get("checkup", checkup_id=10**9).status_code == 404


# ---------------------------------------------------------------- everything


PAGES = [
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
]


@pytest.mark.parametrize("name", PAGES)
def test_every_page_speaks_english(desk, name):
    make_parties.operator()
    cases.open_cases(cases=[CaseFacts(CaseKind.UNKNOWN_PAYOUT, "W1")], now=clock.now())
    who = desk(Role.SUPER_ADMIN, english=True)
    answer = who.get(name)
    assert answer.status_code == 200
    shown = re.sub(r"<(\w+)[^>]*\bdata-data\b[^>]*>.*?</\1>", "", answer.content.decode(), flags=re.DOTALL)
    assert HAN.findall(shown) == []


def test_a_stranger_finds_nothing(sit, operator, nobody):
    stranger = sit(make_parties.promoter())
    for name in PAGES:
        assert stranger.get(name, of=operator, kind="operator").status_code == 404
        assert nobody.get(stranger.url(name, of=operator, kind="operator")).status_code == 303


def test_pages_ask_little(desk, django_assert_max_num_queries, story):
    commission.hold(accrual_ids=[story[2]], reason="x", actor=SYSTEM, now=make.NOON)
    make_settlement.asked(make_settlement.payee(1_000), 1_000)
    who = desk(Role.SUPER_ADMIN)
    for name in PAGES:
        with django_assert_max_num_queries(15):
            assert who.get(name).status_code == 200


def test_the_rail_of_a_file_is_the_banks(operator):
    make_settlement.approved(make_settlement.payee(1_000), 1_000)
    assert settlement.to_send(Rail.BANK) == (1, 1_000)
    assert settlement.to_send(Rail.WECHAT) == (0, 0)
