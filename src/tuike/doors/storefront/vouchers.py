"""Coupons and vouchers as this door shows them."""

from datetime import datetime
from typing import Any

from ninja import Schema

from tuike.doors.storefront import answers
from tuike.doors.web.said import said
from tuike.marketing.types import CouponShown, CouponTerms, VoucherShown

KINDS = {
    "coupon": ("优惠券", "Coupon"),
    "bargain": ("砍价", "Bargain"),
    "points": ("积分抵扣", "Points"),
    "points_good": ("积分兑换", "Points mall"),
}
"""What lowers a line, for readers."""


class Coupon(Schema):
    """A coupon that can be taken, or soon will: `threshold` or `fixed` take `minus_fen` off, `percent` takes `off_bps`,
    at most `most_fen`; from `threshold_fen` on. `channel`: everyone, or alliance (who came by a promoter's link). No
    `shop`: the platform's, for all shops. `held` is how many of it the caller has taken; `phase`: coming, open."""

    no: str
    channel: str
    shop: answers.Shop | None
    name: str
    kind: str
    threshold_fen: int
    minus_fen: int
    off_bps: int
    most_fen: int | None
    scope: str
    starts_at: datetime
    ends_at: datetime
    use_days: int | None
    phase: str
    left: int
    limit_each: int
    held: int


class Voucher(Schema):
    """A coupon that the buyer took; its number goes along with an order (`vouchers`). `state`: good, used, expired."""

    no: str
    coupon_no: str
    channel: str
    shop: answers.Shop | None
    name: str
    kind: str
    threshold_fen: int
    minus_fen: int
    off_bps: int
    most_fen: int | None
    scope: str
    state: str
    taken_at: datetime
    usable_until: datetime


def kind_word(kind: str) -> str:
    """Return what lowers a line in the reader's language."""
    return said(*KINDS.get(kind, (kind, kind)))


def offered(one: CouponShown, shops: dict, held: int, now: datetime) -> dict[str, Any]:
    """Return a coupon as the shape wants it."""
    return {
        "no": one.no,
        **_terms(one.terms, shops),
        "starts_at": one.starts_at,
        "ends_at": one.ends_at,
        "use_days": one.use_days,
        "phase": str(one.phase(now)),
        "left": one.stock - one.taken,
        "limit_each": one.limit_each,
        "held": held,
    }


def shown(one: VoucherShown, shops: dict, now: datetime) -> dict[str, Any]:
    """Return a voucher as the shape wants it."""
    return {
        "no": one.no,
        "coupon_no": one.coupon_no,
        **_terms(one.terms, shops),
        "state": str(one.state(now)),
        "taken_at": one.taken_at,
        "usable_until": one.usable_until,
    }


def _terms(terms: CouponTerms, shops: dict) -> dict[str, Any]:
    return {
        "channel": str(terms.channel),
        "shop": None if terms.merchant_id is None else shops[terms.merchant_id],
        "name": terms.name,
        "kind": str(terms.kind),
        "threshold_fen": terms.threshold_fen,
        "minus_fen": terms.minus_fen,
        "off_bps": terms.off_bps,
        "most_fen": terms.most_fen,
        "scope": str(terms.scope),
    }
