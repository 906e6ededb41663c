"""Changing the layers that begin at midnight: benchmark, category, main product, distribution, self-purchase."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.kit.days import next_midnight
from tuike.kit.errors import Invalid, NotFound
from tuike.kit.money import percent
from tuike.plans import rules
from tuike.plans.rules import Benchmarks, Book, Custom
from tuike.plans.rules.choose import ALL_CATEGORIES, TIERS
from tuike.plans.service import books, writing
from tuike.plans.service.writing import Change
from tuike.plans.types import (
    BelowBenchmark,
    Layer,
    NotAboveBenchmark,
    NotAboveCategory,
    NotAboveDefault,
    SelfScope,
    TierNotAllowed,
    Written,
)
from tuike.settings import service as settings

_NOT_ABOVE = {
    Layer.CATEGORY: NotAboveCategory,
    Layer.DEFAULT: NotAboveDefault,
    Layer.BENCHMARK: NotAboveBenchmark,
}


@transaction.atomic
def set_benchmarks(*, rates: Mapping[tuple[int, str], int | None], actor: Actor, now: datetime) -> Written:
    """Set the operator's benchmark by (category id, "individual" | "other"); category 0 is for all without their own.

    Takes effect at the next midnight; None closes a benchmark, the one above it then holds. The first row ever of a
    category that had none, its own or above it, is valid from −∞. Rates of merchants that stand below are lifted and
    returned (docs/rules.md §3).

    Raises:
        Invalid: a rate that isn't in 1…9000, or a subject kind that doesn't exist.
        NotFound: no such category.
        AboveCeiling: with the highest grade and tiers more than 90 % could be paid out.
        WrittenOutOfOrder: a change from a later midnight exists.
    """
    writing.lock_benchmarks()
    from_ = next_midnight(now)
    tree = {node.category_id: node.path for node in catalog.categories()} | {ALL_CATEGORIES: ()}
    extra = {"grade_bps": books.highest_grade_bps(), "tiers_bps": books.highest_tiers_bps(from_)}
    extra["leader_bps"] = books.highest_service_bps(from_)
    above: dict[str, list[str]] = {}
    for (category, kind), rate in rates.items():
        if kind not in ("individual", "other"):
            raise Invalid(field="subject_kind", reason_zh="主体类型不正确", reason_en="unknown subject kind")
        if category not in tree:
            raise NotFound
        if rate is not None:
            check_rate(rate)
            books.check_ceiling(rate_bps=rate, **extra)
        path = {*tree[category], category, ALL_CATEGORIES}
        above[f"benchmark:{category}:{kind}"] = [f"benchmark:{c}:{kind}" for c in path]
    known = writing.known_scopes(scope for scopes in above.values() for scope in scopes)
    changes = [
        Change(
            layer=Layer.BENCHMARK,
            scope=(scope := f"benchmark:{category}:{kind}"),
            rate_bps=rate,
            category_id=category or None,
            always=known.isdisjoint(above[scope]),
        )
        for (category, kind), rate in rates.items()
    ]
    ids = writing.change_rates(changes, from_=from_, actor=actor, now=now)
    record("benchmark.set", changes, from_=from_, actor=actor, now=now)
    with_rates = rows.query(
        "SELECT DISTINCT merchant_id FROM plans_rate"
        " WHERE layer IN ('default', 'category', 'main') AND valid @> %s::timestamptz",
        [from_],
    )
    concerned = books.books((id_ for (id_,) in with_rates), from_).values()
    kinds = {kind for _, kind in rates}
    floored = [book for book in concerned if book.subject_kind in kinds]
    lifts = books.lift(floored, books.benchmarks(from_), from_=from_, actor=actor, now=now)
    return Written(from_, ids, lifts)


@transaction.atomic
def set_category_rates(*, merchant_id: int, rates: Mapping[int, int | None], actor: Actor, now: datetime) -> Written:
    """Set a merchant's rates by category, from the next midnight on; None closes one. A category's rate is for all
    below it without their own, and must be above every benchmark there (docs/rules.md §3).

    Raises:
        Invalid: a rate that isn't in 1…9000.
        NotFound: no such merchant or category.
        NotAboveBenchmark: not above the benchmark of a category that it covers.
        AboveCeiling: in the worst case more than 90 % would be paid out.
        WrittenOutOfOrder: a change from a later midnight exists.
    """
    sheet = _open(merchant_id, now)
    book, floors = sheet.book, sheet.floors
    for category, rate in rates.items():
        if category not in floors.tree:
            raise NotFound
        if rate is None:
            books.drop(book, category_id=category)
            continue
        check_rate(rate)
        floor = rules.category_floor(book, category, floors)
        if book.floored and rate <= floor:
            raise NotAboveBenchmark(floor=percent(floor))
        _check_ceiling(book, rate)
        books.put(book, Custom(Layer.CATEGORY, rate, rate, category, None, floors.tree[category]))
    changes = [
        Change(Layer.CATEGORY, f"category:{merchant_id}:{category}", rate, merchant_id, category)
        for category, rate in rates.items()
    ]
    return _write("category_rate.set", changes, sheet, actor=actor, now=now)


@transaction.atomic
def set_main_products(*, merchant_id: int, rates: Mapping[int, int | None], actor: Actor, now: datetime) -> Written:
    """Add or change a merchant's main products (主推) with their rates, many at once; None takes one away. All of it
    from the next midnight on. A rate must be above the category's (no such row: the default's, else the benchmark);
    a shop outside our mall sets any rate up to the ceiling (docs/rules.md §3).

    Raises:
        Invalid: a rate that isn't in 1…9000.
        NotFound: no such merchant, or a product that isn't the merchant's.
        NotAboveCategory, NotAboveDefault, NotAboveBenchmark: not above the layer below.
        AboveCeiling: in the worst case more than 90 % would be paid out.
        WrittenOutOfOrder: a change from a later midnight exists.
    """
    sheet = _open(merchant_id, now)
    book, floors = sheet.book, sheet.floors
    _check_owned(merchant_id, rates)
    paths = catalog.category_paths(rates)
    for product, rate in rates.items():
        if rate is None:
            books.drop(book, product_id=product)
            continue
        check_rate(rate)
        layer, floor = rules.next_layer(book, paths[product], floors)
        if book.floored and rate <= floor:
            raise _NOT_ABOVE[layer](floor=percent(floor))
        _check_ceiling(book, rate, [product])
        books.put(book, Custom(Layer.MAIN, rate, rate, None, product, paths[product]))
    changes = [
        Change(Layer.MAIN, f"main:{product}", rate, merchant_id, product_id=product, lookup=f"product:{product}")
        for product, rate in rates.items()
    ]
    return _write("main_product.set", changes, sheet, actor=actor, now=now)


@transaction.atomic
def set_distribution(*, merchant_id: int, tier_bps: Mapping[int, int | None], actor: Actor, now: datetime) -> Written:
    """Set a merchant's distribution policy from the next midnight on: tier 1 is the default rate of all its products,
    tiers 2 and 3 are shares for recruiters. 0 switches tier 2 or 3 off; None takes the merchant's own row away: the
    operator's overall tier then holds, where there is one. Tiers not named stay.

    Raises:
        Invalid: a tier that doesn't exist, or a rate that isn't in 1…9000.
        NotFound: no such merchant.
        TierNotAllowed: a tier beyond the setting `max_paid_tiers`.
        BelowBenchmark: tier 1 below the benchmark of a category that the merchant sells in.
        AboveCeiling: with the merchant's highest rate more than 90 % would be paid out.
        WrittenOutOfOrder: a change from a later midnight exists.
    """
    sheet = _open(merchant_id, now)
    book, floors = sheet.book, sheet.floors
    most, overall = settings.get("max_paid_tiers"), books.overall_tiers(sheet.from_)
    changes: list[Change] = []
    for tier, given in sorted(tier_bps.items()):
        if tier not in (1, *TIERS):
            raise Invalid(field="tier_bps", reason_zh="只有 1 到 3 级", reason_en="there are tiers 1 to 3")
        if given is not None:
            check_rate(given, lowest=0 if tier in TIERS else 1)
        if given and tier > most:
            raise TierNotAllowed(most=most)
        if tier == 1:
            _set_default(book, given, floors)
            changes.append(Change(Layer.DEFAULT, f"default:{merchant_id}", given, merchant_id))
        else:
            book.tiers[tier] = overall.get(tier, 0) if given is None else given
            changes.append(Change(Layer.TIER, f"tier:{merchant_id}:{tier}", given, merchant_id))
    _check_ceiling(book, _highest(book, floors))
    check_campaigns(book, sheet.from_)
    return _write("distribution.set", changes, sheet, actor=actor, now=now)


@transaction.atomic
def set_self_purchase(
    *, merchant_id: int, rates: Mapping[tuple[SelfScope, int], int | None], actor: Actor, now: datetime
) -> Written:
    """Set what a merchant pays on self-purchases, by (scope, id) with id 0 for everything, from the next midnight on.
    None removes a rule; without any rule they earn nothing. 0 switches a part off (docs/rules.md §3).

    Raises:
        Invalid: a rate that isn't in 0…9000, or an id for everything.
        NotFound: no such merchant or category, or a product or campaign that isn't the merchant's.
        WrittenOutOfOrder: a change from a later midnight exists.
    """
    sheet = _open(merchant_id, now)
    _check_owned(merchant_id, [id_ for scope, id_ in rates if scope is SelfScope.PRODUCT])
    _check_campaigns_seen(merchant_id, [id_ for scope, id_ in rates if scope is SelfScope.CAMPAIGN])
    changes: list[Change] = []
    for (scope, id_), rate in rates.items():
        if scope is SelfScope.ALL and id_ != 0:
            raise Invalid(field="id", reason_zh="全部商品的编号须为 0", reason_en="everything has the id 0")
        if scope is SelfScope.CATEGORY and id_ not in sheet.floors.tree:
            raise NotFound
        if rate is not None:
            check_rate(rate, lowest=0)
        changes.append(
            Change(
                layer=Layer.SELF,
                scope=f"self:{merchant_id}:{scope.value}:{id_}",
                lookup=f"self:{merchant_id}:g" if scope is SelfScope.CAMPAIGN else "",
                rate_bps=rate,
                merchant_id=merchant_id,
                product_id=id_ if scope is SelfScope.PRODUCT else None,
                category_id=id_ if scope is SelfScope.CATEGORY else None,
                campaign_id=id_ if scope is SelfScope.CAMPAIGN else None,
            )
        )
    ids = writing.change_rates(changes, from_=sheet.from_, actor=actor, now=now)
    record("self_purchase.set", changes, from_=sheet.from_, actor=actor, now=now)
    return Written(sheet.from_, ids)


@transaction.atomic
def lift(*, merchant_ids: Sequence[int], actor: Actor, now: datetime) -> Written:
    """Hold merchants' own rates against their floors anew, from the next midnight on: after a product was added or
    moved to another category. Returns what was lifted.

    Raises:
        NotFound: no such merchant.
    """
    for merchant_id in sorted(set(merchant_ids)):
        writing.lock_merchant(merchant_id)
    from_ = next_midnight(now)
    found = list(books.books(merchant_ids, from_).values())
    return Written(from_, {}, books.lift(found, books.benchmarks(from_), from_=from_, actor=actor, now=now))


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A merchant's rates as they will stand at the next midnight, and the benchmarks then. The book takes changes."""

    from_: datetime
    book: Book
    floors: Benchmarks


