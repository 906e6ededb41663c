"""Payout attempts: marked before the rail is called, recorded after, one number for all of them."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta

from tuike.db import rows
from tuike.ledger import service as ledger
from tuike.ledger.types import Draft
from tuike.messages import service as messages
from tuike.settlement import rules
from tuike.settlement.service.telling import tell, tell_owners
from tuike.settlement.types import EXITS, Heard, Outcome, Payout, Rail, Recorded, WithdrawalState

ASK_AFTER = (1, 1, 2, 5, 10, 30, 60)
"""Minutes until an unknown outcome is asked for again, by the number of attempts; the last one repeats."""

# The rows are picked in a step of its own: inside an IN the planner may pick again and take more than the limit.
_SEND = """
    WITH picked AS MATERIALIZED (
        SELECT id FROM settlement_withdrawal WHERE state = 'approved' AND rail = %(rail)s
        ORDER BY id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    )
    UPDATE settlement_withdrawal AS w SET state = 'sending', attempts = 1, batch_file_no = %(file)s, ask_at = %(ask)s
    FROM picked WHERE w.id = picked.id
"""
_ASK = f"""
    WITH picked AS MATERIALIZED (
        SELECT id FROM settlement_withdrawal WHERE ask_at <= %(now)s AND state IN ('sending', 'waiting_user')
        ORDER BY ask_at, id LIMIT %(limit)s FOR UPDATE SKIP LOCKED
    )
    UPDATE settlement_withdrawal AS w SET attempts = attempts + 1, ask_at = %(now)s + make_interval(mins =>
        (ARRAY[{", ".join(map(str, ASK_AFTER))}])[least(attempts + 1, {len(ASK_AFTER)})])
    FROM picked WHERE w.id = picked.id
"""
_PAYOUT = (
    " RETURNING w.no, w.party_id, w.rail, w.bank_account_id, w.amount_fen - w.fee_fen - w.tax_fen, w.attempts,"
    " w.confirm_package <> ''"
)
_FOUND = """
    SELECT no, id, party_id, payee_kind, rail, amount_fen, fee_fen, tax_fen, state FROM settlement_withdrawal
    WHERE no = ANY(%s) ORDER BY id FOR UPDATE
"""
# What was said before stays where nothing new is said; a finished payout has nothing to confirm.
_MOVE = """
    UPDATE settlement_withdrawal SET state = %(state)s, reason = coalesce(nullif(%(reason)s, ''), reason),
        provider_no = coalesce(nullif(%(provider_no)s, ''), provider_no),
        confirm_package = CASE WHEN %(ended)s THEN '' ELSE coalesce(nullif(%(package)s, ''), confirm_package) END,
        ended_at = CASE WHEN %(ended)s THEN %(at)s END, ask_at = CASE WHEN %(ended)s THEN NULL ELSE ask_at END
    WHERE id = %(id)s
