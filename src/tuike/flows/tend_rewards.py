"""Targets are reached and lost as orders are paid and refunded; what is left of an offer's budget goes back later."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.commission import queries as commission_of
from tuike.commission import service as commission
from tuike.commission.types import Refund, RefundFacts, SaleFacts, SaleTerms, Source
from tuike.db.retry import retry
from tuike.flows import operators, promoter_news
from tuike.flows.keyed import keyed
from tuike.kit.days import exact_days
from tuike.orders import queries as orders_of
from tuike.orders import service as orders
from tuike.outbox import service as outbox
from tuike.outbox.types import Event
from tuike.parties import queries as parties
from tuike.rewards import queries as rewards_of
from tuike.rewards import service as rewards
from tuike.rewards.types import AwardShown, Count, Due, OfferShown, Sold
from tuike.settings import service as settings

CONSUMER = "rewards"
MOST_READ = 20
"""Batches of events that are followed before an offer closes early: a backlog keeps nobody waiting."""
BY_KEY = frozenset({"order.paid", "order.imported", "accrual.rejected"})
"""Topics whose key is the order's number."""
BY_FACT = frozenset({"after_sale.approved"})
"""Topics that name the order among their facts."""


def tend_rewards(*, now: datetime) -> dict[str, int]:
    """Follow what was paid and refunded, and close offers that are over; return how many events, and transfers back.

    Stops between two steps at any time and goes on where it stopped.
    """
    done = {"events": 0, "returned": 0}
    while read := _read_on(now):
        done["events"] += read
    ended_by = exact_days(now, -settings.get("reward_late_days"))
    while ids := rewards_of.to_close(ended_by=ended_by):
        done["returned"] += _close(ids, now)
    return done


@retry
def publish_offer(*, merchant_id: int | None, no: str, actor: Actor, now: datetime) -> None:
    """Fund and publish an offer of a shop, or of the operator (`merchant_id` None).

    Raises:
        Forbidden: for the operator's, no deciding seat.
        NotFound, OfferNotDraft, OfferStartsInPast, OfferFundsShort: see rewards.
    """
    with transaction.atomic(durable=True):
        if merchant_id is None:
            operators.require(actor, operators.DECIDERS)
        rewards.publish_offer(merchant_id=merchant_id, no=no, actor=actor, now=now)


def close_offer(*, merchant_id: int | None, no: str, actor: Actor, key: str | None, now: datetime) -> None:
    """Close a published offer of a shop, or of the operator (`merchant_id` None), before its end.

    What was paid and can be read by then is counted first: who has reached the target gets the award. Then nobody does
    any more, and what is left of the budget goes back at once. Who was on the way is told. The same key closes once.

    Raises:
        Forbidden: for the operator's, no deciding seat. NotFound, OfferNotPublished, OfferClosed: see rewards.
        KeyMalformed, KeyUsedForOther: the key.
    """
    if merchant_id is None:
        operators.require(actor, operators.DECIDERS)
    rewards_of.offer(merchant_id=merchant_id, no=no)  # nobody counts anything for what isn't theirs
    for _ in range(MOST_READ):
        if not _read_on(now):
            break
    _close_early(merchant_id, no, actor, key, now)


@retry
def _close_early(merchant_id: int | None, no: str, actor: Actor, key: str | None, now: datetime) -> None:
    def work() -> None:
        offer = rewards.close_offer(merchant_id=merchant_id, no=no, actor=actor, now=now)
        promoter_news.bonus_closed(offer, rewards_of.promoters_below(offer_id=offer.offer_id), now)

    scope = "operator:close_offer" if merchant_id is None else f"merchant:{merchant_id}:close_offer"
    keyed(scope=scope, key=key, content={"no": no}, now=now, work=work, again=lambda: None)


def _read_on(now: datetime) -> int:
    """Follow the next events, in a transaction of their own; return how many."""
    return outbox.drain(consumer=CONSUMER, handle=lambda events: _follow(events, now), now=now)


@retry
def _close(offer_ids: Sequence[int], now: datetime) -> int:
    with transaction.atomic(durable=True):
        return rewards.close_offers(offer_ids=offer_ids, now=now)


def _follow(events: Sequence[Event], now: datetime) -> None:
    """Count anew who sold or lost something that an offer counts, and do what follows, in the reader's transaction."""
    numbers = [event.key for event in events if event.topic in BY_KEY]
    numbers += [event.facts["order"] for event in events if event.topic in BY_FACT]
    if not numbers:
        return
    sold = _sold(numbers)
    by_offer: dict[int, set[int]] = defaultdict(set)
    for offer_id, promoter_id in rewards_of.concerned(sold) if sold else ():
        by_offer[offer_id].add(promoter_id)
    if not by_offer:
        return
    offers = rewards.lock(by_offer)
    counts = {
        (one.offer_id, one.promoter_id): one
        for offer_id, offer in offers.items()
        for one in count(offer, by_offer[offer_id])
    }
    rewards.note(counts=list(counts.values()), now=now)
    lost = rewards.take_back_lost(offer_ids=offers, now=now)
    _take_back(lost, offers, now)
    promoter_news.bonuses_taken_back(lost, offers, now)
    for offer in offers.values():
        grant(offer, now)
    rewards.close_offers(offer_ids={one.offer_id for one in lost if offers[one.offer_id].state == "closed"}, now=now)


