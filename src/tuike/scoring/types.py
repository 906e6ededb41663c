"""What crosses the scores' border: what an order left behind, what was found about it, its score."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

MOST = 1_000
"""A score is in thousandths: 0 nothing is odd, 1,000 certain."""
HIGH = 600
"""From here on a person looks at the order."""


class Mark(StrEnum):
    """By what two orders are known to come from one hand; its value is a keyed digest, never the thing itself."""

    ADDRESS = "address"
    PHONE = "phone"
    DEVICE = "device"
    PAYER = "payer"


class Unit(StrEnum):
    """What a finding's value counts."""

    TIMES = "times"
    MS = "ms"
    BPS = "bps"


class Signal(StrEnum):
    """What may be odd about an order (docs/rules.md §11)."""

    QUICK_ORDER = "quick_order"
    CLICK_AFTER_CART = "click_after_cart"
    HIJACKED_CARTS = "hijacked_carts"
    HIJACKED_PLACE = "hijacked_place"
    NO_LANDING = "no_landing"
    NO_LANDING_PLACE = "no_landing_place"
    SHARED_ADDRESS = "shared_address"
    SHARED_PHONE = "shared_phone"
    SHARED_DEVICE = "shared_device"
    SHARED_PAYER = "shared_payer"
    BUYER_RING = "buyer_ring"
    OWN_CIRCLE = "own_circle"
    REFERRAL_RING = "referral_ring"
    LATE_REFUNDS = "late_refunds"
    ROUND_TRIPS = "round_trips"
    NIGHT_BURST = "night_burst"
    COUPON_ABUSE = "coupon_abuse"
    LEADER_REFUNDS = "leader_refunds"
    RATE_CUT = "rate_cut"


@dataclass(frozen=True, slots=True)
class Words:
    """A signal in words. In the sentences `{value}` and `{threshold}` stand for figures, written in `unit`."""

    unit: Unit
    name: tuple[str, str]
    says: tuple[str, str]


