"""What a mall's money and points must come to, by few lines of plain sums: the other half of `test_mall`.

It is told what was placed, paid, given back, opened and withdrawn. It shares no arithmetic with the product.
"""

from collections import Counter
from dataclasses import dataclass, field

RATES = (1_200, 500)
"""What a promoted line owes to its promoter and to the promoter's recruiter, in ten-thousandths of what stays paid."""


@dataclass
class Line:
    """A line that was placed; `points` by the source they were spent for; `promoted`: somebody earns."""

    id: int
    quantity: int
    paid: int
    subsidy: int
    points: dict[str, int]
    promoted: bool
    back: int = 0
    pieces: int = 0

    def share(self, whole: int) -> int:
        """How much of what hangs on the line has gone back with it."""
        return whole * self.back // self.paid if self.paid else whole * self.pieces // self.quantity

    @property
    def shares(self) -> list[int]:
        """What promoter and recruiter have of it."""
        return [(self.paid - self.back) * rate // 10_000 if self.promoted else 0 for rate in RATES]


@dataclass
class Order:
    """An order of a checkout; what it earned (`gross`), and how many points of that went back."""

    no: str
    shop: int
    lines: list[Line]
    freight: int
    freight_back: int = 0
    state: str = "placed"
    gross: int = 0
    got: int = 0
    gone: int = 0

    @property
    def paid(self) -> int:
        """What was paid for its lines."""
        return sum(line.paid for line in self.lines)

    @property
    def stands(self) -> int:
        """How many of its points stand."""
        back = sum(line.back for line in self.lines)
        return self.gross * (self.paid - back) // self.paid if self.paid else 0


@dataclass
class Checkout:
    """A checkout: what of it the balance pays and what the channel, and what of either went back."""

    no: str
    buyer: int
    balance: int
    channel: int
    spent: dict[str, int]
    orders: list[Order]
    state: str = "unpaid"
    channel_back: int = 0
    balance_back: int = 0
    points_back: int = 0

    def refund(self, fen: int) -> None:
        """Give back to the channel first, then to the balance."""
        by_channel = min(fen, self.channel - self.channel_back)
        self.channel_back += by_channel
        self.balance_back += fen - by_channel


@dataclass
class Packet:
    """A red packet: who sent it, out of what, what was opened by whom, and whether it is over."""

    no: str
    code: str
    sender: int
    by_shop: bool
    total: int
    from_balance: bool
    opened: dict[int, int] = field(default_factory=dict)
    state: str = "open"

    @property
    def left(self) -> int:
        """What nobody has opened."""
        return self.total - sum(self.opened.values())


@dataclass
class Oracle:
    """Everything that was done, and the sums that follow from it."""

    seeds: dict[int, int]
    checkouts: list[Checkout] = field(default_factory=list)
    packets: list[Packet] = field(default_factory=list)
    withdrawn: Counter[tuple[str, int]] = field(default_factory=Counter)
    expired: dict[tuple[int, str], int] = field(default_factory=dict)

    def reward(self, gross: dict[str, int]) -> None:
        """Let what was received earn, and take back what was refunded and hasn't ended."""
        for checkout, order in self.orders():
            if order.no in gross and order.state == "received":
                order.state, order.gross = "earned", gross[order.no]
                order.got = order.stands
            if order.state == "earned":
                ended = self.expired.get((checkout.buyer, order.no), 0)
                order.gone += max(0, order.got - order.gone - ended - order.stands)

    def orders(self) -> list[tuple[Checkout, Order]]:
        """All orders with their checkouts."""
        return [(checkout, order) for checkout in self.checkouts for order in checkout.orders]

    def with_state(self, state: str) -> list[Checkout]:
        """The checkouts that are unpaid, paid or closed."""
        return [one for one in self.checkouts if one.state == state]

    def paid_orders(self) -> list[Order]:
        """The orders that were paid."""
        return [order for checkout, order in self.orders() if checkout.state == "paid"]

    def paid_lines(self) -> list[Line]:
        """Their lines."""
        return [line for order in self.paid_orders() for line in order.lines]

    def balance(self, buyer: int) -> int:
        """What packets brought a buyer, less what was sent and what checkouts took."""
        brought = sum(one.opened.get(buyer, 0) for one in self.packets)
        mine = [one for one in self.packets if not one.by_shop and one.sender == buyer]
        sent = sum(one.total for one in mine if one.from_balance)
        returned = sum(one.left for one in mine if one.state == "over")
        took = sum(one.balance - one.balance_back for one in self.of(buyer) if one.state != "closed")
        return brought - sent + returned - took

    def points(self, buyer: int) -> int:
        """What a buyer has of points, less what is owed."""
        earned = sum(order.got - order.gone for checkout, order in self.orders() if checkout.buyer == buyer)
        spent = sum(sum(one.spent.values()) - one.points_back for one in self.of(buyer) if one.state != "closed")
        ended = sum(points for (whose, _), points in self.expired.items() if whose == buyer)
        return self.seeds[buyer] + earned - spent - ended

    def shop(self, shop: int) -> int:
        """What a shop has in all its accounts, less what it owes."""
        mine = [order for order in self.paid_orders() if order.shop == shop]
        freight = sum(order.freight - order.freight_back for order in mine)
        lines = [line for order in mine for line in order.lines]
        sold = sum(line.paid - line.back + line.subsidy - line.share(line.subsidy) - sum(line.shares) for line in lines)
        gave = sum(
            one.total - (one.left if one.state == "over" else 0)
            for one in self.packets
            if one.by_shop and one.sender == shop
        )
        return sold + freight - gave - self.withdrawn["shop", shop]

    def promoter(self, tier: int, promoter: int) -> int:
        """What a promoter (0) or the recruiter (1) has in all accounts, less what is owed."""
        return sum(line.shares[tier] for line in self.paid_lines()) - self.withdrawn["promoter", promoter]

    def promotion(self) -> int:
        """What stands on the platform's promotion account."""
        return sum(line.share(line.subsidy) - line.subsidy for line in self.paid_lines())

    def packet_money(self) -> int:
        """What nobody has opened of running packets."""
        return sum(one.left for one in self.packets if one.state == "open")

    def of(self, buyer: int) -> list[Checkout]:
        """A buyer's checkouts."""
        return [one for one in self.checkouts if one.buyer == buyer]
