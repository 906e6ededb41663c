"""The arithmetic of growth and levels, and what names and numbers must look like (docs/rules.md §10). Pure."""

import re
from collections.abc import Sequence
from itertools import pairwise

from tuike.kit.errors import Invalid
from tuike.members.types.facts import BASE_LEVEL, MAX_LEVELS, AddressWanted, Asked, LevelTerms, Standing

MOST_BPS = 100_000
"""The highest multiplier of a level: tenfold."""
_PHONE = re.compile(r"^1[3-9][0-9]{9}$")
_REGION = re.compile(r"^[0-9]{6}$")


def growth_of(*, paid_fen: int, refunded_fen: int, completed: bool) -> int:
    """Return what an order grows its member by: one for each whole yuan that stays paid for its lines, once it is
    completed."""
    return (paid_fen - refunded_fen) // 100 if completed else 0


def standing(growth: int, ladder: Sequence[LevelTerms]) -> Standing:
    """Return the step that `growth` stands on, and the next one, of a ladder in the order of what they need."""
    reached = [one for one in ladder if one.growth_needed <= growth]
    ahead = [one for one in ladder if one.growth_needed > growth]
    return Standing(growth, reached[-1] if reached else BASE_LEVEL, ahead[0] if ahead else None)


def check_ladder(ladder: Sequence[LevelTerms]) -> None:
    """Refuse a ladder that makes no sense: at most 20 steps, each needing more than the one below, named in both
    languages.

    Raises:
        Invalid: which field, and why.
    """
    if len(ladder) > MAX_LEVELS:
        raise Invalid(field="levels", reason_zh="最多 20 级", reason_en="at most 20")
    if any(high.growth_needed <= low.growth_needed for low, high in pairwise(ladder)):
        raise Invalid(field="growth_needed", reason_zh="须逐级递增", reason_en="each must need more than the one below")
    for one in ladder:
        for name, most in (("name_zh", 20), ("name_en", 40)):
            if not 0 < len(getattr(one, name).strip()) <= most:
                raise Invalid(field=name, reason_zh=f"1 到 {most} 个字", reason_en=f"1 to {most} characters")
        for name in ("benefits_zh", "benefits_en"):
            if len(getattr(one, name)) > 400:
                raise Invalid(field=name, reason_zh="最多 400 个字", reason_en="at most 400 characters")
        if not 0 <= one.growth_needed <= 10**12:
            raise Invalid(field="growth_needed", reason_zh="须为非负整数", reason_en="must be zero or more")
        if not 0 <= one.multiplier_bps <= MOST_BPS:
            raise Invalid(field="multiplier_bps", reason_zh="0 到 100000", reason_en="0 to 100,000")


def check_address(wanted: AddressWanted) -> AddressWanted:
    """Return an address with its spaces trimmed.

    Raises:
        Invalid: which field, and why; never what stood in it.
    """
    trimmed = AddressWanted(
        name=wanted.name.strip(),
        phone=wanted.phone.replace(" ", "").removeprefix("+86"),
        region_code=wanted.region_code.strip(),
        region=wanted.region.strip(),
        detail=wanted.detail.strip(),
    )
    if not 0 < len(trimmed.name) <= 40:
        raise Invalid(field="name", reason_zh="1 到 40 个字", reason_en="1 to 40 characters")
    if not _PHONE.match(trimmed.phone):
        raise Invalid(field="phone", reason_zh="不是有效的手机号", reason_en="is not a mobile number")
    if not _REGION.match(trimmed.region_code):
        raise Invalid(field="region_code", reason_zh="请选择省市区", reason_en="choose province, city and district")
    if not 0 < len(trimmed.detail) <= 120:
        raise Invalid(field="detail", reason_zh="1 到 120 个字", reason_en="1 to 120 characters")
    return trimmed


def check_name(name: str) -> str:
    """Return a tag's or segment's name, trimmed.

    Raises:
        Invalid: empty, or longer than 20 characters.
    """
    trimmed = name.strip()
    if not 0 < len(trimmed) <= 20:
        raise Invalid(field="name", reason_zh="1 到 20 个字", reason_en="1 to 20 characters")
    return trimmed


def check_asked(asked: Asked) -> None:
    """Refuse a segment's question that makes no sense.

    Raises:
        Invalid: a number out of bounds.
    """
    bounds = {
        "growth": 10**12,
        "paid_fen": 10**13,
        "orders": 10**6,
        "bought_within_days": 3_650,
        "not_for_days": 3_650,
    }
    for name, most in bounds.items():
        value = getattr(asked, name)
        if value is not None and not 0 <= value <= most:
            raise Invalid(field=name, reason_zh=f"0 到 {most}", reason_en=f"0 to {most}")