_T, _MS, _BPS = Unit.TIMES, Unit.MS, Unit.BPS
WORDS: Mapping[Signal, Words] = {
    Signal.QUICK_ORDER: Words(
        _MS,
        ("点击后瞬间下单", "Ordered at once after the click"),
        ("点击后 {value}即下单，低于 {threshold}", "Ordered {value} after the click, less than {threshold}"),
    ),
    Signal.CLICK_AFTER_CART: Words(
        _MS,
        ("加购后才点击", "Clicked after the cart was filled"),
        (
            "商品已在购物车，点击后 {value}下单（{threshold}内）",
            "The goods were in the cart; ordered {value} after the click (within {threshold})",
        ),
    ),
    Signal.HIJACKED_CARTS: Words(
        _BPS,
        ("大量订单加购后才点击", "Many orders clicked after the cart was filled"),
        (
            "该推客有 {value} 的订单是加购后才点击，超过 {threshold}",
            "{value} of the promoter's orders were clicked after the cart was filled, more than {threshold}",
        ),
    ),
    Signal.NO_LANDING: Words(
        _BPS,
        ("点击后未落地", "Clicks without landing"),
        (
            "7 天内仅 {value} 的点击真正打开，低于 {threshold}",
            "In 7 days {value} of clicks landed, less than {threshold}",
        ),
    ),
    Signal.HIJACKED_PLACE: Words(
        _BPS,
        ("某推广位大量订单加购后才点击", "Many orders of a place clicked after the cart was filled"),
        (
            "该推广位有 {value} 的订单是加购后才点击，超过 {threshold}",
            "{value} of the place's orders were clicked after the cart was filled, more than {threshold}",
        ),
    ),
    Signal.NO_LANDING_PLACE: Words(
        _BPS,
        ("某推广位点击后未落地", "Clicks of a place without landing"),
        (
            "该推广位 7 天内仅 {value} 的点击真正打开，低于 {threshold}",
            "In 7 days {value} of the place's clicks landed, less than {threshold}",
        ),
    ),
    Signal.SHARED_ADDRESS: Words(
        _T,
        ("多账号同一地址", "Many accounts, one address"),
        ("同一地址有 {value} 个账号（{threshold} 个起）", "{value} accounts at this address (from {threshold} on)"),
    ),
    Signal.SHARED_PHONE: Words(
        _T,
        ("多账号同一手机号", "Many accounts, one phone"),
        ("同一手机号有 {value} 个账号（{threshold} 个起）", "{value} accounts with this phone (from {threshold} on)"),
    ),
    Signal.SHARED_DEVICE: Words(
        _T,
        ("多账号同一设备", "Many accounts, one device"),
        ("同一设备有 {value} 个账号（{threshold} 个起）", "{value} accounts on this device (from {threshold} on)"),
    ),
    Signal.SHARED_PAYER: Words(
        _T,
        ("多账号同一付款人", "Many accounts, one payer"),
        (
            "同一付款人付了 {value} 个账号（{threshold} 个起）",
            "One payer paid for {value} accounts (from {threshold} on)",
        ),
    ),
    Signal.BUYER_RING: Words(
        _T,
        ("买家团伙", "Ring of buyers"),
        (
            "{value} 个账号互用手机号、设备或付款人并反复下单（{threshold} 个起）",
            "{value} accounts share phones, devices or payers and order again and again (from {threshold} on)",
        ),
    ),
    Signal.OWN_CIRCLE: Words(
        _T,
        ("推客自买圈", "The promoter's own circle"),
        (
            "{value} 个账号与推客本人共用手机号、设备或付款人（{threshold} 个起）",
            "{value} accounts share phone, device or payer with the promoter (from {threshold} on)",
        ),
    ),
    Signal.REFERRAL_RING: Words(
        _T,
        ("推客互买", "Promoters buy from each other"),
        (
            "该推客与互买的推客之间有 {value} 单（{threshold} 单起）",
            "{value} orders between promoters who buy from each other (from {threshold} on)",
        ),
    ),
    Signal.LATE_REFUNDS: Words(
        _BPS,
        ("临结算前退款", "Refunded just before settling"),
        (
            "该推客有 {value} 的订单在结算前几天全额退款，达到 {threshold}",
            "{value} of the promoter's orders were refunded in the last days before settling, at least {threshold}",
        ),
    ),
    Signal.ROUND_TRIPS: Words(
        _T,
        ("反复下单退款", "Ordered and refunded in rounds"),
        (
            "买家经该推客下单又全额退款 {value} 次（{threshold} 次起）",
            "The buyer ordered and was refunded in full {value} times (from {threshold} on)",
        ),
    ),
    Signal.NIGHT_BURST: Words(
        _T,
        ("夜间集中下单", "Burst at night"),
        (
            "夜间一小时内 {value} 单且集中于少数账号或标识，平时不超过 {threshold} 单",
            "{value} orders in an hour of the night from few hands, usually at most {threshold}",
        ),
    ),
    Signal.COUPON_ABUSE: Words(
        _T,
        ("多账号套用优惠券", "One hand, many coupons"),
        (
            "{value} 个账号以同一手机号、设备或付款人使用同一优惠券（{threshold} 个起）",
            "{value} accounts used one coupon with the same phone, device or payer (from {threshold} on)",
        ),
    ),
    Signal.LEADER_REFUNDS: Words(
        _BPS,
        ("团长单量靠退款订单", "Leader's count made of refunds"),
        (
            "团长该合作有 {value} 的订单全额退款，达到 {threshold}",
            "{value} of the leader's orders of this cooperation were refunded in full, at least {threshold}",
        ),
    ),
    Signal.RATE_CUT: Words(
        _T,
        ("放量前下调佣金", "Rate cut just before a surge"),
        (
            "下调佣金后 24 小时内 {value} 单，平时不超过 {threshold} 单",
            "{value} orders in 24 hours after the rate was cut, usually at most {threshold}",
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Found:
    """A signal that fired: what was measured, from where on it counts, and how much it weighs in thousandths."""

    signal: Signal
    value: int
    threshold: int
    points: int


@dataclass(frozen=True, slots=True)
class Score:
    """What was found about an order, the heaviest first, and the one figure it comes to."""

    thousandths: int
    findings: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Trace:
    """What a paid order that earns commission left behind. Marks are keyed digests, empty where not known.

    `click_ms`: from the touch that earns to the placement; `cart_ms`: from the filled cart to that touch, negative
    where the touch came first; None where not known. `buyer_promoter_id`: the promoter that the buyer is, 0 for none.
    `place_id`: where the promoter's material stood, 0 where that is not known.
    """

    order_no: str
    promoter_id: int
    merchant_id: int
    buyer_id: int
    buyer_promoter_id: int = 0
    place_id: int = 0
    enrolment_id: int = 0
    placed_at: datetime
    paid_at: datetime
    paid_fen: int
    click_ms: int | None = None
    cart_ms: int | None = None
    coupon: str = ""
    address: bytes = b""
    phone: bytes = b""
    device: bytes = b""
    payer: bytes = b""
    refunded_fen: int = 0
    refunded_at: datetime | None = None
    due_at: datetime | None = None
    settled: bool = False

    @property
    def gone(self) -> bool:
        """Return whether nothing that was paid is left."""
        return 0 < self.paid_fen <= self.refunded_fen


@dataclass(frozen=True, slots=True)
class Standing:
    """How an order stands by now: what went back of it and when, when it settles, whether it has."""

    order_no: str
    refunded_fen: int
    refunded_at: datetime | None
    due_at: datetime | None
    settled: bool


@dataclass(frozen=True, slots=True)
class Led:
    """Orders of a leader's enrolment: paid ones, and those of them that went back whole."""

    paid: int
    gone: int


@dataclass(frozen=True, slots=True)
class Limits:
    """From where on shares are odd, in ten-thousandths: what is usual among promoters with a spread on top."""

    landing_bps: int = 1_000
    late_bps: int = 2_500
    gone_bps: int = 4_000
    cart_bps: int = 3_000


@dataclass(frozen=True, slots=True)
class Book:
    """All that is looked at to score a promoter's orders: its traces of the window, oldest first, and what surrounds
    them. `own_persons` hold the promoter's seats, `own_marks` are theirs; `ring` are the promoters it buys in a circle
    with; `led` by enrolment; `places`: by place clicks and landings of what `clicks` and `landings` are together."""

    promoter_id: int
    traces: tuple[Trace, ...]
    clicks: int = 0
    landings: int = 0
    own_persons: frozenset[int] = frozenset()
    own_marks: frozenset[tuple[Mark, bytes]] = frozenset()
    ring: frozenset[int] = frozenset()
    led: Mapping[int, Led] = field(default_factory=dict)
    places: Mapping[int, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Own:
    """Who a promoter is: the persons whose purchases are its own, and the digests of their phones."""

    persons: frozenset[int] = frozenset()
    phones: frozenset[bytes] = frozenset()


@dataclass(frozen=True, slots=True)
class Traffic:
    """A place's clicks of a day, and how many of them landed."""

    promoter_id: int
    place_id: int
    day: date
    clicks: int
    landings: int


@dataclass(frozen=True, slots=True)
class ScoreShown:
    """An order's score as it stands; `highest` is what it ever was."""

    order_no: str
    promoter_id: int
    thousandths: int
    highest: int
    findings: tuple[Found, ...]
    scored_at: datetime


@dataclass(frozen=True, slots=True)
class Scored:
    """An open order that was scored: whether its findings are others than before, and whether it came to `HIGH` or
    above for the first time."""

    shown: ScoreShown
    changed: bool
    risen: bool
