"""What JSON doors say in the caller's language, and what is wrong with a field in both."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import get_language

_WRONG = {
    "missing": ("必填", "is missing"),
    "extra_forbidden": ("不存在的字段", "is not known here"),
    "string_too_long": ("过长", "is too long"),
    "string_too_short": ("过短", "is too short"),
    "too_long": ("过多", "has too many items"),
    "too_short": ("过少", "has too few items"),
    "int_type": ("应为整数", "must be a whole number"),
    "int_parsing": ("应为整数", "must be a whole number"),
    "string_type": ("应为文字", "must be text"),
    "greater_than_equal": ("过小", "is too small"),
    "less_than_equal": ("过大", "is too large"),
}


def said(zh: str, en: str) -> str:
    """Return the sentence in the caller's language, which Accept-Language chose."""
    return zh if chinese() else en


def chinese() -> bool:
    """Return whether the caller reads Chinese (the default)."""
    return (get_language() or "zh").lower().startswith("zh")


def wrong(error: Mapping[str, Any]) -> tuple[list[str], str, str]:
    """Return where a validation error is (names and places below the body, query or headers) and why, in Chinese and
    English; never what stood in it. A name that can't be printed is `?`."""
    parts = [str(part) for part in error["loc"][1:]] or ["body"]
    parts = parts[1:] if len(parts) > 1 and parts[0] == "body" else parts
    longest = 40 if error["type"] == "extra_forbidden" else 80
    zh, en = _WRONG.get(error["type"], ("格式不正确", "has not the right form"))
    return [part[:longest] if part.isprintable() else "?" for part in parts], zh, en
