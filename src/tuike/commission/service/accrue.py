"""Paid sales become accruals, and money gets its owners."""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from tuike.commission import rules
from tuike.commission.service.telling import tell
from tuike.commission.service.turning import turn
from tuike.commission.types import Booked, Due, Funder, Judge, Payee, Review, SaleFacts, Share, Source
from tuike.db import ids, rows
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import AccountRef, Draft, Move

_SALE = {
    "id": "bigint",
    "kind": "text",
    "order_no": "text",
    "merchant_id": "bigint",
    "source": "text",
    "product_id": "bigint",
    "quantity": "int",
    "paid_fen": "bigint",
    "subsidy_fen": "bigint",
    "refunded_fen": "bigint",
    "refunded_quantity": "int",
    "terms": "jsonb",
    "placed_at": "timestamptz",
    "paid_at": "timestamptz",
    "received_at": "timestamptz",
    "due_at": "timestamptz",
    "open_after_sales": "smallint",
    "waiting": "bool",
    "booking": "text",
}
_ACCRUAL = {
    "id": "bigint",
    "sale_id": "bigint",
    "merchant_id": "bigint",
    "payee_kind": "text",
    "payee_id": "bigint",
    "role": "text",
    "funder": "text",
    "base_fen": "bigint",
    "rate_bps": "int",
    "rate_id": "bigint",
    "first_fen": "bigint",
    "amount_fen": "bigint",
    "state": "text",
    "review": "text",
    "judged_by": "bigint",
    "held_at": "timestamptz",
    "accrued_at": "timestamptz",
}
_Fund = tuple[str, int, str, str, int]
"""Payee kind and id, funder, source, merchant: what is booked as one transfer."""


def accrue(
    *, sales: Sequence[SaleFacts], booking: str, clearing: str, now: datetime, judge: Judge | None = None
) -> Booked:
    """Book paid sales in the caller's transaction (docs/rules.md §7, events `sale` and `accrual`).

    Mall money moves from `clearing:<clearing>` to each merchant's held account, freight included, and with it out of
    `platform:promotion` what the platform's coupons took off; then one transfer per
    payee and merchant moves the commission to pending. Sales of external shops are paid from the merchant's prepaid
    balance, whole sale by whole sale in the given order; from the first one that doesn't fit all of that shop wait,
    and so do all while an earlier one waits: nobody is overtaken (docs/rules.md §6). `booking` names the batch for
    ever: a second call with the same sales changes nothing. `judge` says of each accrual whether it is held; without
    it none is.
    """
    together = {sale.order_no for sale in sales if sale.terms.order_fen}
    fresh = _add_sales(sales, booking, together)
    priced = _priced(fresh)
    waiting = _what_must_wait(priced, together)
    drafts = _sale_drafts(fresh, booking, clearing)
    amounts = _per_fund((sale, shares) for sale, shares in priced if sale.sale_id not in waiting)
    drafts += _accrual_drafts(amounts, booking, max((sale.paid_at for sale in fresh), default=now))
    if drafts:
        ledger.post(drafts=drafts, now=now)
    if waiting:
        rows.run("UPDATE commission_sale SET waiting = true WHERE id = ANY(%s)", [list(waiting)])
    count, amount = _add_accruals(priced, waiting, now, judge)
    return Booked(sales=len(fresh), accruals=count, amount_fen=amount, waiting=len(waiting))


def fund_prepaid(*, merchant_id: int, amount_fen: int, clearing: str, number: str, at: datetime, now: datetime) -> None:
    """Book a paid top-up: `clearing:<clearing>` → the merchant's prepaid balance (event `top_up`).

    Locks what waits for it before the balance: so do refunds, which would else be met halfway.
    """
    rows.query(
        "SELECT id FROM commission_sale WHERE merchant_id = %s AND waiting ORDER BY id FOR UPDATE", [merchant_id]
    )
    move = Move(chart.clearing(clearing), chart.merchant(merchant_id, "prepaid"), amount_fen)
    draft = Draft(f"top_up:{number}", "top_up", f"payment:{number}", at, (move,))
    ledger.post(drafts=[draft], now=now)


