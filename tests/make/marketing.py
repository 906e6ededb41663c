"""Makers of coupons and vouchers: what a test doesn't care about has a default."""

from datetime import datetime, timedelta

from tests.make.alliance import NOON
from tuike.audit.types import OPERATOR_SHELL
from tuike.marketing import service
from tuike.marketing.types import CouponKind, CouponShown, NewCoupon, VoucherShown


def new(**changes: object) -> NewCoupon:
    """¥5 off from ¥50 on, for a week, ten of them, one a person."""
    facts: dict = {
        "name": "满 50 减 5",
        "kind": CouponKind.THRESHOLD,
        "threshold_fen": 5_000,
        "minus_fen": 500,
        "starts_at": NOON,
        "ends_at": NOON + timedelta(days=7),
        "stock": 10,
    }
    return NewCoupon(**facts | changes)


def fixed(minus_fen: int = 500, **changes: object) -> NewCoupon:
    """An amount off, without a threshold."""
    return new(name="立减券", kind=CouponKind.FIXED, threshold_fen=0, minus_fen=minus_fen, **changes)


def percent(off_bps: int = 1_000, **changes: object) -> NewCoupon:
    """A share off, without a threshold."""
    facts = {"threshold_fen": 0, "minus_fen": 0} | changes
    return new(name="折扣券", kind=CouponKind.PERCENT, off_bps=off_bps, **facts)


def coupon(merchant_id: int, wanted: NewCoupon | None = None, *, now: datetime = NOON) -> CouponShown:
    """Return a shop's new coupon."""
    return service.create_coupon(merchant_id=merchant_id, coupon=wanted or new(), actor=OPERATOR_SHELL, now=now)


def voucher(made: CouponShown, buyer_id: int, *, now: datetime = NOON) -> VoucherShown:
    """Return a voucher that a buyer took."""
    return service.take(coupon=made, buyer_id=buyer_id, now=now)
