"""What the operator's people decide: who may, when, how often; every no leaves everything as it was."""

from contextlib import contextmanager
from datetime import timedelta

import pytest

from tests import books
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import parties as make_parties
from tests.make import settlement as make_settlement
from tests.make.alliance import NOON
from tuike.catalog import queries as catalog
from tuike.commission.types import AdjustmentDecided, NotHeld, SamePerson
from tuike.db import rows
from tuike.flows import govern_alliance as govern
from tuike.flows.adjust_commission import approve_adjustment, ask_adjustment, reject_adjustment
from tuike.flows.close_case import close_case
from tuike.flows.operators import Involved
from tuike.flows.review_accruals import review_accruals
from tuike.idempotency.types import KeyUsedForOther
from tuike.insight.explain import explain
from tuike.kit.errors import Forbidden, Invalid, NotFound
from tuike.parties.types import Role, UnknownParty
from tuike.plans import queries as plans
from tuike.risk import queries as risk
from tuike.risk import service as cases
from tuike.risk.types import CaseFacts, CaseKind, NoOpenCase
from tuike.settings import service as settings
from tuike.settings.types import OutOfBounds

pytestmark = pytest.mark.usefixtures("db")
DAY = timedelta(days=1)
ALL = (Role.ADMIN, Role.OPERATOR, Role.FINANCE, Role.AUDITOR)


def everything() -> list[tuple]:
    return [
        *make_settlement.everything(),
        *rows.query("SELECT no, state FROM commission_adjustment ORDER BY no"),
        *rows.query("SELECT id, review || state || amount_fen FROM commission_accrual ORDER BY id"),
        *rows.query("SELECT id, scope, valid::text FROM plans_rate ORDER BY id"),
        *rows.query("SELECT id, name, restricted FROM catalog_category ORDER BY id"),
        *rows.query("SELECT id, name, value::text FROM settings_value ORDER BY id"),
    ]


@contextmanager
def refused(kind):
    before = everything()
    with pytest.raises(kind):
        yield
    assert everything() == before


@pytest.fixture
def people():
    """One person of the operator's in each role, and a second one of finance."""
    seats = {role: make_parties.operator_seat(role) for role in ALL}
    return seats | {"second": make_parties.operator_seat(Role.FINANCE)}


@pytest.fixture
def story():
    """A sale that was received: its order and its direct accrual's id."""
    one = make.alliance()
    make.touch(one)
    order = make.received(make.bought(one, now=NOON + timedelta(hours=1)), now=NOON + DAY)
    return one, order, make.accruals(order)["direct"]


def ask(party, actor, fen=500, *, key="k1", **rest):
    said = {"reason": "补发活动奖励"} | rest
    return ask_adjustment(party_no=party.no, amount_fen=fen, actor=actor, now=NOON, key=key, **said)


# Adjustments


def test_a_correction_is_filed_by_one_and_booked_by_another(people, story):
    one, order, _ = story
    no = ask(one.promoter, people[Role.FINANCE], order_no=order.no)
    assert ask(one.promoter, people[Role.FINANCE], order_no=order.no) == no
    with refused(KeyUsedForOther):
        ask(one.promoter, people[Role.FINANCE], 501, order_no=order.no)
    with refused(SamePerson):
        approve_adjustment(no=no, actor=people[Role.FINANCE], now=NOON)
    approve_adjustment(no=no, actor=people["second"], now=NOON, key="a")
    approve_adjustment(no=no, actor=people["second"], now=NOON, key="a")
    assert make_settlement.stand(one.promoter, "available") == {"available": 500}
    with refused(AdjustmentDecided):
        approve_adjustment(no=no, actor=people["second"], now=NOON)
    (receipt,) = explain(no)
    assert receipt.holds and receipt.no == no
    books.check()


def test_what_a_payee_lacks_becomes_its_debt(people, story):
    one, *_ = story
    no = ask(one.promoter, people[Role.ADMIN], -300)
    approve_adjustment(no=no, actor=people[Role.FINANCE], now=NOON)
    assert make_settlement.stand(one.promoter, "available", "owed") == {"available": 0, "owed": -300}
    assert explain(no)[0].holds
    books.check()


