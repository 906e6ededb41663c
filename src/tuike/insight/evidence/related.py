"""Who is related to an order: the promoter with its up-line, the buyers whom it brought lately, and what they share.

Buyers are numbered, and of what they share only the kind is known: digests say that two are the same, nothing else.
"""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from tuike.db import rows
from tuike.insight.explain.types import Words

LATELY = timedelta(days=45)
MOST_ORDERS = 400
MOST_BUYERS = 24
"""Buyers that are drawn: this order's, those who share something, then the latest."""
MOST_OTHERS = 6


class NodeKind(StrEnum):
    """What a node of the graph stands for."""

    PROMOTER = "promoter"
    PARTY = "party"
    """Another promoter, or the leader."""
    BUYER = "buyer"
    """Who bought this order."""
    OTHER_BUYER = "other_buyer"
    MARK = "mark"
    """An address, a phone, a device or a payer that several share."""


@dataclass(frozen=True, slots=True)
class Node:
    """One of the related: `column` is where it stands, 0 what is above the promoter, 3 what buyers share."""

    key: str
    kind: NodeKind
    words: Words
    column: int
    orders: int = 0


@dataclass(frozen=True, slots=True)
class Edge:
    """How two of them are related."""

    source: str
    target: str
    words: Words
    orders: int = 0


@dataclass(frozen=True, slots=True)
class Graph:
    """The related, in the order in which they are drawn and read; `hidden` buyers were left out."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    hidden: int


_MARKS = {
    "address": Words("同一收货地址", "one address"),
    "phone": Words("同一手机号", "one phone"),
    "device": Words("同一设备", "one device"),
    "payer": Words("同一付款人", "one payer"),
}
_TRACES = """
    SELECT buyer_id, buyer_promoter_id, order_no = %(order)s, address, phone, device, payer FROM scoring_trace
    WHERE promoter_id = %(promoter)s AND (paid_at >= %(since)s OR order_no = %(order)s)
    ORDER BY order_no = %(order)s DESC, paid_at DESC LIMIT %(most)s
"""
_PROMOTER = """
    SELECT p.line, y.name, y.no FROM parties_promoter p JOIN parties_party y ON y.id = p.party_id WHERE y.id = %s
"""
_BUYER = "SELECT buyer_id FROM orders_order WHERE no = %s AND buyer_id IS NOT NULL"
_ELSEWHERE = """
    SELECT promoter_id, count(*) FROM scoring_trace WHERE buyer_id = %s AND promoter_id <> %s
    GROUP BY promoter_id ORDER BY 2 DESC, 1 LIMIT %s
