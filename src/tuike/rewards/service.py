"""Offers made, funded and published; targets reached and lost; what is left given back (docs/rules.md §3, §7)."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.kit.errors import Invalid, NotFound
from tuike.kit.ids import number
from tuike.kit.money import MAX_FEN
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import AccountRef, Draft, Move, NotEnough
from tuike.outbox import service as outbox
from tuike.parties import queries as parties
from tuike.parties.types import Source
from tuike.rewards import queries
from tuike.rewards.models import Offer
from tuike.rewards.types import (
    AwardShown,
    Count,
    Due,
    Measure,
    NewOffer,
    OfferClosed,
    OfferFundsShort,
    OfferNotDraft,
    OfferNotPublished,
    OfferShown,
    OfferStartsInPast,
    OfferState,
)

# Takes what an award holds of the budget, or nothing.
_SPEND = """
    UPDATE rewards_offer SET granted_fen = granted_fen + reward_fen
    WHERE id = %(offer)s AND state = 'published' AND granted_fen + reward_fen <= budget_fen
    RETURNING reward_fen
"""
_NOTE = """
    INSERT INTO rewards_progress (offer_id, promoter_id, counted, reached_at, at)
    SELECT n.offer, n.promoter, n.counted, CASE WHEN n.counted >= o.target THEN %(now)s END, %(now)s
    FROM unnest(%(offers)s::bigint[], %(promoters)s::bigint[], %(counts)s::bigint[]) AS n (offer, promoter, counted)
    JOIN rewards_offer o ON o.id = n.offer
    ON CONFLICT (offer_id, promoter_id) DO UPDATE SET counted = excluded.counted, at = excluded.at,
        reached_at = CASE WHEN excluded.reached_at IS NOT NULL
            THEN coalesce(rewards_progress.reached_at, excluded.reached_at) END
"""
_LOST = """
    UPDATE rewards_award a SET taken_back_at = %(now)s, counted_then = p.counted
    FROM rewards_progress p
    WHERE a.offer_id = ANY(%(offers)s) AND a.taken_back_at IS NULL
        AND p.offer_id = a.offer_id AND p.promoter_id = a.promoter_id AND p.reached_at IS NULL
    RETURNING a.no, a.offer_id, a.promoter_id, a.sale_id, a.amount_fen, a.counted, a.reached_at, a.taken_back_at
