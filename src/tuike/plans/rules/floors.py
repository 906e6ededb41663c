"""How far a rate must be above the layers below it, how high it may be, what a risen floor lifts (docs/rules.md §3)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tuike.kit.money import BPS
from tuike.plans.rules.choose import ALL_CATEGORIES
from tuike.plans.types import Layer

CEILING_BPS = 9000
"""What all shares of a line may reach together: 90 %."""


@dataclass(frozen=True, slots=True)
class Custom:
    """A merchant's own rate as it stands at an instant. `own_bps` is what the merchant wrote, `rate_bps` what holds:
    more where a floor lifted it. `path` is the product's category path (of a main product) or the category's."""

    layer: Layer
    rate_bps: int
    own_bps: int
    category_id: int | None = None
    product_id: int | None = None
    path: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Benchmarks:
    """Benchmark rates of one subject kind by category (`ALL_CATEGORIES` for the rest), and the tree they lie over."""

    rates: Mapping[int, int]
    tree: Mapping[int, tuple[int, ...]]
    _highest: dict[int, int] = field(default_factory=dict)

    def of(self, path: tuple[int, ...]) -> int:
        """Return the benchmark of a category by its path: the nearest one upward; 0 where there is none."""
        for category in reversed(path):
            if category in self.rates:
                return self.rates[category]
        return self.rates.get(ALL_CATEGORIES, 0)

    def highest_under(self, category_id: int) -> int:
        """Return the highest benchmark among a category and all below it."""
        if not self._highest:
            for path in self.tree.values():
                rate = self.of(path)
                for above in path:
                    self._highest[above] = max(rate, self._highest.get(above, 0))
        return self._highest.get(category_id, 0)


@dataclass(slots=True)
class Book:
    """A merchant's own rates at an instant. Without `floored` (a shop outside our mall) nothing is held from below.

    `services` is by product the most that a leader gets of it, then or later."""

    merchant_id: int
    subject_kind: str
    floored: bool
    sold: frozenset[int]
    default: Custom | None = None
    categories: dict[int, Custom] = field(default_factory=dict)
    mains: dict[int, Custom] = field(default_factory=dict)
    tiers: dict[int, int] = field(default_factory=dict)
    services: dict[int, int] = field(default_factory=dict)


def default_floor(book: Book, benchmarks: Benchmarks) -> int:
    """Return what the merchant's default must reach: the highest benchmark of the categories that it sells in."""
    if not book.floored:
        return 0
    return max((benchmarks.of(benchmarks.tree[category]) for category in book.sold), default=0)


def category_floor(book: Book, category_id: int, benchmarks: Benchmarks) -> int:
    """Return what the merchant's rate for a category must be above: the highest benchmark under it."""
    return benchmarks.highest_under(category_id) if book.floored else 0


def next_layer(book: Book, path: tuple[int, ...], benchmarks: Benchmarks) -> tuple[Layer, int]:
    """Return the layer and rate that hold in a category without main product and campaign."""
    for category in reversed(path):
        if category in book.categories:
            return Layer.CATEGORY, book.categories[category].rate_bps
    if book.default is not None:
        return Layer.DEFAULT, book.default.rate_bps
    return Layer.BENCHMARK, benchmarks.of(path)


def service_bps(book: Book, product_ids: Iterable[int] | None = None) -> int:
    """Return the most that a leader may get of one of these products (None: of any of the merchant's)."""
    if product_ids is None:
        return max(book.services.values(), default=0)
    return max((book.services.get(product, 0) for product in product_ids), default=0)


def lifts(book: Book, benchmarks: Benchmarks) -> list[Custom]:
    """Return the merchant's rates that must change because a floor moved: lifted to it, or fallen back to their own.

    From below: the default and the categories over the benchmarks first, main products over what those become. The
    book is brought up to date on the way.
    """
    if not book.floored:
        return []
    moved: list[Custom] = []
    if book.default is not None:
        book.default = _held(book.default, default_floor(book, benchmarks), moved)
    for category_id, custom in sorted(book.categories.items()):
        book.categories[category_id] = _held(custom, category_floor(book, category_id, benchmarks), moved)
    for product_id, custom in sorted(book.mains.items()):
        book.mains[product_id] = _held(custom, next_layer(book, custom.path, benchmarks)[1], moved)
    return moved


def worst_bps(*, rate_bps: int, grade_bps: int, tiers_bps: int, leader_bps: int, bonus_fen: int, price_fen: int) -> int:
    """Return what a line may cost at worst, in ten-thousandths of the cheapest price (the bonus rounded up)."""
    bonus = -(-bonus_fen * BPS // price_fen) if bonus_fen else 0
    return rate_bps + grade_bps + tiers_bps + leader_bps + bonus


def _held(custom: Custom, floor_bps: int, moved: list[Custom]) -> Custom:
    wanted = max(custom.own_bps, floor_bps)
    if wanted == custom.rate_bps:
        return custom
    now = Custom(custom.layer, wanted, custom.own_bps, custom.category_id, custom.product_id, custom.path)
    moved.append(now)
    return now
