"""The signals: what is measured about an order among its promoter's others, and from where on it counts."""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterator
from datetime import datetime, timedelta

from tuike.kit.days import SHANGHAI
from tuike.scoring.rules.groups import STRONG, Groups, marks_of
from tuike.scoring.rules.robust import SPREADS, bps, median, spread
from tuike.scoring.types import Book, Found, Limits, Mark, Signal, Trace

QUICK_MS = 2_000
CART_BEFORE_MS, CART_ORDER_MS, CART_ORDERS = 10_000, 60_000, 5
CART_PLACE_BPS, CART_PLACE_ORDERS = 5_000, 8
LEAST_CLICKS = 300
SHARED = {
    Mark.ADDRESS: (Signal.SHARED_ADDRESS, 5, 150, 300),
    Mark.PHONE: (Signal.SHARED_PHONE, 4, 250, 400),
    Mark.DEVICE: (Signal.SHARED_DEVICE, 3, 350, 550),
    Mark.PAYER: (Signal.SHARED_PAYER, 3, 350, 550),
}
"""By mark its signal, from how many accounts on it counts, its points there and at twice as many."""
RING_BUYERS, RING_ORDERS, RING_MARKS = 4, 6, 2
OWN_BUYERS, OWN_ORDERS, OWN_SHARE_BPS = 3, 5, 2_000
REFERRED_ORDERS, REFERRED_SHARE_BPS = 5, 3_000
LATE, LATE_ORDERS = timedelta(days=5), 5
TRIPS, TRIP_ORDERS = 2, 5
NIGHT_HOURS, NIGHT_ORDERS, NIGHT_HANDS_BPS = range(6), 8, 7_000
COUPON_BUYERS = 4
LED_ORDERS = 10


