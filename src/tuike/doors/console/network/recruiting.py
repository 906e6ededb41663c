"""Recruiting links of a promoter, a shop or the operator: the list, a new one, its address and poster, closing it."""

from typing import Any

from django.http import HttpResponse

from tuike.doors.console import answers, lists
from tuike.doors.console.keys import asker_key
from tuike.doors.console.operator.drawn import Deed, Details, Field, Form, asked, details, tags
from tuike.doors.console.text import T
from tuike.flows import recruit_promoters
from tuike.insight.lists.network import LINKS, RECRUITING
from tuike.network import queries
from tuike.network.types import RecruitLinkShown, UnknownLink

STATES = tags(LINKS)
_PNG = b"\x89PNG"
LAW = T(
    "只有实际售出的商品才产生佣金；邀请他人加入不产生任何收益，也不得收取费用。",
    "Only goods that are sold earn commission; nobody earns by who joins, and no fee may be asked for it.",
)


def page(request: Any) -> HttpResponse:
    """List the party's links with how many came by each."""
    return lists.show(
        request,
        RECRUITING,
        scope={"owner": request.asker.party_id},
        title=T("招募链接", "Recruiting links"),
        lead=LAW,
        acts="console/network/recruiting_acts.html",
        row=f"console:{request.asker.party.kind}-recruiting-link",
        row_key="code__code",
        empty=(
            T("还没有招募链接", "No recruiting link yet"),
            T(
                "新建一个，把链接或海报发给想加入的人。",
                "Make one, and send its address or poster to who wants to join.",
            ),
        ),
        extra={"may_make": request.asker.may(f"{request.asker.party.kind}-recruiting-new", "POST")},
    )


def new(request: Any) -> HttpResponse:
    """Ask what the link is for, and make it."""
    form = Form(
        T("新建招募链接", "Make a recruiting link"),
        request.path,
        T("新建", "Make it"),
        fields=[
            Field(
                "note",
                T("用途备注", "What for"),
                most=40,
                required=False,
                hint=T("如渠道或活动名称，只有本方看得到。", "A channel, an event; only your side sees it."),
            )
        ],
        note=LAW,
    )

    def work() -> T:
        asker = request.asker
        made = recruit_promoters.make_link(
            owner_id=asker.party_id,
            note=request.POST.get("note", ""),
            actor=asker.actor,
            now=asker.now,
            key=asker_key(request),
        )
        return T("招募链接 {code} 已新建", "The link {code} was made").fill(code=made.code)

    return asked(request, form, work)


def link(request: Any, *, code: str) -> HttpResponse:
    """Show one link: where it leads, its poster, who came by it."""
    found = _own(request, code)
    opened = found.closed_at is None
    facts: list[tuple[T, object, str]] = [
        (T("用途备注", "What for"), found.note or "—", "text"),
        (T("创建时间", "Made"), found.made_at, "when"),
        (T("已开通推客", "Promoters opened"), queries.arrived(link_id=found.link_id), "count"),
    ]
    if opened:
        facts.insert(0, (T("链接地址", "Address"), recruit_promoters.address(code), "copy"))
    else:
        facts.append((T("停用时间", "Closed"), found.closed_at, "when"))
    deeds = []
    if opened and request.asker.may(f"{request.asker.party.kind}-recruiting-close", "POST"):
        url = answers.url(request, "recruiting-close", code=code)
        deeds.append(Deed(T("停用", "Close it"), url, style="danger"))
    if opened:
        url = answers.url(request, "recruiting-poster", code=code)
        deeds.append(Deed(T("下载海报", "Download the poster"), url, "page", style="pri", icon="download"))
    return details(
        request,
        Details(
            title=code,
            state=STATES["open" if opened else "closed"],
            note=LAW,
            facts=facts,
            deeds=deeds,
            more="console/network/poster.html" if opened else "",
            context={"poster_url": answers.url(request, "recruiting-poster", code=code)},
        ),
    )


def poster(request: Any, *, code: str) -> HttpResponse:
    """Answer the poster of an open link."""
    found = _own(request, code)
    if found.closed_at is not None:
        raise UnknownLink
    drawn = recruit_promoters.draw_link_poster(owner_id=request.asker.party_id, code=code, zh=request.asker.zh)
    kind = "png" if drawn.startswith(_PNG) else "jpeg"
    answer = HttpResponse(drawn, content_type=f"image/{kind}")
    answer.headers["Content-Disposition"] = f'inline; filename="recruiting-{code}.{kind}"'
    return answer


def close(request: Any, *, code: str) -> HttpResponse:
    """Ask, and let nobody come by the link any more."""
    found = _own(request, code)
    form = Form(
        T("停用招募链接", "Close the recruiting link"),
        request.path,
        T("停用", "Close it"),
        facts=[
            (T("招募链接", "Recruiting link"), code, "mono"),
            (T("用途备注", "What for"), found.note or "—", "text"),
        ],
        note=T(
            "停用后不能恢复；已加入的推客不受影响。",
            "It can't be opened again; promoters who came by it stay.",
        ),
        danger=True,
    )

    def work() -> T:
        asker = request.asker
        recruit_promoters.close_link(owner_id=asker.party_id, code=code, actor=asker.actor, now=asker.now)
        return T("链接已停用", "The link was closed")

    return asked(request, form, work)


def _own(request: Any, code: str) -> RecruitLinkShown:
    """Return a link of the party's.

    Raises:
        UnknownLink: none, or somebody else's.
    """
    found = queries.link_by_code(code)
    if found.owner_id != request.asker.party_id:
        raise UnknownLink
    return found
