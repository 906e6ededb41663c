"""The numbers of the three home pages: a span beside the one before it, the trend, the best, money, and what waits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce

from tuike.db import rows
from tuike.figures import queries as figures
from tuike.figures.types import DayOf, Figures, Owner, Top
from tuike.insight.boards.contribution import NAMES
from tuike.kit import days

SPANS = (1, 7, 30)
"""Days that may be asked for; today is the last of them."""
COUNTED = 1_000
"""Up to so many orders to ship are counted; of more it is said that they are more."""
TREND = 30
"""Days that the trend shows at least: one day alone is no line."""


@dataclass(frozen=True, slots=True)
class Home:
    """A span's figures beside those of as many days before, and each day of the trend, the oldest first."""

    span: int
    now: Figures
    before: Figures
    trend: tuple[DayOf, ...]


@dataclass(frozen=True, slots=True)
class Named:
    """One of the best with its name; `no` is its public number, `picture` a name below `/media/` or empty."""

    no: str
    name: str
    picture: str
    figures: Figures


def home(*, owner: Owner, owner_id: int, span: int, now: datetime) -> Home:
    """Return an owner's figures of the last `span` days, today included (docs/rules.md §1)."""
    today = days.day_of(now)
    reach = max(2 * span, TREND)
    every = figures.days(owner=owner, owner_id=owner_id, first=today - timedelta(days=reach - 1), last=today)
    return Home(span, _sum(every[-span:]), _sum(every[-2 * span : -span]), tuple(every[-max(span, TREND) :]))


def settled_fen(*, payee_kind: str, payee_id: int, span: int, now: datetime) -> tuple[int, int]:
    """Return what was settled to a payee in the last `span` days, and in as many before, by the day of settling."""
    first = days.start_of(days.day_of(now) - timedelta(days=span - 1))
    before = days.start_of(days.day_of(now) - timedelta(days=2 * span - 1))
    found = rows.planned(
        """
        SELECT coalesce(sum(p.amount_fen) FILTER (WHERE b.at >= %s), 0)::bigint,
            coalesce(sum(p.amount_fen) FILTER (WHERE b.at < %s), 0)::bigint
        FROM settlement_part p JOIN settlement_batch b ON b.id = p.batch_id
        WHERE p.payee_kind = %s AND p.payee_id = %s AND b.at >= %s
        """,
        [first, first, payee_kind, payee_id, before],
    )
    return found[0]


def best(*, by: str, owner: Owner, owner_id: int, span: int, now: datetime, limit: int = 5) -> Sequence[Named]:
    """Return the best products, places, promoters or merchants of the last `span` days by commission, with names."""
    today = days.day_of(now)
    tops = figures.best(
        by=by, owner=owner, owner_id=owner_id, first=today - timedelta(days=span - 1), last=today, limit=limit
    )
    names = _names(by, tops)
    return [Named(*names.get(top.id, ("", "—", "")), top.figures) for top in tops]


def money(*, owner: str) -> Mapping[str, int]:
    """Return what stands on an owner's accounts (`promoter:9`) by purpose, in fen; one that isn't opened is missing."""
    found = rows.planned("SELECT path, balance_fen FROM ledger_account WHERE owner = %s", [owner])
    return {path.rpartition(":")[2]: balance for path, balance in found}


@dataclass(frozen=True, slots=True)
class PromoterWaits:
    """What waits for a promoter: numbers, or whether."""

    places: int
    to_confirm: int
    bank_account: bool
    accepted: int
    held: int


def promoter_waits(promoter_id: int) -> PromoterWaits:
    """Return what waits for a promoter, or is missing for earning and withdrawing."""
    found = rows.planned(
        """
        SELECT (SELECT count(*) FROM attribution_place WHERE promoter_id = %(id)s AND deleted_at IS NULL),
            (SELECT count(*) FROM settlement_withdrawal WHERE party_id = %(id)s AND state = 'waiting_user'),
            EXISTS (SELECT 1 FROM parties_bank_account WHERE party_id = %(id)s AND replaced_at IS NULL),
            (SELECT count(*) FROM library_acceptance WHERE promoter_id = %(id)s),
            (SELECT count(*) FROM commission_accrual
                WHERE payee_kind = 'promoter' AND payee_id = %(id)s AND review <> 'clear' AND review = 'held')
        """,
        {"id": promoter_id},
    )
    return PromoterWaits(*found[0])


@dataclass(frozen=True, slots=True)
class LeaderWaits:
    """What waits for a leader: numbers, or whether."""

    to_confirm: int
    bank_account: bool
    held: int


