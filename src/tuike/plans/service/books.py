"""Reading what floors are computed from, and writing what they lift."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.kit.errors import NotFound
from tuike.kit.money import percent
from tuike.messages import service as messages
from tuike.parties import queries as parties
from tuike.parties.types import Source
from tuike.plans import rules
from tuike.plans.rules import Benchmarks, Book, Custom
from tuike.plans.service.writing import Change, change_rates
from tuike.plans.types import AboveCeiling, Layer, Lift

_CUSTOMS = """
    SELECT merchant_id, layer, scope, rate_bps, coalesce(lifted_from_bps, rate_bps), category_id, product_id
    FROM plans_rate
    WHERE merchant_id = ANY(%s) AND layer IN ('default', 'category', 'main', 'tier') AND valid @> %s::timestamptz
"""


_SERVICES = """
    SELECT merchant_id, product_id, max(service_bps) FROM plans_rate
    WHERE merchant_id = ANY(%s) AND layer = 'leader' AND NOT isempty(valid) AND upper(valid) > %s GROUP BY 1, 2
"""
_HIGHEST = """
    WITH services AS (
        SELECT merchant_id, max(service_bps) AS bps FROM plans_rate
        WHERE layer = 'leader' AND NOT isempty(valid) AND upper(valid) > %(at)s GROUP BY merchant_id
    )
    SELECT r.merchant_id, max(r.rate_bps + coalesce(s.bps, CASE WHEN r.merchant_id IS NULL
                                                                THEN (SELECT max(bps) FROM services) END, 0))
    FROM plans_rate r LEFT JOIN services s ON s.merchant_id = r.merchant_id
    WHERE r.layer IN ('campaign', 'leader', 'targeted', 'main', 'category', 'default', 'benchmark')
      AND r.valid && tstzrange(%(at)s, NULL)
    GROUP BY r.merchant_id
"""


def benchmarks(at: datetime) -> dict[str, Benchmarks]:
    """Return the benchmarks that hold at `at`, by subject kind."""
    tree = {node.category_id: node.path for node in catalog.categories()}
    found = rows.query(
        "SELECT scope, rate_bps FROM plans_rate WHERE layer = 'benchmark' AND valid @> %s::timestamptz", [at]
    )
    by_kind: dict[str, dict[int, int]] = {"individual": {}, "other": {}}
    for scope, rate_bps in found:
        _, category, kind = scope.split(":")
        by_kind[kind][int(category)] = rate_bps
    return {kind: Benchmarks(rates, tree) for kind, rates in by_kind.items()}


def books(merchant_ids: Iterable[int], at: datetime) -> dict[int, Book]:
    """Return merchants' own rates as they hold at `at`, by merchant.

    Raises:
        NotFound: an id that is no merchant's.
    """
    ids = sorted(set(merchant_ids))
    facts, sold = parties.merchant_facts(ids), catalog.categories_sold(ids)
    if len(facts) < len(ids):
        raise NotFound
    made = {
        id_: Book(
            merchant_id=id_,
            subject_kind=rules.subject_of(merchant.subject_kind.value),
            floored=merchant.source is Source.MINI_STORE,
            sold=sold.get(id_, frozenset()),
        )
        for id_, merchant in facts.items()
    }
    found = rows.query(_CUSTOMS, [ids, at])
    products = catalog.category_paths(row[6] for row in found if row[6] is not None)
    tree = {node.category_id: node.path for node in catalog.categories()}
    overall = overall_tiers(at)
    for book in made.values():
        book.tiers |= overall
    for merchant_id, layer, scope, rate, own, category, product in found:
        book = made[merchant_id]
        if layer == Layer.TIER.value:
            book.tiers[int(scope.rsplit(":", 1)[1])] = rate
            continue
        path = products[product] if product is not None else tree.get(category, ())
        put(book, Custom(Layer(layer), rate, own, category, product, path))
    for merchant_id, product, service_bps in rows.query(_SERVICES, [ids, at]):
        made[merchant_id].services[product] = service_bps
    return made


def put(book: Book, custom: Custom) -> None:
    """Enter a rate into a book."""
    if custom.product_id is not None:
        book.mains[custom.product_id] = custom
    elif custom.category_id is not None:
        book.categories[custom.category_id] = custom
    else:
        book.default = custom


def drop(book: Book, *, category_id: int | None = None, product_id: int | None = None) -> None:
    """Take a rate out of a book: the default when neither is given."""
    if product_id is not None:
        book.mains.pop(product_id, None)
    elif category_id is not None:
        book.categories.pop(category_id, None)
    else:
        book.default = None


def lift(
    changed: Sequence[Book], floors: dict[str, Benchmarks], *, from_: datetime, actor: Actor, now: datetime
) -> tuple[Lift, ...]:
    """Write what moves because a floor moved, and return it so that the merchants can be told; audited."""
    lifted: list[Lift] = []
    changes: list[Change] = []
    for book in changed:
        before = {(c.layer, c.category_id, c.product_id): c.rate_bps for c in _customs(book)}
        for custom in rules.lifts(book, floors[book.subject_kind]):
            changes.append(change_of(book.merchant_id, custom))
            was = before[custom.layer, custom.category_id, custom.product_id]
            where = (custom.category_id, custom.product_id)
            lifted.append(Lift(book.merchant_id, custom.layer, *where, was, custom.rate_bps, custom.own_bps, from_))
    if changes:
        change_rates(changes, from_=from_, actor=actor, now=now)
        acts = [
            (change.scope, {"from_bps": moved.from_bps, "to_bps": moved.to_bps, "own_bps": moved.own_bps})
            for change, moved in zip(changes, lifted, strict=True)
        ]
        audit.record_many(actor=actor, action="rate.lift", acts=acts, now=now)
        _tell([one for one in lifted if one.to_bps > one.from_bps], now)
    return tuple(lifted)


def _tell(raised: Sequence[Lift], now: datetime) -> None:
    """Tell merchants whose rates were lifted: one piece of news each, named by the first."""
    names = {node.category_id: (node.name, node.name_en or node.name) for node in catalog.categories()}
    titles = catalog.product_facts(one.product_id for one in raised if one.product_id is not None)
    told = []
    for merchant_id in dict.fromkeys(one.merchant_id for one in raised):
        mine = [one for one in raised if one.merchant_id == merchant_id]
        first = mine[0]
        zh, en = ("店铺默认", "the shop's default")
        if first.product_id is not None:
            zh = en = titles[first.product_id].title
        elif first.category_id is not None:
            zh, en = names[first.category_id]
        if len(mine) > 1:
            zh, en = f"{zh} 等 {len(mine)} 项", f"{en} and {len(mine) - 1} more"
        facts = {"name_zh": zh, "name_en": en, "rate_bps": first.to_bps, "from_at": first.effective_at.isoformat()}
        told.append((merchant_id, facts, ""))
    messages.tell_many(kind="rate_lifted", told=told, now=now)


def change_of(merchant_id: int, custom: Custom) -> Change:
    """Return the change that writes a merchant's own rate."""
    scope = {
        Layer.DEFAULT: f"default:{merchant_id}",
        Layer.CATEGORY: f"category:{merchant_id}:{custom.category_id}",
        Layer.MAIN: f"main:{custom.product_id}",
    }[custom.layer]
    return Change(
        layer=custom.layer,
        scope=scope,
        rate_bps=custom.rate_bps,
        merchant_id=merchant_id,
        category_id=custom.category_id,
        product_id=custom.product_id,
        lookup=f"product:{custom.product_id}" if custom.layer is Layer.MAIN else "",
        lifted_from_bps=custom.own_bps if custom.own_bps != custom.rate_bps else None,
    )


