"""Software of each kind of party."""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from typing import cast

from tuike_client.core import Client, encoded
from tuike_client.leader import LeaderCalls
from tuike_client.merchant import MerchantCalls
from tuike_client.promoter import PromoterCalls
from tuike_client.shapes import OrderIn, ReportsKept

MOST_ORDERS = 1_000
"""A call's orders."""
MOST_BYTES = 7_500_000
"""A call's bytes, a little below what the server takes."""


class Promoter(PromoterCalls, Client):
    """A promoter's software."""


class Merchant(MerchantCalls, Client):
    """A merchant's software."""

    def report_orders(
        self, orders: Iterable[OrderIn], *, key: str | None = None, chunk: int = 500
    ) -> Iterator[ReportsKept]:
        """Report orders of an external shop, any number, a batch of `chunk` (1 to 1,000) a call; yield what was kept.

        A batch is sent when it is asked for: walk through the whole (`list(…)`). With the same `key` and the same
        orders, what was kept before is answered again instead of being kept twice.

        Raises:
            ApiError: a form is wrong; nothing of its batch was kept, the batches before it were.
        """
        if not 1 <= chunk <= MOST_ORDERS:
            raise ValueError(f"chunk must be 1 to {MOST_ORDERS}")
        base = str(uuid.uuid4()) if key is None else key
        return self._reported(orders, base, chunk)

    def _reported(self, orders: Iterable[OrderIn], key: str, chunk: int) -> Iterator[ReportsKept]:
        for number, batch in enumerate(_batches(orders, chunk), 1):
            yield cast(ReportsKept, self._write("POST", "/merchant/reports", {"orders": batch}, key=f"{key}-{number}"))


class Leader(LeaderCalls, Client):
    """A leader's software."""


def _batches(orders: Iterable[OrderIn], chunk: int) -> Iterator[Sequence[OrderIn]]:
    batch: list[OrderIn] = []
    size = 0
    for order in orders:
        takes = len(encoded(order)) + 1
        if batch and (len(batch) == chunk or size + takes > MOST_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(order)
        size += takes
    if batch:
        yield batch
