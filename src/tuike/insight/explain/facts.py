"""What is stored about sales, read at once: line, claim, terms with the rows of their rates, accruals, changes."""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tuike.db import rows
from tuike.insight import review_words
from tuike.insight.explain.types import Words
from tuike.insight.verify import expected
from tuike.plans import queries as plans
from tuike.plans.types import Layer, RateShown
from tuike.review import queries as review
from tuike.review.types import RuleShown


@dataclass(frozen=True, slots=True)
class Accrual:
    """An accrual as it is stored."""

    id: int
    sale_id: int
    payee_kind: str
    payee_id: int
    role: str
    funder: str
    rate_bps: int
    first_fen: int
    amount_fen: int
    state: str
    review: str
    batch_id: int | None
    accrued_at: datetime
    settled_at: datetime | None
    judged_by: int | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What changed an accrual; `before_settling` says which side of its settling it lies on."""

    accrual_id: int
    cause: str
    base_fen: int
    delta_fen: int
    clawed_fen: int
    debt_fen: int
    repaid_fen: int
    at: datetime


@dataclass(frozen=True, slots=True)
class Claim:
    """Who claims the line, by what, and the verdicts on every touch."""

    facts: Mapping[str, Any]
    kind: str
    reason: str
    promoter_id: int | None
    made_at: datetime
    leader_id: int | None
    activity_no: str
    service_bps: int
    self_purchase: bool
    place: str
    pid: str
    code: str
    for_shop: bool
    expires_at: datetime | None
    touched_at: datetime | None


@dataclass(frozen=True, slots=True)
class Discount:
    """What lowered the line."""

    kind: str
    source: str
    funded_by: str
    amount_fen: int


@dataclass(frozen=True, slots=True)
class Settled:
    """The transfer that settled a payee's accruals of one merchant in a batch."""

    batch_no: str
    key: str
    items: int
    amount_fen: int
    netted_fen: int


@dataclass(slots=True)
class Sale:
    """A sale with everything around it."""

    terms: Mapping[str, Any]
    id: int
    kind: str
    order_no: str
    merchant_id: int
    source: str
    quantity: int
    paid_fen: int
    refunded_fen: int
    refunded_quantity: int
    placed_at: datetime
    paid_at: datetime
    received_at: datetime | None
    due_at: datetime | None
    open_after_sales: int
    waiting: bool
    booking: str
    line_no: int | None
    title: str
    spec: str
    price_fen: int | None
    claim: Claim | None = None
    discounts: list[Discount] = field(default_factory=list)
    accruals: list[Accrual] = field(default_factory=list)
    refunds: list[tuple[str, int, int]] = field(default_factory=list)
    expected: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    """By role: uncut, what the ceiling leaves, and what the payee gets."""

    @property
    def base_fen(self) -> int:
        """What commission is computed from now."""
        return self.paid_fen - self.refunded_fen

    @property
    def above(self) -> Sequence[int]:
        """Who stood above the promoter when it was placed, the recruiter first; of imported history nothing is kept."""
        return self.claim.facts.get("line", ()) if self.claim else ()

    @property
    def pieces(self) -> int:
        """Pieces that weren't returned."""
        return self.quantity - self.refunded_quantity


@dataclass(slots=True)
class Book:
    """Sales and what explains them, by id."""

    sales: list[Sale]
    names: dict[int, str]
    rates: dict[int, RateShown]
    categories: dict[int, str]
    campaigns: dict[int, tuple[str, str, bool]]
    grades: dict[int, str]
    plans: dict[int, str]
    changes: dict[int, list[Change]]
    settled: dict[int, Settled]
    judged: dict[int, tuple[RuleShown, tuple[Words, ...]]]


