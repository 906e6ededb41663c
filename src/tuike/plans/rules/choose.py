"""Which rate holds for a line, and why (docs/rules.md §3)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tuike.kit.money import share
from tuike.plans.types import Layer, LineAsk, Lost, PublicRate, RateRow, Terms, TierRate, WhyLost

Rates = Mapping[str, Sequence[RateRow]]
"""Rows by lookup. Rows of one scope don't overlap; a lookup may hold rows of a layer and of several campaigns."""

ALL_CATEGORIES = 0
"""The category id of a benchmark that is for every category without its own."""

TIERS = (2, 3)
OVERALL = 0
"""The merchant id of the operator's tiers, which hold where a merchant set none."""


def subject_of(subject_kind: str) -> str:
    """Return the subject kind that benchmarks know: "individual", or "other" for everything else."""
    return "individual" if subject_kind == "individual" else "other"


def lookups(ask: LineAsk) -> list[str]:
    """Return the names under which the rates that may concern a line are found."""
    merchant, product, path = ask.merchant_id, ask.product_id, ask.category_path
    kind = subject_of(ask.subject_kind)
    names = [f"product:{product}", f"default:{merchant}", f"benchmark:{ALL_CATEGORIES}:{kind}"]
    names += [f"campaign:a:{merchant}", "campaign:a:0"]
    for category in path:
        names += [f"category:{merchant}:{category}", f"category:0:{category}", f"benchmark:{category}:{kind}"]
    if ask.self_purchase:
        names += [f"self:{merchant}:g", f"self:{merchant}:p:{product}", f"self:{merchant}:a:0"]
        names += [f"self:{merchant}:c:{category}" for category in path]
    else:
        names += [f"tier:{owner}:{tier}" for owner in (merchant, OVERALL) for tier in TIERS]
        if ask.promoter_id is not None:
            names += [f"grade:{ask.promoter_id}", f"targeted:{ask.promoter_id}:{product}"]
            if ask.enrolment_id is not None:
                names.append(f"leader:{ask.enrolment_id}")
    return names


def choose(ask: LineAsk, rates: Rates) -> Terms:
    """Return the terms of a line: the layer decides, not the size; a campaign acts only above the next layer.

    Pure: the same rows give the same terms for ever. `rates` may hold more than the line needs.
    """
    base, lost = _without_campaigns(ask, rates)
    winner, campaigns_lost = _campaign(ask, rates, base.rate_bps if base else 0)
    won = winner or base
    if winner and base:
        lost = [Lost(base.layer, base.rate_id, base.rate_bps, WhyLost.LOWER_LAYER), *lost]
    own = _self_rate(ask, rates, winner) if ask.self_purchase else None
    earning = not ask.self_purchase
    grade = (
        _one(rates, Layer.GRADE, f"grade:{ask.promoter_id}", ask.at)
        if earning and ask.promoter_id is not None
        else None
    )
    return Terms(
        line_id=ask.line_id,
        layer=won.layer if won else Layer.NONE,
        rate_bps=won.rate_bps if won else 0,
        rate_id=won.rate_id if won else None,
        grade_bps=grade.rate_bps if grade else 0,
        grade_rate_id=grade.rate_id if grade else None,
        tier_bps=_tiers(ask, rates) if earning else {},
        bonus_fen=winner.bonus_fen if winner and earning else 0,
        order_bonus_fen=winner.order_bonus_fen if winner and earning else 0,
        first_order_bonus_fen=winner.first_order_bonus_fen if winner and earning else 0,
        campaign_id=winner.campaign_id if winner else None,
        funded_by="platform" if winner and winner.by_operator else "merchant",
        self_rate_bps=own.rate_bps if own else None,
        self_rate_id=own.rate_id if own else None,
        lost=(*campaigns_lost, *lost),
    )


def public_rate(ask: LineAsk, rates: Rates) -> PublicRate:
    """Return the rate of the highest layer among main, category, default and benchmark that has a row in force."""
    base, _ = _base(ask, rates)
    return PublicRate(base.layer, base.rate_bps, base.rate_id) if base else PublicRate(Layer.NONE, 0, None)