def resume_waiting(*, merchant_id: int, booking: str, now: datetime, limit: int = 1000) -> Booked:
    """Let waiting sales of an external shop go on, oldest first, as far as its prepaid balance reaches.

    A sale is paid whole or not at all, and so is an order that brings something once; the first one that doesn't fit
    stops the row, so that nobody is overtaken.
    What it pays is what is left of its accruals: a refund or a rejection while it waited has lowered them. Of the
    answer, `waiting` counts those of the `limit` that didn't fit.
    """
    sales = rows.query(
        "SELECT id, paid_at, CASE WHEN terms ? 'together' THEN order_no ELSE id::text END AS part FROM commission_sale"
        " WHERE merchant_id = %s AND waiting ORDER BY placed_at, id LIMIT %s FOR UPDATE",
        [merchant_id, limit],
    )
    due: dict[int, list[tuple[str, int, str, int]]] = {sale_id: [] for sale_id, *_ in sales}
    for sale_id, *share in rows.query(
        "SELECT sale_id, payee_kind, payee_id, funder, amount_fen FROM commission_accrual"
        " WHERE sale_id = ANY(%s) AND state = 'waiting' ORDER BY id FOR UPDATE",
        [list(due)],
    ):
        due[sale_id].append(tuple(share))
    account = chart.merchant(merchant_id, "prepaid")
    pending = {rules.pending(Payee(kind, id_)) for shares in due.values() for kind, id_, _, _ in shares}
    left = ledger.lock(refs=[account, *pending])[account.path]
    going: list[tuple[int, datetime]] = []
    parts = [list(lines) for _, lines in groupby(sales, key=lambda sale: sale[2])]
    if len(sales) == limit and len(parts) > 1 and len(parts[-1]) > 1:
        parts.pop()  # the limit may have parted it
    for lines in parts:
        shares = [share for sale_id, *_ in lines for share in due[sale_id]]
        wanted = sum(fen for _, _, funder, fen in shares if funder == Funder.MERCHANT)
        if wanted > left:
            break
        left -= wanted
        going += [(sale_id, paid_at) for sale_id, paid_at, _ in lines]
    gone = [sale_id for sale_id, _ in going]
    amounts: dict[_Fund, int] = defaultdict(int)
    for kind, payee_id, funder, fen in (share for sale_id in gone for share in due[sale_id]):
        amounts[kind, payee_id, funder, Source.MINI_PROGRAM, merchant_id] += fen
    drafts = _accrual_drafts(amounts, booking, max((paid_at for _, paid_at in going), default=now))
    if drafts:
        ledger.post(drafts=drafts, now=now)
    rows.run("UPDATE commission_sale SET waiting = false, booking = %s WHERE id = ANY(%s)", [booking, gone])
    moved = rows.query(
        "UPDATE commission_accrual SET state = 'pending' WHERE sale_id = ANY(%s) AND state = 'waiting'"
        " RETURNING amount_fen, id",
        [gone],
    )
    turn(accruals=[accrual_id for _, accrual_id in moved], now=now)
    tell("accruals.resumed", sales=gone, now=now)
    return Booked(len(going), len(moved), sum(row[0] for row in moved), len(sales) - len(going))


def accrue_targets(*, sales: Sequence[SaleFacts], now: datetime) -> Booked:
    """Book targets that were reached in the caller's transaction: each is a sale of its own, paid from the offer's
    account (docs/rules.md §3, §7). Its order number, which is the award's, names the booking: the same again changes
    nothing."""
    fresh = _add_sales(sales, None)
    priced = _priced(fresh)
    drafts = []
    for sale, due in priced:
        for one in due:
            fund = rules.funding(one.funder, sale.source, sale.merchant_id, sale.terms.reward_id)
            move = Move(fund, rules.pending(one.payee), one.amount_fen)
            key = (
                f"accrual:{sale.order_no}:{one.payee.kind}:{one.payee.id}:{sale.merchant_id}:{sale.source}:{one.funder}"
            )
            drafts.append(Draft(key, "accrual", f"booking:{sale.order_no}", sale.paid_at, (move,)))
    if drafts:
        ledger.post(drafts=drafts, now=now)
    count, amount = _add_accruals(priced, set(), now)
    return Booked(sales=len(fresh), accruals=count, amount_fen=amount, waiting=0)


