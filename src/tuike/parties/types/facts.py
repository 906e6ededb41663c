"""Who is in the alliance as others see it: references, facts, proofs of identity, accounts."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class PartyKind(StrEnum):
    """What a party is."""

    MERCHANT = "merchant"
    PROMOTER = "promoter"
    LEADER = "leader"
    OPERATOR = "operator"


TREE_LEVELS = 3
"""How many levels below itself a promoter sees, whatever is paid (docs/rules.md §1)."""


class PromoterState(StrEnum):
    """How a promoter stands in the network. Who isn't `active` earns nothing on new orders.

    `joining`: not let in yet. `frozen`: stopped for a while. `retired`: left. `banned`: shut out, with its people.
    """

    JOINING = "joining"
    ACTIVE = "active"
    FROZEN = "frozen"
    RETIRED = "retired"
    BANNED = "banned"

    @property
    def exits(self) -> "frozenset[PromoterState]":
        """Where it may go from here."""
        return _PROMOTER_EXITS[self]


_PROMOTER_EXITS = {
    PromoterState.JOINING: frozenset({PromoterState.ACTIVE, PromoterState.RETIRED, PromoterState.BANNED}),
    PromoterState.ACTIVE: frozenset({PromoterState.FROZEN, PromoterState.RETIRED, PromoterState.BANNED}),
    PromoterState.FROZEN: frozenset({PromoterState.ACTIVE, PromoterState.RETIRED, PromoterState.BANNED}),
    PromoterState.RETIRED: frozenset({PromoterState.ACTIVE, PromoterState.BANNED}),
    PromoterState.BANNED: frozenset({PromoterState.ACTIVE}),
}


class SubjectKind(StrEnum):
    """Who stands behind a party in law."""

    INDIVIDUAL = "individual"
    ENTERPRISE = "enterprise"


class Source(StrEnum):
    """Where a merchant sells: in our mall, or in its own mini-program."""

    MINI_STORE = "mini_store"
    MINI_PROGRAM = "mini_program"


class BindingMode(StrEnum):
    """Whether a merchant binds buyers to promoters, and whether the first or the last one keeps them."""

    OFF = "off"
    FIRST = "first"
    LAST = "last"


class MallFunction(StrEnum):
    """What a shop may switch on or off (docs/rules.md §10): what is off is nowhere seen, its verbs are refused."""

    COUPONS = "coupons"
    POINTS = "points"
    POINTS_MALL = "points_mall"
    BARGAINS = "bargains"
    RED_PACKETS = "red_packets"
    BOARD = "board"
    REVIEWS = "reviews"


class Role(StrEnum):
    """What a seat may do; which kind of party has which roles is `rules.ROLES`."""

    SUPER_ADMIN = "super_admin"
    ADMIN = "admin"
    PRODUCT_MANAGER = "product_manager"
    FINANCE = "finance"
    OPERATOR = "operator"
    AUDITOR = "auditor"


class Rail(StrEnum):
    """How money leaves: a bank transfer, a transfer to WeChat, or the sandbox."""

    BANK = "bank"
    WECHAT = "wechat"
    SANDBOX = "sandbox"


class CertificationState(StrEnum):
    """Where an application stands. Exits: filed → approved | rejected; a rejected party files anew."""

    FILED = "filed"
    APPROVED = "approved"
    REJECTED = "rejected"

    @property
    def exits(self) -> frozenset["CertificationState"]:
        """Return the states that may follow."""
        if self is CertificationState.FILED:
            return frozenset({CertificationState.APPROVED, CertificationState.REJECTED})
        return frozenset()


@dataclass(frozen=True, slots=True)
class PartyRef:
    """A party as others know it."""

    id: int
    no: str
    kind: PartyKind
    name: str


@dataclass(frozen=True, slots=True)
class SeatShown:
    """A person's place in a party."""

    party: PartyRef
    person_id: int
    role: Role
    since: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """A party as a person comes to its pages: their seat in it if they have one, whether it may act, and why not."""

    party: PartyRef
    seat: SeatShown | None
    certified: bool
    suspended: bool
    suspended_reason: str


@dataclass(frozen=True, slots=True)
class PartyShown:
    """A party as the operator sees it."""

    party: PartyRef
    created_at: datetime
    certified_at: datetime | None
    suspended_at: datetime | None
    suspended_reason: str

    @property
    def state(self) -> str:
        """Return `suspended`, `certified` or `new`."""
        return "suspended" if self.suspended_at else "certified" if self.certified_at else "new"


