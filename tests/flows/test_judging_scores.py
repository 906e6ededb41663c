"""Rules that ask for a risk score judge an order's commission once it has been scored, and each time that changes."""

import re
from datetime import timedelta

import pytest

from tests import books
from tests.console.conftest import Sitting
from tests.make import alliance as make
from tests.make import events as make_events
from tests.make import parties as make_parties
from tests.make import people as make_people
from tests.make.alliance import NOON
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows import score_orders as scoring_flow
from tuike.flows.govern_review import change_rule, create_rule, set_rule
from tuike.flows.reject_overdue import reject_overdue
from tuike.flows.review_accruals import review_accruals
from tuike.flows.score_open import score_open
from tuike.flows.score_orders import CONSUMER
from tuike.insight import verify
from tuike.insight.review_dry_run import dry_run
from tuike.kit import clock
from tuike.parties import queries as parties
from tuike.parties.types import Role
from tuike.review import queries
from tuike.review.types import Condition, Effect, Feature, NewRule

pytestmark = pytest.mark.usefixtures("committed_db")
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
LATER = NOON + timedelta(minutes=10)
RISKY = {Feature.SCORE: Condition(least=600)}
QUICK = 750
"""The score of an order a second after its click."""


def score_orders(*, now):
    """Score what was told, once all of it is readable: another test's open transaction holds events back."""
    make_events.readable()
    return scoring_flow.score_orders(now=now)


@pytest.fixture
def one():
    return make.alliance()


@pytest.fixture
def desk():
    return make_parties.operator_seat(Role.OPERATOR)