"""
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
    ask_at = None if rail is Rail.BANK else now + timedelta(minutes=ASK_AFTER[0])
    params = {"rail": rail, "limit": limit, "file": batch_file_no, "ask": ask_at}
    sent = _taken(rows.query(_SEND + _PAYOUT, params), "send", now)
    tell([(one.no, one.party_id, WithdrawalState.SENDING) for one in sent], now=now)
    return sent


def take_to_ask(*, limit: int, now: datetime) -> list[Payout]:
    """Mark withdrawals whose outcome should be asked for now, each time a little later, and return them."""
    return _taken(rows.query(_ASK + _PAYOUT, {"now": now, "limit": limit}), "ask", now)


def record_outcomes(*, outcomes: Sequence[Outcome], now: datetime) -> list[Recorded]:
    """Record what a rail said, in the caller's transaction (events `payout` and `withdrawal_back`).

    Paid and returned are final; the same word again changes nothing, the opposite word changes nothing either and comes
    back as `conflict`, for a person. Unknown numbers come back as `unknown`.
    """
    wanted = sorted({outcome.no for outcome in outcomes})
    found = {row[0]: row[1:] for row in rows.query(_FOUND, [wanted])}
    states = {no: WithdrawalState(facts[-1]) for no, facts in found.items()}
    recorded: list[Recorded] = []
    drafts: list[Draft] = []
    news: list[tuple[str, tuple[int, dict, str]]] = []
    told: list[tuple[int, Outcome, bool]] = []
    for outcome in outcomes:
        if outcome.no not in found:
            recorded.append(Recorded(outcome.no, WithdrawalState.SENDING, "unknown"))
            continue
        verdict = _verdict(states[outcome.no], outcome.heard)
        if verdict == "moved":
            states[outcome.no] = _STATE[outcome.heard]
            drafts += _drafts(outcome, found[outcome.no])
            news.append(_news(outcome, found[outcome.no]))
        keeps = verdict == "moved" or _still_waits(states[outcome.no], outcome)
        told.append((found[outcome.no][0], outcome, keeps))
        recorded.append(Recorded(outcome.no, states[outcome.no], verdict))
    _store(told, now)
    if drafts:
        ledger.post(drafts=drafts, now=now)
    tell([(one.no, found[one.no][1], one.state) for one in recorded if one.verdict == "moved"], now=now)
    for kind in {kind for kind, _ in news}:
        messages.tell_many(kind=kind, told=[one for said, one in news if said == kind], now=now)
    tell_owners(news, now=now)
    return recorded


def _verdict(state: WithdrawalState, heard: Heard) -> str:
    told = _STATE.get(heard)
    if told is None or told is state:
        return "repeated"
    if told in EXITS[state]:
        return "moved"
    # A late word that it waits for the payee, after its end, is an old one and no contradiction.
    ended = state in (WithdrawalState.PAID, WithdrawalState.RETURNED)
    return "repeated" if ended and told is WithdrawalState.WAITING_USER else "conflict"


def _still_waits(state: WithdrawalState, outcome: Outcome) -> bool:
    """Return whether this is news of a payout that goes on waiting: a fresh package opens the confirmation again."""
    return state is WithdrawalState.WAITING_USER and outcome.heard is Heard.WAITING_USER


def _news(outcome: Outcome, facts: tuple) -> tuple[str, tuple[int, dict, str]]:
    """Return what the payee is told of a payout that moved: the kind of news, and to whom what about which number."""
    told = {"no": outcome.no, "amount_fen": facts[4]}
    return f"withdrawal_{outcome.heard.value}", (facts[1], told, outcome.no)


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


def _store(told: Sequence[tuple[int, Outcome, bool]], now: datetime) -> None:
    for row_id, outcome, keeps in told:
        if keeps:
            ended = outcome.heard in (Heard.PAID, Heard.RETURNED)
            said = {
                "state": _STATE[outcome.heard],
                "reason": _clean(outcome.reason, 200),
                "provider_no": _clean(outcome.provider_no, 64),
                "package": outcome.package,
            }
            rows.run(_MOVE, said | {"ended": ended, "at": outcome.at, "id": row_id})
    rows.insert(
        "settlement_attempt",
        {"withdrawal_id": "bigint", "kind": "text", "outcome": "text", "facts": "jsonb", "at": "timestamptz"},
        (
            (
                row_id,
                "heard",
                o.heard,
                json.dumps({"provider_no": _clean(o.provider_no, 64), "reason": _clean(o.reason, 200)}),
                now,
            )
            for row_id, o, _ in told
        ),
    )


def _clean(text: str, most: int) -> str:
    """Return what the outside said as the database can keep it."""
    return text.replace("\0", "")[:most]


def _taken(found: Sequence[tuple], kind: str, now: datetime) -> list[Payout]:
    """Note that each was taken, and return them in the order of their numbers."""
    taken = [Payout(no, party, Rail(way), *rest) for no, party, way, *rest in sorted(found)]
    rows.run(
        "INSERT INTO settlement_attempt (withdrawal_id, kind, outcome, facts, at)"
        " SELECT id, %s, '', '{}', %s FROM settlement_withdrawal WHERE no = ANY(%s) ORDER BY id",
        [kind, now, [payout.no for payout in taken]],
    )
    return taken
