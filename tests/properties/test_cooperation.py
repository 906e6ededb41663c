"""Whatever shop, leader, buyers, clock and job do, the contract stands where an oracle of a few lines says (§9)."""

import itertools
from collections.abc import Callable
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
from tuike.cooperation import queries, rules, service
from tuike.cooperation.types import CancelState, EnrolmentShown, EnrolmentState, ExtensionState
from tuike.db import rows
from tuike.flows import cancel_cooperation as cancelling
from tuike.flows import enrol_products as enrolling
from tuike.flows import extend_cooperation as extending
from tuike.flows.tend_cooperations import tend_cooperations
from tuike.kit.errors import Refusal
from tuike.plans.types import Layer

DAY, SECOND = timedelta(days=1), timedelta(seconds=1)


def table(text: str) -> dict[tuple[str, str], str]:
    """Read a table as (row, column) → cell."""
    head, *lines = [line.split() for line in text.strip().splitlines()]
    return {(row, column): cell for row, *cells in lines for column, cell in zip(head[1:], cells, strict=True)}


SAYS = table("""
verb      applied               running            reviewed             asked                   over
pass      running               enrolment_decided  enrolment_decided    enrolment_decided       enrolment_over
cancel    enrolment_not_active  filed              cancel_open_already  filed                   enrolment_over
agree     enrolment_not_active  no_open_cancel     over                 no_open_cancel          enrolment_over
refuse    enrolment_not_active  no_open_cancel     running              no_open_cancel          enrolment_over
longer    enrolment_not_active  asked              cancel_open_already  extension_open_already  enrolment_over
yes       enrolment_not_active  no_open_extension  no_open_extension    running                 enrolment_over
no        enrolment_not_active  no_open_extension  no_open_extension    running                 enrolment_over
""")
"""What a verb (row) does to a cooperation that stands so (column): how it stands next, or the refusal's code.

`reviewed`: the leader has a cancel to decide; `asked`: the shop has a later end to answer."""
RUNS = ("running", "reviewed", "asked")


@dataclass
class Oracle:
    """The contract of §9 over one product: the table, and beside it what instants and counts decide."""

    a: datetime
    end: datetime
    base: int
    stands: str = "applied"
    gross: int = 0
    net: int = 0
    asked: tuple[datetime, datetime] = (datetime.min, datetime.min)  # noqa: DTZ901 read once it was written
    late: bool = False

    def clock(self, t: datetime) -> None:
        if self.stands == "asked" and self.asked[0] + 3 * DAY < min(t, self.end):
            self.stands, self.late = "running", True
        self.stands = "over" if t >= self.end else self.stands

    def says(self, verb: str, t: datetime, to: datetime) -> str:
        """Do a verb at `t` if it may be done; return the code of the refusal, or nothing."""
        self.clock(t)
        what = SAYS[verb, self.stands]
        if what == "filed":
            what = "over" if t > self.a + 30 * DAY and self.gross < self.base else "reviewed"
        if what == "no_open_extension" and self.late:
            return "answer_too_late"
        if what == "asked" and to <= self.end:
            return "extension_too_short"
        if what not in (*RUNS, "over"):
            return what
        if what == "asked":
            self.asked, self.late = (t, to), False
        self.stands, self.end = what, self.asked[1] if verb == "yes" else self.end
        return ""


