"""Buyers are told of what soon happens by itself: receipt that confirms itself, vouchers that end."""

from datetime import datetime

from django.db import transaction

from tuike.db.retry import retry
from tuike.marketing import queries as marketing_of
from tuike.marketing import service as marketing
from tuike.messages import service as messages
from tuike.orders import service as orders
from tuike.parties.types import MallFunction


@retry
def tell_receipts(*, now: datetime, limit: int = 500) -> int:
    """Tell whose orders' receipt confirms itself within two days, once for each instant, and return how many orders
    were marked (docs/rules.md §5)."""
    with transaction.atomic(durable=True):
        due = orders.receipts_to_tell(now=now, limit=limit)
        told = [
            (one.buyer_id, {"no": one.no, "receive_at": one.receive_by.isoformat()}, one.no)
            for one in due
            if one.buyer_id is not None and one.receive_by is not None
        ]
        messages.tell_persons(kind="receipt_soon", told=told, now=now)
        return len(due)


@retry
def tell_vouchers(*, now: datetime, limit: int = 500) -> int:
    """Tell whose unused vouchers end within two days, each once, and return how many were marked; nobody is told of
    those of a shop that has coupons off (docs/rules.md §10)."""
    with transaction.atomic(durable=True):
        due = marketing.vouchers_to_tell(now=now, limit=limit)
        shops = {one.merchant_id for one in due if one.merchant_id is not None}
        on: set[int | None] = set(marketing_of.shops_offering(MallFunction.COUPONS, shops))
        if marketing_of.mall_offers(MallFunction.COUPONS):
            on.add(None)
        told = [
            (one.buyer_id, {"title": one.title, "expires_at": one.ends_at.isoformat()}, one.no)
            for one in due
            if one.merchant_id in on
        ]
        messages.tell_persons(kind="coupon_expiring", told=told, now=now)
        return len(due)
