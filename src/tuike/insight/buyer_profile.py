"""What an owner's buyers are like, with the names of categories and regions beside the counted groups."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from tuike.buyers import queries as buyers
from tuike.buyers.types import Profile, Section
from tuike.catalog import queries as catalog
from tuike.freight import queries as freight


@dataclass(frozen=True, slots=True)
class Named:
    """A profile with the names of what its groups' keys stand for: categories by id, regions by code."""

    profile: Profile
    categories: Mapping[int, str]
    regions: Mapping[str, str]


def profile(*, owner_id: int, period: date | None = None) -> Named | None:
    """Return what may be shown of an owner's buyers in a quarter; None where nothing was counted, or no such quarter
    (docs/rules.md §14)."""
    found = buyers.profile(owner_id=owner_id, period=period)
    if found is None:
        return None
    pairs = [one.key.split("-") for one in found.sections.get(Section.TOGETHER, ())]
    nodes = catalog.category_nodes({int(one) for pair in pairs for one in pair})
    places = (Section.PROVINCE, Section.CITY)
    codes = sorted({one.key for place in places for one in found.sections.get(place, ()) if one.key})
    return Named(
        found,
        {id_: node.name for id_, node in nodes.items()},
        {code: names[0] for code in codes if (names := freight.region_names([code]))},
    )
