"""Tables of what was sold and what was earned by it. No person is in them: no buyer, phone, name or address."""

from tuike.insight.open_data.shapes import Table, at, day_of, flag, i32, i64, party, text

_GOODS = """
    LEFT JOIN orders_line l ON l.id = s.id
    LEFT JOIN catalog_product g ON g.id = s.product_id
"""
_MERCHANT = text("merchant_no", "m.no", "商家编号", "the merchant's number")
_ORDER = text("order_no", "s.order_no", "订单号", "the order's number")
_PRODUCT = text("product_no", "g.no", "商品编号；运费为空", "the product's number; null for freight")
_SALE = "销售编号，即订单行编号；与 sales 相同"

ACCRUALS = Table(
    name="accruals",
    zh="佣金：一笔销售给一个收款方的一种角色带来的收入",
    en="commission: what one payee earns from one sale in one role",
    day=day_of("a.accrued_at"),
    day_zh="计佣日",
    day_en="when it was accrued",
    base="commission_accrual a",
    more=f"""
    LEFT JOIN commission_sale s ON s.id = a.sale_id
    {_GOODS}
    LEFT JOIN settlement_batch b ON b.id = a.batch_id
    {party("m", "a.merchant_id")}
    LEFT JOIN parties_party p ON p.id = a.payee_id AND a.payee_kind <> 'platform'
    """,
    watched=("a",),
    key="a.id",
    columns=(
        text("accrual_no", "'A' || a.id", "佣金编号", "the accrual's number, as it is explained under"),
        i64("sale_id", "a.sale_id", _SALE, "the sale's id, that of its order line; the same in sales"),
        _ORDER,
        _MERCHANT,
        _PRODUCT,
        i64("category_id", "l.category_id", "下单时的类目", "the category when the order was placed"),
        text("payee_kind", "a.payee_kind", "收款方类型", "promoter, leader, merchant or platform"),
        text("payee_no", "p.no", "收款方编号；平台为空", "the payee's number; null for the platform"),
        text("role", "a.role", "角色", "in which role it is earned: direct, tier2, leader …"),
        text("funder", "a.funder", "由谁承担", "who pays it: merchant or platform"),
        i64("base_fen", "a.base_fen", "计佣基数（分）", "what the rate applies to, in fen"),
        i32("rate_bps", "a.rate_bps", "佣金率（万分之一）", "the rate in ten-thousandths"),
        i64("first_fen", "a.first_fen", "最初金额（分）", "what it began as, in fen"),
        i64("amount_fen", "a.amount_fen", "现在的金额（分），已扣退款", "what it is now, after refunds, in fen"),
        text("state", "a.state", "状态", "waiting, pending, settled or cancelled"),
        text("review", "a.review", "审核状态", "clear, or how its review stands"),
        text("batch_no", "b.no", "结算批次号", "the batch that settled it"),
        at("accrued_at", "a.accrued_at", "计佣时间", "when it was accrued"),
        at("settled_at", "a.settled_at", "结算时间", "when it was settled"),
        at("turned_at", "a.turned_at", "最近变化时间", "when it went on, was lowered or rejected last"),
    ),
)

ACCRUAL_CHANGES = Table(
    name="accrual_changes",
    zh="佣金变化：退款、追回、调整对佣金的影响",
    en="changes of accruals by refunds, clawbacks and adjustments",
    day=day_of("h.at"),
    day_zh="变化日",
    day_en="when it changed",
    base="commission_change h",
    more=f"""
    LEFT JOIN commission_accrual a ON a.id = h.accrual_id
    {party("m", "a.merchant_id")}
    """,
    watched=("h",),
    key="h.id",
    columns=(
        text("accrual_no", "'A' || h.accrual_id", "佣金编号", "the accrual's number"),
        _MERCHANT,
        i64("base_fen", "h.base_fen", "变化后的基数（分）", "the base after it, in fen"),
        i64("delta_fen", "h.delta_fen", "金额变化（分）", "by how much the amount changed, in fen", signed=True),
        i64("clawed_fen", "h.clawed_fen", "从可提现追回（分）", "of it taken back from what was settled, in fen"),
        i64("debt_fen", "h.debt_fen", "记为欠款（分）", "of it left as a debt, in fen"),
        at("at", "h.at", "变化时间", "when"),
    ),
)

