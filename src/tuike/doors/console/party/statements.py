"""Monthly statements: the list, each month as PDF and as CSV."""

import csv
import io
from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.doors.console import answers
from tuike.doors.console.party import paper
from tuike.doors.console.text import T, money_shown, when_shown
from tuike.insight import funds
from tuike.insight.lists.party_funds import KINDS
from tuike.kit import days
from tuike.kit.errors import NotFound
from tuike.kit.money import plain_yuan
from tuike.settlement import queries as settlement
from tuike.settlement.types import StatementShown

MOST_ON_PAPER = 500
"""Bookings that a PDF lists; the CSV has them all."""


def page(request: Any) -> HttpResponse:
    """List the months that are closed."""
    context = {
        "tab": "statements",
        "statements": settlement.statements_of(_owner(request)),
        "running": days.month_of(request.asker.now),
    }
    return render(request, "console/party/statements.html", context)


def as_csv(request: Any, *, month: str) -> HttpResponse:
    """Return the bookings of a month as CSV: amounts in yuan, times of Shanghai."""
    statement, zh = _statement(request, month), request.asker.zh
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\r\n").writerow
    heads = (
        ("记账时间", "Booked"),
        ("事项", "What for"),
        ("凭据", "Reference"),
        ("变动（元）", "Change (CNY)"),
        ("变动后余额（元）", "Balance after (CNY)"),
    )
    write([T(*head).say(zh) for head in heads])
    for one in funds.bookings_of(request.asker.party, statement):
        reference = one.source.partition(":")[2]
        amounts = (plain_yuan(one.amount_fen), plain_yuan(one.balance_fen))
        write([days.shown(one.at), _kind(one.kind, zh), reference, *amounts])
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = answers.attachment(_name(request, statement, "csv"))
    return answer


def as_pdf(request: Any, *, month: str) -> HttpResponse:
    """Return a month's statement as a PDF."""
    statement = _statement(request, month)
    answer = HttpResponse(paper.pdf(_paper(request, statement)), content_type="application/pdf")
    answer.headers["Content-Disposition"] = answers.attachment(_name(request, statement, "pdf"))
    return answer


def _statement(request: Any, month: str) -> StatementShown:
    """Return the party's statement of a month (`2026-03`).

    Raises:
        NotFound: no such month, or not closed.
    """
    try:
        first = date.fromisoformat(f"{month}-01")
    except ValueError as error:
        raise NotFound from error
    for one in settlement.statements_of(_owner(request), since=first):
        if one.month == first:
            return one
    raise NotFound


def _paper(request: Any, statement: StatementShown) -> paper.Paper:
    asker = request.asker
    bookings, say = funds.bookings_of(asker.party, statement), (lambda zh, en: zh if asker.zh else en)
    shown = bookings[:MOST_ON_PAPER]
    kinds = paper.Table(
        title=say("按事项汇总", "By what it was for"),
        heads=(say("事项", "What for"), say("金额", "Amount")),
        widths=(748, 300),
        right=(False, True),
        rows=[(_kind(kind, asker.zh), money_shown(fen)) for kind, fen in sorted(statement.by_kind.items())],
        sums=(say("净变动", "Net change"), money_shown(statement.in_fen - statement.out_fen)),
    )
    every = paper.Table(
        title=_said(len(shown), len(bookings), zh=asker.zh),
        heads=(
            say("记账时间", "Booked"),
            say("事项", "What for"),
            say("凭据", "Reference"),
            say("变动", "Change"),
            say("余额", "Balance"),
        ),
        widths=(208, 270, 270, 150, 150),
        right=(False, False, False, True, True),
        rows=[
            (
                when_shown(one.at),
                _kind(one.kind, asker.zh),
                one.source.partition(":")[2],
                money_shown(one.amount_fen),
                money_shown(one.balance_fen),
            )
            for one in shown
        ],
    )
    return paper.Paper(
        title=say(f"{statement.month:%Y 年 %m 月}账单", f"Statement of {statement.month:%B %Y}"),
        subtitle=f"{asker.party.name} · {asker.party.no}",
        facts=_facts(request, statement),
        tables=(kinds, every),
        foot=f"SHA-256 {statement.digest.hex()}",
        page_of=say("第 {n} / {all} 页", "Page {n} of {all}"),
    )


def _facts(request: Any, statement: StatementShown) -> list[tuple[str, str]]:
    pairs = (
        (T("期初可提现", "Available at the start"), money_shown(statement.opening_fen)),
        (T("本期增加", "In"), money_shown(statement.in_fen)),
        (T("本期减少", "Out"), money_shown(-statement.out_fen)),
        (T("期末可提现", "Available at the end"), money_shown(statement.closing_fen)),
        (T("出账时间", "Closed"), when_shown(statement.closed_at)),
    )
    return [(name.say(request.asker.zh), value) for name, value in pairs]


def _said(shown: int, count: int, *, zh: bool) -> str:
    if shown < count:
        return (
            f"记账明细（前 {shown} 笔，共 {count} 笔，完整明细见 CSV）"
            if zh
            else f"Bookings ({shown} of {count}; all: CSV)"
        )
    return f"记账明细（{count} 笔）" if zh else f"Bookings ({count})"


def _kind(kind: str, zh: bool) -> str:
    return KINDS[kind][0 if zh else 1] if kind in KINDS else kind


def _name(request: Any, statement: StatementShown, kind: str) -> str:
    return f"{request.asker.party.no}-{statement.month:%Y-%m}.{kind}"


def _owner(request: Any) -> str:
    party = request.asker.party
    return f"{party.kind.value}:{party.id}"
