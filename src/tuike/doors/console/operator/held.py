"""Commission under review: held, released or rejected, one or many, with a reason."""

import re
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tuike.commission import queries
from tuike.commission.types import AccrualShown
from tuike.doors.console import lists, receipts
from tuike.doors.console.keys import asker_key
from tuike.doors.console.lists import BulkAct
from tuike.doors.console.operator import findings
from tuike.doors.console.operator.drawn import Deed, Details, Field, Form, asked, details, tags
from tuike.doors.console.text import T
from tuike.flows.review_accruals import review_accruals
from tuike.insight.explain import explain_accrual
from tuike.insight.lists.appeals import now_scope
from tuike.insight.lists.operator_queues import HELD, REVIEWS, ROLES
from tuike.kit.errors import Invalid, NotFound
from tuike.scoring import queries as scores
from tuike.settings import service as settings

STATES = tags(REVIEWS)
_NUMBER = re.compile(r"[Aa]?(\d{1,18})")
_VERBS = {
    "hold": (
        T("冻结佣金", "Hold commission"),
        T("冻结", "Hold"),
        T("审核期间不结算；放行后按到期日结算。", "It doesn't settle meanwhile; once released it settles on its day."),
        T("已冻结 {n} 笔", "{n} held"),
    ),
    "release": (
        T("放行佣金", "Release commission"),
        T("放行", "Release"),
        T("已到期的在下一次结算时结算。", "What is due settles with the next batch."),
        T("已放行 {n} 笔", "{n} released"),
    ),
    "reject": (
        T("驳回佣金", "Reject commission"),
        T("驳回", "Reject"),
        T("佣金取消，款项退回出资方，不能撤回。", "It is cancelled for good; the money goes back to who paid it."),
        T("已驳回 {n} 笔", "{n} rejected"),
    ),
}


def page(request: Any) -> HttpResponse:
    """List what is or was under review."""
    may = request.asker.may("operator-held-release", "POST")
    bulk = [
        BulkAct(T("放行", "Release"), "console:operator-held-release", "check", dialog=True),
        BulkAct(T("冻结", "Hold"), "console:operator-held-hold", "pause", dialog=True),
        BulkAct(T("驳回", "Reject"), "console:operator-held-reject", "x", danger=True, dialog=True),
    ]
    return lists.show(
        request,
        HELD,
        scope=now_scope(request.asker.now, hours=settings.get("review_hours")),
        title=T("佣金审核", "Commission under review"),
        lead=T(
            "冻结中的佣金不结算，由运营放行或驳回。", "What is held doesn't settle until it is released or rejected."
        ),
        acts="console/operator/held_acts.html",
        row="console:operator-accrual",
        bulk=bulk if may else (),
        empty=(T("没有审核中的佣金", "Nothing is under review"), T("可按佣金编号冻结。", "Hold one by its number.")),
        extra={"may_hold": may},
    )


def one(request: Any, *, accrual_id: int) -> HttpResponse:
    """Explain an accrual, with what can be decided about it."""
    found = next(iter(queries.accruals_by_id([accrual_id])), None)
    if found is None:
        raise NotFound
    receipt = explain_accrual(accrual_id)
    return details(
        request,
        Details(
            title=f"A{accrual_id}",
            state=STATES.get(found.review),
            facts=[
                (T("角色", "Role"), T(*ROLES[found.role]), "text"),
                (T("佣金", "Amount"), found.amount_fen, "money"),
                *_scored(accrual_id),
            ],
            receipt=receipts.drawn(receipt, zh=request.asker.zh),
            deeds=_deeds(request, found),
        ),
    )


def _scored(accrual_id: int) -> list[tuple[T, object, str]]:
    """Return the risk score of an accrual's order as it stands, and what it is made of."""
    order_no = next(one.order_no for one in queries.touched_by_accruals([accrual_id]))
    return findings.of_score(scores.scores_of([order_no]).get(order_no))


def hold(request: Any) -> HttpResponse:
    """Ask which accrual and why, and hold it; or those that were chosen."""
    if "ids" in (request.GET if request.method == "GET" else request.POST):
        return _decide(request, "hold")
    form = _form(request, "hold", [Field("no", T("佣金编号", "Accrual"), hint=T("如 A42", "such as A42"), most=20)])

    def work() -> T:
        match = _NUMBER.fullmatch(request.POST.get("no", "").strip())
        if not match:
            raise Invalid(field="no", reason_zh="请输入佣金编号，如 A42", reason_en="an accrual's number, such as A42")
        return _review(request, "hold", [int(match[1])])

    return asked(request, form, work)


def release(request: Any) -> HttpResponse:
    """Ask why, and release those that were chosen."""
    return _decide(request, "release")


def reject(request: Any) -> HttpResponse:
    """Ask why, and reject those that were chosen."""
    return _decide(request, "reject")


def _decide(request: Any, verb: str) -> HttpResponse:
    given = request.GET if request.method == "GET" else request.POST
    ids = [int(one) for part in given.getlist("ids") for one in part.split(",") if one.isascii() and one.isdigit()]
    chosen = Field("ids", T("佣金编号", "Accruals"), "hidden", value=",".join(map(str, ids)))
    return asked(request, _form(request, verb, [chosen], count=len(ids)), lambda: _review(request, verb, ids))


def _form(request: Any, verb: str, fields: list[Field], *, count: int = 0) -> Form:
    title, submit, note, _ = _VERBS[verb]
    reason = Field("reason", T("原因", "Reason"), "area")
    facts = [(T("已选", "Chosen"), count, "count")] if count else []
    return Form(title, request.path, submit, [*fields, reason], note=note, facts=facts, danger=verb == "reject")


def _review(request: Any, verb: str, ids: list[int]) -> T:
    asker = request.asker
    done = review_accruals(
        verb=verb,
        accrual_ids=ids,
        reason=request.POST.get("reason", ""),
        actor=asker.actor,
        now=asker.now,
        key=asker_key(request),
    )
    return _VERBS[verb][3].fill(n=done)


def _deeds(request: Any, one: AccrualShown) -> list[Deed]:
    evidence = reverse("console:operator-evidence", args=[request.asker.party.no, one.accrual_id])
    looks = [Deed(T("审核依据", "Evidence"), evidence, "page", icon="search")]
    return [*looks, *decisions(request, one)]


def decisions(request: Any, one: AccrualShown) -> list[Deed]:
    """Return the buttons by which this seat may decide on an accrual."""
    if not request.asker.may("operator-held-release", "POST"):
        return []

    def url(name: str) -> str:
        return reverse(f"console:operator-held-{name}", args=[request.asker.party.no]) + f"?ids={one.accrual_id}"

    if one.review in ("clear", "approved") and one.state in ("waiting", "pending"):
        return [Deed(T("冻结", "Hold"), url("hold"), icon="pause")]
    if one.review != "held":
        return []
    return [
        Deed(T("驳回", "Reject"), url("reject"), style="danger"),
        Deed(T("放行", "Release"), url("release"), style="pri"),
    ]