def test_a_correction_turned_down_books_nothing(people, story):
    one, *_ = story
    no = ask(one.promoter, people[Role.FINANCE])
    with refused(Invalid):
        reject_adjustment(no=no, reason=" ", actor=people["second"], now=NOON)
    reject_adjustment(no=no, reason="与规则不符", actor=people["second"], now=NOON)
    with refused(AdjustmentDecided):
        reject_adjustment(no=no, reason="再次", actor=people["second"], now=NOON)
    assert make_settlement.stand(one.promoter, "available") == {"available": 0}
    assert explain(no)[0].holds


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.AUDITOR])
def test_who_may_not_touch_corrections(people, story, role):
    one, *_ = story
    no = ask(one.promoter, people[Role.FINANCE])
    for call in (
        lambda: ask(one.promoter, people[role]),
        lambda: approve_adjustment(no=no, actor=people[role], now=NOON),
        lambda: reject_adjustment(no=no, reason="不", actor=people[role], now=NOON),
    ):
        with refused(Forbidden):
            call()


def test_whoever_sits_in_the_party_corrects_nothing(people, story):
    one, *_ = story
    no = ask(one.promoter, people[Role.FINANCE])
    make_parties.seated(one.promoter, Role.ADMIN, person_id=people["second"].person_id)
    with refused(Involved):
        ask(one.promoter, people["second"])
    with refused(Involved):
        approve_adjustment(no=no, actor=people["second"], now=NOON)


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"fen": 0}, Invalid),
        ({"fen": True}, Invalid),
        ({"fen": 10**13 + 1}, Invalid),
        ({"reason": ""}, Invalid),
        ({"reason": "长" * 201}, Invalid),
        ({"order_no": "O404"}, Invalid),
    ],
)
def test_what_is_no_correction(people, story, given, refusal):
    with refused(refusal):
        ask(story[0].promoter, people[Role.FINANCE], **given)


def test_a_correction_is_of_somebody_who_is_paid(people):
    operator = make_parties.operator()
    with refused(UnknownParty):
        ask(operator, people[Role.FINANCE])


# Held accruals


def review(verb, accrual, actor, *, reason="同一地址多单", key=None):
    return review_accruals(verb=verb, accrual_ids=[accrual], reason=reason, actor=actor, now=NOON, key=key)


def test_held_released_and_settled(people, story):
    *_, accrual = story
    assert review("hold", accrual, people[Role.OPERATOR], key="h") == 1
    assert review("hold", accrual, people[Role.OPERATOR], key="h") == 1
    with refused(NotHeld):
        review("hold", accrual, people[Role.OPERATOR])
    make.matured(until=NOON + 29 * DAY)
    assert rows.query("SELECT state FROM commission_accrual WHERE id = %s", [accrual]) == [("pending",)]
    review("release", accrual, people[Role.ADMIN])
    make.matured(until=NOON + 30 * DAY)
    assert rows.query("SELECT state FROM commission_accrual WHERE id = %s", [accrual]) == [("settled",)]
    books.check()


def test_held_and_rejected(people, story):
    *_, accrual = story
    review("hold", accrual, people[Role.OPERATOR])
    review("reject", accrual, people[Role.OPERATOR])
    assert rows.query("SELECT state, amount_fen FROM commission_accrual WHERE id = %s", [accrual]) == [("cancelled", 0)]
    books.check()


def test_who_may_not_review_and_what(people, story):
    one, _, accrual = story
    for role in (Role.FINANCE, Role.AUDITOR):
        with refused(Forbidden):
            review("hold", accrual, people[role])
    with refused(Invalid):
        review("hold", accrual, people[Role.OPERATOR], reason="")
    with refused(Invalid):
        review("settle", accrual, people[Role.OPERATOR])
    with refused(NotHeld):
        review("release", accrual, people[Role.OPERATOR])
    with refused(NotHeld):
        review("hold", 10**12, people[Role.OPERATOR])
    make_parties.seated(one.promoter, Role.ADMIN, person_id=people[Role.OPERATOR].person_id)
    with refused(Involved):
        review("hold", accrual, people[Role.OPERATOR])


# Cases


