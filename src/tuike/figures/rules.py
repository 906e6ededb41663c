"""When a promoter's day is unlike its own days and unlike its peers': arithmetic over counted days, whole numbers only.

A day is held against the 28 before it and against those of the same weekday among them, by median and by the median
distance from it, so that one odd day moves nothing. Peers are all other promoters of the grade.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields
from functools import reduce

from tuike.figures.types import (
    BEFORE,
    PAYEES,
    ROLES,
    STATUSES,
    By,
    CommissionOf,
    Day,
    Figures,
    Finding,
    Oddity,
    Owner,
    Peers,
    Status,
)

FUNDED = 1000
"""What the number of commission has more that the platform funds."""
KNOWN_DAYS = 14
"""Days since a promoter's first one, from which on its own days say something."""
LEAST_CLICKS, LEAST_ORDERS, LEAST_USUAL = 100, 10, 30
OWN_CLICKS, PEER_CLICKS = 200, 1_000
"""Clicks of the days before from which on a conversion is one."""
WEEK = 7


def median(values: Sequence[int]) -> int:
    """Return the middle value, of an even number of them the mean of the two in the middle, rounded down."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) // 2


def spread(values: Sequence[int]) -> int:
    """Return the median distance from the median (MAD)."""
    middle = median(values)
    return median([abs(one - middle) for one in values])


def oddities(*, before: Sequence[Day], day: Day, peers: Peers, whole: bool) -> list[Finding]:
    """Return what is odd about a day that follows the 28 days `before` (docs/rules.md §11).

    `whole`: the day is over; of one that isn't, nothing is said to be too little.
    """
    found = [_clicks_without_orders(before, day, peers), _conversion(before, day, peers), _refunds(before, day, peers)]
    if whole:
        found.append(_drop(before, day, peers))
    return [one for one in found if one is not None]


def _known(before: Sequence[Day]) -> bool:
    """Return whether the promoter has been at work for long enough for its own days to say what is usual."""
    first = next((n for n, one in enumerate(before) if one != Day()), len(before))
    return len(before) - first >= KNOWN_DAYS


def _weekday(before: Sequence[Day]) -> list[int]:
    """Return the clicks of the days before that were the same weekday."""
    return [one.clicks for one in before[::-1][WEEK - 1 :: WEEK]]


def _expected(before: Sequence[Day], day: Day, peers: Peers) -> tuple[int | None, int | None]:
    """Return how many orders the day's clicks would bring by the promoter's own conversion and by that of its peers."""
    clicks, orders = sum(one.clicks for one in before), sum(one.orders for one in before)
    own = day.clicks * orders // clicks if clicks >= OWN_CLICKS and _known(before) else None
    theirs = day.clicks * peers.orders // peers.clicks if peers.clicks >= PEER_CLICKS else None
    return own, theirs


def _clicks_without_orders(before: Sequence[Day], day: Day, peers: Peers) -> Finding | None:
    """Find many more clicks than ever, with next to no orders; a good day that sells isn't one."""
    own, theirs = _expected(before, day, peers)
    expected = own if own is not None else theirs
    if day.clicks < LEAST_CLICKS or expected is None or expected < 4 or day.orders * 4 > expected:
        return None
    every, same = [one.clicks for one in before], _weekday(before)
    usual = max(median(every), median(same))
    if day.clicks <= usual + 6 * max(spread(every), spread(same), usual // 10, 5):
        return None
    facts = {"clicks": day.clicks, "usual_clicks": usual, "orders": day.orders, "expected_orders": expected}
    return Finding(Oddity.CLICKS, facts)


def _conversion(before: Sequence[Day], day: Day, peers: Peers) -> Finding | None:
    """Find four times the orders that the clicks would bring, by the promoter's own days and by its peers'."""
    expected = [one for one in _expected(before, day, peers) if one is not None]
    if day.orders < LEAST_ORDERS or not expected or day.orders <= 4 * (max(expected) + 1):
        return None
    facts = {"clicks": day.clicks, "orders": day.orders, "expected_orders": max(expected)}
    return Finding(Oddity.CONVERSION, facts)


def _bps(refunded_fen: int, paid_fen: int) -> int:
    return refunded_fen * 10_000 // paid_fen if paid_fen else 0


def _refunds(before: Sequence[Day], day: Day, peers: Peers) -> Finding | None:
    """Find a week in which much more is refunded than before and by peers, on three of its days: one order isn't it."""
    week, older = [*before[-WEEK + 1 :], day], before[: -WEEK + 1]
    rate = _bps(sum(one.refunded_fen for one in week), sum(one.paid_fen for one in week))
    usual = _bps(sum(one.refunded_fen for one in older), sum(one.paid_fen for one in older))
    theirs = _bps(peers.refunded_fen, peers.paid_fen)
    days = sum(_bps(one.refunded_fen, one.paid_fen) >= 2_000 for one in week)
    if sum(one.orders for one in week) < LEAST_ORDERS or days < 3:
        return None
    if rate < max(3_000, usual + 2_000, 2 * theirs + 1_000):
        return None
    return Finding(Oddity.REFUNDS, {"refund_bps": rate, "usual_bps": usual, "peers_bps": theirs, "days": days})


def _drop(before: Sequence[Day], day: Day, peers: Peers) -> Finding | None:
    """Find a day with hardly any clicks of a promoter who has them daily, while its peers go on."""
    usual = min(median([one.clicks for one in before]), median(_weekday(before)))
    if usual < LEAST_USUAL or day.clicks * 10 >= usual or not _known(before):
        return None
    if peers.clicks >= PEER_CLICKS and peers.day_clicks * 2 * BEFORE < peers.clicks:
        return None
    return Finding(Oddity.DROP, {"clicks": day.clicks, "usual_clicks": usual})


def commission_of(counted: Iterable[Sequence[Sequence[int]] | None], owner: Owner) -> list[CommissionOf]:
    """Return what days keep of commission (number, accruals, fen) summed up, in words, by number.

    A merchant's is without what the platform funds.
    """
    found: dict[int, list[int]] = {}
    for code, many, fen in (one for day in counted for one in day or ()):
        if code >= FUNDED and owner is Owner.MERCHANT:
            continue
        summed = found.setdefault(code % FUNDED, [0, 0])
        summed[0] += many
        summed[1] += fen
    return [
        CommissionOf(PAYEES[code // 100 - 1], ROLES[code // 10 % 10 - 1], Status(STATUSES[code % 10 - 1]), many, fen)
        for code, (many, fen) in sorted(found.items())
    ]


def orders_of(owner: Owner, by: By) -> str:
    """Return the word for orders in what an owner's figures are divided by: how often an order of many counts.

    A promoter's and a leader's own once for each; others' once for all, but for each promoter where they are by that.
    """
    if owner is Owner.LEADER:
        return "led"
    return "own" if owner is Owner.PROMOTER or by in (By.PROMOTER, By.PLACE) else "promoted"


def rest_of(whole: Figures, parts: Iterable[Figures]) -> Figures:
    """Return what parts leave of a whole, nothing less than 0; the `all_` measures stay the whole's."""
    left = reduce(lambda rest, one: rest - one, parts, whole)
    return Figures(**{f.name: max(0, getattr(left, f.name)) for f in fields(Figures)})
