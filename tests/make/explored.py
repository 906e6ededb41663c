"""An alliance in which every dimension of an accrual has more than one value, and some rows have none."""

from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make import rewards as make_rewards
from tests.make.alliance import NOON, Alliance
from tuike.audit.types import OPERATOR_SHELL
from tuike.commission import service as commission
from tuike.flows import tend_rewards
from tuike.parties.types import PartyRef, Source
from tuike.rewards import service as rewards

DAY = timedelta(days=1)
LATER = NOON + 60 * DAY
"""When everything that could settle has settled."""


@dataclass
class Explored:
    """The parties of the story: two shops of the mall and an external one, which share promoters and a leader."""

    one: Alliance
    beside: Alliance
    external: Alliance
    operator: PartyRef


def story() -> Explored:
    """Sell by a promoter and its recruiter, with a leader and without, over weeks; receive, refund, settle and hold."""
    operator = make_parties.operator()
    one = make.alliance()
    beside = make.alliance(price_fen=12_345, beside=one)
    external = make.alliance(source=Source.MINI_PROGRAM, beside=one)
    external.places = 50  # its places are named like those of the other shop beside
    orders = []
    for n, (shop, leader) in enumerate(
        ((one, False), (one, True), (beside, False), (beside, True), (one, False), (one, False))
    ):
        now = NOON + n * 9 * DAY
        make.touch(shop, leader=leader, now=now - timedelta(hours=1))
        orders.append(make.bought(shop, pieces=(1, 2), now=now))
    above = make.of(beside, one.recruiter)
    make.touch(above, now=NOON + DAY)
    orders.append(make.bought(above, now=NOON + DAY + timedelta(hours=1)))
    for order in orders[:4]:
        make.received(order, now=order.placed_at + DAY)
    make.matured(until=NOON + 40 * DAY)
    _reached(one)
    make.refunded(orders[0], (1, 1), now=NOON + 41 * DAY)
    make.refunded(orders[4], now=orders[4].placed_at + timedelta(hours=2))
    make.reported(external, external_no="EXT-1")
    make.topped_up(external, 100_000, now=NOON + DAY)
    make.reported(external, external_no="EXT-2", now=NOON + 2 * DAY)
    held = make.accruals(orders[3])["leader"]
    rejected = make.accruals(orders[6])["direct"]
    said: dict = {"reason": "速度异常", "actor": OPERATOR_SHELL, "now": NOON + 42 * DAY}
    with transaction.atomic():
        commission.hold(accrual_ids=[held, rejected], **said)
        commission.reject(accrual_ids=[rejected], **said)
    return Explored(one, beside, external, operator)


def _reached(one: Alliance) -> None:
    """Let the first shop pay for a target out of what has settled, and the promoter reach it."""
    now = NOON + 40 * DAY
    offer = make_rewards.offer(one.shop.id, now=now, target=1, ends_at=LATER)
    counts = tend_rewards.count(offer, [one.promoter.id])
    with transaction.atomic():
        rewards.note(counts=counts, now=NOON + 46 * DAY)
        assert tend_rewards.grant(offer, NOON + 46 * DAY) == 1