class Contract:
    """One product of a shop in a leader's activity, and beside it the oracle."""

    def opens(self) -> None:
        self.now, self.paid, self.kept = coop.NOON, 0, list[str]()
        coop.open_to_all()
        self.one = make.alliance()
        self.activity = coop.activity(self.one.leader.id, ends_at=coop.NOON + 2_000 * DAY)
        self.enrolment: EnrolmentShown | None = None

    def enrols(self, *, days: int, base: int) -> None:
        terms = [coop.wanted(self.one.product_id, now=self.now, ends_at=self.now + days * DAY, base_orders=base)]
        by = coop.by(self.one.shop.id, self.now)
        [self.enrolment] = enrolling.enrol_products(activity_no=self.activity.no, wanted=terms, by=by)
        self.oracle, self.kept, self.passed = Oracle(self.now, self.now + days * DAY, base), [], False

    def does(self, verb: str, days: int = 1) -> None:
        """Let the one whose verb it is do it: it is done, or refused, as the oracle says."""
        assert self.enrolment is not None
        party = self.one.shop if verb in ("cancel", "yes", "no") else self.one.leader
        to = self.oracle.end + days * DAY
        wanted, got = self.oracle.says(verb, self.now, to), ""
        try:
            VERBS[verb](self.enrolment.no, to, coop.by(party.id, self.now))
        except Refusal as refusal:
            got = refusal.code
        assert got == wanted, (verb, self.now)
        self.passed = self.passed or self.oracle.stands in RUNS

    def sells(self, count: int) -> None:
        self.kept += coop.sell(self.found(), count, first=self.paid, now=self.now)
        self.paid += count
        self.oracle.gross, self.oracle.net = self.oracle.gross + count, self.oracle.net + count

    def gives_back(self) -> None:
        gone = self.kept.pop()
        for _ in range(2):
            service.count_refunded(orders=[(self.found().enrolment_id, gone)], now=self.now)
        self.oracle.net -= 1

    def found(self) -> EnrolmentShown:
        assert self.enrolment is not None
        return queries.enrolments_by_id([self.enrolment.enrolment_id])[self.enrolment.enrolment_id]

    def holds_after_the_job(self) -> None:
        """Run the job, and compare what is written."""
        while tend_cooperations(now=self.now):
            pass
        self.oracle.clock(self.now)
        stands, found = self.oracle.stands, self.found()
        over = EnrolmentState.ENDED if self.passed else EnrolmentState.REJECTED
        named = {"applied": EnrolmentState.APPLIED, "over": over}
        assert found.state is named.get(stands, EnrolmentState.ACTIVE)
        assert found.ends_at == self.oracle.end
        assert (found.cancel is not None and found.cancel.state is CancelState.OPEN) == (stands == "reviewed")
        assert (found.extension is not None and found.extension.state is ExtensionState.OPEN) == (stands == "asked")

    def holds(self) -> None:
        """Compare who leads at which rate, what is counted, and what the shop is told before a cancel."""
        self.oracle.clock(self.now)
        stands, found = self.oracle.stands, self.found()
        pair = (self.activity.no, self.one.product_id)
        assert (pair in queries.led([pair], at=self.now)) == (stands in RUNS)
        asked = {"promoter_id": self.one.promoter.id, "enrolment_id": found.enrolment_id}
        terms = make_plans.terms(self.one.product_id, at=self.now, **asked)
        assert (terms.layer is Layer.LEADER) == (stands in RUNS)
        assert (found.gross_orders, found.net_orders) == (self.oracle.gross, self.oracle.net)
        at_once = self.now > self.oracle.a + 30 * DAY and self.oracle.gross < self.oracle.base
        needs = {"reviewed": True, "running": not at_once, "asked": not at_once}.get(stands, False)
        assert rules.can_cancel(found, self.now).leader_decides == needs


VERBS: dict[str, Callable[[str, datetime, Any], object]] = {
    "pass": lambda no, _, by: enrolling.pass_enrolments(nos=[no], by=by),
    "cancel": lambda no, _, by: cancelling.ask_cancel(no=no, by=by),
    "agree": lambda no, _, by: cancelling.decide_cancel(no=no, agree=True, by=by),
    "refuse": lambda no, _, by: cancelling.decide_cancel(no=no, agree=False, by=by),
    "longer": lambda no, to, by: extending.ask_extension(no=no, ends_at=to, by=by),
    "yes": lambda no, _, by: extending.answer_extension(no=no, agree=True, by=by),
    "no": lambda no, _, by: extending.answer_extension(no=no, agree=False, by=by),
}


