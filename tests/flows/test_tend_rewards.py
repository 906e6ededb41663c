"""Targets: reached, lost, taken back before and after settling; the budget's own account from first to last fen."""

from dataclasses import replace
from datetime import timedelta

import pytest

from tests import books
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import events as make_events
from tests.make import parties as make_parties
from tests.make import rewards as make_rewards
from tuike.audit.types import OPERATOR_SHELL
from tuike.commission.types import Payee
from tuike.db import rows
from tuike.flows import run_offers
from tuike.flows.follow_events import follow_events
from tuike.flows.purses import purses
from tuike.flows.tend_rewards import close_offer, publish_offer, tend_rewards
from tuike.idempotency.types import KeyUsedForOther
from tuike.insight import explain, funds
from tuike.insight.earnings import earnings_of
from tuike.kit.errors import Forbidden, Invalid, NotFound
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.parties.types import Source
from tuike.rewards import queries, service
from tuike.rewards.types import (
    Measure,
    NewOffer,
    OfferClosed,
    OfferFundsShort,
    OfferNotDraft,
    OfferNotPublished,
    OfferStartsInPast,
    OfferState,
)

pytestmark = pytest.mark.usefixtures("committed_db")
DAY, LATER = timedelta(days=1), make.NOON + timedelta(hours=1)


@pytest.fixture
def one(committed_db):
    found = make.alliance()
    make_rewards.fund(found.shop.id, 10_000)
    return found


def sell(one, *, pieces=1, at=LATER, follow=True):
    make.touch(one, now=at - timedelta(minutes=5))
    order = make.bought(one, pieces=(pieces,), now=at)
    if follow:
        tend(now=at + timedelta(minutes=5))
    return order


def tend(*, now):
    make_events.readable()
    return tend_rewards(now=now)


def awards():
    return rows.query("SELECT promoter_id, amount_fen, counted, taken_back_at IS NULL FROM rewards_award ORDER BY id")


def bonus():
    return rows.query("SELECT amount_fen, state, funder FROM commission_accrual WHERE role = 'bonus' ORDER BY id")


def stands(one, purpose):
    account = chart.promoter(one.promoter.id, purpose)
    return ledger.balances(refs=[account])[account.path]


def check():
    """The books, without what the makers put in by hand."""
    books.check("accruals", "changes", "refunded", "pending", "states", "targets", "offers", "debts", "advance")


def test_a_target_that_is_reached_pays_from_the_offers_own_account_with_its_proof(one):
    offer = make_rewards.offer(one.shop.id)
    assert make_rewards.balance(offer.offer_id) == 10_000
    sell(one, pieces=2)
    assert awards() == []
    second = sell(one, at=LATER + timedelta(minutes=20))
    assert awards() == [(one.promoter.id, 5_000, 3, True)]
    assert bonus() == [(5_000, "pending", "reward")]
    assert make_rewards.balance(offer.offer_id) == 5_000
    assert second.lines[0].id in rows.query("SELECT sale_ids FROM rewards_award")[0][0]
    sell(one, pieces=3, at=LATER + timedelta(minutes=40))  # more of it brings no second one
    assert len(awards()) == 1
    check()


def test_falling_under_it_takes_it_back_and_reaching_it_again_earns_it_again(one):
    offer = make_rewards.offer(one.shop.id)
    order = sell(one, pieces=3)
    pending = stands(one, "pending")
    make.refunded(order, (1, 1), now=LATER + timedelta(hours=1))
    tend(now=LATER + timedelta(hours=2))
    assert awards() == [(one.promoter.id, 5_000, 3, False)]
    assert bonus() == [(0, "cancelled", "reward")]
    assert make_rewards.balance(offer.offer_id) == 10_000
    assert stands(one, "pending") == pending - 5_000 - 719
    check()
    sell(one, at=LATER + timedelta(hours=3))
    assert [alive for *_, alive in awards()] == [False, True]
    assert bonus() == [(0, "cancelled", "reward"), (5_000, "pending", "reward")]
    assert make_rewards.balance(offer.offer_id) == 5_000
    check()


