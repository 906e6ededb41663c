"""Coming into the network and being put out of it: links, the form, rules, thresholds, decisions; each refusal changes
nothing, and nobody earns by who comes."""

import io
from datetime import timedelta

import pytest
from PIL import Image

from tests import books
from tests.make import alliance as make
from tests.make import network as make_network
from tests.make import parties as make_parties
from tests.make import people as make_people
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows import (
    apply_to_network,
    decide_applications,
    govern_alliance,
    govern_network,
    leave_network,
    recruit_promoters,
)
from tuike.flows.open_party import UnknownRecruiter
from tuike.flows.operators import Involved
from tuike.flows.request_withdrawal import _check_standing
from tuike.kit.errors import Forbidden, Invalid, NotFound
from tuike.network import queries
from tuike.network.types import (
    ApplicationClosed,
    ApplicationNeeded,
    ApplicationOpen,
    ApplicationState,
    AppliedTooSoon,
    PersonBanned,
    ThresholdsUnmet,
    TiersWithThreshold,
    UnknownLink,
)
from tuike.parties import queries as parties
from tuike.parties import service as parties_of
from tuike.parties.types import NotThisState, PromoterState, Role, Source, SubjectKind, Suspended

pytestmark = pytest.mark.usefixtures("committed_db")
NOON = make.NOON
PREFIXES = ("network_", "parties_", "ledger_", "settings_value", "messages_")


def unchanged(kind, work) -> None:
    """The refusal is this one, and nothing changed."""
    with refused(kind, *PREFIXES):
        work()


def state(party) -> PromoterState:
    return parties.promoter_facts([party.id])[party.id].state


def told(person_id: int) -> list[str]:
    return [kind for (kind,) in rows.query("SELECT kind FROM messages_personal WHERE person_id = %s", [person_id])]


def earned(order) -> dict[str, int]:
    """Return what an order earned by role, in fen."""
    return dict(
        rows.query(
            "SELECT a.role, sum(a.amount_fen)::bigint FROM commission_accrual a"
            " JOIN commission_sale s ON s.id = a.sale_id WHERE s.order_no = %s GROUP BY a.role",
            [order.no],
        )
    )


def by_hand(no: str, admit: bool = True, reason: str = "", actor=None, now=NOON):
    judge = actor or make_parties.operator_seat()
    return decide_applications.decide_by_hand(no=no, admit=admit, reason=reason, actor=judge, now=now)


def test_without_a_form_one_opens_and_is_in():
    assert state(make_network.opened()) is PromoterState.ACTIVE
    party = make_network.opened()
    unchanged(ApplicationNeeded, lambda: make_network.applied(party))


def test_with_a_form_one_waits_and_earns_nothing_until_let_in():
    make_network.form()
    party = make_network.opened()
    make_parties.certify(party, subject_kind=SubjectKind.INDIVIDUAL)
    assert (state(party), parties.promoter_facts([party.id])[party.id].certified) == (PromoterState.JOINING, False)
    made = make_network.applied(party)
    assert made.state is ApplicationState.FILED
    assert made.by_hand  # no rule of the form decides about a hundred followers
    by_hand(made.no)
    facts = parties.promoter_facts([party.id])[party.id]
    assert (facts.state, facts.certified) == (PromoterState.ACTIVE, True)
    assert "application_passed" in told(made.person_id)
    judge = make_parties.operator_seat()
    unchanged(ApplicationClosed, lambda: by_hand(made.no, actor=judge))
    unchanged(ApplicationOpen, lambda: make_network.applied(party))
    books.check("line_changes", "network_standing", "recruiters", "deposits")


def test_rules_decide_in_their_order():
    make_network.form()
    few = make_network.applied(make_network.opened(), fans=9)
    assert (few.state, few.reason) == (ApplicationState.REJECTED, "粉丝不足 10 人")
    young = make_network.applied(make_network.opened(), fans=5_000, born="2008-03-03")
    assert (young.state, young.reason) == (ApplicationState.REJECTED, "未满 18 周岁")
    grown = make_network.opened()
    assert make_network.applied(grown, fans=1_000, born="2008-03-02").state is ApplicationState.PASSED
    assert state(grown) is PromoterState.ACTIVE
    review = make_network.applied(make_network.opened(), where="视频号")
    assert (review.state, review.by_hand) == (ApplicationState.FILED, True)


