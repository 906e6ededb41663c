"""A rule tried on past orders, an order that it holds, the appeal, the release and the settling: as the operator and
the promoter read it, with what the promoter has after each step. Figures in fen.

At ¥59.90 the promoter earns 718 (12 %), its recruiter 299 (5 %); the rule holds what is ¥5.00 or more.
"""

import re
from datetime import timedelta

import pytest

from tests import books
from tests.console.conftest import Sitting, toast_of
from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make.alliance import NOON
from tuike.appeals import queries as appeals
from tuike.insight import home, verify
from tuike.kit import clock
from tuike.parties.types import PartyRef, Role

pytestmark = pytest.mark.usefixtures("db")
DAY = timedelta(days=1)


class Stage:
    """The alliance on some day, and who sits down before a console on it."""

    def __init__(self, sit, monkeypatch) -> None:
        self.one, self._sit, self.now = make.alliance(), sit, NOON
        monkeypatch.setattr(clock, "now", lambda: self.now)

    def sits(self, party: PartyRef, role: Role = Role.SUPER_ADMIN) -> Sitting:
        return self._sit(party, role)

    def desk(self) -> Sitting:
        return self.sits(make_parties.operator(), Role.OPERATOR)

    def day(self, number: int) -> None:
        self.now = NOON + number * DAY

    def bought(self) -> int:
        """Let a buyer buy by the promoter's link and receive a day later; return the promoter's accrual."""
        make.touch(self.one, now=self.now)
        order = make.bought(self.one, now=self.now)
        make.received(order, now=self.now)
        return make.accruals(order)["direct"]

    def settles(self) -> None:
        make.matured(until=self.now)
        books.check()

    def has(self, *, pending: int, available: int) -> None:
        """Hold what the promoter's accounts have against what its page of funds says."""
        money = home.money(owner=f"promoter:{self.one.promoter.id}")
        assert (money.get("pending", 0), money.get("available", 0)) == (pending, available)
        page = words(self.sits(self.one.promoter).get("funds"))
        assert f"¥{available // 100}.{available % 100:02d}" in page


def words(answer) -> str:
    assert answer.status_code == 200, answer.status_code
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_tried_held_appealed_released_and_settled(sit, monkeypatch):
    stage = Stage(sit, monkeypatch)
    before = stage.bought()
    stage.has(pending=718, available=0)

    stage.day(1)
    rule = {"name": "大额佣金先看", "effect": "hold", "commission_fen_least": "5", "enabled": "1"}
    tried = words(stage.desk().post("review-dry-run", rule))
    assert "1 笔，占全部 2 笔的 50%" in tried and "¥7.18" in tried
    assert stage.desk().post("review-rule-new", rule, htmx=False).status_code == 303
    held = stage.bought()
    assert "大额佣金先看" in words(stage.desk().get("accrual", accrual_id=held))
    own = words(stage.sits(stage.one.promoter).get("order", accrual_id=held))
    assert "审核中" in own and "大额佣金" not in own
    stage.has(pending=1_436, available=0)

    stage.day(28)
    stage.settles()
    stage.has(pending=718, available=718)
    stage.day(30)
    stage.settles()
    stage.has(pending=718, available=718)

    promoter = stage.sits(stage.one.promoter)
    said = {"text": "买家是老客户，有聊天记录"}
    assert "已提交" in toast_of(promoter.post("appeal-new", said, accrual_id=held))
    [no] = (one.no for one in appeals.of_accrual(held))
    assert "1 个佣金申诉待答复" in words(stage.desk().get("home"))
    stage.day(31)
    desk = stage.desk()
    evidence = words(desk.get("evidence", accrual_id=held))
    assert "大额佣金先看" in evidence and no in evidence
    assert "已答复" in toast_of(desk.post("appeal-release", {"reason": "属实，放行"}, no=no))
    stage.has(pending=718, available=718)
    stage.settles()
    stage.has(pending=0, available=1_436)
    promoter = stage.sits(stage.one.promoter)
    assert "属实，放行" in words(promoter.get("appeal", no=no, htmx=True))
    for accrual in (before, held):
        assert "已结算" in words(promoter.get("order", accrual_id=accrual))
    assert not [one for one in verify.run() if one.findings]
