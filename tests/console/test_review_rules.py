"""Review rules in the consoles: made by a form, tried before, changed, put in order; what they hold, in words."""

import re
from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make import scoring as make_scoring
from tests.make import settlement as make_settlement
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.doors.console.text import when_shown
from tuike.flows.request_withdrawal import request_withdrawal
from tuike.kit import clock
from tuike.parties.types import Role
from tuike.review import queries
from tuike.scoring import queries as scores
from tuike.scoring import service as scoring
from tuike.settings import service as settings
from tuike.settlement import queries as settlement_of

pytestmark = pytest.mark.usefixtures("db")


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


@pytest.fixture
def one():
    return make.alliance()


@pytest.fixture
def desk(sit):
    return sit(make_parties.operator(), Role.OPERATOR)


def typed(**changes) -> dict:
    return {"name": "大额佣金", "effect": "hold", "commission_fen_least": "5", "enabled": "1"} | changes


def made(sitting, **changes) -> str:
    answer = sitting.post("review-rule-new", typed(**changes), htmx=False)
    assert answer.status_code == 303, text_of(answer)
    return answer.headers["Location"].rstrip("/").rsplit("/", 1)[1]


def bought(one):
    at = clock.now() - timedelta(minutes=5)
    make.touch(one, now=at)
    return make.bought(one, now=at)


def test_without_rules_the_page_says_that_all_passes(desk, sit, one):
    assert "还没有审核规则" in text_of(desk.get("review-rules"))
    assert "先冻结" in text_of(sit(one.shop, Role.ADMIN).get("review-rules"))


def test_a_rule_is_typed_and_shown_in_words(desk):
    no = made(
        desk,
        effect="reject",
        reject_days="7",
        refund_bps_least="20.5",
        source=["mini_store"],
        grade=["0"],
        first="2026-01-01",
        last="2099-12-31",
    )
    page = text_of(desk.get("review-rule", no=no))
    for words in (
        "佣金 ≥ ¥5.00",
        "退款率 ≥ 20.5%",
        "订单来源：商城",
        "推客等级：不在任何等级",
        "7 天未放行则驳回",
        "生效中",
    ):
        assert words in page
    assert "2026-01-01 – 2099-12-31" in page and "第 1 版" in page
    english = desk.get("review-rules")
    assert english.status_code == 200 and "大额佣金" in text_of(english)
    form = desk.get("review-rule-edit", no=no).content.decode()
    for kept in ('value="5.00"', 'value="20.50"', 'value="mini_store" checked', 'value="7"', 'value="2026-01-01"'):
        assert kept in form


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"name": " "}, "请填写名称"),
        ({"commission_fen_least": "五元"}, "请填写金额"),
        ({"commission_fen_least": "", "lines_hour_least": ""}, "请至少设置一个条件"),
        ({"commission_fen_least": "5", "commission_fen_most": "4"}, "请检查这个条件的取值"),
        ({"refund_bps_least": "101"}, "请检查这个条件的取值"),
        ({"role": ["platform"]}, "请从列表中选择"),
        ({"effect": "reject"}, "请填写整数"),
        ({"effect": "reject", "reject_days": "400"}, "1 到 365"),
        ({"effect": "burn"}, "请选择命中后如何处理"),
        ({"first": "yesterday"}, "请选择日期"),
        ({"first": "2026-05-02", "last": "2026-05-01"}, "结束日期不能早于开始日期"),
    ],
)
def test_what_cant_be_meant_is_said_beside_its_field_and_nothing_typed_is_lost(desk, changes, words):
    form = typed(lines_hour_least="9") | {"last": "2099-01-01"} | changes
    answer = desk.post("review-rule-new", form, htmx=False)
    assert answer.status_code == 422 and words in text_of(answer)
    assert f'value="{form["last"]}"' in answer.content.decode()
    assert queries.rules_of(None) == []


