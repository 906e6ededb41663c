"""Points: earned by completed orders, spent oldest first, returned, taken back, ended. Each change is one row of the
history and one transfer of the ledger; lots say when what is left ends."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from django.db import transaction

from tuike.db import rows
from tuike.kit.days import end_of_natural_days
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import Draft, Move
from tuike.marketing.rules import points as rules
from tuike.marketing.types.points import (
    OrderWorth,
    PointsEarned,
    PointsExpiring,
    PointsMoveKind,
    PointsReturnedBefore,
    PointsShort,
)

TOLD_BEFORE = timedelta(days=7)
"""How long before points end their buyer is told."""
GRACE = timedelta(days=7)
"""How long points are good that come back after their end."""

_TRANSFERS = {
    PointsMoveKind.EARNED: "points_earned",
    PointsMoveKind.TAKEN_BACK: "points_taken_back",
    PointsMoveKind.SPENT: "points_spent",
    PointsMoveKind.RETURNED: "points_returned",
    PointsMoveKind.EXPIRED: "points_expired",
    PointsMoveKind.GIVEN_UP: "points_given_up",
}
"""What the transfer of a change is called in the ledger."""

# The lots are locked before they are summed up: of two that spend the last points one finds them gone. Where they are
# too few nothing is written.
_SPEND = """
    WITH lots AS (
        SELECT id, points_left, expires_at FROM marketing_points_lot
        WHERE buyer_id = %(buyer)s AND points_left > 0 AND expires_at > %(now)s ORDER BY expires_at, id FOR UPDATE
    ), summed AS (
        SELECT id, points_left, sum(points_left) OVER (ORDER BY expires_at, id) - points_left AS before FROM lots
    ), had AS (
        SELECT coalesce(sum(points_left), 0)::bigint AS points FROM lots
    ), taken AS (
        SELECT s.id, s.before, least(s.points_left, %(points)s - s.before)::bigint AS points FROM summed s, had
        WHERE s.before < %(points)s AND had.points >= %(points)s
    ), gone AS (
        UPDATE marketing_points_lot l SET points_left = l.points_left - t.points FROM taken t WHERE l.id = t.id
    ), spend AS (
        INSERT INTO marketing_points_spend (source, buyer_id, kind, points, returned, at)
        SELECT %(source)s::text, %(buyer)s, %(kind)s::text, %(points)s, 0, %(now)s::timestamptz FROM had
        WHERE had.points >= %(points)s RETURNING id
    ), parts AS (
        INSERT INTO marketing_points_spend_part (spend_id, lot_id, points, returned)
        SELECT spend.id, t.id, t.points, 0 FROM spend, taken t ORDER BY t.before
    ), moved AS (
        INSERT INTO marketing_points_move (buyer_id, kind, source, points, at)
        SELECT %(buyer)s, %(moved)s::text, %(source)s::text, %(points)s, %(now)s::timestamptz FROM spend RETURNING id
    )
    SELECT had.points, (SELECT id FROM moved) FROM had
"""
_TAKE_BACK = """
    WITH lots AS (
        SELECT id, points_left, source, expires_at FROM marketing_points_lot
        WHERE buyer_id = %(buyer)s AND points_left > 0 ORDER BY expires_at, id FOR UPDATE
    ), summed AS (
        SELECT id, points_left,
            sum(points_left) OVER (ORDER BY source = %(source)s DESC, expires_at, id) - points_left AS before FROM lots
    ), taken AS (
        SELECT id, least(points_left, %(points)s - before) AS points FROM summed WHERE before < %(points)s
    )
    UPDATE marketing_points_lot l SET points_left = l.points_left - t.points FROM taken t WHERE l.id = t.id
    RETURNING t.points
