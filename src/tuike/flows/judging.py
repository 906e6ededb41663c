"""How commission is judged: facts gathered from the modules, decided by the rules in force (docs/rules.md §6).

While it is booked, and again when its order has been scored. Shared by journeys; not one itself.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

from tuike.catalog import queries as catalog
from tuike.commission import queries as commission
from tuike.commission import service as commission_verbs
from tuike.commission.types import Due, Judge, Role, SaleFacts
from tuike.commission.types import Review as Standing
from tuike.figures import queries as figures
from tuike.figures.types import Figures, Owner
from tuike.kit.days import day_of
from tuike.parties import queries as parties
from tuike.plans import queries as plans
from tuike.review import queries as rulebook
from tuike.review import service as review
from tuike.review.types import REFUND_RATE_DAYS, REFUND_RATE_ORDERS, Effect, Facts, Feature, Hit, Judgement, RuleShown

Features = Mapping[Feature, int | str | frozenset[str] | None]
_VELOCITY = {Feature.LINES_HOUR: timedelta(hours=1), Feature.LINES_DAY: timedelta(days=1)}
_BROUGHT = (Role.DIRECT, Role.SELF)


def judge_at(sales: Sequence[SaleFacts], now: datetime) -> Judge | None:
    """Return how the commission of `sales` is judged by what is in force now; None where no rule is."""
    in_force = rulebook.rules_in_force({sale.merchant_id for sale in sales}, day=day_of(now)) if sales else []
    if not in_force:
        return None

    def judge(dues: Sequence[Due]) -> list[tuple[Standing, int | None]]:
        hits = {hit.object_id: hit for hit in judged(dues, in_force, now)}
        review.keep_hits(hits=list(hits.values()), now=now)
        said = (hits[due.accrual_id].judgement if due.accrual_id in hits else Judgement() for due in dues)
        return [(standing(one.effect), one.version_id) for one in said]

    return judge


def judge_again(scores: Mapping[str, int], now: datetime) -> int:
    """Let the rules that ask for a score judge commission of orders that have one by now, in the caller's transaction;
    return how many accruals they hold (docs/rules.md §6). `scores`: by order, in thousandths.

    All else they ask is answered as of the booking. The other rules have spoken then; of these only those that clear
    are looked at, since they shield what stands below them.
    """
    wanted = rulebook.conditions_of(Feature.SCORE) if scores else []
    scores = {no: score for no, score in scores.items() if any(review.fulfilled(one, score) for one in wanted)}
    if not scores:
        return 0
    booked: dict[datetime, list[Due]] = defaultdict(list)
    for one in commission.unheld_of(scores):
        booked[one.accrued_at].append(one.due)
    shops = {due.sale.merchant_id for dues in booked.values() for due in dues}
    asked = review.asked_again(rulebook.rules_in_force(shops, day=day_of(now)))
    by_score = {rule.version_id for rule in asked if review.asks_score(rule)}
    if not by_score:
        return 0
    hits = {
        hit.object_id: hit
        for at, dues in sorted(booked.items())
        for hit in judged(dues, asked, at, scores)
        if hit.judgement.version_id in by_score
    }
    said = [(id_, standing(hit.judgement.effect), hit.judgement.version_id or 0) for id_, hit in sorted(hits.items())]
    moved = commission_verbs.judge_again(judged=said, now=now)
    review.keep_hits(hits=[hits[id_] for id_ in sorted(moved)], now=now)
    return sum(standing(hits[id_].judgement.effect) is Standing.HELD for id_ in moved)


def standing(effect: Effect) -> Standing:
    """Return how an accrual stands after a rule of this effect: what would be rejected later is held first."""
    return Standing.CLEAR if effect is Effect.CLEAR else Standing.HELD


def judged(
    dues: Sequence[Due], in_force: Sequence[RuleShown], now: datetime, scores: Mapping[str, int] | None = None
) -> list[Hit]:
    """Return the accruals of which a rule holds, whatever it says; the platform's own share is nobody's to hold.

    `now`: when they are booked. `scores`: by order, of such as are booked already; None: these are being booked.
    """
    wanted = {feature for rule in in_force for feature in rule.rule.conditions}
    of_promoter = _of_promoters(dues, wanted, now, booked=scores is not None)
    paths = catalog.category_paths(_products(dues)) if Feature.CATEGORY in wanted else {}
    made = []
    for _, some in groupby(dues, key=lambda due: due.sale.sale_id):
        dues_of = list(some)
        sale = dues_of[0].sale
        of_sale: Features = {
            Feature.PAID: sale.paid_fen,
            Feature.SOURCE: sale.source.value,
            Feature.CATEGORY: frozenset(str(one) for one in paths.get(sale.product_id or 0, ())),
            Feature.SCORE: (scores or {}).get(sale.order_no),
            **of_promoter.get(sale.terms.promoter_id or 0, {}),
        }
        asked = review.possible(Facts(sale.merchant_id, of_sale), in_force)
        for due in dues_of if asked else ():
            share = due.share
            if share.role is Role.PLATFORM:
                continue
            features = {**of_sale, Feature.COMMISSION: share.amount_fen, Feature.ROLE: share.role.value}
            judgement = review.judge(Facts(sale.merchant_id, features), asked)
            if judgement.version_id is not None:
                facts = Facts(sale.merchant_id, {name: value for name, value in features.items() if name in wanted})
                made.append(Hit(due.accrual_id, sale.merchant_id, share.amount_fen, judgement, facts))
    return made


def _products(dues: Sequence[Due]) -> set[int]:
    return {due.sale.product_id for due in dues if due.sale.product_id is not None}


def _of_promoters(
    dues: Sequence[Due], wanted: Collection[Feature], now: datetime, *, booked: bool
) -> dict[int, Features]:
    """Return what is known of those who brought the sales, as far as a rule asks for it."""
    ids = {due.sale.terms.promoter_id for due in dues if due.sale.terms.promoter_id is not None}
    known: dict[int, dict[Feature, int | str | frozenset[str] | None]] = {one: {} for one in ids}
    if Feature.AGE in wanted:
        for one, since in parties.certified_since(ids).items():
            known[one][Feature.AGE] = max((now - since).days, 0)
    if Feature.GRADE in wanted:
        grades = plans.grades_of(ids, at=now)
        for one in ids:
            known[one][Feature.GRADE] = str(grades.get(one, 0))
    if Feature.REFUND_RATE in wanted:
        today = day_of(now)
        first, last = today - timedelta(days=REFUND_RATE_DAYS), today - timedelta(days=1)
        for one, sums in figures.sums_of(owner=Owner.PROMOTER, owner_ids=ids, first=first, last=last).items():
            known[one][Feature.REFUND_RATE] = refund_bps(sums)
    brought = () if booked else dues  # what is booked is among those that are counted
    new = Counter(due.sale.terms.promoter_id for due in brought if due.share.role in _BROUGHT)
    spans = {feature: now - span for feature, span in _VELOCITY.items() if feature in wanted}
    before = commission.lines_between(ids, since=list(spans.values()), until=now) if spans else {}
    for one in ids:
        counted = before.get(one, (0,) * len(spans))
        known[one] |= {feature: many + new[one] for feature, many in zip(spans, counted, strict=True)}
    return dict(known.items())


def refund_bps(sums: Figures) -> int | None:
    """Return of what was paid how much was refunded, in ten-thousandths, rounded down; None: too few orders to say."""
    if sums.orders < REFUND_RATE_ORDERS or not sums.paid_fen:
        return None
    return sums.refunded_fen * 10_000 // sums.paid_fen
