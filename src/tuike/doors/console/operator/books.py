"""The books: trial balance, the accounts of a line, the entries of an account, the transfer of an entry."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tuike.checkups import queries as checkups
from tuike.doors.console import answers, lists, receipts
from tuike.doors.console.operator.drawn import Deed, Details, details
from tuike.doors.console.text import T, money_shown
from tuike.insight import books
from tuike.insight.explain import UnknownNumber, explain
from tuike.insight.lists.operator_books import ACCOUNTS, ENTRIES, GROUPS, PURPOSES
from tuike.kit.errors import NotFound


def page(request: Any) -> HttpResponse:
    """Show the books; the trial balance, which reads every account, is asked for by the page (`part=balance`)."""
    if request.GET.get("part") == "balance":
        return _balance(request)
    return render(request, "console/operator/books.html", {"last": checkups.last_of()})


def _balance(request: Any) -> HttpResponse:
    """Show the trial balance by unit, with its proof that it adds up to nothing."""
    lines = books.trial_balance()
    units = []
    for unit in sorted({line.unit for line in lines}):
        own = [line for line in lines if line.unit == unit]
        drawn = [(line, T(*GROUPS.get(line.group, (line.group,) * 2)), T(*_purpose(line.purpose))) for line in own]
        sums = (sum(line.positive_fen for line in own), sum(line.negative_fen for line in own))
        units.append((unit, drawn, sums, sum(sums) == 0))
    return render(request, "console/operator/books_balance.html", {"units": units})


def accounts(request: Any, *, group: str, purpose: str, unit: str) -> HttpResponse:
    """List the accounts of one line of the trial balance."""
    purpose = "" if purpose == "-" else purpose
    if group not in GROUPS or purpose not in PURPOSES:
        raise NotFound
    return lists.show(
        request,
        ACCOUNTS,
        scope={"group": group, "purpose": purpose, "unit": unit},
        title=T("{group} · {purpose}", "{group} · {purpose}").fill(
            group=T(*GROUPS[group]), purpose=T(*PURPOSES[purpose])
        ),
        lead=T("点账户查看每一笔分录。", "Open an account for its entries."),
        acts="console/operator/books_back.html",
        row="console:operator-entries",
        row_open="page",
    )


def entries(request: Any, *, account_id: int) -> HttpResponse:
    """List the entries of an account."""
    account = books.account_by_id(account_id)
    if account is None:
        raise NotFound
    return lists.show(
        request,
        ENTRIES,
        scope={"account": account_id},
        title=T(account.path, account.path),
        lead=T("余额 {fen}，{n} 笔分录", "Balance {fen}, {n} entries").fill(
            fen=money_shown(account.balance_fen), n=account.version
        ),
        acts="console/operator/books_back.html",
        row="console:operator-transfer",
    )


def transfer(request: Any, *, entry_id: int) -> HttpResponse:
    """Show the transfer of an entry, with the accounts that it moved and what it came from."""
    found = books.transfer_of_entry(entry_id)
    if found is None:
        raise NotFound
    key, source = found
    (receipt,) = explain(key)
    kind, _, number = source.partition(":")
    deeds = []
    if number and kind in ("withdrawal", "batch", "adjustment", "refund"):
        url = f"{reverse('console:operator-explain', args=[request.asker.party.no])}?q={number}"
        deeds.append(Deed(T("查看来源", "What it came from"), url, "page", icon="receipt"))
    drawn = receipts.drawn(receipt, zh=request.asker.zh)
    return details(request, Details(title=drawn.title, receipt=drawn, deeds=deeds))


def explained(request: Any) -> HttpResponse:
    """Explain any number of the alliance, as a receipt."""
    asked = request.GET.get("q", "").strip()[:120]
    context: dict[str, Any] = {"asked": asked}
    problem = None
    if asked:
        try:
            context["receipts"] = [receipts.drawn(one, zh=request.asker.zh) for one in explain(asked)]
        except UnknownNumber as refusal:
            problem = refusal
    context["problem"] = problem
    status = 404 if problem and not answers.by_htmx(request) else 200
    return render(request, "console/operator/explain.html", context, status=status)


def _purpose(purpose: str) -> tuple[str, str]:
    return PURPOSES.get(purpose, (purpose, purpose))
