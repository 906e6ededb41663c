"""Tables of money on its way and in the books, of the daily figures and of the parties."""

from tuike.insight.open_data.shapes import Table, at, day_of, flag, i32, i64, party, text

_NAMED = "'^(merchant|promoter|leader):[0-9]+$'"
_OWNER_ID = f"CASE WHEN e.owner ~ {_NAMED} THEN split_part(e.owner, ':', 2)::bigint END"
_PURPOSE = """CASE WHEN split_part(e.owner, ':', 1) IN ('merchant', 'promoter', 'leader', 'buyer')
        THEN split_part(n.path, ':', 3)
        WHEN split_part(e.owner, ':', 1) IN ('platform', 'outside') THEN split_part(n.path, ':', 2) END"""

ENTRIES = Table(
    name="entries",
    zh="账本分录；每笔转账合计为零",
    en="entries of the ledger; each transfer sums to zero",
    day=day_of("t.posted_at"),
    day_zh="记账日",
    day_en="when it was posted",
    base="ledger_entry e JOIN ledger_transfer t ON t.id = e.transfer_id",
    more=f"""
    LEFT JOIN ledger_account n ON n.id = e.account_id
    LEFT JOIN parties_party p ON p.id = {_OWNER_ID}
    """,
    watched=("e",),
    key="e.id",
    columns=(
        i64("entry_id", "e.id", "分录编号", "the entry's id"),
        i64("transfer_id", "e.transfer_id", "转账编号；同一转账的分录相同", "the transfer's id, shared by its entries"),
        text("kind", "t.kind", "转账种类", "the kind of transfer"),
        text("owner_kind", "split_part(e.owner, ':', 1)", "账户归属", "whose account: promoter, platform, outside …"),
        text("owner_no", "p.no", "主体编号；买家及其他为空", "the party's number; null for buyers and for no party"),
        text("purpose", _PURPOSE, "账户用途", "what the account is for: pending, available, held …"),
        text("unit", "n.unit", "单位", "CNY, or PTS for points"),
        i64("amount_fen", "e.amount_fen", "金额（分；积分为个）", "signed fen (points for PTS)", signed=True),
        at("happened_at", "t.happened_at", "发生时间", "when it happened"),
        at("posted_at", "t.posted_at", "记账时间", "when it was posted"),
    ),
)

SETTLEMENTS = Table(
    name="settlements",
    zh="结算：每批次中一个收款方从一个商家得到的金额",
    en="settlements: what one payee got from one merchant in one batch",
    day=day_of("b.at"),
    day_zh="结算日",
    day_en="when it settled",
    base="settlement_part q JOIN settlement_batch b ON b.id = q.batch_id",
    more=f"""
    {party("m", "q.merchant_id")}
    LEFT JOIN parties_party p ON p.id = q.payee_id AND q.payee_kind <> 'platform'
    """,
    watched=("q",),
    key="q.id",
    columns=(
        text("batch_no", "b.no", "批次号", "the batch's number"),
        text("payee_kind", "q.payee_kind", "收款方类型", "promoter, leader, merchant or platform"),
        text("payee_no", "p.no", "收款方编号；平台为空", "the payee's number; null for the platform"),
        text("merchant_no", "m.no", "商家编号", "the merchant's number"),
        i64("items", "q.items::bigint", "笔数", "how many accruals or sales"),
        i64("amount_fen", "q.amount_fen", "金额（分）", "the amount in fen"),
        i64("transfer_id", "q.transfer_id", "转账编号；与 entries 相同", "the transfer's id; the same in entries"),
        at("due_until", "b.due_until", "到期截止", "until when it was due"),
        at("at", "b.at", "结算时间", "when it settled"),
    ),
)

WITHDRAWALS = Table(
    name="withdrawals",
    zh="提现（不含收款账户）",
    en="withdrawals (without the payout account)",
    day=day_of("w.asked_at"),
    day_zh="申请日",
    day_en="when it was asked for",
    base="settlement_withdrawal w",
    more=party("p", "w.party_id"),
    watched=("w",),
    key="w.id",
    columns=(
        text("withdrawal_no", "w.no", "提现编号", "the withdrawal's number"),
        text("party_no", "p.no", "主体编号", "the party's number"),
        text("payee_kind", "w.payee_kind", "主体类型", "promoter, leader or merchant"),
        text("source", "w.source", "来源", "mini_store or mini_program"),
        text("rail", "w.rail", "付款通道", "by which rail"),
        text("state", "w.state", "状态", "how it stands"),
        i64("amount_fen", "w.amount_fen", "金额（分）", "the amount in fen"),
        i64("fee_fen", "w.fee_fen", "手续费（分）", "the fee out of it, in fen"),
        i64("tax_fen", "w.tax_fen", "代扣税（分）", "the tax out of it, in fen"),
        i32("attempts", "w.attempts::int", "付款次数", "how often it was tried"),
        at("asked_at", "w.asked_at", "申请时间", "when it was asked for"),
        at("decided_at", "w.decided_at", "审批时间", "when it was decided"),
        at("ended_at", "w.ended_at", "结束时间", "when it ended"),
    ),
)

