"""The whole mall as a state machine: whatever two shops, three buyers and time do, the books hold and everybody has
what a few plain sums say."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    invariant,
    rule,
    run_state_machine_as_test,
)

from tests import books
from tests.make import mall
from tests.make import parties as make_parties
from tests.make import payments as make_payments
from tests.properties.mall_oracle import Packet
from tests.properties.mall_world import World
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows import (
    close_unpaid,
    cut_bargain,
    open_red_packet,
    packet_money,
    refund_order,
    send_red_packet,
    take_coupon,
)
from tuike.flows.mature_lines import mature_lines
from tuike.flows.preview_checkout import Looked
from tuike.flows.receive_orders import receive_order
from tuike.flows.request_withdrawal import request_withdrawal
from tuike.flows.reward_buyers import end_points, reward_buyers
from tuike.flows.send_refunds import _record as refund_answers
from tuike.flows.ship_order import ship_order
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.marketing import queries as marketing
from tuike.orders import queries as orders_of
from tuike.orders.types import AfterSaleAsk
from tuike.payments import queries as payments_of

PICK = st.integers(0, 11)
PIECES = st.integers(1, 3)
WAITS = st.sampled_from([timedelta(minutes=7), timedelta(minutes=31), timedelta(hours=25), timedelta(days=9)])


class Mall(World):
    """Does what people do, tells the oracle what was done, and compares all balances after each step."""

    # --- buying

    @rule(who=PICK, which=PICK)
    def takes_a_coupon(self, who: int, which: int) -> None:
        buyer, no = self.buyers[who % 3], self.coupons[which % len(self.coupons)]
        self.tried(
            lambda: take_coupon.take_coupon(buyer_id=buyer, visitor="", coupon_no=no, key=self.key(), now=self.now)
        )

    @rule(
        who=PICK,
        pieces=st.tuples(st.integers(0, 3), st.integers(0, 3)),
        lowered=st.booleans(),
        with_points=st.sampled_from([0, 1, 77, 500, None]),
        by_balance=st.booleans(),
    )
    def places(
        self, who: int, pieces: tuple[int, int], lowered: bool, with_points: int | None, by_balance: bool
    ) -> None:
        items = tuple((sku, number) for sku, number in zip(self.skus, pieces, strict=True) if number)
        if items:
            vouchers = None if lowered else ()
            looked = Looked(items=items, vouchers=vouchers, points=with_points, use_balance=by_balance)
            self._place(self.buyers[who % 3], looked)

    @rule(who=PICK, which=st.booleans(), cuts=st.integers(0, 2), by_balance=st.booleans())
    def buys_a_bargain(self, who: int, which: bool, cuts: int, by_balance: bool) -> None:
        buyer, shop = self.buyers[who % 3], int(which)
        started = self.tried(
            lambda: cut_bargain.start_bargain(
                buyer_id=buyer, offer_no=self.bargains[shop], key=self.key(), now=self.now
            )
        )
        if started is None:
            return
        for friend in [one for one in self.buyers if one != buyer][:cuts]:
            self.tried(lambda friend=friend: cut_bargain.cut_bargain(person_id=friend, code=started.code, now=self.now))
        looked = Looked(
            items=((self.skus[shop], 1),), bargain=started.no, vouchers=None, points=None, use_balance=by_balance
        )
        self._place(buyer, looked)

    @rule(who=PICK, which=st.booleans(), pieces=PIECES)
    def buys_for_points(self, who: int, which: bool, pieces: int) -> None:
        good = self.goods[int(which)]
        self._place(
            self.buyers[who % 3], Looked(items=((good.sku_id, pieces),), points_good=good.no, use_balance=which)
        )

    @rule(which=PICK, late=st.booleans())
    def pays(self, which: int, late: bool) -> None:
        """Pay a checkout; `late`: the provider has closed its payment, and the money comes after that."""
        open_ = self.oracle.with_state("unpaid")
        if not open_:
            self._is_bought(which)
            return
        self.pays_one(open_[which % len(open_)], late=late)

    @rule(which=PICK)
    def cancels(self, which: int) -> None:
        open_ = self.oracle.with_state("unpaid")
        if not open_:
            self._is_bought(which)
            return
        one = open_[which % len(open_)]
        close_unpaid.cancel_order(buyer_id=one.buyer, checkout_no=one.no, now=self.now)
        one.state = "closed"

    # --- after buying

    @rule(which=PICK)
    def is_received(self, which: int) -> None:
        due = [(c, o) for c, o in self.oracle.orders() if c.state == "paid" and o.state == "placed"]
        if not due:
            self._is_bought(which)
            return
        checkout, order = due[which % len(due)]
        ship = {"merchant_id": order.shop, "order_no": order.no, "carrier": "SF", "tracking_no": order.no}
        if self.tried(lambda: ship_order(**ship, now=self.now)) is not None:  # else all of it was given back
            receive_order(buyer_id=checkout.buyer, order_no=order.no, now=self.now)
            order.state = "received"

    @rule(which=PICK, pieces=st.integers(0, 3), fen=st.sampled_from([None, None, 1, 333]))
    def is_refunded(self, which: int, pieces: int, fen: int | None) -> None:
        """Give back pieces, an amount, or (0 pieces and no amount) everything that is left of an order."""
        paid = [(c, o) for c, o in self.oracle.orders() if c.state == "paid"]
        if not paid:
            self._is_bought(which)
            return
        checkout, order = paid[which % len(paid)]
        ask = [AfterSaleAsk(line_no=1, quantity=pieces, amount_fen=fen)] if pieces or fen else None
        asked = self.tried(
            lambda: refund_order.ask_refund(
                buyer_id=checkout.buyer, order_no=order.no, lines=ask, reason="", key=self.key(), now=self.now
            )
        )
        if asked is None:
            return
        one = refund_order.approve_refund(no=asked["no"], merchant_id=order.shop, actor=OPERATOR_SHELL, now=self.now)
        assert one.amount_fen == sum(part.amount_fen for part in one.lines) + one.freight_fen
        order.freight_back += one.freight_fen
        for part in one.lines:
            line = next(line for line in order.lines if line.id == part.line_id)
            before = sum(line.share(number) for number in line.points.values())
            line.back, line.pieces = line.back + part.amount_fen, line.pieces + part.quantity
            assert line.back <= line.paid and line.pieces <= line.quantity
            checkout.points_back += sum(line.share(number) for number in line.points.values()) - before
        checkout.refund(one.amount_fen)

    @rule()
    def refunds_arrive(self) -> None:
        waiting = rows.query("SELECT no FROM payments_refund WHERE state <> 'done' ORDER BY id")
        for refund in payments_of.refunds_by_no([no for (no,) in waiting]).values():
            total = payments_of.intents_by_no([refund.intent_no])[refund.intent_no].amount_fen
            fact = make_payments.refund_fact(refund, total_fen=total, success_at=self.now)
            for _ in range(2):
                refund_answers([fact], self.now)

    @rule()
    def is_rewarded(self) -> None:
        reward_buyers(now=self.now)
        self._look_what_ended()
        gross = dict(rows.query("SELECT order_no, points FROM marketing_points_earning"))
        self.oracle.reward(gross)

    def _look_what_ended(self) -> None:
        self.oracle.expired = {
            (buyer, source): int(number)
            for buyer, source, number in rows.query(
                "SELECT buyer_id, source, sum(points) FROM marketing_points_move WHERE kind = 'expired' GROUP BY 1, 2"
            )
        }

    # --- red packets

    @rule(who=PICK, fen=st.sampled_from([1, 7, 1_000, 6_001]), shares=PIECES, by_balance=st.booleans())
    def sends_a_packet(self, who: int, fen: int, shares: int, by_balance: bool) -> None:
        buyer = self.buyers[who % 3]
        packet = self.tried(
            lambda: send_red_packet.send_red_packet(
                buyer_id=buyer, packet=mall.lucky(fen, shares), from_balance=by_balance, key=self.key(), now=self.now
            )
        )
        if packet is None:
            return
        if not by_balance:
            self._comes_in(make_payments.intent(purpose=packet_money.purpose(packet.no), amount_fen=fen, now=self.now))
        self.oracle.packets.append(Packet(packet.no, packet.code, buyer, False, fen, by_balance))

    @rule(which=st.booleans(), fen=st.sampled_from([3, 900, 4_000]), shares=PIECES)
    def a_shop_sends_a_packet(self, which: bool, fen: int, shares: int) -> None:
        shop = self.shops[int(which)].shop
        packet = self.tried(
            lambda: mall.service.send_shop_packet(
                merchant_id=shop.id, packet=mall.lucky(fen, shares), actor=OPERATOR_SHELL, now=self.now
            )
        )
        if packet is not None:
            self.oracle.packets.append(Packet(packet.no, packet.code, shop.id, True, fen, False))

    @rule(who=PICK, which=PICK)
    def opens_a_packet(self, who: int, which: int) -> None:
        if not self.oracle.packets:
            self.sends_a_packet(who, 1_000, 2, False)
            return
        one, buyer = self.oracle.packets[which % len(self.oracle.packets)], self.buyers[who % 3]
        share = self.tried(lambda: open_red_packet.open_red_packet(person_id=buyer, code=one.code, now=self.now))
        if share is not None:
            assert one.opened.setdefault(buyer, share.amount_fen) == share.amount_fen > 0
            if not one.left:
                one.state = "empty"

    # --- time

    @rule(wait=WAITS)
    def time_passes(self, wait: timedelta) -> None:
        """Time goes on and, after days of rest, all jobs of time run."""
        self.now += wait
        close_unpaid.close_unpaid(now=self.now)
        for checkout in self.oracle.checkouts:
            if checkout.state == "unpaid":
                checkout.state = orders_of.order_of_buyer(buyer_id=checkout.buyer, no=checkout.orders[0].no).state
        open_red_packet.return_red_packets(now=self.now)
        for no, state in rows.query("SELECT no, state FROM marketing_packet"):
            next(one for one in self.oracle.packets if one.no == no).state = state
        end_points(now=self.now)
        self._look_what_ended()

    @rule()
    def everything_settles(self) -> None:
        for one in list(self.oracle.with_state("unpaid")):  # nobody can pay them four weeks later
            self.pays_one(one, late=False)
        self.now += timedelta(days=28)
        mature_lines(until=self.now, now=self.now)

    @rule(which=PICK, fen=st.sampled_from([100, 1_000, 5_000]))
    def withdraws(self, which: int, fen: int) -> None:
        party = self.payees[which % len(self.payees)]
        actor = make_parties.super_admin_of(party)
        asked = self.tried(
            lambda: request_withdrawal(party_id=party.id, amount_fen=fen, key=self.key(), actor=actor, now=self.now)
        )
        if asked is not None:
            self.oracle.withdrawn["shop" if party in self.payees[:2] else "promoter", party.id] += fen

    # --- what must hold

    @invariant()
    def everybody_has_what_the_sums_say(self) -> None:
        oracle = self.oracle
        for buyer in self.buyers:
            have, owed = (chart.buyer(buyer, purpose) for purpose in ("points", "points_owed"))
            assert _sum(have, owed) == oracle.points(buyer)
            assert _sum(chart.buyer(buyer, "balance")) == oracle.balance(buyer) == marketing.balance_of(buyer)
        for each in self.shops:
            refs = [chart.merchant(each.shop.id, purpose) for purpose in ("held", "available", "owed")]
            assert _sum(*refs) == oracle.shop(each.shop.id)
        for tier, party in enumerate((self.shops[0].promoter, self.shops[0].recruiter)):
            refs = [chart.promoter(party.id, purpose) for purpose in ("pending", "available", "owed")]
            assert _sum(*refs) == oracle.promoter(tier, party.id)
        assert _sum(chart.platform("promotion")) == oracle.promotion()
        packets = rows.query("SELECT coalesce(sum(balance_fen), 0) FROM ledger_account WHERE path LIKE 'redpacket:%%'")
        assert packets == [(oracle.packet_money(),)]

    @invariant()
    def the_books_hold(self) -> None:
        books.check()


def _sum(*refs: Any) -> int:
    return sum(ledger.balances(refs=refs).values())


def run(examples: int, steps: int) -> None:
    run_state_machine_as_test(
        Mall,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            phases=[Phase.generate],  # a story that fails is told as it was found: making it shorter takes minutes
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.usefixtures("db")
def test_whatever_happens_in_the_mall_everybody_has_what_the_sums_say() -> None:
    run(4, 15)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
@pytest.mark.usefixtures("db")
def test_whatever_happens_in_the_mall_for_long() -> None:
    run(60, 40)