SALES = Table(
    name="sales",
    zh="销售：一个订单行（或一单的运费），带归属",
    en="sales: an order line, or an order's freight, with who claims it",
    day=day_of("s.paid_at"),
    day_zh="支付日",
    day_en="when it was paid",
    base="commission_sale s",
    more=f"""
    {_GOODS}
    LEFT JOIN attribution_claim c ON c.id = s.id AND s.kind = 'goods'
    LEFT JOIN attribution_place k ON k.id = c.place_id
    {party("m", "s.merchant_id")}
    {party("p", "c.promoter_id")}
    {party("d", "c.leader_id")}
    """,
    watched=("s",),
    key="s.id",
    columns=(
        i64("sale_id", "s.id", "销售编号，即订单行编号", "the sale's id, that of its order line"),
        text("kind", "s.kind", "类型", "goods or freight"),
        _ORDER,
        _MERCHANT,
        text("source", "s.source", "来源", "mini_store or mini_program"),
        _PRODUCT,
        i64("category_id", "l.category_id", "下单时的类目", "the category when the order was placed"),
        i64("quantity", "s.quantity::bigint", "数量", "pieces"),
        i64("paid_fen", "s.paid_fen", "实付（分）", "what was paid, in fen"),
        i64("subsidy_fen", "s.subsidy_fen", "平台补贴（分）", "what the platform paid the shop of the price, in fen"),
        i64("refunded_fen", "s.refunded_fen", "已退款（分）", "what was refunded by now, in fen"),
        i64("refunded_quantity", "s.refunded_quantity::bigint", "已退数量", "pieces refunded by now"),
        text("promoter_no", "p.no", "推客编号", "the promoter who claims it; null: nobody"),
        text("place", "k.pid", "推广位", "the promotion place"),
        text("leader_no", "d.no", "团长编号", "the leader of its activity"),
        text("claim_kind", "c.kind", "归属方式", "how it is claimed"),
        text("claim_reason", "nullif(c.reason, '')", "未归属原因", "why nobody claims it"),
        at("placed_at", "s.placed_at", "下单时间", "when it was ordered"),
        at("paid_at", "s.paid_at", "支付时间", "when it was paid"),
        at("received_at", "s.received_at", "确认收货时间", "when it was received"),
        at("due_at", "s.due_at", "可结算时间", "from when it may settle"),
    ),
)

SALE_REFUNDS = Table(
    name="sale_refunds",
    zh="每次退款从一笔销售中退了多少；合计等于该销售的已退款",
    en="what each refund took from a sale; they add up to what the sale says was refunded",
    day=day_of("s.paid_at"),
    day_zh="该销售的支付日",
    day_en="when the sale was paid",
    base="commission_refund r JOIN commission_sale s ON s.id = r.sale_id",
    more=f"""
    {_GOODS}
    {party("m", "s.merchant_id")}
    """,
    watched=("r",),
    key="r.id",
    columns=(
        text("refund_no", "r.no", "退款（售后）编号", "the refund's or after-sale's number"),
        i64("sale_id", "r.sale_id", _SALE, "the sale's id; the same in sales"),
        _ORDER,
        _MERCHANT,
        _PRODUCT,
        i64("amount_fen", "r.amount_fen", "退款金额（分）", "the amount in fen"),
        i64("quantity", "r.quantity::bigint", "退款数量", "pieces"),
    ),
)

