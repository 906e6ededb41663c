"""Files for the bank: approved bank withdrawals become one, its outcomes come back as one."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tuike.doors.console import answers
from tuike.doors.console.operator.drawn import Field, Form, ask
from tuike.doors.console.text import T, money_shown
from tuike.flows.export_bank_batch import BankBatch, bank_batch_file, export_bank_batch
from tuike.flows.import_bank_outcomes import import_bank_outcomes
from tuike.gateways.bank_files import FILE_LIMIT
from tuike.kit.errors import Invalid, NotFound, Refusal
from tuike.settlement import queries
from tuike.settlement.types import Rail


def page(request: Any) -> HttpResponse:
    """Show what waits for the bank and the files that were made."""
    waiting, net_fen = queries.to_send(Rail.BANK)
    context = {
        "batches": queries.bank_batches(limit=100),
        "waiting": waiting,
        "net_fen": net_fen,
        "may": request.asker.may("operator-payouts-make", "POST"),
    }
    return render(request, "console/operator/payouts.html", context)


def make(request: Any) -> HttpResponse:
    """Mark what waits as sent, in one file; the page then offers it."""
    made = export_bank_batch(actor=request.asker.actor, now=request.asker.now)
    words = T(
        "批次 {no}：{n} 笔，{fen}。请下载文件交给银行。", "Batch {no}: {n} payouts, {fen}. Download it for the bank."
    )
    return answers.to(
        request,
        reverse("console:operator-payouts", args=[request.asker.party.no]),
        toast=words.fill(no=made.no, n=made.payouts, fen=money_shown(made.net_fen)),
    )


def download(request: Any, *, batch_no: str) -> HttpResponse:
    """Answer a batch's file, byte for byte as it was made; each time is recorded."""
    return _file(bank_batch_file(no=batch_no, actor=request.asker.actor, now=request.asker.now))


def outcomes(request: Any, *, batch_no: str) -> HttpResponse:
    """Ask for the bank's file and take it, whole or not at all; a batch that doesn't exist is not found."""
    if not queries.payouts_in(batch_no):
        raise NotFound
    form = Form(
        T("导入银行回单", "The bank's outcomes"),
        request.path,
        T("导入", "Import"),
        fields=[
            Field(
                "file",
                T("回单文件（CSV）", "The bank's file (CSV)"),
                "file",
                accept=".csv,text/csv",
                hint=T(
                    "列：payout_no, outcome（paid 或 returned）, bank_ref, reason, settled_at，可有 amount_fen。",
                    "Columns: payout_no, outcome (paid or returned), bank_ref, reason, settled_at; amount_fen if any.",
                ),
            )
        ],
        facts=[(T("批次", "Batch"), batch_no, "copy")],
        note=T(
            "整个文件要么全部导入，要么一行都不导入；同一文件再次导入不会改变任何东西。",
            "The file is taken whole or not at all; the same file again changes nothing.",
        ),
    )
    if request.method == "GET":
        return ask(request, form)
    try:
        file = request.FILES.get("file")
        if file is None or file.size > FILE_LIMIT:
            raise Invalid(field="file", reason_zh="请选择 16 MB 以内的文件", reason_en="a file of at most 16 MB")
        done = import_bank_outcomes(
            batch_no=batch_no, file=file.read(), actor=request.asker.actor, now=request.asker.now
        )
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return ask(request, form, refusal)
    words = T(
        "已到账 {paid} 笔，退回 {returned} 笔，重复 {repeated} 笔，矛盾 {conflicts} 笔",
        "{paid} arrived, {returned} came back, {repeated} known before, {conflicts} contradict",
    )
    return answers.to(
        request,
        reverse("console:operator-payouts", args=[request.asker.party.no]),
        toast=words.fill(paid=done.paid, returned=done.returned, repeated=done.repeated, conflicts=done.conflicts),
        kind="bad" if done.conflicts else "good",
    )


def _file(made: BankBatch) -> HttpResponse:
    answer = HttpResponse(made.file, content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = answers.attachment(f"{made.no}.csv")
    return answer