def _open(merchant_id: int, now: datetime) -> _Sheet:
    """Lock a merchant's rates and read them."""
    writing.lock_merchant(merchant_id)
    from_ = next_midnight(now)
    book = books.books([merchant_id], from_)[merchant_id]
    return _Sheet(from_, book, books.benchmarks(from_)[book.subject_kind])


def _write(action: str, changes: Sequence[Change], sheet: _Sheet, *, actor: Actor, now: datetime) -> Written:
    """Write a merchant's changes and what they lift above them. The book holds the changes already."""
    ids = writing.change_rates(changes, from_=sheet.from_, actor=actor, now=now)
    record(action, changes, from_=sheet.from_, actor=actor, now=now)
    floors = {sheet.book.subject_kind: sheet.floors}
    lifts = books.lift([sheet.book], floors, from_=sheet.from_, actor=actor, now=now)
    return Written(sheet.from_, ids, lifts)


def record(action: str, changes: Sequence[Change], *, from_: datetime, actor: Actor, now: datetime) -> None:
    """Leave one act for each change."""
    facts = [(change.scope, {"to_bps": change.rate_bps, "from": from_.isoformat()}) for change in changes]
    audit.record_many(actor=actor, action=action, acts=facts, now=now)


def check_rate(rate_bps: int, *, lowest: int = 1) -> None:
    """Refuse what is no rate.

    Raises:
        Invalid: not a whole number of ten-thousandths from `lowest` to the ceiling.
    """
    if isinstance(rate_bps, bool) or not lowest <= rate_bps <= rules.CEILING_BPS:
        most = percent(rules.CEILING_BPS)
        raise Invalid(
            field="rate_bps", reason_zh=f"佣金率须大于 0 且不超过 {most}", reason_en=f"a rate is up to {most}"
        )


