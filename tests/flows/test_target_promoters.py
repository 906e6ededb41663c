"""Finding promoters: invite links, requests, the directory; who is told what; and all that refuses it."""

from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import figures as make_figures
from tests.make import matching
from tests.make import parties as make_parties
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows import target_promoters
from tuike.kit.errors import Invalid, NotFound
from tuike.matching import queries, rules
from tuike.matching.types import BelowLevel, ContactInCard, RequestOpenAlready, RequestOver
from tuike.parties import service as parties
from tuike.parties.types import Suspended
from tuike.plans import queries as plans_of
from tuike.plans.types import MemberState, NewTargetedPlan, NotOfferedSo, PlanOver

pytestmark = pytest.mark.usefixtures("db")
NOON = make.NOON
OURS = ("plans_", "matching_", "messages_")


def told(party_id: int) -> list[str]:
    found = rows.query("SELECT kind FROM messages_message WHERE party_id = %s ORDER BY id", [party_id])
    return [kind for (kind,) in found if kind.startswith("plan_")]


def states(plan) -> list[MemberState]:
    return [member.state for member in plans_of.members_of(plan_id=plan.plan_id)]


def test_by_the_invite_link_into_the_plan():
    one = make.alliance()
    plan = matching.plan(one)
    asking = matching.by(one.promoter.id)
    for _ in range(2):
        target_promoters.apply_by_code(code=plan.invite_code, message="做茶具", by=asking)
    deciding = matching.by(one.shop.id)
    for _ in range(2):
        target_promoters.decide(no=plan.no, promoter_ids=[one.promoter.id], accept=True, reason="", by=deciding)
    assert states(plan) == [MemberState.ACCEPTED]
    assert (told(one.shop.id), told(one.promoter.id)) == (["plan_applied"], ["plan_accepted"])


def test_a_plan_is_made_once_under_its_key():
    one = make.alliance()
    key = matching.by(one.shop.id)
    new = NewTargetedPlan(name="计划", starts_at=NOON, ends_at=NOON + timedelta(days=1), rates={one.product_id: 2000})
    first = target_promoters.create_plan(plan=new, by=key)
    assert target_promoters.create_plan(plan=new, by=key) == first


def test_through_a_request():
    one = make.alliance()
    plan = matching.plan(one)
    request = matching.request(one, plan)
    assert queries.open_request(plan_id=plan.plan_id) == request
    target_promoters.apply_to_request(request_no=request.no, message="", by=matching.by(one.promoter.id))
    assert states(plan) == [MemberState.APPLIED]
    with refused(RequestOpenAlready, *OURS):
        matching.request(one, plan)
    target_promoters.close_request(no=request.no, by=matching.by(one.shop.id))
    with refused(RequestOver, *OURS):
        target_promoters.apply_to_request(request_no=request.no, message="", by=matching.by(one.recruiter.id))
    with refused(RequestOver, *OURS):
        target_promoters.close_request(no=request.no, by=matching.by(one.shop.id))
    assert matching.request(one, plan).no != request.no


def test_a_request_ends_by_itself_and_is_the_shops_own():
    one = make.alliance()
    other = make.alliance(beside=one)
    plan = matching.plan(one)
    request = matching.request(one, plan)
    late = request.open_until
    with refused(RequestOver, *OURS):
        target_promoters.apply_to_request(request_no=request.no, message="", by=matching.by(one.promoter.id, late))
    with refused(NotFound, *OURS):
        target_promoters.close_request(no=request.no, by=matching.by(other.shop.id))
    with refused(NotFound, *OURS):
        matching.request(other, plan)


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"title": " "}, Invalid),
        ({"text": "长" * 501}, Invalid),
        ({"min_level": 6}, Invalid),
        ({"open_until": NOON}, Invalid),
        ({"open_until": NOON + timedelta(days=31)}, Invalid),
        ({"category_ids": (10**9,)}, Invalid),
    ],
)
def test_a_request_that_makes_no_sense_is_refused(changes, refusal):
    one = make.alliance()
    plan = matching.plan(one)
    with refused(refusal, *OURS):
        matching.request(one, plan, **changes)


def test_no_request_for_a_plan_that_is_over():
    one = make.alliance()
    plan = matching.plan(one)
    with refused(PlanOver, *OURS):
        matching.request(one, plan, now=plan.ends_at)


def test_the_level_is_what_was_sold_in_ninety_days():
    one = make.alliance(price_fen=120_000)
    plan = matching.plan(one)
    request = matching.request(one, plan, min_level=1)
    asking = {"request_no": request.no, "message": ""}
    with refused(BelowLevel, *OURS) as info:
        target_promoters.apply_to_request(**asking, by=matching.by(one.promoter.id))
    assert "Lv.1" in info.value.sentence("zh")
    make.touch(one)
    make.bought(one)
    make_figures.counted(now=NOON)
    assert queries.standing(promoter_id=one.promoter.id, now=NOON) == (1, None)
    assert queries.standing(promoter_id=one.promoter.id, now=NOON + timedelta(days=90)) == (0, None)
    target_promoters.apply_to_request(**asking, by=matching.by(one.promoter.id))
    assert states(plan) == [MemberState.APPLIED]