"""
_LOT = {
    "buyer_id": "bigint",
    "source": "text",
    "points": "bigint",
    "points_left": "bigint",
    "earned_at": "timestamptz",
    "expires_at": "timestamptz",
}


def lock_points(*, buyer_ids: Iterable[int]) -> dict[int, int]:
    """Lock the points of buyers until the transaction ends, in one order everywhere: accounts, then lots, the
    platform's pool last; return the debts. Whoever changes points of several buyers calls it for all of them first.
    """
    owed = {buyer_id: chart.buyer(buyer_id, "points_owed") for buyer_id in set(buyer_ids)}
    points = [chart.buyer(buyer_id, "points") for buyer_id in owed]
    balances = ledger.lock(refs=[*points, *owed.values()])
    return {buyer_id: -balances[ref.path] for buyer_id, ref in owed.items()}


@transaction.atomic
def earn_points(*, earnings: Sequence[PointsEarned], now: datetime) -> int:
    """Let completed orders earn, each once, as was said when they were completed; return how many points
    (docs/rules.md §10).

    What was refunded before is left out already. An order that has earned, or was seen without earning, is passed
    over; one that is skipped is kept with the reason, and earns nothing later either. A debt of points is paid first.
    """
    earned = 0
    lock_points(buyer_ids={one.order.buyer_id for one in earnings})
    for one in sorted(earnings, key=lambda earning: earning.order.buyer_id):
        order = one.order
        gross = 0 if one.skipped else rules.earned_points(order.paid_fen, one.rule, one.multiplier_bps)
        stands = rules.standing_points(gross, paid_fen=order.paid_fen, refunded_fen=order.refunded_fen)
        added = rows.query(
            "INSERT INTO marketing_points_earning"
            " (order_no, buyer_id, merchant_id, paid_fen, points, standing, skipped, at)"
            " VALUES (%s, %s, %s, %s, %s, %s, %s, %s) ON CONFLICT (order_no) DO NOTHING RETURNING id",
            [order.order_no, order.buyer_id, order.merchant_id, order.paid_fen, gross, stands, one.skipped, now],
        )
        if added and stands:
            _earn(one, stands, now)
            earned += stands
    return earned


@transaction.atomic
def take_points_back(*, orders: Sequence[OrderWorth], now: datetime) -> int:
    """Bring what orders have earned down to what stands after their refunds; return how many points went.

    What has ended of them went already and isn't taken again. What has been spent meanwhile becomes a debt, paid out
    of what comes next. Called twice it takes once.
    """
    gone = 0
    lock_points(buyer_ids={one.buyer_id for one in orders})
    for one in sorted(orders, key=lambda order: order.buyer_id):
        found = rows.query(
            "SELECT points, paid_fen, standing FROM marketing_points_earning WHERE order_no = %s FOR UPDATE",
            [one.order_no],
        )
        if not found:
            continue
        points, paid_fen, standing = found[0]
        stands = rules.standing_points(points, paid_fen=paid_fen, refunded_fen=one.refunded_fen)
        if stands >= standing:
            continue
        rows.run("UPDATE marketing_points_earning SET standing = %s WHERE order_no = %s", [stands, one.order_no])
        _end_due(one.buyer_id, now)
        if owing := _not_gone(one.buyer_id, one.order_no, stands):
            _go_back(one.buyer_id, one.order_no, owing, now)
            gone += owing
    return gone


def spend_points(*, buyer_id: int, points: int, kind: str, source: str, now: datetime) -> None:
    """Spend a buyer's points, those that end first, for `source` (the number of what they are spent for, spent for
    once); `kind` says on what: `points` (a price lowered) or `points_good`.

    All that spend wait for each other at the platform's pool until the caller's transaction ends: call it late.

    Raises:
        PointsShort: fewer than that are there and good; nothing is written, no savepoint is needed.
    """
    spent = PointsMoveKind.SPENT
    asked = {"buyer": buyer_id, "points": points, "kind": kind, "source": source, "moved": spent.value, "now": now}
    with transaction.atomic(savepoint=False):
        lock_points(buyer_ids=[buyer_id])
        had, move_id = rows.planned(_SPEND, asked)[0]
        if had >= points:
            moves = (Move(chart.buyer(buyer_id, "points"), chart.platform("points"), points),)
            _post(move_id, (spent, source), moves, now)
    if had < points:
        raise PointsShort(points=had)


@transaction.atomic
def return_points(*, buyer_id: int, points: int, source: str, now: datetime) -> None:
    """Give points back that were spent for `source`, into the lots they came from, those that end last first.

    What has ended meanwhile is good for seven days more. A debt of points is paid first.

    Raises:
        PointsReturnedBefore: fewer than that were spent for it and are not back yet.
    """
    owed = lock_points(buyer_ids=[buyer_id])[buyer_id]
    spend = rows.query(
        "UPDATE marketing_points_spend SET returned = returned + %s"
        " WHERE source = %s AND buyer_id = %s AND returned + %s <= points RETURNING id",
        [points, source, buyer_id, points],
    )
    if not spend:
        raise PointsReturnedBefore
    _end_due(buyer_id, now)
    parts = rows.query(
        "SELECT p.id, p.lot_id, p.points - p.returned FROM marketing_points_spend_part p"
        " JOIN marketing_points_lot l ON l.id = p.lot_id WHERE p.spend_id = %s AND p.returned < p.points"
        " ORDER BY l.expires_at DESC, l.id DESC FOR UPDATE",
        [spend[0][0]],
    )
    for_debt = min(owed, points)
    shares = rules.spread([free for _, _, free in parts], points)
    to_lots = rules.spread(shares, points - for_debt)
    changes = [(part, lot, share, back) for (part, lot, _), share, back in zip(parts, shares, to_lots, strict=True)]
    rows.run(
        "UPDATE marketing_points_spend_part p SET returned = p.returned + b.n"
        " FROM unnest(%s::bigint[], %s::bigint[]) AS b (id, n) WHERE p.id = b.id",
        rows.columns([(part, share) for part, _, share, _ in changes], 2),
    )
    rows.run(
        "UPDATE marketing_points_lot l SET points_left = l.points_left + b.n, told_at = NULL,"
        " expires_at = CASE WHEN l.expires_at <= %s THEN %s ELSE l.expires_at END"
        " FROM unnest(%s::bigint[], %s::bigint[]) AS b (id, n) WHERE l.id = b.id",
        [now, now + GRACE, *rows.columns([(lot, back) for _, lot, _, back in changes if back], 2)],
    )
    _book(buyer_id, (PointsMoveKind.RETURNED, source, points), _coming(buyer_id, points, for_debt), now)


def return_all_points(*, sources: Iterable[str], now: datetime) -> int:
    """Give back all that was spent for `sources` and isn't back yet; return how many points. Again it does nothing."""
    wanted = sorted(set(sources))
    lock_points(buyer_ids=_spenders(wanted))
    found = rows.query(
        "SELECT buyer_id, points - returned, source FROM marketing_points_spend"
        " WHERE source = ANY(%s) AND returned < points ORDER BY buyer_id, id",
        [wanted],
    )
    for buyer_id, points, source in found:
        return_points(buyer_id=buyer_id, points=points, source=source, now=now)
    return sum(points for _, points, _ in found)


