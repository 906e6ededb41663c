"""What shops enrolled with a leader: passed or turned away, one or many; cancels decided; longer asked for."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse

from tuike.cooperation import queries as cooperation_of
from tuike.cooperation.types import EnrolmentState
from tuike.doors.console import answers, lists
from tuike.doors.console.cooperation import shared
from tuike.doors.console.lists import BulkAct
from tuike.doors.console.merchant import reading
from tuike.doors.console.operator.drawn import Field, Form, asked
from tuike.doors.console.text import T, when_shown
from tuike.flows import cancel_cooperation, enrol_products, extend_cooperation
from tuike.insight.lists import contract
from tuike.insight.lists.types import Listing
from tuike.kit.errors import NotFound

EMPTY = (
    T("还没有商家报名", "Nothing is enrolled yet"),
    T(
        "发布招商活动后，商家报名的商品会出现在这里，由您审核。",
        "Once an activity is published, shops' products come here for you to decide.",
    ),
)


def page(request: Any) -> HttpResponse:
    """List everything that is enrolled in the leader's activities."""
    asker = request.asker
    return show(
        request,
        listing=contract.ENROLLED,
        scope={"leader": asker.party_id, "now": asker.now.isoformat()},
        title=T("报名商品", "Enrolled products"),
        lead=T(
            "审核商家的报名与取消申请；合作到期前可向商家申请延长推广时间，商家须在 3 日内处理。",
            "Decide on enrolments and cancels here; before a cooperation ends you can ask the shop for longer.",
        ),
    )