def test_an_invitation_out_of_the_directory():
    one = make.alliance()
    plan = matching.plan(one)
    matching.card(one.promoter.id, one.category_id)
    found = queries.listed_card(promoter_id=one.promoter.id)
    assert (found.name, found.level, found.conversion_bps) == ("茶友会", 0, None)
    target_promoters.invite(no=plan.no, promoter_ids=[one.promoter.id], message="", by=matching.by(one.shop.id))
    answer = matching.by(one.promoter.id)
    for _ in range(2):
        target_promoters.answer_invitation(no=plan.no, accept=True, by=answer)
    assert states(plan) == [MemberState.ACCEPTED]
    assert (told(one.promoter.id), told(one.shop.id)) == (["plan_invited"], ["plan_joined"])
    with refused(NotOfferedSo, *OURS):
        target_promoters.answer_invitation(no=plan.no, accept=False, by=matching.by(one.promoter.id))


def test_who_takes_the_consent_back_is_found_no_more():
    one = make.alliance()
    matching.card(one.promoter.id, one.category_id)
    matching.card(one.promoter.id, one.category_id, listed=False)
    with pytest.raises(NotFound):
        queries.listed_card(promoter_id=one.promoter.id)
    card = queries.card_of(promoter_id=one.promoter.id)
    assert card is not None and not card.listed


@pytest.mark.parametrize(
    ("changes", "refusal"),
    [
        ({"words": ("", "")}, Invalid),
        ({"words": ("名" * 21, "")}, Invalid),
        ({"words": ("茶友会", "长" * 201)}, Invalid),
        ({"category_ids": ()}, Invalid),
        ({"category_ids": (10**9,)}, NotFound),
        ({"words": ("茶友会", "电话 138 0013 8000")}, ContactInCard),
        ({"words": ("加微 tea", "")}, ContactInCard),
        ({"words": ("茶友会", "https://t.example")}, ContactInCard),
    ],
)
def test_a_card_says_enough_and_nothing_about_the_person(changes, refusal):
    one = make.alliance()
    with refused(refusal, *OURS):
        matching.card(one.promoter.id, one.category_id, **changes)


def test_cards_are_counted_again():
    one = make.alliance(price_fen=120_000)
    matching.card(one.promoter.id, one.category_id)
    make.touch(one)
    make.bought(one)
    make_figures.counted(now=NOON)
    assert target_promoters.count_cards(before=NOON, now=NOON) == 0
    assert target_promoters.count_cards(before=NOON + timedelta(hours=1), now=NOON + timedelta(hours=1)) == 1
    assert queries.listed_card(promoter_id=one.promoter.id).level == 1
    assert target_promoters.count_cards(before=NOON + timedelta(hours=1), now=NOON + timedelta(hours=2)) == 0


def test_who_may_not_promote_asks_for_nothing():
    one = make.alliance()
    plan = matching.plan(one)
    parties.suspend(party_id=one.promoter.id, reason="违规", actor=OPERATOR_SHELL, now=NOON)
    with refused(Suspended, *OURS):
        target_promoters.apply_by_code(code=plan.invite_code, message="", by=matching.by(one.promoter.id))
    stranger = make_parties.promoter(name="路人", phone="13900000009")
    with refused(NotFound, *OURS):
        target_promoters.answer_invitation(no=plan.no, accept=True, by=matching.by(stranger.id))


def test_who_is_removed_or_turned_away_is_told_why():
    one = make.alliance()
    plan = matching.plan(one)
    target_promoters.apply_by_code(code=plan.invite_code, message="", by=matching.by(one.promoter.id))
    target_promoters.decide(
        no=plan.no, promoter_ids=[one.promoter.id], accept=False, reason="类目不符", by=matching.by(one.shop.id)
    )
    target_promoters.apply_by_code(code=plan.invite_code, message="", by=matching.by(one.promoter.id))
    target_promoters.decide(
        no=plan.no, promoter_ids=[one.promoter.id], accept=True, reason="", by=matching.by(one.shop.id)
    )
    target_promoters.remove_member(no=plan.no, promoter_id=one.promoter.id, reason="停推", by=matching.by(one.shop.id))
    assert told(one.promoter.id) == ["plan_rejected", "plan_accepted", "plan_removed"]


def test_levels_and_conversion():
    assert [rules.level(fen) for fen in (0, 99_999, 100_000, 999_999, 1_000_000, 10**9)] == [0, 0, 1, 1, 2, 5]
    assert rules.conversion(orders=5, clicks=99) is None
    assert rules.conversion(orders=5, clicks=100) == 500
    assert rules.conversion(orders=300, clicks=100) == 10_000
