"""A shop in leaders' activities: what is open, enrolling products, its enrolments, cancelling, answering."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.cooperation import queries as cooperation_of
from tuike.cooperation.types import ActivityShown, CancelAnswer, EnrolmentState, ShownTo
from tuike.doors.console import answers, lists
from tuike.doors.console.cooperation import enrol_rows, shared
from tuike.doors.console.cooperation.enrol_rows import Row
from tuike.doors.console.merchant import reading
from tuike.doors.console.operator.drawn import Form, asked
from tuike.doors.console.text import T
from tuike.flows import cancel_cooperation, enrol_products, extend_cooperation
from tuike.insight.lists import contract
from tuike.kit import days
from tuike.kit.errors import Invalid, NotFound, Refusal
from tuike.parties import queries as parties


def page(request: Any) -> HttpResponse:
    """List the activities that take products now."""
    asker = request.asker
    return lists.show(
        request,
        contract.OPEN_ACTIVITIES,
        scope={"merchant": asker.party_id, "now": asker.now.isoformat()},
        title=T("招商活动 – 团长招商", "Leaders' activities"),
        lead=T(
            "带商品报名团长的活动：团长通过后，推客用活动素材带来的订单按约定佣金率计佣，并向团长支付服务费。",
            "Enrol products in a leader's activity: once passed, orders by its material pay promoters the agreed rate"
            " and the leader a service fee.",
        ),
        acts="console/cooperation/joining_acts.html",
        row="console:merchant-activity",
        row_key="title__no",
        row_open="page",
        export=False,
        empty=(
            T("暂时没有招商中的活动", "No activity takes products right now"),
            T("团长发布活动后会出现在这里。", "Activities come here once leaders publish them."),
        ),
    )


def activity(request: Any, *, no: str) -> HttpResponse:
    """Show an activity that takes products, and what the shop has enrolled in it."""
    asker = request.asker
    found = cooperation_of.open_activity(no=no, now=asker.now)
    mine = cooperation_of.enrolments_of_merchant(
        merchant_id=asker.party_id, activity_no=no, states=[EnrolmentState.APPLIED, EnrolmentState.ACTIVE], limit=200
    )
    context = _facts(found, request) | {
        "mine": len(mine),
        "contact": cooperation_of.contact_of_activity(no=no),
        "may": asker.may("merchant-activity-enrol", "POST"),
    }
    return render(request, "console/cooperation/open_activity.html", context)


def enrol(request: Any, *, no: str) -> HttpResponse:
    """Show the form, or enrol the products that were chosen, each at its own terms, all or none."""
    found = cooperation_of.open_activity(no=no, now=request.asker.now)
    if request.method == "GET":
        typed = dict.fromkeys(enrol_rows.COMMON, "") | {
            "all_service": reading_rate(found.floor.min_service_bps),
            "all_base": "0",
            "ends_at": days.shown(found.ends_at)[:16],
            "shown_to": ShownTo.LEADER.value,
        }
        return _form(request, found, typed)
    read, typed = enrol_rows.read(request, found), enrol_rows.typed(request)
    if not read.fit:
        return _form(request, found, typed, rows=read.rows, errors=read.errors)
    wanted = list(read.wanted.values())
    try:
        done = enrol_products.enrol_products(activity_no=no, wanted=wanted, by=shared.by(request))
    except NotFound:
        raise
    except Refusal as refusal:
        errors = enrol_rows.problems(refusal, typed)
        rows = read.rows if errors else enrol_rows.weighed(request, no, read)
        if not errors and not any(one.said for one in rows):
            errors = reading.problems(refusal)
        return _form(request, found, typed, rows=rows, errors=errors)
    words = T("已报名 {n} 个商品，等待团长审核", "Enrolled: {n}; the leader decides").fill(n=len(done))
    return answers.to(request, answers.url(request, "enrolments"), toast=words)


def preview(request: Any, *, no: str) -> HttpResponse:
    """Show what enrolling would owe at worst, or why not, product by product, without doing it.

    `rows`: as pieces of the form's rows, of all (`all`) or of one product; else as a dialog.
    """
    found = cooperation_of.open_activity(no=no, now=request.asker.now)
    read = enrol_rows.read(request, found)
    if asked := request.GET.get("rows", ""):
        kept = [one for one in read.rows if asked in ("all", one.product.no)]
        some = {one.product.product_id for one in kept}
        wanted = {id_: one for id_, one in read.wanted.items() if id_ in some}
        rows = enrol_rows.weighed(request, no, replace(read, rows=kept, wanted=wanted))
        return render(request, "console/cooperation/terms_said.html", {"rows": rows})
    if read.errors:
        field, reason = next(iter(read.errors.items()))
        raise Invalid(field=field, reason_zh=reason, reason_en=reason)
    rows = enrol_rows.weighed(request, no, read)
    rows = sorted(rows, key=lambda one: (one.owed is not None, one.owed.left_fen if one.owed else 0, one.product.no))
    return answers.dialog(request, "console/cooperation/preview.html", {"rows": rows})


def enrolments(request: Any) -> HttpResponse:
    """List the products that the shop has enrolled."""
    asker = request.asker
    return lists.show(
        request,
        contract.MY_ENROLMENTS,
        scope={"merchant": asker.party_id, "now": asker.now.isoformat()},
        title=T("我报名的招商活动 – 报名商品", "My enrolled products"),
        lead=T(
            "支付订单数达到基础支付单量即“团长已达成”。报名 30 日内、或已达成后取消合作须团长审核。",
            "The base is reached by paid orders. Within 30 days of enrolling, or once it is reached, a cancel takes"
            " the leader's consent.",
        ),
        acts="console/cooperation/enrolments_acts.html",
        row="console:merchant-enrolment",
        row_key="product__no",
        empty=(
            T("还没有报名商品", "Nothing is enrolled yet"),
            T("到“招商活动 – 团长招商”中选择活动报名。", "Choose an activity under Leaders' activities."),
        ),
    )


def drawer(request: Any, *, no: str) -> HttpResponse:
    """Show one of the shop's enrolments: whether it can be cancelled now, what waits for an answer."""
    one = cooperation_of.enrolment_of_merchant(merchant_id=request.asker.party_id, no=no)
    found = cooperation_of.can_cancel(one, request.asker.now)
    context = shared.shown(request, one) | {
        "can": T(found.zh, found.en),
        "can_now": found.answer in (CancelAnswer.AT_ONCE, CancelAnswer.WITHDRAW),
        "asks": found.answer in (CancelAnswer.AT_ONCE, CancelAnswer.LEADER_FOR_NOW, CancelAnswer.LEADER),
        "at_once": found.answer is CancelAnswer.AT_ONCE,
        "withdraws": found.answer is CancelAnswer.WITHDRAW,
        "may": request.asker.may("merchant-enrolment-cancel", "POST"),
        "ours": cooperation_of.contact_of_enrolment(no=no, promoter=False, now=request.asker.now),
    }
    return answers.drawer(request, "console/cooperation/enrolment.html", context)


