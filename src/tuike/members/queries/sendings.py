"""Reads of what a shop has sent to its members."""

from collections.abc import Sequence
from typing import Any

from tuike.db import rows
from tuike.kit.errors import NotFound
from tuike.members.types.facts import SendingKind, SendingShown, SendingState


def sendings_of(*, merchant_id: int, before: int | None = None, limit: int = 20) -> list[SendingShown]:
    """Return a page of what a shop sent, newest first, after the sending with the id `before`."""
    return _where("s.merchant_id = %s AND (%s::bigint IS NULL OR s.id < %s)", [merchant_id, before, before], limit)


def sending_of(*, merchant_id: int, no: str) -> SendingShown:
    """Return one sending of a shop.

    Raises:
        NotFound: not the shop's.
    """
    found = _where("s.merchant_id = %s AND s.no = %s", [merchant_id, no], 1)
    if not found:
        raise NotFound
    return found[0]


def sending_by_id(sending_id: int) -> SendingShown:
    """Return a sending, for the job that works on it."""
    return _where("s.id = %s", [sending_id], 1)[0]


def _where(condition: str, params: Sequence[Any], limit: int) -> list[SendingShown]:
    found = rows.query(
        "SELECT s.id, s.no, s.merchant_id, s.kind, s.coupon_no, s.text, s.to_name, s.state, s.began_at, s.ended_at"
        f" FROM members_sending s WHERE {condition} ORDER BY s.id DESC LIMIT %s",
        [*params, limit],
    )
    counted: dict[int, dict[str, int]] = {row[0]: {} for row in found}
    for sending_id, outcome, count in rows.query(
        "SELECT sending_id, outcome, count(*) FROM members_sending_to WHERE sending_id = ANY(%s) GROUP BY 1, 2",
        [list(counted)],
    ):
        counted[sending_id][outcome] = count
    return [_shown(row, counted[row[0]]) for row in found]


def _shown(row: Sequence[Any], counts: dict[str, int]) -> SendingShown:
    meant = sum(counts.values())
    return SendingShown(
        sending_id=row[0],
        no=row[1],
        merchant_id=row[2],
        kind=SendingKind(row[3]),
        coupon_no=row[4],
        text=row[5],
        to_name=row[6],
        state=SendingState(row[7]),
        began_at=row[8],
        ended_at=row[9],
        meant=meant,
        done=meant - counts.get("", 0),
        given=counts.get("given", 0),
        why_not=tuple(sorted((code, count) for code, count in counts.items() if code not in ("", "given"))),
    )