def test_after_settling_it_is_clawed_back_and_what_is_missing_is_owed(one):
    offer = make_rewards.offer(one.shop.id, budget_fen=5_000)
    order = sell(one, pieces=3)
    make.received(order, now=LATER + timedelta(hours=1))
    settled = LATER + 31 * DAY
    make.matured(until=settled)
    assert bonus() == [(5_000, "settled", "reward")]
    available = chart.promoter(one.promoter.id, "available")
    rest = stands(one, "available") - 1_000
    from tuike.ledger.types import Draft, Move

    spent = Move(available, chart.platform("fees"), rest)  # what a withdrawal would have taken
    ledger.post(drafts=[Draft("spent", "payout", "test", settled, (spent,))], now=settled)
    make.refunded(order, (1, 1), now=settled + DAY)  # 719 of direct commission go back, too
    tend(now=settled + DAY)
    assert bonus() == [(0, "cancelled", "reward")]
    assert stands(one, "available") == 0
    assert stands(one, "owed") == -(5_000 + 719 - 1_000)
    assert queries.offer(merchant_id=one.shop.id, no=offer.no).state is OfferState.CLOSED
    assert make_rewards.balance(offer.offer_id) == 0  # the offer is over: it went on to the shop
    check()


def test_the_rest_goes_back_days_after_the_end_and_what_was_paid_in_time_still_counts(one):
    offer = make_rewards.offer(one.shop.id)
    before = offer.ends_at - timedelta(minutes=2)
    sell(one, pieces=3, at=before, follow=False)
    sell(one, pieces=3, at=offer.ends_at + timedelta(minutes=1), follow=False)  # paid after the end
    tend(now=offer.ends_at + 3 * DAY - timedelta(seconds=1))
    assert awards() == [(one.promoter.id, 5_000, 3, True)]
    assert queries.offer(merchant_id=one.shop.id, no=offer.no).state is OfferState.PUBLISHED
    tend(now=offer.ends_at + 3 * DAY)
    assert make_rewards.balance(offer.offer_id) == 0
    account = chart.merchant(one.shop.id, "available")
    assert ledger.balances(refs=[account])[account.path] == 5_000
    assert queries.offer(merchant_id=one.shop.id, no=offer.no).returned_fen == 5_000
    assert tend(now=offer.ends_at + 4 * DAY)["returned"] == 0
    check()


def test_the_budget_goes_to_who_reached_it_first_and_what_comes_free_to_the_next(one):
    offer = make_rewards.offer(one.shop.id, budget_fen=5_000)
    other = make.of(one, make_parties.promoter(name="推客老赵", phone="13900000009"))
    first = sell(one, pieces=3)
    sell(replace(other, buyer_id=one.buyer_id), pieces=3, at=LATER + timedelta(hours=1))
    assert awards() == [(one.promoter.id, 5_000, 3, True)]
    assert [(p.promoter_id, p.awarded) for p in queries.progress(offer_id=offer.offer_id)] == [
        (one.promoter.id, True),
        (other.promoter.id, False),
    ]
    make.refunded(first, now=LATER + timedelta(hours=2))
    tend(now=LATER + timedelta(hours=3))
    assert awards() == [(one.promoter.id, 5_000, 3, False), (other.promoter.id, 5_000, 3, True)]
    check()


@pytest.mark.parametrize(("measure", "target"), [(Measure.ORDERS, 2), (Measure.PAID, 11_980)])
def test_orders_and_money_are_counted_net_too(one, measure, target):
    make_rewards.offer(one.shop.id, measure=measure, target=target)
    first = sell(one)
    sell(one, at=LATER + timedelta(minutes=30))
    assert [alive for *_, alive in awards()] == [True]
    make.refunded(first, now=LATER + timedelta(hours=1))
    tend(now=LATER + timedelta(hours=2))
    assert [alive for *_, alive in awards()] == [False]
    check()


