"""The connection ends exactly at the COMMIT, on either side of it: trying again with the same key is one effect."""

import json
from collections.abc import Iterator

import pytest
from django.db import OperationalError, transaction
from django.test import Client

from tests import books
from tests.faults.cutting import GoBetween, When, between
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import parties as make_parties
from tests.make import payments as make_payments
from tests.make import settlement as make_settlement
from tuike.db import rows
from tuike.flows.confirm_payments import confirm_payments
from tuike.flows.request_withdrawal import request_withdrawal
from tuike.kit import clock
from tuike.payments import service as payments
from tuike.people import service as people
from tuike.people.types import SessionKind

pytestmark = [pytest.mark.usefixtures("committed_db"), pytest.mark.parametrize("when", When)]


@pytest.fixture
def cut() -> Iterator[GoBetween]:
    with between() as stands:
        yield stands


def _count(table: str) -> int:
    return rows.query(f"SELECT count(*) FROM {table}")[0][0]


def test_an_order_is_placed_once(committed_db, cut: GoBetween, when: When):
    one = make.alliance()
    token = people.open_session(person_id=one.buyer_id, kind=SessionKind.STOREFRONT, now=clock.now())
    body = {"items": [{"sku_id": make_catalog.sku_of(one.product_id), "quantity": 3}]}
    free = rows.query("SELECT free FROM catalog_sku")

    def place(key: str = "the-key"):
        return Client().post(
            "/api/storefront/orders",
            json.dumps(body),
            content_type="application/json",
            headers={"Authorization": f"Bearer {token}", "Idempotency-Key": key},
        )

    cut.arm(when)
    lost = place()
    assert (lost.status_code, lost.headers["Retry-After"], cut.cuts) == (503, "5", 1)
    reached = int(when is When.AFTER)
    assert _count("orders_checkout") == _count("idempotency_key") == reached  # the cut was where it was meant to be
    first, second = place(), place()
    assert first.status_code == second.status_code == 201
    assert first.json() == second.json()
    assert [first.json()["checkout_no"]] == [no for (no,) in rows.query("SELECT no FROM orders_checkout")]
    assert _count("orders_line") == _count("attribution_claim") == 1
    assert rows.query("SELECT count(*) FROM outbox_event WHERE topic = 'order.placed'") == [(1,)]
    assert rows.query("SELECT free FROM catalog_sku") == [(free[0][0] - 3,)]
    books.check()
    # The control: under another key the lost call isn't known, and there are two orders.
    cut.arm(when)
    assert place("one-key").status_code == 503 and place("another-key").status_code == 201
    assert _count("orders_checkout") == 1 + 1 + reached


def test_a_withdrawal_is_asked_for_once(committed_db, cut: GoBetween, when: When):
    party = make_settlement.payee(50_000)
    actor = make_parties.super_admin_of(party)

    def ask() -> str:
        return request_withdrawal(party_id=party.id, amount_fen=20_000, key="k", actor=actor, now=make_settlement.NOW)

    cut.arm(when)
    with pytest.raises(OperationalError):
        ask()
    assert cut.cuts == 1 and _count("settlement_withdrawal") == int(when is When.AFTER)
    assert ask() == ask()
    assert _count("settlement_withdrawal") == 1
    make_settlement.check()


def test_a_payment_is_booked_once(committed_db, cut: GoBetween, when: When):
    one = make.alliance()
    make.touch(one)
    order = make.placed(one)
    intent = make_payments.intent(purpose=f"checkout:{order.checkout_no}", amount_fen=order.payable_fen, now=make.NOON)
    fact = make_payments.fact(intent.no, amount_fen=order.payable_fen, success_at=make.NOON, payer_openid="nobody")
    with transaction.atomic():
        payments.keep_notice(channel="wechatpay", notice=make_payments.notice(fact), now=make.NOON)
    cut.arm(when)
    with pytest.raises(OperationalError):
        confirm_payments(now=make.NOON)
    assert cut.cuts == 1 and bool(_count("commission_accrual")) is (when is When.AFTER)
    done = confirm_payments(now=make.NOON)
    assert done.notices == int(when is When.BEFORE)
    assert _count("commission_sale") == 1 and len(make.accruals(order)) == _count("commission_accrual") > 1
    books.check()
