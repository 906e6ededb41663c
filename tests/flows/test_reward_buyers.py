"""From the paid order to points, growth and a level, back again on a refund; sendings; closing an account."""

from datetime import timedelta

import pytest

from tests import books
from tests.make import alliance as make
from tests.make import events as make_events
from tests.make import marketing as coupons
from tests.make import people as make_people
from tests.make import points as make_points
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows import earning, reward_buyers, send_to_members
from tuike.flows.close_account import close_account
from tuike.kit.days import end_of_natural_days
from tuike.kit.errors import NotFound
from tuike.marketing import queries as marketing_of
from tuike.marketing.types import CouponNotOpen
from tuike.members import queries as members_of
from tuike.members import service as members
from tuike.members.types import (
    AccountHasMoney,
    AccountInCharge,
    AccountUnderway,
    Asked,
    GoodsLeft,
    LevelTerms,
    PurchaseFacts,
    SendingKind,
    SendingState,
)
from tuike.messages import queries as messages
from tuike.messages import service as messages_service
from tuike.parties import queries as parties_of
from tuike.parties import service as parties
from tuike.parties.types import FunctionOff, MallFunction
from tuike.settings import service as settings

NOON = make.NOON
DAY = timedelta(days=1)
SILVER = LevelTerms(name_zh="银卡", name_en="Silver", growth_needed=100, multiplier_bps=15_000)
FOOT = LevelTerms(name_zh="起步", name_en="Start", growth_needed=0, multiplier_bps=20_000)


@pytest.fixture
def one(db):
    made = make.alliance(price_fen=6_000)
    switch(made.shop.id, MallFunction.POINTS, on=True)
    members.set_ladder(levels=[SILVER], actor=OPERATOR_SHELL, now=NOON)
    return made


def switch(shop_id: int, function: MallFunction, *, on: bool) -> None:
    parties.switch_function(merchant_id=shop_id, function=function, on=on, actor=OPERATOR_SHELL, now=NOON)


def follow(now=NOON) -> None:
    make_events.readable()
    reward_buyers.reward_buyers(now=now)


def stands(one) -> tuple[int, int, int]:
    points = marketing_of.points_standing(one.buyer_id, now=NOON + 3 * DAY)
    return points.points, points.owed, members_of.standing_of(one.buyer_id).growth


def check() -> None:
    books.check("points", "members", "balances", "floors", "units")


@pytest.mark.usefixtures("committed_db")
class TestAfterCommits:
    """The outbox hands on what has been committed."""

    @pytest.fixture
    def one(self, committed_db):
        made = make.alliance(price_fen=6_000)
        switch(made.shop.id, MallFunction.POINTS, on=True)
        members.set_ladder(levels=[SILVER], actor=OPERATOR_SHELL, now=NOON)
        return made

    def test_a_completed_order_earns_points_and_growth_and_a_refund_takes_them_back(self, one):
        order = make.bought(one)
        follow()
        assert stands(one) == (0, 0, 0)
        assert members_of.shop_member(merchant_id=one.shop.id, person_id=one.buyer_id).orders == 1
        make.received(order, now=NOON)
        for _ in range(2):
            follow(NOON + DAY)
            assert stands(one) == (60, 0, 60)
        second = make.received(make.bought(one, now=NOON + DAY), now=NOON + DAY)
        follow(NOON + 2 * DAY)
        assert stands(one) == (120, 0, 120)  # the second one earns by the level before it
        assert [m.kind for m in messages.personal_of(person_id=one.buyer_id, thread=None)][:1] == ["level_up"]
        third = make.received(make.bought(one, now=NOON + 2 * DAY), now=NOON + 2 * DAY)
        follow(NOON + 3 * DAY)
        assert stands(one) == (210, 0, 180)
        for went_back, left in ((second, (150, 0, 120)), (third, (60, 0, 60)), (order, (0, 0, 0))):
            make.refunded(went_back, now=NOON + 3 * DAY)
            follow(NOON + 3 * DAY)
            assert stands(one) == left
        check()

    def test_a_shop_without_points_gives_none_but_its_buyers_grow(self, one):
        switch(one.shop.id, MallFunction.POINTS, on=False)
        order = make.received(make.bought(one), now=NOON)
        follow(NOON + DAY)
        assert stands(one) == (0, 0, 60)
        switch(one.shop.id, MallFunction.POINTS, on=True)
        make.refunded(order, now=NOON + 2 * DAY)
        follow(NOON + 2 * DAY)
        assert stands(one) == (0, 0, 0)
        check()


