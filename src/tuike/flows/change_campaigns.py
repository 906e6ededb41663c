"""A merchant stops a campaign, or changes what it may cost."""

from datetime import datetime

from django.db import transaction

from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.plans import service as plans


@retry
def stop_campaign(*, merchant_id: int, campaign_id: int, actor: Actor, now: datetime) -> datetime:
    """Stop a merchant's campaign from the next midnight on and return that instant; stopped twice is refused.

    Raises:
        NotFound, CampaignOver: see plans.stop_campaign.
    """
    with transaction.atomic(durable=True):
        return plans.stop_campaign(merchant_id=merchant_id, campaign_id=campaign_id, actor=actor, now=now)


@retry
def change_budget(*, merchant_id: int, campaign_id: int, budget_fen: int, actor: Actor, now: datetime) -> None:
    """Change what a merchant's campaign may cost, at once, for orders placed from now on; set twice it is the same.

    Raises:
        Invalid, NotFound, BudgetHeld: see plans.change_budget.
    """
    with transaction.atomic(durable=True):
        plans.change_budget(
            merchant_id=merchant_id, campaign_id=campaign_id, budget_fen=budget_fen, actor=actor, now=now
        )
