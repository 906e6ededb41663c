"""Receipts that a promoter understands: the exact text of each kind, in both languages, and what the command does."""

import json
from dataclasses import dataclass
from datetime import timedelta

import pytest
from typer.testing import CliRunner

from tests import books, snapshots
from tests.make import alliance as make
from tests.make import commission as make_commission
from tests.make import parties as make_parties
from tests.make import plans as make_plans
from tests.make import settlement as make_settlement
from tests.make.alliance import NOON
from tuike.commission import service as commission
from tuike.db import rows
from tuike.doors.cli import receipts
from tuike.doors.cli.main import app
from tuike.insight.explain import UnknownNumber, explain
from tuike.insight.why_not import why_not
from tuike.orders.types import OrderRef
from tuike.parties.types import Source
from tuike.plans import service as plans
from tuike.settings import service as settings
from tuike.settlement import service as settlement
from tuike.settlement.types import Heard, Rail

pytestmark = pytest.mark.usefixtures("db")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def tuike(monkeypatch):
    """Run the command line in this process, on this test's database."""
    for name, value in (("TUIKE_LANG", "en"), ("TUIKE_PROCESS", "test"), ("TUIKE_LOG_LEVEL", "WARNING")):
        monkeypatch.setenv(name, value)
    return lambda *words: CliRunner().invoke(app, words)


def kept(name: str, no: str) -> None:
    """Hold the only receipt of a number against its snapshots, and the books against themselves."""
    (receipt,) = explain(no)
    assert receipt.holds
    for language in ("zh", "en"):
        snapshots.held(f"explain_{name}.{language}", receipts.text(snapshots.steady(receipt), language))
    books.check()


def accrual(order: OrderRef, role: str) -> str:
    return f"A{make.accruals(order)[role]}"


@dataclass
class Story:
    one: make.Alliance
    order: OrderRef


@pytest.fixture
def example() -> Story:
    """The rule book's example: two lines of ¥59.90 and a coupon of ¥20.00, received."""
    one = make.alliance()
    make.touch(one)
    order = make.bought(one, pieces=(1, 1), coupon_fen=2_000, freight_fen=800, now=NOON + HOUR)
    return Story(one, make.received(order, now=NOON + DAY))


def test_direct(example):
    make.matured(until=NOON + 29 * DAY)
    kept("direct", accrual(example.order, "direct"))


def test_tier_2(example):
    make.matured(until=NOON + 29 * DAY)
    kept("tier2", accrual(example.order, "tier2"))


def test_an_order_with_all_its_lines(example):
    kept("order", example.order.no)


def test_own_purchase():
    one = make.alliance()
    person = make_parties.super_admin_of(one.promoter).person_id
    make.touch(one, buyer_id=person)
    kept("self", accrual(make.bought(one, buyer_id=person, now=NOON + HOUR), "self"))


def test_leader():
    one = make.alliance()
    make.touch(one, now=NOON - HOUR)
    make.touch(one, leader=True)
    kept("leader", accrual(make.bought(one, now=NOON + HOUR), "leader"))


def test_refunded_before_settling():
    one = make.alliance()
    make.touch(one)
    order = make.received(make.bought(one, pieces=(3,), now=NOON + HOUR), now=NOON + DAY)
    make.refunded(order, (1, 1), now=NOON + 3 * DAY)
    kept("refunded", accrual(order, "direct"))
    make.refunded(order, now=NOON + 4 * DAY)
    kept("refunded_in_full", accrual(order, "direct"))


def withdrawn(example: Story) -> str:
    """Pay out what the promoter has, but for ¥2.00."""
    at = NOON + 30 * DAY
    make_parties.bank_account(example.one.promoter)
    make.matured(until=NOON + 29 * DAY)
    fen = make_settlement.stand(example.one.promoter, "available")["available"] - 200
    no = make_settlement.asked(example.one.promoter, fen, fee_fen=30, tax_fen=20, now=at)
    settlement.approve(no=no, actor=make_settlement.FIRST, now=at + HOUR)
    settlement.take_to_send(rail=Rail.BANK, limit=1, batch_file_no="B1", now=at + 2 * HOUR)
    told = [make_settlement.outcome(no, heard, at=at + i * HOUR) for i, heard in ((3, Heard.UNKNOWN), (4, Heard.PAID))]
    for one in told:
        settlement.record_outcomes(outcomes=[one], now=one.at)
    return no


def test_clawed_back(example):
    withdrawn(example)
    make.refunded(example.order, (1, 1), now=NOON + 31 * DAY)
    kept("clawed_back", accrual(example.order, "direct"))
    make.touch(example.one, now=NOON + 32 * DAY)
    order = make.received(make.bought(example.one, now=NOON + 32 * DAY), now=NOON + 33 * DAY)
    make.matured(until=NOON + 70 * DAY)
    kept("nets_a_debt", accrual(order, "direct"))
    kept("debt_repaid", accrual(example.order, "direct"))


def test_nobody():
    one = make.alliance()
    make.touch(one, now=NOON)
    make.touch(one, buyer_id=one.buyer_id + 100, now=NOON)
    order = make.bought(one, now=NOON + 16 * DAY)
    assert make.reason(order) == "window_passed"
    kept("nobody", order.no)


def test_campaign_of_the_operator():
    one = make.alliance()
    make_plans.campaign(None, 2_000, now=NOON, name="三月春茶节", bonus_fen=150, budget_fen=100_000)
    make.touch(one, now=NOON)
    order = make.bought(one, pieces=(2,), now=NOON + HOUR)
    kept("campaign", accrual(order, "direct"))
    kept("bonus", accrual(order, "bonus"))


