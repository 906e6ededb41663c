"""A promoter's or leader's own appeals: file one, see where it stands, reply once, take it back."""

from datetime import UTC, datetime
from typing import Any

from django.http import HttpResponse

from tuike.appeals import queries
from tuike.appeals.types import PURPOSE, AppealShown, AppealState
from tuike.commission import queries as commission
from tuike.commission.types import Reviewed
from tuike.doors.console import answers, lists
from tuike.doors.console.appeals import talk
from tuike.doors.console.keys import asker_key
from tuike.doors.console.operator.drawn import Deed, Details, Form, asked, details
from tuike.doors.console.text import T, when_shown
from tuike.files import queries as kept
from tuike.files import service as files
from tuike.flows import appeal_commission
from tuike.insight.lists.appeals import OWN_APPEALS
from tuike.kit.errors import NotFound

_MUST_BE_SAID = T("平台会在时限内答复，结果在这里和消息中查看。", "The answer comes in time, here and under the bell.")


def page(request: Any) -> HttpResponse:
    """List the party's appeals."""
    kind = request.asker.party.kind.value
    return lists.show(
        request,
        OWN_APPEALS,
        scope={"party": request.asker.party_id},
        title=T("佣金申诉", "Appeals"),
        lead=T(
            "佣金被冻结或驳回时，可在佣金明细中打开该笔佣金提出申诉。",
            "When commission is held or was rejected, open it in the commission explorer to appeal.",
        ),
        row=f"console:{kind}-appeal",
        row_key="no",
        empty=(
            T("没有申诉", "No appeals"),
            T("在佣金明细中打开被冻结或驳回的佣金即可申诉。", "Open held or rejected commission in the explorer."),
        ),
    )


def one(request: Any, *, no: str) -> HttpResponse:
    """Show one of the party's appeals: what was said, until when it is answered."""
    found, asker = _found(request, no), request.asker
    kind = asker.party.kind.value
    may = asker.may(f"{kind}-appeal-reply", "POST")
    deeds = []
    if may and found.state is AppealState.OPEN:
        deeds.append(Deed(T("撤回申诉", "Withdraw"), answers.url(request, "appeal-withdraw", no=no), style="danger"))
    if may and found.state is AppealState.REFUSED and found.round == 1:
        deeds.append(Deed(T("补充说明", "Reply"), answers.url(request, "appeal-reply", no=no), style="pri"))
    return details(
        request,
        Details(
            title=found.no,
            state=talk.TAGS[found.state],
            facts=_facts(found, asker.now),
            deeds=deeds,
            more="console/appeals/talk.html",
            context={"entries": talk.entries(found, address=_address(request), names=False, desk=False)},
        ),
    )


def new(request: Any, *, accrual_id: int) -> HttpResponse:
    """Ask what there is to say, and file the appeal."""
    own = _own(request, accrual_id)
    form = Form(
        T("佣金申诉", "Appeal"),
        request.path,
        T("提交申诉", "File the appeal"),
        fields=talk.fields(),
        facts=[
            (T("佣金编号", "Accrual"), f"A{accrual_id}", "text"),
            (T("订单号", "Order"), own.order_no, "text"),
            (T("涉及佣金", "At stake"), own.rejected_fen or own.amount_fen, "money"),
        ],
        note=_MUST_BE_SAID,
    )

    def work() -> T:
        asker = request.asker
        no = appeal_commission.appeal_commission(
            party_id=asker.party_id,
            accrual_id=accrual_id,
            text=request.POST.get("text", ""),
            pictures=talk.pictures(request),
            actor=asker.actor,
            now=asker.now,
            key=asker_key(request),
        )
        return T("申诉 {no} 已提交", "Appeal {no} is filed").fill(no=no)

    return asked(request, form, work)


def reply(request: Any, *, no: str) -> HttpResponse:
    """Ask what there is to add, and reply."""
    _found(request, no)
    form = Form(
        T("补充说明", "Reply to the answer"),
        request.path,
        T("提交", "Send"),
        fields=talk.fields(),
        note=T("只能补充一次，平台复核后给出最终答复。", "There is one reply; the answer to it is the last."),
    )

    def work() -> T:
        asker = request.asker
        appeal_commission.reply_to_answer(
            party_id=asker.party_id,
            no=no,
            text=request.POST.get("text", ""),
            pictures=talk.pictures(request),
            actor=asker.actor,
            now=asker.now,
            key=asker_key(request),
        )
        return T("补充说明已提交", "Your reply is sent")

    return asked(request, form, work)


