"""Reads of requests and cards."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from tuike.db import rows
from tuike.figures import queries as figures
from tuike.figures.types import Figures, Owner
from tuike.kit.days import day_of
from tuike.kit.errors import NotFound
from tuike.matching import rules
from tuike.matching.types import DAYS, CardShown, RequestShown

_REQUEST = """
    SELECT id, no, plan_id, merchant_id, title, text, min_level, category_ids, open_until, closed_at, created_at
    FROM matching_request
"""
_CARD = """
    SELECT promoter_id, listed, name, intro, category_ids, level, conversion_bps, counted_at, changed_at
    FROM matching_card
"""


def request_of(*, merchant_id: int, no: str) -> RequestShown:
    """Return a shop's own request.

    Raises:
        NotFound: not one of the shop's.
    """
    return _one(_requests("WHERE merchant_id = %s AND no = %s", [merchant_id, no]))


def request_by_no(no: str) -> RequestShown:
    """Return a published request: every promoter may see it.

    Raises:
        NotFound: there is no such request.
    """
    return _one(_requests("WHERE no = %s", [no]))


def open_request(*, plan_id: int) -> RequestShown | None:
    """Return the request of a plan that wasn't closed, if there is one."""
    found = _requests("WHERE plan_id = %s AND closed_at IS NULL", [plan_id])
    return found[0] if found else None


def card_of(*, promoter_id: int) -> CardShown | None:
    """Return a promoter's own card."""
    found = _cards("WHERE promoter_id = %s", [promoter_id])
    return found[0] if found else None


def listed_card(*, promoter_id: int) -> CardShown:
    """Return the card of a promoter who agreed to be found: for any shop.

    Raises:
        NotFound: no such card, or not listed; both look the same.
    """
    found = _cards("WHERE promoter_id = %s AND listed", [promoter_id])
    if not found:
        raise NotFound
    return found[0]


def standing(*, promoter_id: int, now: datetime) -> tuple[int, int | None]:
    """Return a promoter's level and conversion as they stand at `now`, from its daily figures."""
    last = day_of(now)
    first = last.fromordinal(last.toordinal() - DAYS + 1)
    every = figures.days(owner=Owner.PROMOTER, owner_id=promoter_id, first=first, last=last)
    whole = sum((one.figures for one in every), Figures())
    return (
        rules.level(whole.paid_fen - whole.refunded_fen),
        rules.conversion(orders=whole.orders, clicks=whole.clicks),
    )


def _one(found: list[RequestShown]) -> RequestShown:
    if not found:
        raise NotFound
    return found[0]


def _requests(where: str, params: Sequence[object]) -> list[RequestShown]:
    return [RequestShown(*_tupled(row, 7)) for row in rows.query(f"{_REQUEST} {where}", params)]


def _cards(where: str, params: Sequence[object]) -> list[CardShown]:
    return [CardShown(*_tupled(row, 4)) for row in rows.query(f"{_CARD} {where}", params)]


def _tupled(row: tuple[Any, ...], place: int) -> list[Any]:
    """Return a row with the array at `place` as a tuple."""
    return [tuple(value) if at == place else value for at, value in enumerate(row)]
