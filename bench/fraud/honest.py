"""Honest business, and what looks like abuse and isn't: each with the name that the report shows."""

from dataclasses import replace
from datetime import datetime, timedelta

from bench.fraud.world import DAYS, PLACES, START, Person, Shop, World

SHOPS, BUYERS, PROMOTERS = 40, 6_000, 220


def populate(world: World) -> list[int]:
    """Fill shops and houses with people, let promoters sell to them; return the promoters."""
    dice = world.dice
    for _ in range(SHOPS):
        shop = world.new_id()
        price, refunds = int(dice.lognormvariate(9, 0.6)), dice.choice((2, 4, 5, 6, 8, 10, 15, 25, 33))
        world.shops.append(Shop(shop, price, refunds))
    while len(world.people) < BUYERS:
        world.people += _house(world, 1 if dice.random() < 0.55 else dice.randrange(2, 6))
    promoters = [world.promoter() for _ in range(PROMOTERS)]
    for promoter in promoters:
        _usual(world, promoter, min(500, 3 + int(dice.lognormvariate(3.4, 1.1))))
        if dice.random() < 0.4:
            _family(world, promoter)
        if dice.random() < 0.15:
            _favours(world, promoter, dice.choice(promoters))
    return promoters


def look_alikes(world: World, promoters: list[int]) -> None:
    """Let everything happen once or some times that honest people do and that looks odd."""
    dice = world.dice
    for _ in range(4):
        household(world, dice.choice(promoters))
        office(world, dice.choice(promoters))
        wholesale(world, dice.choice(promoters))
        dormitory(world, world.promoter())
    for _ in range(2):
        night_sale(world, promoters)
        viral(world, world.promoter(landing_pct=dice.randrange(20, 60)))
        returns(world, world.promoter())
        dull_place(world, dice.choice(promoters))
    for _ in range(6):
        usual_cut(world)


def dull_place(world: World, promoter: int) -> None:
    """A place where few of those who click look on, and those who do have long had the goods in the cart."""
    dice = world.dice
    for day in range(5, 40):
        at = START + timedelta(days=day, hours=8)
        world.visits(promoter, at, clicks=dice.randrange(100, 400), place=PLACES, pct=dice.randrange(13, 20))
        for buyer in world.some(dice.randrange(2)):
            carted = {"cart_ms": dice.randrange(10_000, 3_600_000)} if dice.random() < 0.6 else {}
            clicked = {"click_ms": dice.randrange(3_000, 60_000)} if dice.random() < 0.4 else {}
            shop = dice.choice(world.shops)
            world.sell(promoter, buyer, shop, world.at(day), kind="dull place", place=PLACES, **carted, **clicked)


def household(world: World, promoter: int) -> None:
    """A big family with one address, one phone for parcels, a tablet, loyal to the promoter whom it knows."""
    dice = world.dice
    first = world.person()
    same = {"address": first.address, "phone": first.phone}
    if dice.random() < 0.5:
        same["device"] = first.device
    if dice.random() < 0.2:
        same["payer"] = first.payer
    family = [first, *(world.person(**same) for _ in range(dice.randrange(2, 5)))]
    for _ in range(dice.randrange(4, 12)):
        world.sell(promoter, dice.choice(family), dice.choice(world.shops), _some_time(world), kind="household")


def office(world: World, promoter: int) -> None:
    """Colleagues buy the same thing within two days: one address, often the reception's phone, everybody's own pocket."""
    dice = world.dice
    desk, shop, day = world.person(), dice.choice(world.shops), dice.randrange(DAYS - 10)
    same = {"address": desk.address} | ({"phone": desk.phone} if dice.random() < 0.5 else {})
    coupon = f"K{world.new_id()}" if dice.random() < 0.5 else ""
    for _ in range(dice.randrange(8, 25)):
        buyer, at = world.person(**same), world.at(day + dice.randrange(2))
        world.sell(promoter, buyer, shop, at, kind="office", coupon=coupon, fen=shop.price_fen)


def wholesale(world: World, promoter: int) -> None:
    """One who buys much and often, to a few places, at any hour, and sends a whole delivery back now and then."""
    dice = world.dice
    buyer, shop = world.person(), dice.choice(world.shops)
    places = [buyer, *(replace(buyer, address=world.digest(), phone=world.digest()) for _ in range(2))]
    for _ in range(dice.randrange(12, 30)):
        at = world.at(dice.randrange(DAYS - 5), night=dice.random() < 0.2)
        fen = dice.randrange(200_000, 2_000_000)
        refund = at + timedelta(days=dice.randrange(3, 12)) if dice.random() < 0.06 else False
        world.sell(promoter, dice.choice(places), shop, at, kind="wholesale", fen=fen, refund=refund)


