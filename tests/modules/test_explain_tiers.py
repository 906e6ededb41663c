"""A receipt says why who stands above the promoter got no tier, to whoever may read it and in both languages."""

from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make import plans as make_plans
from tests.make.alliance import NOON
from tuike.attribution import service as attribution
from tuike.audit.types import OPERATOR_SHELL
from tuike.commission.types import Payee
from tuike.db import rows
from tuike.flows import govern_network, leave_network
from tuike.insight.explain import explain, explain_shop_order
from tuike.insight.explain.own import HIDDEN, own_accrual
from tuike.kit import clock
from tuike.parties import service as parties_of
from tuike.settings import service as settings

pytestmark = pytest.mark.usefixtures("db")
LATER = NOON + timedelta(minutes=1)


@pytest.fixture
def one():
    found = make.alliance()
    make.touch(found)
    return found


def bought(one, **given):
    return make.pay(make.placed(one, now=LATER, **given), now=LATER)


def said(receipt):
    """Return the lines of a receipt about tiers, by language: label and text."""
    lines = [line for section in receipt.sections for line in section.lines if line.label is not None and line.text]
    return {
        language: [
            f"{getattr(line.label, language)}: {getattr(line.text, language)}"
            for line in lines
            if getattr(line.label, language).startswith(("二级", "三级", "Tier"))
        ]
        for language in ("zh", "en")
    }


def of_order(order):
    (receipt,) = explain(order.no)
    return said(receipt)


def seller_reads(one, order, role="direct"):
    return said(own_accrual(make.accruals(order)[role], Payee("promoter", one.promoter.id)))


def frozen(one):
    parties_of.suspend(party_id=one.recruiter.id, reason="核查", actor=OPERATOR_SHELL, now=NOON)


def banned(one):
    judge = make_parties.operator_seat()
    govern_network.ban_promoter(promoter_no=one.recruiter.no, reason="刷单", actor=judge, now=NOON)


def retired(one):
    mine = make_parties.super_admin_of(one.recruiter)
    leave_network.leave_network(
        person_id=mine.person_id, promoter_id=one.recruiter.id, reason="不做了", actor=mine, now=NOON
    )


def joining(one):
    rows.run("UPDATE parties_promoter SET standing = 'joining' WHERE party_id = %s", [one.recruiter.id])


@pytest.mark.parametrize(
    ("stops", "zh", "en"),
    [
        (frozen, "下单时该推荐人已被冻结，不计佣金", "the recruiter was frozen when the order was placed"),
        (banned, "下单时该推荐人已被清退，不计佣金", "the recruiter was banned when the order was placed"),
        (retired, "下单时该推荐人已退出，不计佣金", "the recruiter had left when the order was placed"),
        (joining, "下单时该推荐人尚未加入，不计佣金", "the recruiter wasn't let in yet when the order was placed"),
    ],
)
def test_an_up_line_that_was_stopped(one, stops, zh, en):
    stops(one)
    order = bought(one)
    assert set(make.accruals(order)) == {"direct"}
    of_shop = said(explain_shop_order(merchant_id=one.shop.id, no=order.no))
    for told in (of_order(order), seller_reads(one, order), of_shop):
        assert [line for line in told["zh"] if zh in line and "推客老王" in line], told
        assert [line for line in told["en"] if en in line and line.startswith("Tier 2 gets nothing")], told


def test_what_became_of_it_later_changes_no_receipt_of_before(one):
    frozen(one)
    order = bought(one)
    parties_of.restore(party_id=one.recruiter.id, reason="核查", actor=OPERATOR_SHELL, now=LATER)
    assert "已被冻结" in str(of_order(order))
    paid = make.pay(make.placed(one, now=LATER), now=LATER)
    assert "tier2" in make.accruals(paid)
    assert "已被冻结" not in str(of_order(paid))


def test_one_deeper_than_what_is_paid_and_one_without_a_rate(one):
    below = make.of(one, make_parties.promoter(name="推客小陈", recruiter_id=one.promoter.id, phone="13900000009"))
    make.touch(below, now=NOON + timedelta(seconds=5))
    rateless = bought(below)
    assert "没有设置这一级的分佣比例" in of_order(rateless)["zh"][-1]
    assert "no rate was set for this tier" in of_order(rateless)["en"][-1]
    settings.change(name="max_paid_tiers", value=3, actor=OPERATOR_SHELL, now=make_plans.EARLY)
    make_plans.distribution(one.shop.id, {3: 100})
    settings.change(name="max_paid_tiers", value=2, actor=OPERATOR_SHELL, now=clock.now())
    deeper = bought(below)
    assert set(make.accruals(deeper)) == {"direct", "tier2"}
    told = of_order(deeper)
    assert "三级无佣金：推荐人推客老王" in told["zh"][-1]
    assert "超出平台最多支付的分佣层级" in told["zh"][-1]
    assert "deeper than the tiers that the platform pays" in told["en"][-1]
    # The seller knows its own recruiter; who stands above that one keeps the name.
    mine = seller_reads(below, deeper)["zh"]
    assert HIDDEN in mine[-1]
    assert "超出平台最多支付的分佣层级" in mine[-1]
    assert "推客小李" in mine[0]


def test_an_own_purchase_pays_no_tiers(one):
    person = make_parties.super_admin_of(one.promoter).person_id
    make.touch(one, buyer_id=person)
    order = bought(one, buyer_id=person)
    assert "本人购买不付分佣层级" in str(seller_reads(one, order, "self"))
    assert "an own purchase pays no tiers" in str(seller_reads(one, order, "self"))


def test_a_block_stops_who_promotes_there_and_not_the_tier_of_who_recruited(one):
    blocking = {"merchant_id": one.shop.id, "reason": "违规", "actor": OPERATOR_SHELL, "now": NOON}
    attribution.block_promoter(promoter_id=one.recruiter.id, **blocking)
    order = bought(one)
    assert set(make.accruals(order)) == {"direct", "tier2"}
    assert "无佣金" not in str(of_order(order))
    attribution.block_promoter(promoter_id=one.promoter.id, **blocking)
    nobody = bought(one)
    assert make.accruals(nobody) == {}
    (receipt,) = explain(nobody.no)
    texts = [str(line.text.zh) for section in receipt.sections for line in section.lines if line.text]
    assert [text for text in texts if "promoter_blocked" in text]
