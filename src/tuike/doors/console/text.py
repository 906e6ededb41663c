"""Text for people in both languages, side by side, and how values are shown."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import get_language

from tuike.kit import days, money


@dataclass(frozen=True, slots=True)
class T:
    """One text in both languages; `{names}` are filled by `fill`."""

    zh: str
    en: str

    def say(self, zh: bool) -> str:
        """Return the text in Chinese, or in English."""
        return self.zh if zh else self.en

    def fill(self, **values: object) -> "T":
        """Return the text with its `{names}` filled; a value that is a T itself is said in the same language."""
        return T(self.zh.format(**_said(values, zh=True)), self.en.format(**_said(values, zh=False)))

    def __str__(self) -> str:
        return self.say(chinese())


@dataclass(frozen=True, slots=True)
class Tag:
    """A state as a page shows it: words, and a colour of `green blue amber red grey`."""

    words: T
    colour: str = "grey"


def chinese() -> bool:
    """Return whether the page that is being made is for a reader of Chinese (the default)."""
    return (get_language() or "zh").lower().startswith("zh")


def money_shown(amount_fen: int | None) -> str:
    """Return an amount as a person reads it: 123456 → `¥1,234.56`, -5 → `−¥0.05`, none → `—`."""
    return "—" if amount_fen is None else money.yuan(amount_fen).replace("-", "−")


def rate_shown(rate_bps: int | None) -> str:
    """Return a rate as a person reads it: 1250 → `12.5%`, none → `—`."""
    return "—" if rate_bps is None else money.percent(rate_bps).replace("-", "−")


def when_shown(instant: datetime | None) -> str:
    """Return an instant in Asia/Shanghai to the minute: `2026-11-22 17:05`, none → `—`."""
    return days.shown(instant)[:16]


def day_shown(instant: datetime | None) -> str:
    """Return the day that an instant falls on in Asia/Shanghai: `2026-11-22`, none → `—`."""
    return days.shown(instant)[:10]


def count_shown(count: int | None) -> str:
    """Return a number with thousands: 1234567 → `1,234,567`, none → `—`."""
    return "—" if count is None else f"{count:,}".replace("-", "−")


def _said(values: dict[str, object], *, zh: bool) -> dict[str, object]:
    return {name: value.say(zh) if isinstance(value, T) else value for name, value in values.items()}