def withdraw(request: Any, *, no: str) -> HttpResponse:
    """Ask, and take the appeal back."""
    found, asker = _found(request, no), request.asker
    form = Form(
        T("撤回申诉", "Withdraw the appeal"),
        request.path,
        T("撤回", "Withdraw"),
        facts=_facts(found, asker.now)[:3],
        note=T("撤回后在期限内可以重新申诉。", "You may appeal anew in the days that are left."),
        danger=True,
    )

    def work() -> T:
        appeal_commission.withdraw_appeal(
            party_id=asker.party_id, no=no, actor=asker.actor, now=asker.now, key=asker_key(request)
        )
        return T("申诉已撤回", "The appeal is withdrawn")

    return asked(request, form, work)


def picture(request: Any, *, file_no: str) -> HttpResponse:
    """Answer one picture of the party's own appeals."""
    shown = kept.own_file(file_no, party_id=request.asker.party_id)
    if shown is None or shown.purpose != PURPOSE or not queries.picture_of(file_no, party_id=request.asker.party_id):
        raise NotFound
    return HttpResponse(files.opened(no=file_no), content_type=shown.media_type)


def offered(request: Any, accrual_id: int) -> list[Deed]:
    """Return the buttons under one of the payee's own accruals: to appeal, and to the appeals about it."""
    asker = request.asker
    kind = asker.party.kind.value
    if kind not in ("promoter", "leader") or not asker.may(f"{kind}-appeal"):
        return []
    deeds = [
        Deed(T("申诉 {no}", "Appeal {no}").fill(no=each.no), answers.url(request, "appeal", no=each.no), "page")
        for each in queries.of_accrual(accrual_id)
        if each.party_id == asker.party_id
    ]
    stands = commission.reviewed([accrual_id]).get(accrual_id)
    until = appeal_commission.appealable(stands, now=asker.now) if stands else None
    if until is not None and asker.may(f"{kind}-appeal-new", "POST"):
        words = T("申诉", "Appeal")
        if until < datetime(9000, 1, 1, tzinfo=UTC):
            words = T("申诉（{at} 前）", "Appeal (until {at})").fill(at=when_shown(until))
        deeds.append(Deed(words, answers.url(request, "appeal-new", accrual_id=accrual_id), style="pri"))
    return deeds


def _found(request: Any, no: str) -> AppealShown:
    found = queries.own_appeal(no, party_id=request.asker.party_id)
    if found is None:
        raise NotFound
    return found


def _own(request: Any, accrual_id: int) -> Reviewed:
    found = commission.reviewed([accrual_id]).get(accrual_id)
    party = request.asker.party
    if found is None or (found.payee.kind, found.payee.id) != (party.kind.value, party.id):
        raise NotFound
    return found


def _address(request: Any) -> Any:
    return lambda no: answers.url(request, "appeal-picture", file_no=no)


def _facts(found: AppealShown, now: datetime) -> list[tuple[T, object, str]]:
    order_no = commission.reviewed([found.accrual_id])[found.accrual_id].order_no
    facts: list[tuple[T, object, str]] = [
        (T("申诉事项", "About"), talk.MATTERS[found.about], "tag"),
        (T("佣金编号", "Accrual"), f"A{found.accrual_id}", "text"),
        (T("涉及佣金", "At stake"), found.amount_fen, "money"),
        (T("订单号", "Order"), order_no, "copy"),
        (T("提交时间", "Filed"), found.opened_at, "when"),
    ]
    if found.state is AppealState.OPEN:
        facts += [
            (T("答复时限", "Answered by"), found.due_at, "when"),
            (T("时限状态", "Time left"), talk.left(found.due_at, now), "tag"),
        ]
    if found.answered_at and found.state is not AppealState.APPROVING:
        facts.append((T("处理时间", "Ended"), found.answered_at, "when"))
    return facts
