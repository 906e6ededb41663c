"""Files of lists: asked for in a dialog, made at once when small, otherwise by a job that tells how far it is."""

from pathlib import Path
from typing import Any

from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from tuike.doors.console import answers, cells, lists
from tuike.doors.console.keys import asker_key
from tuike.doors.console.text import T, Tag
from tuike.doors.web import making
from tuike.doors.web.soon import soon
from tuike.exports import queries as exports
from tuike.exports.types import ExportNotReady, ExportShown, ExportState
from tuike.flows import make_exports
from tuike.insight.explorer import slices
from tuike.insight.lists import listing as engine
from tuike.insight.lists import registry
from tuike.kit import days
from tuike.kit.errors import Invalid

STATES = {
    ExportState.ASKED: Tag(T("排队中", "Waiting"), "grey"),
    ExportState.MAKING: Tag(T("生成中", "Being made"), "blue"),
    ExportState.READY: Tag(T("可下载", "Ready"), "green"),
    ExportState.FAILED: Tag(T("失败", "Failed"), "red"),
    ExportState.GONE: Tag(T("已过期", "Expired"), "grey"),
}
FORMATS = ("csv", "xlsx")


def page(request: Any) -> HttpResponse:
    """Show the person's own files in this seat: what, when, how many rows, sums, SHA-256, until when."""
    asker = request.asker
    mine = exports.mine(party_id=asker.party_id, person_id=asker.person.id)
    return render(request, "console/party/exports.html", {"exports": [_context(one) for one in mine]})


def start(request: Any) -> HttpResponse:
    """Ask for the file that the dialog was made for; a small one is made before the answer.

    Raises:
        NotFound: the dialog isn't this person's, or is older than an hour.
        TooManyExports: five are still to come.
    """
    ask = lists.ask_of(request, request.POST.get("ask", ""))
    kind = request.POST.get("format", "")
    if kind not in FORMATS:
        raise Invalid(field="format", reason_zh="请选择 CSV 或 XLSX", reason_en="choose CSV or XLSX")
    asker = request.asker
    what = {key: ask[key] for key in ("listing", "scope", "asked", "by", "columns") if key in ask} | {"zh": asker.zh}
    counted = engine.count(slices.resolved(what), ask["scope"], ask["asked"], most=making.AT_ONCE)
    export = make_exports.ask_export(
        actor=asker.actor,
        party_id=asker.party_id,
        person_id=asker.person.id,
        kind=kind,
        title=(ask["zh"], ask["en"]),
        what=what,
        at_once=not counted.more,
        key=asker_key(request),
        now=asker.now,
    )
    if export.state is ExportState.MAKING and not counted.more:
        making.make_now(export)
        export = _mine(request, export.no)
    elif export.state is ExportState.ASKED:
        soon("make_exports")
    return shown(request, export)


def shown(request: Any, export: ExportShown) -> HttpResponse:
    """Answer with the dialog that shows how far a file is, and then the file."""
    return answers.dialog(request, "console/party/export_state.html", _context(export))


def state(request: Any, no: str) -> HttpResponse:
    """Show how far a file is, for the dialog that waits for it."""
    return render(request, "console/party/export_progress.html", _context(_mine(request, no)))


def file(request: Any, no: str) -> HttpResponseBase:
    """Send a file.

    Raises:
        ExportNotReady: not made yet, or not kept any more.
    """
    export = _mine(request, no)
    path = making.place(export)
    if export.state is not ExportState.READY or not path.exists():
        raise ExportNotReady
    answer = FileResponse(path.open("rb"), content_type=_TYPES[export.kind])
    answer.headers["Content-Disposition"] = answers.attachment(_name(request, export, path))
    answer.headers["X-Content-SHA256"] = export.sha256
    return answer


_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "zip": "application/zip",
}


def _name(request: HttpRequest, export: ExportShown, path: Path) -> str:
    title = export.title_zh if request.asker.zh else export.title_en  # type: ignore[attr-defined]
    return f"{title} {days.shown(export.asked_at)[:16].replace(':', '')}{path.suffix}"


def _mine(request: Any, no: str) -> ExportShown:
    return exports.one(no=no, party_id=request.asker.party_id, person_id=request.asker.person.id)


def _context(export: ExportShown) -> dict[str, Any]:
    """Return a file as its templates show it; the sums are named by their columns."""
    columns = {}
    if export.what.get("listing") in registry.every():
        columns = {one.key: one for one in slices.resolved(export.what).summed}
    return {
        "export": export,
        "title": T(export.title_zh, export.title_en),
        "tag": STATES[export.state],
        "failed": export.state is ExportState.FAILED,
        "ready": export.state is ExportState.READY,
        "percent": export.done * 100 // export.whole if export.whole else 0,
        "sums": [(T(*columns[k].heading), cells.sums(columns[k], v)) for k, v in export.sums.items() if k in columns],
        "size": _size(export.size),
    }


def _size(size: int | None) -> str:
    if size is None:
        return ""
    return f"{size / 2**20:.1f} MB" if size >= 2**20 else f"{max(1, size // 1024):,} KB"
