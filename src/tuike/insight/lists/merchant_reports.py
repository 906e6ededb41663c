"""What an external shop's software has reported, and what became of it."""

from tuike.insight.lists.types import Column, Filter, Listing

STATES = {
    "waiting": ("待处理", "Waiting", "blue"),
    "done": ("已处理", "Done", "green"),
    "refused": ("已拒绝", "Refused", "red"),
}
REASONS = {
    "reported_goods_unknown": ("商品不存在", "No such product", "red"),
    "external_order_changed": ("与先前上报不一致", "Differs from before", "red"),
    "external_order_instants": ("时间先后不合理", "Instants out of order", "red"),
    "reported_refund_impossible": ("退款超过已售", "More back than sold", "red"),
    "nothing_left_to_refund": ("退款超过可退", "More than is left", "red"),
    "unshipped_refund_in_full": ("未发货须全额退款", "Unshipped: all or nothing", "red"),
    "bad_amount": ("金额不合法", "Amount not valid", "red"),
    "bad_quantity": ("数量不合法", "Quantity not valid", "red"),
    "discount_too_large": ("优惠超过金额", "Discounts exceed the price", "red"),
    "too_many_lines": ("商品行过多", "Too many lines", "red"),
    "order_text_too_long": ("文字过长", "Text too long", "red"),
    "not_an_external_shop": ("非外部小程序商家", "No external shop", "red"),
    "report_not_taken": ("系统未能处理", "Not taken", "red"),
}
"""Why reports are refused, by the refusal's code: in few words; the sentences are in the file and in the API."""

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
        Column(
            "code",
            ("原因", "Reason"),
            "nullif(r.code, '')",
            kind="tag",
            words=REASONS,
            also={"under": "coalesce(r.details->'about'->>'item', r.details->'about'->>'field')"},
        ),
        Column("reason", ("原因说明", "Reason in Chinese"), "nullif(r.details->>'zh', '')", shown=False),
        Column("reason_en", ("原因说明（英文）", "Reason in English"), "nullif(r.details->>'en', '')", shown=False),
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
        Filter(
            "code",
            ("原因", "Reason"),
            "r.code = %(value)s",
            kind="choice",
            choices=[(key, words[:2]) for key, words in REASONS.items()],
        ),
        Filter("at", ("上报时间", "Reported"), "r.at >= %(low)s AND r.at < %(high)s", kind="days"),
    ),
)
"""Scope: `party` (the merchant's id)."""
