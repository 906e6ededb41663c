"""What crosses the catalog's border: products and SKUs as facts, why one can't be promoted, and its refusals."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tuike.kit.errors import Refusal


class ProductState(StrEnum):
    """Where a product stands; `exits` says what may follow."""

    DRAFT = "draft"
    ON_SALE = "on_sale"
    OFF_SALE = "off_sale"

    @property
    def exits(self) -> "frozenset[ProductState]":
        """Return the states that may follow this one."""
        return _EXITS[self]


_EXITS = {
    ProductState.DRAFT: frozenset({ProductState.ON_SALE}),
    ProductState.ON_SALE: frozenset({ProductState.OFF_SALE}),
    ProductState.OFF_SALE: frozenset({ProductState.ON_SALE}),
}


class StockWhy(StrEnum):
    """Why the free stock of a SKU changed (docs/rules.md §2)."""

    ADDED = "added"
    PLACED = "placed"
    CLOSED = "closed"
    REFUNDED = "refunded"
    HAND = "hand"
    IMPORT = "import"


@dataclass(frozen=True, slots=True)
class StockBack:
    """Pieces of a SKU that come back to what is free, and the number of what they had been taken for."""

    sku_id: int
    quantity: int
    source: str


class NotPromotable(StrEnum):
    """Why a product can't be promoted now, in the order in which the reasons are looked at (docs/rules.md §2)."""

    MERCHANT_NOT_OPENED = "merchant_not_opened"
    MERCHANT_NOT_CERTIFIED = "merchant_not_certified"
    MERCHANT_SUSPENDED = "merchant_suspended"
    OFF_SALE = "off_sale"
    OUT_OF_STOCK = "out_of_stock"
    RESTRICTED_CATEGORY = "restricted_category"
    NO_PICTURE = "no_picture"
    BELOW_PRICE_FLOOR = "below_price_floor"
    EXCLUDED = "excluded"
    PREPAID_SHORT = "prepaid_short"

    def sentence(self, language: str = "zh-hans") -> str:
        """Return the reason for the reader's language (`zh…` or anything else for English)."""
        zh, en = _REASONS[self]
        return zh if language.lower().startswith("zh") else en


_REASONS = {
    NotPromotable.MERCHANT_NOT_OPENED: ("商家尚未开通联盟", "The merchant has not opened the alliance."),
    NotPromotable.MERCHANT_NOT_CERTIFIED: ("商家尚未通过认证", "The merchant is not certified."),
    NotPromotable.MERCHANT_SUSPENDED: ("商家已被暂停", "The merchant is suspended."),
    NotPromotable.OFF_SALE: ("商品未上架", "The product is not on sale."),
    NotPromotable.OUT_OF_STOCK: ("商品无库存", "The product is out of stock."),
    NotPromotable.RESTRICTED_CATEGORY: ("商品所属类目不支持推广", "The product's category can't be promoted."),
    NotPromotable.NO_PICTURE: ("商品没有图片", "The product has no picture."),
    NotPromotable.BELOW_PRICE_FLOOR: ("商品价格低于推广最低价", "The price is below the floor for promotion."),
    NotPromotable.EXCLUDED: ("商家已将该商品设为不推广", "The merchant excluded the product."),
    NotPromotable.PREPAID_SHORT: ("商家预存佣金不足", "The merchant's prepaid balance is exhausted."),
}


class MallSort(StrEnum):
    """The orders of the mall's lists."""

    SALES = "sales"
    NEWEST = "newest"
    PRICE_UP = "price_up"
    PRICE_DOWN = "price_down"


@dataclass(frozen=True, slots=True)
class MallWanted:
    """What is asked of the mall's list: nothing set is everything on sale. `words` is what a buyer typed; prices are
    those of the cheapest choice, both bounds included."""

    words: str = ""
    merchant_id: int | None = None
    category_id: int | None = None
    price_from_fen: int | None = None
    price_to_fen: int | None = None
    in_stock: bool = False
    sort: MallSort = MallSort.SALES


@dataclass(frozen=True, slots=True)
class NewSku:
    """A choice of a product: its price, how many are free to sell, and what one weighs with its wrapping, in grams."""

    price_fen: int
    free: int
    spec: str = ""
    on_sale: bool = True
    weight_g: int = 0


@dataclass(frozen=True, slots=True)
class NewProduct:
    """A product to add. `external_no` is the shop's own number, unique in the shop where given."""

    category_id: int
    title: str
    skus: tuple[NewSku, ...]
    pictures: tuple[str, ...] = ()
    subtitle: str = ""
    detail: str = ""
    path: str = ""
    external_no: str = ""


@dataclass(frozen=True, slots=True)
class SkuChange:
    """What changes of a SKU; None leaves a value as it is. Stock changes by `add_stock` alone."""

    sku_id: int
    price_fen: int | None = None
    spec: str | None = None
    on_sale: bool | None = None
    weight_g: int | None = None


