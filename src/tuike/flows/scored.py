"""What orders left behind for their scores, gathered from the modules that know it, and what a high score opens.

Shared by the journeys that score orders; not a journey itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from tuike.attribution import queries as attribution
from tuike.attribution.types import Claim
from tuike.commission import queries as commission
from tuike.flows import judging
from tuike.orders import queries as orders_of
from tuike.orders.types import COUPON, Address, OrderRef
from tuike.parties import queries as parties
from tuike.payments import queries as payments
from tuike.people import queries as people
from tuike.people.types import BadPhone
from tuike.risk import service as risk
from tuike.risk.types import CaseFacts, CaseKind
from tuike.scoring import queries as scores
from tuike.scoring import service as scoring
from tuike.scoring.types import Mark, Own, ScoreShown, Standing, Trace


@dataclass(frozen=True, slots=True)
class Came:
    """What scoring came to: cases that are new, and accruals that rules hold since."""

    cases: int = 0
    held: int = 0


def stand(order_nos: Iterable[str], *, refunded: Mapping[str, datetime], now: datetime) -> None:
    """Bring up to date how orders stand; `refunded` says when money went back, where that is known."""
    standings = commission.standings_of(order_nos)
    scoring.stand(
        standings=[
            Standing(no, one.refunded_fen, refunded.get(no, now), one.due_at, one.settled)
            for no, one in sorted(standings.items())
        ]
    )


def gather(order_nos: Iterable[str], *, now: datetime) -> list[Trace]:
    """Return what paid orders left behind: a dozen questions, however many they are. Those that earn no promoter
    anything leave nothing."""
    orders = {no: one for no, one in orders_of.orders_by_no(order_nos).items() if one.paid_at is not None}
    claims = _claims(orders.values())
    standings = commission.standings_of(claims) if claims else {}
    orders = {no: one for no, one in orders.items() if no in standings}
    if not orders:
        return []
    carts = scores.carts_of(orders)
    touches = attribution.touch_marks({one.touch_id for one in claims.values() if one.touch_id})
    addresses = orders_of.addresses_of(orders.values())
    payers = payments.payers_of(f"checkout:{one.checkout_no}" for one in orders.values())
    coupons = _coupons(orders.values())
    buyers = parties.promoters_of_persons({one.buyer_id for one in orders.values() if one.buyer_id})
    made = []
    for no, order in sorted(orders.items()):
        claim, standing = claims[no], standings[no]
        seen = touches.get(claim.touch_id or 0)
        made.append(
            Trace(
                order_no=no,
                promoter_id=claim.promoter_id or 0,
                merchant_id=order.merchant_id,
                buyer_id=order.buyer_id or -order.id,  # a buyer whom nobody knows is nobody else's buyer
                buyer_promoter_id=buyers.get(order.buyer_id or 0, 0),
                place_id=claim.place_id or 0,
                enrolment_id=claim.enrolment_id or 0,
                placed_at=order.placed_at,
                paid_at=order.paid_at or order.placed_at,
                click_ms=_ms(seen[0], order.placed_at) if seen else None,
                cart_ms=_ms(carts[no], seen[0]) if seen and no in carts else None,
                coupon=coupons.get(order.id, ""),
                address=_place(addresses.get(order.id)),
                phone=_phone(addresses.get(order.id)),
                device=_digest(Mark.DEVICE, seen[1] if seen else ""),
                payer=_digest(Mark.PAYER, payers.get(f"checkout:{order.checkout_no}", "")),
                paid_fen=standing.paid_fen,
                refunded_fen=standing.refunded_fen,
                refunded_at=now if standing.refunded_fen else None,
                due_at=standing.due_at,
                settled=standing.settled,
            )
        )
    return made


def score(promoter_ids: Iterable[int], *, now: datetime, every: bool = False) -> Came:
    """Score the open orders of promoters, let review rules judge those whose score changed (`every`: all that stand
    above 0), and open a case for each that is high for the first time. In the caller's transaction."""
    related = parties.related_person_ids(promoter_ids)
    phones = people.phone_indexes_of({person for some in related.values() for person in some})
    owns = {
        id_: Own(frozenset(some), frozenset(phones[person] for person in some if person in phones))
        for id_, some in related.items()
    }
    found = scoring.score(owns=owns, now=now)
    held = judging.judge_again(
        {one.shown.order_no: one.shown.thousandths for one in found if every or one.changed}, now
    )
    return Came(_open_cases([one.shown for one in found if one.risen], now), held)


def _open_cases(high: Sequence[ScoreShown], now: datetime) -> int:
    if not high:
        return 0
    stakes = commission.standings_of(one.order_no for one in high)
    refs = parties.refs({one.promoter_id for one in high})
    cases = [
        CaseFacts(
            CaseKind.ORDER_SCORE,
            one.order_no,
            stakes[one.order_no].commission_fen if one.order_no in stakes else 0,
            {
                "score": one.thousandths,
                "promoter": refs[one.promoter_id].no if one.promoter_id in refs else "",
                "findings": [asdict(found) for found in one.findings],
            },
        )
        for one in high
    ]
    return risk.open_once(cases=cases, now=now)


def _claims(orders: Iterable[OrderRef]) -> dict[str, Claim]:
    """Return by order the claim that earns a promoter most of it."""
    orders = list(orders)
    made = attribution.claims_of([line.id for order in orders for line in order.lines])
    found = {}
    for order in orders:
        earning = [line for line in order.lines if line.id in made and made[line.id].promoter_id]
        if earning:
            found[order.no] = made[max(earning, key=lambda line: (line.paid_fen, -line.id)).id]
    return found


def _coupons(orders: Iterable[OrderRef]) -> dict[int, str]:
    """Return by order the coupon that lowered it, the first one where there are several."""
    by_line = {line.id: order.id for order in orders for line in order.lines}
    found: dict[int, str] = {}
    for line_id, discounts in sorted(orders_of.discounts_of(by_line).items()):
        for one in discounts:
            if one.kind == COUPON:
                found.setdefault(by_line[line_id], one.source)
    return found


def _place(address: Address | None) -> bytes:
    return b"" if address is None else _digest(Mark.ADDRESS, f"{address.region}{address.detail}")


def _phone(address: Address | None) -> bytes:
    """Return the digest by which a person's own phone is known, too, however the number is spelled."""
    if address is None:
        return b""
    try:
        return people.phone_index(address.phone)
    except BadPhone:
        return _digest(Mark.PHONE, address.phone)


def _digest(mark: Mark, text: str) -> bytes:
    plain = "".join(one for one in text if one.isalnum()).lower()
    return scores.digest(mark, plain) if plain else b""


def _ms(since: datetime, until: datetime) -> int:
    return (until - since) // timedelta(milliseconds=1)


def promoters_in(traces: Sequence[Trace]) -> set[int]:
    """Return whose orders these are."""
    return {one.promoter_id for one in traces}
