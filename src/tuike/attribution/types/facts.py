"""Places, links, tickets, touches, what a claim is asked with and what it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tuike.parties.types import BindingMode


class Scope(StrEnum):
    """What material is for: one product, or everything of a shop."""

    PRODUCT = "product"
    MERCHANT = "merchant"


class Kind(StrEnum):
    """How a line got its claim; `none` when nobody earns it."""

    MATERIAL = "material"
    BINDING = "binding"
    IMPORTED = "imported"
    NONE = "none"


class Reason(StrEnum):
    """Why nobody earns a line; also the verdict on a touch that didn't win (docs/rules.md §4).

    From the least to the most telling: a touch that passed more checks says more about why it didn't win.
    """

    NO_TOUCH = "no_touch"
    BINDING_EXPIRED = "binding_expired"
    OTHER_PRODUCT = "other_product"
    TOUCH_AFTER_ORDER = "touch_after_order"
    WINDOW_PASSED = "window_passed"
    TICKET_EXPIRED = "ticket_expired"
    PROMOTER_SUSPENDED = "promoter_suspended"
    PROMOTER_BLOCKED = "promoter_blocked"
    SELF_PURCHASE_OFF = "self_purchase_off"
    NOT_PROMOTABLE = "not_promotable"

    @property
    def telling(self) -> int:
        """Return the rank among reasons: the larger, the nearer to a claim."""
        return list(Reason).index(self)

    def sentence(self, language: str = "zh-hans") -> str:
        """Return the reason as a person reads it (`zh…`, anything else is English)."""
        return _SENTENCES[self][0 if language.lower().startswith("zh") else 1]


WON = "won"
"""The verdict on the touch that earns the line."""
OUTDONE = "later_touch_won"
"""The verdict on a valid touch that a later one outdid."""

_SENTENCES = {
    Reason.NO_TOUCH: ("下单前没有任何推广触达", "No promotion had reached the buyer before the order."),
    Reason.BINDING_EXPIRED: ("买家与推客的绑定已过保护期", "The buyer's binding to a promoter had run out."),
    Reason.OTHER_PRODUCT: ("触达的是本店其他商品的素材", "The material was for another product of the shop."),
    Reason.TOUCH_AFTER_ORDER: ("触达发生在下单之后", "The material was seen only after the order was placed."),
    Reason.WINDOW_PASSED: ("触达已超过归因窗口", "The material was seen too long before the order."),
    Reason.TICKET_EXPIRED: ("下单时推广素材已过期", "The material had expired when the order was placed."),
    Reason.PROMOTER_SUSPENDED: ("推客在下单时被暂停推广", "The promoter was suspended when the order was placed."),
    Reason.PROMOTER_BLOCKED: ("商家已停止与该推客合作", "The shop had stopped working with the promoter."),
    Reason.SELF_PURCHASE_OFF: (
        "推客自购，且该商品未开启自购返佣",
        "The promoter's own purchase, which earns nothing here.",
    ),
    Reason.NOT_PROMOTABLE: ("下单时商品不可推广", "The product could not be promoted when the order was placed."),
}


class ShareKind(StrEnum):
    """What of material was shared."""

    LINK = "link"
    WORDING = "wording"
    POSTER = "poster"
    PICTURE = "picture"
    CODE = "code"
    ZIP = "zip"
    SHARE_CARD = "share_card"


class Surface(StrEnum):
    """Where material was shared from."""

    CONSOLE = "console"
    PHONE = "phone"
    API = "api"


class TicketFault(StrEnum):
    """Why a ticket isn't good."""

    MALFORMED = "ticket_malformed"
    FORGED = "ticket_forged"
    EXPIRED = "ticket_expired"


@dataclass(frozen=True, slots=True)
class PlaceFacts:
    """A promotion place as its promoter sees it."""

    place_id: int
    promoter_id: int
    pid: str
    name: str
    created_at: datetime
    deleted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class LeaderTerms:
    """The leader's activity that material belongs to. What it pays is what holds there when an order is placed."""

    leader_id: int
    activity_no: str


@dataclass(frozen=True, slots=True)
class Target:
    """What material is made for: a product of a merchant, or with no product the whole shop. `customize_info` is this
    target's own, where it isn't that of the whole request."""

    merchant_id: int
    product_id: int | None = None
    leader: LeaderTerms | None = None
    customize_info: str | None = None


@dataclass(frozen=True, slots=True)
class LinkFacts:
    """A short link and what it stands for. It never changes after it was made."""

    link_id: int
    code: str
    ticket: str
    place_id: int
    promoter_id: int
    merchant_id: int
    product_id: int | None
    leader_id: int | None
    activity_no: str
    customize_info: str
    issued_at: datetime
    expires_at: datetime

    def good_at(self, instant: datetime) -> bool:
        """Return whether the material is good at `instant`; its expiry is the first instant at which it isn't."""
        return instant < self.expires_at


@dataclass(frozen=True, slots=True)
class LinkDress:
    """What a link is handed out with: the wording, and the addresses that WeChat made for it."""

    link_id: int
    wording: str = ""
    url_link: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True)
class TicketFacts:
    """What a ticket says. `target` is a product's id or, for the scope `merchant`, a merchant's."""

    code: str
    pid: str
    scope: Scope
    target: int
    activity_no: str
    issued_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TicketReading:
    """A ticket that was read: its facts, the fault, or both (an expired ticket still says what it was for)."""

    facts: TicketFacts | None = None
    fault: TicketFault | None = None


