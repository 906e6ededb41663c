from tests.make import orders as make
from tuike.orders.types import OrderState


def test_smoke(db):
    o = make.shipped(make.draft(make.line(quantity=3), make.line(), freight_fen=800, discounts=[make.coupon(2000)], merchant_id=None))
    assert o.state is OrderState.SHIPPED
    a = make.approved(o, (1, 1))
    assert make.again(o).lines[0].refunded_fen == a.amount_fen