def campaign_for(ask: LineAsk, rates: Rates) -> RateRow | None:
    """Return the campaign that would win a line if its budget had room: one with a cap is reserved at placement."""
    base, _ = _without_campaigns(ask, rates)
    winner, _ = _campaign(ask, rates, base.rate_bps if base else 0, as_if_reserved=True)
    return winner


def once_an_order(asks: Iterable[LineAsk], terms: Mapping[int, Terms]) -> dict[int, Terms]:
    """Return the terms with what a campaign gives for an order on the order's first line that has it, and only there.

    With a budget only what was held at placement is given (`once_fen`). A question without an order stands for one.
    """
    given: dict[int, Terms] = dict(terms)
    done: set[str] = set()
    for ask in asks:
        one = terms[ask.line_id]
        if not (one.order_bonus_fen or one.first_order_bonus_fen) or not ask.order_no:
            continue
        first = one.first_order_bonus_fen
        if ask.campaign_id is not None:
            first = first if one.order_bonus_fen + first <= ask.once_fen else 0
        lacks = ask.campaign_id is not None and one.order_bonus_fen + first > ask.once_fen
        if lacks or ask.order_no in done:
            given[ask.line_id] = replace(one, order_bonus_fen=0, first_order_bonus_fen=0)
            continue
        done.add(ask.order_no)
        if first != one.first_order_bonus_fen:
            given[ask.line_id] = replace(one, first_order_bonus_fen=first)
    return given


def reserve_amount(*, paid_fen: int, rate_bps: int, bonus_fen: int, quantity: int) -> int:
    """Return what a line holds of a campaign's budget, in fen: the whole campaign commission on what was paid, rounded
    down like the commission itself, and the bonus for each piece. What the order brings once comes to it.

    The whole, not only what the campaign adds to the next layer: what a merchant sets as a budget is what the campaign
    may cost (docs/rules.md §3).
    """
    return share(paid_fen, bps=rate_bps) + bonus_fen * quantity


def _in_force(row: RateRow, at: datetime) -> bool:
    return (row.begins is None or row.begins <= at) and (row.ends is None or at < row.ends)


def _one(rates: Rates, layer: Layer, lookup: str, at: datetime) -> RateRow | None:
    """Return a layer's one row in force: rows of a scope don't overlap."""
    for row in rates.get(lookup, ()):
        if row.layer is layer and _in_force(row, at):
            return row
    return None


def _base(ask: LineAsk, rates: Rates) -> tuple[RateRow | None, list[Lost]]:
    """Return the row that holds without campaigns, and those that lost to it, highest layer first."""
    merchant, kind, upward = ask.merchant_id, subject_of(ask.subject_kind), ask.category_path[::-1]
    layers: tuple[tuple[Layer, Iterable[str]], ...] = (
        (Layer.MAIN, (f"product:{ask.product_id}",)),
        (Layer.CATEGORY, (f"category:{merchant}:{category}" for category in upward)),
        (Layer.DEFAULT, (f"default:{merchant}",)),
        (Layer.BENCHMARK, (f"benchmark:{category}:{kind}" for category in (*upward, ALL_CATEGORIES))),
    )
    winner: RateRow | None = None
    lost: list[Lost] = []
    for layer, names in layers:
        nearest = True
        for name in names:
            row = _one(rates, layer, name, ask.at)
            if row is None:
                continue
            if winner is None:
                winner = row
            else:
                why = WhyLost.LOWER_LAYER if nearest else WhyLost.FARTHER_CATEGORY
                lost.append(Lost(row.layer, row.rate_id, row.rate_bps, why))
            nearest = False
    return winner, lost


