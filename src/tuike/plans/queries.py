"""Reads of plans: which rates hold for lines and why; what a merchant, the operator and a promoter may see."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import starmap

from tuike.db import rows
from tuike.kit.days import next_midnight
from tuike.kit.errors import NotFound
from tuike.plans import rules
from tuike.plans.types import (
    CampaignShown,
    GradeShown,
    GradeStanding,
    Layer,
    LineAsk,
    MemberShown,
    MemberState,
    PublicRate,
    RateRow,
    RateShown,
    ReserveAsk,
    Reserved,
    TargetedPlanShown,
    TargetedTerm,
    Terms,
)

_RATES = """
    SELECT r.id, r.layer, r.lookup, r.campaign_id, r.rate_bps, r.bonus_fen, lower(r.valid)::text,
           upper(r.valid)::text, c.budget_fen IS NOT NULL, c.id IS NOT NULL AND c.merchant_id IS NULL,
           coalesce(c.budget_fen - c.reserved_fen, 0), coalesce(c.order_bonus_fen, 0),
           coalesce(c.first_order_bonus_fen, 0)
    FROM plans_rate r LEFT JOIN plans_campaign c ON c.id = r.campaign_id
    WHERE r.lookup = ANY(%s) AND r.valid && tstzrange(%s, %s, '[]')
"""
_LAYERS = {layer.value: layer for layer in Layer}
_SHOWN = """
    SELECT id, layer, scope, category_id, product_id, campaign_id, rate_bps, lifted_from_bps, lower(valid),
           upper(valid), written_at
    FROM plans_rate
"""
_CAMPAIGN = """
    SELECT id, no, merchant_id, name, starts_at, ends_at, rate_bps, bonus_fen, budget_fen, reserved_fen, stopped_at,
           order_bonus_fen, first_order_bonus_fen
    FROM plans_campaign
"""

_TARGETED = """
    SELECT p.id, p.no, p.merchant_id, p.name, p.note, p.starts_at, p.ends_at, p.invite_code, p.stopped_at, p.created_at,
           ARRAY(SELECT t.product_id FROM plans_targeted_product t WHERE t.plan_id = p.id ORDER BY t.from_at, t.id),
           ARRAY(SELECT t.rate_bps FROM plans_targeted_product t WHERE t.plan_id = p.id ORDER BY t.from_at, t.id),
           ARRAY(SELECT t.from_at FROM plans_targeted_product t WHERE t.plan_id = p.id ORDER BY t.from_at, t.id)
    FROM plans_targeted p
