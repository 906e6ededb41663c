"""Segments, tags, and what a shop sends to members who agreed to it: counted first, then confirmed."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.doors.console import lists
from tuike.doors.console.keys import asker_key
from tuike.doors.console.operator.drawn import Field, Form, ask, asked, typed_fen, typed_number
from tuike.doors.console.text import T
from tuike.flows import send_to_members
from tuike.insight.lists.members import SENDINGS
from tuike.kit.errors import Invalid, NotFound, Refusal
from tuike.marketing import queries as marketing
from tuike.members import queries as members_of
from tuike.members import service as members
from tuike.members.types import Asked, SendingKind


def groups(request: Any) -> HttpResponse:
    """Show the shop's tags and segments, with how many members each means and reaches."""
    asker = request.asker
    counted = [
        (one, *members_of.count_meant(merchant_id=asker.party_id, asked=one.asked, now=asker.now))
        for one in members_of.segments_of(asker.party_id)
    ]
    context = {
        "segments": counted,
        "tags": members_of.tags_of(asker.party_id),
        "may": asker.may("merchant-segment-new", "POST"),
    }
    return render(request, "console/members/groups.html", context)


def segment_new(request: Any) -> HttpResponse:
    """Ask who is meant, and save it under a name."""
    asker = request.asker
    tags = [("", T("不限", "Any"))] + [(one.no, one.name) for one in members_of.tags_of(asker.party_id)]
    levels = [("", T("不限", "Any"))]
    levels += [(str(one.growth_needed), T(one.name_zh, one.name_en)) for one in members_of.ladder()]
    form = Form(
        T("新建人群", "Add a segment"),
        request.path,
        T("保存", "Save"),
        fields=[
            Field("name", T("名称", "Name"), most=20),
            Field("growth", T("等级（及以上）", "Level, and above"), "select", choices=levels, required=False),
            Field("paid_fen", T("本店累计实付至少", "Paid here at least"), "yuan", required=False),
            Field("orders", T("本店订单至少", "Orders here at least"), "number", required=False),
            Field("bought_within_days", T("最近几天内付过款", "Paid within days"), "number", required=False),
            Field("not_for_days", T("几天以来未付款", "Not paid for days"), "number", required=False),
            Field("tag", T("标签", "Tag"), "select", choices=tags, required=False),
        ],
        note=T("人群按条件实时计算。", "Who is in it is counted whenever it is asked."),
    )

    def work() -> T:
        members.save_segment(
            merchant_id=asker.party_id,
            name=request.POST.get("name", ""),
            asked=_typed(request),
            actor=asker.actor,
            now=asker.now,
        )
        return T("人群已保存", "The segment was saved")

    return asked(request, form, work, refresh="groups-changed")


def segment_remove(request: Any, *, no: str) -> HttpResponse:
    """Ask, and forget a segment."""
    asker = request.asker
    one = members_of.segment_of(merchant_id=asker.party_id, no=no)
    form = Form(
        T("删除人群", "Remove the segment"),
        request.path,
        T("删除", "Remove"),
        facts=[(T("名称", "Name"), one.name, "text")],
        danger=True,
    )

    def work() -> T:
        members.remove_segment(merchant_id=asker.party_id, no=no, actor=asker.actor, now=asker.now)
        return T("人群已删除", "The segment was removed")

    return asked(request, form, work, refresh="groups-changed")


def tag_remove(request: Any, *, no: str) -> HttpResponse:
    """Ask, and remove a tag from the shop and all members."""
    asker = request.asker
    one = next((tag for tag in members_of.tags_of(asker.party_id) if tag.no == no), None)
    if one is None:
        raise NotFound
    form = Form(
        T("删除标签", "Remove the tag"),
        request.path,
        T("删除", "Remove"),
        facts=[(T("名称", "Name"), one.name, "text")],
        note=T("会从所有会员身上移除。", "All members lose it."),
        danger=True,
    )

    def work() -> T:
        members.remove_tag(merchant_id=asker.party_id, no=no, actor=asker.actor, now=asker.now)
        return T("标签已删除", "The tag was removed")

    return asked(request, form, work, refresh="groups-changed")


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
        if request.POST.get("confirmed") != _told(meant, reached):
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


def _form(request: Any, counted: tuple[int, int] | None) -> Form:
    shop_id = request.asker.party_id
    to = [("all", T("全部会员", "All members"))]
    to += [(f"tag:{one.no}", T(f"标签：{one.name}", f"Tag: {one.name}")) for one in members_of.tags_of(shop_id)]
    to += [(f"seg:{one.no}", T(f"人群：{one.name}", f"Segment: {one.name}")) for one in members_of.segments_of(shop_id)]
    coupons = [("", T("不发券", "No coupon"))]
    coupons += [(one.no, one.terms.name) for one in marketing.open_coupons([shop_id], request.asker.now)]
    fields = [
        Field("to", T("发给", "To"), "select", choices=to),
        Field("coupon", T("优惠券", "Coupon"), "select", choices=coupons, required=False),
        Field("text", T("消息（不发券时）", "Message (without a coupon)"), "area", required=False),
    ]
    if counted is not None:
        fields.append(Field("confirmed", T("", ""), "hidden", value=_told(*counted)))
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
        if no not in names:
            raise Invalid(field="to", reason_zh="请选择", reason_en="choose one")
        return kind, names[no], Asked(tag=no)
    return kind, "全部会员", Asked()


def _told(meant: int, reached: int) -> str:
    return f"{meant}-{reached}"


def _typed(request: Any) -> Asked:
    def number(name: str) -> int | None:
        return typed_number(request, name) if request.POST.get(name, "").strip() else None

    return Asked(
        growth=number("growth"),
        paid_fen=typed_fen(request, "paid_fen") if request.POST.get("paid_fen", "").strip() else None,
        orders=number("orders"),
        bought_within_days=number("bought_within_days"),
        not_for_days=number("not_for_days"),
        tag=request.POST.get("tag") or None,
    )