def test_a_dry_run_shows_what_would_have_been_held_and_keeps_nothing(desk, one):
    order = bought(one)
    page = text_of(desk.post("review-dry-run", typed()))
    assert "¥7.18" in page and order.no in page and "1 笔，占全部 2 笔的 50%" in page
    assert "不会" not in page
    assert "近 90 天没有佣金会命中" in text_of(desk.post("review-dry-run", typed(commission_fen_least="800")))
    assert "请先设置条件" in text_of(desk.post("review-dry-run", typed(commission_fen_least="")))
    wrong = desk.post("review-dry-run", typed(commission_fen_least="x"))
    assert wrong.status_code == 422 and "请填写金额" in text_of(wrong)
    assert rows.query("SELECT count(*) FROM review_rule") == [(0,)]


def test_what_it_held_is_shown_with_what_was_known_and_explained_but_not_to_who_is_judged(desk, sit, one):
    no = made(desk)
    order = bought(one)
    accrual = make.accruals(order)["direct"]
    page = text_of(desk.get("review-rule", no=no))
    assert f"A{accrual}" in page and "佣金 ¥7.18" in page
    explained = text_of(desk.get("accrual", accrual_id=accrual))
    assert "审核中" in explained and "大额佣金" in explained and "第 1 版" in explained
    own = text_of(sit(one.promoter).get("order", accrual_id=accrual))
    assert "审核中" in own and "大额佣金" not in own and "审核规则" not in own


def test_a_rule_of_withdrawals_asks_for_the_highest_score_of_the_partys_orders(desk, sit):
    settings.change(name="withdraw_auto_approve_fen", value=1_000_000, actor=OPERATOR_SHELL, now=clock.now())
    form = {"name": "风险推客", "party_score_least": "600", "enabled": "1"}
    assert desk.post(desk.url("review-rule-new") + "?of=withdrawal", form, htmx=False).status_code == 303
    party = make_settlement.payee(20_000)
    asked = {"party_id": party.id, "amount_fen": 5_000, "actor": make_parties.seated(party, Role.ADMIN)}
    assert settlement_of.withdrawal(request_withdrawal(key="a", now=clock.now(), **asked)).state == "approved"
    for number, thousandths in (("T1", 599), ("T2", 640)):
        trace = make_scoring.trace(order_no=number, promoter_id=party.id, at=clock.now() - timedelta(days=30))
        scoring.keep(traces=[trace])
        rows.run(
            "INSERT INTO scoring_score (order_no, promoter_id, thousandths, highest, findings, scored_at)"
            " VALUES (%s, %s, %s, %s, '[]', %s)",
            [number, party.id, thousandths, thousandths, clock.now()],
        )
        no = request_withdrawal(key=number, now=clock.now(), **asked)
        assert settlement_of.withdrawal(no).state == ("approved" if thousandths < 600 else "requested")
    page = text_of(desk.get("withdrawal", no=no))
    assert "「风险推客」第 1 版" in page and "近 45 天订单最高风险分（千分） 640" in page
    old = make_scoring.trace(order_no="T3", promoter_id=party.id, at=clock.now() - timedelta(days=46))
    scoring.keep(traces=[old])
    assert scores.highest_of(promoter_id=party.id, enrolment_ids=[], now=clock.now() + timedelta(days=16)) is None
    make_settlement.check()


def test_a_changed_rule_keeps_its_versions_and_two_changes_at_once_lose_nothing(desk):
    no = made(desk)
    answer = desk.post("review-rule-edit", typed(name="更大额", seen="1"), htmx=False, no=no)
    assert answer.status_code == 303
    late = desk.post("review-rule-edit", typed(name="旧页面", seen="1"), htmx=False, no=no)
    assert late.status_code == 422 and "刚被修改过" in text_of(late) and "旧页面" in late.content.decode()
    page = text_of(desk.get("review-rule", no=no))
    assert "第 2 版" in page and "第 1 版" in page and "更大额" in page


