"""Deposits: made, paid, held after leaving, on their way back, ended (docs/rules.md §1, §7).

A deposit's row is locked before its money moves. Its account pays no commission and nobody earns by it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction

from tuike.db import rows
from tuike.kit import ids
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import Draft, Move
from tuike.messages import service as messages
from tuike.network import queries, rules
from tuike.network.types import (
    DECIDED_WITHIN,
    DepositNotHere,
    DepositNotNeeded,
    DepositNotUnpaid,
    DepositShown,
    DepositState,
    DueDeposit,
    PaidIn,
)
from tuike.parties import queries as parties
from tuike.settings import service as settings

_PAY = """
    UPDATE network_deposit SET state = CASE WHEN due_at IS NULL THEN 'paid' ELSE 'holding' END, paid_at = %(at)s,
        intent_no = %(intent)s
    WHERE no = %(no)s AND state = 'unpaid' AND amount_fen = %(fen)s RETURNING promoter_id, person_id
"""
_DUE = """
    SELECT d.no, d.promoter_id, d.intent_no, d.paid_at, d.amount_fen - d.forfeited_fen - d.returned_fen
    FROM network_deposit d
    WHERE d.state = 'holding' AND d.due_at <= %(now)s AND NOT EXISTS (
        SELECT FROM network_decision k WHERE k.deposit_id = d.id AND k.state = 'asked' AND k.asked_at >= %(since)s
    )
    ORDER BY d.due_at, d.id LIMIT %(limit)s FOR UPDATE OF d SKIP LOCKED
"""
_HOLD = """
    UPDATE network_deposit SET due_at = %s, state = CASE state WHEN 'paid' THEN 'holding' ELSE state END WHERE no = %s
"""
_REFUND = """
    UPDATE network_deposit SET state = 'refunding', refund_no = %(refund)s, due_at = NULL
    WHERE no = %(no)s AND state = 'holding' AND amount_fen - forfeited_fen - returned_fen = %(fen)s
    RETURNING promoter_id
"""

_STAY = """
    UPDATE network_deposit d SET state = 'paid', due_at = NULL
    WHERE d.promoter_id = %(promoter)s AND d.state = 'holding' AND d.forfeited_fen = 0 AND d.amount_fen >= %(fen)s
        AND NOT EXISTS (
            SELECT FROM network_deposit o WHERE o.promoter_id = d.promoter_id AND o.state IN ('unpaid', 'paid')
        )
        AND d.id = (SELECT max(id) FROM network_deposit WHERE promoter_id = d.promoter_id AND state = 'holding')
"""


@transaction.atomic
def keep_deposit(*, promoter_id: int, person_id: int, amount_fen: int, now: datetime) -> DepositShown:
    """Return the promoter's deposit that waits to be paid, locked; a new one where there is none (2 h to pay it).

    Raises:
        DepositNotNeeded: one stands already.
        DepositNotUnpaid: the time to pay the last one is over, and its payment isn't closed yet.
    """
    live = queries.live_deposit(promoter_id, lock=True)
    if live is None:
        live = _made(promoter_id, person_id, amount_fen, now)
    if live.state is not DepositState.UNPAID:
        raise DepositNotNeeded
    if now >= live.pay_by or live.amount_fen != amount_fen:
        raise DepositNotUnpaid
    return live


def book_deposits(*, paid: Mapping[str, PaidIn], now: datetime) -> list[str]:
    """Book payments to the deposits that they are for (event `deposit`), in the caller's transaction; return the
    numbers of those that can't be paid any more, or don't exist: their money stays where it stands."""
    stray, drafts = [], []
    for no in sorted(paid):
        one = paid[no]
        said = {"no": no, "at": one.paid_at, "intent": one.intent_no, "fen": one.amount_fen}
        found = rows.query(_PAY, said)
        if not found:
            stray.append(no)
            continue
        promoter_id, person_id = found[0]
        move = Move(chart.clearing(one.clearing_no), chart.promoter(promoter_id, "deposit"), one.amount_fen)
        drafts.append(Draft(f"deposit:{no}", "deposit", f"deposit:{no}", one.paid_at, (move,)))
        facts = {"amount_fen": one.amount_fen}
        whose = parties.refs([promoter_id])[promoter_id].no  # what the message leads to
        messages.tell_person(person_id=person_id, kind="deposit_paid", facts=facts, object_=whose, now=now)
    ledger.post(drafts=drafts, now=now)
    return stray


def return_stray(*, refunds: Mapping[str, PaidIn], now: datetime) -> None:
    """Book payments that no deposit could take to the refunds, by number, that give them back (event
    `deposit_stray`), in the caller's transaction."""
    drafts = [
        Draft(
            f"deposit_stray:{no}",
            "deposit_stray",
            f"refund:{no}",
            now,
            (Move(chart.clearing(one.clearing_no), chart.clearing(no), one.amount_fen),),
        )
        for no, one in sorted(refunds.items())
    ]
    ledger.post(drafts=drafts, now=now)