def test_the_operators_offer_counts_every_shop_and_is_paid_by_the_platform(one):
    beside = make.alliance(beside=one)
    offer = make_rewards.offer(None, target=2)
    sell(one)
    sell(replace(beside, promoter=one.promoter), at=LATER + timedelta(minutes=30))
    assert awards() == [(one.promoter.id, 5_000, 2, True)]
    promotion = chart.platform("promotion")
    assert ledger.balances(refs=[promotion])[promotion.path] == -10_000
    tend(now=offer.ends_at + 3 * DAY)
    assert ledger.balances(refs=[promotion])[promotion.path] == -5_000
    check()


def test_what_the_operator_awards_is_withdrawn_from_the_malls_purse(one):
    make_rewards.offer(None)
    order = sell(one, pieces=3)
    make.received(order, now=LATER + timedelta(hours=1))
    make.matured(until=LATER + 31 * DAY)
    assert bonus() == [(5_000, "settled", "reward")]
    held = purses(party=one.promoter)
    shares = {purse.source: purse.available_fen for purse in held}
    assert shares == {Source.MINI_STORE: stands(one, "available"), Source.MINI_PROGRAM: 0}
    assert shares[Source.MINI_STORE] > 5_000
    [month] = funds.settled_by_source(one.promoter, now=LATER + 31 * DAY)  # and in the list of what came in
    assert (month.mini_store_fen, month.mini_program_fen) == (shares[Source.MINI_STORE], 0)
    check()


def test_named_products_count_alone_and_own_purchases_never(one):
    other = make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id, now=make.NOON)
    make_rewards.offer(one.shop.id, target=1, product_ids=(other,))
    sell(one, pieces=3)
    assert awards() == []
    make_rewards.fund(one.shop.id, 10_000, now=LATER)
    make_rewards.offer(one.shop.id, target=1, now=LATER + timedelta(hours=1))
    person = rows.query("SELECT person_id FROM parties_seat WHERE party_id = %s", [one.promoter.id])[0][0]
    make.touch(one, buyer_id=person, now=LATER + timedelta(hours=2))
    make.bought(one, buyer_id=person, now=LATER + timedelta(hours=2, minutes=1))
    tend(now=LATER + timedelta(hours=3))
    assert awards() == []


def test_a_day_without_news_changes_nothing_and_the_same_news_once(one):
    make_rewards.offer(one.shop.id)
    sell(one, pieces=3)
    before = rows.query("SELECT count(*) FROM ledger_transfer")
    rows.run("DELETE FROM outbox_consumer WHERE name = 'rewards'")  # all news are read once more
    tend(now=LATER + DAY)
    tend(now=LATER + DAY)
    assert rows.query("SELECT count(*) FROM ledger_transfer") == before
    assert len(awards()) == 1


def test_refusals_change_nothing(one):
    def nothing(error, **given):
        before = (
            rows.query("SELECT count(*), max(version) FROM ledger_account"),
            rows.query("SELECT state FROM rewards_offer ORDER BY id"),
        )
        with pytest.raises(error):
            publish_offer(**{"merchant_id": one.shop.id, "actor": OPERATOR_SHELL, "now": make.NOON} | given)
        assert before == (
            rows.query("SELECT count(*), max(version) FROM ledger_account"),
            rows.query("SELECT state FROM rewards_offer ORDER BY id"),
        )

    no = make_rewards.draft(one.shop.id, budget_fen=10_001)
    nothing(OfferFundsShort, no=no)
    nothing(OfferStartsInPast, no=no, now=make.NOON + timedelta(seconds=1))
    nothing(NotFound, no=no, merchant_id=one.promoter.id)
    service.delete_offer(merchant_id=one.shop.id, no=no, actor=OPERATOR_SHELL, now=make.NOON)
    nothing(OfferNotDraft, no=no)
    for wrong in ({"name": " "}, {"target": 0}, {"reward_fen": 0}, {"budget_fen": 4_999}, {"ends_at": make.NOON}):
        with pytest.raises(Invalid):
            make_rewards.draft(one.shop.id, **wrong)
    with pytest.raises(NotFound):
        make_rewards.draft(one.shop.id, product_ids=(987_654,))
    assert rows.query("SELECT count(*) FROM rewards_offer WHERE state <> 'deleted'") == [(0,)]


