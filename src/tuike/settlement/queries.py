"""Reading withdrawals, statements and payout batches, by whoever asks."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from tuike.db import rows
from tuike.settlement import rules
from tuike.settlement.types import (
    BankBatchShown,
    BatchOfPayee,
    HandBookingShown,
    Heard,
    Payout,
    Rail,
    StatementShown,
    WithdrawalShown,
    WithdrawalState,
)

_WITHDRAWAL = """
    SELECT w.no, w.party_id, w.payee_kind, w.rail, w.bank_account_id, a.tail, w.amount_fen, w.fee_fen, w.tax_fen,
        w.state, w.reason, w.asked_by, w.asked_at, w.approvals_needed,
        (SELECT count(*) FROM settlement_approval g WHERE g.withdrawal_id = w.id), w.batch_file_no, w.provider_no,
        w.ended_at, w.source
    FROM settlement_withdrawal w JOIN parties_bank_account a ON a.id = w.bank_account_id
"""
_HAND = """
    SELECT h.id, w.no, w.party_id, w.rail, w.amount_fen - w.fee_fen - w.tax_fen, w.state, h.outcome, h.happened_at,
        h.reference, h.reason, h.state, h.note, h.asked_by, h.asked_at, h.decided_by, h.decided_at
    FROM settlement_hand_booking h JOIN settlement_withdrawal w ON w.id = h.withdrawal_id
"""
_PAYOUT = """
    SELECT no, party_id, rail, bank_account_id, amount_fen - fee_fen - tax_fen, attempts, confirm_package <> ''
    FROM settlement_withdrawal
"""


def withdrawals_of(party_id: int, *, before_no: str = "", limit: int = 50) -> list[WithdrawalShown]:
    """Return a party's withdrawals, the latest first; `before_no` continues a page."""
    return _withdrawals(
        "WHERE w.party_id = %s AND (%s = '' OR w.id < (SELECT id FROM settlement_withdrawal WHERE no = %s))"
        " ORDER BY w.id DESC LIMIT %s",
        [party_id, before_no, before_no, limit],
    )


def withdrawal(no: str) -> WithdrawalShown | None:
    """Return one withdrawal; the caller asks whether it is theirs to see."""
    found = _withdrawals("WHERE w.no = %s", [no])
    return found[0] if found else None


def withdrawal_id(no: str) -> int:
    """Return the id of a withdrawal that there is."""
    found: int = rows.query("SELECT id FROM settlement_withdrawal WHERE no = %s", [no])[0][0]
    return found


def paid_to(party_id: int) -> int:
    """Return how many withdrawals were paid to a party."""
    found: int = rows.query(
        "SELECT count(*) FROM settlement_withdrawal WHERE party_id = %s AND state = 'paid'", [party_id]
    )[0][0]
    return found


def withdrawals_to_decide(*, limit: int = 100) -> list[WithdrawalShown]:
    """Return what waits for the operator's finance, the oldest first."""
    return _withdrawals("WHERE w.state = 'requested' ORDER BY w.id LIMIT %s", [limit])


def confirmation_of(no: str, *, party_id: int) -> str | None:
    """Return what opens WeChat's confirmation of a party's own withdrawal while it waits for that."""
    found = rows.query(
        "SELECT confirm_package FROM settlement_withdrawal"
        " WHERE no = %s AND party_id = %s AND state = 'waiting_user' AND confirm_package <> ''",
        [no, party_id],
    )
    return found[0][0] if found else None


def payouts(nos: Iterable[str]) -> dict[str, Payout]:
    """Return withdrawals as a rail knows them, by number; unknown ones are not in the answer."""
    return {p.no: p for p in _payouts("WHERE no = ANY(%s) ORDER BY id", [list(nos)])}