"""


@transaction.atomic
def create_offer(*, merchant_id: int | None, offer: NewOffer, actor: Actor, now: datetime) -> str:
    """Make a draft of an offer of a merchant, or of the operator (`merchant_id` None), and return its number.

    Raises:
        Invalid: name, target, reward_fen, budget_fen, period, products, categories.
        NotFound: a product or category that isn't there, or a product that isn't the merchant's.
    """
    _check(offer)
    _check_scope(merchant_id, offer)
    id_ = rows.query("SELECT nextval(pg_get_serial_sequence('rewards_offer', 'id'))")[0][0]
    made = Offer.objects.create(
        id=id_,
        no=number("TO", id_, now),
        merchant_id=merchant_id,
        name=offer.name.strip(),
        measure=offer.measure.value,
        target=offer.target,
        reward_fen=offer.reward_fen,
        budget_fen=offer.budget_fen,
        starts_at=offer.starts_at,
        ends_at=offer.ends_at,
        product_ids=sorted(set(offer.product_ids)),
        category_ids=sorted(set(offer.category_ids)),
        state=OfferState.DRAFT.value,
        created_at=now,
    )
    facts: dict[str, Any] = {"measure": offer.measure.value, "target": offer.target, "reward_fen": offer.reward_fen}
    facts |= {"budget_fen": offer.budget_fen, "products": sorted(set(offer.product_ids))}
    facts |= {"categories": sorted(set(offer.category_ids))}
    audit.record(actor=actor, action="offer.create", object_=made.no, facts=facts, now=now)
    return made.no


@transaction.atomic
def publish_offer(*, merchant_id: int | None, no: str, actor: Actor, now: datetime) -> None:
    """Move an offer's whole budget to its own account and publish it (event `reward_fund`).

    A shop pays out of what it has available, an external one out of its prepaid balance, neither while it owes; the
    operator out of the platform's promotion money.

    Raises:
        NotFound: not one of its maker's. OfferNotDraft: it was published or deleted.
        OfferStartsInPast: it would have started before. OfferFundsShort: less is there than the budget.
    """
    offer = _own(merchant_id, no)
    if offer.state is not OfferState.DRAFT:
        raise OfferNotDraft
    if offer.starts_at < now:
        raise OfferStartsInPast
    fund = _fund_of(merchant_id)
    _check_owes_nothing(merchant_id, fund)
    move = Move(_account(merchant_id, fund), chart.reward(offer.offer_id), offer.budget_fen)
    try:
        ledger.post(drafts=[Draft(f"reward_fund:{no}", "reward_fund", f"reward:{no}", now, (move,))], now=now)
    except NotEnough as error:
        raise OfferFundsShort from error
    Offer.objects.filter(id=offer.offer_id).update(state=OfferState.PUBLISHED.value, published_at=now, fund=fund)
    audit.record(actor=actor, action="offer.publish", object_=no, facts={"budget_fen": offer.budget_fen}, now=now)
    outbox.put(topic="offer.published", events=[(no, {"merchant": merchant_id})], now=now)


@transaction.atomic
def delete_offer(*, merchant_id: int | None, no: str, actor: Actor, now: datetime) -> None:
    """Delete a draft.

    Raises:
        NotFound: not one of its maker's. OfferNotDraft: it was published or deleted.
    """
    offer = _own(merchant_id, no)
    if offer.state is not OfferState.DRAFT:
        raise OfferNotDraft
    Offer.objects.filter(id=offer.offer_id).update(state=OfferState.DELETED.value)
    audit.record(actor=actor, action="offer.delete", object_=no, facts={}, now=now)


@transaction.atomic
def close_offer(*, merchant_id: int | None, no: str, actor: Actor, now: datetime) -> OfferShown:
    """Close a published offer before its end and return it as it was: nobody is awarded any more, what is left of the
    budget goes back at once (event `reward_return`); awards stay, and are taken back as ever (docs/rules.md §3).

    Raises:
        NotFound: not one of its maker's. OfferNotPublished: a draft, or deleted. OfferClosed: it was closed before.
    """
    offer = _own(merchant_id, no)
    if offer.state is OfferState.CLOSED:
        raise OfferClosed
    if offer.state is not OfferState.PUBLISHED:
        raise OfferNotPublished
    close_offers(offer_ids=[offer.offer_id], now=now)
    facts = {"budget_fen": offer.budget_fen, "granted_fen": offer.granted_fen}
    audit.record(actor=actor, action="offer.close", object_=no, facts=facts, now=now)
    return offer


def lock(offer_ids: Iterable[int]) -> dict[int, OfferShown]:
    """Lock offers in id order, in the caller's transaction, and return them by id."""
    wanted = sorted(set(offer_ids))
    rows.query("SELECT 1 FROM rewards_offer WHERE id = ANY(%s) ORDER BY id FOR UPDATE", [wanted])
    return queries.offers_by_id(wanted)


def note(*, counts: Sequence[Count], now: datetime) -> None:
    """Keep how far promoters are, and since when they have reached a target; the first time it is reached again after
    it was lost counts anew."""
    rows.run(
        _NOTE,
        {
            "offers": [one.offer_id for one in counts],
            "promoters": [one.promoter_id for one in counts],
            "counts": [one.counted for one in counts],
            "now": now,
        },
    )


def take_back_lost(*, offer_ids: Iterable[int], now: datetime) -> list[AwardShown]:
    """End the awards of promoters who fell under their targets and give their parts of the budgets back; the caller
    takes their accruals back. A second call ends nothing."""
    lost = [AwardShown(*row) for row in rows.query(_LOST, {"offers": sorted(set(offer_ids)), "now": now})]
    for award in lost:
        rows.run(
            "UPDATE rewards_offer SET granted_fen = granted_fen - %s WHERE id = %s", [award.amount_fen, award.offer_id]
        )
    return lost


def spend(offer_id: int) -> bool:
    """Take an award's part of an offer's budget by the statement that checks it; return whether there was enough."""
    return bool(rows.query(_SPEND, {"offer": offer_id}))


def award(*, due: Due, count: Count, sale_id: int, now: datetime) -> AwardShown:
    """Keep an award with its proof; its part of the budget was taken before. The caller books its accrual."""
    id_ = rows.query("SELECT nextval(pg_get_serial_sequence('rewards_award', 'id'))")[0][0]
    no = number("TA", id_, now)
    rows.run(
        "INSERT INTO rewards_award (id, no, offer_id, promoter_id, sale_id, amount_fen, counted, sale_ids, reached_at)"
        " VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
        [
            id_,
            no,
            due.offer.offer_id,
            due.promoter_id,
            sale_id,
            due.offer.reward_fen,
            count.counted,
            list(count.sale_ids),
            due.reached_at,
        ],
    )
    amount = due.offer.reward_fen
    return AwardShown(no, due.offer.offer_id, due.promoter_id, sale_id, amount, count.counted, due.reached_at, None)