class InvitationState(StrEnum):
    """Where an invitation stands. Exits: open → accepted | declined | withdrawn; after its end it is just old."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class InvitationShown:
    """A seat that is offered. `phone` is masked; `expires_at` is the last instant at which it can be taken."""

    code: str
    party: PartyRef
    phone: str
    role: Role
    state: InvitationState
    invited_by: int
    invited_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class CertifiedFacts:
    """What a party was certified as, for its own eyes: names with their middle hidden, numbers by their ends."""

    no: str
    kind: SubjectKind
    name: str
    number: str
    phone: str
    legal_person: str
    bank: str
    bank_account: str
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class MerchantFacts:
    """What others may know of a merchant. The alliance is open for it from `opened_from` until before `closed_from`."""

    id: int
    no: str
    name: str
    certified: bool
    suspended: bool
    source: Source
    subject_kind: SubjectKind
    appid: str
    opened_from: datetime | None
    closed_from: datetime | None
    prepaid_short: bool
    binding_mode: BindingMode
    binding_days: int
    functions: frozenset[MallFunction] = frozenset()

    def open_at(self, instant: datetime) -> bool:
        """Whether the alliance is open for this merchant at `instant` (docs/rules.md §2)."""
        begun = self.opened_from is not None and self.opened_from <= instant
        return begun and (self.closed_from is None or instant < self.closed_from)


@dataclass(frozen=True, slots=True)
class PromoterFacts:
    """What others may know of a promoter. `line` lists the recruiters above, nearest first.

    `proven`: its certification has passed. `certified`: that, and it was let into the network. `suspended`: it may not
    act now, whatever the reason; `state` says which. `stopped_above`: who of the two above earns nothing now, and how
    it stands, where a claim asks for it.
    """

    id: int
    no: str
    name: str
    certified: bool
    suspended: bool
    subject_kind: SubjectKind
    line: tuple[int, ...]
    state: PromoterState = PromoterState.ACTIVE
    proven: bool = True
    stopped_above: tuple[tuple[int, PromoterState], ...] = ()


@dataclass(frozen=True, slots=True)
class TreeNode:
    """A promoter in the tree: since when it is there, how it stands, how many it recruited itself, and how many stand
    above."""

    id: int
    no: str
    name: str
    recruiter_id: int | None
    since: datetime
    state: str
    recruits: int
    depth: int


@dataclass(frozen=True, slots=True)
class LineChangeShown:
    """A promoter came from under one recruiter (None: nobody) under another, by whom and why."""

    nth: int
    giver_id: int | None
    taker_id: int | None
    at: datetime
    person_id: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class LeaderFacts:
    """What others may know of a leader; `subject_kind` is what it was certified as, None before."""

    id: int
    no: str
    name: str
    certified: bool
    suspended: bool
    subject_kind: SubjectKind | None


@dataclass(frozen=True, slots=True, kw_only=True)
class IndividualProof:
    """Who an individual is. `documents` are ids of kept files."""

    name: str = field(repr=False)
    id_number: str = field(repr=False)
    phone: str = field(repr=False)
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EnterpriseProof:
    """Who an enterprise is: licence (unified social credit code), legal person, and its bank account."""

    licence_name: str
    licence_no: str
    legal_person: str = field(repr=False)
    bank: str
    bank_account: str = field(repr=False)
    phone: str = field(default="", repr=False)
    documents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CertificationShown:
    """An application without its sealed part."""

    id: int
    no: str
    party: PartyRef
    kind: SubjectKind
    state: CertificationState
    reason: str
    filed_at: datetime
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class AppFacts:
    """What a call of a party's software is checked against."""

    party: PartyRef
    appid: str
    secret_since: datetime | None
    certified: bool
    suspended: bool


@dataclass(frozen=True, slots=True)
class Secret:
    """A party's AppSecret with whose it is and whether the party may act."""

    party: PartyRef
    appid: str
    secret: str = field(repr=False)
    certified: bool
    suspended: bool


@dataclass(frozen=True, slots=True)
class NewSecret:
    """A fresh AppSecret, shown this once."""

    appid: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class BankAccountRef:
    """Where a party's money goes, without what is sealed."""

    id: int
    party_id: int
    rail: Rail
    bank: str
    tail: str
    verified_at: datetime | None
    usable_from: datetime


@dataclass(frozen=True, slots=True)
class AccountDetails:
    """A bank account in clear, for a payout: `number` is an openid on the WeChat rail."""

    id: int
    party_id: int
    rail: Rail
    bank: str
    holder: str = field(repr=False)
    number: str = field(repr=False)
