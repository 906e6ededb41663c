"""What crosses the library's border: what is looked for, cards, marks, and refusals."""

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from tuike.kit.errors import Refusal

FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
"""The end of what has none."""
MOST_CHOSEN = 200
"""Products that a selection set holds: as many as material is made for at once."""
RULES_EDITION = 1
"""The edition of the sources' rules that is shown now; a new one has to be accepted anew."""


class Sort(StrEnum):
    """What cards are ordered by; `PICKED` is the operator's order and needs the curated list."""

    NEWEST = "newest"
    PRICE = "price"
    COMMISSION = "commission"
    RATE = "rate"
    SALES = "sales"
    PICKED = "picked"


class Scope(StrEnum):
    """What a mark is for."""

    PRODUCTS = "products"
    MERCHANT = "merchant"
    CATEGORY = "category"
    ALL = "all"


@dataclass(frozen=True, slots=True)
class Range:
    """From `low` to `high`, both included; None is open."""

    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is looked for in the library. Categories include all below them. Of `merchant_ids` and `product_ids` None is
    any, and an empty list nothing."""

    keyword: str = ""
    category_ids: tuple[int, ...] = ()
    without_category_ids: tuple[int, ...] = ()
    price_fen: Range = Range()
    commission_fen: Range = Range()
    rate_bps: Range = Range()
    coupon: bool = False
    merchant_id: int | None = None
    merchant_ids: tuple[int, ...] | None = None
    product_ids: tuple[int, ...] | None = None
    source: str = ""
    curated: bool = False
    sort: Sort = Sort.NEWEST
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Card:
    """A product as it stands in the library now; money of the cheapest choice at the public rate."""

    product_id: int
    merchant_id: int
    source: str
    price_fen: int
    rate_bps: int
    commission_fen: int
    coupon: bool
    sold: int
    listed_at: datetime


@dataclass(frozen=True, slots=True)
class CardPage:
    """A stretch of the library. `after` and `before` lead to the next and the previous one; empty at the ends."""

    cards: tuple[Card, ...]
    after: str
    before: str


@dataclass(frozen=True, slots=True)
class Standing:
    """What the index keeps of a product at an instant, without the period."""

    merchant_id: int
    source: str
    path: tuple[int, ...]
    words: str
    price_fen: int
    rate_bps: int
    commission_fen: int
    coupon: bool
    listed_at: datetime


@dataclass(frozen=True, slots=True)
class ItemRow:
    """A row of the index: from when until when a product stands as it does."""

    product_id: int
    begins: datetime
    ends: datetime
    stands: Standing


@dataclass(frozen=True, slots=True)
class Marked:
    """Work for the index: products, or everything of a scope."""

    scope: Scope
    scope_id: int = 0
    product_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OwnRate:
    """What a promoter gets on a product now: grade, campaign and targeted plan in it. `bonus_fen` is for one piece."""

    rate_bps: int
    commission_fen: int
    bonus_fen: int
    layer: str
    grade_bps: int


class BadPage(Refusal):
    """The page's mark is none of ours."""

    code = "library_page"
    status = 422
    zh = "页码标记无效，请从第一页重新查看"
    en = "This page mark is not valid; begin at the first page."


@dataclass(frozen=True, slots=True)
class RateCut:
    """A shop's rate that was lowered to half or less, and when."""

    merchant_id: int
    at: datetime
    from_bps: int
    to_bps: int


class TooFar(Refusal):
    """So far into the library nothing is looked up by position."""

    code = "offset_too_far"
    status = 422
    zh = "from 最大为 {most}，请用筛选条件缩小范围"
    en = "from is {most} at most; narrow the list by filters."


class SetFull(Refusal):
    """The selection set holds as many products as it can."""

    code = "selection_full"
    status = 409
    zh = "选品车最多放 {most} 个商品"
    en = "A selection set holds {most} products at most."


class NotInLibrary(Refusal):
    """The product doesn't stand in the library now."""

    code = "not_in_library"
    status = 409
    zh = "该商品当前不在选品库中"
    en = "This product is not in the library now."


class RulesNotAccepted(Refusal):
    """The promoter has not yet accepted how this source settles and pays."""

    code = "rules_not_accepted"
    status = 409
    zh = "请先阅读并同意“{source_zh}”的结算与提现规则"
    en = "Read and accept the settlement and withdrawal rules of “{source_en}” first."
