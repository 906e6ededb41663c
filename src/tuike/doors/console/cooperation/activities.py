"""A leader's activities: the list, the form, one with what is enrolled in it, published, closed, deleted."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tuike.catalog import queries as catalog
from tuike.cooperation import queries as cooperation_of
from tuike.cooperation.types import (
    ActivityChange,
    ActivityKind,
    ActivityShown,
    ActivityState,
    Floor,
    NewActivity,
)
from tuike.doors.console import answers, lists
from tuike.doors.console.cooperation import enrolled, shared
from tuike.doors.console.marketing.shared import categories
from tuike.doors.console.merchant import reading
from tuike.doors.console.text import T
from tuike.flows import run_activity
from tuike.insight.lists import contract
from tuike.kit import days
from tuike.kit.errors import Invalid, NotFound, Refusal
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind

FIELDS = ("title", "kind", "starts_at", "ends_at", "rate", "service", "promoters", "sample", "contact", "note")
DONE = {
    "publish": T("活动已发布，商家可以报名", "Published; shops can enrol"),
    "close": T("活动已关闭，合作已全部终止", "Closed; every cooperation in it has ended"),
    "delete": T("活动已删除", "Deleted"),
}


def page(request: Any) -> HttpResponse:
    """List the leader's activities."""
    asker = request.asker
    return lists.show(
        request,
        contract.ACTIVITIES,
        scope={"leader": asker.party_id, "now": asker.now.isoformat()},
        title=T("招商活动", "Activities"),
        lead=T(
            "发布活动，商家带商品报名；通过后，推客用活动素材带来的订单按约定佣金率计佣，并向您支付服务费。",
            "Shops enrol products in an activity; once passed, orders by its material pay promoters the agreed rate and"
            " you the service fee.",
        ),
        acts="console/cooperation/activities_acts.html",
        row="console:leader-activity",
        row_key="title__no",
        row_open="page",
        empty=(
            T("还没有招商活动", "No activity yet"),
            T(
                "新建一个活动，写明最低佣金率与服务费率，发布后商家即可报名。",
                "Make one with the least rates; once published, shops enrol.",
            ),
        ),
    )


def new(request: Any) -> HttpResponse:
    """Show the form, or write the draft that was typed."""
    if request.method == "GET":
        return _form(request, dict.fromkeys(FIELDS, "") | {"kind": "ordinary"}, None)
    typed = _typed(request)
    try:
        made = run_activity.create_activity(activity=_read(request, typed), by=shared.by(request))
    except Refusal as refusal:
        return _form(request, typed, refusal)
    words = T("草稿已保存，发布后商家可以报名", "The draft is kept; shops can enrol once it is published")
    return answers.to(request, answers.url(request, "activity", no=made.no), toast=words)


def edit(request: Any, *, no: str) -> HttpResponse:
    """Show the form with what the activity is, or change it to what was typed."""
    had = cooperation_of.activity_of(leader_id=request.asker.party_id, no=no)
    if had.state is ActivityState.CLOSED:
        raise NotFound
    if request.method == "GET":
        return _form(request, _written(had), None, had)
    typed = _typed(request)
    try:
        if had.state is ActivityState.DRAFT:
            run_activity.change_draft(no=no, activity=_read(request, typed), by=shared.by(request))
        else:
            run_activity.change_activity(no=no, change=_read_change(request, typed, had), by=shared.by(request))
    except NotFound:
        raise
    except Refusal as refusal:
        return _form(request, typed, refusal, had)
    return answers.to(request, answers.url(request, "activity", no=no), toast=T("已保存", "Saved"))


def activity(request: Any, *, no: str) -> HttpResponse:
    """Show one activity: what it asks for, and what is enrolled in it."""
    asker = request.asker
    had = cooperation_of.activity_of(leader_id=asker.party_id, no=no)
    whole = not answers.by_htmx(request)
    names = parties.refs(had.promoter_ids) if whole else {}
    return enrolled.show(
        request,
        scope={"leader": asker.party_id, "now": asker.now.isoformat(), "activity": no},
        listing=contract.ENROLLED_IN,
        title=T(had.title, had.title),
        acts="console/cooperation/activity_acts.html",
        top="console/cooperation/activity_top.html",
        template="console/cooperation/activity.html",
        extra={
            "activity": had,
            "phase": shared.phase(had, request),
            "kind": shared.KINDS[had.kind.value],
            "floors": shared.floors(had) if whole else [],
            "named": [(names[id_].name, names[id_].no) for id_ in had.promoter_ids if id_ in names],
            "contact": cooperation_of.contact_of_activity(no=no) if whole else "",
            "share": _share(had, request),
            "may_change": asker.may("leader-activity-act", "POST"),
        },
    )


def act(request: Any, *, no: str, act: str) -> HttpResponse:
    """Publish, close or delete an activity.

    Raises:
        NotFound: nothing that can be done to one.
    """
    if act not in DONE:
        raise NotFound
    if act == "delete":
        run_activity.delete_activity(no=no, by=shared.by(request))
        return answers.to(request, answers.url(request, "activities"), toast=DONE[act])
    do = run_activity.publish_activity if act == "publish" else run_activity.close_activity
    do(no=no, by=shared.by(request))
    return answers.to(request, answers.url(request, "activity", no=no), toast=DONE[act])


def floor_row(request: Any) -> HttpResponse:
    """Return one more row of the form for a category's floor."""
    return render(request, "console/cooperation/floor.html", {"rows": [("", "", "")], "categories": _choices()})


