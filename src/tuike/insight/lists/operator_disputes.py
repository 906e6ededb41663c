"""After-sales that came before the operator: what a shop and its buyer couldn't settle."""

from collections.abc import Sequence

from tuike.insight.lists.merchant_orders import REFUND_KINDS, REFUNDS
from tuike.insight.lists.types import Column, Filter, Listing

_KINDS: Sequence[tuple[str, tuple[str, str]]] = list(REFUND_KINDS.items())
_ASKED = "(SELECT max(s.at) FROM orders_after_sale_step s WHERE s.after_sale_id = a.id AND s.kind = 'disputed')"

DISPUTES = Listing(
    name="operator_disputes",
    sql_from="orders_after_sale a JOIN orders_order o ON o.id = a.order_id"
    " JOIN parties_party p ON p.id = o.merchant_id",
    scope_sql="(a.state = 'disputed' OR EXISTS (SELECT 1 FROM orders_after_sale_step s WHERE s.after_sale_id = a.id"
    " AND s.kind = 'disputed'))",
    id_sql="a.id",
    default_sort="-new",
    columns=(
        Column("no", ("售后单号", "Request"), "a.no", also={"under": "o.no"}),
        Column("party", ("商家", "Shop"), "p.name", also={"under": "p.no"}),
        Column("new", ("申请时间", "Asked"), "a.id", kind="count", sort=True, filled=True, shown=False, export=False),
        Column("asked_at", ("介入时间", "Brought on"), _ASKED, kind="time"),
        Column("kind", ("类型", "Kind"), "a.kind", kind="tag", words=REFUND_KINDS),
        Column(
            "amount",
            ("退款金额", "Amount"),
            "a.freight_fen + coalesce((SELECT sum(t.amount_fen) FROM orders_after_sale_line t"
            " WHERE t.after_sale_id = a.id), 0)::bigint",
            kind="money",
            total=True,
        ),
        Column("reason", ("买家原因", "Reason"), "a.reason"),
        Column("answer", ("商家回复", "The shop's answer"), "a.answer"),
        Column("state", ("状态", "State"), "a.state", kind="tag", words=REFUNDS),
    ),
    filters=(
        Filter("q", ("售后单号或订单号", "Request or order"), "(a.no = %(value)s OR o.no = %(value)s)"),
        Filter("party", ("商家", "Shop"), "(p.no = %(value)s OR p.name ILIKE %(like)s)"),
        Filter("kind", ("类型", "Kind"), "a.kind = %(value)s", kind="choice", choices=_KINDS),
        Filter("opened", ("申请日期", "Asked on"), "a.opened_at >= %(low)s AND a.opened_at < %(high)s", kind="days"),
    ),
    tabs=Filter(
        "state",
        ("状态", "State"),
        "true",
        kind="choice",
        choices=[("open", ("待裁决", "To decide")), ("decided", ("已裁决", "Decided"))],
        conditions={"open": "a.state = 'disputed'", "decided": "a.state <> 'disputed'"},
    ),
)