ORDERS = Table(
    name="orders",
    zh="订单",
    en="orders",
    day=day_of("o.placed_at"),
    day_zh="下单日",
    day_en="when it was placed",
    base="orders_order o",
    more=party("m", "o.merchant_id"),
    watched=("o",),
    key="o.id",
    columns=(
        text("order_no", "o.no", "订单号", "the order's number"),
        _MERCHANT,
        text("source", "o.source", "来源", "mini_store or mini_program"),
        text("state", "o.state", "状态", "how it stands"),
        i64("goods_fen", "o.goods_fen", "商品金额（分）", "goods, in fen"),
        i64("discount_fen", "o.discount_fen", "优惠（分）", "discounts, in fen"),
        i64("freight_fen", "o.freight_fen", "运费（分）", "freight, in fen"),
        i64("freight_refunded_fen", "o.freight_refunded_fen", "已退运费（分）", "freight refunded by now, in fen"),
        i64("payable_fen", "o.payable_fen", "应付（分）", "what is to be paid, in fen"),
        text("close_reason", "nullif(o.close_reason, '')", "关闭原因", "why it was closed"),
        at("placed_at", "o.placed_at", "下单时间", "when it was placed"),
        at("paid_at", "o.paid_at", "支付时间", "when it was paid"),
        at("shipped_at", "o.shipped_at", "发货时间", "when it was sent"),
        at("received_at", "o.received_at", "确认收货时间", "when it was received"),
        at("closed_at", "o.closed_at", "关闭时间", "when it was closed"),
    ),
)

CLICKS = Table(
    name="clicks",
    zh="短链点击（不含访客标识、地址和设备）",
    en="answered short links (neither visitor, address nor device)",
    day=day_of("k.at"),
    day_zh="点击日",
    day_en="when it was clicked",
    base="attribution_click k",
    more=f"""
    LEFT JOIN attribution_link l ON l.id = k.link_id
    LEFT JOIN attribution_place w ON w.id = l.place_id
    LEFT JOIN catalog_product g ON g.id = l.product_id
    {party("m", "k.merchant_id")}
    {party("p", "k.promoter_id")}
    """,
    watched=("k",),
    key="k.id",
    columns=(
        i64("click_id", "k.id", "点击编号", "the click's id"),
        _MERCHANT,
        text("promoter_no", "p.no", "推客编号", "the promoter's number"),
        text("place", "w.pid", "推广位", "the promotion place"),
        text("product_no", "g.no", "商品编号；店铺链接为空", "the product's number; null for a link to a shop"),
        at("at", "k.at", "点击时间", "when"),
    ),
)

PRODUCTS = Table(
    name="products",
    zh="商品现状",
    en="products as they stand",
    day=day_of("g.created_at"),
    day_zh="商品创建日",
    day_en="when it was made",
    base="""catalog_product g
    LEFT JOIN catalog_category c ON c.id = g.category_id
    LEFT JOIN catalog_category c1 ON c1.id = c.parent_id
    LEFT JOIN catalog_category c2 ON c2.id = c1.parent_id""",
    more=party("m", "g.merchant_id"),
    watched=("g", "c", "c1", "c2"),
    key="g.id",
    state=True,
    columns=(
        text("product_no", "g.no", "商品编号", "the product's number"),
        _MERCHANT,
        i64("category_id", "g.category_id", "现在的类目", "the category it is in now"),
        text("category_zh", "concat_ws(' / ', c2.name, c1.name, c.name)", "类目中文名", "the category's Chinese names"),
        text(
            "category_en",
            "concat_ws(' / ', nullif(c2.name_en, ''), nullif(c1.name_en, ''), nullif(c.name_en, ''))",
            "类目英文名",
            "the category's English names",
        ),
        text("title", "g.title", "标题", "its title"),
        text("state", "g.state", "状态", "draft, on_sale or off_sale"),
        flag("excluded", "g.excluded", "不参与推广", "kept out of promotion"),
        i64("min_price_fen", "g.min_price_fen", "最低价（分）", "its lowest price, in fen"),
        i64("sold", "g.sold::bigint", "已售", "pieces sold, counted each hour"),
        at("listed_from", "g.listed_from", "起可进选品库", "from when it may stand in the library"),
        at("created_at", "g.created_at", "创建时间", "when it was made"),
        at("updated_at", "g.updated_at", "更新时间", "when it was changed"),
    ),
)