def _sold(order_nos: Iterable[str]) -> list[Sold]:
    """Return what promoters sold with these orders, each with the categories that its product was in."""
    found = commission_of.promoted(order_nos)
    category_of = orders_of.categories_of(sale_id for sale_id, *_ in found)
    nodes = catalog.category_nodes(category_of.values())
    return [
        Sold(promoter, merchant, product, paid_at, nodes[category_of[id_]].path if id_ in category_of else ())
        for id_, promoter, merchant, product, paid_at in found
    ]


def count(offer: OfferShown, promoter_ids: Iterable[int]) -> list[Count]:
    """Return what promoters have for an offer now, who has nothing included."""
    wanted = sorted(set(promoter_ids))
    found = _counted(offer, wanted)
    if offer.category_ids and found:
        sale_ids = [sale_id for _, sales in found.values() for sale_id in sales]
        found = _counted(offer, wanted, _in_categories(sale_ids, offer.category_ids))
    return [Count(offer.offer_id, promoter, *found.get(promoter, (0, ()))) for promoter in wanted]


def _counted(
    offer: OfferShown, promoter_ids: Sequence[int], sale_ids: Sequence[int] | None = None
) -> dict[int, tuple[int, tuple[int, ...]]]:
    return commission_of.counted(
        promoter_ids=promoter_ids,
        merchant_id=offer.merchant_id,
        product_ids=offer.product_ids,
        begin=offer.starts_at,
        end=offer.ends_at,
        measure=offer.measure.value,
        sale_ids=sale_ids,
    )


def _in_categories(sale_ids: Sequence[int], category_ids: Sequence[int]) -> list[int]:
    """Return the sales whose product was in one of the categories, or below, when it was placed: where a product is put
    later changes nothing."""
    category_of = orders_of.categories_of(sale_ids)
    wanted, nodes = set(category_ids), catalog.category_nodes(category_of.values())
    inside = {id_ for id_, node in nodes.items() if wanted.intersection(node.path)}
    return [sale_id for sale_id in sale_ids if category_of.get(sale_id) in inside]


def grant(offer: OfferShown, now: datetime) -> int:
    """Award who has reached the target and has nothing yet, in the order of reaching it, as far as the budget goes;
    return how many. In the caller's transaction."""
    granted: list[tuple[Due, Count]] = []
    for due in rewards_of.due(offer):
        if not rewards.spend(offer.offer_id):
            break
        granted.append((due, count(offer, [due.promoter_id])[0]))
    sales = []
    for (due, proof), sale_id in zip(granted, orders.take_sale_ids(len(granted)), strict=True):
        award = rewards.award(due=due, count=proof, sale_id=sale_id, now=now)
        sales.append(_sale(offer, award, proof, now))
    if sales:
        commission.accrue_targets(sales=sales, now=now)
        told = [(str(one.sale_id), {"offer": offer.no, "sales": [one.sale_id]}) for one in sales]
        outbox.put(topic="target.reached", events=told, now=now)
        promoter_news.bonuses_reached(offer, [due.promoter_id for due, _ in granted], now)
    return len(sales)


def _sale(offer: OfferShown, award: AwardShown, proof: Count, now: datetime) -> SaleFacts:
    """Return an award as commission books it. Its clock starts at once."""
    why = {"offer": offer.no, "award": award.no, "measure": offer.measure.value, "target": offer.target}
    terms = SaleTerms(
        promoter_id=award.promoter_id,
        bonus_fen=award.amount_fen,
        reward_id=offer.offer_id,
        why={**why, "counted": proof.counted},
    )
    return SaleFacts(
        sale_id=award.sale_id,
        order_no=award.no,
        merchant_id=_maker(offer),
        source=Source.REWARD,
        quantity=1,
        paid_fen=award.amount_fen,
        placed_at=now,
        paid_at=now,
        terms=terms,
        kind="target",
        received_at=now,
        settle_days=settings.get("settle_days.reward"),
    )


def _maker(offer: OfferShown) -> int:
    """Return the party that made an offer: the shop, or the operator."""
    if offer.merchant_id is not None:
        return offer.merchant_id
    operator = parties.operator()
    return operator.id if operator else 0


def _take_back(lost: Sequence[AwardShown], offers: dict[int, OfferShown], now: datetime) -> None:
    """Take awards' accruals back to their offers' accounts: from pending, from available, or as a debt."""
    refunds = [
        Refund(
            no=f"{one.no}-B",
            merchant_id=_maker(offers[one.offer_id]),
            parts=(RefundFacts(one.sale_id, one.amount_fen, 1),),
        )
        for one in lost
    ]
    if refunds:
        commission.refund(refunds=refunds, at=now, now=now)
        told = [(str(one.sale_id), {"offer": offers[one.offer_id].no, "sales": [one.sale_id]}) for one in lost]
        outbox.put(topic="target.taken_back", events=told, now=now)