def payouts_in(batch_file_no: str) -> list[Payout]:
    """Return the payouts of a file for the bank, in the order of their numbers; empty when there is no such file."""
    if not batch_file_no:
        return []
    return _payouts("WHERE batch_file_no = %s ORDER BY no", [batch_file_no])


def numbers(withdrawal_ids: Iterable[int]) -> list[str]:
    """Return the numbers of withdrawals by their ids, in order; unknown ones are missing."""
    found = rows.query("SELECT no FROM settlement_withdrawal WHERE id = ANY(%s) ORDER BY id", [list(withdrawal_ids)])
    return [no for (no,) in found]


def numbers_of(withdrawal_ids: Iterable[int]) -> dict[int, str]:
    """Return the numbers of withdrawals by id; unknown ones are missing."""
    return dict(rows.query("SELECT id, no FROM settlement_withdrawal WHERE id = ANY(%s)", [list(withdrawal_ids)]))


def to_send(rail: Rail) -> tuple[int, int]:
    """Return how many approved withdrawals wait for a rail, and how much is to arrive, in fen."""
    return rows.query(
        "SELECT count(*), coalesce(sum(amount_fen - fee_fen - tax_fen), 0)::bigint FROM settlement_withdrawal"
        " WHERE state = 'approved' AND rail = %s",
        [rail.value],
    )[0]


def bank_batches(*, limit: int = 50) -> list[BankBatchShown]:
    """Return the files for the bank, the latest first."""
    found = rows.query(
        """
        SELECT batch_file_no, count(*), sum(amount_fen - fee_fen - tax_fen)::bigint,
            count(*) FILTER (WHERE state = 'sending')
        FROM settlement_withdrawal WHERE batch_file_no <> '' GROUP BY 1 ORDER BY max(id) DESC LIMIT %s
        """,
        [limit],
    )
    return [BankBatchShown(*row) for row in found]


def hand_bookings_of(no: str) -> list[HandBookingShown]:
    """Return what was filed by hand about a withdrawal, the latest first."""
    return _hand_bookings("WHERE w.no = %s ORDER BY h.id DESC", [no])


def hand_bookings_to_decide(*, limit: int = 100) -> list[HandBookingShown]:
    """Return the filings that wait for a second person, the oldest first."""
    return _hand_bookings("WHERE h.state = 'asked' ORDER BY h.id LIMIT %s", [limit])


def hand_booking(booking_id: int) -> HandBookingShown | None:
    """Return one filing."""
    found = _hand_bookings("WHERE h.id = %s", [booking_id])
    return found[0] if found else None


def withdrawn_fen_of(party_id: int, *, source: str) -> int:
    """Return what a party has withdrawn of what it earned from a source, or is withdrawing, in fen."""
    found = rows.query(
        "SELECT coalesce(sum(amount_fen), 0)::bigint FROM settlement_withdrawal WHERE party_id = %s AND source = %s"
        " AND state NOT IN ('returned', 'rejected', 'cancelled')",
        [party_id, source],
    )
    return found[0][0]


def outcomes_by_hand(no: str, *, now: datetime) -> frozenset[Heard]:
    """Return what people may book of a withdrawal at `now`; nothing where one waits to be approved."""
    found = rows.query(
        "SELECT w.state, w.rail,"
        " (SELECT min(a.at) FROM settlement_attempt a WHERE a.withdrawal_id = w.id AND a.kind = 'send')"
        " FROM settlement_withdrawal w WHERE w.no = %s AND NOT EXISTS"
        " (SELECT FROM settlement_hand_booking h WHERE h.withdrawal_id = w.id AND h.state = 'asked')",
        [no],
    )
    if not found:
        return frozenset()
    state, rail, sent_at = found[0]
    return rules.outcomes_by_hand(WithdrawalState(state), Rail(rail), sent_at, now=now)