def leader_waits(leader_id: int) -> LeaderWaits:
    """Return what waits for a leader, or is missing for withdrawing."""
    found = rows.planned(
        """
        SELECT (SELECT count(*) FROM settlement_withdrawal WHERE party_id = %(id)s AND state = 'waiting_user'),
            EXISTS (SELECT 1 FROM parties_bank_account WHERE party_id = %(id)s AND replaced_at IS NULL),
            (SELECT count(*) FROM commission_accrual
                WHERE payee_kind = 'leader' AND payee_id = %(id)s AND review <> 'clear' AND review = 'held')
        """,
        {"id": leader_id},
    )
    return LeaderWaits(*found[0])


@dataclass(frozen=True, slots=True)
class MerchantWaits:
    """What waits for a merchant; `to_ship` above `COUNTED` says that there are more than those."""

    to_ship: int
    to_decide: int
    on_sale: int
    external: bool
    opened_from: datetime | None
    closed_from: datetime | None
    short: bool
    waiting_fen: int


def merchant_waits(merchant_id: int) -> MerchantWaits:
    """Return what waits for a merchant: parcels, refunds, the alliance to be opened, prepaid money that is short.

    Orders to ship are those of a shop in the mall, counted up to one more than `COUNTED`; of products only whether
    there is one.
    """
    found = rows.planned(
        """
        SELECT
            (SELECT count(*) FROM (SELECT 1 FROM orders_order WHERE merchant_id = %(id)s AND state = 'paid'
                AND m.source = 'mini_store' ORDER BY placed_at DESC, id DESC LIMIT %(most)s) AS paid),
            (SELECT count(*) FROM orders_after_sale a JOIN orders_order o ON o.id = a.order_id
                WHERE a.state IN ('requested', 'sent') AND o.merchant_id = %(id)s),
            (SELECT count(*) FROM (SELECT 1 FROM catalog_product WHERE merchant_id = %(id)s AND state = 'on_sale'
                LIMIT 1) AS one),
            m.source = 'mini_program', m.opened_from, m.closed_from, m.prepaid_short_since IS NOT NULL,
            (SELECT coalesce(sum(a.amount_fen), 0)::bigint FROM commission_sale s JOIN commission_accrual a
                ON a.sale_id = s.id WHERE s.merchant_id = %(id)s AND s.waiting AND a.state = 'waiting')
        FROM parties_merchant m WHERE m.party_id = %(id)s
        """,
        {"id": merchant_id, "most": COUNTED + 1},
    )
    return MerchantWaits(*found[0])


@dataclass(frozen=True, slots=True)
class DeskWaits:
    """What waits at the operator's desk, and how fresh things are."""

    certifications: int
    withdrawals: int
    withdrawals_fen: int
    accounts: int
    held: int
    cases: int
    adjustments: int
    quarantined: int
    disputes: int
    overdue: int
    appeals: int
    appeals_overdue: int


def desk_waits(*, now: datetime, review_hours: int) -> DeskWaits:
    """Return the lengths of the operator's queues; of held commission and appeals also how many are past their time."""
    found = rows.planned(
        """
        SELECT (SELECT count(*) FROM parties_certification WHERE state = 'filed'),
            w.n, w.fen,
            (SELECT count(*) FROM parties_bank_account WHERE replaced_at IS NULL AND verified_at IS NULL),
            (SELECT count(*) FROM commission_accrual WHERE review <> 'clear' AND review = 'held'),
            (SELECT count(*) FROM risk_case WHERE closed_at IS NULL),
            (SELECT count(*) FROM commission_adjustment WHERE state = 'asked'),
            (SELECT count(*) FROM outbox_quarantined),
            (SELECT count(*) FROM orders_after_sale WHERE state = 'disputed'),
            (SELECT count(*) FROM commission_accrual WHERE review = 'held' AND held_at <= %(decided)s),
            p.n, p.late
        FROM (SELECT count(*) AS n, count(*) FILTER (WHERE due_at <= %(now)s) AS late FROM appeals_appeal
            WHERE state = 'open') AS p,
            (SELECT count(*) AS n, coalesce(sum(amount_fen), 0)::bigint AS fen FROM settlement_withdrawal
            WHERE state = 'requested') AS w
        """,
        {"now": now, "decided": now - timedelta(hours=review_hours)},
    )
    return DeskWaits(*found[0])


def _sum(some: Sequence[DayOf]) -> Figures:
    return reduce(lambda one, other: one + other.figures, some, Figures())


def _names(by: str, tops: Sequence[Top]) -> dict[int, tuple[str, str, str]]:
    found = rows.planned(NAMES[by], [[top.id for top in tops]]) if tops else []
    return {id_: (no, name, picture) for id_, no, name, _, picture in found}


def span_of(text: str) -> int:
    """Return the span that an address asks for: 1, 7 or 30 days, 7 when it says nothing of the kind."""
    return int(text) if text in {str(one) for one in SPANS} else 7


def change_bps(now: int, before: int) -> int | None:
    """Return how much more (or less) `now` is than `before` in ten-thousandths; None where there was nothing."""
    return (now - before) * 10_000 // before if before > 0 else None
