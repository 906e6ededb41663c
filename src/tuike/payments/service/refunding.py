"""Refunds at the provider: sent under one number, told of in any order, booked once."""

from collections.abc import Sequence
from datetime import datetime

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.gateways.types import RefundFact
from tuike.kit.errors import NotFound
from tuike.ledger import service as ledger
from tuike.payments import queries, rules
from tuike.payments.types import Recorded, RefundNotRefused, RefundRef, RefundState, RefundToSend

_STORE = """
UPDATE payments_refund r
SET state = f.state, provider_no = f.provider_no, ask_at = f.ask_at, ended_at = f.ended_at
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[])
    AS f (id, state, provider_no, ask_at, ended_at)
WHERE r.id = f.id
"""


def refunds_to_send(*, now: datetime, limit: int = 100) -> list[RefundToSend]:
    """Return refunds that are due to be sent or asked for, count the attempt and set the next one.

    Two callers at once get different ones; an attempt whose answer is lost comes again by itself, always under the
    same number, so it is never a second refund.
    """
    due = rows.query(
        """
        SELECT r.id, r.no, i.no, i.channel, r.purpose, r.amount_fen, i.paid_fen, r.reason, r.state, r.attempts
        FROM payments_refund r JOIN payments_intent i ON i.id = r.intent_id
        WHERE r.ask_at <= %s AND r.state IN ('open', 'processing', 'abnormal')
        ORDER BY r.ask_at LIMIT %s FOR UPDATE OF r SKIP LOCKED
        """,
        [now, limit],
    )
    rows.run(
        """
        UPDATE payments_refund r SET attempts = least(r.attempts + 1, 30000), ask_at = f.ask_at
        FROM unnest(%s::bigint[], %s::timestamptz[]) f (id, ask_at) WHERE r.id = f.id
        """,
        [[row[0] for row in due], [rules.next_refund_ask(attempts=row[9], now=now) for row in due]],
    )
    return [
        RefundToSend(
            no=no,
            intent_no=intent_no,
            channel=channel,
            purpose=purpose,
            amount_fen=amount_fen,
            total_fen=total_fen,
            reason=reason,
            accepted=state != RefundState.OPEN,
        )
        for _, no, intent_no, channel, purpose, amount_fen, total_fen, reason, state, _ in due
    ]


def record_refunds(*, facts: Sequence[RefundFact], now: datetime) -> Recorded:
    """Take what the provider says of refunds, from notices and answers alike, and book those that succeeded.

    One booking `clearing:<refund> → outside:<channel>` for each refund, however often and in whatever order it is
    told of. An abnormal or closed one releases nothing: it is `stuck`, for a person (docs/rules.md §5).

    Raises:
        NotEnough: nobody funded `clearing:<refund no>`.
    """
    judged = rules.judge_refunds(queries.locked_refunds([fact.out_refund_no for fact in facts]), facts)
    changed, drafts = [], []
    for refund, fact in judged.moved:
        done = refund.state is RefundState.DONE
        ended_at = (fact.success_at or now) if done else None
        changed.append((refund.id, refund.state, fact.refund_id, rules.ask_after(refund.state, now=now), ended_at))
        if done:
            drafts.append(rules.refund_draft(refund, at=fact.success_at or now))
    if changed:
        rows.run(_STORE, rows.columns(changed, 5))
        ledger.post(drafts=drafts, now=now)
    moved = [refund for refund, _ in judged.moved]
    return Recorded(
        done=[refund for refund in moved if refund.state is RefundState.DONE],
        stuck=[refund for refund in moved if refund.state in rules.STUCK],
        conflicting=judged.conflicting,
        unknown=judged.unknown,
        outcomes=judged.outcomes,
    )


def record_refund_refused(*, refund_no: str, provider_code: str, now: datetime) -> RefundRef:
    """Take the provider's no to a refund: one that a top-up heals stays open, any other is `refused`, for a person.

    Nothing is released: the money stays on `clearing:<refund no>`. A refund that got further meanwhile stays there.

    Raises:
        NotFound: there is no such refund.
    """
    retried = provider_code in rules.RETRIED_REFUSALS
    rows.run(
        "UPDATE payments_refund SET state = %s, problem = %s, ask_at = CASE WHEN %s THEN ask_at END"
        " WHERE no = %s AND state = 'open'",
        [RefundState.OPEN if retried else RefundState.REFUSED, provider_code[:40], retried, refund_no],
    )
    return _by_no(refund_no)


def send_again(*, refund_no: str, actor: Actor, now: datetime) -> RefundRef:
    """Let a refused refund be sent again, under the same number, once the reason for the refusal is gone. Audited.

    Raises:
        NotFound: there is no such refund.
        RefundNotRefused: it is in another state.
    """
    moved = rows.run(
        "UPDATE payments_refund SET state = 'open', ask_at = %s WHERE no = %s AND state = 'refused'", [now, refund_no]
    )
    refund = _by_no(refund_no)
    if not moved:
        raise RefundNotRefused(refund_no=refund_no)
    facts = {"amount_fen": refund.amount_fen}
    audit.record(actor=actor, action="refund.send_again", object_=refund_no, facts=facts, now=now)
    return refund


def _by_no(refund_no: str) -> RefundRef:
    """Return a refund."""
    found = queries.refunds_by_no([refund_no])
    if not found:
        raise NotFound
    return found[refund_no]
