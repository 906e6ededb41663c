"""What a bargain cuts, and what an offer may be (docs/rules.md §10). Pure."""

from datetime import datetime

from tuike.kit.errors import Invalid
from tuike.kit.money import MAX_FEN
from tuike.marketing.rules import draws
from tuike.marketing.types.bargains import NewBargainOffer

FEWEST_CUTS, MOST_CUTS = 2, 100
MOST_HOURS = 168
MOST_PIECES = 1_000_000
MOST_EACH = 100


def cuts(*, seed: bytes, price_fen: int, floor_fen: int, cuts_needed: int) -> tuple[int, ...]:
    """Return all cuts of a bargain in fen, first to last: each at least a fen, together exactly price − floor.

    Whoever has the seed, once it is shown, gets the same ones.
    """
    return draws.composition(price_fen - floor_fen, cuts_needed, seed)


def can_be_cut(*, price_fen: int, floor_fen: int, cuts_needed: int) -> bool:
    """Return whether there is at least a fen for each cut."""
    return price_fen - floor_fen >= cuts_needed


def check_offer(offer: NewBargainOffer, *, price_fen: int, now: datetime) -> None:
    """Refuse an offer that makes no sense beside its choice's price.

    Raises:
        Invalid: a field, by name.
    """
    _need(FEWEST_CUTS <= offer.cuts_needed <= MOST_CUTS, "cuts_needed", "刀数须为 2 到 100", "2 to 100 cuts")
    _need(1 <= offer.hours <= MOST_HOURS, "hours", "时长须为 1 到 168 小时", "1 to 168 hours")
    _need(1 <= offer.stock <= MOST_PIECES, "stock", "数量须为 1 到 100 万", "1 to 1,000,000 pieces")
    _need(1 <= offer.limit_each <= MOST_EACH, "limit_each", "每人限参与 1 到 100 次", "1 to 100 a person")
    _need(offer.ends_at > offer.starts_at, "ends_at", "结束须晚于开始", "the end must be after the start")
    _need(offer.ends_at > now, "ends_at", "结束须晚于现在", "the end must be in the future")
    _need(1 <= offer.floor_fen <= MAX_FEN, "floor_fen", "底价须至少 0.01 元", "a floor is at least ¥0.01")
    enough = can_be_cut(price_fen=price_fen, floor_fen=offer.floor_fen, cuts_needed=offer.cuts_needed)
    _need(
        enough,
        "floor_fen",
        "原价与底价之差须够每刀至少 0.01 元",
        "price and floor must leave at least ¥0.01 for each cut",
    )


def _need(good: bool, field: str, reason_zh: str, reason_en: str) -> None:
    if not good:
        raise Invalid(field=field, reason_zh=reason_zh, reason_en=reason_en)
