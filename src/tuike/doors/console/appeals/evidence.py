"""The evidence of an accrual under review on one page, with everything that can be decided about it."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from tuike.appeals import queries as appeals
from tuike.attribution import queries as claims
from tuike.commission import queries as commission
from tuike.commission.types import AccrualShown, Reviewed
from tuike.doors.console import receipts
from tuike.doors.console.appeals import talk
from tuike.doors.console.keys import asker_key
from tuike.doors.console.operator import findings, held
from tuike.doors.console.operator.drawn import Deed, Field, Form, asked, tags
from tuike.doors.console.text import T, Tag
from tuike.flows.answer_appeals import note_accrual
from tuike.insight import review_words
from tuike.insight.evidence.history import history, taken_out
from tuike.insight.evidence.order import OrderSeen, order_of
from tuike.insight.evidence.related import Edge, Graph, Node, NodeKind, related
from tuike.insight.explain import explain_accrual
from tuike.insight.explain.types import Words
from tuike.insight.lists.operator_queues import ACCRUALS, REVIEWS, ROLES, WITHDRAWALS
from tuike.kit import days
from tuike.kit.errors import NotFound
from tuike.parties import queries as parties
from tuike.people import queries as people
from tuike.review import queries as review
from tuike.review.types import Subject
from tuike.scoring import queries as scoring
from tuike.scoring.types import HIGH
from tuike.settings import service as settings

STATES, REVIEW_TAGS, OUT = tags(ACCRUALS), tags(REVIEWS), tags(WITHDRAWALS)
KINDS = {
    NodeKind.PROMOTER: T("推客", "Promoter"),
    NodeKind.PARTY: T("上级、团长、其他推客", "Above, leader, other promoters"),
    NodeKind.BUYER: T("本单买家", "This buyer"),
    NodeKind.OTHER_BUYER: T("其他买家", "Other buyers"),
    NodeKind.MARK: T("共用的特征", "What they share"),
}
PAYMENTS = {
    "open": Tag(T("未完成", "Open"), "grey"),
    "paid": Tag(T("已付款", "Paid"), "green"),
    "closed": Tag(T("已关闭", "Closed"), "grey"),
    "mismatched": Tag(T("金额不符", "Wrong amount"), "red"),
    "late": Tag(T("逾期到账", "Came late"), "red"),
    "processing": Tag(T("退款中", "On its way"), "blue"),
    "done": Tag(T("已退款", "Refunded"), "green"),
    "refused": Tag(T("被拒绝", "Refused"), "red"),
    "abnormal": Tag(T("退款异常", "Failed"), "red"),
}
"""States of payments and of refunds."""


@dataclass(frozen=True, slots=True)
class Relation:
    """One of the related as the table beside the drawing says it."""

    words: T
    kind: T
    orders: int
    to: Sequence[tuple[T, T, int]]


def page(request: Any, *, accrual_id: int) -> HttpResponse:
    """Show everything that is known about an accrual, and what can be decided.

    Raises:
        NotFound: no such accrual.
    """
    one = next(iter(commission.accruals_by_id([accrual_id])), None)
    if one is None:
        raise NotFound
    of, now = commission.reviewed([accrual_id])[accrual_id], request.asker.now
    claim = claims.claims_of([one.sale_id]).get(one.sale_id)
    promoter = claim.promoter_id if claim else (one.payee.id if one.payee.kind == "promoter" else None)
    graph = related(of.order_no, promoter_id=promoter, leader_id=claim.leader_id if claim else None, now=now)
    notes = appeals.notes_of(accrual_id)
    about = appeals.of_accrual(accrual_id)
    context = {
        **_head(request, one, of),
        "deeds": _deeds(request, one, of),
        "order": _order(order_of(of.order_no, sale_id=one.sale_id)),
        "graph": graph,
        "drawn": _drawn(request, graph),
        "chart_height": "tall" if len(graph.nodes) > 12 else "",
        "relations": _relations(graph),
        "score": _score(of.order_no),
        "hit": _hit(accrual_id),
        "receipt": receipts.drawn(explain_accrual(accrual_id), zh=request.asker.zh),
        "appeals": [(each, talk.TAGS[each.state], talk.MATTERS[each.about]) for each in about],
        "notes": [(each, people.refs([each.person_id])[each.person_id].called) for each in notes],
        "may_note": request.asker.may("operator-evidence-note", "POST"),
        "history": [(each, _t(each.words)) for each in history(accrual_id)],
        "taken_out": [(each, OUT.get(each.state)) for each in taken_out(one.payee.id)],
    }
    return render(request, "console/appeals/evidence.html", context)


def note(request: Any, *, accrual_id: int) -> HttpResponse:
    """Ask what is to be noted, and keep it."""
    if not commission.accruals_by_id([accrual_id]):
        raise NotFound
    form = Form(
        T("添加备注", "Add a note"),
        request.path,
        T("保存", "Keep it"),
        fields=[Field("text", T("备注", "Note"), "area", most=1000)],
        note=T("仅运营人员可见，保存后不能修改。", "For the operator's people alone; it can't be changed."),
    )

    def work() -> T:
        asker = request.asker
        text = request.POST.get("text", "")
        note_accrual(accrual_id=accrual_id, text=text, actor=asker.actor, now=asker.now, key=asker_key(request))
        return T("备注已保存", "The note is kept")

    return asked(request, form, work)


def _head(request: Any, one: AccrualShown, of: Reviewed) -> dict[str, Any]:
    names = parties.refs([one.payee.id, of.merchant_id])
    payee, shop = names.get(one.payee.id), names.get(of.merchant_id)
    facts: list[tuple[T, object, str]] = [
        (T("收款人", "Payee"), f"{payee.name}（{payee.no}）" if payee else T("平台", "The platform"), "text"),
        (T("角色", "Role"), T(*ROLES[one.role][:2]), "text"),
        (T("佣金", "Commission"), one.amount_fen, "money"),
        (T("订单号", "Order"), of.order_no, "copy"),
        (T("商家", "Shop"), shop.name if shop else "—", "text"),
    ]
    timer: Tag | None = None
    if of.held_at:
        facts.append((T("冻结时间", "Held since"), of.held_at, "when"))
    if of.held_at and one.review == "held":
        due = of.held_at + timedelta(hours=settings.get("review_hours"))
        timer = talk.left(due, request.asker.now)
        facts.append((T("处理时限", "Decide by"), due, "when"))
    if of.rejected_at:
        facts.append((T("驳回时间", "Rejected"), of.rejected_at, "when"))
        facts.append((T("被驳回的佣金", "Was rejected"), of.rejected_fen, "money"))
    return {
        "no": f"A{one.accrual_id}",
        "tags": [REVIEW_TAGS.get(one.review) or Tag(T("未审核", "Not reviewed")), STATES[one.state]],
        "timer": timer,
        "facts": facts,
        "accrual_id": one.accrual_id,
    }


def _deeds(request: Any, one: AccrualShown, of: Reviewed) -> list[Deed]:
    asker, deeds = request.asker, []
    if asker.may("operator-adjustment-ask", "POST") and one.payee.kind != "platform":
        payee = parties.refs([one.payee.id])[one.payee.id]
        query = urlencode({"party_no": payee.no, "order_no": of.order_no})
        url = reverse("console:operator-adjustment-ask", args=[asker.party.no])
        deeds.append(Deed(T("人工调整", "Adjust"), f"{url}?{query}", icon="pencil"))
    return [*deeds, *held.decisions(request, one)]


def _t(words: Words) -> T:
    return T(words.zh, words.en)


def _order(seen: OrderSeen | None) -> dict[str, Any] | None:
    if seen is None:
        return None
    return {
        "seen": seen,
        "payments": [(one, PAYMENTS[one.state]) for one in seen.payments],
        "way": [(step, _t(step.words), _after(step.after_ms), days.shown(step.at)) for step in seen.way],
    }


def _after(ms: int | None) -> T | None:
    """Return how long after the step before in words."""
    if ms is None:
        return None
    seconds = ms // 1000
    if seconds < 120:
        shown = f"{seconds}.{ms % 1000 // 100}"
        return T("{n} 秒后", "{n} s later").fill(n=shown)
    if seconds < 7200:
        return T("{n} 分钟后", "{n} min later").fill(n=seconds // 60)
    if seconds < 172_800:
        return T("{n} 小时后", "{n} h later").fill(n=seconds // 3600)
    return T("{n} 天后", "{n} days later").fill(n=seconds // 86_400)


def _score(order_no: str) -> dict[str, Any] | None:
    found = scoring.scores_of([order_no]).get(order_no)
    if found is None:
        return None
    colour = "red" if found.thousandths >= HIGH else "amber" if found.thousandths else "green"
    return {
        "now": found.thousandths,
        "highest": found.highest,
        "tag": Tag(T("{n} / 1000", "{n} of 1,000").fill(n=found.thousandths), colour),
        "said": findings.rows(found.findings),
        "at": found.scored_at,
    }


def _hit(accrual_id: int) -> dict[str, Any] | None:
    found = review.hit_of(accrual_id, subject=Subject.COMMISSION)
    if found is None:
        return None
    called = review_words.names()
    rule = review.by_versions([found.version_id])[found.version_id]
    return {
        "hit": found,
        "rule_no": rule.no if rule.merchant_id is None else "",
        "asked": [_t(one) for one in review_words.asked(rule.rule.conditions, called)],
        "known": [_t(one) for one in review_words.known(found.facts, called)],
    }


def _relations(graph: Graph) -> list[Relation]:
    by_key = {node.key: node for node in graph.nodes}
    beside: dict[str, list[tuple[T, T, int]]] = defaultdict(list)
    for edge in graph.edges:
        beside[edge.source].append((_t(edge.words), _t(by_key[edge.target].words), edge.orders))
        beside[edge.target].append((_t(edge.words), _t(by_key[edge.source].words), edge.orders))
    return [Relation(_t(node.words), KINDS[node.kind], node.orders, beside[node.key]) for node in graph.nodes]


def _drawn(request: Any, graph: Graph) -> dict[str, Any]:
    """Return the related as ECharts draws a graph: columns from who is above to what buyers share."""
    zh, kinds = request.asker.zh, list(KINDS)
    said = lambda words: words.zh if zh else words.en  # noqa: E731 one word in one language
    heights, at = Counter(node.column for node in graph.nodes), Counter[int]()
    nodes = []
    for node in graph.nodes:
        at[node.column] += 1
        nodes.append(
            _node(node, said(node.words), 100 * (2 * at[node.column] - 1) // (2 * heights[node.column]), kinds)
        )
    names = [str(words) for words in KINDS.values()]
    # On axes that nobody sees: a graph's own plane would stretch its signs with the window.
    return {
        "tooltip": {"formatter": "{b}"},
        "legend": {"data": names, "bottom": 0, "type": "scroll"},
        "grid": {"top": 16, "bottom": 56, "left": 48, "right": 56},
        "xAxis": {"type": "value", "show": False, "min": 0, "max": 3},
        "yAxis": {"type": "value", "show": False, "min": 0, "max": 100, "inverse": True},
        "series": [
            {
                "type": "graph",
                "coordinateSystem": "cartesian2d",
                "layout": "none",
                "categories": [{"name": name} for name in names],
                "data": nodes,
                "links": [_link(edge) for edge in graph.edges],
                "emphasis": {"focus": "adjacency"},
            }
        ],
    }


def _node(node: Node, name: str, y: int, kinds: list[NodeKind]) -> dict[str, Any]:
    party = node.kind in (NodeKind.PROMOTER, NodeKind.PARTY)
    short = name.rpartition(" ")[0] if party else name  # the number stands in the table, and where one points
    large = node.kind in (NodeKind.PROMOTER, NodeKind.BUYER)
    return {
        "id": node.key,
        "name": name,
        "value": [node.column, y],
        "category": kinds.index(node.kind),
        "symbolSize": 22 if large else 12,
        "symbol": "diamond" if node.kind is NodeKind.MARK else "circle",
        "label": {"show": large or node.kind is not NodeKind.OTHER_BUYER, "position": "bottom", "formatter": short},
    }


def _link(edge: Edge) -> dict[str, Any]:
    return {"source": edge.source, "target": edge.target}