@dataclass(frozen=True, slots=True)
class ProductChange:
    """What changes of a product; None leaves a value as it is. `new_skus` are added, none is removed."""

    category_id: int | None = None
    title: str | None = None
    subtitle: str | None = None
    detail: str | None = None
    path: str | None = None
    pictures: tuple[str, ...] | None = None
    excluded: bool | None = None
    skus: tuple[SkuChange, ...] = ()
    new_skus: tuple[NewSku, ...] = ()


@dataclass(frozen=True, slots=True)
class SkuFacts:
    """What placing an order must know of a SKU. `on_sale`: the SKU and its product are. `picture` is "" for none;
    `free` is how many can be had."""

    sku_id: int
    product_id: int
    product_no: str
    merchant_id: int
    category_id: int
    category_path: tuple[int, ...]
    title: str
    spec: str
    price_fen: int
    on_sale: bool
    picture: str
    free: int = 0


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """A product as others see it. `free` sums the SKUs on sale; `restricted` holds when any category above it is."""

    product_id: int
    product_no: str
    merchant_id: int
    external_no: str
    category_id: int
    category_path: tuple[int, ...]
    restricted: bool
    title: str
    subtitle: str
    pictures: tuple[str, ...]
    path: str
    state: ProductState
    excluded: bool
    min_price_fen: int
    free: int
    listed_from: datetime | None


@dataclass(frozen=True, slots=True)
class ShopSku:
    """A SKU as the storefront's product page shows it."""

    sku_id: int
    spec: str
    price_fen: int
    free: int
    on_sale: bool
    weight_g: int = 0


@dataclass(frozen=True, slots=True)
class WholeProduct:
    """A product on sale as its page shows it: its SKUs in the order in which they were added, its description as it
    was written, and how many pieces were sold."""

    facts: ProductFacts
    skus: tuple[ShopSku, ...]
    detail: str
    sold: int


@dataclass(frozen=True, slots=True)
class OwnProduct:
    """A product as its shop edits it."""

    facts: ProductFacts
    detail: str
    skus: tuple[ShopSku, ...]


@dataclass(frozen=True, slots=True)
class MallPage:
    """A page of the mall's list: products with how many pieces were sold of each; `next` is "" at the end."""

    products: "tuple[tuple[ProductFacts, int], ...]"
    next: str


@dataclass(frozen=True, slots=True)
class ProductPage:
    """A stretch of a list, newest first. `after` is what the next request passes on; None at the end."""

    products: tuple[ProductFacts, ...]
    after: int | None


@dataclass(frozen=True, slots=True)
class CategoryNode:
    """A category with the ids from its root to itself."""

    category_id: int
    path: tuple[int, ...]
    name: str
    name_en: str
    restricted: bool
    picture: str = ""


@dataclass(frozen=True, slots=True)
class PromotionFacts:
    """Everything that decides whether a product may be promoted, as plain values at one instant."""

    opened: bool
    certified: bool
    suspended: bool
    on_sale: bool
    free: int
    restricted: bool
    has_picture: bool
    min_price_fen: int
    price_floor_fen: int
    excluded: bool
    prepaid_short: bool


class SoldOut(Refusal):
    """Fewer are free than were asked for. Nothing was taken, of any SKU."""

    code = "sold_out"
    status = 409
    zh = "“{title}”库存不足，仅剩 {free} 件"
    en = "“{title}” is sold out: {free} left."


class NotOnSale(Refusal):
    """A SKU or its product is not on sale. Nothing was taken, of any SKU."""

    code = "not_on_sale"
    status = 409
    zh = "“{title}”已下架"
    en = "“{title}” is not on sale."


class NoSuchSku(Refusal):
    """No SKU has this id."""

    code = "no_such_sku"
    status = 404
    zh = "没有找到该商品规格"
    en = "There is no such choice of a product."


class StockBelowZero(Refusal):
    """Taking out more than is free."""

    code = "stock_below_zero"
    status = 409
    zh = "库存不能小于 0：目前可售 {free} 件"
    en = "Stock can't fall below zero: {free} are free."


class TooDeep(Refusal):
    """A category of a fourth level."""

    code = "category_too_deep"
    status = 422
    zh = "类目最多三级"
    en = "Categories have three levels at most."


class AlreadyThere(Refusal):
    """The shop has a product with this number of its own."""

    code = "external_no_taken"
    status = 409
    zh = "外部编号 {external_no} 已存在"
    en = "A product with the number {external_no} exists."


class WrongState(Refusal):
    """The product's state doesn't lead there."""

    code = "product_state"
    status = 409
    zh = "商品当前状态不能进行此操作"
    en = "The product's state does not allow this."


class NothingToSell(Refusal):
    """A product without a SKU on sale can't be put on sale."""

    code = "nothing_to_sell"
    status = 409
    zh = "至少需要一个在售规格才能上架"
    en = "A product needs a choice on sale before it can be put on sale."


class CannotBePromoted(Refusal):
    """Material was asked for what can't be promoted now; nothing was made."""

    code = "not_promotable"
    status = 409
    zh = "“{title}”暂不能推广：{reason_zh}"
    en = "“{title}” can't be promoted now: {reason_en}"
