"""The shares that verify recomputes in SQL are those that commission writes down."""

import random
from dataclasses import replace

import pytest

from tests import books
from tests.make import commission as make_commission
from tuike.commission import service as commission
from tuike.commission.types import Refund, RefundFacts, Tier
from tuike.db import rows


@pytest.mark.usefixtures("db")
def test_the_arithmetic_in_sql_is_that_of_commission():
    """Any terms: both write down the same shares, also where the ceiling cuts and after refunds."""
    drawn = random.Random(7)

    def bps():
        return drawn.choice((0, 1, 333, 1_250, 4_999, 9_000))

    sales = []
    for i in range(300):
        own = drawn.random() < 0.2
        terms = make_commission.terms(
            rate_bps=bps(),
            grade_bps=0 if own else bps() // 9,
            self_purchase=own,
            bonus_fen=0 if own else drawn.choice((0, 0, 1, 700)),
            campaign_id=None if own else 5,
            tier2=None if own else Tier(make_commission.RECRUITER, bps(), 2),
            tier3=None if own else Tier(make_commission.GRAND, bps(), None),
            leader_id=drawn.choice((None, make_commission.LEADER)),
            service_bps=bps(),
            platform_fee_bps=0 if own else bps(),
            platform_funded=not own and drawn.random() < 0.3,
        )
        if terms.leader_id is None:
            terms = replace(terms, service_bps=0)
        sales.append(make_commission.sale(9_000 + i, drawn.choice((0, 1, 99, 4_990, 10_001)), 3, terms=terms))
    make_commission.paid(sales)
    assert rows.query("SELECT count(*) FROM commission_accrual WHERE amount_fen > 0")[0][0] > 300
    books.check("accruals")
    for sale in sales:
        part = RefundFacts(sale.sale_id, drawn.randint(0, sale.paid_fen), 1)
        commission.refund(
            refunds=[Refund(f"R{sale.sale_id}", sale.merchant_id, (part,))],
            at=make_commission.NOW,
            now=make_commission.NOW,
        )
    books.check("accruals", "changes", "refunded", "pending", "held", "states")