def test_the_operators_money_is_spent_by_its_deciding_seats_alone(one):
    no = make_rewards.draft(None)
    with pytest.raises(Forbidden):
        publish_offer(merchant_id=None, no=no, actor=OPERATOR_SHELL, now=make.NOON)
    with pytest.raises(Forbidden):
        run_offers.delete_offer(merchant_id=None, no=no, actor=OPERATOR_SHELL, now=make.NOON)
    assert queries.offer(merchant_id=None, no=no).state is OfferState.DRAFT


def test_one_key_makes_one_draft(one):
    wish = NewOffer("冲刺", Measure.ORDERS, 2, 100, 200, make.NOON, make.NOON + DAY)
    given = {"merchant_id": one.shop.id, "offer": wish, "actor": OPERATOR_SHELL, "now": make.NOON}
    no = run_offers.create_offer(**given, key="the-same-key-1")
    assert run_offers.create_offer(**given, key="the-same-key-1") == no
    assert run_offers.create_offer(**given, key=None) != no
    run_offers.delete_offer(merchant_id=one.shop.id, no=no, actor=OPERATOR_SHELL, now=make.NOON)
    assert queries.offer(merchant_id=one.shop.id, no=no).state is OfferState.DELETED


def test_a_shop_that_owes_funds_nothing(one):
    from tuike.ledger.types import Draft, Move

    owed, advance = chart.merchant(one.shop.id, "owed"), chart.platform("fees")
    ledger.post(drafts=[Draft("owe", "refund", "test", make.NOON, (Move(owed, advance, 1),))], now=make.NOON)
    no = make_rewards.draft(one.shop.id)
    with pytest.raises(OfferFundsShort):
        publish_offer(merchant_id=one.shop.id, no=no, actor=OPERATOR_SHELL, now=make.NOON)
    assert queries.offer(merchant_id=one.shop.id, no=no).state is OfferState.DRAFT


def test_the_receipt_of_a_target_tells_its_proof_in_words_and_feeds_take_it(one):
    make_rewards.offer(one.shop.id)
    order = sell(one, pieces=3)
    id_ = rows.query("SELECT id FROM commission_accrual WHERE role = 'bonus'")[0][0]
    (receipt,) = explain.explain(f"A{id_}")
    assert receipt.holds
    for language, said in (("zh", ("三月冲刺", "3 件", order.no)), ("en", ("3 pieces", "50.00", order.no))):
        told = " | ".join(
            str(getattr(part, language))
            for section in receipt.sections
            for line in section.lines
            for part in (line.label, line.formula, line.text)
            if part is not None
        )
        for words in said:
            assert words in told, (words, told)
    assert earnings_of(Payee("promoter", one.promoter.id))[0].amount_fen == 5_000
    make.received(order, now=LATER + timedelta(hours=1))
    make.matured(until=LATER + 31 * DAY)
    make_events.readable()
    assert follow_events(now=LATER + 31 * DAY)


def close(one, no, *, now, key="close-it-once-1"):
    close_offer(merchant_id=one.shop.id, no=no, actor=OPERATOR_SHELL, key=key, now=now)


def available(one):
    account = chart.merchant(one.shop.id, "available")
    return ledger.balances(refs=[account])[account.path]


