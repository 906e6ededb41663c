"""A shop's tags and segments: how many members each means and reaches, made, changed and removed."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.doors.console.operator.drawn import Field, Form, asked, typed_fen, typed_number
from tuike.doors.console.text import T
from tuike.kit.errors import Invalid, NotFound, Refusal
from tuike.kit.money import plain_yuan
from tuike.members import queries as members_of
from tuike.members import service as members
from tuike.members.types import Asked, SegmentShown

NUMBERS = {
    "orders": T("本店订单至少", "Orders here at least"),
    "bought_within_days": T("最近几天内付过款", "Paid within days"),
    "not_for_days": T("几天以来未付款", "Not paid for days"),
}


class TagInUse(Refusal):
    """Segments ask for a tag that is to be removed, and whoever removes it hasn't seen them."""

    code = "tag_in_use"
    status = 409
    zh = "有人群正在使用该标签，请确认后再删除"
    en = "Segments ask for this tag: look at them before you remove it."


def page(request: Any) -> HttpResponse:
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
    return _saved(request, T("新建人群", "Add a segment"), None)


def segment_edit(request: Any, *, no: str) -> HttpResponse:
    """Show whom a segment means, and put what is typed in its place."""
    stood = members_of.segment_of(merchant_id=request.asker.party_id, no=no)
    return _saved(request, T("编辑人群", "Change the segment"), stood)


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
    """Ask, naming the segments that mean who has it, and remove a tag from the shop and all members.

    Who confirmed has seen every segment that is concerned: where one has begun to ask for the tag since, it is asked
    again.
    """
    asker = request.asker
    one = next((tag for tag in members_of.tags_of(asker.party_id) if tag.no == no), None)
    if one is None:
        raise NotFound
    using = [segment for segment in members_of.segments_of(asker.party_id) if segment.asked.tag == no]
    note = T("会从所有会员身上移除。", "All members lose it.")
    if using:
        note = T(
            "会从所有会员身上移除。以下 {n} 个人群以此标签为条件，删除后不再包含任何会员，请一并修改或删除。",
            "All members lose it. The {n} segments below ask for it: nobody will be in them, so change or remove them.",
        ).fill(n=len(using))
    form = Form(
        T("删除标签", "Remove the tag"),
        request.path,
        T("删除", "Remove"),
        fields=[Field("seen", T("人群", "Segments"), "hidden", value=",".join(segment.no for segment in using))],
        facts=[
            (T("名称", "Name"), one.name, "text"),
            *((T("使用它的人群", "A segment that asks for it"), segment.name, "text") for segment in using),
        ],
        note=note,
        danger=True,
    )

    def work() -> T:
        seen = request.POST.get("seen", "").split(",")
        if any(segment.no not in seen for segment in using):
            raise TagInUse
        members.remove_tag(merchant_id=asker.party_id, no=no, actor=asker.actor, now=asker.now)
        return T("标签已删除", "The tag was removed")

    return asked(request, form, work, refresh="groups-changed")


def _saved(request: Any, title: T, stood: SegmentShown | None) -> HttpResponse:
    asker = request.asker

    def work() -> T:
        members.save_segment(
            merchant_id=asker.party_id,
            name=request.POST.get("name", ""),
            asked=_typed(request),
            no=stood.no if stood else "",
            actor=asker.actor,
            now=asker.now,
        )
        return T("人群已保存", "The segment was saved")

    return asked(request, _form(request, title, stood), work, refresh="groups-changed")


def _form(request: Any, title: T, stood: SegmentShown | None) -> Form:
    want = stood.asked if stood else Asked()
    tags = [("", T("不限", "Any"))] + [(one.no, one.name) for one in members_of.tags_of(request.asker.party_id)]
    levels: list[tuple[str, T | str]] = [("", T("不限", "Any"))]
    levels += [(str(one.growth_needed), T(one.name_zh, one.name_en)) for one in members_of.ladder()]
    # What a segment names may have gone since; it is shown, so that saving doesn't quietly mean everybody.
    if want.tag and want.tag not in dict(tags):
        tags.append((want.tag, T("已删除的标签", "A tag that was removed")))
    if want.growth and str(want.growth) not in dict(levels):
        levels.append((str(want.growth), T("成长值 {n} 及以上", "Growth of {n} and more").fill(n=want.growth)))
    return Form(
        title,
        request.path,
        T("保存", "Save"),
        fields=[
            Field("name", T("名称", "Name"), value=stood.name if stood else "", most=20),
            Field(
                "growth",
                T("等级（及以上）", "Level, and above"),
                "select",
                value=_shown(want.growth or None),
                choices=levels,
                required=False,
            ),
            Field(
                "paid_fen",
                T("本店累计实付至少", "Paid here at least"),
                "yuan",
                value="" if want.paid_fen is None else plain_yuan(want.paid_fen),
                required=False,
            ),
            *(
                Field(name, words, "number", value=_shown(getattr(want, name)), required=False)
                for name, words in NUMBERS.items()
            ),
            Field("tag", T("标签", "Tag"), "select", value=want.tag or "", choices=tags, required=False),
        ],
        note=T("人群按条件实时计算。", "Who is in it is counted whenever it is asked."),
    )


def _shown(number: int | None) -> str:
    return "" if number is None else str(number)


def _typed(request: Any) -> Asked:
    def number(name: str) -> int | None:
        return typed_number(request, name) if request.POST.get(name, "").strip() else None

    tag = request.POST.get("tag") or None
    if tag and tag not in {one.no for one in members_of.tags_of(request.asker.party_id)}:
        raise Invalid(field="tag", reason_zh="请选择本店现有的标签", reason_en="choose one of the shop's tags")
    return Asked(
        growth=number("growth"),
        paid_fen=typed_fen(request, "paid_fen") if request.POST.get("paid_fen", "").strip() else None,
        orders=number("orders"),
        bought_within_days=number("bought_within_days"),
        not_for_days=number("not_for_days"),
        tag=tag,
    )
