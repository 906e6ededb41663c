"""Any multiset and order of what WeChat Pay says ends in the books of one clean delivery (docs/rules.md §5)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import books
from tests.make import alliance as make
from tests.make import payments as make_payments
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows.closing import close_checkouts
from tuike.flows.confirm_payments import confirm_answers, confirm_payments
from tuike.flows.refund_order import approve_refund, ask_refund
from tuike.flows.send_refunds import confirm_refunds
from tuike.gateways.types import RefundState, TradeState
from tuike.orders.types import AfterSaleAsk, CloseReason
from tuike.payments import queries as payments_of
from tuike.payments import service as payments

pytestmark = pytest.mark.usefixtures("db")
AT = make.NOON + timedelta(hours=1)
SAID = ("notice", "the same notice again", "answer", "nothing yet", "drain one", "drain")
REFUND_SAID = ("notice", "the same notice again", "processing", "drain")
LATE, WRONG = 1, 2


class World:
    """Three checkouts: one is paid as it should be, one after it was closed, one with another amount."""

    def __init__(self) -> None:
        self.one = make.alliance(price_fen=3_330)
        make.touch(self.one)
        self.orders = [make.placed(self.one, pieces=(3,), now=AT) for _ in range(3)]
        self.intents = [
            make_payments.intent(purpose=f"checkout:{order.checkout_no}", amount_fen=order.payable_fen, now=AT)
            for order in self.orders
        ]
        payments.record_closed(intent_nos=[self.intents[LATE].no], now=AT)
        closed = self.orders[LATE].checkout_no
        close_checkouts(checkout_nos=[closed], reason=CloseReason.UNPAID_IN_TIME, now=AT)
        amounts = [9_990, 9_990, 9_989]
        self.facts = [
            make_payments.fact(intent.no, amount_fen=fen, success_at=AT + timedelta(minutes=1), payer_openid="")
            for intent, fen in zip(self.intents, amounts, strict=True)
        ]
        self.notices = [make_payments.notice(fact) for fact in self.facts]

    def say(self, about: int, what: str) -> None:
        """Let WeChat say one thing about one payment, or let the job run."""
        now = AT + timedelta(minutes=2)
        fact = self.facts[about]
        if what == "notice":
            payments.keep_notice(channel="wechatpay", notice=self.notices[about], now=now)
        elif what == "the same notice again":
            payments.keep_notice(channel="wechatpay", notice=make_payments.notice(fact), now=now)
        elif what == "answer":
            confirm_answers(facts=[fact], now=now)
        elif what == "nothing yet":
            confirm_answers(facts=[make_payments.no_news(fact.out_trade_no, TradeState.USERPAYING)], now=now)
        elif what == "drain one":
            confirm_payments(now=now, limit=1)
        else:
            confirm_payments(now=now)

    def finish(self) -> None:
        """Deliver in the end what WeChat delivers in the end: every notice, at least once."""
        for about in range(3):
            self.say(about, "notice")
        while confirm_payments(now=AT + timedelta(minutes=3)).notices:
            pass

    def refund(self, said: list[str]) -> None:
        """Give one piece of the paid order back; WeChat says what it says of it."""
        order, now = self.orders[0], AT + timedelta(hours=1)
        lines = [AfterSaleAsk(line_no=1, quantity=1)]
        asked = ask_refund(buyer_id=self.one.buyer_id, order_no=order.no, lines=lines, reason="", key=order.no, now=now)
        approve_refund(no=asked["no"], merchant_id=order.merchant_id, actor=OPERATOR_SHELL, now=now)
        refund = payments_of.refunds_of([f"after_sale:{asked['no']}"])[f"after_sale:{asked['no']}"]
        done = make_payments.refund_fact(refund, total_fen=9_990, success_at=now)
        under_way = make_payments.refund_fact(refund, RefundState.PROCESSING, total_fen=9_990)
        first = make_payments.notice(done)
        verbs: dict[str, Callable[[], Any]] = {
            "notice": lambda: payments.keep_notice(channel="wechatpay", notice=first, now=now),
            "the same notice again": lambda: payments.keep_notice(
                channel="wechatpay", notice=make_payments.notice(done), now=now
            ),
            "processing": lambda: payments.keep_notice(
                channel="wechatpay", notice=make_payments.notice(under_way), now=now
            ),
            "drain": lambda: confirm_refunds(now=now),
        }
        for one in [*said, "notice", "drain"]:
            verbs[one]()

    def ends(self) -> dict[str, Any]:
        """How everything stands, in words that don't depend on ids."""
        books.check()
        ids, lines = [o.id for o in self.orders], [o.lines[0].id for o in self.orders]
        intents = [intent.no for intent in self.intents]
        names = {self.one.shop.id: "shop", self.one.promoter.id: "promoter", self.one.recruiter.id: "recruiter"}
        accounts = rows.query(
            "SELECT split_part(path, ':', 2)::bigint, split_part(path, ':', 3), balance_fen FROM ledger_account"
            " WHERE split_part(path, ':', 2) = ANY(%s) AND balance_fen <> 0",
            [[str(id_) for id_ in names]],
        )
        refunded = rows.query(
            "SELECT i.no, r.purpose, r.amount_fen, r.state FROM payments_refund r JOIN payments_intent i"
            " ON i.id = r.intent_id WHERE i.no = ANY(%s)",
            [intents],
        )
        asks = {
            "orders": "SELECT state FROM orders_order WHERE id = ANY(%s) ORDER BY id",
            "lines": "SELECT refunded_fen, refunded_quantity FROM orders_line WHERE order_id = ANY(%s) ORDER BY id",
        }
        return {
            **{name: rows.query(statement, [ids]) for name, statement in asks.items()},
            "intents": rows.query(
                "SELECT state, paid_fen, refunding_fen FROM payments_intent WHERE no = ANY(%s) ORDER BY id", [intents]
            ),
            "accruals": rows.query(
                "SELECT role, state, base_fen, amount_fen FROM commission_accrual WHERE sale_id = ANY(%s) ORDER BY 1",
                [lines],
            ),
            "balances": sorted((names[id_], purpose, fen) for id_, purpose, fen in accounts),
            "refunds": sorted(
                (intents.index(no), purpose.partition(":")[0], fen, state) for no, purpose, fen, state in refunded
            ),
            "cases": rows.query("SELECT kind FROM risk_case WHERE object = ANY(%s) ORDER BY kind", [intents]),
            "stock": rows.query("SELECT free, sold FROM catalog_sku WHERE product_id = %s", [self.one.product_id]),
        }


CLEAN = {
    "orders": [("paid",), ("closed",), ("unpaid",)],
    "lines": [(3_330, 1), (0, 0), (0, 0)],
    "intents": [("paid", 9_990, 3_330), ("late", 9_990, 9_990), ("mismatched", 9_989, 0)],
    "accruals": [("direct", "pending", 6_660, 799), ("tier2", "pending", 6_660, 333)],
    "balances": [("promoter", "pending", 799), ("recruiter", "pending", 333), ("shop", "held", 5_528)],
    "refunds": [(0, "after_sale", 3_330, "done"), (1, "late", 9_990, "open")],
    "cases": [("amount_mismatch",), ("late_payment",)],
    "stock": [(95, 5)],
}


def test_one_clean_delivery():
    world = World()
    world.finish()
    world.refund([])
    assert world.ends() == CLEAN


@given(
    said=st.lists(st.tuples(st.integers(0, 2), st.sampled_from(SAID)), max_size=14),
    refund_said=st.lists(st.sampled_from(REFUND_SAID), max_size=6),
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_delivery_ends_in_the_same_books(said, refund_said):
    world = World()
    for about, what in said:
        world.say(about, what)
    world.finish()
    world.refund(refund_said)
    assert world.ends() == CLEAN
