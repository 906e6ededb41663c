"""The arithmetic of points (docs/rules.md §10). Pure: whole points, whole fen; fractions stay with who gives."""

from collections.abc import Sequence

from tuike.marketing.types.points import PointsRule


def points_worth(points: int, per_yuan: int) -> int:
    """Return what points lower a price by, in fen, where `per_yuan` points are worth one yuan; the fraction stays with
    the shop."""
    return points * 100 // per_yuan


def points_for(fen: int, per_yuan: int) -> int:
    """Return the fewest points that are worth at least `fen`, where `per_yuan` points are worth one yuan."""
    return -(-fen * per_yuan // 100)


def most_points(payable_fen: int, cap_bps: int, ratio: int) -> int:
    """Return the most points that may lower what is to be paid: worth no more than `cap_bps` of it, none wasted.

    `ratio` points are worth one yuan. Fewer would lower by less, more by the same or beyond the cap.
    """
    most_fen = payable_fen * cap_bps // 10_000
    lowered = points_worth(most_fen * ratio // 100, ratio)
    return points_for(lowered, ratio)


def earned_points(paid_fen: int, rule: PointsRule, multiplier_bps: int) -> int:
    """Return what an order earns by what was paid for its lines and the level's multiplier, floored once at the end.

    An order for which nothing was paid earns nothing, by count either.
    """
    if paid_fen <= 0:
        return 0
    if rule.by_count:
        return rule.per_order * multiplier_bps // 10_000
    return paid_fen * rule.per_yuan * multiplier_bps // (100 * 10_000)


def standing_points(points: int, *, paid_fen: int, refunded_fen: int) -> int:
    """Return what stands of an order's points after refunds: the share of what stays paid, floored.

    Computed from the sum of all refunds, so that any sequence of refunds with one total leaves the same.
    """
    return points * (paid_fen - refunded_fen) // paid_fen if paid_fen else 0


def spread(free: Sequence[int], wanted: int) -> list[int]:
    """Return how much of `wanted` falls on each place, the first ones filled first."""
    parts = []
    for room in free:
        part = min(room, wanted)
        parts.append(part)
        wanted -= part
    return parts
