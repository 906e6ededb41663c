"""A shop or the platform offers coupons, offers more of them, or stops."""

from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.idempotency import service as idempotency
from tuike.marketing import queries as coupons_of
from tuike.marketing import service as marketing
from tuike.marketing.types import CouponShown, NewCoupon
from tuike.outbox import service as outbox


@retry
def create_coupon(*, merchant_id: int | None, coupon: NewCoupon, actor: Actor, key: str, now: datetime) -> CouponShown:
    """Make a coupon of a shop, or (None) of the platform; the same key again gives the same one.

    Raises:
        Invalid, NotFound: see marketing.create_coupon.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> dict[str, Any]:
        made = marketing.create_coupon(merchant_id=merchant_id, coupon=coupon, actor=actor, now=now)
        _tell(made, now)
        return {"no": made.no}

    content = [str(getattr(coupon, name)) for name in coupon.__slots__]
    with transaction.atomic(durable=True):
        scope = f"merchant:{merchant_id or 'platform'}:create_coupon"
        made = idempotency.once(scope=scope, key=key, content=content, now=now, work=work)
        return coupons_of.coupon_of(merchant_id=merchant_id, no=made["no"])


@retry
def stop_coupon(*, merchant_id: int | None, no: str, actor: Actor, now: datetime) -> CouponShown:
    """Let nobody take any more of a coupon.

    Raises:
        NotFound, CouponNotOpen: see marketing.stop_coupon.
    """
    with transaction.atomic(durable=True):
        stopped = marketing.stop_coupon(merchant_id=merchant_id, no=no, actor=actor, now=now)
        _tell(stopped, now)
        return stopped


@retry
def raise_stock(*, merchant_id: int | None, no: str, stock: int, actor: Actor, now: datetime) -> CouponShown:
    """Give out more of a coupon: `stock` in all.

    Raises:
        NotFound, Invalid, StockOnlyGrows, CouponNotOpen: see marketing.raise_stock.
    """
    with transaction.atomic(durable=True):
        raised = marketing.raise_stock(merchant_id=merchant_id, no=no, stock=stock, actor=actor, now=now)
        _tell(raised, now)
        return raised


def _tell(coupon: CouponShown, now: datetime) -> None:
    if coupon.terms.merchant_id is None:  # it stands beside no product of a promoter
        return
    outbox.put(topic="coupon.changed", events=[(coupon.no, {"merchant_id": coupon.terms.merchant_id})], now=now)
