"""What an activity asks for at least, by category (docs/rules.md §9). Pure."""

from collections.abc import Mapping, Sequence

from tuike.cooperation.types import Floor


def floor_for(path: Sequence[int], *, floors: Mapping[int, Floor], overall: Floor) -> Floor:
    """Return what holds for a product: `path` is its category with all above it, the widest first; the nearest category
    that has a floor wins, else the activity's own."""
    for category_id in reversed(path):
        if category_id in floors:
            return floors[category_id]
    return overall


def below(floor: Floor, *, rate_bps: int, service_bps: int) -> bool:
    """Return whether an offer is less than what is asked for; exactly as much is enough."""
    return rate_bps < floor.min_rate_bps or service_bps < floor.min_service_bps
