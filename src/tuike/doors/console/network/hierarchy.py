"""Who recruited whom: as a table and as a tree that opens branch by branch, for the operator (everybody), a shop (whom
it recruited, with all below) and a promoter (three levels). Totals are for information; nothing is paid on them."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tuike.doors.console import answers, lists
from tuike.doors.console.operator.drawn import Deed, Details, details, tags
from tuike.doors.console.text import T
from tuike.insight import hierarchy
from tuike.insight.hierarchy import LATELY_DAYS, Branch, Viewer
from tuike.insight.lists import network as listed
from tuike.kit.days import day_of
from tuike.kit.errors import NotFound
from tuike.parties import queries as parties
from tuike.parties.types import TREE_LEVELS, PartyKind, PromoterState, TreeNode
from tuike.people import queries as people
from tuike.plans import queries as plans

STATES = tags(listed.STANDINGS)
NONE = T("无", "nobody")
PAGE = 50
TITLES = {
    PartyKind.OPERATOR: T("推客网络", "The network"),
    PartyKind.MERCHANT: T("我的代理", "Agents"),
    PartyKind.PROMOTER: T("我的团队", "My team"),
}
_LISTS = {
    PartyKind.OPERATOR: listed.EVERYBODY,
    PartyKind.MERCHANT: listed.AGENTS,
    PartyKind.PROMOTER: listed.TEAM,
}
_LEADS = {
    PartyKind.OPERATOR: T(
        "全部推客：谁招募了谁、何时加入、近 30 天的成交。",
        "Every promoter: who recruited whom and when, and what they sold in 30 days.",
    ),
    PartyKind.MERCHANT: T(
        "通过本店招募链接加入的推客及其下级；成交数据只含本店。",
        "Promoters who came by your links, with all below; figures are of your shop alone.",
    ),
    PartyKind.PROMOTER: T(
        "您招募的推客，向下三级。团队数据仅供参考，收入只来自实际售出的商品。",
        "Whom you recruited, three levels down. Totals are for information; only goods that are sold earn.",
    ),
}
_EMPTY = (
    T("还没有推客", "Nobody here yet"),
    T("新建招募链接，发给想加入的人。", "Make a recruiting link and send it to who wants to join."),
)


def page(request: Any) -> HttpResponse:
    """Show the table."""
    asker, kind = request.asker, request.asker.party.kind
    today = day_of(asker.now)
    scope = {
        "now": asker.now.isoformat(),
        "first": (today - timedelta(days=LATELY_DAYS - 1)).isoformat(),
        "last": today.isoformat(),
        "grades": [(step.grade_id, step.name) for step in plans.ladder()],
        "merchant": asker.party_id,
        "promoter": asker.party_id,
    }
    team = kind is PartyKind.PROMOTER and not answers.by_htmx(request)
    return lists.show(
        request,
        _LISTS[kind],
        scope=scope,
        title=TITLES[kind],
        lead=_LEADS[kind],
        acts="console/network/hierarchy_acts.html",
        top="console/network/team_top.html" if kind is PartyKind.PROMOTER else "",
        row=f"console:{kind}-hierarchy-one",
        row_key="name__no",
        empty=_EMPTY,
        extra={"totals": hierarchy.team_totals(promoter_id=asker.party_id, now=asker.now) if team else None},
    )


def tree(request: Any) -> HttpResponse:
    """Show the tree's top, what is below one promoter (`at`), or who is found by words (`q`)."""
    asker = request.asker
    viewer, at, words = _viewer(request), request.GET.get("at", ""), request.GET.get("q", "").strip()[:60]
    way = hierarchy.path(viewer=viewer, no=at) if at else []
    if words:
        items, more = hierarchy.search(viewer=viewer, text=words, limit=PAGE, now=asker.now), 0
    elif way:
        items = hierarchy.branches(way[-1:], asker.now, merchant_id=viewer.merchant_id)
        more = 0
    else:
        top = hierarchy.tree_page(viewer=viewer, limit=PAGE, now=asker.now)
        items, more = list(top.items), top.next_id
    context = {
        "title": TITLES[asker.party.kind],
        "lead": _LEADS[asker.party.kind],
        "items": [_row(request, one) for one in items],
        "more": more,
        "under": "",
        "way": [(one, _tree_url(request, one.no)) for one in way[:-1]],
        "words": words,
        "found": bool(words),
        "empty": _EMPTY,
    }
    return render(request, "console/network/tree.html", context)


def branch(request: Any) -> HttpResponse:
    """Answer a page of one branch: whom the promoter `under` recruited, after the one with the id `after`."""
    under, after = request.GET.get("under", ""), request.GET.get("after", "0")
    if not (after.isascii() and after.isdecimal() and len(after) < 19):
        raise NotFound
    found = hierarchy.tree_page(
        viewer=_viewer(request), under_no=under, after_id=int(after), limit=PAGE, now=request.asker.now
    )
    context = {"items": [_row(request, one) for one in found.items], "more": found.next_id, "under": under}
    return render(request, "console/network/branch.html", context)