def news(one):
    """What stands of targets under the promoter's bell and in its super administrator's messages, kind by kind."""
    seat = "SELECT person_id FROM parties_seat WHERE party_id = %s AND role = 'super_admin'"
    asked = (
        "SELECT kind FROM messages_message WHERE kind LIKE 'bonus%%' AND party_id = %s ORDER BY id",
        f"SELECT kind FROM messages_personal WHERE kind LIKE 'bonus%%' AND person_id = ({seat}) ORDER BY id",
    )
    return tuple([kind for (kind,) in rows.query(statement, [one.promoter.id])] for statement in asked)


def test_closing_early_counts_what_was_paid_gives_the_rest_back_and_awards_nobody_after(one):
    offer = make_rewards.offer(one.shop.id, budget_fen=10_000)
    other = make.of(one, make_parties.promoter(name="推客老赵", phone="13900000009"))
    first = sell(one, pieces=3, follow=False)  # paid, and nobody has counted it yet
    sell(replace(other, buyer_id=one.buyer_id), pieces=1, at=LATER + timedelta(minutes=20), follow=False)
    make_events.readable()
    at = LATER + timedelta(minutes=40)
    close(one, offer.no, now=at)
    assert awards() == [(one.promoter.id, 5_000, 3, True)]
    closed = queries.offer(merchant_id=one.shop.id, no=offer.no)
    assert (closed.state, closed.closed_at, closed.stopped, closed.returned_fen) == (OfferState.CLOSED, at, True, 5_000)
    assert (available(one), make_rewards.balance(offer.offer_id)) == (5_000, 0)
    assert rows.query("SELECT count(*) FROM audit_act WHERE action = 'offer.close' AND object = %s", [offer.no]) == [
        (1,)
    ]
    assert news(one)[0] == news(one)[1] == ["bonus_reached"]
    assert news(other)[0] == news(other)[1] == ["bonus_closed"]
    sell(replace(other, buyer_id=one.buyer_id), pieces=3, at=LATER + timedelta(hours=1))  # the period goes on: no award
    assert len(awards()) == 1
    make.refunded(first, (1, 1), now=LATER + timedelta(hours=2))
    tend(now=LATER + timedelta(hours=3))
    assert awards() == [
        (one.promoter.id, 5_000, 3, False)
    ]  # what was given is still taken back, and goes on to the shop
    assert (available(one), make_rewards.balance(offer.offer_id)) == (10_000, 0)
    assert queries.offer(merchant_id=one.shop.id, no=offer.no).returned_fen == 10_000
    tend(now=offer.ends_at + 4 * DAY)
    assert available(one) == 10_000
    check()


def test_closing_is_done_once_for_a_key_and_refused_by_name(one):
    offer = make_rewards.offer(one.shop.id)
    no, draft = offer.no, make_rewards.draft(one.shop.id)

    def facts():
        return (
            rows.query("SELECT count(*), max(version) FROM ledger_account"),
            rows.query("SELECT no, state, closed_at, returned_fen FROM rewards_offer ORDER BY id"),
            rows.query("SELECT count(*) FROM audit_act"),
            rows.query("SELECT count(*) FROM idempotency_key"),
        )

    def nothing(error, **given):
        before = facts()
        said = {"merchant_id": one.shop.id, "no": no, "actor": OPERATOR_SHELL, "key": "another-key-2", "now": LATER}
        with pytest.raises(error):
            close_offer(**said | given)
        assert facts() == before

    beside = make.alliance(beside=one)
    nothing(NotFound, merchant_id=beside.shop.id)
    nothing(NotFound, no="TO0000000000")
    nothing(OfferNotPublished, no=draft)
    nothing(Forbidden, merchant_id=None)  # the operator's are closed by its deciding seats alone
    close(one, no, now=LATER)
    after = facts()
    close(one, no, now=LATER + timedelta(minutes=1))  # the same key: nothing more
    assert facts() == after
    nothing(OfferClosed)
    nothing(KeyUsedForOther, no=draft, key="close-it-once-1")
    service.delete_offer(merchant_id=one.shop.id, no=draft, actor=OPERATOR_SHELL, now=LATER)
    nothing(OfferNotPublished, no=draft)
    over = make_rewards.draft(one.shop.id)
    rows.run("UPDATE rewards_offer SET state = 'closed', closed_at = ends_at WHERE no = %s", [over])
    nothing(OfferClosed, no=over)


