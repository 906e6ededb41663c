"""What the database's owner changes about points and members behind the product's back is named by verify."""

import pytest

from tests.make import parties as make_parties
from tests.make import people as make_people
from tests.make import points as make
from tests.make.alliance import NOON
from tests.make.orders import paid
from tuike.insight import verify
from tuike.marketing import service
from tuike.members import service as members
from tuike.members.types import PurchaseFacts

# words of what is wrong, the change, how it is undone
TAMPERED = [
    (
        "lots hold 141",
        "UPDATE marketing_points_lot SET points_left = points_left - 1 WHERE source = 'M1'",
        "UPDATE marketing_points_lot SET points_left = points_left + 1 WHERE source = 'M1'",
    ),
    (
        "the history says 143",
        "UPDATE marketing_points_move SET points = points + 1 WHERE kind = 'earned' AND source = 'M1'",
        "UPDATE marketing_points_move SET points = points - 1 WHERE kind = 'earned' AND source = 'M1'",
    ),
    (
        "is booked as nothing",
        "UPDATE marketing_points_move SET source = 'M9' WHERE kind = 'spent' AND source = 'P1'",
        "UPDATE marketing_points_move SET source = 'P1' WHERE kind = 'spent' AND source = 'M9'",
    ),
    (
        "earned 99 of 100, the history says 100",
        "UPDATE marketing_points_earning SET standing = 99 WHERE order_no = 'M1'",
        "UPDATE marketing_points_earning SET standing = 100 WHERE order_no = 'M1'",
    ),
    (
        "says 8 less 1, parts say 8 less 0, the history 8 less 0",
        "UPDATE marketing_points_spend SET returned = 1 WHERE source = 'P1'",
        "UPDATE marketing_points_spend SET returned = 0 WHERE source = 'P1'",
    ),
    (
        "says 2 taken, there are 1",
        "UPDATE marketing_points_good SET taken = taken + 1",
        "UPDATE marketing_points_good SET taken = taken - 1",
    ),
    (
        "took 51 points, spent for it are 50",
        "UPDATE marketing_points_good_taking SET points = 51",
        "UPDATE marketing_points_good_taking SET points = 50",
    ),
    (
        "grew to 60, purchases give 59",
        "UPDATE members_member SET growth = growth + 1",
        "UPDATE members_member SET growth = growth - 1",
    ),
    (
        "grew by 59, it gives 0",
        "UPDATE members_purchase SET completed = false",
        "UPDATE members_purchase SET completed = true",
    ),
    (
        "says 5989 of person",
        "UPDATE members_purchase SET paid_fen = paid_fen - 1",
        "UPDATE members_purchase SET paid_fen = paid_fen + 1",
    ),
]


CHECKS = ("points", "members")


def findings() -> list[str]:
    return [found.what for result in verify.run(names=CHECKS) for found in result.findings]


@pytest.mark.usefixtures("committed_db")
def test_every_change_is_named(owner_sql):
    shop = make_parties.merchant().id
    make.earn(make.worth(shop, order_no="M1"), make.worth(shop, order_no="M2"))
    service.spend_points(buyer_id=make.BUYER, points=8, kind="points", source="P1", now=NOON)
    good = make.good()
    service.take_points_good(buyer_id=make.BUYER, good_no=good.no, quantity=1, now=NOON)
    person = make_people.person().id
    order = paid(buyer_id=person)
    members.note_purchases(
        purchases=[
            PurchaseFacts(
                order_no=order.no,
                merchant_id=order.merchant_id,
                person_id=person,
                paid_fen=5_990,
                refunded_fen=0,
                paid_at=NOON,
                completed=True,
            )
        ]
    )
    assert findings() == []
    for what, change, undo in TAMPERED:
        owner_sql(change)
        assert any(what in found for found in findings()), (change, findings())
        owner_sql(undo)
        assert findings() == [], undo
