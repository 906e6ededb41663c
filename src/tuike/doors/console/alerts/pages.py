"""Alerts: what a party watches for, what was crossed, with the rows behind each figure."""

import re
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch

from tuike.alerts import queries
from tuike.alerts.types import SPANS, Compare, FiringShown, ThresholdShown, TooManyThresholds, Unit, Wish
from tuike.doors.console import answers
from tuike.doors.console.keys import asker_key
from tuike.doors.console.text import T, Tag
from tuike.flows import keep_alerts
from tuike.gateways import mail
from tuike.insight import reports
from tuike.kit import days
from tuike.kit.errors import Invalid, NotFound, Refusal
from tuike.people import queries as people

SPAN_WORDS = {
    1: T("当天", "a day"),
    7: T("7 天", "7 days"),
    30: T("30 天", "30 days"),
    90: T("90 天", "90 days"),
}
COMPARE = {
    Compare.ABOVE: T("高于", "is above"),
    Compare.BELOW: T("低于", "is below"),
    Compare.RISES: T("较上期上涨超过", "is up on the period before by more than"),
    Compare.FALLS: T("较上期下降超过", "is down on the period before by more than"),
}
UNITS = {Unit.FEN: T("元", "¥"), Unit.COUNT: T("个", "number"), Unit.BPS: T("%", "%")}
OVER, WELL, OFF, NEW = (
    Tag(T("已触发", "over"), "red"),
    Tag(T("正常", "fine"), "green"),
    Tag(T("已停用", "off")),
    Tag(T("待检查", "not looked at yet"), "blue"),
)
A_PAGE = 20
_NUMBER = re.compile(r"\d{1,12}(\.\d{1,2})?")


def page(request: Any) -> HttpResponse:
    """List the party's thresholds and what was crossed, the latest first."""
    asker = request.asker
    before = request.GET.get("before", "")
    before_id = int(before) if before.isascii() and before.isdigit() and len(before) < 19 else None
    found = queries.firings_of(asker.party_id, before=before_id, limit=A_PAGE + 1)
    context = {
        "tab": "alerts",
        "thresholds": [_shown(request, one) for one in queries.thresholds_of(asker.party_id)],
        "firings": [_fired(request, one) for one in found[:A_PAGE]],
        "older": found[A_PAGE - 1].id if len(found) > A_PAGE else None,
        "before": before_id,
        "has_address": bool(people.addresses_of([asker.person.id])),
        "mails": mail.configured(),
    }
    return render(request, "console/alerts/page.html", context)


def new(request: Any) -> HttpResponse:
    """Ask what to watch for, and watch for it."""
    asker = request.asker
    if request.method == "GET":
        tile = request.GET.get("tile", "")[:60]
        return _form(request, {"tile": tile, "span": "1", "compare": "above", "mail": "1"})
    try:
        keep_alerts.set_threshold(
            party_id=asker.party_id, person_id=asker.person.id, wish=_typed(request),
            mail=bool(request.POST.get("mail")), key=asker_key(request), now=asker.now,
        )  # fmt: skip
    except (Invalid, TooManyThresholds) as refusal:
        return _form(request, request.POST.dict(), problem=refusal)
    return answers.to(request, answers.url(request, "alerts"), toast=T("预警已添加", "The alert was added"))


def edit(request: Any, *, no: str) -> HttpResponse:
    """Ask for something else to watch for."""
    asker = request.asker
    one = queries.threshold(party_id=asker.party_id, no=no)
    if request.method == "GET":
        return _form(request, _values(one, asker.person.id), one=one)
    try:
        keep_alerts.change_threshold(
            party_id=asker.party_id, person_id=asker.person.id, no=no, wish=_typed(request),
            mail=bool(request.POST.get("mail")), now=asker.now,
        )  # fmt: skip
    except Invalid as refusal:
        return _form(request, request.POST.dict(), one=one, problem=refusal)
    return answers.to(request, answers.url(request, "alerts"), toast=T("预警已保存", "The alert was saved"))


def switch(request: Any, *, no: str) -> HttpResponse:
    """Switch a threshold on or off."""
    on = request.POST.get("on") == "1"
    keep_alerts.switch_threshold(party_id=request.asker.party_id, no=no, on=on, now=request.asker.now)
    said = T("预警已启用", "The alert is on") if on else T("预警已停用", "The alert is off")
    return answers.to(request, answers.url(request, "alerts"), toast=said)


def delete(request: Any, *, no: str) -> HttpResponse:
    """Remove a threshold."""
    keep_alerts.delete_threshold(party_id=request.asker.party_id, no=no, now=request.asker.now)
    return answers.to(request, answers.url(request, "alerts"), toast=T("预警已删除", "The alert was deleted"))


def follow(request: Any, *, no: str) -> HttpResponse:
    """Let the person have a mail when a threshold is crossed, or none any more."""
    on, asker = request.POST.get("on") == "1", request.asker
    keep_alerts.follow_threshold(party_id=asker.party_id, person_id=asker.person.id, no=no, on=on)
    said = (
        T("触发时将发邮件给您", "You get a mail when it is crossed") if on else T("不再发邮件", "No more mails of it")
    )
    return answers.to(request, answers.url(request, "alerts"), toast=said)