def test_a_form_may_let_in_whom_no_rule_stops():
    make_network.form(auto_pass=True)
    assert make_network.applied(make_network.opened()).state is ApplicationState.PASSED


def test_thresholds_are_waited_for_and_nobody_gets_round_them():
    make_network.form(real_name=True, auto_pass=True, purchases_fen=10_000, law_noted=True)
    party = make_network.opened()
    made = make_network.applied(party)
    assert (made.state, made.by_hand) == (ApplicationState.FILED, False)
    judge = make_parties.operator_seat()
    unchanged(ThresholdsUnmet, lambda: by_hand(made.no, actor=judge))
    make_parties.certify(party, subject_kind=SubjectKind.INDIVIDUAL)
    assert decide_applications.decide_by_rules(now=NOON) == 0
    shop = make_parties.merchant()
    _bought(shop.id, made.person_id, 12_000, 2_001)
    assert decide_applications.decide_by_rules(now=NOON) == 0  # 99.99 yuan stay paid
    unchanged(ThresholdsUnmet, lambda: by_hand(made.no, actor=judge))
    _bought(shop.id, made.person_id, 1, 0)
    assert decide_applications.decide_by_rules(now=NOON) == 1
    assert decide_applications.decide_by_rules(now=NOON) == 0
    assert (queries.application(made.no).state, state(party)) == (ApplicationState.PASSED, PromoterState.ACTIVE)


def _bought(shop_id: int, person_id: int, paid: int, refunded: int) -> None:
    rows.run(
        "INSERT INTO members_purchase (order_no, merchant_id, person_id, paid_fen, refunded_fen, paid_at, completed,"
        " growth) VALUES (%s, %s, %s, %s, %s, %s, false, 0)",
        [f"O{paid}", shop_id, person_id, paid, refunded, NOON],
    )


def test_answers_are_of_their_kind_and_sealed():
    make_network.form()
    party = make_network.opened()
    for wrong in ({"fans": "many"}, {"fans": -1}, {"why": " "}, {"where": "x"}, {"born": "2026-02-30"}, {"more": 1}):
        unchanged(Invalid, lambda wrong=wrong: make_network.applied(party, **wrong))
    made = make_network.applied(party, where="朋友圈")
    kept = rows.query("SELECT sealed FROM network_application")[0][0]
    assert "喜欢分享好物".encode() not in bytes(kept)
    judge = make_parties.operator_seat()
    read = decide_applications.look_at_application(no=made.no, actor=judge, now=NOON)
    assert read == make_network.ANSWERS | {"where": "朋友圈"}
    assert rows.query("SELECT count(*) FROM audit_act WHERE action = 'network.look'") == [(1,)]
    stranger = make_people.acting(make_people.person().id)
    unchanged(Forbidden, lambda: decide_applications.look_at_application(no=made.no, actor=stranger, now=NOON))


def test_one_applies_for_oneself_once_at_a_time():
    make_network.form()
    party = make_network.opened()
    other = make_network.opened(make_network.head(party))
    made = make_network.applied(party)
    unchanged(ApplicationOpen, lambda: make_network.applied(party))
    unchanged(ApplicationOpen, lambda: make_network.applied(other))
    stranger = make_people.person().id
    file = apply_to_network.file_application
    actor = make_people.acting(stranger)
    unchanged(NotFound, lambda: file(person_id=stranger, promoter_id=party.id, answers={}, actor=actor, now=NOON))
    make_parties.certify(party, subject_kind=SubjectKind.INDIVIDUAL)
    helper = make_parties.seated(party, Role.ADMIN)
    unchanged(
        Forbidden, lambda: file(person_id=helper.person_id, promoter_id=party.id, answers={}, actor=helper, now=NOON)
    )
    withdraw = apply_to_network.withdraw_application
    unchanged(ApplicationClosed, lambda: withdraw(person_id=stranger, no=made.no, actor=actor, now=NOON))
    mine = make_parties.super_admin_of(party)
    assert withdraw(person_id=made.person_id, no=made.no, actor=mine, now=NOON).state is ApplicationState.WITHDRAWN
    unchanged(ApplicationClosed, lambda: withdraw(person_id=made.person_id, no=made.no, actor=mine, now=NOON))
    assert make_network.applied(other).state is ApplicationState.FILED  # taken back is not turned down


