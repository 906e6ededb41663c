"""Dialogs of the explorer: the columns that a seat sees, and its named views."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.doors.console import answers
from tuike.doors.console.explorer import asked
from tuike.doors.console.keys import asker_key
from tuike.doors.console.text import T
from tuike.flows import keep_views
from tuike.insight.explorer import dimensions, slices
from tuike.insight.explorer.types import BadSlice
from tuike.kit.errors import NotFound, Refusal
from tuike.views import queries as views


def columns(request: Any) -> HttpResponse:
    """Ask which columns the seat wants to see, and keep them; none: the usual ones again.

    Raises:
        BadSlice: a column that the asker doesn't have.
    """
    kind = asked.kind_of(request)
    if request.method == "POST":
        return _choose(request, kind)
    query = asked.typed(request.GET)
    shown = set(asked.names(query.get("cols", "")) or asked.columns_of(request))
    rows = [
        (column.key, T(*column.heading), column.key in shown)
        for one in dimensions.of(kind)
        for column in one.columns
        if column.key != "order_no"
    ]
    context = {"columns": rows, "query": request.GET.urlencode()}
    return answers.dialog(request, "console/explorer/columns.html", context)


def _choose(request: Any, kind: str) -> HttpResponse:
    known = {one.key for one in slices.choosable(kind)}
    names = [one for one in request.POST.getlist("column") if one]
    for name in names:
        if name not in known:
            raise BadSlice(name=name[:40])
    chosen = [] if "usual" in request.POST else ["order_no", *names]
    keep_views.choose_columns(keeper=asked.keeper(request), names=chosen, now=request.asker.now)
    query = asked.kept(request, request.POST.get("asked", ""))
    left = {key: value for key, value in query.items() if key != "cols"}
    url = asked.url_of(request, answers.url(request, "explorer"), left)
    return answers.to(request, url, toast=T("已保存您的列", "Your columns are kept"))


def save(request: Any) -> HttpResponse:
    """Ask for a name, and keep what the address asks for under it."""
    if request.method == "GET":
        return _save_form(request, request.GET.urlencode())
    text = request.POST.get("asked", "")
    try:
        made = keep_views.save_view(
            keeper=asked.keeper(request),
            name=request.POST.get("name", ""),
            asked=asked.kept(request, text),
            key=asker_key(request),
            now=request.asker.now,
        )
    except Refusal as problem:
        return _save_form(request, text, problem)
    url = asked.url_of(request, answers.url(request, "explorer"), {**made.asked, "view": str(made.id)})
    return answers.to(request, url, toast=T("视图已保存", "The view is kept"))


def _save_form(request: Any, text: str, problem: Refusal | None = None) -> HttpResponse:
    context = {"query": text, "name": request.POST.get("name", ""), "problem": problem}
    return answers.dialog(request, "console/explorer/save.html", context, status=problem.status if problem else 200)


def manage(request: Any) -> HttpResponse:
    """Show the seat's views: to rename, put first or remove."""
    return _managed(request)


def change(request: Any, *, view_id: int) -> HttpResponse:
    """Rename, replace, remove one view, or let the page open with it (or with none).

    Raises:
        NotFound: the seat has no such view, or nothing that is known is to be done.
    """
    keeper, now = asked.keeper(request), request.asker.now
    given = {"keeper": keeper, "view_id": view_id}

    def replace() -> None:
        keep_views.replace_view(**given, asked=asked.kept(request, request.POST.get("asked", "")), now=now)

    acts: dict[str, tuple[Callable[[], object], T]] = {
        "rename": (
            lambda: keep_views.rename_view(**given, name=request.POST.get("name", ""), now=now),
            T("已改名", "Renamed"),
        ),
        "first": (
            lambda: keep_views.put_view_first(**given, first=True, now=now),
            T("已设为默认视图", "The page opens with it now"),
        ),
        "unfirst": (
            lambda: keep_views.put_view_first(**given, first=False, now=now),
            T("已取消默认视图", "The page opens plainly again"),
        ),
        "delete": (lambda: keep_views.delete_view(**given), T("视图已删除", "The view is removed")),
        "replace": (replace, T("视图已更新", "The view is changed")),
    }
    views.one(keeper=keeper, view_id=view_id)
    act = acts.get(request.POST.get("act", ""))
    if act is None:
        raise NotFound
    act[0]()
    if request.POST.get("act") == "replace":
        return answers.done(act[1])
    return answers.toast(_managed(request), act[1])


def _managed(request: Any) -> HttpResponse:
    return render(request, "console/explorer/views.html", {"views": views.mine(keeper=asked.keeper(request))})
