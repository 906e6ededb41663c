"""Levels, conversion, and what a card may say. Pure."""

import re

from tuike.kit.errors import Invalid
from tuike.kit.money import BPS
from tuike.matching.types import LEVELS_FEN, MIN_CLICKS, ContactInCard

MAX_CATEGORIES = 5
_CONTACT = re.compile(
    r"\d(?:[\s-]?\d){6,}|@|https?:|www\.|微信号|加微|vx|v信|wechat|weixin|(?<![a-z])wx", re.IGNORECASE
)


def level(paid_fen: int) -> int:
    """Return the level of what was paid for in 90 days, net of refunds: 0 to 5."""
    return sum(paid_fen >= least for least in LEVELS_FEN)


def conversion(*, orders: int, clicks: int) -> int | None:
    """Return orders per click in ten-thousandths, rounded down, at most all; none below `MIN_CLICKS`."""
    return min(BPS, orders * BPS // clicks) if clicks >= MIN_CLICKS else None


def check_card(*, name: str, intro: str, category_ids: tuple[int, ...]) -> None:
    """Refuse a card that says too much or too little.

    Raises:
        Invalid: name, intro, category_ids. ContactInCard: a way to reach the person.
    """
    if not 1 <= len(name) <= 20:
        raise Invalid(field="name", reason_zh="展示名须为 1 到 20 个字符", reason_en="a name has 1 to 20 characters")
    if len(intro) > 200:
        raise Invalid(field="intro", reason_zh="最多 200 个字符", reason_en="at most 200 characters")
    if not 1 <= len(set(category_ids)) <= MAX_CATEGORIES:
        raise Invalid(field="category_ids", reason_zh="请选择 1 到 5 个类目", reason_en="choose 1 to 5 categories")
    if _CONTACT.search(name) or _CONTACT.search(intro):
        raise ContactInCard
