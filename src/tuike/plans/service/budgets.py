"""Campaigns' budgets: held by lines at placement, given back when orders close or lines are refunded."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby

from django.db import transaction

from tuike.db import rows
from tuike.plans.types import ReleasedTooMuch, ReserveAsk

_TAKE = """
    UPDATE plans_campaign SET reserved_fen = reserved_fen + %(amount)s
    WHERE id = %(campaign)s AND (budget_fen IS NULL OR reserved_fen + %(amount)s <= budget_fen)
    RETURNING id
"""
_RESERVATION = {"line_id": "bigint", "campaign_id": "bigint", "amount_fen": "bigint", "at": "timestamptz"}


@transaction.atomic
def reserve(*, asks: Sequence[ReserveAsk], now: datetime) -> set[int]:
    """Hold campaigns' budgets for lines and return the ids of the lines that fit, each whole or not at all.

    One conditional statement per campaign, in id order, takes all its lines; where they don't fit together they are
    tried one by one in the given order. What is held is the whole campaign commission on the line's paid amount and
    the bonus for each piece (`queries.campaigns_for`; docs/rules.md §3).
    """
    fitting: list[ReserveAsk] = []
    for campaign_id, group in groupby(sorted(asks, key=lambda ask: ask.campaign_id), lambda ask: ask.campaign_id):
        lines = list(group)
        if _take(campaign_id, sum(line.amount_fen for line in lines)):
            fitting += lines
        elif len(lines) > 1:
            fitting += [line for line in lines if _take(campaign_id, line.amount_fen)]
    held = [(ask.line_id, ask.campaign_id, ask.amount_fen, now) for ask in fitting]
    rows.insert("plans_reservation", _RESERVATION | {"released_fen": "bigint"}, [(*row, 0) for row in held])
    return {ask.line_id for ask in fitting}


@transaction.atomic
def release(*, releases: Sequence[tuple[int, int | None]]) -> dict[int, int]:
    """Give back (line id, fen; None: all that it still holds) and return the fen given back by line.

    For an order that closes and for a line that is refunded before it settles. A line without a reservation gives
    nothing back; releasing all a second time gives nothing either.

    Raises:
        ReleasedTooMuch: more than the line still holds.
    """
    wanted = dict(releases)
    found = rows.query(
        "SELECT line_id, campaign_id, amount_fen - released_fen FROM plans_reservation"
        " WHERE line_id = ANY(%s) ORDER BY line_id FOR UPDATE",
        [list(wanted)],
    )
    given: dict[int, int] = {}
    by_campaign: dict[int, int] = {}
    for line_id, campaign_id, held in found:
        asked = wanted[line_id]
        amount = held if asked is None else asked
        if not 0 <= amount <= held:
            raise ReleasedTooMuch
        if amount:
            given[line_id] = amount
            by_campaign[campaign_id] = by_campaign.get(campaign_id, 0) + amount
    rows.run(
        "UPDATE plans_reservation r SET released_fen = r.released_fen + g.amount"
        " FROM unnest(%s::bigint[], %s::bigint[]) AS g (line_id, amount) WHERE r.line_id = g.line_id",
        [list(given), list(given.values())],
    )
    for campaign_id, amount in sorted(by_campaign.items()):
        rows.run("UPDATE plans_campaign SET reserved_fen = reserved_fen - %s WHERE id = %s", [amount, campaign_id])
    return given


def _take(campaign_id: int, amount_fen: int) -> bool:
    return bool(rows.query(_TAKE, {"campaign": campaign_id, "amount": amount_fen}))