_SALE = """
    SELECT s.terms::text, s.id, s.kind, s.order_no, s.merchant_id, s.source, s.quantity, s.paid_fen, s.refunded_fen,
        s.refunded_quantity, s.placed_at, s.paid_at, s.received_at, s.due_at, s.open_after_sales, s.waiting, s.booking,
        l.no, coalesce(l.title, ''), coalesce(l.spec, ''), l.price_fen
    FROM commission_sale s LEFT JOIN orders_line l ON l.id = s.id WHERE s.id = ANY(%s) ORDER BY l.no NULLS LAST, s.id
"""
_CLAIM = """
    SELECT c.facts::text, c.id, c.kind, c.reason, c.promoter_id, c.made_at, c.leader_id, c.activity_no, c.service_bps,
        c.self_purchase, coalesce(p.name, ''), coalesce(p.pid, ''), coalesce(l.code, ''), l.product_id IS NULL,
        l.expires_at, t.touched_at
    FROM attribution_claim c
    LEFT JOIN attribution_place p ON p.id = c.place_id
    LEFT JOIN attribution_link l ON l.id = c.link_id
    LEFT JOIN attribution_touch t ON t.id = c.touch_id WHERE c.id = ANY(%s)
"""
_ACCRUAL = """
    SELECT id, sale_id, payee_kind, payee_id, role, funder, rate_bps, first_fen, amount_fen, state, review, batch_id,
        accrued_at, settled_at, judged_by
    FROM commission_accrual WHERE sale_id = ANY(%s)
    ORDER BY sale_id, array_position(ARRAY['direct', 'self', 'bonus', 'tier2', 'tier3', 'leader', 'platform'],
        role::text), id
"""
_CHANGE = """
    SELECT c.accrual_id, c.cause, c.base_fen, c.delta_fen, c.clawed_fen, c.debt_fen, coalesce(d.repaid_fen, 0), c.at
    FROM commission_change c JOIN commission_accrual a ON a.id = c.accrual_id
    LEFT JOIN commission_debt d ON d.payee_kind = a.payee_kind AND d.payee_id = a.payee_id
        AND d.cause = c.cause || ':' || c.accrual_id
    WHERE c.accrual_id = ANY(%s) ORDER BY c.id
"""
_SETTLED = """
    SELECT a.id, b.no, t.key, p.items, p.amount_fen, coalesce((
        SELECT sum(e.amount_fen) FROM ledger_entry e JOIN ledger_account o ON o.id = e.account_id
        WHERE e.transfer_id = t.id AND o.path LIKE '%%:owed'), 0)::bigint
    FROM commission_accrual a
    JOIN settlement_batch b ON b.id = a.batch_id
    JOIN settlement_part p ON p.batch_id = b.id AND p.payee_kind = a.payee_kind AND p.payee_id = a.payee_id
        AND p.merchant_id = a.merchant_id
    JOIN ledger_transfer t ON t.id = p.transfer_id WHERE a.id = ANY(%s)
"""


def book(sale_ids: Sequence[int], *, rules: bool = False) -> Book:
    """Read sales by id, in the order of their lines, freight last; ids without a sale are left out.

    `rules`: with the review rules that judged them, for the operator only: who is judged doesn't learn what they ask.
    """
    sales = _sales(sale_ids)
    accruals = [one.id for sale in sales for one in sale.accruals]
    batched = [one.id for sale in sales for one in sale.accruals if one.batch_id]
    changes: dict[int, list[Change]] = defaultdict(list)
    for row in rows.query(_CHANGE, [accruals]):
        changes[row[0]].append(Change(*row))
    rates = plans.rates_by_id(_rate_ids(sales))
    return Book(
        sales=sales,
        names=names(_party_ids(sales)),
        rates=rates,
        categories=_named("catalog_category", {r.category_id for r in rates.values() if r.category_id}),
        campaigns=_campaigns(sales, rates),
        grades=_grades(sales),
        plans=_plans(rates),
        changes=dict(changes),
        settled={row[0]: Settled(*row[1:]) for row in rows.query(_SETTLED, [batched])} if batched else {},
        judged=_judged(sales) if rules else {},
    )


def _judged(sales: Sequence[Sale]) -> dict[int, tuple[RuleShown, tuple[Words, ...]]]:
    """Return accrual → the rule that judged it, as it was then, and in words what it asked."""
    by = {one.id: one.judged_by for sale in sales for one in sale.accruals if one.judged_by}
    if not by:
        return {}
    rules, called = review.by_versions(set(by.values())), review_words.names()
    said = {id_: (rule, tuple(review_words.asked(rule.rule.conditions, called))) for id_, rule in rules.items()}
    return {accrual: said[version] for accrual, version in by.items()}


def names(party_ids: Iterable[int]) -> dict[int, str]:
    """Return parties' names by id."""
    return _named("parties_party", set(party_ids))


