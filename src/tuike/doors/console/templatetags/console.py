"""`{% load console %}`: text in both languages, values as people read them, icons, keys, the frame around a page."""

import secrets
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Any

from django import template
from django.template import Context
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from tuike.doors.console import access, answers, text
from tuike.doors.console import frame as frames
from tuike.kit.errors import Refusal

register = template.Library()


@register.simple_tag
def t(zh: str, en: str, **values: object) -> str:
    """Say one of two texts, `{names}` filled: `{% t "还剩 {n} 个" "{n} left" n=left %}`; escaped like a value."""
    said = zh if text.chinese() else en
    return said.format(**values) if values else said


@register.filter
def say(words: object) -> str:
    """Say a `T` in the page's language; anything else as it is."""
    return words.say(text.chinese()) if isinstance(words, text.T) else str(words)


@register.filter
def money(amount_fen: int | None) -> str:
    """Show fen as yuan."""
    return text.money_shown(amount_fen)


@register.filter
def rate(rate_bps: int | None) -> str:
    """Show ten-thousandths as per cent."""
    return text.rate_shown(rate_bps)


@register.filter
def when(instant: datetime | None) -> str:
    """Show an instant to the minute, in Asia/Shanghai."""
    return text.when_shown(instant)


@register.filter
def day(instant: datetime | date | None) -> str:
    """Show the day of an instant in Asia/Shanghai, or a day itself."""
    if isinstance(instant, date) and not isinstance(instant, datetime):
        return instant.isoformat()
    return text.day_shown(instant)


@register.filter
def count(number: int | None) -> str:
    """Show a number with thousands."""
    return text.count_shown(number)


@register.simple_tag
def tag(shown: text.Tag | None) -> SafeString:
    """Show a state: `{% tag STATES[row.state] %}` by whatever holds the Tag; nothing for none."""
    if shown is None:
        return mark_safe("")
    return format_html('<span class="tag {}">{}</span>', shown.colour, say(shown.words))


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """Draw an icon of icons.tsv; with a label it speaks, without one it is decoration."""
    drawn = _icons().get(name, "")
    named = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-width="1.8"'
        ' stroke-linecap="round" stroke-linejoin="round" {}>{}</svg>',
        named,
        mark_safe(drawn),  # noqa: S308 our own file
    )


@register.simple_tag
def key() -> str:
    """Make a fresh key for a form's write: sent twice, the write is done once."""
    return secrets.token_urlsafe(18)


@register.simple_tag(takes_context=True)
def page_url(context: Context, name: str, **path_args: Any) -> str:
    """Return the address of a page of the asker's party by its name without the kind: `{% page_url "funds" %}`."""
    return answers.url(context["request"], name, **path_args)


@register.filter
def may(asker: Any, name: str) -> bool:
    """Return whether the asker's seat may do what a route of its console does, for showing a button only to whom it
    serves: `{% if request.asker|may:"coupon-new" %}`. Where the route writes, writing counts, not opening its form."""
    full = f"{asker.party.kind}-{name}"
    return bool(asker.may(full, "POST" if "POST" in access.ACCESS[full] else "GET"))


@register.simple_tag(takes_context=True)
def frame(context: Context) -> frames.Frame:
    """Return what stands around a page: navigation, bell, theme, language."""
    return frames.around(context["request"])


@register.filter
def sentence(refusal: Refusal | None) -> str:
    """Say a verb's no in the page's language."""
    return "" if refusal is None else refusal.sentence("zh" if text.chinese() else "en")


@register.filter
def get(mapping: Any, name: Any) -> Any:
    """Look something up by a name that a variable holds; None when it isn't there."""
    return mapping.get(name) if mapping else None


@cache
def _icons() -> dict[str, str]:
    lines = resources.files("tuike.doors.console").joinpath("icons", "icons.tsv").read_text().splitlines()
    return dict(line.split("\t", 1) for line in lines)
