"""What crosses the border of members: values and enums."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

MAX_ADDRESSES = 20
"""Addresses of a person."""
MAX_FOOTPRINTS = 200
"""Products seen that are kept."""
MAX_FAVOURITES = 1_000
"""Products or shops that a person may mark."""
MAX_TAGS = 100
"""Tags of a shop."""
MAX_TAGS_EACH = 20
"""Tags that a shop gives one member."""
MAX_SEGMENTS = 50
"""Segments of a shop."""
MAX_LEVELS = 20
"""Steps of the ladder."""
CONSENT_EDITION = 1
"""The words in force by which members agree to hear from shops."""


class FavouriteKind(StrEnum):
    """What may be marked."""

    PRODUCT = "product"
    SHOP = "shop"


class SendingKind(StrEnum):
    """What a shop may send."""

    COUPON = "coupon"
    MESSAGE = "message"


class SendingState(StrEnum):
    """Where a sending stands: `running` until each of its members had their turn."""

    RUNNING = "running"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressWanted:
    """An address as its person wrote it. `region` are the names of `region_code` (a district's six digits)."""

    name: str = field(repr=False)
    phone: str = field(repr=False)
    region_code: str = field(repr=False)
    region: str = field(repr=False)
    detail: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressShown:
    """A person's own address."""

    no: str
    name: str = field(repr=False)
    phone: str = field(repr=False)
    region_code: str = field(repr=False)
    region: str = field(repr=False)
    detail: str = field(repr=False)
    is_default: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelTerms:
    """A step of the ladder: reached with `growth_needed`; points that orders earn are taken `multiplier_bps` times."""

    name_zh: str
    name_en: str
    growth_needed: int
    multiplier_bps: int = 10_000
    benefits_zh: str = ""
    benefits_en: str = ""


BASE_LEVEL = LevelTerms(name_zh="普通会员", name_en="Member", growth_needed=0)
"""Where somebody stands whom no step of the ladder holds."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A member's growth, the step they stand on, and the next one (None at the top)."""

    growth: int
    level: LevelTerms
    next: LevelTerms | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PurchaseFacts:
    """A paid order of a member, as it stands now: fen paid for its lines and gone back of them."""

    order_no: str
    merchant_id: int
    person_id: int
    paid_fen: int
    refunded_fen: int
    paid_at: datetime
    completed: bool


@dataclass(frozen=True, slots=True)
class Risen:
    """A member who reached a higher level."""

    person_id: int
    level: LevelTerms


@dataclass(frozen=True, slots=True)
class FavouriteShown:
    """What a person marked: a product's or a shop's id."""

    id: int
    kind: FavouriteKind
    object_id: int
    merchant_id: int
    at: datetime


@dataclass(frozen=True, slots=True)
class FootprintShown:
    """A product that a person looked at."""

    product_id: int
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class ConsentShown:
    """Whether a person wants to hear from shops, by which edition of the words, since when."""

    given: bool
    edition: int
    at: datetime | None


@dataclass(frozen=True, slots=True)
class TagShown:
    """A shop's tag and how many members have it."""

    no: str
    name: str
    members: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which of a shop's members are meant; what is None doesn't matter.

    `words` is the beginning of a nickname or a person's number; `paid_fen` net of refunds and `orders` are least values
    in this shop; `bought_within_days` and `not_for_days` speak of the last paid order; `growth` is the least.
    """

    words: str = ""
    growth: int | None = None
    paid_fen: int | None = None
    orders: int | None = None
    bought_within_days: int | None = None
    not_for_days: int | None = None
    tag: str | None = None


@dataclass(frozen=True, slots=True)
class SegmentShown:
    """A shop's saved question."""

    no: str
    name: str
    asked: Asked


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberRow:
    """A member of a shop: what they paid there for lines, net of refunds, in how many orders, the last one when."""

    person_id: int
    growth: int
    orders: int
    paid_fen: int
    last_at: datetime | None
    favourite: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class SendingShown:
    """A sending: how many it is meant for, how many had their turn, how many got it, and why the others didn't."""

    sending_id: int
    no: str
    merchant_id: int
    kind: SendingKind
    coupon_no: str
    text: str
    to_name: str
    state: SendingState
    began_at: datetime
    ended_at: datetime | None
    meant: int
    done: int
    given: int
    why_not: tuple[tuple[str, int], ...]