"""


def terms_for(asks: Sequence[LineAsk]) -> dict[int, Terms]:
    """Return the terms of lines by line id: which rates were in force at each one's instant, the rows, what lost.

    One query for the whole list (docs/rules.md §3).
    """
    rates = _rates(asks)
    terms = {ask.line_id: rules.choose(ask, rates) for ask in asks}
    if any(one.order_bonus_fen or one.first_order_bonus_fen for one in terms.values()):
        return rules.once_an_order(asks, terms)
    return terms


def offered_terms(asks: Sequence[LineAsk], price_fen: Mapping[int, int]) -> dict[int, Terms]:
    """Return by line id the terms that an order of one piece at `price_fen` would get if it were placed now: a campaign
    with a budget counts while the piece still fits into it (docs/rules.md §3)."""
    rates = _rates(asks)
    capped = {ask.line_id: row for ask in asks if (row := rules.campaign_for(ask, rates)) is not None and row.capped}
    found = {}
    for ask in asks:
        row = capped.get(ask.line_id)
        if row is not None and row.campaign_id is not None:
            wanted = rules.reserve_amount(
                paid_fen=price_fen[ask.line_id], rate_bps=row.rate_bps, bonus_fen=row.bonus_fen, quantity=ask.quantity
            )
            wanted += row.order_bonus_fen
            ask = replace(ask, campaign_id=row.campaign_id) if wanted <= row.left_fen else ask  # noqa: PLW2901
        found[ask.line_id] = rules.choose(ask, rates)
    return found


def public_rates(asks: Sequence[LineAsk]) -> dict[int, PublicRate]:
    """Return the public rate by line id: the highest layer among main, category, default and benchmark."""
    rates = _rates(asks)
    return {ask.line_id: rules.public_rate(ask, rates) for ask in asks}


def campaigns_for(asks: Sequence[LineAsk], paid_fen: Mapping[int, int]) -> list[ReserveAsk]:
    """Return what to reserve at placement: for each line whose winning campaign has a cap, the whole campaign
    commission on what is paid for the line and the bonus for each piece; for the order's first such line also what the
    order brings once.

    Lines that get their reservation pass the campaign's id on in `LineAsk.campaign_id`; the others get what holds
    without that campaign (docs/rules.md §3).
    """
    rates = _rates(asks)
    wanted: list[ReserveAsk] = []
    done: set[str] = set()
    for ask in asks:
        row = rules.campaign_for(ask, rates)
        if row is None or row.campaign_id is None:
            continue
        once = first = 0
        if (row.order_bonus_fen or row.first_order_bonus_fen) and ask.order_no not in done:
            once, first = row.order_bonus_fen, row.first_order_bonus_fen
            done.add(ask.order_no)
        if not row.capped:
            continue
        amount = rules.reserve_amount(
            paid_fen=paid_fen[ask.line_id], rate_bps=row.rate_bps, bonus_fen=row.bonus_fen, quantity=ask.quantity
        )
        wanted.append(ReserveAsk(ask.line_id, row.campaign_id, amount + once, once, first))
    return wanted


def merchant_rates(*, merchant_id: int, at: datetime, layers: Sequence[Layer] = ()) -> list[RateShown]:
    """Return a merchant's own rows that hold at `at` or come later, oldest first; narrowed to layers where given.

    Targeted plans, which have a row for each promoter and product, only where asked for.
    """
    return _shown(
        "WHERE merchant_id = %s AND valid && tstzrange(%s, NULL)"
        " AND CASE WHEN %s THEN layer <> 'targeted' ELSE layer = ANY(%s) END ORDER BY id",
        [merchant_id, at, not layers, [layer.value for layer in layers]],
    )


def benchmark_rates(*, at: datetime) -> list[RateShown]:
    """Return the benchmarks that hold at `at` or come later: public."""
    return _shown("WHERE layer = 'benchmark' AND valid && tstzrange(%s, NULL) ORDER BY id", [at])


def rates_by_id(rate_ids: Iterable[int]) -> dict[int, RateShown]:
    """Return rows by id, whenever they held: for explaining what an accrual was computed from."""
    return {row.rate_id: row for row in _shown("WHERE id = ANY(%s)", [sorted(set(rate_ids))])}


def campaigns(*, merchant_id: int | None, after: int | None = None, limit: int = 20) -> list[CampaignShown]:
    """Return a merchant's campaigns (None: the operator's), newest first; `after` is the last id of the page before."""
    found = rows.query(
        f"{_CAMPAIGN} WHERE merchant_id IS NOT DISTINCT FROM %s AND (%s::bigint IS NULL OR id < %s)"
        " ORDER BY id DESC LIMIT %s",
        [merchant_id, after, after, max(1, min(limit, 100))],
    )
    return [CampaignShown(*row) for row in found]


def campaign_by_no(*, merchant_id: int | None, no: str) -> CampaignShown | None:
    """Return a merchant's campaign (None: the operator's) by its number."""
    found = rows.query(f"{_CAMPAIGN} WHERE no = %s AND merchant_id IS NOT DISTINCT FROM %s", [no, merchant_id])
    return CampaignShown(*found[0]) if found else None


def held_fen(line_ids: Iterable[int]) -> dict[int, int]:
    """Return what lines still hold of a campaign's budget, in fen; lines without a reservation are missing."""
    return dict(
        rows.query(
            "SELECT line_id, amount_fen - released_fen FROM plans_reservation WHERE line_id = ANY(%s)",
            [sorted(set(line_ids))],
        )
    )


def reserved_campaigns(line_ids: Iterable[int]) -> dict[int, Reserved]:
    """Return the campaign whose budget was reserved at placement, by line; lines without a reservation are missing."""
    found = rows.query(
        "SELECT line_id, campaign_id, once_fen FROM plans_reservation WHERE line_id = ANY(%s)", [sorted(set(line_ids))]
    )
    return {line_id: Reserved(campaign_id, once_fen) for line_id, campaign_id, once_fen in found}


def targeted_plan(*, merchant_id: int, no: str) -> TargetedPlanShown:
    """Return a merchant's targeted plan.

    Raises:
        NotFound: not one of the merchant's.
    """
    return _one(_plans("WHERE p.merchant_id = %s AND p.no = %s", [merchant_id, no]))


def plan_by_code(code: str) -> TargetedPlanShown:
    """Return the targeted plan whose invite code this is: who has it may see the plan and apply.

    Raises:
        NotFound: nothing has this code.
    """
    return _one(_plans("WHERE p.invite_code = %s", [code]))


