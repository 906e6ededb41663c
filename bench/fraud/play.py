"""A world played in time through the product's rules: once a day what is open is scored with what is known by then."""

from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bench.fraud.world import DAYS, START, Sold, World
from tuike.kit.days import day_of
from tuike.scoring import rules
from tuike.scoring.queries import SPANS, TRAFFIC, WINDOW
from tuike.scoring.rules.groups import marks_of
from tuike.scoring.rules.robust import LEAST_CLICKS, LEAST_ORDERS, bps
from tuike.scoring.rules.signals import after_cart, is_late
from tuike.scoring.types import HIGH, Book, Led, Limits, Mark, Score, Trace

UNTIL = START + timedelta(days=DAYS + 26)
STEP = timedelta(hours=24)
Traces = Mapping[int, Sequence[Trace]]


@dataclass
class Played:
    """What became of the sales: the first score that was high, by order; and of rates that were lowered which stood
    out."""

    held: dict[str, Score]
    cuts: list[bool]


def instants() -> Iterator[datetime]:
    """Yield the instants at which open orders are scored."""
    now = START + timedelta(hours=9)  # in the morning
    while now <= UNTIL:
        yield now
        now += STEP


def play(world: World) -> Played:
    """Score a world from its first day until everything in it has settled; what is high once is held."""
    sold = by_promoter(world)
    held: dict[str, Score] = {}
    limits, last = Limits(), {}
    for now in instants():
        traces = {id_: seen(some, now) for id_, some in sold.items()}
        if day_of(now) != day_of(now - STEP):
            limits = rules.limits_of(shares(world, traces, now))
        for book in books(world, traces, now):
            if last.get(book.promoter_id) != (book, limits):
                last[book.promoter_id] = (book, limits)
                for number, score in high(book, limits).items():
                    held.setdefault(number, score)
    return Played(held, [cut_stands_out(world, shop, at, high_, low) for shop, at, high_, low, _ in world.cuts])


def high(book: Book, limits: Limits) -> dict[str, Score]:
    """Return the scores of a book's open orders that a person looks at."""
    open_ = {one.order_no for one in book.traces if not one.settled}
    if not open_:
        return {}
    scores = rules.judge(book, limits)
    return {no: one for no, one in scores.items() if no in open_ and one.thousandths >= HIGH}


def by_promoter(world: World) -> dict[int, list[Sold]]:
    """Return the sales by promoter, in the order in which they were paid."""
    sold: dict[int, list[Sold]] = defaultdict(list)
    for one in sorted(world.sold, key=lambda one: one.trace.paid_at):
        sold[one.trace.promoter_id].append(one)
    return sold


def seen(sold: Sequence[Sold], now: datetime) -> list[Trace]:
    """Return the traces of the window as they stand at an instant."""
    upto = bisect_right(sold, now, key=lambda one: one.trace.paid_at)
    since = bisect_right(sold, now - WINDOW, key=lambda one: one.trace.paid_at)
    return [one.seen_at(now) for one in sold[since:upto]]


def books(world: World, traces: Traces, now: datetime) -> Iterator[Book]:
    """Yield what the product would read for each promoter who has orders."""
    ties, led, bought = _around(traces)
    at = visited(world, now)
    for id_, some in traces.items():
        own = world.own[id_]
        if some:
            yield Book(
                promoter_id=id_,
                traces=tuple(some),
                clicks=sum(clicks for clicks, _ in at[id_].values()),
                landings=sum(landings for _, landings in at[id_].values()),
                places=at[id_],
                own_persons=frozenset({own.id}),
                own_marks=frozenset(bought[own.id] | {(Mark.PHONE, own.phone)}),
                ring=rules.circle_of(ties, id_),
                led={id_: led[id_] for id_ in {one.enrolment_id for one in some} & led.keys()},
            )


def visited(world: World, now: datetime) -> dict[int, dict[int, tuple[int, int]]]:
    """Return by promoter and place the clicks of the last days, and how many landed."""
    found: dict[int, dict[int, tuple[int, int]]] = defaultdict(dict)
    since, until = day_of(now) - TRAFFIC, day_of(now)
    for (id_, place, day), clicks in world.traffic.items():
        if since < day <= until:
            before = found[id_].get(place, (0, 0))
            found[id_][place] = before[0] + clicks, before[1] + world.landed[id_, place, day]
    return found


def shares(world: World, traces: Traces, now: datetime) -> dict[str, list[int]]:
    """Return what is usual among promoters with enough orders or clicks, as the product counts it."""
    found: dict[str, list[int]] = {"late": [], "gone": [], "cart": [], "landing": []}
    at = visited(world, now)
    for id_, some in traces.items():
        if len(some) >= LEAST_ORDERS:
            found["late"].append(bps(sum(map(is_late, some)), len(some)))
            found["gone"].append(bps(sum(one.gone for one in some), len(some)))
            found["cart"].append(bps(sum(map(after_cart, some)), len(some)))
        clicks = sum(clicks for clicks, _ in at[id_].values())
        if clicks >= LEAST_CLICKS:
            found["landing"].append(bps(sum(landings for _, landings in at[id_].values()), clicks))
    return found


def cut_stands_out(world: World, shop: int, at: datetime, high_bps: int, low_bps: int) -> bool:
    """Return whether a shop's lowered rate would be told to a person."""
    spans: Counter[int] = Counter(
        (one.trace.paid_at - at) // timedelta(days=1) for one in world.sold if one.trace.merchant_id == shop
    )
    before = [spans[n] for n in range(-SPANS, 0)]
    return rules.odd_cut(from_bps=high_bps, to_bps=low_bps, before=before, after=spans[0]) is not None


def _around(
    traces: Traces,
) -> tuple[Counter[tuple[int, int]], dict[int, Led], dict[int, set[tuple[Mark, bytes]]]]:
    """Return who bought through whom, how leaders' enrolments stand, and the marks that persons bought with."""
    ties: Counter[tuple[int, int]] = Counter()
    paid: Counter[int] = Counter()
    gone: Counter[int] = Counter()
    bought: dict[int, set[tuple[Mark, bytes]]] = defaultdict(set)
    for id_, some in traces.items():
        for one in some:
            if one.buyer_promoter_id:
                ties[one.buyer_promoter_id, id_] += 1
                bought[one.buyer_id] |= set(marks_of(one))
            if one.enrolment_id:
                paid[one.enrolment_id] += 1
                gone[one.enrolment_id] += one.gone
    return ties, {id_: Led(many, gone[id_]) for id_, many in paid.items()}, bought
