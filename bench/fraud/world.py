"""The alliance that is played: people with their marks, promoters, shops, and what is sold. Times are instants of UTC."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta

from tuike.kit.days import day_of
from tuike.scoring.types import Trace

START = datetime(2026, 3, 1, 16, 0, tzinfo=UTC)
"""A midnight in Shanghai."""
DAYS = 60
SETTLE = timedelta(days=15)
HONEST = "honest"


PLACES = 3
"""Places that each promoter usually has; who hides something has one more."""


def place_id(promoter_id: int, place: int) -> int:
    """Return the number of a promoter's place."""
    return promoter_id * 10 + place


@dataclass(frozen=True)
class Person:
    """A buyer: which marks its orders carry."""

    id: int
    address: bytes
    phone: bytes
    device: bytes
    payer: bytes
    promoter_id: int = 0


@dataclass(frozen=True)
class Shop:
    """A shop: how its prices and refunds are."""

    id: int
    price_fen: int
    refund_pct: int


@dataclass
class Sold:
    """A sale with its fate and, for the report alone, whose it is: `actor`, and whether that is abuse."""

    trace: Trace
    received_at: datetime | None
    refund_at: datetime | None
    kind: str
    abuse: bool
    actor: int
    _shown: dict[tuple, Trace] = field(default_factory=dict)

    def seen_at(self, now: datetime) -> Trace:
        """Return the trace as the product knows it at an instant."""
        due = self.received_at + SETTLE if self.received_at and self.received_at <= now else None
        back = self.refund_at is not None and self.refund_at <= now
        stands = (due, back, not back and due is not None and due <= now)
        if stands not in self._shown:
            self._shown[stands] = replace(
                self.trace,
                due_at=due,
                refunded_fen=self.trace.paid_fen if back else 0,
                refunded_at=self.refund_at if back else None,
                settled=stands[2],
            )
        return self._shown[stands]


@dataclass
class World:
    """What happened, and the dice that it is made with."""

    dice: random.Random
    sold: list[Sold] = field(default_factory=list)
    traffic: Counter[tuple[int, int, date]] = field(default_factory=Counter)
    landed: Counter[tuple[int, int, date]] = field(default_factory=Counter)
    """Clicks by promoter, place and day, and how many of them landed."""
    own: dict[int, Person] = field(default_factory=dict)
    landing_pct: dict[int, int] = field(default_factory=dict)
    shops: list[Shop] = field(default_factory=list)
    people: list[Person] = field(default_factory=list)
    cuts: list[tuple[int, datetime, int, int, bool]] = field(default_factory=list)
    """Rates that were lowered: shop, when, from, to (bps), and whether to evade."""
    ids: int = 1_000

    def new_id(self) -> int:
        """Return a number that nothing has yet."""
        self.ids += 1
        return self.ids

    def digest(self) -> bytes:
        """Return a new mark's value."""
        return self.new_id().to_bytes(8, "big")

    def person(self, **marks: bytes) -> Person:
        """Return a new buyer with marks of its own but for those given."""
        made = {name: self.digest() for name in ("address", "phone", "device", "payer")}
        return Person(self.new_id(), **made | marks)

    def promoter(self, *, landing_pct: int | None = None) -> int:
        """Return a new promoter, who is a person, too."""
        id_ = self.new_id()
        self.own[id_] = replace(self.person(), promoter_id=id_)
        self.landing_pct[id_] = landing_pct or self.dice.randrange(35, 90)
        return id_

    def at(self, day: int, *, night: bool = False) -> datetime:
        """Return an instant of a day as people shop: in the day and evening, now and then at night."""
        hour = self.dice.choice(range(6)) if night or self.dice.random() < 0.05 else self.dice.triangular(7, 24, 20.5)
        return START + timedelta(days=day, seconds=int(hour * 3600) + self.dice.randrange(900))

    def visits(
        self, promoter_id: int, at: datetime, *, clicks: int, place: int | None = None, pct: int | None = None
    ) -> None:
        """Let a promoter's material be clicked, at a place or at all of the usual ones; as many as usual land."""
        day, pct = day_of(at), pct or self.landing_pct[promoter_id]
        for one in range(PLACES) if place is None else (place,):
            part = clicks if place is not None else (clicks + one) // PLACES
            self.traffic[promoter_id, place_id(promoter_id, one), day] += part
            self.landed[promoter_id, place_id(promoter_id, one), day] += part * pct // 100

    def sell(
        self,
        promoter_id: int,
        buyer: Person,
        shop: Shop,
        at: datetime,
        *,
        kind: str = HONEST,
        abuse: bool = False,
        actor: int = 0,
        refund: datetime | bool | None = None,
        fen: int | None = None,
        click_ms: int | None = None,
        cart_ms: int | None = None,
        coupon: str = "",
        enrolment_id: int = 0,
        place: int | None = None,
    ) -> Sold:
        """Sell something. `refund`: when, False never, None as in the shop; click and place as usual where not said."""
        received = at + timedelta(hours=self.dice.randrange(40, 240))
        if refund is None:
            refund = self._usual_refund(at, received) if self.dice.randrange(100) < shop.refund_pct else False
        if click_ms is None:
            click_ms = self._usual_click()
        if cart_ms is None and self.dice.random() < 0.5:
            ahead = self.dice.random() < 0.12
            cart_ms = self.dice.randrange(3_600_000) if ahead else -self.dice.randrange(1, click_ms)
        trace = Trace(
            order_no=f"F{self.new_id()}",
            promoter_id=promoter_id,
            merchant_id=shop.id,
            buyer_id=buyer.id,
            buyer_promoter_id=buyer.promoter_id,
            place_id=place_id(promoter_id, buyer.id % PLACES if place is None else place),
            enrolment_id=enrolment_id,
            placed_at=at,
            paid_at=at + timedelta(seconds=self.dice.randrange(5, 120)),
            paid_fen=fen or max(500, int(self.dice.lognormvariate(0, 0.5) * shop.price_fen)),
            click_ms=click_ms,
            cart_ms=cart_ms,
            coupon=coupon,
            address=buyer.address,
            phone=buyer.phone,
            device=buyer.device,
            payer=buyer.payer,
        )
        sold = Sold(trace, received, refund or None, kind, abuse, actor or promoter_id)
        self.sold.append(sold)
        return sold

    def _usual_click(self) -> int:
        """People need some seconds at least, mostly minutes, sometimes days; one of four thousand is incredibly quick."""
        if self.dice.random() < 0.00025:
            return self.dice.randrange(1_000, 2_000)
        return 2_200 + int(self.dice.lognormvariate(12, 1.8)) % (6 * 86_400_000)

    def _usual_refund(self, at: datetime, received: datetime) -> datetime:
        """Most goods go back before they are sent or in the week after they came, few later."""
        luck = self.dice.random()
        if luck < 0.3:
            return at + timedelta(hours=self.dice.randrange(1, 30))
        if luck < 0.93:
            return received + timedelta(hours=self.dice.randrange(2, 170))
        return received + timedelta(hours=self.dice.randrange(170, 355))

    def some(self, many: int) -> Sequence[Person]:
        """Return so many different buyers."""
        return self.dice.sample(self.people, min(many, len(self.people)))