def _priced(sales: Sequence[SaleFacts]) -> list[tuple[SaleFacts, list[Share]]]:
    """Return sales with what everybody earns from them. An order is booked whole: its lines are all here."""
    others: dict[str, int] = {sale.order_no: 0 for sale in sales if sale.terms.order_fen}
    for sale in sales if others else ():
        if sale.order_no in others and sale.kind == "goods" and not sale.terms.order_fen:
            others[sale.order_no] += rules.left_of(sale.terms, base_fen=sale.paid_fen, quantity=sale.quantity)
    return [
        (
            sale,
            rules.shares(
                sale.terms,
                base_fen=sale.paid_fen,
                quantity=sale.quantity,
                others_fen=others[sale.order_no] if sale.terms.order_fen else 0,
            ),
        )
        for sale in sales
    ]


def _add_sales(sales: Sequence[SaleFacts], booking: str | None, together: Collection[str] = ()) -> list[SaleFacts]:
    """Insert the sales that are new and return them; the same sale twice is the same sale. `booking` None: each is
    booked by itself, under its order's number. The goods of orders that are `together` mature and wait together.

    Whoever calls holds the orders' rows locked, so that no twin inserts between the look and the insert.
    """
    known = {
        row[0]
        for row in rows.query("SELECT id FROM commission_sale WHERE id = ANY(%s)", [[sale.sale_id for sale in sales]])
    }
    fresh = [sale for sale in sales if sale.sale_id not in known]
    rows.insert(
        "commission_sale",
        _SALE,
        (
            (
                sale.sale_id,
                sale.kind,
                sale.order_no,
                sale.merchant_id,
                str(sale.source),
                sale.product_id,
                sale.quantity,
                sale.paid_fen,
                sale.subsidy_fen,
                0,
                0,
                _terms(sale, together),
                sale.placed_at,
                sale.paid_at,
                sale.received_at,
                sale.received_at and sale.received_at + timedelta(days=sale.settle_days),
                0,
                False,
                booking or sale.order_no,
            )
            for sale in fresh
        ),
    )
    return fresh


def _terms(sale: SaleFacts, together: Collection[str]) -> str:
    said = sale.terms.to_json()
    if sale.order_no in together and sale.kind == "goods":
        said["together"] = True
    return json.dumps(said, ensure_ascii=False, separators=(",", ":"))


def _what_must_wait(priced: Sequence[tuple[SaleFacts, list[Share]]], together: Collection[str]) -> set[int]:
    """Return the external sales whose commission the prepaid balance can't pay, or that stand behind one that waits.

    A sale that the shop pays nothing for never waits.
    """
    external = [(sale, due) for sale, due in priced if sale.source is Source.MINI_PROGRAM and due]
    if not external:
        return set()
    accounts = {sale.merchant_id: chart.merchant(sale.merchant_id, "prepaid") for sale, _ in external}
    pending = {one.payee: rules.pending(one.payee) for _, due in external for one in due}
    left = ledger.lock(refs=[*accounts.values(), *pending.values()])
    # Read under the locks of the balances: whoever lets waiting sales go on holds them, too.
    stopped = {
        merchant_id
        for (merchant_id,) in rows.query(
            "SELECT DISTINCT merchant_id FROM commission_sale WHERE merchant_id = ANY(%s) AND waiting",
            [list(accounts)],
        )
    }
    waiting: set[int] = set()

    def part(pair: tuple[SaleFacts, list[Share]]) -> str | int:
        return pair[0].order_no if pair[0].order_no in together else pair[0].sale_id

    for _, lines in groupby(external, key=part):
        some = list(lines)
        sale = some[0][0]
        path = accounts[sale.merchant_id].path
        wanted = sum(rules.by_merchant(due) for _, due in some)
        if wanted and (sale.merchant_id in stopped or wanted > left[path]):
            waiting |= {one.sale_id for one, _ in some}
            stopped.add(sale.merchant_id)
        else:
            left[path] -= wanted
    return waiting


