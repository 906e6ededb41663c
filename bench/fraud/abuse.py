"""Abuse, as people who know the rules do it: each kind in ways that differ from actor to actor, with honest orders mixed
in. The report knows what is what by the label."""

from dataclasses import replace
from datetime import datetime, timedelta

from bench.fraud.world import DAYS, PLACES, START, Person, World


def all_kinds(world: World) -> None:
    """Let every kind of abuse happen, most of them twice."""
    for _ in range(2):
        click_injection(world)
        cookie_stuffing(world)
        self_ring(world)
        referral_ring(world)
        brushing(world)
        inflated_leader(world)
        coupon_farm(world)
        rate_cut(world)
    checkout_hijack(world)
    careful_ring(world)
    hidden_place(world)


def click_injection(world: World) -> None:
    """A bot claims the last click right before other people's orders."""
    promoter = _abuser(world, 10)
    for buyer in world.some(world.dice.randrange(50, 120)):
        at, ms = _time(world), world.dice.randrange(80, 1_950)
        _abuse(world, promoter, buyer, at, "click injection", click_ms=ms, cart_ms=world.dice.randrange(5_000, 900_000))


def checkout_hijack(world: World) -> None:
    """As above, but the bot waits some seconds: the cart is full, the click comes late."""
    promoter = _abuser(world, 10)
    for buyer in world.some(world.dice.randrange(40, 90)):
        at, ms = _time(world), world.dice.randrange(1_500, 30_000)
        _abuse(
            world, promoter, buyer, at, "checkout hijack", click_ms=ms, cart_ms=world.dice.randrange(8_000, 3_600_000)
        )


def cookie_stuffing(world: World) -> None:
    """Clicks without anybody who looks, by the thousand; who buys anyway, is claimed."""
    dice = world.dice
    promoter = world.promoter(landing_pct=dice.randrange(1, 6))
    begin = dice.randrange(5, 30)
    for day in range(begin, begin + 20):
        world.visits(promoter, START + timedelta(days=day, hours=8), clicks=dice.randrange(800, 6_000))
        for buyer in world.some(dice.randrange(1, 6)):
            _abuse(world, promoter, buyer, world.at(day), "cookie stuffing")


def hidden_place(world: World) -> None:
    """A well-known promoter with one place more: there clicks are made up by the thousand, or carts are hijacked, few
    enough to be lost among what is sold honestly."""
    dice = world.dice
    for stuffs in (True, False):
        promoter = _abuser(world, dice.randrange(250, 400))
        begin = dice.randrange(5, 30)
        for day in range(DAYS):
            world.visits(promoter, START + timedelta(days=day, hours=8), clicks=dice.randrange(3_000, 8_000))
        for day in range(begin, begin + 20):
            at = START + timedelta(days=day, hours=8)
            if stuffs:
                world.visits(promoter, at, clicks=dice.randrange(400, 1_500), place=PLACES, pct=dice.randrange(1, 6))
            for buyer in world.some(dice.randrange(1, 4)):
                late = (
                    {}
                    if stuffs
                    else {"click_ms": dice.randrange(2_200, 30_000), "cart_ms": dice.randrange(10_000, 3_600_000)}
                )
                _abuse(world, promoter, buyer, world.at(day), "hidden place", place=PLACES, **late)


def self_ring(world: World) -> None:
    """A promoter and cousins: phones, devices and payers are lent, not all of them every time."""
    dice = world.dice
    promoter = _abuser(world, dice.randrange(5, 25))
    own = world.own[promoter]
    cousins = [world.person(address=own.address) for _ in range(dice.randrange(5, 10))]
    for _ in range(dice.randrange(25, 60)):
        _abuse(
            world, promoter, _lent(world, dice.choice(cousins), [own, *cousins[:2]], 0.35), _time(world), "self ring"
        )


def careful_ring(world: World) -> None:
    """Cousins who lend each other nothing and have but one address in common, as a house full of customers has."""
    dice = world.dice
    promoter = _abuser(world, 10)
    cousins = [world.person(address=world.own[promoter].address) for _ in range(5)]
    for _ in range(dice.randrange(10, 20)):
        _abuse(world, promoter, dice.choice(cousins), _time(world), "careful ring")


def referral_ring(world: World) -> None:
    """Promoters who each buy by the next one's links, round and round."""
    dice = world.dice
    ring = [_abuser(world, dice.randrange(4, 12)) for _ in range(dice.randrange(3, 6))]
    for n, promoter in enumerate(ring):
        for _ in range(dice.randrange(8, 16)):
            _abuse(world, promoter, world.own[ring[n - 1]], _time(world), "referral ring")