def test_after_a_rejection_some_days_go_by_and_the_edge_counts():
    make_network.form(reapply_days=7)
    party = make_network.opened()
    made = make_network.applied(party)
    judge = make_parties.operator_seat()
    unchanged(Invalid, lambda: by_hand(made.no, admit=False, actor=judge))
    by_hand(made.no, admit=False, reason="资料不清", actor=judge)
    assert (state(party), told(made.person_id)) == (PromoterState.JOINING, ["application_rejected"])
    edge = NOON + timedelta(days=7)
    unchanged(AppliedTooSoon, lambda: make_network.applied(party, now=edge - timedelta(seconds=1)))
    assert make_network.applied(party, now=edge).state is ApplicationState.FILED


def test_the_same_key_files_once():
    make_network.form()
    party = make_network.opened()
    said = {"person_id": make_network.head(party), "promoter_id": party.id, "answers": make_network.ANSWERS}
    actor = make_parties.super_admin_of(party)
    twice = [apply_to_network.file_application(**said, actor=actor, now=NOON, key="k1") for _ in range(2)]
    assert twice[0] == twice[1]
    assert rows.query("SELECT count(*) FROM network_application") == [(1,)]


def test_links_lead_under_their_owner():
    recruiter = make_parties.promoter(name="老王")
    shop = make_parties.merchant(source=Source.MINI_STORE)
    by = make_parties.super_admin_of
    of_promoter = recruit_promoters.make_link(owner_id=recruiter.id, note="朋友圈", actor=by(recruiter), now=NOON)
    of_shop = recruit_promoters.make_link(owner_id=shop.id, note="", actor=by(shop), now=NOON)
    below = make_network.opened(link=of_promoter.code)
    agent = make_network.opened(link=of_shop.code)
    assert parties.promoter_facts([below.id])[below.id].line == (recruiter.id,)
    assert parties.promoter_facts([agent.id])[agent.id].line == ()
    assert queries.agents_of(merchant_id=shop.id) == [(agent.id, NOON)]
    assert queries.agent_merchants([below.id, agent.id]) == {agent.id: shop.id}
    poster = recruit_promoters.draw_link_poster(owner_id=shop.id, code=of_shop.code)
    assert Image.open(io.BytesIO(poster)).size == (750, 1200)
    unchanged(UnknownLink, lambda: recruit_promoters.draw_link_poster(owner_id=recruiter.id, code=of_shop.code))
    unchanged(
        UnknownLink,
        lambda: recruit_promoters.close_link(owner_id=recruiter.id, code=of_shop.code, actor=by(recruiter), now=NOON),
    )
    recruit_promoters.close_link(owner_id=shop.id, code=of_shop.code, actor=by(shop), now=NOON)
    unchanged(UnknownLink, lambda: make_network.opened(make_network.head(below), link=of_shop.code))
    unchanged(UnknownLink, lambda: make_network.opened(make_network.head(below), link="nosuchlink"))
    parties_of.suspend(party_id=recruiter.id, reason="x", actor=OPERATOR_SHELL, now=NOON)
    unchanged(UnknownLink, lambda: make_network.opened(make_network.head(below), link=of_promoter.code))
    unchanged(UnknownRecruiter, lambda: make_network.opened(make_network.head(below), recruiter_no=recruiter.no))
    stranger = make_people.acting(make_people.person().id)
    unchanged(NotFound, lambda: recruit_promoters.make_link(owner_id=shop.id, note="", actor=stranger, now=NOON))
    unchanged(
        Suspended, lambda: recruit_promoters.make_link(owner_id=recruiter.id, note="", actor=by(recruiter), now=NOON)
    )
    books.check("line_changes", "recruiters")