def test_points_end_and_their_buyers_are_told_before(one):
    make_points.earn(make_points.worth(one.shop.id, buyer_id=one.buyer_id))
    assert reward_buyers.end_points(now=NOON + 360 * DAY) == 0
    assert [m.kind for m in messages.personal_of(person_id=one.buyer_id, thread=None)] == ["points_expiring"]
    assert reward_buyers.end_points(now=NOON + 367 * DAY) == 100
    assert stands(one)[0] == 0


def member(one, person_id: int, *, consents: bool = True) -> None:
    fact = PurchaseFacts(
        order_no=f"M{person_id}",
        merchant_id=one.shop.id,
        person_id=person_id,
        paid_fen=1_000,
        refunded_fen=0,
        paid_at=NOON,
        completed=True,
    )
    members.note_purchases(purchases=[fact])
    if consents:
        members.set_marketing_consent(person_id=person_id, given=True, edition=1, now=NOON)


def sent(one, kind: SendingKind, *, coupon_no: str = "", text: str = "", key: str = "s"):
    return send_to_members.begin_sending(
        merchant_id=one.shop.id,
        kind=kind,
        coupon_no=coupon_no,
        text=text,
        to_name="全部会员",
        asked=Asked(),
        actor=OPERATOR_SHELL,
        key=key,
        now=NOON,
    )


def test_a_coupon_is_sent_to_those_who_agreed_while_there_are_some(one):
    people = [make_people.person().id for _ in range(4)]
    for person_id in people[:3]:
        member(one, person_id)
    member(one, people[3], consents=False)
    coupon = coupons.coupon(one.shop.id, coupons.new(stock=2))
    begun = sent(one, SendingKind.COUPON, coupon_no=coupon.no)
    assert sent(one, SendingKind.COUPON, coupon_no=coupon.no) == begun
    assert (begun.meant, begun.state) == (3, SendingState.RUNNING)
    assert send_to_members.send_on(now=NOON) == 3
    assert send_to_members.send_on(now=NOON) == 0
    done = members_of.sending_of(merchant_id=one.shop.id, no=begun.no)
    assert (done.state, done.given, done.why_not) == (SendingState.DONE, 2, (("coupon_taken_up", 1),))
    assert rows.query("SELECT buyer_id FROM marketing_voucher ORDER BY 1") == [(p,) for p in people[:2]]
    assert [m.kind for m in messages.personal_of(person_id=people[0], thread=None)] == ["coupon_given"]
    assert messages.personal_of(person_id=people[3], thread=None) == []
    books.check("coupons")


def test_a_message_is_sent(one):
    person_id = make_people.person().id
    member(one, person_id)
    sent(one, SendingKind.MESSAGE, text="上新了")
    assert send_to_members.send_on(now=NOON) == 1
    assert [m.kind for m in messages.personal_of(person_id=person_id, thread=None)] == ["shop_message"]


def test_a_sending_that_makes_no_sense_begins_nothing(one):
    member(one, make_people.person().id)
    with refused(NotFound, "members_"):
        sent(one, SendingKind.COUPON, coupon_no="K1")
    later = coupons.coupon(one.shop.id, coupons.new(starts_at=NOON + DAY))
    with refused(CouponNotOpen, "members_"):
        sent(one, SendingKind.COUPON, coupon_no=later.no)
    switch(one.shop.id, MallFunction.COUPONS, on=False)
    with refused(FunctionOff, "members_"):
        sent(one, SendingKind.COUPON, coupon_no=later.no)


def close(person_id: int, *, give_up: bool = False) -> None:
    close_account(person_id=person_id, give_up=give_up, actor=OPERATOR_SHELL, now=NOON)


def test_an_account_is_not_closed_while_something_is_underway(one):
    order = make.bought(one)
    with refused(AccountUnderway, "people_", "members_"):
        close(one.buyer_id)
    make.received(order, now=NOON)
    messages_service.tell_person(person_id=one.buyer_id, kind="order_shipped", now=NOON)
    close(one.buyer_id)
    assert rows.query("SELECT count(*) FROM messages_personal WHERE person_id = %s", [one.buyer_id]) == [(0,)]
    assert rows.query("SELECT count(*) FROM people_wechat_identity WHERE person_id = %s", [one.buyer_id]) == [(0,)]
    assert rows.query("SELECT buyer_id FROM orders_order") == [(one.buyer_id,)]


