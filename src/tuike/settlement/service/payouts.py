"""Payout attempts: marked before the rail is called, recorded after, one number for all of them."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from tuike.db import rows
from tuike.ledger import service as ledger
from tuike.ledger.types import Draft
from tuike.settlement import rules
from tuike.settlement.types import Heard, Outcome, Payout, Rail, Recorded, WithdrawalState

ASK_AFTER = (1, 1, 2, 5, 10, 30, 60)
"""Minutes until an unknown outcome is asked for again, by the number of attempts; the last one repeats."""

_PAYOUT = "RETURNING no, party_id, rail, bank_account_id, amount_fen - fee_fen - tax_fen, attempts"
_STATE = {
    Heard.PAID: WithdrawalState.PAID,
    Heard.RETURNED: WithdrawalState.RETURNED,
    Heard.WAITING_USER: WithdrawalState.WAITING_USER,
}


def take_to_send(*, rail: Rail, limit: int, batch_file_no: str = "", now: datetime) -> list[Payout]:
    """Mark approved withdrawals of a rail as being sent and return them; from here on their outcome is only asked for.

    Committed before the rail is called: a crash in between leaves them `sending`, to be asked for by number. The rail
    is told the same number again only where it says that it never heard of it.
    """
    found = rows.query(
        "UPDATE settlement_withdrawal SET state = 'sending', attempts = 1, batch_file_no = %s, ask_at = %s"
        " WHERE id IN (SELECT id FROM settlement_withdrawal WHERE state = 'approved' AND rail = %s"
        f" ORDER BY id LIMIT %s FOR UPDATE SKIP LOCKED) {_PAYOUT}",
        [batch_file_no, None if rail is Rail.BANK else now + timedelta(minutes=ASK_AFTER[0]), rail, limit],
    )
    _note(found, "send", now)
    return [Payout(no, party, Rail(way), account, fen, attempts) for no, party, way, account, fen, attempts in found]


def take_to_ask(*, limit: int, now: datetime) -> list[Payout]:
    """Mark withdrawals whose outcome should be asked for now, each time a little later, and return them."""
    steps = ", ".join(str(minutes) for minutes in ASK_AFTER)
    found = rows.query(
        "UPDATE settlement_withdrawal SET attempts = attempts + 1, ask_at = %s + make_interval(mins =>"
        f" (ARRAY[{steps}])[least(attempts + 1, {len(ASK_AFTER)})])"
        " WHERE id IN (SELECT id FROM settlement_withdrawal WHERE ask_at <= %s"
        f" ORDER BY ask_at LIMIT %s FOR UPDATE SKIP LOCKED) {_PAYOUT}",
        [now, now, limit],
    )
    _note(found, "ask", now)
    return [Payout(no, party, Rail(way), account, fen, attempts) for no, party, way, account, fen, attempts in found]


def record_outcomes(*, outcomes: Sequence[Outcome], now: datetime) -> list[Recorded]:
    """Record what a rail said, in the caller's transaction (events `payout` and `withdrawal_back`).

    Paid and returned are final; the same word again changes nothing, the opposite word changes nothing either and comes
    back as `conflict`, for a person. Unknown numbers come back as `unknown`.
    """
    wanted = sorted({outcome.no for outcome in outcomes})
    found = {
        row[0]: row[1:]
        for row in rows.query(
            "SELECT no, id, party_id, payee_kind, rail, amount_fen, fee_fen, tax_fen, state FROM settlement_withdrawal"
            " WHERE no = ANY(%s) ORDER BY id FOR UPDATE",
            [wanted],
        )
    }
    states = {no: WithdrawalState(facts[-1]) for no, facts in found.items()}
    recorded, drafts, moved = [], [], []
    for outcome in outcomes:
        if outcome.no not in found:
            recorded.append(Recorded(outcome.no, WithdrawalState.SENDING, "unknown"))
            continue
        verdict = _verdict(states[outcome.no], outcome.heard)
        if verdict == "moved":
            states[outcome.no] = _STATE[outcome.heard]
            moved.append((found[outcome.no][0], outcome))
            drafts += _drafts(outcome, found[outcome.no])
        recorded.append(Recorded(outcome.no, states[outcome.no], verdict))
    _store(moved, [(found[o.no][0], o) for o in outcomes if o.no in found], now)
    if drafts:
        ledger.post(drafts=drafts, now=now)
    return recorded


def _verdict(state: WithdrawalState, heard: Heard) -> str:
    told = _STATE.get(heard)
    if told is None or told is state:
        return "repeated"
    if state in (WithdrawalState.SENDING, WithdrawalState.WAITING_USER):
        return "moved"
    ended = state in (WithdrawalState.PAID, WithdrawalState.RETURNED)
    return "repeated" if ended and told is WithdrawalState.WAITING_USER else "conflict"


def _drafts(outcome: Outcome, facts: tuple) -> list[Draft]:
    _, party_id, kind, rail, amount_fen, fee_fen, tax_fen, _ = facts
    if outcome.heard is Heard.PAID:
        moves = rules.pay_out(kind, party_id, rail, amount_fen=amount_fen, fee_fen=fee_fen, tax_fen=tax_fen)
        return [Draft(f"payout:{outcome.no}", "payout", f"withdrawal:{outcome.no}", outcome.at, moves)]
    if outcome.heard is Heard.RETURNED:
        moves = rules.come_back(kind, party_id, amount_fen)
        return [
            Draft(f"withdrawal_back:{outcome.no}", "withdrawal_back", f"withdrawal:{outcome.no}", outcome.at, moves)
        ]
    return []


def _store(moved: Sequence[tuple[int, Outcome]], heard: Sequence[tuple[int, Outcome]], now: datetime) -> None:
    for row_id, outcome in moved:
        ended = outcome.heard in (Heard.PAID, Heard.RETURNED)
        rows.run(
            "UPDATE settlement_withdrawal SET state = %s, reason = %s, provider_no = %s, confirm_package = %s,"
            " ended_at = %s, ask_at = CASE WHEN %s THEN NULL ELSE ask_at END WHERE id = %s",
            [
                _STATE[outcome.heard],
                outcome.reason[:200],
                outcome.provider_no,
                outcome.package,
                outcome.at if ended else None,
                ended,
                row_id,
            ],
        )
    rows.insert(
        "settlement_attempt",
        {"withdrawal_id": "bigint", "kind": "text", "outcome": "text", "facts": "jsonb", "at": "timestamptz"},
        (
            (row_id, "heard", o.heard, json.dumps({"provider_no": o.provider_no, "reason": o.reason[:200]}), now)
            for row_id, o in heard
        ),
    )


def _note(payouts: Sequence[tuple], kind: str, now: datetime) -> None:
    nos = [row[0] for row in payouts]
    rows.run(
        "INSERT INTO settlement_attempt (withdrawal_id, kind, outcome, facts, at)"
        " SELECT id, %s, '', '{}', %s FROM settlement_withdrawal WHERE no = ANY(%s)",
        [kind, now, nos],
    )
