"""A promoter's grade and bonuses for targets on a phone: the way to the next step, and an award with its proof."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests import chromium
from tests.make import alliance as make
from tests.make import rewards as make_rewards
from tests.mall.phones import fits, opened
from tuike.audit.types import OPERATOR_SHELL
from tuike.flows import tend_rewards as tending
from tuike.kit import clock
from tuike.plans import service as plans
from tuike.rewards import service

pytestmark = [*chromium.MARKS, pytest.mark.slow, pytest.mark.xdist_group("browser")]


def test_a_grade_and_a_bonus_are_shown_with_what_is_missing_and_the_proof(promoter, mall_runs):
    page, say, one = promoter.page, promoter.say, mall_runs.one
    now = clock.now()
    plans.add_grade(name="Gold", rank=1, threshold_fen=10_000, extra_bps=150, actor=OPERATOR_SHELL, now=now)
    make_rewards.fund(one.shop.id, 10_000, now=now)
    offer = make_rewards.offer(one.shop.id, now=now - timedelta(minutes=5), name="Spring")
    make.touch(one, now=now - timedelta(minutes=4))
    order = make.bought(one, pieces=(3,), now=now - timedelta(minutes=1))
    service.note(counts=tending.count(offer, [one.promoter.id]), now=now)
    assert tending.grant(offer, now) == 1
    opened(promoter, "/promoter/centre/centre")
    page.get_by_text(say("等级与奖励", "Grade and bonuses")).click()
    expect(page.get_by_text(say("还差 ¥100.00", "¥100.00 more"))).to_be_visible()
    expect(page.get_by_text(say("已获奖励", "Awarded"))).to_be_visible()
    fits(page)
    page.get_by_text("Spring").click()
    expect(page.get_by_text(order.no)).to_be_visible()
    fits(page)