def _check_owned(merchant_id: int, product_ids: Iterable[int]) -> None:
    wanted = set(product_ids)
    owners = catalog.merchants_of(wanted)
    if any(owners.get(product) != merchant_id for product in wanted):
        raise NotFound


def _check_campaigns_seen(merchant_id: int, campaign_ids: Sequence[int]) -> None:
    found = rows.query(
        "SELECT id FROM plans_campaign WHERE id = ANY(%s) AND (merchant_id = %s OR merchant_id IS NULL)",
        [list(campaign_ids), merchant_id],
    )
    if len(found) < len(set(campaign_ids)):
        raise NotFound


def _set_default(book: Book, rate: int | None, floors: Benchmarks) -> None:
    if rate is None:
        books.drop(book)
        return
    floor = rules.default_floor(book, floors)
    if rate < floor:
        raise BelowBenchmark(floor=percent(floor))
    books.put(book, Custom(Layer.DEFAULT, rate, rate))


def _highest(book: Book, floors: Benchmarks) -> int:
    """Return the highest rate that may hold for a product of the merchant without campaigns."""
    own = [custom.rate_bps for custom in (*book.categories.values(), *book.mains.values())]
    default = [book.default.rate_bps] if book.default else []
    return max([*own, *default, *(floors.of(floors.tree[category]) for category in book.sold)], default=0)


