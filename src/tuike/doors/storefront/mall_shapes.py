"""Shapes of the mall's pages."""

from datetime import datetime
from typing import Literal

from ninja import Schema

from tuike.doors.storefront import answers, vouchers
from tuike.doors.storefront.reviews import MallReview


class MallProduct(answers.Product):
    """A product in a list; `sold` is how many pieces were sold."""

    sold: int


class MallProducts(Schema):
    """A page of products."""

    items: list[MallProduct]
    next: str


class MallCategory(Schema):
    """A category in the reader's language, with those below it."""

    id: int
    name: str
    name_zh: str
    name_en: str
    picture: str
    children: list["MallCategory"]


class MallCategories(Schema):
    """The tree, at most three levels; `version` changes with it."""

    version: str
    items: list[MallCategory]


class HomeBanner(Schema):
    """A picture that leads somewhere. `link`: none, product, category, shop, page; `to` its number, id or name."""

    picture: str
    link: str
    to: str


class HomeCategory(Schema):
    """A category of a row."""

    id: int
    name: str
    picture: str


class HomeBlock(Schema):
    """A block of a page: what its `kind` says is filled, the rest is empty."""

    kind: Literal["banners", "categories", "picks", "coupons", "notice"]
    title: str
    banners: list[HomeBanner]
    categories: list[HomeCategory]
    products: list[MallProduct]
    coupons: list[vouchers.Coupon]


class HomePage(Schema):
    """The mall's home page. `functions`: what the mall has on (coupons, points, points_mall, bargains, red_packets,
    board, reviews)."""

    blocks: list[HomeBlock]
    functions: list[str]
    hot_words: list[str]


class ShopPageShown(Schema):
    """A shop's page. `functions`: what is on in this shop; `followers` up to 10,000."""

    shop: answers.Shop
    picture: str
    description: str
    functions: list[str]
    followers: int
    favourite: bool
    blocks: list[HomeBlock]


class Suggestions(Schema):
    """What a beginning of a search may mean: the operator's words, categories, titles."""

    hot: list[str]
    categories: list[HomeCategory]
    titles: list[str]


class MallSku(Schema):
    """A choice. `values`: one on each of the product's axes."""

    sku_id: int
    spec: str
    price_fen: int
    free: int
    on_sale: bool
    values: list[str]


class MallAxis(Schema):
    """What choices differ in; no `name`: say "choice"."""

    name: str
    values: list[str]


class MallShopCard(answers.Shop):
    """The shop of a product."""

    picture: str


class MallOffer(Schema):
    """A choice that can be bargained for, down to `floor_fen`."""

    no: str
    sku_id: int
    floor_fen: int
    cuts_needed: int
    left: int
    ends_at: datetime


class OwnEarning(Schema):
    """What the promoter who looks would get of one piece of the cheapest choice."""

    rate_bps: int
    commission_fen: int
    bonus_fen: int


class ReviewSummary(Schema):
    """Reviews of a product: how many, the average in tenths, the newest two."""

    count: int
    average_tenths: int
    first: list[MallReview]


class MallProductPage(MallProduct):
    """A product's page. `detail` is harmless HTML; `earning` is for a promoter, null for everybody else. `freight_fen`:
    what sending one piece of the cheapest choice costs to most regions, null where none is on sale; `points`: what
    buying it earns, before the level's multiplier, 0 where the shop gives none."""

    detail: str
    skus: list[MallSku]
    axes: list[MallAxis]
    functions: list[str]
    coupons: list[vouchers.Coupon]
    bargains: list[MallOffer]
    reviews: ReviewSummary
    favourite: bool
    earning: OwnEarning | None
    freight_fen: int | None
    points: int
    shop: MallShopCard


class ShareCard(Schema):
    """What a share shows and opens; `code` is the sharer's own short code, "" for a plain share."""

    title: str
    picture: str
    path: str
    code: str