def dormitory(world: World, promoter: int) -> None:
    """A student sells to students: one parcel shelf for all of them, some lend each other a phone."""
    dice = world.dice
    shelf = world.digest()
    students = [world.person(address=shelf) for _ in range(dice.randrange(20, 50))]
    for n in range(1, len(students)):
        if dice.random() < 0.1:
            students[n] = replace(students[n], device=students[n - 1].device)
    for _ in range(len(students) * 2):
        world.sell(promoter, dice.choice(students), dice.choice(world.shops), _some_time(world), kind="dormitory")
    _clicked(world, promoter, dice.randrange(300, 2_000))


def night_sale(world: World, promoters: list[int]) -> None:
    """A sale that begins at midnight: carts stand ready, people click and pay at once, with the sale's coupon."""
    dice = world.dice
    day, shop, coupon = dice.randrange(5, DAYS - 10), dice.choice(world.shops), f"K{world.new_id()}"
    sellers = dice.sample(promoters, dice.randrange(15, 35))
    for buyer in world.some(dice.randrange(150, 400)):
        after = int(dice.expovariate(1 / 1_500))
        at = START + timedelta(days=day, seconds=min(after, 7_000))
        ready = dice.random() < 0.35
        world.sell(
            dice.choice(sellers),
            buyer,
            shop,
            at,
            kind="night sale",
            coupon=coupon if dice.random() < 0.8 else "",
            click_ms=dice.randrange(2_200, 90_000),
            cart_ms=dice.randrange(20_000, 40_000_000) if ready else -dice.randrange(1, 2_000),
        )


def viral(world: World, promoter: int) -> None:
    """Everybody looks at it for three days; a part of them lands, few buy, many of those for the first time."""
    dice = world.dice
    day, shop = dice.randrange(5, DAYS - 10), dice.choice(world.shops)
    _usual(world, promoter, 20)
    for n, many in enumerate((500, 300, 120)):
        for buyer in world.some(many * dice.randrange(50, 130) // 100):
            world.sell(promoter, buyer, shop, world.at(day + n), kind="viral")
        world.visits(promoter, START + timedelta(days=day + n, hours=8), clicks=dice.randrange(10_000, 60_000))


def returns(world: World, promoter: int) -> None:
    """Clothes: a third goes back, mostly in the week after it came; some people return nearly everything."""
    dice = world.dice
    shop = Shop(world.new_id(), 22_000, 38)
    world.shops.append(shop)
    fans = world.some(60)
    for _ in range(150):
        buyer = dice.choice(fans[:15]) if dice.random() < 0.3 else dice.choice(fans)
        world.sell(promoter, buyer, shop, _some_time(world), kind="returns")
    _clicked(world, promoter, 2_000)


def usual_cut(world: World) -> None:
    """A shop lowers its rate because it pays too much: on a usual day, or by little on a strong one."""
    dice = world.dice
    high = dice.randrange(1_000, 3_000)
    low = high // 2 if dice.random() < 0.5 else high * 8 // 10
    world.cuts.append((dice.choice(world.shops).id, world.at(dice.randrange(16, DAYS - 2)), high, low, False))


def _usual(world: World, promoter: int, orders: int) -> None:
    dice = world.dice
    audience = world.some(max(8, orders * 2 // 3))
    liked = dice.sample(world.shops, 6)
    for _ in range(orders):
        buyer = dice.choice(audience) if dice.random() < 0.8 else dice.choice(world.people)
        coupon = f"K{dice.randrange(12)}" if dice.random() < 0.15 else ""
        world.sell(promoter, buyer, dice.choice(liked), _some_time(world), coupon=coupon)
    _clicked(world, promoter, orders * dice.randrange(8, 120))


def _clicked(world: World, promoter: int, clicks: int) -> None:
    for day in range(DAYS):
        world.visits(promoter, START + timedelta(days=day, hours=8), clicks=clicks // DAYS)


def _family(world: World, promoter: int) -> None:
    """Who lives with a promoter buys by its links, too, now and then."""
    dice, own = world.dice, world.own[promoter]
    for _ in range(dice.randrange(1, 4)):
        same = {"address": own.address} | ({"phone": own.phone} if dice.random() < 0.5 else {})
        member = world.person(**same, **({"payer": own.payer} if dice.random() < 0.2 else {}))
        for _ in range(dice.randrange(1, 3)):
            world.sell(promoter, member, dice.choice(world.shops), _some_time(world), kind="family")


def _favours(world: World, one: int, other: int) -> None:
    """Promoters who know each other buy something from each other."""
    for seller, buyer in ((one, other), (other, one)):
        for _ in range(world.dice.randrange(1, 3)):
            world.sell(seller, world.own[buyer], world.dice.choice(world.shops), _some_time(world), kind="favour")


def _house(world: World, many: int) -> list[Person]:
    dice = world.dice
    first = world.person()
    same = {"address": first.address}
    if many > 1:
        for name, chance in (("phone", 0.6), ("device", 0.25), ("payer", 0.12)):
            if dice.random() < chance:
                same[name] = getattr(first, name)
    return [first, *(world.person(**same) for _ in range(many - 1))]


def _some_time(world: World) -> datetime:
    return world.at(world.dice.randrange(DAYS - 2))