class Machine(Contract, RuleBasedStateMachine):
    """Verbs and instants in any order; the product is enrolled again whenever it is out of its activity."""

    @initialize()
    def begins(self) -> None:
        rows.run("SAVEPOINT machine")
        self.opens()

    def teardown(self) -> None:
        rows.run("ROLLBACK TO SAVEPOINT machine")

    @precondition(lambda self: self.enrolment is None or self.oracle.stands == "over")
    @rule(days=st.integers(1, 70), base=st.integers(0, 3), passed=st.booleans())
    def enrol(self, days: int, base: int, passed: bool) -> None:
        self.enrols(days=days, base=base)
        if passed:
            self.does("pass")

    @precondition(lambda self: self.enrolment is not None)
    @rule(verb=st.sampled_from(sorted(VERBS)), days=st.integers(-1, 40))
    def somebody_acts(self, verb: str, days: int) -> None:
        self.does(verb, days)

    @precondition(lambda self: self.enrolment is not None and self.passed)
    @rule(count=st.integers(1, 2))
    def orders_are_paid(self, count: int) -> None:
        self.sells(count)

    @precondition(lambda self: self.enrolment is not None and self.kept)
    @rule()
    def an_order_goes_back(self) -> None:
        self.gives_back()

    @rule(by=st.sampled_from([SECOND, DAY, 3 * DAY, 7 * DAY, 29 * DAY]))
    def time_passes(self, by: timedelta) -> None:
        self.now += by

    @precondition(lambda self: self.enrolment is not None)
    @rule(edge=st.sampled_from(["30 days", "end", "answer"]), off=st.sampled_from([-SECOND, 0 * SECOND, SECOND]))
    def time_comes_to_an_edge(self, edge: str, off: timedelta) -> None:
        asked = self.oracle.asked[0] if self.oracle.stands == "asked" else self.now
        edges = {"30 days": self.oracle.a + 30 * DAY, "end": self.oracle.end, "answer": asked + 3 * DAY}
        self.now = max(self.now, edges[edge] + off)

    @precondition(lambda self: self.enrolment is not None)
    @rule()
    def the_job_runs(self) -> None:
        self.holds_after_the_job()

    @invariant()
    def it_holds(self) -> None:
        if self.enrolment is not None:
            self.holds()


WALKS = [  # how it stood, how many were sold of a base of 2, and which edge is near
    *(("running", sold, "30 days") for sold in (0, 1, 2, 3)),
    *(("refused", sold, "30 days") for sold in (1, 2)),
    *((stands, sold, edge) for stands in ("reviewed", "asked") for sold in (1, 2) for edge in ("30 days", "end")),
    *(("asked", sold, "answer") for sold in (0, 2)),
    *((stands, 0, "end") for stands in ("applied", "running")),
]

BEFORE = {
    "applied": (),
    "running": ("pass",),
    "reviewed": ("pass", "cancel"),
    "refused": ("pass", "cancel", "refuse"),
    "asked": ("pass", "longer"),
}


@pytest.mark.usefixtures("db")
@pytest.mark.parametrize("off", [-SECOND, 0 * SECOND, SECOND], ids=["before", "at", "after"])
@pytest.mark.parametrize("job", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["acts", "job-and-acts"])
def test_each_verb_at_each_edge(off: timedelta, job: bool) -> None:
    """Every cell of the oracle's table, a second before each edge, at it and a second after; whether or not the job
    was faster."""
    contract = Contract()
    contract.opens()
    for (stood, sold, edge), verb in itertools.product(WALKS, sorted(VERBS)):
        rows.run("SAVEPOINT walk")
        contract.now = coop.NOON
        contract.enrols(days=60, base=2)
        edges = {"30 days": coop.NOON + 30 * DAY, "end": coop.NOON + 60 * DAY, "answer": coop.NOON + 40 * DAY}
        ahead = 3 if edge == "answer" else 4 if stood in ("reviewed", "refused") else 1
        contract.now = edges[edge] - ahead * DAY
        for before in BEFORE[stood]:
            contract.does(before)
            if before == "pass":
                contract.sells(sold)
        if sold > 1:
            contract.gives_back()
        contract.now = edges[edge] + off
        if job:
            contract.holds_after_the_job()
        contract.holds()
        contract.does(verb, days=int(off > 0 * SECOND))
        contract.holds()
        contract.holds_after_the_job()
        rows.run("ROLLBACK TO SAVEPOINT walk")


def run(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Machine,
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
