"""The operator's desk answers appeals: the queue with its timers, release, payment by two people, or a refusal."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tuike.appeals import queries
from tuike.appeals.types import About, AppealShown, AppealState
from tuike.commission import queries as commission
from tuike.doors.console import lists
from tuike.doors.console.appeals import talk
from tuike.doors.console.keys import asker_key
from tuike.doors.console.operator import looked_at
from tuike.doors.console.operator.drawn import Deed, Details, Field, Form, asked, details, typed_fen
from tuike.doors.console.text import T
from tuike.flows import answer_appeals
from tuike.insight.lists.appeals import APPEALS, now_scope
from tuike.kit.errors import NotFound
from tuike.parties import queries as parties

_PICTURE = "operator-appeal-picture"
_REASON = Field("reason", T("答复", "Answer"), "area", hint=T("申诉人会看到答复。", "Who appealed reads it."))


def page(request: Any) -> HttpResponse:
    """List the appeals."""
    return lists.show(
        request,
        APPEALS,
        scope=now_scope(request.asker.now),
        title=T("佣金申诉", "Appeals"),
        lead=T(
            "推客和团长对冻结或驳回的佣金提出的申诉，须在时限内答复。",
            "What promoters and leaders say to commission that was held or rejected; to be answered in time.",
        ),
        row="console:operator-appeal",
        row_key="no",
        empty=(T("没有申诉", "No appeals here"), T("有人申诉时会出现在这里。", "They are here once somebody appeals.")),
    )


def one(request: Any, *, no: str) -> HttpResponse:
    """Show an appeal without its pictures, and what can be answered."""
    return _shown(request, _found(no), None)


def look(request: Any, *, no: str) -> HttpResponse:
    """Show the appeal with its pictures; the look is recorded before anything is shown."""
    found, asker = _found(no), request.asker
    return _shown(request, found, answer_appeals.look_at_appeal(no=no, actor=asker.actor, now=asker.now))


def picture(request: Any, *, signed: str) -> HttpResponse:
    """Answer one picture of a look that this person has just had.

    Raises:
        NotFound: somebody else's look, or an old one.
    """
    return looked_at.picture(request, signed, route=_PICTURE)


def release(request: Any, *, no: str) -> HttpResponse:
    """Ask what to answer, and release what is held."""
    form = Form(
        T("通过申诉并放行", "Accept and release"),
        request.path,
        T("通过并放行", "Accept and release"),
        fields=[_REASON],
        facts=_facts(request, _found(no)),
        note=T("佣金放行，到期后结算。", "The commission is released and settles on its day."),
    )
    return asked(request, form, lambda: _answered(request, no, answer_appeals.release_appealed))


def pay(request: Any, *, no: str) -> HttpResponse:
    """Ask how much and what to answer, and file the correction."""
    found, asker = _found(no), request.asker
    whole = f"{found.amount_fen // 100}.{found.amount_fen % 100:02d}"
    form = Form(
        T("通过申诉并补发", "Accept and pay"),
        request.path,
        T("提交审批", "File for approval"),
        fields=[Field("amount", T("补发金额", "Amount"), "yuan", value=whole), _REASON],
        facts=_facts(request, found),
        note=T(
            "由平台补发，须另一位同事在“人工调整”中审批；审批后申诉通过，未通过则重新待答复。",
            "The platform pays. Another person decides the adjustment: with it the appeal is accepted, or open again.",
        ),
    )

    def work() -> T:
        made = answer_appeals.pay_appealed(
            no=no,
            amount_fen=typed_fen(request, "amount"),
            reason=request.POST.get("reason", ""),
            actor=asker.actor,
            now=asker.now,
            key=asker_key(request),
        )
        return T("调整 {no} 待另一位同事审批", "Adjustment {no} waits for another person").fill(no=made)

    return asked(request, form, work)


def refuse(request: Any, *, no: str) -> HttpResponse:
    """Ask why, and refuse."""
    found = _found(no)
    once = T("申诉人可补充一次说明。", "They may reply once.")
    last = T("这是最终答复。", "This is the last answer.")
    form = Form(
        T("拒绝申诉", "Refuse the appeal"),
        request.path,
        T("拒绝", "Refuse"),
        fields=[_REASON],
        facts=_facts(request, found),
        note=once if found.round == 1 else last,
        danger=True,
    )
    return asked(request, form, lambda: _answered(request, no, answer_appeals.refuse_appeal))


def _answered(request: Any, no: str, act: Any) -> T:
    asker, reason = request.asker, request.POST.get("reason", "")
    act(no=no, reason=reason, actor=asker.actor, now=asker.now, key=asker_key(request))
    return T("申诉 {no} 已答复", "Appeal {no} is answered").fill(no=no)


def _found(no: str) -> AppealShown:
    found = queries.appeal(no)
    if found is None:
        raise NotFound
    return found


def _facts(request: Any, found: AppealShown) -> list[tuple[T, object, str]]:
    party = parties.refs([found.party_id])[found.party_id]
    facts: list[tuple[T, object, str]] = [
        (T("申诉人", "Who appeals"), f"{party.name}（{party.no}）", "text"),
        (T("申诉事项", "About"), talk.MATTERS[found.about], "tag"),
        (T("佣金编号", "Accrual"), f"A{found.accrual_id}", "text"),
        (T("订单号", "Order"), commission.reviewed([found.accrual_id])[found.accrual_id].order_no, "copy"),
        (T("涉及佣金", "At stake"), found.amount_fen, "money"),
        (T("提交时间", "Filed"), found.opened_at, "when"),
    ]
    if found.state is AppealState.OPEN:
        facts += [
            (T("答复时限", "Answer by"), found.due_at, "when"),
            (T("时限状态", "Time left"), talk.left(found.due_at, request.asker.now), "tag"),
        ]
    if found.adjustment_no:
        facts.append((T("调整编号", "Adjustment"), found.adjustment_no, "copy"))
    return facts


def deeds(request: Any, found: AppealShown) -> list[Deed]:
    """Return what this seat may answer to an open appeal."""
    asker, made = request.asker, []
    if found.state is not AppealState.OPEN:
        return []
    named = [("refuse", T("拒绝申诉", "Refuse"), "danger")]
    if found.about is About.HELD:
        named.append(("release", T("通过并放行", "Accept and release"), "pri"))
    else:
        named.append(("pay", T("通过并补发", "Accept and pay"), "pri"))
    for name, words, style in named:
        if asker.may(f"operator-appeal-{name}", "POST"):
            made.append(Deed(words, _url(request, name, found.no), style=style))
    return made


def _url(request: Any, name: str, no: str) -> str:
    return reverse(f"console:operator-appeal-{name}", args=[request.asker.party.no, no])


def _shown(request: Any, found: AppealShown, numbers: Sequence[str] | None) -> HttpResponse:
    asker = request.asker
    addresses = {file.no: url for file, url in looked_at.addressed(request, numbers, route=_PICTURE)} if numbers else {}
    said = talk.entries(
        found,
        address=addresses.get if numbers is not None else None,
        names=True,
        desk=True,  # type: ignore[arg-type]
    )
    more: list[Deed] = []
    if numbers is None and any(each.hidden for each in said) and asker.may("operator-appeal-look", "POST"):
        more.append(Deed(T("查看图片", "Show the pictures"), _url(request, "look", found.no), "drawer", icon="eye"))
    evidence = reverse("console:operator-evidence", args=[asker.party.no, found.accrual_id])
    more.append(Deed(T("审核依据", "Evidence"), evidence, "page", icon="search"))
    return details(
        request,
        Details(
            title=found.no,
            state=talk.TAGS[found.state],
            note=T("本次查看已记入审计日志。", "This look is in the audit log.") if numbers is not None else None,
            facts=_facts(request, found),
            deeds=[*more, *deeds(request, found)],
            more="console/appeals/talk.html",
            context={"entries": said},
        ),
    )
