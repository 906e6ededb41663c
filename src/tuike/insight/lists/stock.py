"""What moved the stock of a shop's goods."""

from tuike.insight.lists.types import Column, Filter, Listing

WHY = {
    "added": ("新增规格", "Added", "grey"),
    "placed": ("下单占用", "Ordered", "blue"),
    "closed": ("订单关闭退回", "Order closed", "green"),
    "refunded": ("退款退回", "Refunded", "green"),
    "hand": ("手工调整", "By hand", "amber"),
    "import": ("文件导入", "By a file", "amber"),
}
_PICTURE = "regexp_replace(p.pictures[1], '^/media/', '')"

MOVES = Listing(
    name="stock_moves",
    sql_from="catalog_stock_move m JOIN catalog_sku k ON k.id = m.sku_id JOIN catalog_product p ON p.id = k.product_id"
    " LEFT JOIN people_person w ON w.id = CASE WHEN m.actor LIKE 'person:%%' THEN substr(m.actor, 8)::bigint END",
    scope_sql="m.merchant_id = %(merchant)s",
    id_sql="m.id",
    default_sort="-new",
    columns=(
        Column("at", ("时间", "When"), "m.at", kind="time"),
        Column(
            "product",
            ("商品", "Product"),
            "p.title",
            kind="product",
            also={"picture": _PICTURE, "under": "concat_ws(' · ', p.no, nullif(k.spec, ''))"},
        ),
        Column("change", ("变动", "Change"), "m.change", kind="count"),
        Column("why", ("原因", "Why"), "m.why", kind="tag", words=WHY),
        Column("source", ("关联单号", "For"), "nullif(m.source, '')"),
        Column("note", ("备注", "Note"), "nullif(m.note, '')"),
        Column("actor", ("操作人", "By"), "w.nickname"),
        Column("new", ("编号", "Id"), "m.id", kind="count", sort=True, filled=True, shown=False, export=False),
    ),
    filters=(
        Filter("product", ("商品编号", "Product number"), "p.no = %(value)s"),
        Filter("goods", ("商品", "Product"), "p.title ILIKE %(like)s"),
        Filter("source", ("关联单号", "For"), "m.source = %(value)s"),
        Filter(
            "why",
            ("原因", "Why"),
            "m.why = %(value)s",
            kind="choice",
            choices=[(key, words[:2]) for key, words in WHY.items()],
        ),
        Filter("at", ("日期", "On"), "m.at >= %(low)s AND m.at < %(high)s", kind="days"),
    ),
)