def _without_campaigns(ask: LineAsk, rates: Rates) -> tuple[RateRow | None, list[Lost]]:
    """Return the row that holds without campaigns for who claims the line, and those that lost, highest layer first.

    An enrolment in a leader's activity and a targeted plan act only while they reach the public rate; of several plans
    the one joined or changed later. They are no matter of a promoter's own purchase, which has a rate of its own.
    """
    base, lost = _base(ask, rates)
    if ask.self_purchase or ask.promoter_id is None:
        return base, lost
    joined = [
        row
        for row in rates.get(f"targeted:{ask.promoter_id}:{ask.product_id}", ())
        if row.layer is Layer.TARGETED and _in_force(row, ask.at)
    ]
    led = _one(rates, Layer.LEADER, f"leader:{ask.enrolment_id}", ask.at)
    winner: RateRow | None = None
    below: list[Lost] = []
    for row in (*([led] if led else []), *sorted(joined, key=lambda row: row.rate_id, reverse=True)):
        if base is not None and row.rate_bps < base.rate_bps:
            why = WhyLost.BELOW_PUBLIC
        elif winner is None:
            winner = row
            continue
        else:
            why = WhyLost.OTHER_PLAN if winner.layer is row.layer else WhyLost.LOWER_LAYER
        below.append(Lost(row.layer, row.rate_id, row.rate_bps, why))
    if winner is None:
        return base, [*below, *lost]
    if base is not None:
        below.append(Lost(base.layer, base.rate_id, base.rate_bps, WhyLost.LOWER_LAYER))
    return winner, [*below, *lost]


def _campaign(
    ask: LineAsk, rates: Rates, next_bps: int, *, as_if_reserved: bool = False
) -> tuple[RateRow | None, list[Lost]]:
    """Return the campaign that acts, and those that don't: product over category over all, then the later one."""
    merchant = ask.merchant_id
    by_width: tuple[list[str], ...] = (
        [f"product:{ask.product_id}"],
        [f"category:{owner}:{category}" for category in ask.category_path for owner in (merchant, 0)],
        [f"campaign:a:{merchant}", "campaign:a:0"],
    )
    winner: RateRow | None = None
    lost: list[Lost] = []
    for names in by_width:
        found = [
            row
            for name in names
            for row in rates.get(name, ())
            if row.layer is Layer.CAMPAIGN and _in_force(row, ask.at)
        ]
        for row in sorted(found, key=lambda row: row.rate_id, reverse=True):
            if row.capped and not as_if_reserved and row.campaign_id != ask.campaign_id:
                why = WhyLost.NO_RESERVATION
            elif row.rate_bps <= next_bps:
                why = WhyLost.NOT_ABOVE_NEXT_LAYER
            elif winner is None:
                winner = row
                continue
            else:
                why = WhyLost.OTHER_CAMPAIGN
            lost.append(Lost(row.layer, row.rate_id, row.rate_bps, why))
    return winner, lost


def _self_rate(ask: LineAsk, rates: Rates, campaign: RateRow | None) -> RateRow | None:
    """Return the self-purchase rate: of the campaign that acts, the product, the nearest category, or everything."""
    merchant = ask.merchant_id
    if campaign is not None:
        for row in rates.get(f"self:{merchant}:g", ()):
            if row.campaign_id == campaign.campaign_id and _in_force(row, ask.at):
                return row
    names = [f"self:{merchant}:p:{ask.product_id}"]
    names += [f"self:{merchant}:c:{category}" for category in reversed(ask.category_path)]
    names.append(f"self:{merchant}:a:0")
    found = (_one(rates, Layer.SELF, name, ask.at) for name in names)
    return next((row for row in found if row is not None), None)


def _tiers(ask: LineAsk, rates: Rates) -> dict[int, TierRate]:
    """Return what the tiers get: the merchant's own row decides, also one of 0; without one the operator's does."""
    found = {
        tier: _one(rates, Layer.TIER, f"tier:{ask.merchant_id}:{tier}", ask.at)
        or _one(rates, Layer.TIER, f"tier:{OVERALL}:{tier}", ask.at)
        for tier in TIERS
    }
    return {tier: TierRate(row.rate_bps, row.rate_id) for tier, row in found.items() if row and row.rate_bps}
