"""What crosses the border of rewards: offers, how far somebody is, awards, and refusals."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tuike.kit.errors import Refusal


class Measure(StrEnum):
    """What a target counts, net of refunds."""

    PIECES = "pieces"
    ORDERS = "orders"
    PAID = "paid"
    """Fen that were paid for goods."""


class OfferState(StrEnum):
    """Where an offer stands: draft → published → closed; a draft may be deleted."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CLOSED = "closed"
    DELETED = "deleted"

    @property
    def exits(self) -> "frozenset[OfferState]":
        """Where it may go from here."""
        return _EXITS[self]


_EXITS = {
    OfferState.DRAFT: frozenset({OfferState.PUBLISHED, OfferState.DELETED}),
    OfferState.PUBLISHED: frozenset({OfferState.CLOSED}),
    OfferState.CLOSED: frozenset[OfferState](),
    OfferState.DELETED: frozenset[OfferState](),
}


@dataclass(frozen=True, slots=True)
class NewOffer:
    """An offer to make: for products, or for categories with all below them; with neither for everything that its maker
    sells (the operator's: everything)."""

    name: str
    measure: Measure
    target: int
    reward_fen: int
    budget_fen: int
    starts_at: datetime
    ends_at: datetime
    product_ids: tuple[int, ...] = ()
    category_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class OfferShown:
    """An offer as its maker sees it; `granted_fen` is what awards hold of the budget. Closed before `ends_at` it was
    stopped early."""

    offer_id: int
    no: str
    merchant_id: int | None
    name: str
    measure: Measure
    target: int
    reward_fen: int
    budget_fen: int
    starts_at: datetime
    ends_at: datetime
    product_ids: tuple[int, ...]
    state: OfferState
    granted_fen: int
    returned_fen: int
    category_ids: tuple[int, ...]
    closed_at: datetime | None

    @property
    def stopped(self) -> bool:
        """Whether it was closed before its end."""
        return self.closed_at is not None and self.closed_at < self.ends_at


@dataclass(frozen=True, slots=True)
class Sold:
    """A promoter's sale that offers may count; `categories` are its category with all above it."""

    promoter_id: int
    merchant_id: int
    product_id: int | None
    paid_at: datetime
    categories: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Count:
    """What a promoter has for an offer now, net of refunds, and the sales that it was counted from."""

    offer_id: int
    promoter_id: int
    counted: int
    sale_ids: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """Who has reached a target and has no award yet."""

    offer: OfferShown
    promoter_id: int
    reached_at: datetime


@dataclass(frozen=True, slots=True)
class AwardShown:
    """An award: to whom, for what, how much, and whether it was taken back."""

    no: str
    offer_id: int
    promoter_id: int
    sale_id: int
    amount_fen: int
    counted: int
    reached_at: datetime
    taken_back_at: datetime | None


@dataclass(frozen=True, slots=True)
class ProgressShown:
    """How far a promoter is in an offer, and whether it holds an award."""

    promoter_id: int
    counted: int
    reached_at: datetime | None
    awarded: bool


class OfferStartsInPast(Refusal):
    """An offer can't start before it is published."""

    code = "offer_starts_in_past"
    status = 422
    zh = "开始时间不能早于发布时间"
    en = "An offer can't start before it is published."


class OfferNotDraft(Refusal):
    """The offer was published or deleted before."""

    code = "offer_not_draft"
    status = 409
    zh = "该目标奖励已发布或已删除"
    en = "This offer was published or deleted before."


class OfferFundsShort(Refusal):
    """The maker has less than the budget to hand, or owes something."""

    code = "offer_funds_short"
    status = 409
    zh = "可用余额不足以存入奖励预算，或有欠款未还"
    en = "There is less to hand than the offer's budget, or something is owed."


class OfferNotPublished(Refusal):
    """A draft or a deleted offer can't be closed."""

    code = "offer_not_published"
    status = 409
    zh = "该目标奖励尚未发布，不能关闭"
    en = "This offer isn't published; there is nothing to close."


class OfferClosed(Refusal):
    """The offer was closed before, or came to its end."""

    code = "offer_closed"
    status = 409
    zh = "该目标奖励此前已关闭"
    en = "This offer was closed before."