@transaction.atomic
def close_offers(*, offer_ids: Iterable[int], now: datetime) -> int:
    """Close published offers, and give what stands on the accounts of closed ones back to where it came from (event
    `reward_return`): the rest, and later what was taken back. Returns how many transfers that took."""
    wanted = sorted(set(offer_ids))
    lock(wanted)
    rows.run(
        "UPDATE rewards_offer SET state = 'closed', closed_at = %s WHERE id = ANY(%s) AND state = 'published'",
        [now, wanted],
    )
    closed = rows.query(
        "SELECT id, no, merchant_id, fund, returns FROM rewards_offer WHERE id = ANY(%s) AND state = 'closed'"
        " ORDER BY id",
        [wanted],
    )
    left = ledger.lock(refs=[chart.reward(id_) for id_, *_ in closed])
    drafts = []
    for id_, no, merchant_id, fund, returns in closed:
        account = chart.reward(id_)
        if fen := left[account.path]:
            move = Move(account, _account(merchant_id, fund), fen)
            key = f"reward_return:{no}:{returns + 1}"
            drafts.append(Draft(key, "reward_return", f"reward:{no}", now, (move,)))
            rows.run(
                "UPDATE rewards_offer SET returned_fen = returned_fen + %s, returns = returns + 1 WHERE id = %s",
                [fen, id_],
            )
    if drafts:
        ledger.post(drafts=drafts, now=now)
    return len(drafts)


def _own(merchant_id: int | None, no: str) -> OfferShown:
    """Lock an offer of its maker's."""
    return lock([queries.offer(merchant_id=merchant_id, no=no).offer_id]).popitem()[1]


def _fund_of(merchant_id: int | None) -> str:
    if merchant_id is None:
        return "promotion"
    shop = parties.merchant_facts([merchant_id])[merchant_id]
    return "available" if shop.source is Source.MINI_STORE else "prepaid"


def _account(merchant_id: int | None, fund: str) -> AccountRef:
    return chart.platform(fund) if merchant_id is None else chart.merchant(merchant_id, fund)


def _check_owes_nothing(merchant_id: int | None, fund: str) -> None:
    if merchant_id is None:
        return
    owed = chart.merchant(merchant_id, "owed")
    if ledger.lock(refs=[_account(merchant_id, fund), owed])[owed.path] < 0:
        raise OfferFundsShort


def _check(offer: NewOffer) -> None:
    if not 1 <= len(offer.name.strip()) <= 40:
        raise Invalid(field="name", reason_zh="名称须为 1 到 40 个字符", reason_en="a name has 1 to 40 characters")
    if offer.ends_at <= offer.starts_at:
        raise Invalid(field="ends_at", reason_zh="结束须晚于开始", reason_en="the end must be after the start")
    most = MAX_FEN if offer.measure is Measure.PAID else 10**9
    if not 1 <= offer.target <= most:
        raise Invalid(field="target", reason_zh="目标不正确", reason_en="not a target that can be reached")
    if not 1 <= offer.reward_fen <= MAX_FEN:
        raise Invalid(field="reward_fen", reason_zh="金额不正确", reason_en="not an amount that can be booked")
    if not offer.reward_fen <= offer.budget_fen <= MAX_FEN:
        raise Invalid(
            field="budget_fen", reason_zh="预算不能低于一份奖励", reason_en="a budget pays one reward at least"
        )
    if len(offer.product_ids) > 500:
        raise Invalid(field="products", reason_zh="最多 500 件商品", reason_en="500 products at most")
    if len(offer.category_ids) > 100:
        raise Invalid(field="categories", reason_zh="最多 100 个类目", reason_en="100 categories at most")
    if offer.product_ids and offer.category_ids:
        raise Invalid(
            field="categories",
            reason_zh="商品与类目只能选其一",
            reason_en="name products or categories, not both",
        )


def _check_scope(merchant_id: int | None, offer: NewOffer) -> None:
    owners = catalog.merchants_of(offer.product_ids)
    wrong = any(merchant_id is not None and owner != merchant_id for owner in owners.values())
    if wrong or len(owners) < len(set(offer.product_ids)):
        raise NotFound
    if len(catalog.category_nodes(offer.category_ids)) < len(set(offer.category_ids)):
        raise NotFound
