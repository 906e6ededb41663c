"""Live boards: today of every kind of party, kept by what was told, equals a count of the whole day at any time."""

import random
from collections import defaultdict
from datetime import timedelta

import pytest
from django.db import connection, transaction

from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make import people as make_people
from tests.make.alliance import NOON
from tests.make.racers import aside
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.flows.review_accruals import review_accruals
from tuike.insight.live import following
from tuike.insight.live.following import Following, today
from tuike.insight.live.types import Room, Sum, Today
from tuike.kit import days
from tuike.messages import service as messages
from tuike.outbox import service as outbox
from tuike.parties.types import Role, Source
from tuike.risk import service as risk
from tuike.risk.types import CaseFacts, CaseKind

MIDNIGHT = days.start_of(days.day_of(NOON))
EVENING = NOON + timedelta(hours=9)


class Business:
    """Two shops of the mall and an external one that share promoters and a leader, and what happens to them."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.operator = make_parties.operator()
        desk = make_parties.seated(self.operator, Role.ADMIN)
        self.desk = Actor("person", desk.person_id, self.operator.id, "admin")
        one = make.alliance()
        external = make.alliance(source=Source.MINI_PROGRAM, beside=one)
        external.places = 50
        self.shops = [one, make.alliance(price_fen=12_345, beside=one), external]
        make.topped_up(external, 10_000_000, now=MIDNIGHT)
        self.buyers = [one.buyer_id, make_people.person().id, make_people.person().id]
        self.orders, self.reports, self.now = [], 0, MIDNIGHT + timedelta(hours=1)
        self.rooms = [Room("operator", self.operator.id), Room("leader", one.leader.id)]
        self.rooms += [Room("merchant", shop.shop.id) for shop in self.shops]
        self.rooms += [Room("promoter", one.promoter.id), Room("promoter", one.recruiter.id)]

    def step(self) -> None:
        """Let something happen, some minutes later."""
        self.now += timedelta(seconds=self.chance.randrange(5, 1500))
        self.chance.choice([self.buy, self.buy, self.buy, self.report, self.refund, self.reject])()

    def buy(self) -> None:
        shop = self.chance.choice(self.shops[:2])
        if self.chance.random() < 0.7:
            make.touch(shop, leader=self.chance.random() < 0.5, now=self.now - timedelta(minutes=5))
        pieces = tuple(self.chance.choice([1, 1, 2, 3]) for _ in range(self.chance.choice([1, 1, 2])))
        self.orders.append(make.bought(shop, pieces=pieces, buyer_id=self.chance.choice(self.buyers), now=self.now))

    def report(self) -> None:
        self.reports += 1
        make.reported(self.shops[2], external_no=f"EXT-{self.reports}", now=self.now)

    def refund(self) -> None:
        if self.orders:
            order = self.orders.pop(self.chance.randrange(len(self.orders)))
            lines = [(1, 1)] if self.chance.random() < 0.5 else []
            make.refunded(order, *lines, now=self.now, sent=self.chance.random() < 0.5)

    def reject(self) -> None:
        found = rows.query("SELECT id FROM commission_accrual WHERE state = 'pending' AND review = 'clear' ORDER BY id")
        if found:
            ids = [self.chance.choice(found)[0]]
            for verb in ("hold", "reject"):
                review_accruals(verb=verb, accrual_ids=ids, reason="异常", actor=self.desk, now=self.now)


def brute(room: Room, now) -> tuple[Sum, int, dict[str, int], dict[str, Sum], dict[str, int]]:
    """Count a room's day sale by sale: sum, buyers, commission by role, provinces, products' pieces."""
    mine = set()
    accruals = rows.query("SELECT sale_id, payee_kind, payee_id, role, state, amount_fen FROM commission_accrual")
    claims = dict(rows.query("SELECT id, promoter_id FROM attribution_claim WHERE kind <> 'none'"))
    sales = rows.query(
        "SELECT s.id, s.order_no, s.merchant_id, s.paid_at, s.paid_fen, s.refunded_fen, s.quantity, o.buyer_id,"
        " o.city_code, p.no FROM commission_sale s JOIN orders_order o ON o.no = s.order_no"
        " JOIN catalog_product p ON p.id = s.product_id WHERE s.kind = 'goods'"
    )
    sales = [one for one in sales if days.day_of(one[3]) == days.day_of(now)]
    for one in sales:
        led = any(a[0] == one[0] and a[1:4] == ("leader", room.party_id, "leader") for a in accruals)
        if {
            "operator": True,
            "merchant": one[2] == room.party_id,
            "promoter": claims.get(one[0]) == room.party_id,
            "leader": led,
        }[room.kind]:
            mine.add(one[0])
    commission: dict[str, int] = defaultdict(int)
    of_day = {one[0]: one[2] for one in sales}
    for sale, kind, payee, role, state, fen in accruals:
        his = (
            (kind, payee) == (room.kind, room.party_id)
            or room.kind == "operator"
            or (room.kind == "merchant" and of_day.get(sale) == room.party_id)
        )
        if sale in of_day and his and state != "cancelled":
            commission[role] += fen
    places: dict[str, Sum] = defaultdict(Sum)
    products: dict[str, int] = defaultdict(int)
    seen, buyers, total = set(), set(), Sum()
    for id_, order_no, _, _, paid, refunded, pieces, buyer, city, no in sales:
        if id_ in mine:
            one = Sum(int(order_no not in seen), paid, refunded)
            seen.add(order_no)
            total, places[city[:2]] = total + one, places[city[:2]] + one
            products[no] += pieces
            buyers |= {buyer} - {None}
    return total, len(buyers), {role: fen for role, fen in commission.items() if fen}, dict(places), dict(products)


def seen(shown: Today) -> tuple:
    return shown.sum, shown.buyers, shown.commission, shown.places, {one.no: one.sum.count for one in shown.best}


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_followed_equals_a_count_of_everything_at_any_time(committed_db, seed):
    business, followed = Business(seed), Following()
    for step in range(22):
        business.step()
        if step == 14:
            business.now = days.next_midnight(business.now) + timedelta(minutes=3)
        if business.chance.random() < 0.15:
            followed = Following()  # the process died
        turn = followed.turn(business.rooms, now=business.now)
        for room in business.rooms:
            assert turn.shown[room] == today(room, now=business.now), (step, room)
            assert seen(turn.shown[room]) == brute(room, business.now), (step, room)
    assert any(turn.shown[room].commission for room in business.rooms)


def test_what_nobody_told_of_is_not_seen(committed_db, monkeypatch):
    """The control of the test above: it is the outbox that is followed, minute by minute, not the whole day."""
    business, followed = Business(3), Following()
    business.buy()
    room = business.rooms[0]
    before = followed.turn([room], now=business.now).shown[room]
    monkeypatch.setattr(following.outbox, "since", lambda **_: [])
    business.buy()
    assert followed.turn([room], now=business.now).shown[room].sum == before.sum != today(room, now=business.now).sum


def test_a_commit_behind_an_older_open_transaction_is_seen_at_once_and_a_late_one_later(committed_db):
    """What waits for no older transaction skips none either."""
    business, followed = Business(4), Following()
    room = business.rooms[0]
    followed.turn([room], now=NOON)
    business.buy()
    late = business.orders[-1]
    with transaction.atomic():
        outbox.put(topic="order.paid", events=[(late.no, {})], now=NOON)  # this transaction is the older one
        shown = {}
        aside(lambda: shown.update(_bought_and_seen(business, followed, room)))
        assert shown["before"] + 1 == shown["after"]
        rows.run("UPDATE orders_order SET city_code = '440100' WHERE no = %s", [late.no])
    assert "44" in followed.turn([room], now=business.now).shown[room].places


def _bought_and_seen(business, followed, room) -> dict[str, int]:
    before = followed.turn([room], now=business.now).shown[room].sum.count
    business.buy()
    after = followed.turn([room], now=business.now).shown[room].sum.count
    connection.close()
    return {"before": before, "after": after}


def test_alerts_are_cases_of_the_desk_and_urgent_news_of_the_day(db):
    one = make.alliance()
    operator, shop = Room("operator", make_parties.operator().id), Room("merchant", one.shop.id)
    risk.open_cases(cases=[CaseFacts(CaseKind.REFUND_FAILED, "R1", 100)], now=NOON)
    for at in (MIDNIGHT - timedelta(minutes=1), NOON):
        messages.tell(party_id=one.shop.id, kind="party_suspended", facts={"reason": "复核"}, now=at)
    messages.tell(party_id=one.shop.id, kind="party_restored", facts={}, now=NOON)
    shown = Following().turn([operator, shop], now=EVENING).shown
    assert [(one.kind, one.page) for one in shown[operator].alerts.newest] == [("refund_failed", "case")]
    assert [one.kind for one in shown[shop].alerts.newest] == ["party_suspended"]
    assert (shown[operator].alerts.count, shown[shop].alerts.count) == (1, 1)


def test_after_a_failed_turn_everything_is_read_anew(committed_db, monkeypatch):
    business, followed = Business(5), Following()
    room = business.rooms[0]
    followed.turn([room], now=business.now)
    business.buy()
    with monkeypatch.context() as broken:
        broken.setattr(following.alerts, "read", lambda *_, **__: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            followed.turn([room], now=business.now)
    assert followed.turn([room], now=business.now).shown[room] == today(room, now=business.now)


def test_more_than_a_turn_may_follow_is_read_as_a_whole(committed_db, monkeypatch):
    business, followed = Business(6), Following()
    room = business.rooms[0]
    followed.turn([room], now=business.now)
    for limit in ("MOST_EVENTS", "MOST_MINUTES"):
        monkeypatch.setattr(following, limit, 0)
        business.buy()
        assert followed.turn([room], now=business.now).shown[room] == today(room, now=business.now)
