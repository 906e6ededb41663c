"""The open data: what was written, how large it is, what went wrong; a run on a button; one day's file to take."""

import re
from datetime import date, datetime
from typing import Any

from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render

from tuike.doors.console import answers
from tuike.doors.console.text import T, Tag
from tuike.doors.web import open_data as files
from tuike.doors.web.soon import soon
from tuike.flows import write_open_data as flows
from tuike.insight.open_data import lake
from tuike.insight.open_data.tables import TABLES
from tuike.kit.errors import NotFound
from tuike.open_data import queries
from tuike.open_data.types import Problem, RunShown, RunState
from tuike.people import queries as people

STATES = {
    RunState.ASKED: Tag(T("排队中", "Waiting"), "grey"),
    RunState.WRITING: Tag(T("写出中", "Being written"), "blue"),
    RunState.WRITTEN: Tag(T("已写成", "Written"), "green"),
    RunState.FAILED: Tag(T("失败", "Failed"), "red"),
}
PROBLEMS = {
    Problem.DISK_FULL: T(
        "磁盘空间不足，上一次的文件仍可用。请先腾出空间，再重新运行。",
        "The disk is full; the files before stay in force. Make room, then run it again.",
    ),
    Problem.DIFFERS: T(
        "写出的文件与账本不符，没有生效。请先做账目核对。",
        "What was written differs from the books and didn't take effect. Verify the books first.",
    ),
    Problem.GIVEN_UP: T(
        "写出进程多次中断，已放弃。请查看日志后重新运行。",
        "Its writers died, it was given up. See the log, then run it again.",
    ),
    Problem.OTHER: T("出错，没有生效。请查看日志。", "It failed and didn't take effect. The log says why."),
}
_MONTH = re.compile(r"\d{4}-\d{2}")


def page(request: Any) -> HttpResponse:
    """Show the last run, each table with its size, and the days of one table's month."""
    context = _runs(request) | _tables() | _days(request)
    return render(request, "console/operator/open_data.html", context)


def ask(request: Any) -> HttpResponse:
    """Ask for a run."""
    flows.ask_open_data(actor=request.asker.actor, now=request.asker.now)
    soon("write_open_data")
    answer = render(request, "console/operator/open_data_run.html", _runs(request))
    return answers.toast(answer, T("已开始写出", "It has begun"))


def state(request: Any) -> HttpResponse:
    """Answer the last run, for a page that waits for its end; once it ended, the page comes anew with its files."""
    context = _runs(request)
    answer = render(request, "console/operator/open_data_run.html", context)
    if context["run"] is None or not context["run"].open:
        answer.headers["HX-Refresh"] = "true"
    return answer


def file(request: Any, *, table: str, day: str) -> HttpResponseBase:
    """Send a day's file of a table, and leave an act: data leaves the product.

    Raises:
        NotFound: the edition in force has no such file.
    """
    edition = lake.current(files.root())
    facts = lake.manifest(edition)
    known = ((facts or {}).get("tables", {}).get(table) or {}).get("days", {}) if table in TABLES else {}
    if edition is None or day not in known:
        raise NotFound
    try:
        opened = lake.file_of(edition, table, date.fromisoformat(day)).open("rb")
    except FileNotFoundError as error:
        raise NotFound from error
    asker = request.asker
    flows.record_download(actor=asker.actor, table=table, day=day, edition=edition.name, now=asker.now)
    answer = FileResponse(opened, content_type="application/vnd.apache.parquet")
    answer.headers["Content-Disposition"] = answers.attachment(f"{table} {day}.parquet")
    answer.headers["X-Content-SHA256"] = known[day]["sha256"]
    return answer


def _runs(request: Any) -> dict[str, Any]:
    runs = queries.latest(limit=20)
    names = people.refs({one.asked_by for one in runs if one.asked_by})
    shown = [
        (one, STATES[one.state], names[one.asked_by].nickname if one.asked_by in names else "", _why(one))
        for one in runs
    ]
    run = runs[0] if runs else None
    percent = run.done * 100 // run.whole if run and run.whole else None
    return {
        "run": run,
        "runs": shown,
        "tag": STATES[run.state] if run else None,
        "why": _why(run) if run else None,
        "percent": percent,
        "may": request.asker.may("operator-open-data-ask", "POST"),
        "root": str(files.root() / "current"),
    }


def _why(run: RunShown) -> T | None:
    return PROBLEMS[run.problem] if run.problem else None


def _tables() -> dict[str, Any]:
    """Return each table with its days, rows and size, and when all of it was read."""
    facts = lake.manifest(lake.current(files.root()))
    if facts is None:
        return {"tables": []}
    tables = []
    for name, one in facts["tables"].items():
        if name not in TABLES:
            continue
        days, said = one["days"], TABLES[name]
        tables.append(
            {
                "name": name,
                "words": T(said.zh, said.en),
                "days": len(days),
                "rows": sum(day["rows"] for day in days.values()),
                "size": size(sum(day["bytes"] for day in days.values())),
                "last": max(days, default=""),
            }
        )
    order = list(TABLES)
    tables.sort(key=lambda one: order.index(one["name"]))
    return {"tables": tables, "read_at": datetime.fromisoformat(facts["read_at"])}


def _days(request: Any) -> dict[str, Any]:
    """Return the days of the table and month that were asked for; the last month without one."""
    facts = lake.manifest(lake.current(files.root()))
    table = request.GET.get("table", "")
    if facts is None or table not in TABLES:
        return {"chosen": None}
    known = (facts["tables"].get(table) or {}).get("days", {})
    months = sorted({day[:7] for day in known}, reverse=True)
    month = request.GET.get("month", "")
    if not _MONTH.fullmatch(month) or month not in months:
        month = months[0] if months else ""
    found = sorted(((day, one) for day, one in known.items() if day[:7] == month), reverse=True)
    said = TABLES[table]
    return {
        "chosen": table,
        "chosen_words": T(said.zh, said.en),
        "day_words": T(said.day_zh, said.day_en),
        "months": months,
        "month": month,
        "found": [(day, one, size(one["bytes"]), _sums(table, one["sums"])) for day, one in found],
        "may_take": request.asker.may("operator-open-data-file", "GET"),
    }


def _sums(table: str, sums: dict[str, int]) -> list[tuple[T, int]]:
    words = {one.name: T(one.zh, one.en) for one in TABLES[table].columns}
    return [(words[name], fen) for name, fen in sums.items() if name in words]


def size(many: int) -> str:
    """Return a number of bytes as a person reads it."""
    if many >= 1 << 20:
        tenths = many * 10 >> 20
        return f"{tenths // 10}.{tenths % 10} MB"
    return f"{max(1, many >> 10):,} KB"