def test_rules_are_moved_switched_and_deleted(desk):
    first, second = made(desk, name="一"), made(desk, name="二")
    desk.post("review-rule-set", no=second, verb="up")
    assert [one.no for one in queries.rules_of(None)] == [second, first]
    desk.post("review-rule-set", no=first, verb="off")
    assert "已停用" in text_of(desk.get("review-rule", no=first))
    desk.post("review-rule-set", no=first, verb="delete")
    assert [one.no for one in queries.rules_of(None)] == [second]
    assert "已删除" in text_of(desk.get("review-rule", no=first))
    assert desk.get("review-rule-edit", no=first).status_code == 404
    assert desk.post("review-rule-set", no=second, verb="burn").status_code == 422


def test_a_shop_has_rules_of_its_own_that_hold(sit, one):
    shop = sit(one.shop, Role.ADMIN)
    no = made(shop, effect="clear")  # whatever is sent: a shop's rule holds
    assert queries.rule(one.shop.id, no).rule.effect == "hold"
    other = make.alliance(beside=one)
    assert sit(other.shop, Role.ADMIN).get("review-rule", no=no).status_code == 404
    assert sit(make_parties.operator(), Role.OPERATOR).get("review-rule", no=no).status_code == 404
    assert sit(one.shop, Role.FINANCE).get("review-rule-new").status_code == 403


def test_the_queue_goes_by_value_and_age_and_names_the_rule_and_its_day(desk, one):
    made(desk, effect="reject", reject_days="7", commission_fen_least="1")
    order = bought(one)
    for sort in ("amount", "-amount", "accrued_at", "-accrued_at"):
        page = text_of(desk.get("held", {"sort": sort}))
        assert page.index(f"A{make.accruals(order)['direct']}") > 0 and "大额佣金" in page
    listed = text_of(desk.get("held", {"sort": "amount"}))
    assert listed.index("¥2.99") < listed.index("¥7.18")
    at = rows.query("SELECT reject_at FROM review_hit LIMIT 1")[0][0]
    assert when_shown(at) in listed
    assert "没有" in text_of(desk.get("held", {"rule": "别的规则"}))


def test_a_rule_of_withdrawals_leaves_them_to_finance_and_says_why(desk, sit):
    settings.change(name="withdraw_auto_approve_fen", value=1_000_000, actor=OPERATOR_SHELL, now=clock.now())
    party = make_settlement.payee(20_000)
    asked = {"party_id": party.id, "amount_fen": 5_000, "actor": make_parties.seated(party, Role.ADMIN)}
    assert settlement_of.withdrawal(request_withdrawal(key="a", now=clock.now(), **asked)).state == "approved"
    form = {"name": "新账户大额", "amount_fen_least": "50", "account_days_most": "36500", "enabled": "1"}
    answer = desk.post(desk.url("review-rule-new") + "?of=withdrawal", form, htmx=False)
    assert answer.status_code == 303, text_of(answer)
    assert settlement_of.withdrawal(request_withdrawal(key="b", now=clock.now(), **asked)).state == "requested"
    no = request_withdrawal(key="c", now=clock.now(), **asked | {"amount_fen": 4_999})
    assert settlement_of.withdrawal(no).state == "approved"
    (held,) = settlement_of.withdrawals_to_decide()
    page = text_of(desk.get("withdrawal", no=held.no))
    assert "「新账户大额」第 1 版" in page and "提现金额 ¥50.00" in page
    rule = queries.rules_of(None)[0]
    shown = text_of(desk.get("review-rule", no=rule.no))
    assert held.no in shown and "转人工审批" in shown
    assert "新账户大额" in text_of(desk.get("review-rules"))
    assert sit(make.alliance().shop, Role.ADMIN).get("review-rule-new", {"of": "withdrawal"}).status_code == 404
    make_settlement.check()
