"""Appeals as their payee sees its own, and as the operator answers all of them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from tuike.insight.lists.types import Column, Filter, Listing

STATES = {
    "open": ("待答复", "To be answered", "amber"),
    "approving": ("复核中", "Being approved", "blue"),
    "accepted": ("已通过", "Accepted", "green"),
    "refused": ("未通过", "Refused", "red"),
    "withdrawn": ("已撤回", "Withdrawn", "grey"),
}
ABOUT = {"held": ("佣金冻结", "Held", "amber"), "rejected": ("佣金驳回", "Rejected", "red")}
TIMERS = {
    "overdue": ("已超时", "Overdue", "red"),
    "soon": ("即将超时", "Due soon", "amber"),
    "in_time": ("时限内", "In time", "green"),
}
"""What the time left says; soon is within twelve hours."""

SOON = "interval '12 hours'"


def timer(due: str, waits: str) -> str:
    """Return the expression of what is left of the time until `due`, NULL where nothing `waits` any more."""
    return (
        f"CASE WHEN {waits} THEN CASE WHEN {due} <= %(now)s::timestamptz THEN 'overdue'"
        f" WHEN {due} <= %(now)s::timestamptz + {SOON} THEN 'soon' ELSE 'in_time' END END"
    )


def timed(due: str, waits: str) -> Filter:
    """Return the filter by what is left of the time until `due`."""
    now = "%(now)s::timestamptz"
    return Filter(
        "timer",
        ("时限", "Time left"),
        "true",
        kind="choice",
        choices=[(key, words[:2]) for key, words in TIMERS.items()],
        conditions={
            "overdue": f"{waits} AND {due} <= {now}",
            "soon": f"{waits} AND {due} > {now} AND {due} <= {now} + {SOON}",
            "in_time": f"{waits} AND {due} > {now} + {SOON}",
        },
    )


def shown_time(expression: str) -> str:
    """Return the expression of an instant as a second line shows it, of Asia/Shanghai."""
    return f"to_char({expression} AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI')"


def now_scope(now: datetime, **more: Any) -> Mapping[str, Any]:
    """Return what the lists with timers ask: the instant against which they are held."""
    return {"now": now.isoformat(), **more}


_FROM = (
    "appeals_appeal p JOIN commission_accrual a ON a.id = p.accrual_id JOIN commission_sale s ON s.id = a.sale_id"
    " JOIN parties_party y ON y.id = p.party_id LEFT JOIN people_person d ON d.id = p.answered_by"
)
_TABS = Filter(
    "state",
    ("状态", "State"),
    "p.state = %(value)s",
    kind="choice",
    choices=[(key, words[:2]) for key, words in STATES.items()],
)
_NO = Column("no", ("申诉编号", "Appeal"), "p.no", also={"under": "'A' || a.id"})
_ABOUT = Column("about", ("申诉事项", "About"), "p.about", kind="tag", words=ABOUT, also={"under": "s.order_no"})
_AMOUNT = Column("amount", ("涉及佣金", "At stake"), "p.amount_fen", kind="money", sort=True, filled=True, total=True)
_OPENED = Column("opened_at", ("提交时间", "Filed"), "p.opened_at", kind="time", sort=True, filled=True)
_STATE = Column("state", ("状态", "State"), "p.state", kind="tag", words=STATES)
_ORDER = Filter("order", ("订单号", "Order"), "s.order_no = %(value)s")

OWN_APPEALS = Listing(
    name="own_appeals",
    sql_from=_FROM,
    scope_sql="p.party_id = %(party)s",
    id_sql="p.id",
    default_sort="-opened_at",
    columns=(
        _NO,
        _ABOUT,
        _AMOUNT,
        _OPENED,
        Column("due_at", ("答复时限", "Answered by"), "CASE WHEN p.state = 'open' THEN p.due_at END", kind="time"),
        Column("answered_at", ("答复时间", "Answered"), "p.answered_at", kind="time"),
        _STATE,
    ),
    filters=(_ORDER,),
    tabs=_TABS,
)

APPEALS = Listing(
    name="operator_appeals",
    sql_from=_FROM,
    scope_sql="true",
    id_sql="p.id",
    default_sort="-opened_at",
    columns=(
        _NO,
        Column("party", ("申诉人", "Who appeals"), "y.name", also={"under": "y.no"}),
        _ABOUT,
        _AMOUNT,
        _OPENED,
        Column(
            "timer",
            ("时限", "Time left"),
            timer("p.due_at", "p.state = 'open'"),
            kind="tag",
            words=TIMERS,
            also={"under": f"CASE WHEN p.state = 'open' THEN {shown_time('p.due_at')} END"},
        ),
        Column("due_at", ("答复时限", "Answer by"), "p.due_at", kind="time", sort=True, filled=True),
        Column("answered_at", ("答复时间", "Answered"), "p.answered_at", kind="time", also={"under": "d.nickname"}),
        _STATE,
    ),
    filters=(
        Filter(
            "party",
            ("申诉人", "Who appeals"),
            "(y.no = %(value)s OR y.name ILIKE %(like)s)",
            hint=("编号或名称", "number or name"),
        ),
        timed("p.due_at", "p.state = 'open'"),
        _ORDER,
        Filter("amount", ("涉及佣金", "At stake"), "p.amount_fen BETWEEN %(low)s AND %(high)s", kind="fen"),
    ),
    tabs=_TABS,
)