def highest_grade_bps() -> int:
    """Return what the highest grade adds to direct commission."""
    return rows.query("SELECT coalesce(max(extra_bps), 0) FROM plans_grade")[0][0]


def overall_tiers(at: datetime) -> dict[int, int]:
    """Return the operator's tiers that hold at `at` where a merchant set none, by tier."""
    found = rows.query(
        "SELECT split_part(scope, ':', 3)::int, rate_bps FROM plans_rate"
        " WHERE layer = 'tier' AND merchant_id IS NULL AND valid @> %s::timestamptz",
        [at],
    )
    return dict(found)


def highest_tiers_bps(at: datetime) -> int:
    """Return the most that any merchant gives to tiers 2 and 3 together at `at`."""
    return max([sum(overall_tiers(at).values()), *tiers_by_merchant(at).values()])


def tiers_by_merchant(at: datetime) -> dict[int, int]:
    """Return what merchants with tiers of their own give to tiers 2 and 3 together at `at`, by merchant."""
    found = rows.query(
        "SELECT merchant_id, split_part(scope, ':', 3)::int, rate_bps FROM plans_rate"
        " WHERE layer = 'tier' AND merchant_id IS NOT NULL AND valid @> %s::timestamptz",
        [at],
    )
    overall = overall_tiers(at)
    own: dict[int, dict[int, int]] = {}
    for merchant_id, tier, rate in found:
        own.setdefault(merchant_id, dict(overall))[tier] = rate
    return {merchant_id: sum(tiers.values()) for merchant_id, tiers in own.items()}


def highest_bps(at: datetime) -> int:
    """Return the most that any merchant's rates, tiers and leaders' fees reach together at `at` or later, without grade
    and bonus."""
    own = tiers_by_merchant(at)
    overall = sum(overall_tiers(at).values())
    highest = max([overall, *own.values()])
    found = rows.query(_HIGHEST, {"at": at})
    return max((bps + (highest if id_ is None else own.get(id_, overall)) for id_, bps in found), default=0)


def highest_service_bps(at: datetime) -> int:
    """Return the most that a leader gets of any product at `at` or later."""
    return rows.query(
        "SELECT coalesce(max(service_bps), 0) FROM plans_rate"
        " WHERE layer = 'leader' AND NOT isempty(valid) AND upper(valid) > %s",
        [at],
    )[0][0]


def check_ceiling(
    *,
    rate_bps: int,
    tiers_bps: int,
    grade_bps: int,
    leader_bps: int = 0,
    bonus_fen: int = 0,
    price_fen: int | None = None,
) -> None:
    """Refuse what could pay out more than 90 % of the cheapest product in scope; a bonus on nothing costs nothing.

    Raises:
        AboveCeiling: the worst case is above.
    """
    worst = rules.worst_bps(
        rate_bps=rate_bps,
        grade_bps=grade_bps,
        tiers_bps=tiers_bps,
        leader_bps=leader_bps,
        bonus_fen=bonus_fen if price_fen else 0,
        price_fen=price_fen or 1,
    )
    if worst > rules.CEILING_BPS:
        raise AboveCeiling(worst=percent(worst), ceiling=percent(rules.CEILING_BPS))


def _customs(book: Book) -> list[Custom]:
    return [*([book.default] if book.default else []), *book.categories.values(), *book.mains.values()]
