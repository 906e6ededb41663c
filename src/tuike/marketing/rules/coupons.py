"""What a coupon takes off, and what a coupon may be (docs/rules.md §10). Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from tuike.kit.days import exact_days
from tuike.kit.errors import Invalid
from tuike.kit.money import BPS, MAX_FEN, allocate, share, yuan
from tuike.marketing.types import (
    CouponBelowThreshold,
    CouponChannel,
    CouponKind,
    CouponLowersNothing,
    CouponNeedsTicket,
    CouponScope,
    CouponTerms,
    Item,
    Lowered,
    NewCoupon,
)

MAX_STOCK = 1_000_000
MAX_EACH = 100
MAX_TARGETS = 200
MAX_USE_DAYS = 365


def covers(terms: CouponTerms, item: Item) -> bool:
    """Return whether an item is in the coupon's scope."""
    if not item.coupons or terms.merchant_id not in (None, item.merchant_id):
        return False
    if terms.scope is CouponScope.PRODUCT:
        return item.product_id in terms.target_ids
    if terms.scope is CouponScope.CATEGORY:
        return not set(item.category_path).isdisjoint(terms.target_ids)
    return True


def taken_off(terms: CouponTerms, whole_fen: int) -> int:
    """Return what a coupon takes off an amount that is in its scope, in fen; 0 where it takes nothing off.

    A percentage is rounded down: the shop, which funds it, keeps the fraction. At least one fen stays to be paid.
    """
    return 0 if whole_fen < terms.threshold_fen else _minus(terms, whole_fen)


def _amount(terms: CouponTerms, left_fen: int) -> int:
    return terms.minus_fen


def _share(terms: CouponTerms, left_fen: int) -> int:
    minus = share(left_fen, bps=terms.off_bps)
    return minus if terms.most_fen is None else min(minus, terms.most_fen)


MINUS: dict[str, Callable[[CouponTerms, int], int]] = {
    CouponKind.THRESHOLD: _amount,
    CouponKind.FIXED: _amount,
    CouponKind.PERCENT: _share,
}
"""What each kind takes off an amount in fen whose threshold is reached; never asked about a fen or less. Of the
platform's kinds a fen less may cost a fen at most, or the proposed vouchers aren't the best (docs/extending.md)."""


def _minus(terms: CouponTerms, left_fen: int) -> int:
    """Return what is taken off once the threshold is reached; at least a fen stays."""
    return 0 if left_fen <= 1 else min(MINUS[terms.kind](terms, left_fen), left_fen - 1)


def lowered(
    voucher_no: str, terms: CouponTerms, items: Sequence[Item], *, before: Mapping[int, int] | None = None
) -> Lowered:
    """Return what a voucher takes off each item of a checkout: what it takes off all in scope, by
    largest remainder of their amounts.

    `before` is what other vouchers took off the items already, by position: whether the threshold is reached is asked
    without them, how much is taken off is reckoned from what they left (docs/rules.md §10).

    Raises:
        CouponLowersNothing: nothing (worth more than a fen) is in scope.
        CouponBelowThreshold: what is in scope doesn't reach the threshold.
    """
    taken = before or {}
    inside = {i: item.amount_fen - taken.get(i, 0) for i, item in enumerate(items) if covers(terms, item)}
    left = sum(inside.values())
    whole = left + sum(taken.get(i, 0) for i in inside)
    if whole <= 1:
        raise CouponLowersNothing
    if whole < terms.threshold_fen:
        raise CouponBelowThreshold(threshold=yuan(terms.threshold_fen))
    minus = _minus(terms, left)
    if minus <= 0:
        raise CouponLowersNothing
    parts = dict(zip(inside, allocate(minus, list(inside.values())), strict=True))
    return Lowered(voucher_no, terms, {i: part for i, part in parts.items() if part})


def check_ticket(terms: CouponTerms, items: Sequence[Item], ticketed: Sequence[bool]) -> None:
    """Refuse an alliance coupon for a checkout none of whose items in scope came by a ticket.

    Raises:
        CouponNeedsTicket: so it is.
    """
    if terms.channel is CouponChannel.ALLIANCE and not any(
        came and covers(terms, item) for item, came in zip(items, ticketed, strict=True)
    ):
        raise CouponNeedsTicket


def usable_until(*, taken_at: datetime, ends_at: datetime, use_days: int | None) -> datetime:
    """Return the first instant at which a voucher is no longer good."""
    return ends_at if use_days is None else exact_days(taken_at, use_days)


def check(coupon: NewCoupon, now: datetime, *, of_platform: bool = False) -> None:
    """Refuse a coupon that makes no sense.

    Raises:
        Invalid: a field, by name.
    """
    _need(1 <= len(coupon.name.strip()) <= 20, "name", "名称须为 1 到 20 个字符", "a name has 1 to 20 characters")
    _need(coupon.ends_at > coupon.starts_at, "ends_at", "结束须晚于开始", "the end must be after the start")
    _need(coupon.ends_at > now, "ends_at", "结束须晚于现在", "the end must be in the future")
    _need(1 <= coupon.stock <= MAX_STOCK, "stock", "数量须为 1 到 100 万", "a stock is 1 to 1,000,000")
    _need(1 <= coupon.limit_each <= MAX_EACH, "limit_each", "每人限领 1 到 100 张", "1 to 100 a person")
    if coupon.use_days is not None:
        _need(1 <= coupon.use_days <= MAX_USE_DAYS, "use_days", "天数须为 1 到 365", "1 to 365 days")
    _check_amounts(coupon)
    if of_platform:
        everyone = coupon.channel is CouponChannel.EVERYONE
        _need(everyone, "channel", "平台券面向所有人", "the platform's coupons are for everyone")
        _need(coupon.scope is CouponScope.SHOP, "scope", "平台券适用于全部店铺", "the platform's cover all shops")
    targets = len(set(coupon.target_ids))
    if coupon.scope is CouponScope.SHOP:
        _need(targets == 0, "target_ids", "全店券不能指定商品", "a coupon for everything names nothing")
    else:
        _need(1 <= targets <= MAX_TARGETS, "target_ids", "请选择 1 到 200 项", "name 1 to 200")


def _check_amounts(coupon: NewCoupon) -> None:
    """Held by the database as well: each kind has its own amounts and no others."""
    threshold, minus, off, most = coupon.threshold_fen, coupon.minus_fen, coupon.off_bps, coupon.most_fen
    _need(0 <= threshold <= MAX_FEN, "threshold_fen", "门槛金额不正确", "not an amount")
    if coupon.kind is CouponKind.PERCENT:
        _need(0 < off < BPS, "off_bps", "折扣须大于 0 且小于 100%", "between 0 and 100%")
        _need(minus == 0, "minus_fen", "折扣券不能有减免金额", "a percentage has no amount")
        _need(most is None or 0 < most <= MAX_FEN, "most_fen", "最高减免金额不正确", "not an amount")
        return
    _need(0 < minus <= MAX_FEN, "minus_fen", "减免金额须大于 0", "an amount above 0")
    _need(off == 0 and most is None, "off_bps", "该类优惠券没有折扣比例", "this kind has no percentage")
    if coupon.kind is CouponKind.THRESHOLD:
        _need(threshold > minus, "threshold_fen", "门槛须高于减免金额", "the threshold must be above what is taken off")
    else:
        _need(threshold == 0, "threshold_fen", "无门槛券不能设置门槛", "this kind has no threshold")


def _need(good: bool, field: str, reason_zh: str, reason_en: str) -> None:
    if not good:
        raise Invalid(field=field, reason_zh=reason_zh, reason_en=reason_en)