def targeted_plans(
    *, merchant_id: int, running_at: datetime | None = None, after: int | None = None, limit: int = 20
) -> list[TargetedPlanShown]:
    """Return a merchant's targeted plans, newest first; `running_at` leaves out those that are over by then."""
    return _plans(
        "WHERE p.merchant_id = %(merchant)s AND (%(after)s::bigint IS NULL OR p.id < %(after)s)"
        " AND (%(at)s::timestamptz IS NULL OR least(p.ends_at, p.stopped_at) > %(at)s)"
        " ORDER BY p.id DESC LIMIT %(most)s",
        {"merchant": merchant_id, "after": after, "at": running_at, "most": max(1, min(limit, 100))},
    )


def plans_of_promoter(*, promoter_id: int, limit: int = 100) -> list[tuple[TargetedPlanShown, MemberShown]]:
    """Return the targeted plans that a promoter has to do with and where it stands in each, the latest step first."""
    members = _members("WHERE promoter_id = %s ORDER BY since DESC, plan_id DESC LIMIT %s", [promoter_id, limit])
    plans = {plan.plan_id: plan for plan in plans_by_id(member.plan_id for member in members)}
    return [(plans[member.plan_id], member) for member in members]


def plan_of_promoter(*, promoter_id: int, no: str) -> tuple[TargetedPlanShown, MemberShown]:
    """Return a targeted plan that a promoter has to do with, and where it stands in it.

    Raises:
        NotFound: no such plan, or the promoter has nothing to do with it.
    """
    plan = _one(_plans("WHERE p.no = %s", [no]))
    found = _members("WHERE plan_id = %s AND promoter_id = %s", [plan.plan_id, promoter_id])
    if not found:
        raise NotFound
    return plan, found[0]


def plans_by_id(plan_ids: Iterable[int]) -> list[TargetedPlanShown]:
    """Return targeted plans by id, newest first."""
    return _plans("WHERE p.id = ANY(%s) ORDER BY p.id DESC", [sorted(set(plan_ids))])


def member_of(*, plan_id: int, promoter_id: int) -> MemberShown | None:
    """Return where a promoter stands in a plan, None where it has nothing to do with it."""
    found = _members("WHERE plan_id = %s AND promoter_id = %s", [plan_id, promoter_id])
    return found[0] if found else None


def members_of(*, plan_id: int, states: Sequence[MemberState] = (), limit: int = 500) -> list[MemberShown]:
    """Return who stands in a plan, the latest step first; narrowed to states where given."""
    return _members(
        "WHERE plan_id = %s AND (%s OR state = ANY(%s)) ORDER BY since DESC, promoter_id LIMIT %s",
        [plan_id, not states, [state.value for state in states], limit],
    )


def member_counts(plan_ids: Iterable[int]) -> dict[int, dict[MemberState, int]]:
    """Return by plan how many promoters stand in each state."""
    counts: dict[int, dict[MemberState, int]] = {plan_id: {} for plan_id in plan_ids}
    for plan_id, state, count in rows.query(
        "SELECT plan_id, state, count(*) FROM plans_targeted_member WHERE plan_id = ANY(%s) GROUP BY 1, 2",
        [list(counts)],
    ):
        counts[plan_id][MemberState(state)] = count
    return counts


def ladder() -> list[GradeShown]:
    """Return the promoters' ladder, lowest step first: public."""
    found = rows.query(
        "SELECT id, name, rank, threshold_fen, extra_bps, threshold_orders FROM plans_grade ORDER BY rank"
    )
    return [GradeShown(*row) for row in found]


OFF = rules.OFF
"""Below every step of the ladder; the steps are numbered from 0, the lowest."""


def step_after(
    *,
    thresholds: Sequence[int],
    measured: int,
    stands: int,
    under_since: datetime | None,
    now: datetime,
    grace_days: int,
) -> tuple[int, datetime | None]:
    """Return the step on which a run would leave who stands on `stands`, and since when they are under it, by the very
    rule of the run (docs/rules.md §3)."""
    reaches = rules.reached(thresholds, measured)
    return rules.moved(stands=stands, reaches=reaches, under_since=under_since, now=now, grace_days=grace_days)


def standing_on_grades(*, at: datetime) -> dict[int, int]:
    """Return how many promoters stand on each step at `at`, by its id; steps without anybody are missing."""
    return dict(
        rows.query(
            "SELECT grade_id, count(*) FROM plans_rate WHERE layer = 'grade' AND grade_id IS NOT NULL"
            " AND valid @> %s::timestamptz GROUP BY grade_id",
            [at],
        )
    )


