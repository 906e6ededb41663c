"""A shop's members: the list, one of them with what they did, tags, the phone number in clear (audited)."""

from typing import Any

from django.http import HttpResponse

from tuike.audit import service as audit
from tuike.doors.console import lists
from tuike.doors.console.answers import dialog, url
from tuike.doors.console.members.finding import phone_searched
from tuike.doors.console.operator.drawn import Deed, Details, Field, Form, ask, asked, details
from tuike.doors.console.text import T
from tuike.insight.lists.members import SHOP_MEMBERS
from tuike.insight.member_timeline import member_timeline
from tuike.kit.errors import Invalid, NotFound
from tuike.members import queries as members_of
from tuike.members import service as members
from tuike.people import queries as people

HAPPENED = {
    "order": (T("付款订单", "Paid order"), "money"),
    "refund": (T("申请售后", "Refund asked"), "money"),
    "points_earned": (T("获得积分", "Points earned"), "count"),
    "points_taken_back": (T("扣回积分", "Points taken back"), "count"),
    "coupon": (T("领取优惠券", "Took a coupon"), ""),
    "coupon_used": (T("使用优惠券", "Used a coupon"), ""),
}


def page(request: Any) -> HttpResponse:
    """List the shop's members."""
    asker = request.asker
    return lists.show(
        request,
        SHOP_MEMBERS,
        scope={"merchant": asker.party_id, "now": asker.now.isoformat(), "phone_of": phone_searched(request)},
        title=T("会员", "Members"),
        lead=T(
            "在本店付过款或收藏了本店的人。手机号等个人信息默认隐藏，查看会留下记录。",
            "Who paid an order here or marked the shop. Personal data is hidden; looking at it is recorded.",
        ),
        acts="console/members/members_acts.html",
        row="console:merchant-member",
        row_key="id",
        export=False,
        empty=(
            T("还没有会员", "No members yet"),
            T("有人付款或收藏本店后会出现在这里。", "They appear when somebody pays an order or marks the shop."),
        ),
    )


def drawer(request: Any, *, id: int) -> HttpResponse:
    """Show one member: masked, with level, tags, and what they did in the shop."""
    shop_id = request.asker.party_id
    row = members_of.shop_member(merchant_id=shop_id, person_id=id)
    person = people.refs([id])[id]
    phone = people.phone_of(id)
    standing = members_of.standing_of(id)
    tags = members_of.tags_of_members(merchant_id=shop_id, person_ids=[id]).get(id, [])
    facts: list[tuple[T, object, str]] = [
        (T("编号", "Number"), person.no, "mono"),
        (T("手机号", "Phone"), phone.number if phone else "—", "mono"),
        (T("等级", "Level"), T(standing.level.name_zh, standing.level.name_en), "text"),
        (T("成长值", "Growth"), standing.growth, "count"),
        (T("本店订单", "Orders here"), row.orders, "count"),
        (T("本店实付", "Paid here"), row.paid_fen, "money"),
        (T("标签", "Tags"), "、".join(tags) or "—", "text"),
    ]
    deeds = []
    if request.asker.may("merchant-member-tag", "POST"):
        deeds.append(Deed(T("打标签", "Tag"), url(request, "member-tag", id=id)))
        if tags:
            deeds.append(Deed(T("移除标签", "Untag"), url(request, "member-untag", id=id)))
    if phone and request.asker.may("merchant-member-phone", "POST"):
        deeds.append(Deed(T("查看手机号", "Show the phone number"), url(request, "member-phone", id=id)))
    happened = [
        (*HAPPENED[one.kind], one) for one in member_timeline(merchant_id=shop_id, person_id=id) if one.kind in HAPPENED
    ]
    shown = Details(
        title=person.called,
        facts=facts,
        deeds=deeds,
        more="console/members/timeline.html",
        context={"happened": happened},
    )
    return details(request, shown)


def phone(request: Any, *, id: int) -> HttpResponse:
    """Ask what for, write it into the audit log, and show the phone number in clear."""
    asker = request.asker
    members_of.shop_member(merchant_id=asker.party_id, person_id=id)
    form = Form(
        T("查看手机号", "Show the phone number"),
        request.path,
        T("查看", "Show it"),
        fields=[Field("reason", T("用途", "What for"), most=100)],
        note=T("查看会记入审计日志。", "It is written into the audit log."),
    )
    if request.method == "GET":
        return ask(request, form)
    reason = request.POST.get("reason", "").strip()
    found = people.phone_of(id, unmasked=True)
    if found is None:
        raise NotFound
    if not reason:
        wrong = Invalid(field="reason", reason_zh="请填写用途", reason_en="say what for")
        return ask(request, form, wrong)
    person = people.refs([id])[id]
    audit.record(
        actor=asker.actor, action="members.show_phone", object_=person.no, facts={"reason": reason}, now=asker.now
    )
    return dialog(request, "console/members/phone.html", {"phone": found.number})


def tag(request: Any, *, id: int) -> HttpResponse:
    """Ask which tag, an old or a new one, and give it to the member."""
    asker = request.asker
    members_of.shop_member(merchant_id=asker.party_id, person_id=id)
    choices = [("", T("新标签…", "A new one…"))] + [(one.no, one.name) for one in members_of.tags_of(asker.party_id)]
    form = Form(
        T("打标签", "Tag the member"),
        request.path,
        T("保存", "Save"),
        fields=[
            Field("tag", T("标签", "Tag"), "select", choices=choices, required=False),
            Field("name", T("新标签名称", "Name of a new tag"), required=False, most=20),
        ],
    )

    def work() -> T:
        by: dict[str, Any] = {"merchant_id": asker.party_id, "actor": asker.actor, "now": asker.now}
        no = request.POST.get("tag", "") or members.make_tag(name=request.POST.get("name", ""), **by).no
        members.tag_members(no=no, person_ids=[id], **by)
        return T("已打标签", "Tagged")

    return asked(request, form, work)


def untag(request: Any, *, id: int) -> HttpResponse:
    """Ask which tag, and take it from the member."""
    asker = request.asker
    members_of.shop_member(merchant_id=asker.party_id, person_id=id)
    has = members_of.tags_of_members(merchant_id=asker.party_id, person_ids=[id]).get(id, [])
    choices = [(one.no, one.name) for one in members_of.tags_of(asker.party_id) if one.name in has]
    form = Form(
        T("移除标签", "Untag the member"),
        request.path,
        T("移除", "Remove"),
        fields=[Field("tag", T("标签", "Tag"), "select", choices=choices)],
    )

    def work() -> T:
        members.untag_member(
            merchant_id=asker.party_id,
            no=request.POST.get("tag", ""),
            person_id=id,
            actor=asker.actor,
            now=asker.now,
        )
        return T("标签已移除", "The tag was removed")

    return asked(request, form, work)