def test_waiting_and_going_on():
    one = make.alliance(source=Source.MINI_PROGRAM)
    order = make.reported(one, external_no="WX-2026-0001")
    kept("waiting", accrual(order, "direct"))
    make.topped_up(one, 100_000, now=NOON + DAY)
    kept("external_order", "WX-2026-0001")


def test_held_and_rejected(example):
    no = accrual(example.order, "direct")
    commission.hold(accrual_ids=[int(no[1:])], reason="刷单嫌疑", actor=make_settlement.FIRST, now=NOON + 2 * DAY)
    make.matured(until=NOON + 29 * DAY)
    kept("held", no)
    commission.reject(accrual_ids=[int(no[1:])], reason="确认刷单", actor=make_settlement.FIRST, now=NOON + 30 * DAY)
    kept("rejected", no)


def test_grade_and_the_platforms_share():
    one = make.alliance()
    settings.change(name="platform_fee_bps", value=1000, actor=make_settlement.FIRST, now=NOON)
    grade = plans.add_grade(
        name="金牌", rank=1, threshold_fen=0, extra_bps=150, actor=make_settlement.FIRST, now=NOON - 2 * DAY
    )
    plans.set_grades(grades={one.promoter.id: grade}, actor=make_settlement.FIRST, now=NOON - 2 * DAY)
    make.touch(one)
    order = make.bought(one, coupon_fen=1_000, now=NOON + HOUR)
    kept("grade_and_fee", accrual(order, "direct"))
    kept("platform", accrual(order, "platform"))


def test_what_the_ceiling_cuts():
    terms = make_commission.terms(rate_bps=8_000, bonus_fen=900)
    make_commission.paid([make_commission.sale(7_001, paid_fen=1_001, terms=terms)])
    (found,) = rows.query("SELECT id FROM commission_accrual WHERE sale_id = 7001 AND role = 'bonus'")
    (receipt,) = explain(f"A{found[0]}")
    said = receipts.text(receipt, "zh")
    assert "每件 900 × 1 件 = 900 分；各项合计不得超过剩余实付，封顶扣减 749，得 151" in said.replace("\n      ", "")
    assert receipt.holds


def test_withdrawal(example):
    kept("withdrawal", withdrawn(example))


def test_after_sale_refund_transfer_and_batch(example):
    make.matured(until=NOON + 29 * DAY)
    after_sale = make.refunded(example.order, (1, 1), now=NOON + 31 * DAY)
    kept("after_sale", after_sale)
    refund = rows.query("SELECT no FROM payments_refund WHERE purpose = %s", [f"after_sale:{after_sale}"])[0][0]
    kept("refund", refund)
    kept("transfer", f"refund:{refund}")
    kept("batch", rows.query("SELECT no FROM settlement_batch")[0][0])


def test_an_unpaid_order():
    order = make.placed(make.alliance())
    (receipt,) = explain(order.no)
    assert "佣金在支付后产生" in receipts.text(receipt, "zh")


@pytest.mark.parametrize(
    "no", ["", " ", "A0", "A99999999999", "A1x", "O26", "x" * 500, "a\0b", "'; --", "A" + "9" * 30]
)
def test_what_nothing_has(no):
    with pytest.raises(UnknownNumber):
        explain(no)


def test_names_but_no_personal_data(example):
    """Nothing that is sealed, and no phone number, gets into a receipt."""
    no = withdrawn(example)
    said = "".join(receipts.as_json(explain(one)) for one in (no, example.order.no, accrual(example.order, "direct")))
    for secret in ("6225880123456789", "13800138000", "13900000002", "王小明", "世纪大道", "李雷"):
        assert secret not in said
    assert "6789" in said
    assert "推客小李" in said


def test_a_changed_accrual_is_said(example, tuike):
    no = accrual(example.order, "direct")
    assert tuike("explain", no).exit_code == 0
    rows.run("UPDATE commission_accrual SET amount_fen = amount_fen + 1 WHERE id = %s", [no[1:]])
    done = tuike("explain", no)
    assert done.exit_code == 1
    assert "recomputed from stored facts ¥5.98, stored ¥5.99 ✗" in done.stdout
    assert tuike("explain", example.order.no).exit_code == 1


def test_the_command(example, tuike):
    unknown = tuike("explain", "O1")
    assert (unknown.exit_code, unknown.stdout) == (3, "")
    assert "Nothing has the number O1" in unknown.stderr
    said = json.loads(tuike("explain", example.order.no, "--json").stdout)
    assert said[0]["no"] == example.order.no
    assert said[0]["holds"] is True
    assert said[0]["sections"][0]["lines"][-1]["amount_fen"] == example.order.payable_fen


def test_why_not(tuike):
    one = make.alliance()
    rival = make_parties.promoter(name="推客小张", phone="13900000009")
    make.touch(one)
    make.touch(make.of(one, rival), now=NOON + HOUR)
    order = make.bought(one, now=NOON + 2 * HOUR)
    for language in ("zh", "en"):
        for asker, no in (("operator", ""), ("winner", rival.no), ("loser", one.promoter.no)):
            text = receipts.text(snapshots.steady(why_not(order.no, promoter_no=no)), language)
            snapshots.held(f"why_not_{asker}.{language}", text)
    loser = receipts.as_json([why_not(order.no, promoter_no=one.promoter.no)])
    assert "小张" not in loser
    assert str(rival.id) not in loser.replace(order.no, "")
    assert tuike("why-not", order.no, "--promoter", one.recruiter.no).exit_code == 3  # touched nothing
    assert tuike("why-not", order.no, "--promoter", one.shop.no).exit_code == 3  # no promoter
    assert tuike("why-not", "O1").exit_code == 3
    assert "another promoter" in tuike("why-not", order.no, "--promoter", one.promoter.no).stdout
