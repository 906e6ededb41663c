"""Provinces, cities and districts, out of the file that stands beside this module."""

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from tuike.freight.rules import around
from tuike.freight.types import Region, UnknownRegion

_FILE = Path(__file__).parent.parent / "data" / "regions.tsv"


def region_path(code: str) -> tuple[str, str, str]:
    """Return the names of a district's province, city and itself. A city without districts has "" as the last.

    Raises:
        UnknownRegion: no district has this code.
    """
    if not is_district(code):
        raise UnknownRegion(region=code[:12])
    province, city, district = (_names()[one] for one in around(code))
    return province, city, district if code != around(code)[1] else ""


def is_district(code: str) -> bool:
    """Return whether a parcel can go to this code: a district, or a city that has none."""
    return code in _districts()


def region_names(codes: Iterable[str]) -> list[str]:
    """Return names of provinces, cities and districts; codes that don't exist are missing."""
    return [_names()[code] for code in codes if code in _names()]


@cache
def regions_tree() -> tuple[Region, ...]:
    """Return the provinces with their cities and districts. A city without districts is its own only district."""
    tree: dict[str, dict[str, list[Region]]] = {}
    for code, name in _names().items():
        province, city, _ = around(code)
        if code == province:
            tree[code] = {}
        elif code == city:
            tree[province][code] = []
        else:
            tree[province][city].append(Region(code, name))
    return tuple(
        Region(
            province,
            _names()[province],
            tuple(
                Region(city, _names()[city], tuple(districts) or (Region(city, _names()[city]),))
                for city, districts in cities.items()
            ),
        )
        for province, cities in tree.items()
    )


@cache
def regions_json() -> str:
    """Return the tree as JSON, as short as it gets: each region is `[code, name, [regions below]]`, the last left out
    of districts."""
    return json.dumps([_short(one) for one in regions_tree()], ensure_ascii=False, separators=(",", ":"))


@cache
def deliverable_codes() -> frozenset[str]:
    """Return the codes that a freight template may name: provinces and cities."""
    return frozenset(code for code in _names() if code.endswith("00"))


def _short(region: Region) -> list[object]:
    below = [_short(one) for one in region.children]
    return [region.code, region.name, below] if below else [region.code, region.name]


@cache
def _names() -> dict[str, str]:
    lines = _FILE.read_text(encoding="utf-8").splitlines()
    return dict(line.split("\t") for line in lines)


@cache
def _districts() -> frozenset[str]:
    return frozenset(
        district.code for province in regions_tree() for city in province.children for district in city.children
    )
