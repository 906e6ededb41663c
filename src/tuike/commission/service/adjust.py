"""Manual corrections between a payee and the platform: signed, with a reason, by two people (docs/rules.md §6)."""

from datetime import datetime

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.commission import rules
from tuike.commission.rules import Purse
from tuike.commission.types import AdjustmentDecided, Payee, SamePerson
from tuike.db import rows
from tuike.kit.errors import Invalid
from tuike.kit.ids import number
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import Draft, Move
from tuike.outbox import service as outbox


def ask_adjustment(
    *, payee: Payee, amount_fen: int, reason: str, sale_id: int | None, actor: Actor, now: datetime
) -> str:
    """File a correction of `amount_fen` (positive: to the payee; negative: from it) and return its number.

    Raises:
        Invalid: no amount, no reason, or no person behind it.
    """
    if not amount_fen:
        raise Invalid(field="amount_fen", reason_zh="不能为 0", reason_en="must not be 0")
    if not reason.strip():
        raise Invalid(field="reason", reason_zh="请填写原因", reason_en="say why")
    if actor.person_id is None:
        raise Invalid(field="author", reason_zh="必须由人员提出", reason_en="a person must ask for it")
    row_id = rows.query(
        "INSERT INTO commission_adjustment"
        " (no, payee_kind, payee_id, sale_id, amount_fen, reason, state, author_id, asked_at)"
        " VALUES (gen_random_uuid()::text::varchar(32), %s, %s, %s, %s, %s, 'asked', %s, %s) RETURNING id",
        [payee.kind, payee.id, sale_id, amount_fen, reason.strip(), actor.person_id, now],
    )[0][0]
    no = number("ADJ", row_id, now)
    rows.run("UPDATE commission_adjustment SET no = %s WHERE id = %s", [no, row_id])
    facts = {"payee": f"{payee.kind}:{payee.id}", "amount_fen": amount_fen, "reason": reason.strip()}
    audit.record(actor=actor, action="adjustment.ask", object_=no, facts=facts, now=now)
    return no


def approve_adjustment(*, no: str, actor: Actor, now: datetime) -> None:
    """Book a correction that another person filed (event `adjustment`); what a payee lacks becomes its debt.

    Raises:
        AdjustmentDecided: decided before, or unknown.
        SamePerson: the author approves their own.
    """
    found = rows.query(
        "SELECT id, payee_kind, payee_id, amount_fen, author_id FROM commission_adjustment"
        " WHERE no = %s AND state = 'asked' FOR UPDATE",
        [no],
    )
    if not found:
        raise AdjustmentDecided
    row_id, kind, payee_id, fen, author_id = found[0]
    if actor.person_id is None or actor.person_id == author_id:
        raise SamePerson
    payee, pool = Payee(kind, payee_id), chart.platform("promotion")
    account = rules.available(payee)
    if fen > 0:
        moves = [Move(pool, account, fen)]
    else:
        purse = Purse(ledger.lock(refs=[account, pool]))
        moves, missing = rules.take_back(purse, giver=account, owed=rules.owed(payee), taker=pool, amount_fen=-fen)
        if missing:
            rows.run(
                "INSERT INTO commission_debt (payee_kind, payee_id, cause, amount_fen, repaid_fen, at)"
                " VALUES (%s, %s, %s, %s, 0, %s)",
                [kind, payee_id, no, missing, now],
            )
    ledger.post(drafts=[Draft(f"adjustment:{no}", "adjustment", f"adjustment:{no}", now, tuple(moves))], now=now)
    _decide(row_id, "approved", actor, now)
    outbox.put(topic="adjustment.approved", events=[(no, {"party_id": payee_id})], now=now)
    audit.record(actor=actor, action="adjustment.approve", object_=no, facts={"amount_fen": fen}, now=now)


def reject_adjustment(*, no: str, reason: str, actor: Actor, now: datetime) -> None:
    """Turn a filed correction down.

    Raises:
        AdjustmentDecided: decided before, or unknown.
    """
    found = rows.query("SELECT id FROM commission_adjustment WHERE no = %s AND state = 'asked' FOR UPDATE", [no])
    if not found:
        raise AdjustmentDecided
    _decide(found[0][0], "rejected", actor, now)
    audit.record(actor=actor, action="adjustment.reject", object_=no, facts={"reason": reason}, now=now)


def _decide(row_id: int, state: str, actor: Actor, now: datetime) -> None:
    # The author may withdraw their own request; the column for the approver then stays empty.
    rows.run(
        "UPDATE commission_adjustment SET state = %s, decided_at = %s,"
        " approver_id = CASE WHEN author_id = %s THEN NULL ELSE %s END WHERE id = %s",
        [state, now, actor.person_id, actor.person_id, row_id],
    )