def show(
    request: Any,
    *,
    listing: Listing,
    scope: Mapping[str, Any],
    title: T,
    lead: T | None = None,
    acts: str = "",
    top: str = "",
    template: str = "console/list.html",
    extra: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Return a list of enrolments with the leader's acts on many."""
    may = request.asker.may("leader-enrolments-pass", "POST")
    return lists.show(
        request,
        listing,
        scope=scope,
        title=title,
        lead=lead,
        acts=acts,
        top=top,
        row="console:leader-enrolment",
        row_key="product__no",
        bulk=(
            BulkAct(
                T("通过", "Pass"),
                "console:leader-enrolments-pass",
                icon="check",
                confirm=T(
                    "通过所选报名？佣金率与服务费率随即生效。", "Pass what is selected? Its rates hold from then on."
                ),
            ),
            BulkAct(T("拒绝", "Turn away"), "console:leader-enrolments-reject", danger=True, dialog=True),
        )
        if may
        else (),
        empty=EMPTY,
        template=template,
        extra=extra,
    )


def drawer(request: Any, *, no: str) -> HttpResponse:
    """Show one enrolment with what the leader can do about it."""
    one = cooperation_of.enrolment_of_leader(leader_id=request.asker.party_id, no=no)
    context = shared.shown(request, one)
    context |= {
        "may": request.asker.may("leader-enrolments-pass", "POST"),
        "decides": one.state is EnrolmentState.APPLIED and not context["over"],
        "may_extend": one.state is EnrolmentState.ACTIVE
        and not context["over"]
        and not context["cancelling"]
        and context["until"] is None,
    }
    return answers.drawer(request, "console/cooperation/enrolled.html", context)


def pass_(request: Any) -> HttpResponse:
    """Let one or many into their activities, all or none."""
    done = enrol_products.pass_enrolments(nos=_chosen(request), by=shared.by(request))
    words = T("已通过 {n} 个商品，佣金率与服务费率已生效", "Passed: {n}; their rates hold").fill(n=len(done))
    return answers.done(words, refresh="list-changed")


def reject(request: Any) -> HttpResponse:
    """Ask why, and turn one or many away, all or none."""
    nos = _chosen(request)
    form = Form(
        T("拒绝报名", "Turn away"),
        answers.url(request, "enrolments-reject"),
        T("拒绝", "Turn away"),
        fields=[
            *(Field("nos", T("报名编号", "Enrolment"), "hidden", no) for no in nos),
            Field("reason", T("原因（商家可见）", "Reason (the shop sees it)"), "area"),
        ],
        lead=T(
            "将拒绝 {n} 个商品的报名，商家会收到原因，可以重新报名。",
            "Products to turn away: {n}. The shops get the reason and may enrol again.",
        ).fill(n=len(nos)),
        danger=True,
    )

    def work() -> T:
        done = enrol_products.reject_enrolments(nos=nos, reason=request.POST.get("reason", ""), by=shared.by(request))
        return T("已拒绝 {n} 个报名", "Turned away: {n}").fill(n=len(done))

    return asked(request, form, work)


def decide_cancel(request: Any, *, no: str) -> HttpResponse:
    """Agree to the end of a cooperation, or refuse."""
    agree = request.POST.get("agree") == "1"
    cancel_cooperation.decide_cancel(no=no, agree=agree, by=shared.by(request))
    words = T("已同意取消合作，商品合作已失效", "Agreed; the cooperation has ended")
    if not agree:
        words = T("已拒绝取消合作，推广继续", "Refused; promotion goes on")
    return answers.done(words, refresh="list-changed")


def extend(request: Any, *, no: str) -> HttpResponse:
    """Ask for the later end that the shop shall agree to."""
    one = cooperation_of.enrolment_of_leader(leader_id=request.asker.party_id, no=no)
    form = Form(
        T("申请延长推广时间", "Ask for longer"),
        answers.url(request, "enrolment-extend", no=no),
        T("发送申请", "Ask"),
        fields=[Field("ends_at", T("新的结束时间", "The new end"), "time")],
        facts=[(T("现在的结束时间", "The present end"), one.ends_at, "when")],
        note=T(
            "商家须在 3 日内处理，逾期视为拒绝。商家此后发起取消合作，未处理的申请视为拒绝。",
            "The shop has 3 days to answer; no answer is a refusal. A cancel that it files meanwhile refuses, too.",
        ),
    )

    def work() -> T:
        ends_at = reading.instant(request.POST.get("ends_at", ""), field="ends_at")
        done = extend_cooperation.ask_extension(no=no, ends_at=ends_at, by=shared.by(request))
        until = when_shown(cooperation_of.lapses_at(done.extension.asked_at)) if done.extension else ""
        return T("团长申请延长推广时间：已发送，商家须在 {until} 前处理", "Asked; the shop has until {until}").fill(
            until=until
        )

    return asked(request, form, work)


def figures(request: Any) -> HttpResponse:
    """List what each enrolled product brought: orders, paid, fees."""
    asker = request.asker
    return lists.show(
        request,
        contract.FIGURES,
        scope={"leader": asker.party_id, "now": asker.now.isoformat()},
        title=T("商品数据", "Figures by product"),
        lead=T(
            "支付订单数决定是否达成基础单量；服务费按当前金额，退款后相应减少。",
            "Paid orders decide whether the base is reached; fees are as they stand now, less after refunds.",
        ),
        row="console:leader-enrolment",
        row_key="product__no",
        empty=(
            T("还没有合作中的商品", "No product yet"),
            T("通过商家的报名后，这里会有数据。", "Figures come once products are passed."),
        ),
    )


def lines(request: Any) -> HttpResponse:
    """List the orders by way of the leader's activities, with the service fee of each line."""
    return lists.show(
        request,
        contract.LED_LINES,
        scope={"party": request.asker.party_id},
        title=T("订单与服务费", "Orders and service fees"),
        lead=T(
            "每个订单行的服务费、状态与预计结算日；结算后进入可提现余额。",
            "The service fee of each order line, how it stands and when it settles; then it can be withdrawn.",
        ),
        empty=(
            T("还没有订单", "No order yet"),
            T("推客用活动素材带来的订单会出现在这里。", "Orders by the activities' material come here."),
        ),
    )


def _chosen(request: Any) -> list[str]:
    """Return the enrolments that were selected in the list (by id), or named (by number).

    Raises:
        NotFound: none, or one that isn't in an activity of the leader.
    """
    sent = request.POST if request.method == "POST" else request.GET
    nos = [no[:24] for no in sent.getlist("nos")[:200]]
    ids = shared.numbers(sent.getlist("ids"))
    if ids:
        found = cooperation_of.enrolments_by_id(ids)
        own = [one.no for one in found.values() if one.leader_id == request.asker.party_id]
        if len(own) < len(set(ids)):
            raise NotFound
        nos += own
    if not nos:
        raise NotFound
    return list(dict.fromkeys(nos))