def text_of(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def made(desk, conditions=None, effect=Effect.HOLD, *, shop=None, **changes) -> str:
    rule = NewRule("高风险订单", effect, conditions or RISKY, **changes)
    return create_rule(merchant_id=shop, rule=rule, actor=desk, now=NOON)


def version(no, shop=None) -> int:
    return queries.rule(shop, no).version_id


def quick(one, *, at=NOON, after=SECOND, buyer_id=None):
    """An order right after its click."""
    make.touch(one, now=at, buyer_id=buyer_id)
    return make.bought(one, now=at + after, buyer_id=buyer_id)


def usual(one, **rest):
    return quick(one, after=300 * SECOND, **rest)


def reviews(order) -> dict[str, tuple[str, int | None]]:
    found = rows.query("SELECT role, review, judged_by FROM commission_accrual WHERE sale_id = %s", [order.lines[0].id])
    return {role: tuple(rest) for role, *rest in found}


def told() -> list:
    return rows.query("SELECT topic, key FROM outbox_event WHERE topic = 'accruals.reviewed' ORDER BY id")


def everything() -> list:
    return [
        rows.query(f"SELECT * FROM {table} ORDER BY 1")
        for table in ("commission_accrual", "review_hit", "review_count", "scoring_score", "risk_case")
    ] + [told()]


def again() -> None:
    """Let the scores' reader begin anew, as after a dump that was restored."""
    rows.run("UPDATE outbox_consumer SET txid = 0, event_id = 0 WHERE name = %s", [CONSUMER])


def test_an_order_is_held_once_it_is_scored_with_what_was_known_and_settles_when_it_is_released(one, desk):
    no = made(desk)
    order, calm = quick(one), usual(one, buyer_id=make_people.person().id)
    assert reviews(order) == {"direct": ("clear", None), "tier2": ("clear", None)}, "its score isn't known yet"
    assert score_orders(now=LATER)["held"] == 2
    assert reviews(order) == {role: ("held", version(no)) for role in ("direct", "tier2")}
    assert reviews(calm) == {"direct": ("clear", None), "tier2": ("clear", None)}
    hits = queries.hits(queries.rule(None, no).rule_id)
    assert sorted((hit.amount_fen, hit.facts, hit.at) for hit in hits) == [
        (fen, {"score": QUICK}, LATER) for fen in (299, 718)
    ]
    assert sum(day.hits for day in queries.hits_by_day(queries.rule(None, no).rule_id, first=NOON.date())) == 2
    assert len(told()) == 1
    received = make.received(order, now=NOON + DAY)
    make.matured(until=received.received_at + 27 * DAY)
    assert {state for (state,) in rows.query(
        "SELECT state FROM commission_accrual WHERE sale_id = %s", [order.lines[0].id]
    )} == {"pending"}  # fmt: skip
    released = received.received_at + 30 * DAY
    review_accruals(
        verb="release", accrual_ids=[hit.object_id for hit in hits], reason="已核实", actor=desk, now=released
    )
    make.matured(until=released)
    assert rows.query(
        "SELECT state, count(*) FROM commission_accrual WHERE sale_id = %s GROUP BY 1", [order.lines[0].id]
    ) == [("settled", 2)]
    assert not [found for result in verify.run(names=["judged"]) for found in result.findings]
    books.check()


def test_scored_again_nothing_is_judged_twice(one, desk):
    made(desk)
    quick(one)
    usual(one)
    score_orders(now=LATER)
    before = everything()
    again()
    said = score_orders(now=LATER)
    assert said["events"] > 0 and said["held"] == 0
    assert score_open(now=LATER)["held"] == 0
    assert everything() == before


@pytest.mark.parametrize(
    ("least", "most", "held"), [(750, None, True), (751, None, False), (None, 750, True), (None, 749, False)]
)
def test_both_ends_of_a_score_count_and_a_dry_run_says_the_same(one, desk, least, most, held):
    conditions = {Feature.SCORE: Condition(least, most), Feature.ROLE: Condition(among=frozenset({"direct"}))}
    made(desk, conditions)
    order = quick(one)
    assert score_orders(now=LATER)["held"] == held
    run = dry_run(conditions, merchant_id=None, now=NOON + DAY)
    assert [match.accrual_id for match in run.latest] == ([make.accruals(order)["direct"]] if held else [])


def test_an_order_that_earns_nobody_or_has_no_score_yet_fulfils_nothing_in_a_dry_run(one):
    quick(one)
    assert dry_run(RISKY, merchant_id=None, now=NOON + DAY).accruals == 0
    assert dry_run({Feature.SCORE: Condition(most=1_000)}, merchant_id=None, now=NOON + DAY).accruals == 0


def test_an_order_of_yesterday_is_held_when_what_came_after_it_raises_its_score(one, desk):
    no = made(desk, {Feature.SCORE: Condition(least=500)})
    buyers = [make_people.person().id for _ in range(6)]
    first, *_ = [usual(one, at=NOON + n * DAY, buyer_id=buyer) for n, buyer in enumerate(buyers[:3])]
    score_orders(now=NOON + 3 * DAY)
    assert reviews(first)["direct"] == ("clear", None)
    for buyer in buyers[3:]:
        usual(one, at=NOON + 3 * DAY, buyer_id=buyer)
    assert score_orders(now=NOON + 4 * DAY)["held"] > 2
    assert reviews(first)["direct"] == ("held", version(no))


def test_what_clears_above_shields_and_what_stands_below_doesnt(one, desk):
    trusted = made(desk, {Feature.AGE: Condition(least=1)}, Effect.CLEAR)
    risky = made(desk)
    order = quick(one)
    assert score_orders(now=LATER)["held"] == 0
    assert reviews(order)["direct"] == ("clear", version(trusted))
    set_rule(merchant_id=None, no=risky, verb="up", actor=desk, now=NOON)
    assert score_open(now=LATER)["held"] == 2, "each night what is open is judged again"
    assert reviews(order)["direct"] == ("held", version(risky))


def test_a_rule_that_clears_by_score_is_kept_and_a_shop_may_still_hold(one, desk):
    calm = made(desk, {Feature.SCORE: Condition(most=100)}, Effect.CLEAR)
    order = usual(one)
    assert score_orders(now=LATER)["held"] == 0
    assert reviews(order)["direct"] == ("clear", version(calm))
    before = everything()
    again()
    assert score_orders(now=LATER)["events"] > 0
    assert everything() == before
    strict = made(OPERATOR_SHELL, {Feature.SCORE: Condition(least=700)}, shop=one.shop.id)
    risky = quick(one, at=LATER)
    score_orders(now=LATER + 5 * SECOND + timedelta(minutes=2))
    assert reviews(risky)["direct"] == ("held", version(strict, one.shop.id))


def test_rules_that_dont_ask_for_a_score_dont_speak_again(one, desk):
    order = quick(one)
    made(desk, {Feature.COMMISSION: Condition(least=1)})
    made(desk, {Feature.SCORE: Condition(least=1_000)})
    assert score_orders(now=LATER)["held"] == 0
    assert reviews(order)["direct"] == ("clear", None)


def test_all_else_is_asked_as_of_the_booking(one, desk):
    """Three orders in the hour: the first was alone when it was booked, whatever is known when it is scored."""
    made(desk, RISKY | {Feature.LINES_HOUR: Condition(least=2), Feature.ROLE: Condition(among=frozenset({"direct"}))})
    orders = [quick(one, at=NOON + n * timedelta(minutes=20)) for n in range(3)]
    assert score_orders(now=NOON + DAY)["held"] == 2
    assert [reviews(order)["direct"][0] for order in orders] == ["clear", "held", "held"]
    run = dry_run(
        RISKY | {Feature.LINES_HOUR: Condition(least=2), Feature.ROLE: Condition(among=frozenset({"direct"}))},
        merchant_id=None,
        now=NOON + DAY,
    )
    assert run.accruals == 2


def test_what_somebody_decided_stays_decided_also_when_the_rule_changes(one, desk):
    no = made(desk)
    released, by_hand = quick(one), quick(one, buyer_id=make_people.person().id)
    hand = list(make.accruals(by_hand).values())
    review_accruals(verb="hold", accrual_ids=hand, reason="可疑", actor=desk, now=LATER)
    score_orders(now=LATER)
    assert set(reviews(by_hand).values()) == {("held", None)}
    review_accruals(
        verb="release", accrual_ids=list(make.accruals(released).values()), reason="已核实", actor=desk, now=LATER
    )
    rule = NewRule("更严", Effect.HOLD, {Feature.SCORE: Condition(least=500)})
    change_rule(merchant_id=None, no=no, rule=rule, seen=1, actor=desk, now=LATER)
    assert score_open(now=LATER + DAY)["held"] == 0
    assert {review for review, _ in reviews(released).values()} == {"approved"}


def test_a_rule_that_rejects_counts_its_days_from_the_score_on(one, desk):
    made(desk, effect=Effect.REJECT, reject_days=7)
    order = quick(one)
    score_orders(now=LATER)
    assert reject_overdue(now=LATER + 7 * DAY - SECOND) == 0
    assert reject_overdue(now=LATER + 7 * DAY) == 2
    assert {review for review, _ in reviews(order).values()} == {"rejected"}
    books.check()


def test_what_was_refunded_whole_isnt_held_any_more(one, desk):
    made(desk)
    order = quick(one)
    make.refunded(order, now=NOON + timedelta(minutes=5))
    assert score_orders(now=LATER)["held"] == 0
    assert {review for review, _ in reviews(order).values()} == {"clear"}
    books.check()


def test_a_rule_that_is_off_or_out_of_its_days_judges_nothing(one, desk):
    no = made(desk)
    set_rule(merchant_id=None, no=no, verb="off", actor=desk, now=NOON)
    made(desk, last=NOON.date())
    quick(one)
    assert score_orders(now=NOON + DAY)["held"] == 0


def test_the_desk_sees_score_and_signals_in_words_and_who_is_judged_reads_neither(one):
    operator = make_parties.operator()
    person = parties.administrators_of([operator.id])[operator.id][0].person_id
    sitting = Sitting(person, operator)
    form = {"name": "高风险订单", "effect": "hold", "score_least": "600", "enabled": "1"}
    assert sitting.post("review-rule-new", form, htmx=False).status_code == 303
    at = clock.now() - timedelta(minutes=5)
    order = quick(one, at=at)
    assert score_orders(now=clock.now())["held"] == 2
    accrual = make.accruals(order)["direct"]
    queue = text_of(sitting.get("held"))
    assert "高风险订单" in queue and "点击后瞬间下单" in queue and "750" in queue
    page = text_of(sitting.get("accrual", accrual_id=accrual))
    assert "订单风险分（千分） ≥ 600" in page and "750 / 1000（最高 750）" in page
    assert "点击后 1 秒即下单，低于 2 秒（权重 750）" in page
    english = text_of(Sitting(person, operator, english=True).get("accrual", accrual_id=accrual))
    assert "750 of 1,000 (at most 750)" in english and "Ordered 1 s after the click, less than 2 s" in english
    for party, role in ((one.promoter, "direct"), (one.recruiter, "tier2")):
        owner = parties.administrators_of([party.id])[party.id][0].person_id
        own = text_of(Sitting(owner, party).get("order", accrual_id=make.accruals(order)[role]))
        assert "审核中" in own
        assert not any(word in own for word in ("高风险", "风险分", "瞬间", "600", "750"))
