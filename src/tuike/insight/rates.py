"""A merchant's rates: the tree of categories as it stands and will stand, what held at any instant, every change."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tuike.catalog import queries as catalog
from tuike.catalog.types import CategoryNode
from tuike.db import rows
from tuike.kit.days import next_midnight
from tuike.parties import queries as parties
from tuike.plans import queries as plans
from tuike.plans.types import Layer, RateShown


@dataclass(frozen=True, slots=True)
class Holding:
    """A rate that holds: its layer, and whether it is set right here or above in the tree."""

    rate_bps: int
    layer: Layer
    here: bool


@dataclass(frozen=True, slots=True)
class CategoryRate:
    """A category as a merchant prices it. `own_bps` is the merchant's row here now, `coming_bps` the one from the next
    midnight on (None: none); `lifted_from_bps` what the merchant wrote where a floor lifted it. `floor_bps` is what a
    new rate here must be above. `sold`: the merchant has products right here."""

    category_id: int
    name: str
    name_en: str
    level: int
    restricted: bool
    sold: bool
    benchmark_bps: int
    coming_benchmark_bps: int
    floor_bps: int
    own_bps: int | None
    coming_bps: int | None
    lifted_from_bps: int | None
    holds: Holding
    will_hold: Holding

    @property
    def changing(self) -> bool:
        """Return whether the next midnight changes anything here."""
        return (self.holds, self.own_bps, self.benchmark_bps) != (
            self.will_hold,
            self.coming_bps,
            self.coming_benchmark_bps,
        )


@dataclass(frozen=True, slots=True)
class RateChange:
    """A row of the history: what was written, by whom, when it held. `replaced`: a later change of the same day took
    its place before it came into force. `by` is "" for the platform and the product itself."""

    rate_id: int
    layer: Layer
    scope: str
    category: tuple[str, str] | None
    product_no: str
    title: str
    campaign: str
    rate_bps: int
    bonus_fen: int
    lifted_from_bps: int | None
    begins: datetime | None
    ends: datetime | None
    replaced: bool
    written_at: datetime
    by: str

    @property
    def tier(self) -> int | None:
        """Return the tier that it is for, None for other layers."""
        return int(self.scope.rsplit(":", 1)[1]) if self.layer is Layer.TIER else None

    def holds_at(self, instant: datetime) -> bool:
        """Return whether it held at that instant."""
        begun = self.begins is None or self.begins <= instant
        return not self.replaced and begun and (self.ends is None or instant < self.ends)


OWN = (Layer.CATEGORY, Layer.MAIN, Layer.LEADER, Layer.TARGETED, Layer.DEFAULT, Layer.TIER, Layer.SELF, Layer.CAMPAIGN)

_HISTORY = """
    SELECT r.id, r.layer, r.scope, c.name, c.name_en, coalesce(p.no, ''), coalesce(p.title, ''), coalesce(g.name, ''),
        r.rate_bps, r.bonus_fen, r.lifted_from_bps, lower(r.valid), upper(r.valid), isempty(r.valid), r.written_at,
        CASE WHEN EXISTS (SELECT 1 FROM parties_seat s WHERE s.party_id = r.merchant_id AND s.person_id = r.written_by)
            THEN coalesce(n.nickname, '') ELSE '' END
    FROM plans_rate r LEFT JOIN catalog_category c ON c.id = r.category_id
        LEFT JOIN catalog_product p ON p.id = r.product_id LEFT JOIN plans_campaign g ON g.id = r.campaign_id
        LEFT JOIN people_person n ON n.id = r.written_by
    WHERE r.merchant_id = %(merchant)s AND r.layer = ANY(%(layers)s)
