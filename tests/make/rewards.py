"""Makers of offers for targets, and of the money that funds them."""

from datetime import datetime, timedelta
from typing import Any

from tests.make import alliance as make
from tuike.audit.types import OPERATOR_SHELL
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import Draft, Move
from tuike.rewards import queries, service
from tuike.rewards.types import Measure, NewOffer, OfferShown


def fund(merchant_id: int, fen: int, *, purpose: str = "available", now: datetime = make.NOON) -> None:
    """Give a shop something to spend, as an adjustment from outside would."""
    move = Move(chart.outside("sandbox"), chart.merchant(merchant_id, purpose), fen)
    key = f"test-fund:{merchant_id}:{purpose}:{fen}:{now.isoformat()}"
    ledger.post(drafts=[Draft(key, "payment", "test", now, (move,))], now=now)


def draft(merchant_id: int | None, *, now: datetime = make.NOON, **given: Any) -> str:
    """Make a draft: three pieces in ten days for 50 yuan, money for two."""
    values: dict[str, Any] = {
        "name": "三月冲刺",
        "measure": Measure.PIECES,
        "target": 3,
        "reward_fen": 5_000,
        "budget_fen": 10_000,
        "starts_at": now,
        "ends_at": now + timedelta(days=10),
    }
    offer = NewOffer(**values | given)
    return service.create_offer(merchant_id=merchant_id, offer=offer, actor=OPERATOR_SHELL, now=now)


def offer(merchant_id: int | None, *, now: datetime = make.NOON, **given: Any) -> OfferShown:
    """Make, fund and publish an offer."""
    no = draft(merchant_id, now=now, **given)
    service.publish_offer(merchant_id=merchant_id, no=no, actor=OPERATOR_SHELL, now=now)
    return queries.offer(merchant_id=merchant_id, no=no)


def balance(offer_id: int) -> int:
    """Return what stands on an offer's account."""
    account = chart.reward(offer_id)
    return ledger.balances(refs=[account])[account.path]
