"""Any sequence of what buyer, shop, operator and time do to an after-sale ends where ten lines of oracle say."""

import contextlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import books
from tests.make import alliance as make
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows import decide_after_sales, refund_order, return_goods, ship_order
from tuike.flows.decide_after_sales import Verdict
from tuike.kit.errors import Refusal
from tuike.orders import queries as orders_of
from tuike.orders.types import AfterSaleAsk, AfterSaleKind

pytestmark = pytest.mark.usefixtures("db")
AT = make.NOON + timedelta(hours=1)
HOUR = timedelta(hours=1)

# state → what is done → state; for goods that stay, `return` is no verdict and a yes is a refund at once.
ORACLE = {
    "requested": {"yes": "returning", "no": "rejected", "cancel": "cancelled", "time": "disputed"},
    "returning": {"send": "sent", "cancel": "cancelled", "time": "cancelled"},
    "sent": {"goods": "approved", "no": "rejected", "time": "disputed"},
    "disputed": {"refund": "approved", "return": "returning", "reject": "final", "cancel": "cancelled"},
    "rejected": {"dispute": "disputed"},
}
STAYS = {"requested": {**ORACLE["requested"], "yes": "approved"}, "disputed": {**ORACLE["disputed"]}}
del STAYS["disputed"]["return"]
WAIT = {"requested": timedelta(hours=48), "returning": timedelta(days=7), "sent": timedelta(days=10)}
DEEDS = ("yes", "no", "cancel", "time", "send", "goods", "refund", "return", "reject", "dispute")


class World:
    """An order of three pieces that was shipped, with an after-sale of some of them."""

    def __init__(self, kind: AfterSaleKind, pieces: int) -> None:
        one = make.alliance(price_fen=3_331)
        make.touch(one)
        self.order = make.bought(one, pieces=(3,), now=AT)
        self.buyer, self.shop = self.order.buyer_id or 0, self.order.merchant_id
        ship_order.ship_order(
            merchant_id=self.shop, order_no=self.order.no, carrier="SF", tracking_no=self.order.no, now=AT
        )
        lines = [AfterSaleAsk(line_no=1, quantity=pieces)]
        asked = refund_order.ask_refund(
            buyer_id=self.buyer, order_no=self.order.no, lines=lines, reason="", key="k", now=AT, kind=kind
        )
        self.no, self.amount, self.now = asked["no"], asked["amount_fen"], AT
        self.since = AT

    def do(self, deed: str, state: str) -> None:
        """Do one thing an hour later; `time` first lets the turn of the state pass."""
        self.now += HOUR
        if deed == "time":
            self.now = max(self.now, self.since + WAIT.get(state, HOUR))
        mine: dict[str, Any] = {"no": self.no, "now": self.now}
        shops = {**mine, "merchant_id": self.shop, "actor": OPERATOR_SHELL}
        ruled = {**mine, "note": "看过了", "actor": OPERATOR_SHELL}
        deeds: dict[str, Callable[[], object]] = {
            "yes": lambda: refund_order.approve_refund(**shops),
            "no": lambda: refund_order.reject_refund(**shops, reason="不行"),
            "cancel": lambda: refund_order.cancel_refund(**mine, buyer_id=self.buyer),
            "time": lambda: decide_after_sales.answer_overdue(now=self.now),
            "send": lambda: return_goods.send_back(**mine, buyer_id=self.buyer, carrier="SF", tracking_no="1"),
            "goods": lambda: return_goods.receive_goods(**shops, restock=True),
            "refund": lambda: decide_after_sales.decide_dispute(**ruled, verdict=Verdict.REFUND),
            "return": lambda: decide_after_sales.decide_dispute(**ruled, verdict=Verdict.RETURN),
            "reject": lambda: decide_after_sales.decide_dispute(**ruled, verdict=Verdict.REJECT),
            "dispute": lambda: decide_after_sales.dispute_refund(**mine, buyer_id=self.buyer, reason="不服"),
        }
        deeds[deed]()

    def stands(self) -> tuple[str, int, int, int, int]:
        """Return the state, what the line gave back, whether it is halted, what is on its way back, its sold pieces."""
        found = orders_of.after_sales_by_no([self.no])[self.no]
        line = make.again(self.order).lines[0]
        [(halted,)] = rows.query("SELECT open_after_sales FROM commission_sale WHERE id = %s", [line.id])
        [(refunds,)] = rows.query(
            "SELECT coalesce(sum(amount_fen), 0)::bigint FROM payments_refund WHERE purpose = %s",
            [f"after_sale:{self.no}"],
        )
        [(sold,)] = rows.query("SELECT sold FROM catalog_sku WHERE id = %s", [line.sku_id])
        state = "final" if found.final and found.state == "rejected" else str(found.state)
        return state, line.refunded_fen, halted, refunds, sold


def play(kind: AfterSaleKind, pieces: int, deeds: list[str]) -> None:
    """Do the deeds and hold each against the oracle: state, money, what keeps the line from settling, stock."""
    world, state, ways, back = World(kind, pieces), "requested", {**ORACLE, **STAYS}, False
    if kind is AfterSaleKind.RETURN:
        ways = ORACLE
    for deed in deeds:
        before, after = world.stands(), ways.get(state, {}).get(deed)
        _try(world, deed, state)
        if after is None:
            assert world.stands() == before, (deed, state)
            continue
        back = back or deed == "goods"
        state, world.since = after, world.now
        paid = world.amount if state == "approved" else 0
        halted = int(state not in ("rejected", "final", "cancelled"))
        assert world.stands() == (state, paid, halted, paid, 3 - (pieces if back else 0)), (deed, deeds)
    books.check()


def _try(world: World, deed: str, state: str) -> None:
    with contextlib.suppress(Refusal):
        world.do(deed, state)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from([AfterSaleKind.RETURN, AfterSaleKind.SHIPPED]),
    pieces=st.integers(1, 3),
    deeds=st.lists(st.sampled_from(DEEDS), min_size=1, max_size=12),
)
def test_whatever_is_done_an_after_sale_ends_where_the_oracle_says(kind, pieces, deeds):
    play(kind, pieces, deeds)


def test_a_way_that_touches_every_state():
    play(AfterSaleKind.RETURN, 2, ["no", "dispute", "return", "send", "time", "refund", "cancel", "dispute"])