def approvers_of(no: str) -> list[tuple[int, datetime]]:
    """Return who approved a withdrawal and when, the first one first."""
    return rows.query(
        "SELECT g.person_id, g.at FROM settlement_approval g JOIN settlement_withdrawal w ON w.id = g.withdrawal_id"
        " WHERE w.no = %s ORDER BY g.id",
        [no],
    )


def statements_of(owner: str, *, since: date | None = None) -> list[StatementShown]:
    """Return the months of an owner (`promoter:9`), the latest first."""
    found = rows.query(
        "SELECT month, opening_fen, in_fen, out_fen, closing_fen, by_kind, entries, digest, closed_at"
        " FROM settlement_statement WHERE owner = %s AND month >= %s ORDER BY month DESC",
        [owner, since or date.min],
    )
    return [
        StatementShown(month, opening, in_, out, closing, _json(kinds), entries, bytes(digest), closed_at)
        for month, opening, in_, out, closing, kinds, entries, digest, closed_at in found
    ]


def payees_of_batches(batch_nos: Iterable[str]) -> list[tuple[str, str, int]]:
    """Return whom batches gave something: batch number, kind of payee, its party's id, each once."""
    return rows.query(
        "SELECT DISTINCT b.no, p.payee_kind, p.payee_id FROM settlement_batch b"
        " JOIN settlement_part p ON p.batch_id = b.id WHERE b.no = ANY(%s) ORDER BY 1, 2, 3",
        [sorted(set(batch_nos))],
    )


def batches_of_payee(nos: Iterable[str], *, payee_kind: str, party_id: int) -> list[BatchOfPayee]:
    """Return what batches gave a payee, by their numbers; those that gave it nothing are missing."""
    found = rows.query(
        "SELECT b.no, b.due_until, b.at, sum(p.items)::int, sum(p.amount_fen)::bigint FROM settlement_batch b"
        " JOIN settlement_part p ON p.batch_id = b.id WHERE b.no = ANY(%s) AND p.payee_kind = %s AND p.payee_id = %s"
        " GROUP BY b.id ORDER BY b.id",
        [sorted(set(nos)), payee_kind, party_id],
    )
    return [BatchOfPayee(*row) for row in found]


def matured_digest(until: datetime) -> str:
    """Return one digest (hex) over everything that was matured with a due day up to `until`.

    Summed per payee and merchant, so that it doesn't depend on how the work was cut into batches, on where it ran, or
    on how often: the same due sales give the same digest.
    """
    found = rows.query(
        "SELECT p.payee_kind, p.payee_id, p.merchant_id, sum(p.items), sum(p.amount_fen) FROM settlement_part p"
        " JOIN settlement_batch b ON b.id = p.batch_id WHERE b.due_until <= %s GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        [until],
    )
    return hashlib.sha256("\n".join("|".join(map(str, row)) for row in found).encode()).hexdigest()


def _hand_bookings(where: str, params: Sequence) -> list[HandBookingShown]:
    return [
        HandBookingShown(*row[:3], Rail(row[3]), row[4], WithdrawalState(row[5]), Heard(row[6]), *row[7:])
        for row in rows.query(_HAND + where, params)
    ]


def _withdrawals(where: str, params: Sequence) -> list[WithdrawalShown]:
    found = rows.query(_WITHDRAWAL + where, params)
    return [WithdrawalShown(*_shaped(row)) for row in found]


def _shaped(row: tuple) -> Iterator[Any]:
    """Yield a withdrawal's columns, with rail and state as what they are."""
    yield from row[:3]
    yield Rail(row[3])
    yield from row[4:9]
    yield WithdrawalState(row[9])
    yield from row[10:]


def _payouts(where: str, params: Sequence) -> list[Payout]:
    return [Payout(no, party, Rail(way), *rest) for no, party, way, *rest in rows.query(_PAYOUT + where, params)]


def _json(value: object) -> dict[str, int]:
    """Return a JSON column whichever way the driver handed it over."""
    return json.loads(value) if isinstance(value, str) else value  # type: ignore[return-value]
