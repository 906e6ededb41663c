"""A shop's software reports orders: they are kept as they came, and worked off later."""

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.db.retry import retry
from tuike.idempotency import service as idempotency
from tuike.inbox import service as inbox
from tuike.inbox.types import Kept, Told
from tuike.orders.types import NotAnExternalShop
from tuike.parties import queries as parties
from tuike.parties.types import Source


@retry
def keep_reports(*, merchant_id: int, orders: Sequence[tuple[str, str]], scope: str, key: str, now: datetime) -> Kept:
    """Keep reports (number of the order, what is said of it as JSON text) durably as one batch (docs/rules.md §13).

    The same key with the same content is the same batch. `scope` names the caller.

    Raises:
        NotAnExternalShop: the merchant sells in our mall.
        TooManyReports: none, or more than 1,000.
        KeyMalformed, KeyUsedForOther: the key.
    """
    told = [Told(no, content, hashlib.sha256(content.encode()).digest()) for no, content in orders]
    whole = hashlib.sha256(b"".join(one.digest for one in told)).hexdigest()

    def work() -> dict[str, Any]:
        kept = inbox.keep(merchant_id=merchant_id, reports=told, now=now)
        return {"no": kept.no, "reports": kept.reports, "fresh": kept.fresh}

    with transaction.atomic(durable=True):
        if parties.sources_of([merchant_id]).get(merchant_id) is not Source.MINI_PROGRAM:
            raise NotAnExternalShop
        answer = idempotency.once(scope=scope, key=key, content=["reports", whole], now=now, work=work)
        return Kept(answer["no"], answer["reports"], answer["fresh"])