@dataclass(frozen=True, slots=True)
class BindingPolicy:
    """What a merchant says about binding buyers; `days` of exactly 86,400 s."""

    mode: BindingMode = BindingMode.OFF
    days: int = 0


@dataclass(frozen=True, slots=True)
class TouchFacts:
    """A touch together with the link it came by. `touch_id` is the sequence that decides equal instants."""

    touch_id: int
    touched_at: datetime
    link_id: int
    place_id: int
    promoter_id: int
    merchant_id: int
    product_id: int | None
    expires_at: datetime
    activity_no: str = ""
    customize_info: str = ""


@dataclass(frozen=True, slots=True)
class Led:
    """The enrolment of a product in a leader's activity that is in force, and what the leader gets of it."""

    enrolment_id: int
    leader_id: int
    service_bps: int


@dataclass(frozen=True, slots=True)
class BindingFacts:
    """A buyer bound to a promoter at a merchant, with the touch that bound them. Released by the `merchant` or the
    `buyer` it held until just before that instant."""

    merchant_id: int
    promoter_id: int
    bound_at: datetime
    until: datetime
    touch: TouchFacts
    released_by: str = ""


@dataclass(frozen=True, slots=True)
class BindingShown:
    """A binding as its two sides and the merchant see it; `holds` at the instant that was asked for."""

    binding_id: int
    merchant_id: int
    buyer_id: int
    promoter_id: int
    bound_at: datetime
    until: datetime
    released_at: datetime | None
    released_by: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Touched:
    """A touch that was recorded; `expired` says that its ticket was not good any more when it was seen."""

    touch_id: int
    link: LinkFacts
    expired: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known about one buyer when an order is placed: the touches, and the bindings by merchant.

    `blocked` holds (merchant id, promoter id) of those promoters here whom the merchant had blocked; None: not looked.
    """

    touches: Sequence[TouchFacts] = ()
    bindings: Mapping[int, BindingFacts] = field(default_factory=dict)
    blocked: frozenset[tuple[int, int]] | None = None

    @property
    def promoter_ids(self) -> set[int]:
        """Return the promoters whose facts `claim` needs."""
        return {t.promoter_id for t in self.touches} | {b.promoter_id for b in self.bindings.values()}

    @property
    def led_by(self) -> set[tuple[str, int]]:
        """Return what was seen of leaders' material, as (activity number, product id)."""
        return {(t.activity_no, t.product_id) for t in self.touches if t.activity_no and t.product_id is not None}


@dataclass(frozen=True, slots=True)
class PromoterStanding:
    """What a claim must know about a promoter when the order is placed.

    `related_persons` are the promoter's own person and its administrators; `related_marks` what else identifies them
    (blind indexes of phones, payers' openids), compared with the buyer's marks for equality only. `line` is who stands
    above the promoter, the recruiter first: the claim keeps it, whoever stands there later (docs/rules.md §1), and
    with it who of them was stopped then and earns nothing (`stopped_above`: id, and how it stood).
    `related_by` says how the buyer is related, where the caller knows it.
    """

    promoter_id: int
    suspended: bool = False
    related_persons: frozenset[int] = frozenset()
    related_marks: frozenset[str] = frozenset()
    related_by: str = ""
    line: tuple[int, ...] = ()
    stopped_above: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Buyer:
    """Who buys: the person, and what else identifies them."""

    buyer_id: int
    marks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class ClaimAsk:
    """An order line that needs a claim. `not_promotable` names why the product couldn't be promoted, empty if it could;
    `self_purchase_on` says whether a promoter's own purchase of it earns the self-purchase rate."""

    line_id: int
    order_no: str
    merchant_id: int
    product_id: int
    not_promotable: str = ""
    self_purchase_on: bool = False


@dataclass(frozen=True, slots=True)
class ClaimWish:
    """The lines of one placement, whose claims are decided together; `led` as `claim` has it."""

    asks: Sequence[ClaimAsk]
    evidence: Evidence
    buyer: Buyer
    placed_at: datetime
    led: Mapping[tuple[str, int], Led] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Claim:
    """Who earns an order line, or with an empty promoter the reason why nobody does."""

    line_id: int
    order_no: str
    merchant_id: int
    kind: Kind
    made_at: datetime
    reason: Reason | None = None
    promoter_id: int | None = None
    place_id: int | None = None
    link_id: int | None = None
    touch_id: int | None = None
    leader_id: int | None = None
    activity_no: str = ""
    service_bps: int = 0
    enrolment_id: int | None = None
    self_purchase: bool = False
    customize_info: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)

    @property
    def carries_ticket(self) -> bool:
        """Return whether the buyer had come to the line by a good ticket, whoever earns it then."""
        return any(touch["verdict"] == WON for touch in self.facts.get("touches", ()))


@dataclass(frozen=True, slots=True)
class ClickFacts:
    """A click on a short link, as the door saw it. `ip_hash` is keyed, 16 bytes; `agent` is cleaned."""

    click_id: int
    link_id: int
    merchant_id: int
    promoter_id: int
    at: datetime
    visitor: str
    ip_hash: bytes
    agent: str


@dataclass(frozen=True, slots=True)
class BlockShown:
    """A promoter whom a merchant blocked; `lifted_at` None: it holds."""

    promoter_id: int
    reason: str
    blocked_at: datetime
    blocked_by: int | None
    lifted_at: datetime | None


@dataclass(frozen=True, slots=True)
class WhyNot:
    """One line of an order as somebody may see it: what became of it, and the verdict on each touch that is theirs."""

    line_id: int
    outcome: str
    verdicts: Sequence[Mapping[str, Any]]
