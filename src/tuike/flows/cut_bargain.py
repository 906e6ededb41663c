"""A buyer starts a bargain, and friends cut it."""

from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.catalog import queries as catalog
from tuike.db.retry import retry
from tuike.idempotency import service as idempotency
from tuike.kit.names import masked_name
from tuike.marketing import queries as bargains
from tuike.marketing import service as marketing
from tuike.marketing.types import Bargain, Cut
from tuike.messages import service as messages
from tuike.people import queries as people


@retry
def start_bargain(*, buyer_id: int, offer_no: str, key: str, now: datetime) -> Bargain:
    """Start a bargain, or return the buyer's that runs; the same key again gives the same one as it stands.

    Raises:
        NotFound, NotOnSale, BargainNotOpen, BargainSoldOut, BargainLimit: see marketing.start_bargain.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> dict[str, Any]:
        return {"no": marketing.start_bargain(offer_no=offer_no, buyer_id=buyer_id, now=now).no}

    with transaction.atomic(durable=True):
        scope = f"buyer:{buyer_id}:start_bargain"
        started = idempotency.once(scope=scope, key=key, content={"offer": offer_no}, now=now, work=work)
        return bargains.bargain_of(buyer_id=buyer_id, no=started["no"])


@retry
def cut_bargain(*, person_id: int, code: str, now: datetime) -> Cut:
    """Cut a friend's bargain, and tell whoever started it.

    Raises:
        NotFound, OwnBargain, CutAlready, CutsADay, BargainOver, BargainAtFloor: see marketing.cut_bargain.
    """
    with transaction.atomic(durable=True):
        cut = marketing.cut_bargain(code=code, person_id=person_id, now=now)
        stands = bargains.bargain_by_code(code)
        title = catalog.sku_facts([stands.sku_id])[stands.sku_id].title
        friend = people.refs([person_id]).get(person_id)
        facts = {"title": title, "price_fen": stands.price_now_fen}
        told = facts | {"name": masked_name(friend.nickname if friend else ""), "cut_fen": cut.amount_fen}
        messages.tell_person(person_id=stands.buyer_id, kind="bargain_cut", facts=told, object_=stands.code, now=now)
        if stands.at_floor:
            messages.tell_person(
                person_id=stands.buyer_id, kind="bargain_floor", facts=facts, object_=stands.code, now=now
            )
        return cut
