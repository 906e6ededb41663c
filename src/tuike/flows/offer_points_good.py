"""A shop offers goods for points, or stops."""

from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.idempotency import service as idempotency
from tuike.marketing import queries as marketing_of
from tuike.marketing import service as marketing
from tuike.marketing.types import NewPointsGood, PointsGoodShown
from tuike.parties.types import MallFunction


@retry
def offer_points_good(
    *, merchant_id: int, good: NewPointsGood, actor: Actor, key: str, now: datetime
) -> PointsGoodShown:
    """Offer pieces of a SKU for points and perhaps money; the same key again gives the same good.

    Raises:
        FunctionOff: the shop, or the mall, has the points mall off.
        Invalid, NotFound: see marketing.offer_points_good.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> dict[str, Any]:
        marketing_of.need_function(MallFunction.POINTS_MALL, merchant_id)
        made = marketing.offer_points_good(merchant_id=merchant_id, good=good, actor=actor, now=now)
        return {"no": made.no}

    content = [str(getattr(good, name)) for name in good.__slots__]
    with transaction.atomic(durable=True):
        scope = f"merchant:{merchant_id}:offer_points_good"
        made = idempotency.once(scope=scope, key=key, content=content, now=now, work=work)
        return marketing_of.points_good_of(merchant_id=merchant_id, no=made["no"])


@retry
def stop_points_good(*, merchant_id: int, no: str, actor: Actor, now: datetime) -> PointsGoodShown:
    """Let nobody take any more of a good.

    Raises:
        NotFound, PointsGoodNotOpen: see marketing.stop_points_good.
    """
    with transaction.atomic(durable=True):
        return marketing.stop_points_good(merchant_id=merchant_id, no=no, actor=actor, now=now)
