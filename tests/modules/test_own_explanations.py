"""What a promoter reads of its own commission and links: all that is its own, and nothing of anybody else's."""

import json
from dataclasses import asdict
from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make.alliance import NOON
from tuike.commission.types import Payee
from tuike.db import rows
from tuike.insight.explain import UnknownNumber, explain
from tuike.insight.explain.own import HIDDEN, own_accrual
from tuike.insight.why_link import why_link

pytestmark = pytest.mark.usefixtures("db")
HOUR = timedelta(hours=1)


def said(receipt):
    """Return everything that a receipt says, in both languages."""
    return json.dumps(asdict(receipt), ensure_ascii=False)


@pytest.fixture
def story():
    """A sale by the third of a line, whose touch beat another promoter's; tier 2 and 3 are paid."""
    one = make.alliance()
    top = make_parties.promoter(name="推客最上", phone="13900000003")
    rows.run(
        "UPDATE parties_promoter SET recruiter_id = %s, line = ARRAY[%s]::bigint[] WHERE party_id = %s",
        [top.id, top.id, one.recruiter.id],
    )
    rows.run(
        "UPDATE parties_promoter SET line = ARRAY[%s, %s]::bigint[] WHERE party_id = %s",
        [one.recruiter.id, top.id, one.promoter.id],
    )
    rival = make_parties.promoter(name="推客对手", phone="13900000004")
    make.touch(make.of(one, rival), now=NOON - 2 * HOUR)
    make.touch(one, now=NOON - HOUR)
    order = make.bought(one, now=NOON)
    return one, top, rival, order


def test_a_promoter_reads_its_own_accrual_and_nobody_elses(story):
    one, top, rival, order = story
    ids = make.accruals(order)
    mine = Payee("promoter", one.promoter.id)
    shown = said(own_accrual(ids["direct"], mine))
    assert "推客小李" in shown
    assert "推客老王" in shown  # the own recruiter
    assert "推客对手" not in shown
    everything = said(explain(f"A{ids['direct']}")[0])
    assert everything.count("未采用的触达") == 1  # the operator sees the rival's touch
    assert "未采用的触达" not in shown
    for other in (Payee("promoter", rival.id), Payee("promoter", top.id), Payee("leader", one.promoter.id)):
        with pytest.raises(UnknownNumber):
            own_accrual(ids["direct"], other)
    with pytest.raises(UnknownNumber):
        own_accrual(ids["tier2"], mine)
    with pytest.raises(UnknownNumber):
        own_accrual(10**12, mine)


def test_a_recruiter_sees_who_sold_and_not_how(story):
    one, _, _, order = story
    ids = make.accruals(order)
    receipt = own_accrual(ids["tier2"], Payee("promoter", one.recruiter.id))
    shown = said(receipt)
    assert receipt.holds
    assert "推客小李" in shown
    assert "朋友圈" not in shown
    assert one.links[next(iter(one.links))].code not in shown


def test_the_tier_above_the_recruiter_stays_unnamed(story):
    one, top, _, order = story
    rows.run(
        "UPDATE commission_sale SET terms = jsonb_set(terms, '{tier3}', %s::jsonb) WHERE id = %s",
        [json.dumps([top.id, 100, None]), order.lines[0].id],
    )
    ids = make.accruals(order)
    shown = said(own_accrual(ids["direct"], Payee("promoter", one.promoter.id)))
    assert "推客最上" not in shown
    assert HIDDEN in shown
    assert f"#{top.id}" not in shown


def test_a_link_says_what_came_by_it(story):
    one, _, rival, order = story
    link = make.link(one, now=NOON - HOUR)
    for text in (
        link.code,
        f"http://127.0.0.1:8000/s/{link.code}",
        f" http://x/l/{link.code}?t={link.ticket}",
        link.ticket,
    ):
        receipt = why_link(text, promoter_id=one.promoter.id, now=NOON)
        assert receipt.no == link.code
        assert order.no in said(receipt)
        assert "手绘青瓷盖碗" in said(receipt)
    assert "已于" in said(why_link(link.code, promoter_id=one.promoter.id, now=link.expires_at))
    for text, who in (
        (link.code, rival.id),
        ("nosuchcode", one.promoter.id),
        ("", one.promoter.id),
        ("a.b.c", rival.id),
        (f"{link.ticket[:-3]}abc", one.promoter.id),
    ):
        with pytest.raises(UnknownNumber):
            why_link(text, promoter_id=who, now=NOON)


def test_a_link_that_nobody_opened_says_so():
    one = make.alliance()
    link = make.link(one)
    shown = said(why_link(link.code, promoter_id=one.promoter.id, now=NOON))
    assert "还没有人打开过这个链接" in shown
    assert "没有订单归属于这个链接" in shown
    make.touch(one, now=NOON)
    rows.run("UPDATE attribution_touch SET touched_at = %s", [link.expires_at])
    assert "其中 1 次在过期之后" in said(why_link(link.code, promoter_id=one.promoter.id, now=NOON))
