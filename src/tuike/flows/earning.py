"""How completed orders earn points: said when they are completed, so that nothing that changes later changes it
(docs/rules.md §10).

Shared by the journeys that complete orders and that reward their buyers; not a journey itself.
"""

from collections.abc import Collection, Mapping
from typing import Any

from tuike.marketing import queries as marketing_of
from tuike.marketing.types import PointsRule
from tuike.members import queries as members_of
from tuike.members.types import BASE_LEVEL
from tuike.parties.types import MallFunction
from tuike.settings import service as settings

ACCOUNT_CLOSED = "account_closed"
"""Why an order earns nothing: its buyer has closed the account."""


def said(merchant_ids: Collection[int]) -> dict[int, dict[str, Any] | None]:
    """Return by shop how its orders earn now, as plain JSON: the rule, and the multipliers (ten-thousandths) of the
    ladder by the growth they need. None: the shop gives no points."""
    giving = marketing_of.shops_offering(MallFunction.POINTS, set(merchant_ids))
    if not giving:
        return dict.fromkeys(merchant_ids)
    values = settings.read(("points_by_count", "points_per_yuan", "points_per_order", "points_days"))
    terms = {
        "by_count": values["points_by_count"] == 1,
        "per_yuan": values["points_per_yuan"],
        "per_order": values["points_per_order"],
        "days": values["points_days"],
        "ladder": [[one.growth_needed, one.multiplier_bps] for one in members_of.ladder()],
    }
    return {shop: terms if shop in giving else None for shop in merchant_ids}


def rule_of(terms: Mapping[str, Any]) -> PointsRule:
    """Return the rule that `said` told."""
    return PointsRule(**{name: terms[name] for name in ("by_count", "per_yuan", "per_order", "days")})


def multiplier_of(terms: Mapping[str, Any], growth: int) -> int:
    """Return the multiplier, in ten-thousandths, of the level that a growth stands on, by the ladder that was told."""
    reached = [multiplier for needed, multiplier in terms["ladder"] if needed <= growth]
    return int(reached[-1]) if reached else BASE_LEVEL.multiplier_bps
