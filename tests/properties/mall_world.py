"""The mall of `test_mall`: two shops with everything on, three buyers, and how one of them buys."""

from collections.abc import Callable
from datetime import datetime, timedelta
from itertools import count
from typing import Any

from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
)

from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import freight as make_freight
from tests.make import mall, points
from tests.make import marketing as coupons
from tests.make import parties as make_parties
from tests.make import payments as make_payments
from tests.make import people as make_people
from tests.properties.mall_oracle import Checkout, Line, Oracle, Order
from tuike.attribution import queries as claims
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows import (
    place_order,
    start_payment,
)
from tuike.flows.confirm_payments import confirm_answers
from tuike.flows.preview_checkout import Looked, Preview, preview_checkout
from tuike.gateways.types import Channel, TradeState
from tuike.kit.errors import Refusal
from tuike.marketing.types import CouponChannel
from tuike.orders import queries as orders_of
from tuike.parties import service as parties
from tuike.parties.types import MallFunction
from tuike.settings import service as switches

SEED = 2_000
SETTINGS = {"points_days": 20, "points_ratio": 130, "points_cap_bps": 9_000, "points_per_yuan": 3}


class World(RuleBasedStateMachine):
    """What the machine begins with, and what several of its rules do."""

    @initialize()
    def opens(self) -> None:
        rows.run("SAVEPOINT machine")
        self.now: datetime = make.NOON
        self.keys = count(1)
        one = make.alliance()
        self.shops = [one, make.alliance(beside=one, price_fen=8_003)]
        for name, value in SETTINGS.items():
            switches.change(name=name, value=value, actor=OPERATOR_SHELL, now=self.now)
        for each in self.shops:
            for function in MallFunction:
                parties.switch_function(
                    merchant_id=each.shop.id, function=function, on=True, actor=OPERATOR_SHELL, now=self.now
                )
        make_freight.template(self.shops[1].shop.id)
        self.skus = [make_catalog.sku_of(each.product_id) for each in self.shops]
        self.buyers = [one.buyer_id, *(make_people.person().id for _ in range(2))]
        self.payees = [*(each.shop for each in self.shops), one.promoter, one.recruiter]
        for i, party in enumerate(self.payees):
            make_parties.bank_account(party, number=f"622588012345678{i}")
        for buyer in self.buyers:
            points.earn(points.worth(one.shop.id, SEED * 100, buyer_id=buyer))
        for each in self.shops:
            make.touch(each, buyer_id=self.buyers[0])
        self._offers()
        self.oracle = Oracle(dict.fromkeys(self.buyers, SEED))

    def _offers(self) -> None:
        lasting: dict[str, Any] = {"ends_at": self.now + timedelta(days=300), "stock": 50}
        everyone: dict[str, Any] = {"channel": CouponChannel.EVERYONE, "limit_each": 5} | lasting
        kinds = [coupons.fixed(501, **everyone), coupons.new(**everyone), coupons.percent(1_300, **everyone)]
        shops = [each.shop.id for each in self.shops]
        owners: list[tuple[int | None, Any]] = [(shops[0], kinds[0]), (shops[1], kinds[1]), (shops[1], kinds[2])]
        owners += [(None, kinds[0]), (None, kinds[2])]
        self.coupons = [coupons.coupon(owner, kind).no for owner, kind in owners]  # type: ignore[arg-type]
        self.goods = [
            points.good(shop, points=77, money_fen=fen, limit_each=40, stock=50)
            for shop, fen in zip(shops, (0, 133), strict=True)
        ]
        self.bargains = [
            mall.service.create_bargain_offer(
                merchant_id=each.shop.id,
                offer=mall.new_offer(sku, cuts_needed=3, hours=72, limit_each=20, **lasting),
                actor=OPERATOR_SHELL,
                now=self.now,
            ).no
            for each, sku in zip(self.shops, self.skus, strict=True)
        ]

    def teardown(self) -> None:
        rows.run("ROLLBACK TO SAVEPOINT machine")

    def key(self) -> str:
        """A key that nobody used."""
        return f"k{next(self.keys)}"

    @staticmethod
    def tried(work: Callable[[], Any]) -> Any:
        """Do it, or None where it is refused by name: then nothing has changed, and the next comparison says so."""
        try:
            return work()
        except Refusal:
            return None

    def _place(self, buyer: int, looked: Looked) -> None:
        seen: Preview | None = self.tried(
            lambda: preview_checkout(buyer_id=buyer, visitor="", looked=looked, now=self.now)
        )
        if seen is None or seen.unbuyable:
            return
        wanted = place_order.Wanted(
            items=looked.items,
            vouchers=seen.vouchers,
            points=seen.points.used,
            use_balance=looked.use_balance,
            bargain=looked.bargain,
            points_good=looked.points_good,
            expected_fen=seen.payable_fen,
        )
        placed = self.tried(
            lambda: place_order.place_order(buyer_id=buyer, visitor="", wanted=wanted, key=self.key(), now=self.now)
        )
        if placed is None:
            assert looked.points_good, "what was just seen can be placed, but for points that aren't there"
            return
        assert placed["payable_fen"] == seen.payable_fen and placed["balance_fen"] == seen.balance_fen
        self._placed(buyer, placed)

    def _is_bought(self, who: int) -> None:
        """Instead of what can't be done, as there is nothing to do it with: buy of both shops and pay."""
        items = ((self.skus[0], 1), (self.skus[1], 2))
        self._place(self.buyers[who % 3], Looked(items=items, vouchers=None, points=None, use_balance=True))
        if self.oracle.with_state("unpaid"):
            self.pays_one(self.oracle.with_state("unpaid")[-1], late=False)

    def pays_one(self, one: Checkout, *, late: bool) -> None:
        """Let the money of a checkout come in, twice; `late`: after the provider has closed its payment."""
        intent = start_payment._open_checkout(one.buyer, one.no, "", Channel.NATIVE, self.now)
        assert intent.amount_fen == one.channel
        if late:
            confirm_answers(facts=[make_payments.no_news(intent.no, TradeState.CLOSED)], now=self.now)
        for _ in range(2):  # a notice and an answer
            self._comes_in(intent)
        one.state = "closed" if late else "paid"

    def _comes_in(self, intent: Any) -> None:
        fact = make_payments.fact(
            intent.no, amount_fen=intent.amount_fen, success_at=self.now, payer_openid="nobody-known"
        )
        confirm_answers(facts=[fact], now=self.now)

    def _placed(self, buyer: int, placed: dict[str, Any]) -> None:
        spent: dict[str, int] = {}
        orders = []
        for one in placed["orders"]:
            order = orders_of.order_of_buyer(buyer_id=buyer, no=one["no"])
            ids = [line.id for line in order.lines]
            facts, claimed = orders_of.discounts_of(ids), claims.claims_of(ids)
            lines = []
            for line in order.lines:
                mine = facts.get(line.id, [])
                assert line.paid_fen == line.price_fen * line.quantity - sum(fact.amount_fen for fact in mine) >= 0
                own = {fact.source: fact.points for fact in mine if fact.points}
                for source, number in own.items():
                    spent[source] = spent.get(source, 0) + number
                subsidy = sum(fact.amount_fen for fact in mine if fact.funded_by == "platform")
                promoted = claimed[line.id].promoter_id is not None
                lines.append(Line(line.id, line.quantity, line.paid_fen, subsidy, own, promoted))
            orders.append(Order(order.no, order.merchant_id, lines, order.freight_fen))
        checkout = Checkout(placed["checkout_no"], buyer, placed["balance_fen"], placed["to_pay_fen"], spent, orders)
        assert checkout.balance + checkout.channel == sum(order.paid + order.freight for order in orders)
        if not checkout.channel:
            checkout.state = "paid"
        self.oracle.checkouts.append(checkout)