@transaction.atomic
def expire_points(*, now: datetime, limit: int = 500) -> int:
    """End the lots whose time has come, the oldest `limit` of them, and return how many points."""
    lock_points(buyer_ids=_ending(now, limit))
    ended = rows.query(
        "WITH due AS (SELECT id, points_left FROM marketing_points_lot WHERE points_left > 0 AND expires_at <= %s"
        " ORDER BY expires_at, id LIMIT %s FOR UPDATE SKIP LOCKED)"
        " UPDATE marketing_points_lot l SET points_left = 0 FROM due WHERE due.id = l.id"
        " RETURNING l.buyer_id, l.source, due.points_left",
        [now, limit],
    )
    return _book_ended(ended, now)


@transaction.atomic
def points_to_tell(*, now: datetime, limit: int = 500) -> list[PointsExpiring]:
    """Return, once for each lot, whose points end within seven days, and mark them as told of."""
    found = rows.query(
        "WITH due AS (SELECT id FROM marketing_points_lot WHERE points_left > 0 AND told_at IS NULL AND expires_at > %s"
        " AND expires_at <= %s ORDER BY expires_at, id LIMIT %s FOR UPDATE SKIP LOCKED)"
        " UPDATE marketing_points_lot l SET told_at = %s FROM due WHERE due.id = l.id"
        " RETURNING l.buyer_id, l.points_left, l.expires_at",
        [now, now + TOLD_BEFORE, limit, now],
    )
    summed: dict[tuple[int, datetime], int] = {}
    for buyer_id, points, expires_at in found:
        summed[buyer_id, expires_at] = summed.get((buyer_id, expires_at), 0) + points
    return [PointsExpiring(buyer, points, at) for (buyer, at), points in sorted(summed.items())]


@transaction.atomic
def give_up_points(*, buyer_id: int, now: datetime) -> int:
    """Take all points of a buyer who leaves; a debt stays in the books. Returns how many points were given up."""
    lock_points(buyer_ids=[buyer_id])
    left = rows.query(
        "WITH lots AS (SELECT id, points_left FROM marketing_points_lot WHERE buyer_id = %s AND points_left > 0"
        " ORDER BY expires_at, id FOR UPDATE)"
        " UPDATE marketing_points_lot l SET points_left = 0 FROM lots WHERE lots.id = l.id RETURNING lots.points_left",
        [buyer_id],
    )
    points = sum(row[0] for row in left)
    if points:
        moves = (Move(chart.buyer(buyer_id, "points"), chart.platform("points"), points),)
        _book(buyer_id, (PointsMoveKind.GIVEN_UP, str(buyer_id), points), moves, now)
    return points