"""


def category_rates(*, merchant_id: int, now: datetime) -> list[CategoryRate]:
    """Return the whole tree for one merchant, parents before children: benchmark, own rate, what holds now and from the
    next midnight on (docs/rules.md §3)."""
    tree = catalog.categories()
    sold = catalog.categories_sold([merchant_id]).get(merchant_id, frozenset())
    kind = "individual" if parties.merchant_facts([merchant_id])[merchant_id].subject_kind == "individual" else "other"
    own = plans.merchant_rates(merchant_id=merchant_id, at=now, layers=(Layer.CATEGORY, Layer.DEFAULT))
    benchmarks = [row for row in plans.benchmark_rates(at=now) if row.scope.endswith(f":{kind}")]
    midnight = next_midnight(now)
    today, then = _Standing(benchmarks, own, now), _Standing(benchmarks, own, midnight)
    floors = _floors({node.category_id: node.path for node in tree}, then)
    return [
        CategoryRate(
            category_id=node.category_id,
            name=node.name,
            name_en=node.name_en or node.name,
            level=len(node.path),
            restricted=node.restricted,
            sold=node.category_id in sold,
            benchmark_bps=today.benchmark(node.path),
            coming_benchmark_bps=then.benchmark(node.path),
            floor_bps=floors[node.category_id],
            own_bps=today.own(node.category_id),
            coming_bps=then.own(node.category_id),
            lifted_from_bps=then.lifted(node.category_id),
            holds=today.holds(node.path),
            will_hold=then.holds(node.path),
        )
        for node in _in_order(tree)
    ]


def history(
    *,
    merchant_id: int,
    layers: Sequence[Layer] = OWN,
    product_id: int | None = None,
    category_id: int | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[RateChange]:
    """Return what a merchant's rates were and will be, the latest writing first, narrowed to a product or a category;
    `before_id` is the last row of the page before."""
    return _changes(
        "AND (%(product)s::bigint IS NULL OR r.product_id = %(product)s)"
        " AND (%(category)s::bigint IS NULL OR r.category_id = %(category)s)"
        " AND (%(before)s::bigint IS NULL OR r.id < %(before)s) ORDER BY r.id DESC LIMIT %(limit)s",
        merchant_id,
        layers,
        {"product": product_id, "category": category_id, "before": before_id, "limit": max(1, min(limit, 200))},
    )


def held_at(*, merchant_id: int, at: datetime, layers: Sequence[Layer] = OWN, limit: int = 500) -> list[RateChange]:
    """Return the merchant's own rows that were in force at `at`, by layer and age: "as of" any instant."""
    return _changes(
        "AND r.valid @> %(at)s::timestamptz ORDER BY array_position(%(layers)s, r.layer), r.id LIMIT %(limit)s",
        merchant_id,
        layers,
        {"at": at, "limit": limit},
    )


def campaign_scope(*, merchant_id: int, campaign_id: int, limit: int = 200) -> list[RateChange]:
    """Return what a merchant's campaign is for, row by row: products, categories, or one row for everything."""
    return _changes(
        "AND r.campaign_id = %(campaign)s ORDER BY r.id LIMIT %(limit)s",
        merchant_id,
        (Layer.CAMPAIGN,),
        {"campaign": campaign_id, "limit": limit},
    )


def _changes(condition: str, merchant_id: int, layers: Sequence[Layer], params: Mapping[str, Any]) -> list[RateChange]:
    asked = {"merchant": merchant_id, "layers": [layer.value for layer in layers], **params}
    return [
        RateChange(
            rate_id=row[0],
            layer=Layer(row[1]),
            scope=row[2],
            category=None if row[3] is None else (row[3], row[4] or row[3]),
            product_no=row[5],
            title=row[6],
            campaign=row[7],
            rate_bps=row[8],
            bonus_fen=row[9],
            lifted_from_bps=row[10],
            begins=row[11],
            ends=row[12],
            replaced=row[13],
            written_at=row[14],
            by=row[15],
        )
        for row in rows.query(f"{_HISTORY} {condition}", asked)
    ]


class _Standing:
    """Benchmarks and a merchant's category rates as they stand at an instant."""

    def __init__(self, benchmarks: Sequence[RateShown], own: Sequence[RateShown], at: datetime) -> None:
        held = [row for row in (*benchmarks, *own) if _holds(row, at)]
        self._benchmarks = {row.category_id or 0: row.rate_bps for row in held if row.layer is Layer.BENCHMARK}
        self._own = {row.category_id: row for row in held if row.layer is Layer.CATEGORY}
        self._default = next((row for row in held if row.layer is Layer.DEFAULT), None)

    def benchmark(self, path: Sequence[int]) -> int:
        return next((self._benchmarks[id_] for id_ in (*reversed(path), 0) if id_ in self._benchmarks), 0)

    def own(self, category_id: int) -> int | None:
        row = self._own.get(category_id)
        return row.rate_bps if row else None

    def lifted(self, category_id: int) -> int | None:
        row = self._own.get(category_id)
        return row.lifted_from_bps if row else None

    def holds(self, path: Sequence[int]) -> Holding:
        for id_ in reversed(path):
            if id_ in self._own:
                return Holding(self._own[id_].rate_bps, Layer.CATEGORY, id_ == path[-1])
        if self._default is not None:
            return Holding(self._default.rate_bps, Layer.DEFAULT, False)
        return Holding(self.benchmark(path), Layer.BENCHMARK, False)


def _holds(row: RateShown, at: datetime) -> bool:
    return (row.begins is None or row.begins <= at) and (row.ends is None or at < row.ends)


def _floors(paths: Mapping[int, tuple[int, ...]], standing: _Standing) -> dict[int, int]:
    """Return by category the highest benchmark among it and all below it."""
    highest: dict[int, int] = {}
    for path in paths.values():
        rate = standing.benchmark(path)
        for above in path:
            highest[above] = max(rate, highest.get(above, 0))
    return highest


def _in_order(tree: Sequence[CategoryNode]) -> list[CategoryNode]:
    """Return the tree as it is read: each category followed by what is below it."""
    place = {node.category_id: number for number, node in enumerate(tree)}
    return sorted(tree, key=lambda node: [place[id_] for id_ in node.path])