def one(request: Any, *, no: str) -> HttpResponse:
    """Show one promoter: who stands above, since when, what was sold by way of it; to the operator also its history."""
    asker, viewer = request.asker, _viewer(request)
    way = hierarchy.path(viewer=viewer, no=no)
    (shown,) = hierarchy.branches(way[-1:], asker.now, merchant_id=viewer.merchant_id)
    operator = asker.party.kind is PartyKind.OPERATOR
    return details(
        request,
        Details(
            title=shown.node.name,
            state=STATES[shown.node.state],
            facts=[*_facts(shown, way), *_figures(shown)],
            deeds=_deeds(request, shown),
            more="console/network/line_changes.html" if operator else "",
            context={"changes": _changes(shown.node.id)} if operator else {},
        ),
    )


def found(no: str) -> TreeNode:
    """Return a promoter of the whole network.

    Raises:
        NotFound: no promoter has this number.
    """
    return hierarchy.path(viewer=Viewer(), no=no)[-1]


def facts_of(node: TreeNode) -> list[tuple[T, object, str]]:
    """Return what a dialog says about a promoter."""
    return [
        (T("推客", "Promoter"), node.name, "text"),
        (T("编号", "Number"), node.no, "mono"),
        (T("状态", "Standing"), STATES[node.state], "tag"),
        (T("直接招募", "Recruited"), node.recruits, "count"),
    ]


def _viewer(request: Any) -> Viewer:
    asker = request.asker
    if asker.party.kind is PartyKind.PROMOTER:
        return Viewer(promoter_id=asker.party_id)
    return Viewer(merchant_id=asker.party_id) if asker.party.kind is PartyKind.MERCHANT else Viewer()


def _row(request: Any, shown: Branch) -> dict[str, Any]:
    """Return a promoter as the tree draws it; `opens` where somebody is below and may be seen."""
    return {
        "node": shown.node,
        "state": STATES[shown.node.state],
        "grade": shown.grade,
        "lately": shown.lately,
        "url": answers.url(request, "hierarchy-one", no=shown.node.no),
        "at": _tree_url(request, shown.node.no),
        "opens": shown.node.recruits > 0 and _seen_below(request, shown.node),
    }


def _seen_below(request: Any, node: TreeNode) -> bool:
    """Return whether who is below a promoter belongs to the asker's view: a promoter's ends three levels down."""
    asker = request.asker
    if asker.party.kind is not PartyKind.PROMOTER:
        return True
    own = getattr(request, "own_depth", None)
    if own is None:
        own = request.own_depth = parties.tree_nodes([asker.party_id])[asker.party_id].depth
    return node.depth - own < TREE_LEVELS


def _tree_url(request: Any, no: str) -> str:
    return f"{answers.url(request, 'hierarchy-tree')}?at={no}"


def _facts(shown: Branch, way: list[TreeNode]) -> list[tuple[T, object, str]]:
    above = " › ".join(one.name for one in way[:-1])
    return [
        (T("编号", "Number"), shown.node.no, "copy"),
        (T("上级", "Stands below"), above or NONE, "text"),
        (T("加入时间", "Since"), shown.node.since, "when"),
        (T("等级", "Grade"), shown.grade or "—", "text"),
        (T("直接招募", "Recruited"), shown.node.recruits, "count"),
    ]


def _figures(shown: Branch) -> list[tuple[T, object, str]]:
    lately = shown.lately
    return [
        (T("30 天点击", "Clicks, 30 days"), lately.clicks, "count"),
        (T("30 天订单", "Orders, 30 days"), lately.orders, "count"),
        (T("30 天成交", "Sold, 30 days"), lately.paid_fen, "money"),
        (T("30 天退款", "Refunded, 30 days"), lately.refunded_fen, "money"),
        (T("30 天预估佣金", "Commission, 30 days"), lately.estimated_fen, "money"),
    ]


def _changes(promoter_id: int) -> list[dict[str, Any]]:
    """Return under whom a promoter stood and came, with names."""
    changes = parties.line_changes(promoter_id)
    known = parties.refs({one for change in changes for one in (change.giver_id, change.taker_id) if one})
    persons = people.refs({one.person_id for one in changes if one.person_id})

    def name(id_: int | None) -> str:
        return f"{known[id_].name}（{known[id_].no}）" if id_ else str(NONE)

    return [
        {
            "at": one.at,
            "giver": name(one.giver_id),
            "taker": name(one.taker_id),
            "by": persons[one.person_id].nickname if one.person_id in persons else "—",
            "reason": one.reason,
        }
        for one in changes
    ]


def _deeds(request: Any, shown: Branch) -> list[Deed]:
    asker, node = request.asker, shown.node
    deeds = [Deed(T("在树中查看", "Show in the tree"), _tree_url(request, node.no), "page", icon="folder-tree")]
    if asker.party.kind is not PartyKind.OPERATOR or not asker.may("operator-hierarchy-ban", "POST"):
        return deeds
    args = [asker.party.no, node.no]

    def url(name: str) -> str:
        return reverse(f"console:operator-{name}", args=args)

    deeds.append(Deed(T("更改推荐人", "Change the recruiter"), url("hierarchy-move"), icon="folder-tree"))
    state = PromoterState(node.state)
    if state in (PromoterState.FROZEN, PromoterState.BANNED):
        deeds.append(Deed(T("恢复", "Restore"), url("party-restore"), style="pri"))
    if state in (PromoterState.ACTIVE, PromoterState.JOINING):
        deeds.append(Deed(T("冻结", "Freeze"), url("party-suspend"), style="danger"))
    if state is not PromoterState.BANNED:
        deeds.append(Deed(T("清退", "Ban"), url("hierarchy-ban"), style="danger"))
    return deeds