def test_an_offer_that_has_not_begun_is_closed_whole(one):
    offer = make_rewards.offer(one.shop.id, starts_at=make.NOON + DAY, ends_at=make.NOON + 5 * DAY)
    assert available(one) == 0
    close(one, offer.no, now=LATER)
    assert available(one) == 10_000
    assert news(one) == ([], [])


def test_who_reaches_a_target_and_loses_it_is_told_each_time_once(one):
    make_rewards.offer(one.shop.id)
    order = sell(one, pieces=3)
    rows.run("DELETE FROM outbox_consumer WHERE name = 'rewards'")  # all news are read once more
    tend(now=LATER + timedelta(minutes=30))
    assert news(one) == (["bonus_reached"], ["bonus_reached"])
    make.refunded(order, (1, 1), now=LATER + timedelta(hours=1))
    tend(now=LATER + timedelta(hours=2))
    tend(now=LATER + timedelta(hours=3))
    assert news(one) == (["bonus_reached", "bonus_taken_back"],) * 2
    said = rows.query(
        "SELECT facts->>'name', (facts->>'amount_fen')::bigint, object FROM messages_personal"
        " WHERE kind LIKE 'bonus%%' ORDER BY id"
    )
    offer_no = rows.query("SELECT no FROM rewards_offer")[0][0]
    assert said == [("三月冲刺", 5_000, offer_no)] * 2


def test_named_categories_count_with_all_below_them_as_they_were_when_it_was_placed(one):
    path = rows.query("SELECT path FROM catalog_category WHERE id = %s", [one.category_id])[0][0]
    elsewhere = make_catalog.category(name="他类")
    make_rewards.offer(one.shop.id, target=2, budget_fen=5_000, category_ids=(path[0],))
    make_rewards.fund(one.shop.id, 10_000, now=LATER)
    make_rewards.offer(one.shop.id, target=1, budget_fen=5_000, category_ids=(elsewhere,))
    sell(one)
    assert awards() == []
    rows.run("UPDATE catalog_product SET category_id = %s WHERE id = %s", [elsewhere, one.product_id])
    tend(now=LATER + timedelta(minutes=10))
    assert awards() == []  # what was sold before stays where it was sold
    rows.run("UPDATE catalog_product SET category_id = %s WHERE id = %s", [one.category_id, one.product_id])
    order = sell(one, at=LATER + timedelta(minutes=30))
    assert awards() == [(one.promoter.id, 5_000, 2, True)]
    rows.run("UPDATE catalog_product SET category_id = %s WHERE id = %s", [elsewhere, one.product_id])
    make.refunded(order, now=LATER + timedelta(hours=1))
    tend(now=LATER + timedelta(hours=2))
    assert awards() == [(one.promoter.id, 5_000, 2, False)]
    check()


def test_an_offer_names_products_or_categories_that_exist_and_not_both(one):
    for error, given in (
        (Invalid, {"product_ids": (one.product_id,), "category_ids": (one.category_id,)}),
        (Invalid, {"category_ids": tuple(range(1, 102))}),
        (NotFound, {"category_ids": (987_654_321,)}),
    ):
        with pytest.raises(error):
            make_rewards.draft(one.shop.id, **given)
    assert rows.query("SELECT count(*) FROM rewards_offer") == [(0,)]


def test_the_operators_offer_counts_named_products_of_any_shop(one):
    beside = make.alliance(beside=one)
    make_rewards.offer(None, target=1, product_ids=(beside.product_id,))
    sell(one, pieces=3)
    assert awards() == []
    sell(replace(beside, promoter=one.promoter), at=LATER + timedelta(minutes=30))
    assert awards() == [(one.promoter.id, 5_000, 1, True)]
