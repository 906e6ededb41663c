"""A party's webhook endpoints, and what was sent to them."""

from collections.abc import Mapping
from typing import Any

from tuike.gateways.webhook import ERRORS
from tuike.insight.lists.types import Choices, Column, Filter, Listing
from tuike.parties.types import PartyKind
from tuike.webhooks.types import OFFERED, WORDS, EventType

STATES = {
    "waiting": ("等待投递", "Waiting", "blue"),
    "failed": ("失败，将重试", "Failed, comes again", "amber"),
    "delivered": ("已送达", "Delivered", "green"),
    "given_up": ("已放弃", "Given up", "red"),
}
ENDPOINT_STATES = {
    "on": ("启用", "On", "green"),
    "failing": ("投递失败", "Failing", "amber"),
    "person": ("已停用", "Off", "grey"),
    "switched_off": ("连续失败，已自动停用", "Switched off after 5 days", "red"),
}
_ENDPOINT_STATE = """
    CASE WHEN n.active THEN CASE WHEN n.failing_since IS NULL THEN 'on' ELSE 'failing' END
        WHEN n.off_reason = 'failing' THEN 'switched_off' ELSE 'person' END
"""
_LAST = "(SELECT {what} FROM webhooks_delivery d WHERE d.endpoint_id = n.id ORDER BY d.id DESC LIMIT 1)"

ENDPOINTS = Listing(
    name="webhook_endpoints",
    sql_from="webhooks_endpoint n",
    scope_sql="n.party_id = %(party)s AND n.deleted_at IS NULL",
    id_sql="n.id",
    default_sort="new",
    columns=(
        Column("name", ("接收地址", "Endpoint"), "n.name", also={"under": "n.url", "no": "n.no"}),
        Column("types", ("事件数", "Types"), "cardinality(n.types)", kind="count"),
        Column("state", ("状态", "State"), _ENDPOINT_STATE, kind="tag", words=ENDPOINT_STATES),
        Column("last", ("最近投递", "Last delivery"), _LAST.format(what="d.state"), kind="tag", words=STATES),
        Column("last_at", ("最近事件", "Last event"), _LAST.format(what="d.made_at"), kind="time"),
        Column("created_at", ("添加时间", "Added"), "n.created_at", kind="time"),
        Column("new", ("编号", "Id"), "n.id", kind="count", sort=True, filled=True, shown=False, export=False),
    ),
)
"""Scope: `party` (id)."""


def _types(scope: Mapping[str, Any]) -> Choices:
    offered = OFFERED[PartyKind(scope["kind"])]
    return [(one.value, WORDS[one]) for one in (*offered, EventType.ENDPOINT_TEST)]


_ERRORS = {name: (*words, "red") for name, words in ERRORS.items()}

DELIVERIES = Listing(
    name="webhook_deliveries",
    sql_from="webhooks_delivery d JOIN webhooks_event e ON e.id = d.event_id"
    " JOIN webhooks_endpoint n ON n.id = d.endpoint_id",
    scope_sql="d.party_id = %(party)s",
    id_sql="d.id",
    default_sort="-new",
    columns=(
        Column(
            "type",
            ("事件", "Event"),
            "e.type",
            kind="tag",
            words={one.value: (*words, "grey") for one, words in WORDS.items()},
            also={"under": "e.no"},
        ),
        Column("object", ("对象", "Object"), "e.object"),
        Column("endpoint", ("接收地址", "Endpoint"), "n.name"),
        Column("state", ("状态", "State"), "d.state", kind="tag", words=STATES),
        Column("tries", ("尝试次数", "Tries"), "d.tries::int", kind="count"),
        Column("status", ("状态码", "Status"), "d.status::text"),
        Column("error", ("原因", "Why"), "nullif(d.error, '')", kind="tag", words=_ERRORS),
        Column("made_at", ("事件时间", "At"), "d.made_at", kind="time"),
        Column("next_at", ("下次投递", "Next try"), "CASE WHEN d.tries > 0 THEN d.next_at END", kind="time"),
        Column("new", ("编号", "Id"), "d.id", kind="count", sort=True, filled=True, shown=False, export=False),
    ),
    filters=(
        Filter("q", ("事件编号或对象编号", "Event id or object"), "(e.no = %(value)s OR e.object = %(value)s)"),
        Filter("type", ("事件类型", "Type"), "e.type = ANY(%(value)s)", kind="choice", choices=_types, many=True),
        Filter(
            "endpoint",
            ("接收地址", "Endpoint"),
            "n.no = %(value)s",
            hint=("接收地址编号 we_…", "we_…"),
        ),
        Filter("at", ("事件时间", "At"), "d.made_at >= %(low)s AND d.made_at < %(high)s", kind="days"),
    ),
    tabs=Filter(
        "state",
        ("状态", "State"),
        "d.state = %(value)s",
        kind="choice",
        choices=[(key, words[:2]) for key, words in STATES.items()],
    ),
)
"""Scope: `party` (id), `kind` (the party's kind)."""