def withdraw(request: Any, *, no: str) -> HttpResponse:
    """Take an application back that the leader hasn't decided on."""
    enrol_products.withdraw_enrolment(no=no, by=shared.by(request))
    return answers.done(T("已撤回报名", "Withdrawn"), refresh="list-changed")


def cancel(request: Any, *, no: str) -> HttpResponse:
    """Say what cancelling does now, and file it."""
    one = cooperation_of.enrolment_of_merchant(merchant_id=request.asker.party_id, no=no)
    found = cooperation_of.can_cancel(one, request.asker.now)
    at_once = found.answer is CancelAnswer.AT_ONCE
    form = Form(
        T("取消推广", "Cancel the promotion"),
        answers.url(request, "enrolment-cancel", no=no),
        T("确认取消", "Cancel it") if at_once else T("提交团长审核", "Ask the leader"),
        lead=T(found.zh, found.en),
        note=T(
            "取消后商品合作立即失效且不能恢复：此后的订单不再付团长服务费，已有订单按原约定结算。未处理的延长申请视为拒绝。",
            "It ends at once and for good: later orders owe the leader nothing, earlier ones keep their terms. An open"
            " wish for longer is refused by it.",
        )
        if at_once
        else T(
            "团长审核期间推广照常进行，佣金与服务费照常计算。未处理的延长申请视为拒绝。",
            "While the leader decides, promotion, commission and fees go on. An open wish for longer is refused by it.",
        ),
        danger=at_once,
    )

    def work() -> T:
        done = cancel_cooperation.ask_cancel(no=no, by=shared.by(request))
        note = cooperation_of.filed(done)
        return T(note.zh, note.en)

    return asked(request, form, work)


def answer(request: Any, *, no: str) -> HttpResponse:
    """Show what the leader asks for (处理申请), and agree or refuse."""
    one = cooperation_of.enrolment_of_merchant(merchant_id=request.asker.party_id, no=no)
    if request.method == "GET":
        context = shared.shown(request, one)
        return answers.dialog(request, "console/cooperation/answer.html", context)
    agree = request.POST.get("agree") == "1"
    extend_cooperation.answer_extension(no=no, agree=agree, by=shared.by(request))
    words = T("已同意团长延长推广时间", "The leader may promote longer")
    if not agree:
        words = T("已拒绝团长延长推广时间", "The leader's wish to promote longer was refused")
    return answers.done(words, refresh="list-changed")


def reading_rate(bps: int) -> str:
    """Return a rate as a person types it: 1250 → `12.5`."""
    return f"{bps // 100}.{bps % 100:02}".rstrip("0").rstrip(".")


def _facts(found: ActivityShown, request: Any) -> dict[str, Any]:
    return {
        "activity": found,
        "kind": shared.KINDS[found.kind.value],
        "phase": shared.phase(found, request),
        "floors": shared.floors(found),
        "leader": parties.refs([found.leader_id])[found.leader_id].name,
    }


def _form(
    request: Any,
    found: ActivityShown,
    typed: Mapping[str, str],
    *,
    rows: Sequence[Row] = (),
    errors: Mapping[str, str] | None = None,
) -> HttpResponse:
    context = _facts(found, request) | {"typed": typed, "errors": errors or {}, "rows": rows, "terms": True}
    context["wrong"] = wrong = errors is not None
    return render(request, "console/cooperation/enrol_form.html", context, status=422 if wrong else 200)