"""


def related(order_no: str, *, promoter_id: int | None, leader_id: int | None, now: datetime) -> Graph:
    """Return who is related to an order that a promoter brought."""
    if promoter_id is None:
        return Graph((), (), 0)
    traces = rows.query(
        _TRACES, {"order": order_no, "promoter": promoter_id, "since": now - LATELY, "most": MOST_ORDERS}
    )
    buyers, marks, own = _buyers(traces)
    if own is None:  # an order leaves its trace once it is scored; its buyer is known before
        own = next((buyer for (buyer,) in rows.query(_BUYER, [order_no])), None)
        if own is not None:
            buyers[own] += 1
    shown = _chosen(buyers, marks, own)
    nodes, edges = _parties(promoter_id, leader_id)
    labels = {buyer: number for number, buyer in enumerate(shown, 1)}
    promoters = {buyer: of for buyer, of, *_ in traces if of}
    for buyer, number in labels.items():
        kind = NodeKind.BUYER if buyer == own else NodeKind.OTHER_BUYER
        words = Words("本单买家", "This buyer") if buyer == own else Words(f"买家 {number}", f"Buyer {number}")
        nodes.append(Node(f"b{number}", kind, words, 2, buyers[buyer]))
        edges.append(Edge(f"p{promoter_id}", f"b{number}", Words("带来的订单", "orders brought"), buyers[buyer]))
        if promoters.get(buyer) == promoter_id:
            edges.append(Edge(f"b{number}", f"p{promoter_id}", Words("买家是推客本人", "the buyer is the promoter")))
    _draw_marks(marks, labels, nodes, edges)
    if own is not None:
        _draw_others(own, labels, (promoter_id, promoters.get(own, 0)), nodes, edges)
    return Graph(tuple(nodes), tuple(edges), len(buyers) - len(shown))


def _buyers(
    traces: list[tuple],
) -> tuple[Counter[int], dict[tuple[str, bytes], set[int]], int | None]:
    """Return how often each bought, who shares which mark (several do), and who bought this order."""
    buyers: Counter[int] = Counter()
    marks: dict[tuple[str, bytes], set[int]] = defaultdict(set)
    own: int | None = None
    for buyer, _, this, *digests in traces:
        buyers[buyer] += 1
        own = buyer if this else own
        for name, digest in zip(_MARKS, digests, strict=True):
            if digest:
                marks[name, bytes(digest)].add(buyer)
    return buyers, {mark: some for mark, some in marks.items() if len(some) > 1}, own


def _chosen(buyers: Counter[int], marks: dict[tuple[str, bytes], set[int]], own: int | None) -> list[int]:
    near = set().union(*(some for some in marks.values() if own in some)) if marks else set()
    sharing = set().union(*marks.values()) if marks else set()
    order = sorted(buyers, key=lambda one: (one != own, one not in near, one not in sharing, -buyers[one], one))
    return order[:MOST_BUYERS]


def _parties(promoter_id: int, leader_id: int | None) -> tuple[list[Node], list[Edge]]:
    found = rows.query(_PROMOTER, [promoter_id])
    line, name, no = found[0] if found else ([], "—", "")
    above = list(line[:2])
    names = _names([*above, *([leader_id] if leader_id else [])])
    nodes = [Node(f"p{promoter_id}", NodeKind.PROMOTER, Words(f"{name} {no}", f"{name} {no}"), 1)]
    edges, below = [], f"p{promoter_id}"
    for one in above:
        nodes.append(Node(f"p{one}", NodeKind.PARTY, names[one], 0))
        edges.append(Edge(f"p{one}", below, Words("招募", "recruited")))
        below = f"p{one}"
    if leader_id:
        nodes.append(Node(f"p{leader_id}", NodeKind.PARTY, names[leader_id], 0))
        edges.append(Edge(f"p{leader_id}", f"p{promoter_id}", Words("团长活动", "the leader's activity")))
    return nodes, edges


def _draw_marks(
    marks: dict[tuple[str, bytes], set[int]], labels: dict[int, int], nodes: list[Node], edges: list[Edge]
) -> None:
    counts: Counter[str] = Counter()
    for (name, _), some in sorted(marks.items(), key=lambda one: (-len(one[1]), one[0])):
        drawn = sorted(labels[buyer] for buyer in some if buyer in labels)
        if len(drawn) < 2:
            continue
        counts[name] += 1
        said = _MARKS[name]
        key, number = f"{name}{counts[name]}", counts[name]
        nodes.append(Node(key, NodeKind.MARK, Words(f"{said.zh} {number}", f"{said.en} {number}"), 3, len(some)))
        edges += [Edge(f"b{buyer}", key, said) for buyer in drawn]


def _draw_others(
    own: int, labels: dict[int, int], known: tuple[int, int], nodes: list[Node], edges: list[Edge]
) -> None:
    """Draw the other promoters by whom this order's buyer bought, and the one that the buyer is."""
    promoter_id, is_promoter = known
    others = rows.query(_ELSEWHERE, [own, promoter_id, MOST_OTHERS])
    ids = [one for one, _ in others] + ([is_promoter] if is_promoter and is_promoter != promoter_id else [])
    names, there = _names(ids), {node.key for node in nodes}
    for one in ids:
        if f"p{one}" not in there:
            nodes.append(Node(f"p{one}", NodeKind.PARTY, names[one], 1))
            there.add(f"p{one}")
    buyer = f"b{labels[own]}"
    edges += [Edge(f"p{one}", buyer, Words("带来的订单", "orders brought"), count) for one, count in others]
    if is_promoter and is_promoter != promoter_id:
        edges.append(Edge(buyer, f"p{is_promoter}", Words("买家本人是推客", "the buyer is this promoter")))


def _names(party_ids: list[int]) -> dict[int, Words]:
    found = rows.query("SELECT id, name || ' ' || no FROM parties_party WHERE id = ANY(%s)", [party_ids])
    return {id_: Words(said, said) for id_, said in found}
