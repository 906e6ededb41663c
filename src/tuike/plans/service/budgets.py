"""Campaigns' budgets: held by lines at placement, given back when orders close or lines are refunded."""

from collections.abc import Iterable, Mapping, Sequence
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
_RESERVATION = {
    "line_id": "bigint",
    "campaign_id": "bigint",
    "amount_fen": "bigint",
    "once_fen": "bigint",
    "at": "timestamptz",
    "released_fen": "bigint",
}


@transaction.atomic
def reserve(*, asks: Sequence[ReserveAsk], now: datetime) -> set[int]:
    """Hold campaigns' budgets for lines and return the ids of the lines that fit, each whole or not at all.

    One conditional statement per campaign, in id order, takes all its lines; where they don't fit together they are
    tried one by one in the given order. What is held is the whole campaign commission on the line's paid amount and
    the bonus for each piece, and what the order brings once (`queries.campaigns_for`; docs/rules.md §3).
    """
    fitting: list[ReserveAsk] = []
    for campaign_id, group in groupby(sorted(asks, key=lambda ask: ask.campaign_id), lambda ask: ask.campaign_id):
        lines = list(group)
        if _take(campaign_id, sum(line.amount_fen for line in lines)):
            fitting += lines
        elif len(lines) > 1:
            fitting += [line for line in lines if _take(campaign_id, line.amount_fen)]
    held = [(ask.line_id, ask.campaign_id, ask.amount_fen, ask.once_fen, now, 0) for ask in fitting]
    rows.insert("plans_reservation", _RESERVATION, held)
    return {ask.line_id for ask in fitting}


def hold(*, line_ids: Iterable[int]) -> None:
    """Lock what lines hold of campaigns' budgets, and these campaigns, until the caller's transaction ends: for who
    books before it knows what it will release, and mustn't come to the campaigns after the shops' accounts."""
    found = rows.query(
        "SELECT campaign_id FROM plans_reservation WHERE line_id = ANY(%s) ORDER BY line_id FOR UPDATE",
        [sorted(set(line_ids))],
    )
    if found:
        campaigns = sorted({campaign_id for (campaign_id,) in found})
        rows.query("SELECT 1 FROM plans_campaign WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [campaigns])


@transaction.atomic
def release(*, releases: Sequence[tuple[int, int | None]], keep_once: bool = False) -> dict[int, int]:
    """Give back (line id, fen; None: all that it still holds) and return the fen given back by line. `keep_once`: but
    for what the order brings once, which is held while anything of the order is left.

    For an order that closes and for a line that is refunded before it settles. A line without a reservation gives
    nothing back; releasing all a second time gives nothing either.

    Raises:
        ReleasedTooMuch: more than the line still holds.
    """
    wanted = dict(releases)
    found = rows.query(
        "SELECT line_id, campaign_id, amount_fen - released_fen - CASE WHEN %s THEN least(once_fen,"
        " amount_fen - released_fen) ELSE 0 END FROM plans_reservation WHERE line_id = ANY(%s)"
        " ORDER BY line_id FOR UPDATE",
        [keep_once, list(wanted)],
    )
    given: dict[int, int] = {}
    back: list[tuple[int, int]] = []
    for line_id, campaign_id, held in found:
        asked = wanted[line_id]
        amount = held if asked is None else asked
        if not 0 <= amount <= held:
            raise ReleasedTooMuch
        if amount:
            given[line_id] = amount
            back.append((campaign_id, amount))
    rows.run(
        "UPDATE plans_reservation r SET released_fen = r.released_fen + g.amount"
        " FROM unnest(%s::bigint[], %s::bigint[]) AS g (line_id, amount) WHERE r.line_id = g.line_id",
        [list(given), list(given.values())],
    )
    _return(back)
    return given


@transaction.atomic
def lower_once(*, kept: Mapping[int, int]) -> None:
    """Give back what lines hold of what their orders bring once beyond `kept` (by line, in fen): the order turned out
    not to be its buyer's first."""
    found = rows.query(
        "SELECT line_id, campaign_id, once_fen, amount_fen - released_fen FROM plans_reservation"
        " WHERE line_id = ANY(%s) ORDER BY line_id FOR UPDATE",
        [list(kept)],
    )
    lowered = [
        (line_id, campaign_id, min(once - kept[line_id], held), kept[line_id])
        for line_id, campaign_id, once, held in found
        if once > kept[line_id]
    ]
    rows.run(
        "UPDATE plans_reservation r SET released_fen = r.released_fen + g.amount, once_fen = g.kept"
        " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS g (line_id, amount, kept)"
        " WHERE r.line_id = g.line_id",
        rows.columns(((line_id, amount, fen) for line_id, _, amount, fen in lowered), 3),
    )
    _return((campaign_id, amount) for _, campaign_id, amount, _ in lowered)


@transaction.atomic
def take_first_orders(*, orders: Sequence[tuple[int, int, str]], now: datetime) -> set[str]:
    """Take the bonus for a buyer's first paid order in a shop for (merchant, buyer, order number), and return the
    numbers of the orders that have it: one a buyer and shop for ever, by a constraint; the same order again has it."""
    wanted = sorted(set(orders))
    rows.run(
        "INSERT INTO plans_first_order (merchant_id, buyer_id, order_no, at)"
        " SELECT merchant, buyer, no, %s FROM unnest(%s::bigint[], %s::bigint[], %s::text[]) AS o (merchant, buyer, no)"
        " ON CONFLICT DO NOTHING",
        [now, *rows.columns(wanted, 3)],
    )
    found = rows.query(
        "SELECT order_no FROM plans_first_order WHERE order_no = ANY(%s) AND merchant_id = ANY(%s)",
        [[no for *_, no in wanted], [merchant for merchant, *_ in wanted]],
    )
    return {no for (no,) in found}


def _return(back: Iterable[tuple[int, int]]) -> None:
    """Give fen back to campaigns' budgets, in id order."""
    by_campaign: dict[int, int] = {}
    for campaign_id, amount in back:
        by_campaign[campaign_id] = by_campaign.get(campaign_id, 0) + amount
    for campaign_id, amount in sorted(by_campaign.items()):
        rows.run("UPDATE plans_campaign SET reserved_fen = reserved_fen - %s WHERE id = %s", [amount, campaign_id])


def _take(campaign_id: int, amount_fen: int) -> bool:
    return bool(rows.query(_TAKE, {"campaign": campaign_id, "amount": amount_fen}))