def _sales(sale_ids: Sequence[int]) -> list[Sale]:
    wanted = [list(sale_ids)]
    sales: dict[int, Sale] = {}
    row: Any
    for terms, *row in rows.query(_SALE, wanted):
        sales[row[0]] = Sale(json.loads(terms), *row)
    for facts, line_id, *row in rows.query(_CLAIM, wanted):
        if line_id in sales:
            sales[line_id].claim = Claim(json.loads(facts), *row)
    for line_id, *row in rows.query(
        "SELECT line_id, kind, source, funded_by, amount_fen FROM orders_discount WHERE line_id = ANY(%s) ORDER BY id",
        wanted,
    ):
        sales[line_id].discounts.append(Discount(*row))
    for row in rows.query(_ACCRUAL, wanted):
        sales[row[1]].accruals.append(Accrual(*row))
    returned = [one.id for one in sales.values() if one.refunded_fen or one.refunded_quantity]
    statement = "SELECT sale_id, no, amount_fen, quantity FROM commission_refund WHERE sale_id = ANY(%s) ORDER BY id"
    for sale_id, *row in rows.query(statement, [returned]) if returned else ():
        sales[sale_id].refunds.append((row[0], row[1], row[2]))
    statement = f"{expected.ONE} SELECT id, role, uncut, kept, fen FROM expected WHERE id = ANY(%(sales)s)"
    for sale_id, role, *row in rows.query(statement, {"sales": list(sale_ids)}):
        sales[sale_id].expected[role] = (row[0], row[1], row[2])
    return list(sales.values())


def _party_ids(sales: Sequence[Sale]) -> set[int]:
    found = {sale.merchant_id for sale in sales} | {one.payee_id for sale in sales for one in sale.accruals}
    found |= {sale.claim.promoter_id for sale in sales if sale.claim and sale.claim.promoter_id}
    found |= {sale.claim.leader_id for sale in sales if sale.claim and sale.claim.leader_id}
    found |= {above for sale in sales for above in sale.above[:2]}
    return found | {sale.terms["promoter_id"] for sale in sales if "promoter_id" in sale.terms}


def _rate_ids(sales: Sequence[Sale]) -> set[int]:
    found: set[int] = set()
    for sale in sales:
        terms, why = sale.terms, sale.terms.get("why", {})
        found |= {terms[name] for name in ("rate_id", "grade_id") if terms.get(name)}
        found |= {terms[tier][2] for tier in ("tier2", "tier3") if tier in terms and terms[tier][2]}
        found |= {lost[1] for lost in why.get("lost", ())} | ({why["id"]} if why.get("id") else set())
    return found


def _campaigns(sales: Sequence[Sale], rates: Mapping[int, RateShown]) -> dict[int, tuple[str, str, bool]]:
    wanted = {sale.terms["campaign_id"] for sale in sales if sale.terms.get("campaign_id")}
    wanted |= {rate.campaign_id for rate in rates.values() if rate.campaign_id}
    if not wanted:
        return {}
    found = rows.query(
        "SELECT id, no, name, merchant_id IS NULL FROM plans_campaign WHERE id = ANY(%s)", [list(wanted)]
    )
    return {id_: (no, name, by_operator) for id_, no, name, by_operator in found}


def _grades(sales: Sequence[Sale]) -> dict[int, str]:
    """Return the names of grades by the id of the rate row that put the promoter there."""
    wanted = [sale.terms["grade_id"] for sale in sales if sale.terms.get("grade_id")]
    if not wanted:
        return {}
    return dict(
        rows.query(
            "SELECT r.id, g.name FROM plans_rate r JOIN plans_grade g ON g.id = r.grade_id WHERE r.id = ANY(%s)",
            [wanted],
        )
    )


def _plans(rates: Mapping[int, RateShown]) -> dict[int, str]:
    """Return the names and numbers of targeted plans by the id of a rate row of theirs."""
    wanted = [one.rate_id for one in rates.values() if one.layer is Layer.TARGETED]
    if not wanted:
        return {}
    return dict(
        rows.query(
            "SELECT r.id, p.name || '（' || p.no || '）' FROM plans_rate r JOIN plans_targeted p ON p.id = r.plan_id"
            " WHERE r.id = ANY(%s)",
            [wanted],
        )
    )


def _named(table: str, wanted: set[int]) -> dict[int, str]:
    # S608: the table is one of this file's own.
    if not wanted:
        return {}
    return dict(rows.query(f"SELECT id, name FROM {table} WHERE id = ANY(%s)", [list(wanted)]))