@pytest.mark.parametrize("role", [Role.ADMIN, Role.OPERATOR, Role.FINANCE])
def test_a_case_is_closed_by_who_does_something(people, role):
    cases.open_cases(cases=[CaseFacts(CaseKind.AMOUNT_MISMATCH, "PAY1", 100)], now=NOON)
    (case,) = risk.open_cases()
    with refused(Forbidden):
        close_case(no=case.no, note="已核对", actor=people[Role.AUDITOR], now=NOON)
    with refused(Invalid):
        close_case(no=case.no, note="", actor=people[role], now=NOON)
    close_case(no=case.no, note="已核对", actor=people[role], now=NOON, key="c")
    close_case(no=case.no, note="已核对", actor=people[role], now=NOON, key="c")
    with refused(NoOpenCase):
        close_case(no=case.no, note="再次", actor=people[role], now=NOON)


# Rates, the ladder, categories, settings


def test_rates_and_ladder_are_the_deciders(people):
    category = make_catalog.category(name="茶具")
    for actor in (people[Role.FINANCE], people[Role.AUDITOR]):
        with refused(Forbidden):
            govern.set_benchmarks(rates={(0, "other"): 500}, actor=actor, now=NOON)
        with refused(Forbidden):
            govern.add_grade(name="金", rank=1, threshold_fen=1, extra_bps=10, actor=actor, now=NOON)
        with refused(Forbidden):
            govern.change_category(category_id=category, changes={"name": "x"}, actor=actor, now=NOON)
    written = govern.set_benchmarks(rates={(category, "other"): 700}, actor=people[Role.OPERATOR], now=NOON)
    assert list(written.rate_ids) == [f"benchmark:{category}:other"]
    grade = govern.add_grade(
        name="金牌", rank=1, threshold_fen=100_000, extra_bps=50, actor=people[Role.ADMIN], now=NOON
    )
    promoter = make_parties.promoter()
    govern.set_grade(promoter_no=promoter.no, grade_id=grade, actor=people[Role.ADMIN], now=NOON)
    assert plans.grade_of(promoter.id, at=NOON + DAY).name == "金牌"
    govern.change_grade(
        grade_id=grade, threshold_fen=200_000, extra_bps=80, actor=people[Role.ADMIN], now=NOON + 2 * DAY
    )
    assert plans.ladder()[0].extra_bps == 80
    with refused(UnknownParty):
        govern.set_grade(promoter_no="R404", grade_id=grade, actor=people[Role.ADMIN], now=NOON)
    with refused(NotFound):
        govern.set_grade(promoter_no=promoter.no, grade_id=10**9, actor=people[Role.ADMIN], now=NOON)


def test_a_category_is_restricted_by_the_operator(people):
    given = {"name": "保健", "name_en": "Health", "parent_id": None, "restricted": False, "position": 0}
    by = {"actor": people[Role.OPERATOR], "now": NOON, "key": "c1"}
    top = govern.add_category(**given, **by)
    assert govern.add_category(**given, **by) == top
    with refused(KeyUsedForOther):
        govern.add_category(**given | {"name": "别的"}, **by)
    govern.change_category(category_id=top, changes={"restricted": True}, actor=people[Role.OPERATOR], now=NOON)
    assert {node.category_id: node.restricted for node in catalog.categories()}[top] is True


def test_settings_are_the_administrators(people):
    for role in (Role.OPERATOR, Role.FINANCE, Role.AUDITOR):
        with refused(Forbidden):
            govern.change_setting(name="tax_bps", value=100, actor=people[role], now=NOON)
    with refused(OutOfBounds):
        govern.change_setting(name="tax_bps", value=9001, actor=people[Role.ADMIN], now=NOON)
    govern.change_setting(name="tax_bps", value=100, actor=people[Role.ADMIN], now=NOON)
    assert settings.get("tax_bps") == 100


def test_fewer_paid_tiers_close_the_tiers_above(people):
    one = make.alliance()
    tier = f"tier:{one.shop.id}:2"
    assert [row.ends for row in plans.merchant_rates(merchant_id=one.shop.id, at=NOON) if row.scope == tier] == [None]
    govern.change_setting(name="max_paid_tiers", value=1, actor=people[Role.ADMIN], now=NOON)
    (row,) = [row for row in plans.merchant_rates(merchant_id=one.shop.id, at=NOON) if row.scope == tier]
    assert row.ends is not None
