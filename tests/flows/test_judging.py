"""Commission is judged while it is booked: what a rule holds doesn't settle, and every fen goes where it is decided."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from tests import books
from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make.alliance import NOON
from tests.make.settlement import everything
from tuike.audit.types import OPERATOR_SHELL, Actor
from tuike.db import rows
from tuike.flows.govern_review import change_rule, create_rule, set_rule
from tuike.flows.reject_overdue import reject_overdue
from tuike.flows.review_accruals import review_accruals
from tuike.insight.review_dry_run import dry_run
from tuike.kit.errors import Forbidden, Invalid, NotFound
from tuike.parties.types import Role
from tuike.review import queries
from tuike.review.types import (
    MOST_RULES,
    Condition,
    Effect,
    Feature,
    NewRule,
    OnlyHolds,
    RuleChanged,
    TooManyRules,
)

pytestmark = pytest.mark.usefixtures("db")
DAY = timedelta(days=1)
BIG = {Feature.COMMISSION: Condition(least=500)}
PAID_AT = NOON + timedelta(minutes=1)


@pytest.fixture
def desk() -> Actor:
    return make_parties.operator_seat(Role.OPERATOR)


def rule(conditions=None, effect=Effect.HOLD, **changes) -> NewRule:
    return NewRule("大额佣金", effect, conditions or BIG, **changes)


def made(desk: Actor, conditions=None, effect=Effect.HOLD, *, shop: int | None = None, **changes) -> str:
    return create_rule(merchant_id=shop, rule=rule(conditions, effect, **changes), actor=desk, now=NOON)


def of_first_line(order) -> dict[str, tuple[str, str, int, int | None]]:
    return {
        role: rest
        for role, *rest in (
            (row[0], *row[1:])
            for row in rows.query(
                "SELECT role, review, state, amount_fen, judged_by FROM commission_accrual WHERE sale_id = %s",
                [order.lines[0].id],
            )
        )
    }


def touched_and_bought(one, **rest):
    make.touch(one)
    return make.bought(one, **rest)


def everything_here() -> list[tuple]:
    return [
        *everything(),
        *rows.query("SELECT no, position, version_id, deleted_at::text FROM review_rule ORDER BY id"),
        *rows.query("SELECT id, rule_id, name FROM review_version ORDER BY id"),
        *rows.query("SELECT id, review || state || amount_fen FROM commission_accrual ORDER BY id"),
    ]


@contextmanager
def refused(kind: type[Exception]) -> Iterator[pytest.ExceptionInfo]:
    before = everything_here()
    with pytest.raises(kind) as told:
        yield told
    assert everything_here() == before


def test_a_big_commission_is_held_doesnt_settle_and_settles_on_its_day_once_released(desk):
    one = make.alliance()
    no = made(desk)
    order = touched_and_bought(one)
    stands = of_first_line(order)
    version = queries.rule(None, no).version_id
    assert {role: (review, by) for role, (review, _, _, by) in stands.items()} == {
        "direct": ("held", version),
        "tier2": ("clear", None),
    }
    direct_fen, tier_fen = stands["direct"][2], stands["tier2"][2]
    assert (direct_fen, tier_fen) == (718, 299)
    (hit,) = queries.hits(queries.rule(None, no).rule_id)
    assert (hit.object_id, hit.amount_fen, hit.facts) == (make.accruals(order)["direct"], 718, {"commission_fen": 718})
    received = make.received(order, now=NOON + DAY)
    make.matured(until=received.received_at + 27 * DAY)
    assert of_first_line(order)["direct"][1] == "pending"
    assert of_first_line(order)["tier2"][1] == "settled"
    released = received.received_at + 30 * DAY
    review_accruals(verb="release", accrual_ids=[hit.object_id], reason="已核实", actor=desk, now=released)
    make.matured(until=released)
    assert of_first_line(order)["direct"][:3] == ["approved", "settled", 718]
    books.check()


def test_a_rule_that_rejects_holds_first_and_cancels_once_when_its_days_are_over(desk):
    one = make.alliance()
    made(desk, effect=Effect.REJECT, reject_days=7)
    first, second = touched_and_bought(one), touched_and_bought(one)
    due = PAID_AT + 7 * DAY
    kept = make.accruals(second)["direct"]
    assert reject_overdue(now=due - timedelta(seconds=1)) == 0
    review_accruals(verb="release", accrual_ids=[kept], reason="老客户", actor=desk, now=due - timedelta(seconds=1))
    assert reject_overdue(now=due) == 1
    assert reject_overdue(now=due + 30 * DAY) == 0
    assert of_first_line(first)["direct"][:3] == ["rejected", "cancelled", 0]
    assert of_first_line(second)["direct"][:3] == ["approved", "pending", 718]
    # What was rejected is the shop's again.
    for order in (first, second):
        received = make.received(order, now=NOON + DAY)
    make.matured(until=received.received_at + 27 * DAY)
    assert rows.query(
        "SELECT sum(amount_fen)::bigint FROM settlement_part WHERE payee_kind = 'merchant' AND payee_id = %s",
        [one.shop.id],
    ) == [(2 * 5_990 - 718 - 2 * 299,)]
    books.check()


def test_a_shop_holds_what_the_operator_clears_and_only_its_own(desk):
    one = make.alliance()
    other = make.alliance(beside=one)
    cleared = made(desk, effect=Effect.CLEAR)
    held = made(OPERATOR_SHELL, shop=one.shop.id)
    orders = [touched_and_bought(where) for where in (one, other)]
    stands = [of_first_line(order)["direct"] for order in orders]
    assert [(review, by) for review, _, _, by in stands] == [
        ("held", queries.rule(one.shop.id, held).version_id),
        ("clear", queries.rule(None, cleared).version_id),
    ]
    with refused(OnlyHolds):
        made(OPERATOR_SHELL, effect=Effect.CLEAR, shop=one.shop.id)
    with refused(OnlyHolds):
        made(OPERATOR_SHELL, effect=Effect.REJECT, shop=one.shop.id, reject_days=3)


def test_a_change_is_a_version_and_what_was_judged_keeps_its_own(desk):
    one = make.alliance()
    no = made(desk)
    first = touched_and_bought(one)
    version = queries.rule(None, no).version_id
    asked = {"merchant_id": None, "no": no, "actor": desk, "now": NOON + timedelta(hours=1)}
    change_rule(rule=rule({Feature.COMMISSION: Condition(least=800)}), seen=1, **asked)
    second = touched_and_bought(one)
    assert of_first_line(first)["direct"][3] == version
    assert of_first_line(second)["direct"][0] == "clear"
    assert [one.version for one in queries.versions(queries.rule(None, no).rule_id)] == [2, 1]
    with refused(RuleChanged):
        change_rule(rule=rule(), seen=1, **asked)
    change_rule(rule=rule({Feature.COMMISSION: Condition(least=800)}), seen=2, **asked)
    assert queries.rule(None, no).version == 2, "the same again is no new version"
    set_rule(verb="off", **asked)
    set_rule(verb="off", **asked)
    assert (queries.rule(None, no).version, queries.rule(None, no).rule.enabled) == (3, False)
    set_rule(verb="delete", **asked)
    for verb in ("on", "up", "delete"):
        with refused(NotFound):
            set_rule(verb=verb, **asked)


def test_the_first_rule_that_holds_decides_and_rules_change_places(desk):
    one = make.alliance()
    made(desk, effect=Effect.CLEAR)
    second = made(desk)
    assert of_first_line(touched_and_bought(one))["direct"][0] == "clear"
    for _ in range(2):
        set_rule(merchant_id=None, no=second, verb="up", actor=desk, now=NOON)
    assert next(rule.no for rule in queries.rules_of(None)) == second
    assert of_first_line(touched_and_bought(one))["direct"][0] == "held"


@pytest.mark.parametrize(
    ("conditions", "held"),
    [
        ({Feature.AGE: Condition(most=0)}, False),
        ({Feature.AGE: Condition(least=1)}, True),
        ({Feature.GRADE: Condition(among=frozenset({"0"}))}, True),
        ({Feature.ROLE: Condition(among=frozenset({"tier2"}))}, False),
        ({Feature.SOURCE: Condition(among=frozenset({"mini_program"}))}, False),
        ({Feature.SOURCE: Condition(among=frozenset({"mini_store"}))}, True),
        ({Feature.PAID: Condition(least=5_990)}, True),
        ({Feature.PAID: Condition(least=5_991)}, False),
        ({Feature.REFUND_RATE: Condition(least=0)}, False),
        ({Feature.LINES_HOUR: Condition(least=2)}, False),
        ({Feature.SCORE: Condition(least=0)}, False),
    ],
)
def test_what_is_known_when_commission_is_booked(desk, conditions, held):
    one = make.alliance()
    made(desk, conditions)
    assert of_first_line(touched_and_bought(one))["direct"][0] == ("held" if held else "clear")


def test_lines_of_one_hour_are_counted_with_the_line_itself(desk):
    one = make.alliance()
    made(desk, {Feature.LINES_HOUR: Condition(least=3)})
    make.touch(one)
    assert of_first_line(make.bought(one, pieces=(1, 1)))["direct"][0] == "clear"
    assert of_first_line(make.bought(one, now=NOON + timedelta(minutes=60)))["direct"][0] == "held"
    assert of_first_line(make.bought(one, now=NOON + timedelta(hours=3)))["direct"][0] == "clear"


def test_a_category_holds_what_is_under_it(desk):
    one = make.alliance()
    path = rows.query(
        "SELECT c.path FROM catalog_product p JOIN catalog_category c ON c.id = p.category_id WHERE p.id = %s",
        [one.product_id],
    )[0][0]
    made(desk, {Feature.CATEGORY: Condition(among=frozenset({str(path[0])}))})
    assert of_first_line(touched_and_bought(one))["direct"][0] == "held"
    with refused(Invalid):
        made(desk, {Feature.CATEGORY: Condition(among=frozenset({"987654"}))})


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"name": "长" * 41}, "name"),
        ({"conditions": {}}, "conditions"),
        ({"conditions": {Feature.COMMISSION: Condition(least=5, most=4)}}, "commission_fen"),
        ({"conditions": {Feature.ROLE: Condition(among=frozenset({"platform"}))}}, "role"),
        ({"conditions": {Feature.GRADE: Condition(among=frozenset({"77"}))}}, "grade"),
        ({"effect": Effect.REJECT}, "reject_days"),
        ({"effect": Effect.REJECT, "reject_days": 366}, "reject_days"),
        ({"reject_days": 3}, "reject_days"),
        ({"first": NOON.date(), "last": NOON.date() - DAY}, "last"),
    ],
)
def test_a_rule_that_cant_be_meant_is_refused_with_its_field(desk, changes, field):
    said = {"name": "大额佣金", "effect": Effect.HOLD, "conditions": BIG} | changes
    with refused(Invalid) as told:
        create_rule(merchant_id=None, rule=NewRule(**said), actor=desk, now=NOON)
    assert told.value.details["field"] == field


def test_only_deciding_seats_make_the_operators_rules_and_only_so_many():
    for nobody in [make_parties.operator_seat(role) for role in (Role.FINANCE, Role.AUDITOR)]:
        with refused(Forbidden):
            made(nobody)
    desk = make_parties.operator_seat(Role.ADMIN)
    key = {"key": "K", "merchant_id": None, "rule": rule(), "actor": desk, "now": NOON}
    assert create_rule(**key) == create_rule(**key)
    for _ in range(MOST_RULES - 1):
        made(desk)
    with refused(TooManyRules):
        made(desk)


@pytest.mark.parametrize(
    "conditions",
    [
        BIG,
        {Feature.COMMISSION: Condition(most=717)},
        {Feature.PAID: Condition(least=5_990), Feature.ROLE: Condition(among=frozenset({"tier2"}))},
        {Feature.AGE: Condition(most=1)},
        {Feature.AGE: Condition(least=2)},
        {Feature.GRADE: Condition(among=frozenset({"0"}))},
        {Feature.SOURCE: Condition(among=frozenset({"mini_program"}))},
        {Feature.LINES_HOUR: Condition(least=3)},
        {Feature.LINES_DAY: Condition(least=4)},
        {Feature.LINES_DAY: Condition(most=3)},
        {Feature.REFUND_RATE: Condition(most=10_000)},
    ],
    ids=str,
)
def test_a_dry_run_says_what_the_rule_holds_when_it_is_in_force(desk, conditions):
    """The same business twice, once with the rule and once without it, asked afterwards."""
    one = make.alliance()
    no = made(desk, conditions)
    make.touch(one)
    for hours, pieces in ((0, (1,)), (0.5, (1, 2)), (2, (1,)), (30, (3,))):
        make.bought(one, pieces=pieces, now=NOON + timedelta(hours=hours))
    after = NOON + 3 * DAY
    held = sorted(hit.object_id for hit in queries.hits(queries.rule(None, no).rule_id))
    run = dry_run(conditions, merchant_id=None, now=after)
    assert sorted(one.accrual_id for one in run.latest) == held
    assert run.accruals == len(held) and run.amount_fen == sum(one.first_fen for one in run.latest)
    assert sum(run.by_day.values()) == run.amount_fen and run.all_accruals == 10
    assert dry_run(conditions, merchant_id=one.shop.id, now=after) == run
    assert dry_run(conditions, merchant_id=one.shop.id + 1, now=after).accruals == 0


def test_a_dry_run_says_what_was_lost_of_it_since(desk):
    one = make.alliance()
    order = touched_and_bought(one)
    make.refunded(order, now=NOON + timedelta(hours=1))
    run = dry_run(BIG, merchant_id=None, now=NOON + DAY)
    assert (run.accruals, run.amount_fen, run.lost_fen, run.orders, run.promoters) == (1, 718, 718, 1, 1)
    assert dry_run(BIG, merchant_id=None, now=NOON + timedelta(days=91)).accruals == 0
