"""What an external shop's software has reported, and what became of it."""

from tuike.insight.lists.types import Column, Filter, Listing

STATES = {
    "waiting": ("待处理", "Waiting", "blue"),
    "done": ("已处理", "Done", "green"),
    "refused": ("已拒绝", "Refused", "red"),
}

LISTING = Listing(
    name="merchant_reports",
    sql_from="inbox_report r JOIN inbox_batch b ON b.id = r.id / 1000",
    scope_sql="r.merchant_id = %(party)s",
    id_sql="r.id",
    default_sort="-place",
    columns=(
        Column("external_no", ("商家订单号", "Shop's order number"), "r.external_no", also={"copy": "r.external_no"}),
        Column("batch_no", ("上报批次", "Batch"), "b.no", also={"copy": "b.no"}),
        Column("at", ("上报时间", "Reported"), "r.at", kind="time", filled=True),
        Column("state", ("状态", "State"), "r.state", kind="tag", words=STATES),
        Column("reason", ("原因", "Reason"), "nullif(r.details->>'zh', '')", also={"under": "nullif(r.code, '')"}),
        Column("reason_en", ("原因（英文）", "Reason in English"), "nullif(r.details->>'en', '')", shown=False),
        Column("code", ("原因代码", "Code"), "nullif(r.code, '')", shown=False),
        Column("ended_at", ("处理时间", "Worked off"), "r.ended_at", kind="time"),
        Column(
            "order_no",
            ("平台订单号", "Our order"),
            "(SELECT o.no FROM orders_order o WHERE o.merchant_id = r.merchant_id AND o.external_no = r.external_no)",
        ),
        Column(
            "place", ("顺序", "Order of work"), "r.id", kind="count", sort=True, filled=True, shown=False, export=False
        ),
    ),
    tabs=Filter(
        "state",
        ("状态", "State"),
        "r.state = %(value)s",
        kind="choice",
        choices=[(key, words[:2]) for key, words in STATES.items()],
        # Spelled out: the indexes hold one state each.
        conditions={"waiting": "r.state = 'waiting'", "refused": "r.state = 'refused'"},
    ),
    filters=(
        Filter("external_no", ("商家订单号", "Shop's order number"), "r.external_no = %(value)s"),
        Filter("batch_no", ("上报批次", "Batch"), "b.no = upper(%(value)s)"),
        Filter("code", ("原因代码", "Code"), "r.code = %(value)s"),
        Filter("at", ("上报时间", "Reported"), "r.at >= %(low)s AND r.at < %(high)s", kind="days"),
    ),
)
"""Scope: `party` (the merchant's id)."""
