"""What crosses the border of matching: requests, cards, levels, refusals."""

from dataclasses import dataclass
from datetime import datetime

from tuike.kit.errors import Refusal

LEVELS_FEN = (100_000, 1_000_000, 5_000_000, 20_000_000, 100_000_000)
"""What was paid for by way of a promoter in 90 days, from which each level begins: ¥1,000 is level 1, ¥1,000,000 is
level 5; below is level 0 (docs/rules.md §3)."""

DAYS = 90
"""Days that levels and conversion are counted over, today included."""

MIN_CLICKS = 100
"""Clicks below which conversion says nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewRequest:
    """A request to publish. `min_level` is the level that an applicant must have; `category_ids` whom it is for."""

    title: str
    text: str = ""
    min_level: int = 0
    category_ids: tuple[int, ...] = ()
    open_until: datetime


@dataclass(frozen=True, slots=True)
class RequestShown:
    """A published request."""

    request_id: int
    no: str
    plan_id: int
    merchant_id: int
    title: str
    text: str
    min_level: int
    category_ids: tuple[int, ...]
    open_until: datetime
    closed_at: datetime | None
    created_at: datetime

    def open(self, now: datetime) -> bool:
        """Return whether promoters may still apply."""
        return self.closed_at is None and now < self.open_until


@dataclass(frozen=True, slots=True)
class CardShown:
    """A promoter's card, as it is itself shown it and shops see it while `listed`."""

    promoter_id: int
    listed: bool
    name: str
    intro: str
    category_ids: tuple[int, ...]
    level: int
    conversion_bps: int | None
    counted_at: datetime
    changed_at: datetime


class RequestOver(Refusal):
    """The request takes no more applications."""

    code = "request_over"
    zh = "该推广需求已停止报名"
    en = "This request takes no more applications."


class RequestOpenAlready(Refusal):
    """One open request for each plan."""

    code = "request_open_already"
    zh = "该定向计划已有进行中的推广需求"
    en = "This plan has an open request already."


class BelowLevel(Refusal):
    """The promoter's level of sales is below what the shop asks for."""

    code = "below_level"
    zh = "该需求要求近 90 天推广等级达到 Lv.{least}，您当前为 Lv.{level}"
    en = "This request asks for level {least} over 90 days; you are at level {level}."


class ContactInCard(Refusal):
    """A card holds no way to reach a person: shops invite through the alliance."""

    code = "contact_in_card"
    status = 422
    zh = "请勿填写电话、微信号、链接等联系方式，商家会通过平台邀请您"
    en = "Leave out phone numbers, WeChat ids and links: shops invite you through the alliance."