def _shown(request: Any, one: ThresholdShown) -> dict[str, Any]:
    unit, name = _unit(one.wish), _name(request, one.wish)
    return {
        "one": one,
        "name": name,
        "days": T(*queries.over_days(one.wish)),
        "rule": T(*queries.said(one.wish, unit)),
        "value": queries.shown(one.value, unit),
        "tag": OFF if not one.on else OVER if one.over else NEW if one.looked_at is None else WELL,
        "following": request.asker.person.id in one.followers,
        "behind": _behind(request, one.wish),
    }


def _fired(request: Any, one: FiringShown) -> dict[str, Any]:
    unit = _unit(one.wish)
    return {
        "one": one,
        "name": _name(request, one.wish),
        "rule": T(*queries.said(one.wish, unit)),
        "value": queries.shown(one.value, unit),
        "before": queries.shown(one.before, unit),
        "back": queries.shown(one.back_value, unit) if one.back_value is not None else "",
        "behind": _rows(request, one.wish, one.first, one.last),
    }


def _behind(request: Any, wish: Wish) -> str:
    last = days.day_of(queries.looked_until(wish, request.asker.now))
    return _rows(request, wish, last - timedelta(days=wish.span - 1), last)


def _rows(request: Any, wish: Wish, first: Any, last: Any) -> str:
    """Return the address of the rows behind a figure of some days, empty where this seat has none."""
    kind = request.asker.party.kind.value
    found = reports.behind(kind, wish, first, last)
    if found is None or not request.asker.may(f"{kind}-{found[0]}"):
        return ""
    try:
        return f"{answers.url(request, found[0])}?{urlencode(found[1])}"
    except NoReverseMatch:
        return ""


def _unit(wish: Wish) -> Unit:
    try:
        return reports.unit_of(wish.tile)
    except NotFound:
        return Unit.COUNT


def _name(request: Any, wish: Wish) -> T:
    tile = next((one for one in reports.offered(request.asker.party.kind.value) if one.key == wish.tile), None)
    return T(*tile.words) if tile else T("已停用的指标", "a figure that is no longer counted")


def _typed(request: HttpRequest) -> Wish:
    """Return what was typed.

    Raises:
        Invalid: a figure, span or comparison that isn't offered, or what is no number.
    """
    tile, compare = request.POST.get("tile", ""), request.POST.get("compare", "")
    kind = request.asker.party.kind.value  # type: ignore[attr-defined]
    if tile not in {one.key for one in reports.offered(kind)}:
        raise Invalid(field="tile", reason_zh="请选择指标", reason_en="choose a figure")
    if compare not in {one.value for one in Compare}:
        raise Invalid(field="compare", reason_zh="请选择条件", reason_en="choose when")
    span = request.POST.get("span", "")
    typed = request.POST.get("bound", "").strip().replace(",", "")
    hundredths = Compare(compare).relative or reports.unit_of(tile) is not Unit.COUNT
    if not _NUMBER.fullmatch(typed) or (not hundredths and "." in typed):
        raise Invalid(field="bound", reason_zh="请输入数字", reason_en="enter a number")
    whole, _, part = typed.partition(".")
    bound = int(whole) * 100 + int(f"{part:0<2}"[:2]) if hundredths else int(whole)
    quiet = [_hour(request.POST.get(name, "")) for name in ("quiet_from", "quiet_until")]
    return Wish(tile, int(span) if span in {str(one) for one in SPANS} else 0, Compare(compare), bound, *quiet)


def _hour(text: str) -> int | None:
    return int(text) if text in {str(hour) for hour in queries.HOURS} else None


def _values(one: ThresholdShown, person_id: int) -> dict[str, str]:
    """Return a threshold as its form is filled."""
    wish = one.wish
    hundredths = wish.compare.relative or _unit(wish) is not Unit.COUNT
    whole, part = divmod(wish.bound, 100)
    return {
        "tile": wish.tile,
        "span": str(wish.span),
        "compare": wish.compare.value,
        "bound": (f"{whole}.{part:02d}" if part else str(whole)) if hundredths else str(wish.bound),
        "quiet_from": "" if wish.quiet_from is None else str(wish.quiet_from),
        "quiet_until": "" if wish.quiet_until is None else str(wish.quiet_until),
        "mail": "1" if person_id in one.followers else "",
    }


def _form(
    request: Any, typed: dict[str, str], *, one: ThresholdShown | None = None, problem: Refusal | None = None
) -> HttpResponse:
    tiles = reports.offered(request.asker.party.kind.value)
    context = {
        "one": one,
        "typed": typed,
        "tiles": [(tile.key, T(*tile.words), UNITS[Unit(tile.unit.value)]) for tile in tiles],
        "spans": [(str(span), words) for span, words in SPAN_WORDS.items()],
        "compares": [(each.value, words) for each, words in COMPARE.items()],
        "hours": [str(hour) for hour in queries.HOURS],
        "has_address": bool(people.addresses_of([request.asker.person.id])),
        "problem": problem,
        "field": problem.details.get("field", "form") if problem else "",
    }
    return answers.dialog(request, "console/alerts/form.html", context, status=422 if problem else 200)