class Reading:
    """A promoter's book, read once: what all of its orders are held against."""

    def __init__(self, book: Book, limits: Limits) -> None:
        self.book, self.limits = book, limits
        self.many = len(book.traces)
        self._groups = Groups()
        for mark in book.own_marks:
            if mark[0] in STRONG:
                self._groups.join(mark, "own")
        self._read()
        self._read_groups()
        self._read_nights()

    def about(self, trace: Trace) -> Iterator[Found]:
        """Yield what fires for an order."""
        for rule in (
            self._clicked,
            self._hijacked,
            self._unlanded,
            self._shared,
            self._circles,
            self._referred,
            self._refunded,
            self._at_night,
            self._couponed,
            self._led,
        ):
            yield from rule(trace)

    def _read(self) -> None:
        self._buyers: dict[tuple[Mark, bytes], set[int]] = defaultdict(set)
        self._couponers: dict[tuple[str, Mark, bytes], set[int]] = defaultdict(set)
        self._gone_of: Counter[int] = Counter()
        self._marks = {one.order_no: marks_of(one) for one in self.book.traces}
        self._strong = {no: [mark for mark in some if mark[0] in STRONG] for no, some in self._marks.items()}
        for one in self.book.traces:
            for mark in self._marks[one.order_no]:
                self._buyers[mark].add(one.buyer_id)
            for mark in self._strong[one.order_no]:
                self._groups.join(one.buyer_id, mark)
                if one.coupon:
                    self._couponers[(one.coupon, *mark)].add(one.buyer_id)
            if one.buyer_id in self.book.own_persons:
                self._groups.join(one.buyer_id, "own")
            self._gone_of[one.buyer_id] += one.gone
        self._late = {one.order_no for one in self.book.traces if is_late(one)}
        self._carted = {one.order_no for one in self.book.traces if after_cart(one)}
        orders_at = Counter(one.place_id for one in self.book.traces)
        carted_at = Counter(one.place_id for one in self.book.traces if one.order_no in self._carted)
        self._carted_at = {place: (carted_at[place], many) for place, many in orders_at.items()}
        self._trips = sum(many for many in self._gone_of.values() if many >= TRIPS)
        self._ring = self.book.ring - {self.book.promoter_id}
        self._referred_orders = sum(one.buyer_promoter_id in self._ring for one in self.book.traces)

    def _read_groups(self) -> None:
        orders: Counter[Hashable] = Counter()
        buyers: dict[Hashable, set[int]] = defaultdict(set)
        kinds: dict[Hashable, set[Mark]] = defaultdict(set)
        late: set[Hashable] = set()
        for one in self.book.traces:
            group = self._groups.of(one.buyer_id)
            if one.buyer_id not in self.book.own_persons:
                orders[group] += 1
                buyers[group].add(one.buyer_id)
            kinds[group] |= {mark[0] for mark in self._strong[one.order_no] if len(self._buyers[mark]) > 1}
            if one.order_no in self._late:
                late.add(group)
        self._orders_of, self._buyers_of, self._kinds_of, self._late_groups = orders, buyers, kinds, late

    def _read_nights(self) -> None:
        """Find hours of the night with many more orders than the promoter's hours have, from few hands."""
        hours: dict[datetime, list[Trace]] = defaultdict(list)
        for one in self.book.traces:
            hours[one.paid_at.replace(minute=0, second=0, microsecond=0)].append(one)
        counts = [len(some) for some in hours.values()] or [0]
        self._usual_hour = median(counts) + SPREADS * max(1, spread(counts))
        self._bursts: dict[datetime, int] = {}
        for hour, some in hours.items():
            if hour.astimezone(SHANGHAI).hour in NIGHT_HOURS and len(some) >= max(NIGHT_ORDERS, self._usual_hour + 1):
                hands = len({self._groups.of(one.buyer_id) for one in some})
                if bps(hands, len(some)) <= NIGHT_HANDS_BPS:
                    self._bursts[hour] = len(some)

    def _clicked(self, trace: Trace) -> Iterator[Found]:
        if trace.click_ms is not None and trace.click_ms < QUICK_MS:
            points = 900 if trace.click_ms * 2 < QUICK_MS else 750
            yield Found(Signal.QUICK_ORDER, trace.click_ms, QUICK_MS, points)
        if trace.order_no in self._carted and trace.click_ms is not None:
            yield Found(Signal.CLICK_AFTER_CART, trace.click_ms, CART_ORDER_MS, 250)

    def _hijacked(self, trace: Trace) -> Iterator[Found]:
        share = bps(len(self._carted), self.many)
        if trace.order_no in self._carted and len(self._carted) >= CART_ORDERS and share >= self.limits.cart_bps:
            yield Found(Signal.HIJACKED_CARTS, share, self.limits.cart_bps, 600)
            return
        carted, orders = self._carted_at[trace.place_id]
        share, limit = bps(carted, orders), max(CART_PLACE_BPS, self.limits.cart_bps)
        if trace.order_no in self._carted and trace.place_id and carted >= CART_PLACE_ORDERS and share >= limit:
            yield Found(Signal.HIJACKED_PLACE, share, limit, 600)

    def _unlanded(self, trace: Trace) -> Iterator[Found]:
        share = bps(self.book.landings, self.book.clicks)
        if self.book.clicks >= LEAST_CLICKS and share < self.limits.landing_bps:
            yield Found(Signal.NO_LANDING, share, self.limits.landing_bps, 750)
            return
        clicks, landings = self.book.places.get(trace.place_id, (0, 0)) if trace.place_id else (0, 0)
        share = bps(landings, clicks)
        if clicks >= LEAST_CLICKS and share < self.limits.landing_bps:
            yield Found(Signal.NO_LANDING_PLACE, share, self.limits.landing_bps, 750)

    def _shared(self, trace: Trace) -> Iterator[Found]:
        for mark in self._marks[trace.order_no]:
            signal, least, points, most = SHARED[mark[0]]
            many = len(self._buyers[mark])
            if many >= least:
                yield Found(signal, many, least, min(most, points + (most - points) * (many - least) // least))

    def _circles(self, trace: Trace) -> Iterator[Found]:
        group = self._groups.of(trace.buyer_id)
        many, orders = len(self._buyers_of[group]), self._orders_of[group]
        if (
            many >= RING_BUYERS
            and orders >= max(RING_ORDERS, many * 3 // 2)
            and len(self._kinds_of[group]) >= RING_MARKS
        ):
            yield Found(Signal.BUYER_RING, many, RING_BUYERS, min(800, 600 + 25 * (many - RING_BUYERS)))
        mine = trace.buyer_id not in self.book.own_persons and group == self._groups.of("own")
        if mine and many >= OWN_BUYERS and orders >= OWN_ORDERS and bps(orders, self.many) >= OWN_SHARE_BPS:
            yield Found(Signal.OWN_CIRCLE, many, OWN_BUYERS, 700)

    def _referred(self, trace: Trace) -> Iterator[Found]:
        many = self._referred_orders
        share = bps(many, self.many)
        if trace.buyer_promoter_id in self._ring and many >= REFERRED_ORDERS and share >= REFERRED_SHARE_BPS:
            yield Found(Signal.REFERRAL_RING, many, REFERRED_ORDERS, 700)

    def _refunded(self, trace: Trace) -> Iterator[Found]:
        share = bps(len(self._late), self.many)
        near = trace.order_no in self._late or self._groups.of(trace.buyer_id) in self._late_groups
        if near and len(self._late) >= LATE_ORDERS and share >= self.limits.late_bps:
            yield Found(Signal.LATE_REFUNDS, share, self.limits.late_bps, 700)
        many = self._gone_of[trace.buyer_id]
        if many >= TRIPS and self._trips >= TRIP_ORDERS:
            yield Found(Signal.ROUND_TRIPS, many, TRIPS, min(600, 350 + 50 * (many - TRIPS)))

    def _at_night(self, trace: Trace) -> Iterator[Found]:
        many = self._bursts.get(trace.paid_at.replace(minute=0, second=0, microsecond=0), 0)
        if many:
            yield Found(Signal.NIGHT_BURST, many, max(NIGHT_ORDERS, self._usual_hour), 400)

    def _couponed(self, trace: Trace) -> Iterator[Found]:
        marks = self._strong[trace.order_no] if trace.coupon else ()
        many = max((len(self._couponers[(trace.coupon, *mark)]) for mark in marks), default=0)
        if many >= COUPON_BUYERS:
            yield Found(Signal.COUPON_ABUSE, many, COUPON_BUYERS, min(750, 500 + 50 * (many - COUPON_BUYERS)))

    def _led(self, trace: Trace) -> Iterator[Found]:
        led = self.book.led.get(trace.enrolment_id)
        share = bps(led.gone, led.paid) if led else 0
        if led and led.paid >= LED_ORDERS and share >= self.limits.gone_bps:
            yield Found(Signal.LEADER_REFUNDS, share, self.limits.gone_bps, 650 if trace.gone else 200)


def after_cart(trace: Trace) -> bool:
    """Return whether the goods stood in the cart well before the click, and the order followed it at once."""
    if trace.cart_ms is None or trace.click_ms is None:
        return False
    return trace.cart_ms >= CART_BEFORE_MS and trace.click_ms <= CART_ORDER_MS


def is_late(trace: Trace) -> bool:
    """Return whether an order went back whole in the last days before its commission settles."""
    if not trace.gone or trace.refunded_at is None or trace.due_at is None:
        return False
    return trace.refunded_at >= trace.due_at - LATE
