"""Refunds: the base shrinks, every accrual follows, and the buyer's money is brought together."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tuike.commission import rules
from tuike.commission.rules import Purse
from tuike.commission.service.turning import turn
from tuike.commission.types import (
    AccrualState,
    Payee,
    Refund,
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
    kind: str
    order_no: str
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
    def pieces(self) -> int:
        return self.quantity - self.refunded_quantity

    def back(self, accrual: "_Accrual") -> AccountRef:
        """Return where what is taken from an accrual goes."""
        return rules.returning(
            accrual.funder, self.source, self.merchant_id, matured=self.matured, reward_id=self.terms.reward_id
        )

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
    sales: Mapping[int, _Sale]
    together: Mapping[str, Sequence[_Sale]]
    """By order number the lines of orders that bring something once, which hangs on all of them."""
    changes: list[tuple] = field(default_factory=list)
    debts: list[tuple] = field(default_factory=list)

    def others(self, sale: _Sale) -> tuple[int, int]:
        """Return the base of the order's other lines, and what they leave of it after their own shares."""
        lines = [one for one in self.together[sale.order_no] if one.id != sale.id and one.kind == "goods"]
        left = sum(rules.left_of(one.terms, base_fen=one.base_fen, quantity=one.pieces) for one in lines)
        return sum(one.base_fen for one in lines), left

    def hosts(self, order_nos: Iterable[str]) -> list[_Sale]:
        """Return the lines that carry what these orders bring once."""
        orders = dict.fromkeys(no for no in order_nos if no in self.together)
        return [one for no in orders for one in self.together[no] if one.terms.order_fen]

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
    What an order brings once follows the order: the line that carries it is recomputed with any of its lines.
    One transfer per refund, keyed by its number: the same refund twice changes nothing.

    Raises:
        UnknownSale: a part names a sale that isn't there.
        RefundTooLarge: more than what is left of a sale.
    """
    sales = _load([part.sale_id for refund in refunds for part in refund.parts])
    fresh = _not_yet_booked(refunds)
    run = _Run(at, Purse(ledger.lock(refs=_accounts(sales.values()))), sales, _together(sales.values()))
    drafts = []
    for one in fresh:
        moves = _take_from(run, one)
        if moves:
            drafts.append(Draft(f"refund:{one.no}", "refund", f"after_sale:{one.no}", one.at or at, tuple(moves)))
    _store(sales.values(), run)
    turn(accruals=[change[0] for change in run.changes], now=now)
    if drafts:
        ledger.post(drafts=drafts, now=now)
    return {sale.id for sale in sales.values() if sale.matured}


def _take_from(run: _Run, refund: Refund) -> list[Move]:
    """Take a refund's parts out of their sales, and return what moves: from payees before what buyers get."""
    parts: list[tuple[_Sale, int, int]] = []
    for part in refund.parts:
        sale = run.sales.get(part.sale_id)
        if sale is None or sale.merchant_id != refund.merchant_id:
            raise UnknownSale(sale_id=part.sale_id)
        if part.amount_fen > sale.base_fen or part.quantity > sale.pieces:
            raise RefundTooLarge(sale_id=sale.id)
        before = sale.subsidy_back_fen
        sale.refunded_fen += part.amount_fen
        sale.refunded_quantity += part.quantity
        parts.append((sale, part.amount_fen, sale.subsidy_back_fen - before))
    touched = {sale.id: sale for sale, *_ in parts}
    touched |= {host.id: host for host in run.hosts(sale.order_no for sale in touched.values())}
    moves = _follow(run, touched.values(), refund.no)
    for sale, amount_fen, subsidy_fen in parts:
        if sale.source == Source.MINI_STORE:
            moves += _give_back(run, sale, refund.no, amount_fen, subsidy_fen)
    return moves


