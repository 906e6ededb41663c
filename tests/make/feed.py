"""Following the update feed as a party's software does, and what the feed should lead to."""

import json
from dataclasses import dataclass, field
from typing import Any

from tuike.db import rows
from tuike.feed import queries
from tuike.feed import service as feed
from tuike.feed.types import Moved
from tuike.flows.concerned import Kind, concerned
from tuike.outbox.types import Event

_STATES = {
    Kind.ORDER: """
        SELECT o.no, o.state, o.paid_at, o.received_at, o.closed_at, sum(l.refunded_fen),
            (SELECT string_agg(s.state, ' ' ORDER BY s.id) FROM orders_after_sale s WHERE s.order_id = o.id),
            (SELECT array_agg((a.id, a.amount_fen, a.state, a.review) ORDER BY a.id) FROM commission_accrual a
                JOIN commission_sale c ON c.id = a.sale_id
                WHERE c.order_no = o.no AND %(party)s IN (a.payee_id, a.merchant_id))::text
        FROM orders_order o JOIN orders_line l ON l.order_id = o.id WHERE o.no = ANY(%(names)s) GROUP BY o.id
    """,
    Kind.ACCRUAL: """
        SELECT a.id::text, a.amount_fen, a.state, a.review, a.settled_at, s.open_after_sales, s.due_at
        FROM commission_accrual a JOIN commission_sale s ON s.id = a.sale_id WHERE a.id::text = ANY(%(names)s)
    """,
    Kind.WITHDRAWAL: "SELECT no, state, reason, ended_at FROM settlement_withdrawal WHERE no = ANY(%(names)s)",
    Kind.SETTLEMENT: "SELECT no, amount_fen FROM settlement_batch WHERE no = ANY(%(names)s)",
    Kind.ENROLMENT: """
        SELECT e.no, e.state, e.ends_at, e.end_cause,
            (SELECT string_agg(c.state, ' ' ORDER BY c.id) FROM cooperation_cancel c WHERE c.enrolment_id = e.id),
            (SELECT string_agg(x.state, ' ' ORDER BY x.id) FROM cooperation_extension x WHERE x.enrolment_id = e.id)
        FROM cooperation_enrolment e WHERE e.no = ANY(%(names)s)
    """,
    Kind.ADJUSTMENT: "SELECT no, state FROM commission_adjustment WHERE no = ANY(%(names)s)",
}
"""How an object of a kind stands now: its name, and what a party can see change; of an order, what it earns."""
_ALL = """
    SELECT merchant_id, 'order', no FROM orders_order
    UNION SELECT a.payee_id, 'order', s.order_no FROM commission_accrual a JOIN commission_sale s ON s.id = a.sale_id
        WHERE a.payee_kind <> 'platform'
    UNION SELECT promoter_id, 'order', order_no FROM attribution_claim WHERE promoter_id IS NOT NULL
    UNION SELECT payee_id, 'accrual', id::text FROM commission_accrual WHERE payee_kind <> 'platform'
    UNION SELECT party_id, 'withdrawal', no FROM settlement_withdrawal
    UNION SELECT p.payee_id, 'settlement', b.no FROM settlement_part p JOIN settlement_batch b ON b.id = p.batch_id
        WHERE p.payee_kind <> 'platform'
    UNION SELECT merchant_id, 'enrolment', no FROM cooperation_enrolment
    UNION SELECT a.leader_id, 'enrolment', e.no FROM cooperation_enrolment e
        JOIN cooperation_activity a ON a.id = e.activity_id
    UNION SELECT payee_id, 'adjustment', no FROM commission_adjustment WHERE state = 'approved'
"""
Name = tuple[int, str, str]


@dataclass
class Reader:
    """Follows parties' feeds from the beginning, and keeps of each object what it saw last."""

    parties: list[int]
    kinds: tuple[Kind, ...] = tuple(_STATES)
    cursors: dict[int, int] = field(default_factory=dict)
    seen: dict[Name, Any] = field(default_factory=dict)
    places: dict[int, list[int]] = field(default_factory=dict)

    def read(self, *, limit: int = 50) -> int:
        """Read each party's next page, and what it names; return how many places there were."""
        count = 0
        for party in self.parties:
            found = queries.after(party_id=party, kinds=self.kinds, seq=self.cursors.get(party, 0), limit=limit)
            self.places.setdefault(party, []).extend(one.seq for one in found)
            for one in found:
                self.cursors[party] = one.seq
                self.seen[party, one.kind, one.object] = state(party, Kind(one.kind), one.object)
            count += len(found)
        return count


def state(party: int, kind: Kind, name: str) -> Any:
    """Return how an object stands for a party."""
    return rows.query(_STATES[kind], {"names": [name], "party": party})


def everything() -> dict[Name, Any]:
    """Return every object that concerns somebody, and how it stands."""
    return {(party, kind, name): state(party, Kind(kind), name) for party, kind, name in rows.query(_ALL)}


def follow(*, after: int = 0) -> int:
    """Move what was told after the event `after`, as the job does, for a test whose events no other transaction sees;
    return the last event's id."""
    found = rows.query(
        "SELECT id, txid, topic, key, facts::text, at FROM outbox_event WHERE id > %s ORDER BY id", [after]
    )
    events = [Event(id_, txid, topic, key, json.loads(facts), at) for id_, txid, topic, key, facts, at in found]
    feed.move(moved=[Moved(one.party_id, one.kind.value, one.object, one.at) for one in concerned(events)])
    return events[-1].id if events else after