def test_a_banned_person_cant_come_again_until_the_operator_takes_it_back():
    make_network.form()
    party = make_network.opened()
    made = make_network.applied(party)
    judge = make_parties.operator_seat()
    govern_network.ban_promoter(promoter_no=party.no, reason="刷单", actor=judge, now=NOON)
    assert (state(party), queries.application(made.no).state) == (PromoterState.BANNED, ApplicationState.REJECTED)
    unchanged(PersonBanned, lambda: make_network.opened(made.person_id))
    unchanged(PersonBanned, lambda: make_network.applied(party, now=NOON + timedelta(days=400)))
    again = {"promoter_no": party.no, "reason": "刷单", "actor": judge, "now": NOON}
    unchanged(NotThisState, lambda: govern_network.ban_promoter(**again))
    unchanged(Forbidden, lambda: govern_network.ban_promoter(**again | {"actor": make_people.acting(made.person_id)}))
    unchanged(Invalid, lambda: govern_network.ban_promoter(**again | {"reason": " "}))
    books.check("network_standing")
    govern_network.restore_party(party_id=party.id, reason="申诉成立", actor=judge, now=NOON)
    assert (state(party), queries.banned([made.person_id])) == (PromoterState.ACTIVE, set())
    books.check("network_standing")


def test_what_a_banned_person_applies_for_with_another_promoter_is_rejected_too():
    make_network.form(auto_pass=True, real_name=True)
    party = make_network.opened()
    other = make_network.opened(make_network.head(party))
    made = make_network.applied(other)
    govern_network.ban_promoter(promoter_no=party.no, reason="刷单", actor=make_parties.operator_seat(), now=NOON)
    assert (state(other), queries.application(made.no).state) == (PromoterState.JOINING, ApplicationState.REJECTED)
    books.check("network_standing")


def test_who_sits_in_it_decides_nothing():
    make_network.form()
    party = make_network.opened()
    made = make_network.applied(party)
    judge = make_parties.operator_seat()
    make_parties.certify(party, subject_kind=SubjectKind.INDIVIDUAL)
    parties_of.add_seat(party_id=party.id, person_id=judge.person_id, role=Role.ADMIN, actor=OPERATOR_SHELL, now=NOON)
    unchanged(Involved, lambda: by_hand(made.no, actor=judge))
    banning = {"promoter_no": party.no, "reason": "x", "actor": judge, "now": NOON}
    unchanged(Involved, lambda: govern_network.ban_promoter(**banning))
    moving = {"promoter_no": party.no, "recruiter_no": "", "reason": "x", "actor": judge, "now": NOON}
    unchanged(Involved, lambda: govern_network.move_promoter(**moving))


def test_who_leaves_keeps_what_was_earned_and_may_apply_again():
    one = make.alliance()
    make.touch(one)
    order = make.pay(make.placed(one), now=NOON)
    party, mine = one.promoter, make_parties.super_admin_of(one.promoter)
    leaving = {"person_id": mine.person_id, "promoter_id": party.id, "reason": "不做了", "actor": mine, "now": NOON}
    assert leave_network.leave_network(**leaving) is PromoterState.RETIRED
    assert _check_standing(party)  # it may still withdraw
    later = NOON + timedelta(minutes=1)
    parked = make.placed(one, now=later)
    kinds = rows.query("SELECT kind, reason FROM attribution_claim WHERE order_no = %s", [parked.no])
    assert kinds == [("none", "promoter_suspended")]
    unchanged(NotThisState, lambda: leave_network.leave_network(**leaving))
    restoring = {"party_id": party.id, "reason": "x", "actor": make_parties.operator_seat(), "now": NOON}
    unchanged(NotThisState, lambda: govern_network.restore_party(**restoring))
    make_network.form()
    assert make_network.applied(party, fans=1_000).state is ApplicationState.PASSED
    assert state(party) is PromoterState.ACTIVE
    assert earned(order) == {"direct": 718, "tier2": 299}
    books.check()


