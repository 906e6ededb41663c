"""Applications to the network: the queue, the answers (each look is recorded), pass or reject with a reason."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import reverse

from tuike.doors.console import lists
from tuike.doors.console.keys import asker_key
from tuike.doors.console.operator import looked_at
from tuike.doors.console.operator.drawn import Deed, Details, Field, Form, asked, details, tags
from tuike.doors.console.text import T, money_shown
from tuike.files.types import FileShown
from tuike.flows import decide_applications
from tuike.insight.lists.network import APPLICATIONS, APPLIED
from tuike.kit.errors import NotFound
from tuike.network import queries
from tuike.network import service as network
from tuike.network.types import ApplicationClosed, ApplicationShown, ApplicationState, FieldKind, NewForm, Thresholds
from tuike.parties import queries as parties
from tuike.people import queries as people

STATES = tags(APPLICATIONS)
YES, NO = T("已满足", "met"), T("未满足", "not met")
_PICTURE = "operator-application-picture"


def page(request: Any) -> HttpResponse:
    """List the applications."""
    return lists.show(
        request,
        APPLIED,
        scope={},
        title=T("推客申请", "Applications"),
        lead=T(
            "申请表的自动规则先行审核，其余由人工处理。查看申请内容会记入审计日志。",
            "The form's rules decide first, people the rest. Each look at answers goes into the audit log.",
        ),
        row="console:operator-application",
        row_key="no__no",
        empty=(
            T("没有申请", "No applications here"),
            T("启用申请表后，新推客的申请会出现在这里。", "With a form in force, who wants to come in appears here."),
        ),
    )


def one(request: Any, *, no: str) -> HttpResponse:
    """Show an application without its answers."""
    return details(request, _details(request, _found(no)))


def look(request: Any, *, no: str) -> HttpResponse:
    """Show the answers in clear; the look is recorded before anything is shown."""
    _found(no)
    asker = request.asker
    answers = decide_applications.look_at_application(no=no, actor=asker.actor, now=asker.now)
    return details(request, _details(request, _found(no), answers))


def picture(request: Any, *, signed: str) -> HttpResponse:
    """Answer one picture of a look that this person has just had.

    Raises:
        NotFound: somebody else's look, or an old one.
    """
    return looked_at.picture(request, signed, route=_PICTURE)


def passed(request: Any, *, no: str) -> HttpResponse:
    """Ask, and let the promoter in."""
    found = _found(no)
    form = Form(
        T("通过申请", "Pass the application"),
        request.path,
        T("通过", "Pass"),
        facts=[*_facts(found), *_thresholds(found)],
        note=T("通过后该推客即可推广。", "The promoter may promote from now on."),
    )
    return asked(request, form, lambda: _decide(request, no, admit=True))


def rejected(request: Any, *, no: str) -> HttpResponse:
    """Ask for the reason, and reject."""
    found = _found(no)
    days = queries.forms([found.form_id])[found.form_id].form.reapply_days
    form = Form(
        T("拒绝申请", "Reject the application"),
        request.path,
        T("拒绝", "Reject"),
        fields=[Field("reason", T("原因", "Reason"), "area", hint=T("申请人会看到原因。", "Who applied reads it."))],
        facts=_facts(found),
        note=T(
            "已缴纳的保证金原路退还；{n} 天后可再次申请。",
            "A deposit goes back as it was paid; they may apply again after {n} days.",
        ).fill(n=days),
        danger=True,
    )
    return asked(request, form, lambda: _decide(request, no, admit=False))


def _decide(request: Any, no: str, *, admit: bool) -> T:
    asker = request.asker
    decide_applications.decide_by_hand(
        no=no,
        admit=admit,
        reason=request.POST.get("reason", ""),
        actor=asker.actor,
        now=asker.now,
        key=asker_key(request),
    )
    return T("已通过申请", "Passed") if admit else T("已拒绝申请", "Rejected")


def _found(no: str) -> ApplicationShown:
    try:
        return queries.application(no)
    except ApplicationClosed as error:
        raise NotFound from error


def _facts(found: ApplicationShown) -> list[tuple[T, object, str]]:
    promoter = parties.refs([found.promoter_id])[found.promoter_id]
    came = queries.arrivals([found.promoter_id]).get(found.promoter_id)
    return [
        (T("推客", "Promoter"), promoter.name, "text"),
        (T("推客编号", "Number"), promoter.no, "copy"),
        *([(T("邀请方", "Invited by"), f"{came.owner_name}（{came.owner_no}）", "text")] if came else []),
        (T("提交时间", "Filed"), found.filed_at, "when"),
    ]


def _thresholds(found: ApplicationShown) -> list[tuple[T, object, str]]:
    """Return what the form asks for beside answers, and whether it is there."""
    form = queries.forms([found.form_id])[found.form_id].form
    known: Thresholds = decide_applications.known_of([found])[found.no]
    missing = network.missing_of(form, known)
    rows: list[tuple[T, object, str]] = []
    if form.real_name:
        rows.append((T("实名认证", "Certification"), NO if "real_name" in missing else YES, "text"))
    for name, words, asked_fen, has_fen in (
        ("deposit", T("保证金", "Deposit"), form.deposit_fen, known.deposit_fen),
        ("purchases", T("自购金额", "Own purchases"), form.purchases_fen, known.purchases_fen),
    ):
        if asked_fen:
            said = T("{state}（{has} / {asked}）", "{state} ({has} of {asked})").fill(
                state=NO if name in missing else YES, has=money_shown(has_fen), asked=money_shown(asked_fen)
            )
            rows.append((words, said, "text"))
    return rows


def _details(request: Any, found: ApplicationShown, answers: Mapping[str, Any] | None = None) -> Details:
    party_no, asker = request.asker.party.no, request.asker
    edition = queries.forms([found.form_id])[found.form_id]
    may = asker.may("operator-application-look", "POST")

    def url(name: str) -> str:
        return reverse(f"console:operator-application-{name}", args=[party_no, found.no])

    deeds = []
    if answers is None and may:
        deeds.append(Deed(T("查看申请内容", "Show the answers"), url("look"), "drawer", icon="eye"))
    if found.state is ApplicationState.FILED and may:
        deeds.append(Deed(T("拒绝", "Reject"), url("reject"), style="danger"))
        deeds.append(Deed(T("通过", "Pass"), url("pass"), style="pri"))
    facts = [*_facts(found), (T("申请表版本", "Edition"), edition.edition, "count"), *_thresholds(found)]
    if found.decided_at:
        decider = people.refs([found.decided_by]).get(found.decided_by) if found.decided_by else None
        facts += [
            (T("处理时间", "Decided"), found.decided_at, "when"),
            (T("处理人", "By"), decider.called if decider else T("自动规则", "the rules"), "text"),
        ]
    if found.reason:
        facts.append((T("原因", "Reason"), found.reason, "text"))
    pictures = _pictures(request, edition.form, answers or {})
    return Details(
        title=found.no,
        state=STATES[found.state],
        note=T("本次查看已记入审计日志。", "This look is in the audit log.") if answers is not None else None,
        facts=facts + _answers(edition.form, answers),
        deeds=deeds,
        more="console/operator/documents.html" if pictures else "",
        context={"pictures": pictures},
    )


def _answers(form: NewForm, answers: Mapping[str, Any] | None) -> list[tuple[T, object, str]]:
    if answers is None:
        return []
    return [
        (T(one.zh, one.en or one.zh), str(answers.get(one.key, "—")), "text")
        for one in form.fields
        if one.kind is not FieldKind.PICTURE
    ]


def _pictures(request: Any, form: NewForm, answers: Mapping[str, Any]) -> list[tuple[FileShown, str]]:
    keys = [one.key for one in form.fields if one.kind is FieldKind.PICTURE]
    return looked_at.addressed(request, [no for key in keys for no in answers.get(key, [])], route=_PICTURE)