def brushing(world: World) -> None:
    """Orders made up by a farm of accounts, partly in the night, back again in the last days before settling."""
    dice = world.dice
    promoter = _abuser(world, dice.randrange(5, 30))
    farm = [world.person() for _ in range(dice.randrange(20, 45))]
    phones = [farm[0].device, farm[1].device, farm[2].device]
    farm = [replace(one, device=dice.choice(phones)) if dice.random() < 0.5 else one for one in farm]
    nights = dice.sample(range(3, 30), 4)
    for _ in range(dice.randrange(70, 150)):
        at = world.at(dice.randrange(2, 32))
        if dice.random() < 0.5:
            at = START + timedelta(days=dice.choice(nights), hours=3, minutes=dice.randrange(55))
        sold = _abuse(world, promoter, dice.choice(farm), at, "brushing")
        sold.received_at = at + timedelta(days=dice.randrange(4, 10))
        if dice.random() < 0.85:
            sold.refund_at = sold.received_at + timedelta(days=dice.randrange(11, 15), hours=dice.randrange(20))


def inflated_leader(world: World) -> None:
    """A leader's count reached by orders that go back afterwards, among honest ones of the same cooperation."""
    dice = world.dice
    enrolment, shop = world.new_id(), dice.choice(world.shops)
    helpers = [_abuser(world, dice.randrange(10, 40)) for _ in range(dice.randrange(2, 4))]
    for buyer in world.some(dice.randrange(10, 25)):
        world.sell(dice.choice(helpers), buyer, shop, _time(world), enrolment_id=enrolment, kind="same cooperation")
    hands = [world.person() for _ in range(dice.randrange(25, 50))]
    for _ in range(dice.randrange(50, 100)):
        at = world.at(dice.randrange(5, 25))
        back = at + timedelta(days=dice.randrange(5, 20), hours=dice.randrange(20))
        _abuse(
            world, dice.choice(helpers), dice.choice(hands), at, "inflated leader", enrolment_id=enrolment, refund=back
        )


def coupon_farm(world: World) -> None:
    """Fresh accounts on a few devices, each with the coupon for new buyers."""
    dice = world.dice
    promoter, coupon = _abuser(world, dice.randrange(5, 25)), f"K{world.new_id()}"
    hands = [world.person() for _ in range(dice.randrange(2, 5))]
    for _ in range(dice.randrange(20, 50)):
        hand = dice.choice(hands)
        buyer = world.person(device=hand.device, address=hand.address if dice.random() < 0.6 else world.digest())
        buyer = replace(buyer, payer=hand.payer) if dice.random() < 0.5 else buyer
        _abuse(world, promoter, buyer, _time(world), "coupon farm", coupon=coupon, refund=False)


def rate_cut(world: World) -> None:
    """A shop lowers its rate at 23:59 and sells the next day what its promoters have been announcing."""
    dice = world.dice
    shop, day = dice.choice(world.shops), dice.randrange(18, DAYS - 4)
    high = dice.randrange(1_500, 3_000)
    at = START + timedelta(days=day) - timedelta(minutes=1)
    world.cuts.append((shop.id, at, high, high // dice.randrange(3, 10), True))
    sellers = dice.sample(sorted(world.own), 12)
    usual = sum(one.trace.merchant_id == shop.id for one in world.sold) // DAYS
    for buyer in world.some(dice.randrange(40, 80) + 3 * usual):
        world.sell(dice.choice(sellers), buyer, shop, world.at(day), kind="surge")


def _abuser(world: World, honest: int) -> int:
    """Return a new promoter who sells some things honestly, too."""
    promoter = world.promoter()
    for buyer in world.some(honest):
        world.sell(promoter, buyer, world.dice.choice(world.shops), _time(world), kind="beside abuse")
    for day in range(0, DAYS, 3):
        world.visits(promoter, START + timedelta(days=day, hours=8), clicks=world.dice.randrange(10, 60))
    return promoter


def _abuse(world: World, promoter: int, buyer: Person, at: datetime, kind: str, **rest):
    shop = world.dice.choice(world.shops)
    return world.sell(promoter, buyer, shop, at, kind=kind, abuse=True, actor=promoter, **rest)


def _lent(world: World, buyer: Person, hands: list[Person], chance: float) -> Person:
    """Return the buyer with some marks of others."""
    for name in ("phone", "device", "payer"):
        if world.dice.random() < chance:
            buyer = replace(buyer, **{name: getattr(world.dice.choice(hands), name)})
    return buyer


def _time(world: World) -> datetime:
    return world.at(world.dice.randrange(DAYS - 10))