def _not_gone(buyer_id: int, order_no: str, stands: int) -> int:
    """Return how many points an order's buyer still has to give back, so that `stands` of what it earned are left."""
    counted = rows.query(
        "SELECT sum(CASE kind WHEN 'earned' THEN points ELSE -points END) FROM marketing_points_move"
        " WHERE buyer_id = %s AND source = %s AND kind IN ('earned', 'taken_back', 'expired')",
        [buyer_id, order_no],
    )
    return max(0, int(counted[0][0] or 0) - stands)


def _end_due(buyer_id: int, now: datetime) -> None:
    """End a buyer's lots whose time has come and that no run has ended yet, so that what follows doesn't depend on
    when the run comes: nothing that has ended is revived with a lot or pays a debt."""
    ended = rows.query(
        "WITH due AS (SELECT id, points_left FROM marketing_points_lot WHERE buyer_id = %s AND points_left > 0"
        " AND expires_at <= %s ORDER BY expires_at, id FOR UPDATE)"
        " UPDATE marketing_points_lot l SET points_left = 0 FROM due WHERE due.id = l.id"
        " RETURNING l.buyer_id, l.source, due.points_left",
        [buyer_id, now],
    )
    _book_ended(ended, now)


def _book_ended(ended: Iterable[tuple[int, str, int]], now: datetime) -> int:
    """Book (buyer, source, points) of lots that have ended; return how many points."""
    gone = 0
    for buyer_id, source, points in sorted(ended):
        moves = (Move(chart.buyer(buyer_id, "points"), chart.platform("points"), points),)
        _book(buyer_id, (PointsMoveKind.EXPIRED, source, points), moves, now)
        gone += points
    return gone


def _spenders(sources: Sequence[str]) -> list[int]:
    found = rows.query("SELECT buyer_id FROM marketing_points_spend WHERE source = ANY(%s)", [sources])
    return [row[0] for row in found]


def _ending(now: datetime, limit: int) -> list[int]:
    found = rows.query(
        "SELECT buyer_id FROM marketing_points_lot WHERE points_left > 0 AND expires_at <= %s"
        " ORDER BY expires_at, id LIMIT %s",
        [now, limit],
    )
    return [row[0] for row in found]


def _earn(one: PointsEarned, points: int, now: datetime) -> None:
    """Add points: a debt is paid first, the rest is a lot, good as long as its order's completion says."""
    buyer_id, source = one.order.buyer_id, one.order.order_no
    for_debt = min(lock_points(buyer_ids=[buyer_id])[buyer_id], points)
    left = points - for_debt
    if left:
        lot = (buyer_id, source, left, left, one.at, end_of_natural_days(one.at, one.rule.days))
        rows.insert("marketing_points_lot", _LOT, [lot])
    _book(buyer_id, (PointsMoveKind.EARNED, source, points), _coming(buyer_id, points, for_debt), now)


def _coming(buyer_id: int, points: int, for_debt: int) -> tuple[Move, ...]:
    pool = chart.platform("points")
    parts = ((chart.buyer(buyer_id, "points_owed"), for_debt), (chart.buyer(buyer_id, "points"), points - for_debt))
    return tuple(Move(pool, to, amount) for to, amount in parts if amount)


def _go_back(buyer_id: int, order_no: str, points: int, now: datetime) -> None:
    """Take points back: out of the order's own lot, then out of those that end first; what is missing is owed."""
    taken = rows.query(_TAKE_BACK, {"buyer": buyer_id, "source": order_no, "points": points})
    had = int(sum(part for (part,) in taken))
    pool = chart.platform("points")
    parts = ((chart.buyer(buyer_id, "points"), had), (chart.buyer(buyer_id, "points_owed"), points - had))
    moves = tuple(Move(giver, pool, amount) for giver, amount in parts if amount)
    _book(buyer_id, (PointsMoveKind.TAKEN_BACK, order_no, points), moves, now)


def _book(buyer_id: int, what: tuple[PointsMoveKind, str, int], moves: tuple[Move, ...], now: datetime) -> None:
    """Write a row of the history (kind, source, points) and post its transfer, named after the row."""
    kind, source, points = what
    id_ = rows.query(
        "INSERT INTO marketing_points_move (buyer_id, kind, source, points, at) VALUES (%s, %s, %s, %s, %s)"
        " RETURNING id",
        [buyer_id, kind.value, source, points, now],
    )[0][0]
    _post(id_, (kind, source), moves, now)


def _post(move_id: int, what: tuple[PointsMoveKind, str], moves: tuple[Move, ...], now: datetime) -> None:
    """Post the transfer of a row of the history, named after it."""
    kind, source = what
    ledger.post(drafts=[Draft(f"points:{move_id}", _TRANSFERS[kind], source, now, moves)], now=now)
