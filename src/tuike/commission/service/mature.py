"""Receipt starts the clock; when it has run, pending becomes available, and debts are netted (docs/rules.md §6, §8)."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from tuike.commission import rules
from tuike.commission.service.telling import tell
from tuike.commission.types import Matured, MaturedPart, Payee
from tuike.db import rows
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import AccountRef, Draft, Move

_PICK = """
    SELECT id FROM commission_sale
    WHERE matured_batch_id IS NULL AND due_at <= %(until)s AND open_after_sales = 0 AND NOT waiting
        AND NOT (terms ? 'together' AND EXISTS (
            SELECT 1 FROM commission_sale o WHERE o.order_no = commission_sale.order_no AND o.kind = 'goods'
                AND o.matured_batch_id IS NULL AND (o.open_after_sales > 0 OR o.waiting)))
    ORDER BY due_at, id LIMIT %(limit)s FOR UPDATE
"""
# What an order brings once may be more than the line that carries it has, and is paid out of the order's other lines,
# too: they mature together. They are due at one instant and follow each other, so the limit parts the last ones only.
_TOGETHER = """
    SELECT s.id FROM commission_sale s
    WHERE s.kind = 'goods' AND s.matured_batch_id IS NULL AND s.due_at <= %(until)s AND s.open_after_sales = 0
        AND NOT s.waiting AND s.id <> ALL(%(sales)s::bigint[]) AND s.order_no IN (
            SELECT order_no FROM commission_sale WHERE id = %(last)s AND terms ? 'together')
    ORDER BY s.id FOR UPDATE
"""
_SETTLE = """
    WITH settled AS (
        UPDATE commission_accrual AS a SET state = 'settled', settled_at = %(now)s, batch_id = %(batch)s
        FROM unnest(%(sales)s::bigint[]) AS due (id)
        WHERE a.sale_id = due.id AND a.state = 'pending' AND a.review IN ('clear', 'approved')
        RETURNING a.payee_kind, a.payee_id, a.merchant_id, a.amount_fen, a.sale_id
    ), turned AS (
        INSERT INTO commission_turn (promoter_id, merchant_id, at, many, sale_ids)
        SELECT payee_id, merchant_id, %(now)s, count(*), array_agg(sale_id) FROM settled
        WHERE payee_kind = 'promoter' GROUP BY payee_id, merchant_id
    )
    SELECT payee_kind, payee_id, merchant_id, count(*), sum(amount_fen)::bigint FROM settled GROUP BY 1, 2, 3
"""
_RELEASED = """
    WITH picked AS (
        SELECT a.id FROM commission_accrual a JOIN commission_sale s ON s.id = a.sale_id
        WHERE a.review = 'approved' AND a.state = 'pending' AND s.matured_batch_id IS NOT NULL
            AND s.open_after_sales = 0 AND s.due_at <= %(until)s
        ORDER BY a.id LIMIT %(limit)s FOR UPDATE OF a
    ), settled AS (
        UPDATE commission_accrual AS a SET state = 'settled', settled_at = %(now)s, batch_id = %(batch)s
        FROM picked WHERE a.id = picked.id
        RETURNING a.payee_kind, a.payee_id, a.merchant_id, a.amount_fen, a.sale_id
    ), turned AS (
        INSERT INTO commission_turn (promoter_id, merchant_id, at, many, sale_ids)
        SELECT payee_id, merchant_id, %(now)s, count(*), array_agg(sale_id) FROM settled
        WHERE payee_kind = 'promoter' GROUP BY payee_id, merchant_id
    )
    SELECT array_agg(sale_id), payee_kind, payee_id, merchant_id, count(*), sum(amount_fen)::bigint
    FROM settled GROUP BY 2, 3, 4
"""
_MERCHANTS = """
    SELECT s.merchant_id, count(*), sum(s.paid_fen - s.refunded_fen - coalesce(owed.fen, 0) + s.subsidy_fen
        - CASE WHEN s.paid_fen > 0 THEN s.subsidy_fen * s.refunded_fen / s.paid_fen
               ELSE s.subsidy_fen * s.refunded_quantity / s.quantity END)::bigint
    FROM unnest(%(sales)s::bigint[]) AS due (id)
    JOIN commission_sale s ON s.id = due.id
    LEFT JOIN LATERAL (
        SELECT sum(amount_fen) AS fen FROM commission_accrual a WHERE a.sale_id = s.id AND a.funder = 'merchant'
    ) owed ON true
    WHERE s.source = 'mini_store' GROUP BY 1