def cancel_deposits(*, nos: Iterable[str], now: datetime) -> int:
    """Cancel deposits that nobody paid and nobody can pay any more; return how many."""
    return rows.run(
        "UPDATE network_deposit SET state = 'cancelled', ended_at = %s WHERE no = ANY(%s) AND state = 'unpaid'",
        [now, sorted(set(nos))],
    )


def hold_deposit(*, promoter_id: int, at_once: bool, now: datetime) -> DepositShown | None:
    """Let a promoter's deposit go back, in the transaction in which they leave; None where there is none.

    After the hold period (`deposit_hold_days`, exact days), or `at_once` where nobody was let in. One that is being
    paid comes back when its payment has come in, or is cancelled with it.
    """
    live = queries.live_deposit(promoter_id, lock=True)
    if live is None:
        return None
    due_at = now if at_once else now + timedelta(days=settings.get("deposit_hold_days"))
    rows.run(_HOLD, [due_at, live.no])
    return queries.deposit(live.no)


def stay_deposit(*, promoter_id: int, least_fen: int) -> None:
    """Let the last deposit that waits to go back stay, where nothing of it was forfeited and it is enough, in the
    transaction in which its promoter applies again or is let back."""
    rows.run(_STAY, {"promoter": promoter_id, "fen": least_fen})
    rows.run("UPDATE network_deposit SET due_at = NULL WHERE promoter_id = %s AND state = 'unpaid'", [promoter_id])


def deposits_due(*, now: datetime, limit: int) -> list[DueDeposit]:
    """Return deposits whose time to go back has come, locked; none about which two people are deciding."""
    found = rows.query(_DUE, {"now": now, "since": now - DECIDED_WITHIN, "limit": limit})
    return [DueDeposit(*row) for row in found]


def put_off(*, nos: Sequence[str], until: datetime) -> None:
    """Look at deposits again at a later instant: their promoter owes something."""
    rows.run("UPDATE network_deposit SET due_at = %s WHERE no = ANY(%s) AND state = 'holding'", [until, sorted(nos)])


def leave_to_hand(*, nos: Sequence[str]) -> None:
    """Let deposits wait for two people, because the payment channel gives nothing back any more."""
    rows.run("UPDATE network_deposit SET due_at = NULL WHERE no = ANY(%s) AND state = 'holding'", [sorted(nos)])


def refund_deposit(*, no: str, refund_no: str, amount_fen: int, now: datetime) -> None:
    """Book what is left of a held deposit to the refund that gives it back (event `deposit_back`), in the caller's
    transaction.

    Raises:
        DepositNotHere: it isn't held any more, or another amount is left of it.
    """
    found = rows.query(_REFUND, {"no": no, "refund": refund_no, "fen": amount_fen})
    if not found:
        raise DepositNotHere
    move = Move(chart.promoter(found[0][0], "deposit"), chart.clearing(refund_no), amount_fen)
    key = f"deposit_back:{refund_no}"
    ledger.post(drafts=[Draft(key, "deposit_back", f"deposit:{no}", now, (move,))], now=now)


def finish_refunds(*, nos: Iterable[str], now: datetime) -> int:
    """Note that refunds of deposits have arrived, in the transaction that books them out; return how many."""
    ended = rows.query(
        "UPDATE network_deposit SET state = 'ended', ended_at = %s, returned_fen = amount_fen - forfeited_fen"
        " WHERE no = ANY(%s) AND state = 'refunding' RETURNING no, promoter_id, person_id, amount_fen - forfeited_fen",
        [now, sorted(set(nos))],
    )
    whose = parties.refs([promoter_id for _, promoter_id, *_ in ended]) if ended else {}
    told = [(person_id, {"amount_fen": fen}, whose[promoter_id].no) for _, promoter_id, person_id, fen in sorted(ended)]
    messages.tell_persons(kind="deposit_returned", told=told, now=now)
    return len(ended)


def lock_deposit(*, no: str) -> DepositShown:
    """Return a deposit, locked until the caller's transaction ends.

    Raises:
        DepositNotHere: there is none of this number.
    """
    rows.query("SELECT id FROM network_deposit WHERE no = %s FOR UPDATE", [no])
    return queries.deposit(no)


def _made(promoter_id: int, person_id: int, amount_fen: int, now: datetime) -> DepositShown:
    id_ = rows.query("SELECT nextval(pg_get_serial_sequence('network_deposit', 'id'))")[0][0]
    no = ids.number("D", id_, now)
    try:
        with transaction.atomic():
            rows.run(
                "INSERT INTO network_deposit (id, no, promoter_id, person_id, amount_fen, forfeited_fen, returned_fen,"
                " state, made_at, pay_by, intent_no, refund_no) VALUES (%s, %s, %s, %s, %s, 0, 0, 'unpaid', %s, %s,"
                " '', '')",
                [id_, no, promoter_id, person_id, amount_fen, now, now + rules.TO_PAY],
            )
    except IntegrityError as error:
        if "network_deposit_one_live" not in str(error):
            raise
        other = queries.live_deposit(promoter_id, lock=True)  # the person's other phone was first
        if other is None:
            raise
        return other
    return queries.deposit(no)