def test_an_account_is_not_closed_by_who_sits_in_a_shop_or_has_earnings(one):
    owner = parties_of.administrators_of([one.shop.id])[one.shop.id][0].person_id
    with refused(AccountInCharge, "people_"):
        close(owner)
    make.touch(one)
    make.bought(one)
    promoter = parties_of.administrators_of([one.promoter.id])[one.promoter.id][0].person_id
    with refused(AccountHasMoney, "people_"):
        close(promoter)


def test_what_is_left_is_given_up_in_words(one):
    make_points.earn(make_points.worth(one.shop.id, buyer_id=one.buyer_id))
    with refused(GoodsLeft, "people_", "ledger_", "marketing_"):
        close(one.buyer_id)
    close(one.buyer_id, give_up=True)
    assert rows.query("SELECT DISTINCT balance_fen FROM ledger_account WHERE path LIKE 'buyer:%%'") == [(0,)]
    books.check("points", "balances")


@pytest.mark.usefixtures("committed_db")
class TestWhatStoodAtCompletion:
    """An order earns as was said when it was completed, however late it is counted."""

    @pytest.fixture
    def one(self, committed_db):
        made = make.alliance(price_fen=6_000)
        switch(made.shop.id, MallFunction.POINTS, on=True)
        members.set_ladder(levels=[FOOT], actor=OPERATOR_SHELL, now=NOON)
        return made

    def change_all(self, one) -> None:
        """Change everything that points follow from."""
        for name, value in (
            ("points_by_count", 1),
            ("points_per_yuan", 7),
            ("points_per_order", 5),
            ("points_days", 9),
        ):
            settings.change(name=name, value=value, actor=OPERATOR_SHELL, now=NOON)
        members.set_ladder(levels=[SILVER], actor=OPERATOR_SHELL, now=NOON)
        switch(one.shop.id, MallFunction.POINTS, on=False)

    def ends(self) -> list[tuple]:
        return rows.query("SELECT earned_at, expires_at FROM marketing_points_lot ORDER BY id")

    @pytest.mark.parametrize("late", [timedelta(0), 3 * DAY])
    def test_a_change_between_completion_and_counting_changes_no_point(self, one, late):
        completed = make.received(make.bought(one), now=NOON).received_at
        self.change_all(one)
        follow(completed + late)
        assert stands(one)[0] == 120  # twice what was paid, by the ladder at completion
        assert self.ends() == [(completed, end_of_natural_days(completed, 365))]
        check()

    def test_what_is_switched_on_after_completion_gives_nothing(self, one):
        switch(one.shop.id, MallFunction.POINTS, on=False)
        make.received(make.bought(one), now=NOON)
        switch(one.shop.id, MallFunction.POINTS, on=True)
        follow(NOON + DAY)
        assert stands(one) == (0, 0, 60)

    def test_control_a_rule_that_is_read_when_it_is_counted_would_follow_the_change(self, one, monkeypatch):
        make.received(make.bought(one), now=NOON)
        self.change_all(one)
        switch(one.shop.id, MallFunction.POINTS, on=True)
        now_said = earning.said({one.shop.id})[one.shop.id]
        monkeypatch.setattr(earning, "rule_of", lambda terms, rule_of=earning.rule_of: rule_of(now_said))
        follow(NOON)
        assert stands(one)[0] != 120

    def test_who_has_closed_the_account_earns_nothing_and_the_order_says_why(self, one):
        order = make.received(make.bought(one), now=NOON)
        close(one.buyer_id)
        follow(NOON + DAY)
        assert stands(one)[:2] == (0, 0)
        assert rows.query("SELECT order_no, points, skipped FROM marketing_points_earning") == [
            (order.no, 0, earning.ACCOUNT_CLOSED)
        ]
        assert messages.personal_of(person_id=one.buyer_id, thread=None) == []
        reward_buyers.reward_orders(order_nos=[order.no], now=NOON + DAY)
        assert stands(one)[:2] == (0, 0)
        check()
