"""The network on a phone: buyers who are bound, an application by invitation with its deposit, leaving."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests import chromium
from tests.make import alliance as make
from tests.make import mall as make_mall
from tests.make import network as make_network
from tests.mall.phones import button, fits, held_by, opened
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.kit import clock
from tuike.network import queries as network_of
from tuike.network import service as network
from tuike.network.types import ApplicationState, Field, FieldKind, NewForm

pytestmark = [*chromium.MARKS, pytest.mark.slow, pytest.mark.xdist_group("browser")]


def test_buyers_who_are_bound_are_shown_masked(promoter, mall_runs):
    page, say, one = promoter.page, promoter.say, mall_runs.one
    opened(promoter, "/promoter/bindings/bindings")
    expect(page.get_by_text(say("还没有绑定的客户", "Nobody is bound to you yet"))).to_be_visible()
    make.touch(one, now=clock.now())
    rows.run("DELETE FROM attribution_binding")
    rows.run(
        "INSERT INTO attribution_binding (merchant_id, buyer_id, promoter_id, touch_id, bound_at, until, released_by)"
        " SELECT %s, %s, %s, max(id), %s, %s, '' FROM attribution_touch",
        [one.shop.id, one.buyer_id, one.promoter.id, clock.now(), clock.now() + timedelta(days=10)],
    )
    opened(promoter, "/promoter/bindings/bindings")
    expect(page.locator(".buyer")).to_contain_text(say("绑定中", "Bound"))
    expect(page.locator(".buyer")).to_contain_text(one.shop.name)
    fits(page)


def test_who_is_invited_applies_pays_the_deposit_and_leaves(promoter, mall_runs):
    page, say, one = promoter.page, promoter.say, mall_runs.one
    made = network.publish_form(
        form=NewForm(
            needed=True,
            title="推客申请",
            fields=(Field("why", FieldKind.TEXT, "为什么加入", "Why"),),
            real_name=False,
            deposit_fen=20_000,
            law_noted=True,
        ),
        actor=OPERATOR_SHELL,
        now=clock.now(),
    )
    link = network.make_link(owner_id=one.promoter.id, note="", actor=OPERATOR_SHELL, now=clock.now())
    person_id = make_mall.person()
    held_by(promoter, mall_runs, person_id)
    opened(promoter, f"/promoter/join/join?link={link.code}")
    expect(page.get_by_text(one.promoter.name)).to_be_visible()
    expect(page.get_by_text(say("只有实际售出的商品才产生佣金", "Only goods that are sold earn"))).to_be_visible()
    fits(page)
    party = make_network.opened(person_id, link=link.code, now=clock.now())
    opened(promoter, f"/promoter/standing/standing?no={party.no}")
    page.locator(".asked input").fill("tea")
    fits(page)
    button(page, say("提交申请", "Apply")).click()
    expect(page.get_by_text(say("申请审核中", "The application is under review"))).to_be_visible()
    expect(page.get_by_text(say("缴纳保证金 ¥200.00", "Pay the deposit ¥200.00"))).to_be_visible()
    fits(page)
    filed = network_of.last_application(party.id)
    assert (filed.state, filed.form_id) == (ApplicationState.FILED, made.form_id)
    button(page, say("退出推客网络", "Leave the network")).click()
    page.locator(".uni-modal__btn_primary").click()
    expect(page.locator(".block .row").first).to_contain_text(say("已退出", "Left"))
    assert network_of.application(filed.no).state is ApplicationState.WITHDRAWN