def _give_back(run: _Run, sale: _Sale, no: str, amount_fen: int, subsidy_fen: int) -> list[Move]:
    """Bring what the merchant gives back to the buyer's clearing, and to the platform what its coupons paid."""
    merchant = Payee("merchant", sale.merchant_id)
    giver = chart.merchant(sale.merchant_id, "available" if sale.matured else "held")
    moves: list[Move] = []
    owed = 0
    for taker, fen in ((chart.clearing(no), amount_fen), (chart.platform("promotion"), subsidy_fen)):
        if fen:
            taken, missing = rules.take_back(
                run.purse, giver=giver, owed=rules.owed(merchant), taker=taker, amount_fen=fen
            )
            moves += taken
            owed += missing
    run.owe(merchant, f"{no}:{sale.id}", owed)
    return moves


def _follow(run: _Run, sales: Iterable[_Sale], no: str) -> list[Move]:
    """Recompute every accrual of sales from their new bases; return the moves of the differences."""
    deltas = [pair for sale in sales for pair in _deltas(run, sale)]
    moves: list[Move] = []
    # What comes back first: it pays for a share that a smaller base sets free of the ceiling's cut.
    for delta, accrual, sale, over in sorted(deltas, key=lambda found: (found[0], found[1].id)):
        back = sale.back(accrual)
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
        if over:
            accrual.state = AccrualState.CANCELLED
        run.changes.append((accrual.id, no, sale.base_fen, delta, clawed, missing, run.at))
    return moves


def _deltas(run: _Run, sale: _Sale) -> Iterator[tuple[int, _Accrual, _Sale, bool]]:
    """Return what of a sale's accruals changes, by how much, and whether nothing is left that they could come from."""
    others_base, others_left = run.others(sale) if sale.terms.order_fen else (0, 0)
    due = rules.shares(sale.terms, base_fen=sale.base_fen, quantity=sale.pieces, others_fen=others_left)
    by_role = {(one.role, one.payee): one.amount_fen for one in due}
    for accrual in sale.accruals:
        if accrual.review == "rejected":
            continue
        # What the order brings once is there until the order's last fen is gone.
        over = sale.base_fen + (others_base if accrual.role == Role.BONUS else 0) == 0
        delta = by_role[Role(accrual.role), accrual.payee] - accrual.amount_fen
        if delta or (over and accrual.state != AccrualState.CANCELLED):
            yield delta, accrual, sale, over


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
    """Lock the sales in id order and read them with their accruals; of orders that bring something once all lines."""
    wanted = sorted({*sale_ids, *_siblings(sale_ids)})
    found = rows.query(
        "SELECT terms::text, id, kind, order_no, merchant_id, source, quantity, paid_fen, refunded_fen,"
        " refunded_quantity, matured_batch_id IS NOT NULL, subsidy_fen FROM commission_sale"
        " WHERE id = ANY(%s) ORDER BY id FOR UPDATE",
        [wanted],
    )
    sales = {}
    row: Any
    for terms, *row in found:
        sales[row[0]] = _Sale(*(*row, SaleTerms.from_json(json.loads(terms))))
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


def _together(sales: Iterable[_Sale]) -> dict[str, list[_Sale]]:
    found: dict[str, list[_Sale]] = {}
    for sale in sales:
        if sale.terms.together:
            found.setdefault(sale.order_no, []).append(sale)
    return found


def _siblings(sale_ids: Iterable[int]) -> list[int]:
    """Return the lines of those of the sales' orders that bring something once, which hangs on all of them."""
    found = rows.query(
        "SELECT id FROM commission_sale WHERE kind = 'goods' AND order_no IN ("
        " SELECT order_no FROM commission_sale WHERE id = ANY(%s) AND terms ? 'together')",
        [sorted(set(sale_ids))],
    )
    return [id_ for (id_,) in found]


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
        if sale.source != Source.REWARD:
            found += [chart.merchant(sale.merchant_id, name) for name in names]
        for accrual in sale.accruals:
            found.append(rules.available(accrual.payee))
            if accrual.state == AccrualState.PENDING:
                found.append(rules.pending(accrual.payee))
            if accrual.state in (AccrualState.PENDING, AccrualState.SETTLED):
                found.append(sale.back(accrual))
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