def _check_ceiling(book: Book, rate_bps: int, product_ids: Sequence[int] | None = None) -> None:
    books.check_ceiling(
        rate_bps=rate_bps,
        tiers_bps=sum(book.tiers.values()),
        grade_bps=books.highest_grade_bps(),
        leader_bps=rules.service_bps(book, product_ids),
    )


def check_campaigns(book: Book, from_: datetime) -> None:
    """Hold what the merchant's campaigns, enrolments and targeted plans give, now or later, against the ceiling with
    the book's tiers."""
    grade_bps = books.highest_grade_bps()
    for rate_bps, bonus_fen, product_id, category_id in rows.query(
        "SELECT DISTINCT r.rate_bps, r.bonus_fen + coalesce(c.order_bonus_fen + c.first_order_bonus_fen, 0),"
        " r.product_id, r.category_id"
        " FROM plans_rate r LEFT JOIN plans_campaign c ON c.id = r.campaign_id"
        " WHERE r.layer IN ('campaign', 'leader', 'targeted') AND r.merchant_id = %s AND upper(r.valid) > %s",
        [book.merchant_id, from_],
    ):
        price_fen = None
        if bonus_fen:
            price_fen = catalog.cheapest(
                merchant_id=book.merchant_id,
                product_ids=None if product_id is None else [product_id],
                category_ids=None if category_id is None else [category_id],
            )
        books.check_ceiling(
            rate_bps=rate_bps,
            tiers_bps=sum(book.tiers.values()),
            grade_bps=grade_bps,
            leader_bps=rules.service_bps(book, None if product_id is None else [product_id]),
            bonus_fen=bonus_fen,
            price_fen=price_fen,
        )
