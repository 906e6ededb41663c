"""The library brought up to date for products, as the job does it, within the caller's transaction."""

from collections.abc import Iterable
from datetime import datetime

from tests.make.people import EARLY
from tuike.catalog.types import ProductFacts
from tuike.library import service
from tuike.marketing import queries as marketing


def stand(product_ids: Iterable[int], *, now: datetime = EARLY) -> None:
    """Let the index say how products stand from now on, coupons included."""

    def coupons(products: Iterable[ProductFacts], at: datetime) -> set[int]:
        return set(marketing.coupons_of_products(products, at))

    service.refresh(product_ids=product_ids, now=now, coupons=coupons)
