"""What crosses the border of marketing: coupons, vouchers, what a checkout is lowered by, and refusals."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tuike.kit.errors import Refusal


class CouponKind(StrEnum):
    """How a coupon lowers a price (docs/rules.md §10)."""

    THRESHOLD = "threshold"
    PERCENT = "percent"
    FIXED = "fixed"


class CouponChannel(StrEnum):
    """Who may see, take and use a coupon: everyone, or only who came by a promoter's ticket."""

    EVERYONE = "everyone"
    ALLIANCE = "alliance"


class CouponScope(StrEnum):
    """What a coupon lowers: everything of the shop, its categories with all below them, or single products. The
    platform's own lower everything of all shops."""

    SHOP = "shop"
    CATEGORY = "category"
    PRODUCT = "product"


class CouponPhase(StrEnum):
    """Where a coupon stands at an instant: `open` ones can be taken."""

    COMING = "coming"
    OPEN = "open"
    TAKEN_UP = "taken_up"
    OVER = "over"
    STOPPED = "stopped"


class VoucherState(StrEnum):
    """Where a voucher stands at an instant."""

    GOOD = "good"
    USED = "used"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCoupon:
    """A coupon to make.

    `threshold`: `minus_fen` off from `threshold_fen` on; `fixed`: `minus_fen` off; `percent`: `off_bps` off what it
    lowers, at most `most_fen`, from `threshold_fen` on. It can be taken from `starts_at` until before `ends_at`; a
    voucher is good until `ends_at`, or for `use_days` of 86,400 s after it was taken.
    """

    name: str
    kind: CouponKind
    starts_at: datetime
    ends_at: datetime
    stock: int
    minus_fen: int = 0
    off_bps: int = 0
    threshold_fen: int = 0
    most_fen: int | None = None
    use_days: int | None = None
    limit_each: int = 1
    scope: CouponScope = CouponScope.SHOP
    target_ids: tuple[int, ...] = ()
    channel: CouponChannel = CouponChannel.ALLIANCE


@dataclass(frozen=True, slots=True)
class CouponTerms:
    """What decides how much a coupon lowers, what, and for whom; `merchant_id` None: the platform's own."""

    merchant_id: int | None
    name: str
    kind: CouponKind
    threshold_fen: int
    minus_fen: int
    off_bps: int
    most_fen: int | None
    scope: CouponScope
    target_ids: tuple[int, ...]
    channel: CouponChannel = CouponChannel.ALLIANCE

    @property
    def funded_by(self) -> str:
        """Return who pays for what it takes off: `merchant` or `platform` (docs/rules.md §10)."""
        return "platform" if self.merchant_id is None else "merchant"


@dataclass(frozen=True, slots=True)
class CouponShown:
    """A coupon as its shop, promoters and buyers see it; `taken` of `stock` vouchers are out."""

    coupon_id: int
    no: str
    terms: CouponTerms
    starts_at: datetime
    ends_at: datetime
    use_days: int | None
    stock: int
    taken: int
    limit_each: int
    stopped_at: datetime | None
    created_at: datetime

    def phase(self, now: datetime) -> CouponPhase:
        """Return where it stands at `now`."""
        if self.stopped_at is not None:
            return CouponPhase.STOPPED
        if now >= self.ends_at:
            return CouponPhase.OVER
        if now < self.starts_at:
            return CouponPhase.COMING
        return CouponPhase.TAKEN_UP if self.taken >= self.stock else CouponPhase.OPEN


@dataclass(frozen=True, slots=True)
class VoucherShown:
    """A voucher as its buyer sees it."""

    no: str
    coupon_no: str
    terms: CouponTerms
    taken_at: datetime
    usable_until: datetime
    used_at: datetime | None

    def state(self, now: datetime) -> VoucherState:
        """Return where it stands at `now`."""
        if self.used_at is not None:
            return VoucherState.USED
        return VoucherState.GOOD if now < self.usable_until else VoucherState.EXPIRED


@dataclass(frozen=True, slots=True)
class VoucherEnding:
    """A voucher that ends soon, for the one that tells of it; the platform's has no `merchant_id`."""

    no: str
    buyer_id: int
    merchant_id: int | None
    title: str
    ends_at: datetime


@dataclass(frozen=True, slots=True)
class Item:
    """A line of a checkout as a coupon sees it: `amount_fen` is price times quantity, less what came before. In a shop
    that has switched coupons off (`coupons` false) nothing lowers it."""

    merchant_id: int
    product_id: int
    category_path: tuple[int, ...]
    amount_fen: int
    coupons: bool = True


@dataclass(frozen=True, slots=True)
class Lowered:
    """What a voucher takes off: fen by the position of the item; adds up exactly."""

    voucher_no: str
    terms: CouponTerms
    parts: Mapping[int, int]

    @property
    def minus_fen(self) -> int:
        """Return all that it takes off."""
        return sum(self.parts.values())


@dataclass(frozen=True, slots=True)
class Offer:
    """What a buyer's voucher would take off a checkout now, in fen; 0 and a reason where it wouldn't."""

    voucher: VoucherShown
    minus_fen: int
    why_not: Refusal | None = None


class CouponNotOpen(Refusal):
    """The coupon hasn't begun, is over, or was stopped."""

    code = "coupon_not_open"
    zh = "该优惠券不在领取时间内或已停止发放"
    en = "This coupon can't be taken now: it hasn't begun, is over, or was stopped."


class CouponTakenUp(Refusal):
    """All vouchers are out."""

    code = "coupon_taken_up"
    zh = "该优惠券已领完"
    en = "All of these coupons have been taken."


class CouponLimit(Refusal):
    """The buyer has as many as one may have."""

    code = "coupon_limit"
    zh = "该优惠券每人限领 {limit} 张"
    en = "Each person may take {limit} of these coupons."


class CouponNeedsTicket(Refusal):
    """An alliance coupon is for buyers whom a promoter brought."""

    code = "coupon_needs_ticket"
    zh = "联盟券仅限通过推客推广链接进入后使用"
    en = "An alliance coupon is only for orders that come by a promoter's link."


class CouponLowersNothing(Refusal):
    """Nothing of the order is in the coupon's scope."""

    code = "coupon_lowers_nothing"
    zh = "订单中没有该优惠券适用的商品"
    en = "Nothing in the order is in this coupon's scope."


class CouponBelowThreshold(Refusal):
    """The goods in scope don't reach the threshold."""

    code = "coupon_below_threshold"
    zh = "适用商品满 {threshold} 方可使用该优惠券"
    en = "The goods in scope must reach {threshold} for this coupon."


class OneVoucherAShop(Refusal):
    """Each shop's order takes one voucher of the shop, and a checkout one of the platform."""

    code = "one_voucher_a_shop"
    zh = "每个店铺的订单只能使用一张店铺券，每次结算只能使用一张平台券"
    en = "Each shop's order takes one of its coupons, and each checkout one of the platform's."


class VoucherNotGood(Refusal):
    """The voucher was used, or its time has passed."""

    code = "voucher_not_good"
    zh = "优惠券 {voucher} 已使用或已过期"
    en = "The coupon {voucher} has been used or has expired."


class StockOnlyGrows(Refusal):
    """A coupon's stock can only be raised: what buyers were shown stays."""

    code = "coupon_stock_only_grows"
    zh = "库存只能增加，当前为 {stock} 张"
    en = "The stock can only be raised; it is {stock} now."
