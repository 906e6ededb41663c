"""Refunds: the base shrinks, every accrual follows, and the buyer's money is brought together."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from tuike.commission import rules
from tuike.commission.rules import Purse
from tuike.commission.service.turning import turn
from tuike.commission.types import (
    AccrualState,
    Payee,
    Refund,
    RefundFacts,
    RefundTooLarge,
    Role,
    SaleTerms,
    Source,
    UnknownSale,
)
from tuike.db import rows
from tuike.kit.money import given_back
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import AccountRef, Draft, Move


@dataclass(slots=True)
class _Accrual:
    id: int
    payee: Payee
    role: str
    funder: str
    amount_fen: int
    state: str
    review: str


@dataclass(slots=True)
class _Sale:
    """A locked sale with its accruals, as the refunds of this call leave it."""

    id: int
    merchant_id: int
    source: str
    quantity: int
    paid_fen: int
    refunded_fen: int
    refunded_quantity: int
    matured: bool
    subsidy_fen: int
    terms: SaleTerms
    accruals: list[_Accrual] = field(default_factory=list)

    @property
    def base_fen(self) -> int:
        return self.paid_fen - self.refunded_fen

    @property
    def subsidy_back_fen(self) -> int:
        return given_back(
            self.subsidy_fen,
            paid_fen=self.paid_fen,
            refunded_fen=self.refunded_fen,
            quantity=self.quantity,
            refunded_quantity=self.refunded_quantity,
        )


@dataclass(slots=True)
class _Run:
    """One call: the balances that its refunds draw on in turn, and what it has to store in the end."""

    at: datetime
    purse: Purse
    changes: list[tuple] = field(default_factory=list)
    debts: list[tuple] = field(default_factory=list)

    def owe(self, payee: Payee, cause: str, missing_fen: int) -> None:
        if missing_fen:
            self.debts.append((payee.kind, payee.id, cause, missing_fen, 0, self.at))


def open_after_sale(*, sale_ids: Sequence[int]) -> None:
    """Keep sales from settling while an after-sale is open (docs/rules.md §6)."""
    _count_after_sales(sale_ids, 1)


def close_after_sale(*, sale_ids: Sequence[int]) -> None:
    """Let sales settle again once their after-sale has ended, whichever way."""
    _count_after_sales(sale_ids, -1)


def refund(*, refunds: Sequence[Refund], at: datetime, now: datetime) -> set[int]:
    """Take refunds out of their sales in the caller's transaction and return which sales had settled before.

    docs/rules.md §6–7, event `refund`.

    Every accrual is recomputed from the new base and the difference goes back to where it was paid from: from pending
    before settling, from available after; what is missing becomes the payee's debt and is advanced by the platform.
    For mall sales the refunded amount is then brought to `clearing:<refund no>` in the same way from the merchant.
    One transfer per refund, keyed by its number: the same refund twice changes nothing.

    Raises:
        UnknownSale: a part names a sale that isn't there.
        RefundTooLarge: more than what is left of a sale.
    """
    sales = _load([part.sale_id for refund in refunds for part in refund.parts])
    fresh = _not_yet_booked(refunds)
    run = _Run(at, Purse(ledger.lock(refs=_accounts(sales.values()))))
    drafts = []
    for one in fresh:
        moves: list[Move] = []
        for part in one.parts:
            sale = sales.get(part.sale_id)
            if sale is None or sale.merchant_id != one.merchant_id:
                raise UnknownSale(sale_id=part.sale_id)
            moves += _take_from(run, sale, part, one.no)
        if moves:
            drafts.append(Draft(f"refund:{one.no}", "refund", f"after_sale:{one.no}", one.at or at, tuple(moves)))
    _store(sales.values(), run)
    turn(accruals=[change[0] for change in run.changes], now=now)
    if drafts:
        ledger.post(drafts=drafts, now=now)
    return {sale.id for sale in sales.values() if sale.matured}


def _take_from(run: _Run, sale: _Sale, part: RefundFacts, no: str) -> list[Move]:
    if part.amount_fen > sale.base_fen or part.quantity > sale.quantity - sale.refunded_quantity:
        raise RefundTooLarge(sale_id=sale.id)
    before = sale.subsidy_back_fen
    sale.refunded_fen += part.amount_fen
    sale.refunded_quantity += part.quantity
    moves = _follow(run, sale, no)
    if sale.source == Source.MINI_STORE:
        merchant = Payee("merchant", sale.merchant_id)
        giver = chart.merchant(sale.merchant_id, "available" if sale.matured else "held")
        owed = 0
        subsidy = sale.subsidy_back_fen - before
        for taker, amount_fen in ((chart.clearing(no), part.amount_fen), (chart.platform("promotion"), subsidy)):
            if amount_fen:
                taken, missing = rules.take_back(
                    run.purse, giver=giver, owed=rules.owed(merchant), taker=taker, amount_fen=amount_fen
                )
                moves += taken
                owed += missing
        run.owe(merchant, f"{no}:{sale.id}", owed)
    return moves


def _follow(run: _Run, sale: _Sale, no: str) -> list[Move]:
    """Recompute every accrual of a sale from its new base; return the moves of the differences."""
    due = rules.shares(sale.terms, base_fen=sale.base_fen, quantity=sale.quantity - sale.refunded_quantity)
    by_role = {(one.role, one.payee): one.amount_fen for one in due}
    moves: list[Move] = []
    deltas = [
        (by_role[Role(accrual.role), accrual.payee] - accrual.amount_fen, accrual)
        for accrual in sale.accruals
        if accrual.review != "rejected"
    ]
    # What comes back first: it pays for a share that the smaller base sets free of the ceiling's cut.
    for delta, accrual in sorted(deltas, key=lambda pair: (pair[0], pair[1].id)):
        if delta == 0 and sale.base_fen:
            continue
        back = rules.returning(accrual.funder, sale.source, sale.merchant_id, matured=sale.matured)
        clawed = missing = 0
        if accrual.state == AccrualState.SETTLED and delta < 0:
            taken, missing = rules.take_back(
                run.purse,
                giver=rules.available(accrual.payee),
                owed=rules.owed(accrual.payee),
                taker=back,
                amount_fen=-delta,
            )
            moves += taken
            clawed = -delta - missing
            run.owe(accrual.payee, f"{no}:{accrual.id}", missing)
        elif accrual.state in (AccrualState.SETTLED, AccrualState.PENDING) and delta:
            moves += _shift(run.purse, accrual, back, delta)
        accrual.amount_fen += delta
        if sale.base_fen == 0:
            accrual.state = AccrualState.CANCELLED
        run.changes.append((accrual.id, no, sale.base_fen, delta, clawed, missing, run.at))
    return moves


def _shift(purse: Purse, accrual: _Accrual, fund: AccountRef, delta: int) -> list[Move]:
    """Move a difference between an accrual's account and where it is paid from.

    A smaller base can free a fen for a share that the ceiling had cut, so a difference may also go up.
    """
    standing = rules.pending(accrual.payee) if accrual.state == AccrualState.PENDING else rules.available(accrual.payee)
    giver, taker = (standing, fund) if delta < 0 else (fund, standing)
    purse.take(giver, abs(delta))
    purse.give(taker, abs(delta))
    return [Move(giver, taker, abs(delta))]


def _load(sale_ids: Iterable[int]) -> dict[int, _Sale]:
    """Lock the sales in id order and read them with their accruals."""
    wanted = sorted(set(sale_ids))
    found = rows.query(
        "SELECT terms::text, id, merchant_id, source, quantity, paid_fen, refunded_fen, refunded_quantity,"
        " matured_batch_id IS NOT NULL, subsidy_fen FROM commission_sale WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
        [wanted],
    )
    sales = {}
    for terms, id_, merchant_id, source, quantity, paid, refunded, returned, matured, subsidy in found:
        said = SaleTerms.from_json(json.loads(terms))
        sales[id_] = _Sale(id_, merchant_id, source, quantity, paid, refunded, returned, matured, subsidy, said)
    for sale_id in wanted:
        if sale_id not in sales:
            raise UnknownSale(sale_id=sale_id)
    accruals = rows.query(
        "SELECT sale_id, id, payee_kind, payee_id, role, funder, amount_fen, state, review FROM commission_accrual"
        " WHERE sale_id = ANY(%s) ORDER BY id FOR UPDATE",
        [wanted],
    )
    for sale_id, id_, kind, payee_id, *rest in accruals:
        sales[sale_id].accruals.append(_Accrual(id_, Payee(kind, payee_id), *rest))
    return sales


def _not_yet_booked(refunds: Sequence[Refund]) -> list[Refund]:
    """Leave out refunds that an earlier call took; the locked sales keep a parallel twin from passing here."""
    keys = [one.no for one in refunds]
    done = {row[0] for row in rows.query("SELECT DISTINCT no FROM commission_refund WHERE no = ANY(%s)", [keys])}
    fresh = [one for one in refunds if one.no not in done]
    rows.insert(
        "commission_refund",
        {"no": "text", "sale_id": "bigint", "amount_fen": "bigint", "quantity": "int"},
        ((one.no, part.sale_id, part.amount_fen, part.quantity) for one in fresh for part in one.parts),
    )
    return fresh


def _accounts(sales: Iterable[_Sale]) -> list[AccountRef]:
    """Return every account whose balance decides how much an event finds, and those that it moves to or from.

    All at once: what were locked only when it is booked would be locked out of order. A debt's accounts are rare
    enough to come later.
    """
    refs: dict[str, AccountRef] = {}
    for sale in sales:
        names = ("held", "available") if sale.source == Source.MINI_STORE else ("prepaid",)
        found = [chart.platform("promotion")] if sale.subsidy_fen else []
        found += [chart.merchant(sale.merchant_id, name) for name in names]
        for accrual in sale.accruals:
            found.append(rules.available(accrual.payee))
            if accrual.state == AccrualState.PENDING:
                found.append(rules.pending(accrual.payee))
            if accrual.state in (AccrualState.PENDING, AccrualState.SETTLED):
                back = rules.returning(accrual.funder, sale.source, sale.merchant_id, matured=sale.matured)
                found.append(back)
        refs |= {ref.path: ref for ref in found}
    return list(refs.values())


def _store(sales: Iterable[_Sale], run: _Run) -> None:
    touched = list(sales)
    rows.run(
        "UPDATE commission_sale SET refunded_fen = new.fen, refunded_quantity = new.quantity"
        " FROM unnest(%s::bigint[], %s::bigint[], %s::int[]) AS new (id, fen, quantity)"
        " WHERE commission_sale.id = new.id",
        rows.columns(((sale.id, sale.refunded_fen, sale.refunded_quantity) for sale in touched), 3),
    )
    states = [
        (accrual.id, sale.base_fen, accrual.amount_fen, accrual.state) for sale in touched for accrual in sale.accruals
    ]
    rows.run(
        "UPDATE commission_accrual SET base_fen = new.base, amount_fen = new.fen, state = new.state"
        " FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::text[]) AS new (id, base, fen, state)"
        " WHERE commission_accrual.id = new.id",
        rows.columns(states, 4),
    )
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
        run.changes,
    )
    rows.insert(
        "commission_debt",
        {
            "payee_kind": "text",
            "payee_id": "bigint",
            "cause": "text",
            "amount_fen": "bigint",
            "repaid_fen": "bigint",
            "at": "timestamptz",
        },
        run.debts,
    )


def _count_after_sales(sale_ids: Sequence[int], step: int) -> None:
    touched = rows.run(
        "UPDATE commission_sale SET open_after_sales = open_after_sales + %s WHERE id = ANY(%s)",
        [step, list(sale_ids)],
    )
    if touched != len(set(sale_ids)):
        raise UnknownSale(sale_ids=list(sale_ids))
