"""Whatever shop, leader, buyers, clock and job do, the contract stands where an oracle of a few lines says (§9)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.make import alliance as make
from tests.make import cooperation as coop
from tests.make import plans as make_plans
from tuike.cooperation import queries, service
from tuike.cooperation.types import CancelState, EnrolmentState, ExtensionState
from tuike.db import rows
from tuike.flows import cancel_cooperation as cancelling
from tuike.flows import enrol_products as enrolling
from tuike.flows import extend_cooperation as extending
from tuike.flows.tend_cooperations import tend_cooperations
from tuike.kit.errors import Refusal
from tuike.plans.types import Layer

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


@dataclass
class Oracle:
    """The contract over one product as §9 has it."""

    a: datetime
    end: datetime
    base: int
    state: str = "applied"
    gross: int = 0
    net: int = 0
    cancel: bool = False
    asked: tuple[datetime, datetime] | None = None
    late: bool = False

    def clock(self, t: datetime) -> None:
        if self.asked and self.asked[0] + 3 * DAY < min(t, self.end):
            self.asked, self.late = None, True
        if self.state in ("applied", "active") and t >= self.end:
            self.state = "ended" if self.state == "active" else "rejected"
            self.cancel, self.asked = False, None

    def says(self, verb: str, t: datetime, yes: bool = True, to: datetime | None = None) -> str:
        """Do a verb at `t` if it may be done; return the code of the refusal, or nothing."""
        self.clock(t)
        if self.state != "active":
            return "enrolment_not_active" if self.state == "applied" else "enrolment_over"
        if verb == "cancel":
            if self.cancel:
                return "cancel_open_already"
            at_once = t > self.a + 30 * DAY and self.gross < self.base
            self.state, self.cancel, self.asked = ("ended" if at_once else "active"), not at_once, None
        elif verb == "decide":
            if not self.cancel:
                return "no_open_cancel"
            self.state, self.cancel = ("ended" if yes else "active"), False
        elif verb == "extend":
            if self.cancel or self.asked or to <= self.end:  # type: ignore[operator]
                why = "extension_open_already" if self.asked else "extension_too_short"
                return "cancel_open_already" if self.cancel else why
            self.asked, self.late = (t, to), False  # type: ignore[assignment]
        elif verb == "answer":
            if not self.asked:
                return "answer_too_late" if self.late else "no_open_extension"
            self.end, self.asked = (self.asked[1] if yes else self.end), None
        return ""


class Contract(RuleBasedStateMachine):
    """One product of a shop in a leader's activity, enrolled again whenever it is out of it."""

    @initialize()
    def opens(self) -> None:
        rows.run("SAVEPOINT machine")
        self.now, self.paid, self.kept = coop.NOON, 0, []
        coop.open_to_all()
        self.one = make.alliance()
        self.activity = coop.activity(self.one.leader.id, ends_at=coop.NOON + 2_000 * DAY)
        self.enrolment: Any = None

    def teardown(self) -> None:
        rows.run("ROLLBACK TO SAVEPOINT machine")

    def tried(self, wanted: str, work: Any) -> None:
        try:
            work()
            got = ""
        except Refusal as refusal:
            got = refusal.code
        assert got == wanted

    def shop(self) -> Any:
        return coop.by(self.one.shop.id, self.now)

    def leader(self) -> Any:
        return coop.by(self.one.leader.id, self.now)

    @precondition(lambda self: self.enrolment is None or self.oracle.state not in ("applied", "active"))
    @rule(days=st.integers(1, 70), base=st.integers(0, 3))
    def enrol(self, days: int, base: int) -> None:
        terms = [coop.wanted(self.one.product_id, now=self.now, ends_at=self.now + days * DAY, base_orders=base)]
        [self.enrolment] = enrolling.enrol_products(activity_no=self.activity.no, wanted=terms, by=self.shop())
        self.oracle, self.kept = Oracle(self.now, self.now + days * DAY, base), []

    @precondition(lambda self: self.enrolment is not None)
    @rule()
    def pass_it(self) -> None:
        self.oracle.clock(self.now)
        wanted = {"applied": "", "active": "enrolment_decided"}.get(self.oracle.state, "enrolment_over")
        self.tried(wanted, lambda: enrolling.pass_enrolments(nos=[self.enrolment.no], by=self.leader()))
        self.oracle.state = "active" if not wanted else self.oracle.state

    @precondition(lambda self: self.enrolment is not None and self.oracle.state != "applied")
    @rule(count=st.integers(1, 2))
    def sell(self, count: int) -> None:
        self.kept += coop.sell(self.enrolment, count, first=self.paid, now=self.now)
        self.paid += count
        self.oracle.gross, self.oracle.net = self.oracle.gross + count, self.oracle.net + count

    @precondition(lambda self: self.enrolment is not None and self.kept)
    @rule()
    def refund(self) -> None:
        gone = self.kept.pop()
        for _ in range(2):
            service.count_refunded(orders=[(self.enrolment.enrolment_id, gone)], now=self.now)
        self.oracle.net -= 1

    @precondition(lambda self: self.enrolment is not None)
    @rule()
    def cancel(self) -> None:
        no, wanted = self.enrolment.no, self.oracle.says("cancel", self.now)
        self.tried(wanted, lambda: cancelling.ask_cancel(no=no, by=self.shop()))

    @precondition(lambda self: self.enrolment is not None)
    @rule(yes=st.booleans())
    def decide(self, yes: bool) -> None:
        no, wanted = self.enrolment.no, self.oracle.says("decide", self.now, yes)
        self.tried(wanted, lambda: cancelling.decide_cancel(no=no, agree=yes, by=self.leader()))

    @precondition(lambda self: self.enrolment is not None)
    @rule(days=st.integers(-1, 40))
    def extend(self, days: int) -> None:
        to = self.oracle.end + days * DAY
        no, wanted = self.enrolment.no, self.oracle.says("extend", self.now, to=to)
        self.tried(wanted, lambda: extending.ask_extension(no=no, ends_at=to, by=self.leader()))

    @precondition(lambda self: self.enrolment is not None)
    @rule(yes=st.booleans())
    def answer(self, yes: bool) -> None:
        no, wanted = self.enrolment.no, self.oracle.says("answer", self.now, yes)
        self.tried(wanted, lambda: extending.answer_extension(no=no, agree=yes, by=self.shop()))

    @rule(by=st.sampled_from([SECOND, DAY, 3 * DAY, 7 * DAY, 29 * DAY]))
    def time_passes(self, by: timedelta) -> None:
        self.now += by

    @precondition(lambda self: self.enrolment is not None)
    @rule(edge=st.sampled_from(["30 days", "end", "answer"]), off=st.sampled_from([-SECOND, 0 * SECOND, SECOND]))
    def time_comes_to_an_edge(self, edge: str, off: timedelta) -> None:
        asked = self.oracle.asked[0] if self.oracle.asked else self.now
        edges = {"30 days": self.oracle.a + 30 * DAY, "end": self.oracle.end, "answer": asked + 3 * DAY}
        self.now = max(self.now, edges[edge] + off)

    @precondition(lambda self: self.enrolment is not None)
    @rule()
    def job_runs(self) -> None:
        while tend_cooperations(now=self.now):
            pass
        self.oracle.clock(self.now)
        found = queries.enrolments_by_id([self.enrolment.enrolment_id])[self.enrolment.enrolment_id]
        assert found.state is EnrolmentState(self.oracle.state)
        assert found.ends_at == self.oracle.end
        assert (found.cancel is not None and found.cancel.state is CancelState.OPEN) == self.oracle.cancel
        waits = found.extension is not None and found.extension.state is ExtensionState.OPEN
        assert waits == (self.oracle.asked is not None)

    @invariant()
    def who_leads_and_what_counts(self) -> None:
        if self.enrolment is None:
            return
        self.oracle.clock(self.now)
        leads = self.oracle.state == "active"
        pair = (self.activity.no, self.one.product_id)
        assert (pair in queries.led([pair], at=self.now)) == leads
        asked = {"promoter_id": self.one.promoter.id, "enrolment_id": self.enrolment.enrolment_id}
        terms = make_plans.terms(self.one.product_id, at=self.now, **asked)
        assert (terms.layer is Layer.LEADER) == leads
        found = queries.enrolments_by_id([self.enrolment.enrolment_id])[self.enrolment.enrolment_id]
        assert (found.gross_orders, found.net_orders) == (self.oracle.gross, self.oracle.net)


def run(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Contract,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            phases=[Phase.generate],
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.usefixtures("db")
def test_the_contract_stands_where_the_oracle_says() -> None:
    run(12, 30)


@pytest.mark.slow
@pytest.mark.timeout(1_800)
@pytest.mark.usefixtures("db")
def test_the_contract_for_long() -> None:
    run(120, 60)
