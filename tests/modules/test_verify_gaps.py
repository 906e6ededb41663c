"""What isn't there is named by verify, too: a missing row is no row that agrees."""

from datetime import timedelta

import pytest

from tests.make import alliance as make
from tests.make import commission as make_commission
from tests.make import payments as make_payments
from tuike.commission import service as commission
from tuike.commission.types import Refund, RefundFacts
from tuike.db import ids
from tuike.insight import verify
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import Draft, Move


def said(name: str) -> list[str]:
    (result,) = verify.run(names=[name])
    return [f"{one.object} {one.what}" for one in result.findings]


def test_a_refund_that_nobody_funded_is_named(db: None) -> None:
    made = make_payments.refund(make_payments.paid().no, amount_fen=100)
    assert f"account clearing:{made.no} holds 0, in flight 100" in said("clearing")


def test_a_merchants_debt_is_not_taken_for_a_promoters(db: None) -> None:
    """Their causes may read alike: the merchant's ends in the sale's id, the promoter's in the accrual's."""
    sale_id = ids.take_one("commission_accrual") + 1
    make_commission.paid([make_commission.sale(sale_id)])
    commission.mark_received(sale_ids=[sale_id], received_at=make_commission.NOW, settle_days=27)
    make_commission.settled()
    at = make_commission.NOW + timedelta(days=29)
    spent = Move(chart.merchant(make_commission.MERCHANT, "available"), chart.outside("bank"), 4990 - 598 - 249)
    ledger.post(drafts=[Draft("spend", "spend", "test", at, (spent,))], now=at)
    one = Refund("R1", make_commission.MERCHANT, (RefundFacts(sale_id, 4990, 1),))
    commission.refund(refunds=[one], at=at, now=at)
    assert make_commission.stand("m.owed", "p.owed") == {"m.owed": -(4990 - 598 - 249), "p.owed": 0}
    assert said("changes") == []


@pytest.mark.parametrize(
    ("check", "statement", "words"),
    [
        ("touches", "UPDATE attribution_claim SET touch_id = touch_id + 1000", "a touch that is not there"),
        ("touches", "UPDATE attribution_claim SET facts = facts - 'window_days'", "no longer good"),
        (
            "rates_used",
            "UPDATE commission_sale SET terms = terms - 'rate_id'",
            "uses 1200 of rate -, which is not there",
        ),
    ],
)
def test_what_was_taken_away_is_named(committed_db: None, owner_sql, check: str, statement: str, words: str) -> None:
    one = make.alliance()
    make.touch(one)
    make.bought(one, now=make.NOON + timedelta(minutes=1))
    assert said(check) == []
    owner_sql(statement)
    assert any(words in line for line in said(check)), said(check)