def _sale_drafts(sales: Iterable[SaleFacts], booking: str, clearing: str) -> list[Draft]:
    """One transfer per merchant: what its buyers paid, from clearing to held, and what the platform paid for them."""
    paid: dict[int, int] = defaultdict(int)
    subsidies: dict[int, int] = defaultdict(int)
    at: dict[int, datetime] = {}
    for sale in sales:
        if sale.source is Source.MINI_STORE:
            paid[sale.merchant_id] += sale.paid_fen
            subsidies[sale.merchant_id] += sale.subsidy_fen
            at[sale.merchant_id] = max(sale.paid_at, at.get(sale.merchant_id, sale.paid_at))
    drafts = []
    for merchant_id, amount_fen in sorted(paid.items()):
        held = chart.merchant(merchant_id, "held")
        parts = ((chart.clearing(clearing), amount_fen), (chart.platform("promotion"), subsidies[merchant_id]))
        moves = tuple(Move(source, held, fen) for source, fen in parts if fen)
        if moves:
            key = f"sale:{booking}:{merchant_id}"
            drafts.append(Draft(key, "sale", f"booking:{booking}", at[merchant_id], moves))
    return drafts


def _per_fund(priced: Iterable[tuple[SaleFacts, list[Share]]]) -> dict[_Fund, int]:
    """Return the fen of each payee from each fund."""
    amounts: dict[_Fund, int] = defaultdict(int)
    for sale, due in priced:
        for one in due:
            amounts[one.payee.kind, one.payee.id, one.funder, sale.source, sale.merchant_id] += one.amount_fen
    return amounts


def _accrual_drafts(amounts: Mapping[_Fund, int], booking: str, at: datetime) -> list[Draft]:
    """One transfer per payee and merchant: its commission of the whole batch, from the funding account to pending."""
    funds: dict[tuple[str, str, int], AccountRef] = {}
    drafts = []
    for (kind, payee_id, funder, source, merchant_id), amount_fen in sorted(amounts.items()):
        if not amount_fen:
            continue
        fund = funds.get((funder, source, merchant_id))
        if fund is None:
            fund = funds[funder, source, merchant_id] = rules.funding(funder, source, merchant_id)
        move = Move(fund, rules.pending(Payee(kind, payee_id)), amount_fen)
        key = f"accrual:{booking}:{kind}:{payee_id}:{merchant_id}:{source}:{funder}"
        drafts.append(Draft(key, "accrual", f"booking:{booking}", at, (move,)))
    return drafts


def _add_accruals(
    priced: Sequence[tuple[SaleFacts, list[Share]]], waiting: set[int], now: datetime, judge: Judge | None = None
) -> tuple[int, int]:
    fresh_ids = iter(ids.take("commission_accrual", sum(len(due) for _, due in priced)))
    every = [Due(next(fresh_ids), sale, one) for sale, due in priced for one in due]
    judged = judge(every) if judge and every else [(Review.CLEAR, None)] * len(every)
    made = [
        (
            due.accrual_id,
            due.sale.sale_id,
            due.sale.merchant_id,
            due.share.payee.kind,
            due.share.payee.id,
            str(due.share.role),
            str(due.share.funder),
            due.sale.paid_fen,
            due.share.rate_bps,
            due.share.rate_id,
            due.share.amount_fen,
            due.share.amount_fen,
            "waiting" if due.sale.sale_id in waiting else "pending",
            str(review),
            by,
            now if review is Review.HELD else None,
            now,
        )
        for due, (review, by) in zip(every, judged, strict=True)
    ]
    rows.insert("commission_accrual", _ACCRUAL, made)
    return len(made), sum(row[11] for row in made)