def grades_of(promoter_ids: Iterable[int], *, at: datetime) -> dict[int, int]:
    """Return promoter → the id of the grade on which each stands at an instant; who stands on none is missing."""
    lookups = {f"grade:{one}": one for one in promoter_ids}
    found = rows.query(
        "SELECT lookup, grade_id FROM plans_rate WHERE lookup = ANY(%s) AND layer = 'grade' AND grade_id IS NOT NULL"
        " AND valid @> %s::timestamptz",
        [list(lookups), at],
    )
    return {lookups[lookup]: grade for lookup, grade in found}


def grade_of(promoter_id: int, *, at: datetime) -> GradeShown | None:
    """Return the step that a promoter stands on at `at`, None for none; `extra_bps` is what the step adds then."""
    found = rows.query(
        "SELECT g.id, g.name, g.rank, g.threshold_fen, r.rate_bps, g.threshold_orders FROM plans_rate r"
        " JOIN plans_grade g ON g.id = r.grade_id WHERE r.lookup = %s AND r.valid @> %s::timestamptz",
        [f"grade:{promoter_id}", at],
    )
    return GradeShown(*found[0]) if found else None


def standing_of(promoter_id: int, *, at: datetime) -> GradeStanding:
    """Return where a promoter stands on the ladder at `at`, where from the next midnight on, and since when it has been
    under what that takes."""
    under = rows.query("SELECT since FROM plans_grade_under WHERE promoter_id = %s", [promoter_id])
    return GradeStanding(
        grade_of(promoter_id, at=at), grade_of(promoter_id, at=next_midnight(at)), under[0][0] if under else None
    )


def public_turns(*, after: datetime, until: datetime) -> list[tuple[int | None, int | None, int | None]]:
    """Return for what a public rate begins or ends after one instant and until another: (merchant, category, product),
    a benchmark for every category has none of them."""
    return rows.query(
        "SELECT DISTINCT merchant_id, category_id, product_id FROM plans_rate"
        " WHERE layer IN ('main', 'category', 'default', 'benchmark') AND NOT isempty(valid)"
        " AND ((lower(valid) > %(after)s AND lower(valid) <= %(until)s)"
        "   OR (upper(valid) > %(after)s AND upper(valid) <= %(until)s))",
        {"after": after, "until": until},
    )


def _rates(asks: Sequence[LineAsk]) -> dict[str, list[RateRow]]:
    """Fetch every row that may concern the lines, by lookup: distinct names over the span of their instants."""
    if not asks:
        return {}
    names = {name for ask in asks for name in rules.lookups(ask)}
    instants = [ask.at for ask in asks]
    by_lookup: dict[str, list[RateRow]] = {}
    # Instants come as text and are read once each: nearly all of them are the same few midnights.
    read: dict[str | None, datetime | None] = {None: None}
    ask = rows.planned if len(names) < rows.FEW else rows.query
    found = ask(_RATES, [list(names), min(instants), max(instants)])
    for id_, layer, lookup, campaign, rate, bonus, begins, ends, capped, by_operator, left, once, first in found:
        for text in (begins, ends):
            if text not in read:
                read[text] = datetime.fromisoformat(text)
        by_lookup.setdefault(lookup, []).append(
            RateRow(
                id_,
                _LAYERS[layer],
                lookup,
                campaign,
                rate,
                bonus,
                read[begins],
                read[ends],
                capped,
                by_operator,
                left,
                once,
                first,
            )
        )
    return by_lookup


def _one(found: list[TargetedPlanShown]) -> TargetedPlanShown:
    if not found:
        raise NotFound
    return found[0]


def _plans(where: str, params: Sequence[object] | Mapping[str, object]) -> list[TargetedPlanShown]:
    """Return plans with what each gives for which product from when on."""
    return [
        TargetedPlanShown(*[*row[:10], tuple(starmap(TargetedTerm, zip(*row[10:], strict=True)))])
        for row in rows.query(f"{_TARGETED} {where}", params)
    ]


def _members(where: str, params: Sequence[object]) -> list[MemberShown]:
    found = rows.query(
        f"SELECT plan_id, promoter_id, state, since, message, reason, applied_at FROM plans_targeted_member {where}",
        params,
    )
    return [MemberShown(plan, promoter, MemberState(state), *rest) for plan, promoter, state, *rest in found]


def _shown(where: str, params: Sequence[object]) -> list[RateShown]:
    return [RateShown(row[0], Layer(row[1]), *row[2:]) for row in rows.query(f"{_SHOWN} {where}", params)]