def _share(had: ActivityShown, request: Any) -> str:
    """Return the address by which promoters find the products of an activity that is running, else nothing."""
    if not had.open_at(request.asker.now):
        return ""
    return settings.PUBLIC_BASE.rstrip("/") + reverse("console:activity-shared", kwargs={"no": had.no})


def _form(
    request: Any, typed: Mapping[str, str], refusal: Refusal | None, had: ActivityShown | None = None
) -> HttpResponse:
    if request.method == "POST":
        rows = _rows(request)
    else:
        rows = [
            (str(id_), _rate(floor.min_rate_bps), _rate(floor.min_service_bps))
            for id_, floor in (had.floors.items() if had else ())
        ]
    context = {
        "typed": typed,
        "errors": reading.problems(refusal) if refusal else {},
        "rows": rows,
        "categories": _choices(),
        "activity": had,
        "published": had is not None and had.state is ActivityState.PUBLISHED,
    }
    return render(request, "console/cooperation/activity_form.html", context, status=422 if refusal else 200)


def _choices() -> list[tuple[str, str]]:
    return [(id_, " / ".join(map(str, names))) for id_, names, _ in categories()]


def _typed(request: Any) -> dict[str, str]:
    return {name: request.POST.get(name, "") for name in FIELDS}


def _rows(request: Any) -> list[tuple[str, str, str]]:
    columns = [request.POST.getlist(name)[:200] for name in ("floor_category", "floor_rate", "floor_service")]
    return [row for row in zip(*columns, strict=False) if any(row)]


def _written(had: ActivityShown) -> dict[str, str]:
    names = parties.refs(had.promoter_ids)
    return {
        "title": had.title,
        "kind": had.kind.value,
        "starts_at": days.shown(had.starts_at)[:16],
        "ends_at": days.shown(had.ends_at)[:16],
        "rate": _rate(had.floor.min_rate_bps),
        "service": _rate(had.floor.min_service_bps),
        "promoters": "\n".join(names[id_].no for id_ in had.promoter_ids if id_ in names),
        "sample": had.sample,
        "contact": cooperation_of.contact_of_activity(no=had.no),
        "note": had.note,
    }


def _read(request: Any, typed: Mapping[str, str]) -> NewActivity:
    """Return the activity that was typed; without a start it starts now.

    Raises:
        Invalid: a field that can't be read.
    """
    kind = ActivityKind.EXCLUSIVE if typed["kind"] == "exclusive" else ActivityKind.ORDINARY
    starts_at = reading.instant(typed["starts_at"], field="starts_at") if typed["starts_at"].strip() else None
    return NewActivity(
        title=typed["title"],
        kind=kind,
        starts_at=starts_at or request.asker.now,
        ends_at=reading.instant(typed["ends_at"], field="ends_at"),
        floor=_floor(typed["rate"], typed["service"], "rate", "service"),
        floors=_floors(request),
        promoter_ids=_promoters(typed["promoters"]) if kind is ActivityKind.EXCLUSIVE else (),
        sample=typed["sample"],
        contact=typed["contact"],
        note=typed["note"],
    )


def _read_change(request: Any, typed: Mapping[str, str], had: ActivityShown) -> ActivityChange:
    """Return the change that was typed; an end that stands as it was shown is the activity's own, to the second.

    Raises:
        Invalid: a field that can't be read.
    """
    return ActivityChange(
        title=typed["title"],
        ends_at=_end(typed["ends_at"], had.ends_at),
        floor=_floor(typed["rate"], typed["service"], "rate", "service"),
        floors=_floors(request),
        promoter_ids=_promoters(typed["promoters"]) if had.kind is ActivityKind.EXCLUSIVE else (),
        sample=typed["sample"],
        contact=typed["contact"],
        note=typed["note"],
    )


def _end(text: str, had: datetime) -> datetime:
    return had if text.strip() == days.shown(had)[:16] else reading.instant(text, field="ends_at")


def _floor(rate: str, service: str, rate_field: str, service_field: str) -> Floor:
    return Floor(reading.bps(rate, field=rate_field), reading.bps(service, field=service_field))


def _floors(request: Any) -> dict[int, Floor]:
    """Return the floors by category that were typed.

    Raises:
        Invalid: not a rate, no category, or one twice.
    """
    known = {node.category_id for node in catalog.categories()}
    found: dict[int, Floor] = {}
    for category, rate, service in _rows(request):
        id_ = int(category) if category.isascii() and category.isdecimal() and len(category) < 19 else 0
        if id_ not in known or id_ in found:
            raise Invalid(
                field="floors", reason_zh="请为每一行选择不同的类目", reason_en="choose another category for each row"
            )
        found[id_] = _floor(rate, service, "floors", "floors")
    return found


def _promoters(text: str) -> tuple[int, ...]:
    """Return the promoters of typed numbers, apart by spaces, commas or lines.

    Raises:
        Invalid: a number that is no promoter's.
    """
    wanted = list(dict.fromkeys(text.replace(",", " ").replace("，", " ").split()))[:600]
    found = {no: parties.find(no) if no.isascii() and no.isalnum() else None for no in wanted}
    unknown = [no for no, one in found.items() if one is None or one.kind is not PartyKind.PROMOTER]
    if unknown:
        said = unknown[0][:24]
        raise Invalid(field="promoters", reason_zh=f"不是推客编号：{said}", reason_en=f"no promoter's number: {said}")
    return tuple(one.id for one in found.values() if one is not None)


def _rate(bps: int) -> str:
    return f"{bps // 100}.{bps % 100:02}".rstrip("0").rstrip(".")
