"""One cell of a list as HTML. Made in Python, not in templates: a page has hundreds of them."""

from collections.abc import Mapping
from typing import Any

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from tuike.doors.console import text
from tuike.doors.console.templatetags.console import icon
from tuike.insight.lists.types import Column

NUMBERS = ("money", "rate", "count")
"""Kinds that stand on the right."""
_DASH = mark_safe('<span class="none">—</span>')


def cell(column: Column, row: Mapping[str, Any], *, zh: bool, opens: SafeString | None = None) -> SafeString:
    """Return what stands in the row's cell of `column`, escaped; `opens` are the attributes of the link around it."""
    value = row[column.key]
    if value is None or value == "":
        shown: SafeString | str = _DASH
    else:
        shown = tag(column, value, zh=zh) if column.kind == "tag" else _plain(column, value)
    if opens is not None:
        shown = format_html('<a class="open" {}>{}</a>', opens, shown)
    under = row.get(f"{column.key}__under")
    picture = row.get(f"{column.key}__picture")
    copied = row.get(f"{column.key}__copy")
    if copied:
        label = "复制" if zh else "Copy"
        shown = format_html(
            '<span class="nowrap">{}<button type="button" class="copy" data-copy="{}" aria-label="{}" title="{}">{}'
            "</button></span>",
            shown,
            copied,
            label,
            label,
            icon("copy"),
        )
    if under not in (None, ""):
        shown = format_html("{}<small data-data>{}</small>", shown, under)
    if f"{column.key}__picture" in row:
        drawn = mark_safe('<span class="nopicture" aria-hidden="true"></span>')
        if picture:
            address = picture if picture.startswith("/") else f"/media/{picture}"
            drawn = format_html('<img src="{}" alt="" loading="lazy" width="44" height="44">', address)
        shown = format_html('<span class="goods">{}<span>{}</span></span>', drawn, shown)
    return format_html("{}", shown)


def opens(url: str, into: str) -> SafeString:
    """Return the attributes of a link that opens a row in #drawer or #dialog, or as a page of its own."""
    if into == "page":
        return format_html('href="{}"', url)
    return format_html('href="{}" hx-get="{}" hx-target="#{}" hx-swap="innerHTML"', url, url, into)


def tag(column: Column, value: object, *, zh: bool) -> SafeString:
    """Return a state in words, coloured; a state without words as it is."""
    words = column.words.get(str(value))
    if words is None:
        return format_html("{}", value)
    colour = words[2] if len(words) > 2 else "grey"
    return format_html('<span class="tag {}">{}</span>', colour, words[not zh])


def sums(column: Column, amount: int) -> str:
    """Return a sum as its column shows values."""
    return str(_plain(column, amount))


def _plain(column: Column, value: Any) -> SafeString | str:
    if column.kind == "money":
        return text.money_shown(value)
    if column.kind == "rate":
        return text.rate_shown(value)
    if column.kind == "count":
        return text.count_shown(value)
    if column.kind == "time":
        return format_html('<time datetime="{}">{}</time>', value.isoformat(), text.when_shown(value))
    if column.kind == "day":
        return format_html('<span class="nowrap">{}</span>', value.isoformat())
    # Numbers of orders and the like stay in one piece; prose breaks where it may.
    whole = isinstance(value, str) and value.isascii() and " " not in value and len(value) <= 32
    return format_html('<span class="{}">{}</span>', "nowrap" if whole else "word", value)