"""


def mark_received(*, sale_ids: Sequence[int], received_at: datetime, settle_days: int) -> int:
    """Start the clock of sales: due `settle_days` × 86,400 s after receipt. Returns how many it started for."""
    return rows.run(
        "UPDATE commission_sale SET received_at = %s, due_at = %s WHERE id = ANY(%s) AND received_at IS NULL",
        [received_at, received_at + timedelta(days=settle_days), list(sale_ids)],
    )


def mature(*, until: datetime, batch_id: int, batch_no: str, limit: int, now: datetime) -> Matured:
    """Release up to `limit` sales that were due at `until`, in order of due day, in the caller's transaction.

    Clear and approved accruals settle; held ones stay and settle when they are released. Each payee gets one transfer
    per merchant (pending → available) in which its oldest debts are netted; each merchant gets what is left of its
    sales (held → available), sales without a claim included. Nothing due: nothing changes, `sales` is 0.
    """
    params = {"until": until, "limit": limit, "batch": batch_id, "now": now}
    sales = [row[0] for row in rows.query(_PICK, params)]
    if len(sales) == limit:
        sales += [row[0] for row in rows.query(_TOGETHER, params | {"sales": sales, "last": sales[-1]})]
    released = rows.query(_RELEASED, params)
    if not sales and not released:
        return Matured(0, 0, ())
    rows.run(
        "UPDATE commission_sale SET matured_batch_id = %s FROM unnest(%s::bigint[]) AS due (id)"
        " WHERE commission_sale.id = due.id",
        [batch_id, sales],
    )
    settled = _add_up(rows.query(_SETTLE, params | {"sales": sales}) + [row[1:] for row in released])
    merchants = rows.query(_MERCHANTS, {"sales": sales})
    earned = sorted((payee.kind, payee.id, merchant, *got) for (payee, merchant), got in settled.items())
    earned += sorted(("merchant", merchant, merchant, items, fen) for merchant, items, fen in merchants)
    parts = _book(earned, batch_no, until, now)
    tell("accruals.settled", sales=[*sales, *(sale_id for late, *_ in released for sale_id in late)], now=now)
    return Matured(len(sales), sum(count for count, _ in settled.values()), parts)


def _add_up(found: Sequence[tuple]) -> dict[tuple[Payee, int], tuple[int, int]]:
    total: dict[tuple[Payee, int], tuple[int, int]] = {}
    for kind, payee_id, merchant_id, items, fen in found:
        key = Payee(kind, payee_id), merchant_id
        before = total.get(key, (0, 0))
        total[key] = before[0] + items, before[1] + fen
    return total


def _book(earned: Sequence[tuple], batch_no: str, until: datetime, now: datetime) -> tuple[MaturedPart, ...]:
    """Post one transfer per payee and merchant, with the debts it nets; return the parts with their transfers.

    The accounts are locked before the debts are read: a refund that is making a debt of one of them is waited for.
    """
    ledger.lock(refs=[ref for kind, id_, shop, _, fen in earned if fen for ref in _moved(Payee(kind, id_), shop)])
    debts = _open_debts({(kind, payee_id) for kind, payee_id, *_ in earned})
    repaid: dict[int, int] = defaultdict(int)
    drafts, told = [], []
    for kind, payee_id, merchant_id, items, fen in earned:
        if not fen:
            continue
        payee = Payee(kind, payee_id)
        moves = [Move(*_moved(payee, merchant_id), fen)]
        netted = _net(debts.get((kind, payee_id), []), fen, repaid)
        if netted:
            moves.append(Move(rules.available(payee), rules.owed(payee), netted))
        key = f"mature:{batch_no}:{kind}:{payee_id}:{merchant_id}"
        drafts.append(Draft(key, "mature", f"batch:{batch_no}", until, tuple(moves)))
        told.append((payee, merchant_id, items, fen))
    posted = ledger.post(drafts=drafts, now=now) if drafts else []
    rows.run(
        "UPDATE commission_debt SET repaid_fen = repaid_fen + paid.fen"
        " FROM unnest(%s::bigint[], %s::bigint[]) AS paid (id, fen) WHERE commission_debt.id = paid.id",
        rows.columns(repaid.items(), 2),
    )
    return tuple(MaturedPart(*one, done.transfer_id) for one, done in zip(told, posted, strict=True))


def _moved(payee: Payee, merchant_id: int) -> tuple[AccountRef, AccountRef]:
    """Return from where to where maturity moves a payee's part."""
    held = chart.merchant(merchant_id, "held") if payee.kind == "merchant" else rules.pending(payee)
    return held, rules.available(payee)


def _open_debts(payees: set[tuple[str, int]]) -> dict[tuple[str, int], list[list[int]]]:
    """Lock the open debts of payees; per payee [id, fen still owed], oldest first."""
    kinds, ids = [kind for kind, _ in payees], [payee_id for _, payee_id in payees]
    found = rows.query(
        "SELECT d.id, d.payee_kind, d.payee_id, d.amount_fen - d.repaid_fen FROM commission_debt d"
        " JOIN unnest(%s::text[], %s::bigint[]) AS p (kind, id) ON d.payee_kind = p.kind AND d.payee_id = p.id"
        " WHERE d.repaid_fen < d.amount_fen ORDER BY d.id FOR UPDATE OF d",
        [kinds, ids],
    )
    debts: dict[tuple[str, int], list[list[int]]] = defaultdict(list)
    for id_, kind, payee_id, left in found:
        debts[kind, payee_id].append([id_, left])
    return debts


def _net(debts: list[list[int]], fen: int, repaid: dict[int, int]) -> int:
    """Take the oldest debts out of `fen`, note what each got, and return the sum."""
    netted = 0
    for debt in debts:
        paying = min(debt[1], fen - netted)
        if paying:
            debt[1] -= paying
            repaid[debt[0]] += paying
            netted += paying
    return netted
