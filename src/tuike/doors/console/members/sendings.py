"""What a shop sends to members who agreed to it: counted first, then confirmed."""

from datetime import datetime
from typing import Any

from django.http import HttpResponse

from tuike.doors.console import lists
from tuike.doors.console.keys import asker_key
from tuike.doors.console.operator.drawn import Field, Form, ask, asked
from tuike.doors.console.text import T
from tuike.flows import send_to_members
from tuike.insight.lists.members import SENDINGS
from tuike.kit.errors import Invalid, Refusal
from tuike.marketing import queries as marketing
from tuike.marketing.types import CouponShown
from tuike.members import queries as members_of
from tuike.members.types import Asked, SendingKind

EVERYBODY = T("全部会员", "All members")


def page(request: Any) -> HttpResponse:
    """List what the shop has sent, and what became of it."""
    return lists.show(
        request,
        SENDINGS,
        scope={"merchant": request.asker.party_id},
        title=T("会员群发", "Sent to members"),
        lead=T(
            "只发给已同意接收的会员，每次每人一份。",
            "Only to members who agreed to hear from shops, each of them once.",
        ),
        acts="console/members/sendings_acts.html",
        empty=(
            T("还没有群发", "Nothing sent yet"),
            T("可以把优惠券或消息发给某个标签或人群。", "Send a coupon or a message to a tag or a segment."),
        ),
    )


def new(request: Any) -> HttpResponse:
    """Ask what and to whom; say how many it reaches; send when that is confirmed."""
    asker = request.asker
    if request.method == "GET":
        return ask(request, _form(request, None))
    try:
        kind, name, wanted = _to_whom(request)
        meant, reached = members_of.count_meant(merchant_id=asker.party_id, asked=wanted, now=asker.now)
        if request.POST.get("confirmed") != _told(request, meant, reached):
            return ask(request, _form(request, (meant, reached)))
    except Refusal as refusal:
        return ask(request, _form(request, None), refusal)

    def work() -> T:
        begun = send_to_members.begin_sending(
            merchant_id=asker.party_id,
            kind=kind,
            coupon_no=request.POST.get("coupon", ""),
            text=request.POST.get("text", ""),
            to_name=name,
            asked=wanted,
            actor=asker.actor,
            key=asker_key(request),
            now=asker.now,
        )
        return T("已开始发送给 {n} 人", "Sending to {n} members").fill(n=begun.meant)

    return asked(request, _form(request, (meant, reached)), work)


def _coupons_of(shop_id: int, now: datetime) -> list[CouponShown]:
    """Return what can be sent now: coupons for everyone, then those that only who came by a ticket can use."""
    for_everyone = marketing.coupons_for_everyone(now=now, merchant_id=shop_id, limit=marketing.MOST_SHOWN)
    return [*(one for one in for_everyone if one.starts_at <= now), *marketing.open_coupons([shop_id], now)]


def _form(request: Any, counted: tuple[int, int] | None) -> Form:
    shop_id = request.asker.party_id
    to: list[tuple[str, T | str]] = [("all", EVERYBODY)]
    tag, segment = T("标签：{name}", "Tag: {name}"), T("人群：{name}", "Segment: {name}")
    to += [(f"tag:{one.no}", str(tag.fill(name=one.name))) for one in members_of.tags_of(shop_id)]
    to += [(f"seg:{one.no}", str(segment.fill(name=one.name))) for one in members_of.segments_of(shop_id)]
    coupons = [("", T("不发券", "No coupon"))]
    coupons += [(one.no, one.terms.name) for one in _coupons_of(shop_id, request.asker.now)]
    fields = [
        Field("to", T("发给", "To"), "select", choices=to),
        Field("coupon", T("优惠券", "Coupon"), "select", choices=coupons, required=False),
        Field("text", T("消息（不发券时）", "Message (without a coupon)"), "area", required=False),
    ]
    if counted is not None:
        fields.append(Field("confirmed", T("已确认", "Confirmed"), "hidden", value=_told(request, *counted)))
        note = T(
            "条件符合 {meant} 人，其中 {reached} 人同意接收。再次点击即发送。",
            "{meant} members are meant, {reached} of them agreed. Press again to send.",
        )
        note = note.fill(meant=counted[0], reached=counted[1])
    else:
        note = T("先估算人数，确认后才发送。", "It is counted first and sent when you confirm.")
    submit = T("确认发送", "Send it") if counted else T("估算人数", "Count")
    return Form(T("群发", "Send to members"), request.path, submit, fields=fields, note=note)


def _to_whom(request: Any) -> tuple[SendingKind, str, Asked]:
    kind = SendingKind.COUPON if request.POST.get("coupon") else SendingKind.MESSAGE
    if kind is SendingKind.MESSAGE and not request.POST.get("text", "").strip():
        raise Invalid(field="text", reason_zh="请选择优惠券或填写消息", reason_en="choose a coupon or write a message")
    shop_id, (what, _, no) = request.asker.party_id, request.POST.get("to", "").partition(":")
    if what == "seg":
        segment = members_of.segment_of(merchant_id=shop_id, no=no)
        return kind, segment.name, segment.asked
    if what == "tag":
        names = {one.no: one.name for one in members_of.tags_of(shop_id)}
        if no in names:
            return kind, names[no], Asked(tag=no)
    if what == "all":
        return kind, str(EVERYBODY), Asked()
    raise Invalid(field="to", reason_zh="请选择", reason_en="choose one")


def _told(request: Any, meant: int, reached: int) -> str:
    """Return what was shown before it is confirmed: another audience of the same size isn't it."""
    return f"{request.POST.get('to', '')}-{request.POST.get('coupon', '')}-{meant}-{reached}"
