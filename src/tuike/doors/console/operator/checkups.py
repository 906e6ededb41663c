"""`verify` on a button: asked for here, run by the worker, its results kept."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.checkups import queries, service
from tuike.checkups.types import CheckupShown
from tuike.doors.console import answers
from tuike.doors.console.text import T
from tuike.doors.web.soon import soon
from tuike.kit.errors import NotFound
from tuike.people import queries as people


def page(request: Any) -> HttpResponse:
    """Show the latest run with all its checks, and those before it."""
    return render(request, "console/operator/checkups.html", _context(request, None))


def one(request: Any, *, checkup_id: int) -> HttpResponse:
    """Show an earlier run."""
    found = queries.checkup(checkup_id)
    if found is None:
        raise NotFound
    return render(request, "console/operator/checkups.html", _context(request, found))


def ask(request: Any) -> HttpResponse:
    """Ask for a run of everything."""
    service.ask(actor=request.asker.actor, now=request.asker.now)
    soon("verify_books")
    answer = render(request, "console/operator/checkup.html", _context(request, None))
    return answers.toast(answer, T("已开始核对", "It has begun"))


def state(request: Any) -> HttpResponse:
    """Answer the latest run, for a page that waits for its end."""
    return render(request, "console/operator/checkup.html", _context(request, None))


def _context(request: Any, chosen: CheckupShown | None) -> dict[str, Any]:
    latest = queries.latest(limit=20)
    shown = chosen or queries.last_of() or (latest[0] if latest else None)
    names = people.refs({one.asked_by for one in latest if one.asked_by})
    runs = [(one, names[one.asked_by].nickname if one.asked_by in names else "") for one in latest]
    checks = []
    if shown:
        # What is wrong comes first.
        ordered = sorted(shown.results, key=lambda one: not one["findings"])
        checks = [(one, T(one["zh"], one["en"])) for one in ordered]
    return {"shown": shown, "checks": checks, "runs": runs, "may": request.asker.may("operator-checkup-ask", "POST")}
