"""Review of accruals as data: held ones don't settle, rejected ones go back to the merchant (docs/rules.md §6)."""

from collections.abc import Sequence
from datetime import datetime

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.commission import queries, rules
from tuike.commission.service.telling import tell
from tuike.commission.service.turning import turn
from tuike.commission.types import NotHeld, Payee, Review, Reviewed
from tuike.db import rows
from tuike.ledger import service as ledger
from tuike.ledger.types import Draft, Move
from tuike.outbox import service as outbox

_AGAIN = """
    WITH picked AS (
        SELECT a.id, j.review, j.version_id
        FROM unnest(%s::bigint[], %s::text[], %s::bigint[]) AS j (id, review, version_id)
        JOIN commission_accrual a ON a.id = j.id JOIN commission_sale s ON s.id = a.sale_id
        ORDER BY s.id, a.id FOR UPDATE OF s, a
    )
    UPDATE commission_accrual a SET review = p.review, judged_by = p.version_id,
        held_at = CASE WHEN p.review = 'held' THEN %s ELSE a.held_at END
    FROM picked p
    WHERE a.id = p.id AND a.review = 'clear' AND a.state IN ('waiting', 'pending')
        AND (p.review = 'held' OR a.judged_by IS NULL)
    RETURNING a.id, p.review
"""


def judge_again(*, judged: Sequence[tuple[int, Review, int]], now: datetime) -> set[int]:
    """Let rules that now know more judge accruals again, in the caller's transaction: (accrual, how it stands then, by
    which version). Return those that took it (docs/rules.md §6).

    What settled meanwhile, or what anybody has held, released or rejected, stays as it is; so does the version of what
    is clear, where a rule had said so before.
    """
    if not judged:
        return set()
    ids, reviews, versions = zip(*judged, strict=True)
    moved = rows.query(_AGAIN, [list(ids), [one.value for one in reviews], list(versions), now])
    tell("accruals.reviewed", accruals=[id_ for id_, review in moved if review == "held"], now=now)
    return {id_ for id_, _ in moved}


def hold(*, accrual_ids: Sequence[int], reason: str, actor: Actor, now: datetime) -> None:
    """Keep accruals from settling until somebody decides.

    Raises:
        NotHeld: one of them has settled, was cancelled, or is already under review.
    """
    _move_on(accrual_ids, "held", "review IN ('clear', 'approved') AND state IN ('waiting', 'pending')", now)
    _say("accrual.hold", accrual_ids, reason, actor, now)


def release(*, accrual_ids: Sequence[int], reason: str, actor: Actor, now: datetime) -> None:
    """Let held accruals settle: on their day, or with the next batch when the day has passed.

    Raises:
        NotHeld: one of them isn't held.
    """
    _move_on(accrual_ids, "approved", "review = 'held'", now)
    _say("accrual.release", accrual_ids, reason, actor, now)


def lock_reviewed(*, accrual_ids: Sequence[int]) -> dict[int, Reviewed]:
    """Lock accruals and return how their review stands, in the caller's transaction: nobody decides on them meanwhile.

    Unknown ones are missing.
    """
    found = rows.query(
        "SELECT a.id FROM commission_accrual a JOIN commission_sale s ON s.id = a.sale_id"
        " WHERE a.id = ANY(%s) ORDER BY s.id, a.id FOR UPDATE OF s, a",
        [list(accrual_ids)],
    )
    return queries.reviewed(id_ for (id_,) in found)


def lock_held(*, accrual_ids: Sequence[int]) -> list[int]:
    """Lock accruals and return those that are held, in the caller's transaction: nobody else decides on them now."""
    found = rows.query(
        "SELECT a.id, a.review FROM commission_accrual a JOIN commission_sale s ON s.id = a.sale_id"
        " WHERE a.id = ANY(%s) ORDER BY s.id, a.id FOR UPDATE OF s, a",
        [list(accrual_ids)],
    )
    return [id_ for id_, review in found if review == "held"]


def reject(*, accrual_ids: Sequence[int], reason: str, actor: Actor, now: datetime) -> None:
    """Cancel held accruals: the money goes back to where it was paid from (event `reject`).

    Raises:
        NotHeld: one of them isn't held.
    """
    wanted = sorted(set(accrual_ids))
    found = rows.query(
        "SELECT a.id, a.payee_kind, a.payee_id, a.merchant_id, a.amount_fen, a.state, a.funder, s.source,"
        " s.matured_batch_id IS NOT NULL, a.base_fen, (s.terms->>'reward_id')::bigint, s.order_no"
        " FROM commission_accrual a JOIN commission_sale s ON s.id = a.sale_id"
        " WHERE a.id = ANY(%s) ORDER BY s.id, a.id FOR UPDATE OF s, a",
        [wanted],
    )
    _move_on(wanted, "rejected", "review = 'held'", now)
    drafts, changes = [], []
    for id_, kind, payee_id, merchant_id, fen, state, funder, source, matured, base_fen, reward_id, _ in found:
        changes.append((id_, f"reject:{id_}", base_fen, -fen, 0, 0, now))
        if fen and state == "pending":
            back = rules.returning(funder, source, merchant_id, matured=matured, reward_id=reward_id)
            move = Move(rules.pending(Payee(kind, payee_id)), back, fen)
            drafts.append(Draft(f"reject:{id_}", "reject", f"accrual:{id_}", now, (move,)))
    rows.run("UPDATE commission_accrual SET amount_fen = 0, state = 'cancelled' WHERE id = ANY(%s)", [wanted])
    turn(accruals=wanted, now=now)
    rows.insert(
        "commission_change",
        {
            "accrual_id": "bigint",
            "cause": "text",
            "base_fen": "bigint",
            "delta_fen": "bigint",
            "clawed_fen": "bigint",
            "debt_fen": "bigint",
            "at": "timestamptz",
        },
        changes,
    )
    if drafts:
        ledger.post(drafts=drafts, now=now)
    orders = sorted({order_no for *_, order_no in found})
    outbox.put(topic="accrual.rejected", events=[(order_no, {}) for order_no in orders], now=now)
    _say("accrual.reject", wanted, reason, actor, now)


def _move_on(accrual_ids: Sequence[int], review: str, condition: str, now: datetime) -> None:
    # S608: condition and column are of this file's constants.
    since = {"held": ", held_at = %(now)s", "rejected": ", rejected_at = %(now)s"}.get(review, "")
    moved = rows.run(
        f"UPDATE commission_accrual SET review = %(review)s{since} WHERE id = ANY(%(ids)s) AND {condition}",
        {"review": review, "ids": list(accrual_ids), "now": now},
    )
    if moved != len(set(accrual_ids)):
        raise NotHeld


def _say(action: str, accrual_ids: Sequence[int], reason: str, actor: Actor, now: datetime) -> None:
    tell("accruals.reviewed", accruals=accrual_ids, now=now)
    acts = [(f"accrual:{id_}", {"reason": reason}) for id_ in sorted(set(accrual_ids))]
    audit.record_many(actor=actor, action=action, acts=acts, now=now)