REFUNDS = Table(
    name="refunds",
    zh="经微信支付等渠道的退款",
    en="refunds by the payment channel",
    day=day_of("f.created_at"),
    day_zh="发起日",
    day_en="when it was asked for",
    base="payments_refund f",
    more="LEFT JOIN payments_intent i ON i.id = f.intent_id",
    watched=("f",),
    key="f.id",
    columns=(
        text("refund_no", "f.no", "退款单号", "the refund's number at the channel"),
        text("payment_no", "i.no", "支付单号", "the payment's number at the channel"),
        text("channel", "i.channel", "渠道", "the channel"),
        text("state", "f.state", "状态", "how it stands"),
        i64("amount_fen", "f.amount_fen", "金额（分）", "the amount in fen"),
        i32("attempts", "f.attempts::int", "请求次数", "how often it was tried"),
        at("created_at", "f.created_at", "发起时间", "when it was asked for"),
        at("ended_at", "f.ended_at", "结束时间", "when it ended"),
    ),
)

DAILY_FIGURES = Table(
    name="daily_figures",
    zh="每日数据：商品、推客、推广位",
    en="the daily figures by product, promoter and place",
    day="f.day",
    day_zh="支付日或点击日",
    day_en="the day of payment or click",
    base="figures_day f",
    more=f"""
    LEFT JOIN attribution_place w ON w.id = f.place_id
    LEFT JOIN catalog_product g ON g.id = f.product_id
    {party("m", "f.merchant_id")}
    {party("p", "f.promoter_id")}
    """,
    watched=("f",),
    key="f.id",
    columns=(
        text("merchant_no", "m.no", "商家编号", "the merchant's number"),
        text("promoter_no", "p.no", "推客编号；空为无归属", "the promoter's number; null: nobody's"),
        text("place", "w.pid", "推广位", "the promotion place"),
        text("product_no", "g.no", "商品编号", "the product's number"),
        i64("shares", "f.shares::bigint", "分享", "shares"),
        i64("clicks", "f.clicks::bigint", "点击", "clicks"),
        i64("visitors", "f.visitors::bigint", "访客", "visitors"),
        i64("orders", "f.orders::bigint", "订单：对每个推客各计一次", "orders, once for each promoter"),
        i64("promoted_orders", "f.promoted_orders::bigint", "推广订单：各计一次", "promoted orders, each once"),
        i64("all_orders", "f.all_orders::bigint", "全部订单：各计一次", "all orders, each once"),
        i64("paid_fen", "f.paid_fen", "实付（分）", "paid, in fen"),
        i64("refunded_fen", "f.refunded_fen", "已退款（分）", "refunded, in fen"),
        i64("estimated_fen", "f.estimated_fen", "预估佣金（分）", "estimated commission, in fen"),
        i64("settled_fen", "f.settled_fen", "结算佣金（分）", "settled commission, in fen"),
    ),
)

PARTIES = Table(
    name="parties",
    zh="主体现状（名称仅商家）",
    en="parties as they stand (names of shops alone)",
    day=day_of("p.created_at"),
    day_zh="主体创建日",
    day_en="when it was made",
    base="""parties_party p
    LEFT JOIN parties_merchant m ON m.party_id = p.id
    LEFT JOIN parties_promoter r ON r.party_id = p.id""",
    more=party("u", "r.recruiter_id"),
    watched=("p", "m", "r"),
    key="p.id",
    state=True,
    columns=(
        text("party_no", "p.no", "主体编号", "the party's number"),
        text("kind", "p.kind", "类型", "merchant, promoter, leader or operator"),
        text("shop_name", "CASE WHEN m.party_id IS NOT NULL THEN p.name END", "店铺名；其他主体为空", "a shop's name"),
        text("source", "m.source", "商家来源", "where a merchant sells"),
        text("standing", "r.standing", "推客状态", "how a promoter stands"),
        text("recruiter_no", "u.no", "上级推客编号", "who recruited a promoter"),
        flag("certified", "p.certified_at IS NOT NULL", "已认证", "certified"),
        flag("suspended", "p.suspended_at IS NOT NULL", "已停用", "suspended"),
        at("created_at", "p.created_at", "创建时间", "when it was made"),
    ),
)