def test_who_stands_above_and_is_stopped_earns_nothing_on_new_orders():
    """Tier 2 is 5 %: before the freeze, while it is frozen, and afterwards; what was placed keeps its terms."""
    one = make.alliance()
    make.touch(one)
    before = make.placed(one)
    freezing = {"party_id": one.recruiter.id, "reason": "核查", "actor": OPERATOR_SHELL}
    parties_of.suspend(**freezing, now=NOON)
    during = make.placed(one)
    parties_of.restore(**freezing, now=NOON)
    after = make.placed(one)
    paid = [make.pay(order, now=NOON + timedelta(minutes=1)) for order in (before, during, after)]
    both = {"direct": 718, "tier2": 299}
    assert [earned(order) for order in paid] == [both, {"direct": 718}, both]
    judge = make_parties.operator_seat()
    govern_network.ban_promoter(promoter_no=one.recruiter.no, reason="刷单", actor=judge, now=NOON)
    assert earned(make.pay(make.placed(one), now=NOON + timedelta(minutes=2))) == {"direct": 718}
    books.check()


def test_frozen_is_stopped_and_comes_back():
    party = make_parties.promoter()
    parties_of.suspend(party_id=party.id, reason="核查", actor=OPERATOR_SHELL, now=NOON)
    assert state(party) is PromoterState.FROZEN
    unchanged(Suspended, lambda: _check_standing(party))
    parties_of.restore(party_id=party.id, reason="查清", actor=OPERATOR_SHELL, now=NOON)
    assert state(party) is PromoterState.ACTIVE


def test_money_to_come_in_and_several_paid_tiers_go_together_only_with_the_laws_note():
    for threshold in ({"deposit_fen": 1}, {"purchases_fen": 1}):
        unchanged(TiersWithThreshold, lambda threshold=threshold: make_network.form(**threshold))
    boss = make_parties.super_admin_of(make_parties.operator())
    change = govern_alliance.change_setting
    change(name="max_paid_tiers", value=1, actor=boss, now=NOON)
    make_network.form(deposit_fen=1)
    unchanged(TiersWithThreshold, lambda: change(name="max_paid_tiers", value=2, actor=boss, now=NOON))
    make_network.form(deposit_fen=1, law_noted=True)
    assert rows.query(
        "SELECT facts ->> 'law_noted' FROM audit_act WHERE action = 'network.publish_form' ORDER BY id DESC LIMIT 1"
    ) == [("true",)]
    change(name="max_paid_tiers", value=3, actor=boss, now=NOON)
    unchanged(TiersWithThreshold, lambda: make_network.form(purchases_fen=1))
    make_network.form(needed=False, purchases_fen=1)  # nobody has to apply: nothing is asked of anybody


def test_only_governors_publish_and_a_form_makes_sense():
    from tuike.network.types import Field, FieldKind, NewForm, Rule, RuleTest, Then

    form = NewForm(needed=True, title="推客申请")
    clerk = make_parties.operator_seat(Role.OPERATOR)
    unchanged(Forbidden, lambda: govern_network.publish_form(form=form, actor=clerk, now=NOON))
    text = Field("why", FieldKind.TEXT, "为什么")
    wrong: list[dict] = [
        {"title": ""},
        {"deposit_fen": -1},
        {"reapply_days": 366},
        {"fields": (text, text)},
        {"fields": (Field("Why", FieldKind.TEXT, "x"),)},
        {"fields": (Field("why", FieldKind.CHOICE, "x"),)},
        {"fields": (Field("n", FieldKind.NUMBER, "x", low=2, high=1),)},
        {"rules": (Rule("no", RuleTest.IS, "x", Then.REVIEW),)},
        {"fields": (text,), "rules": (Rule("why", RuleTest.AT_LEAST, "1", Then.REVIEW),)},
        {"fields": (text,), "rules": (Rule("why", RuleTest.IS, "x", Then.REJECT),)},
        {"fields": (Field("d", FieldKind.DATE, "x"),), "rules": (Rule("d", RuleTest.AT_LEAST, "x", Then.REVIEW),)},
    ]
    boss = make_parties.super_admin_of(make_parties.operator())
    for changes in wrong:
        bad = NewForm(**{"needed": True, "title": "推客申请"} | changes)
        unchanged(Invalid, lambda bad=bad: govern_network.publish_form(form=bad, actor=boss, now=NOON))
