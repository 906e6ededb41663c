"""The rows behind a board's figures: lines sold, and what was shared and clicked. Scope: `party`, whose board it is.

What a board shows of a span is what these rows add up to (docs/rules.md §8).
"""

from tuike.insight.explorer import parts
from tuike.insight.explorer.goods import PICTURE, categories
from tuike.insight.explorer.rows import CAMPAIGN, PARTY
from tuike.insight.lists.types import Column, Filter, Listing, Words

PROMOTER, MERCHANT, LEADER, OPERATOR = "promoter", "merchant", "leader", "operator"
_SELLERS = (MERCHANT, OPERATOR)
_FROM = """commission_sale s
    LEFT JOIN attribution_claim c ON c.id = s.id AND c.kind <> 'none' AND c.promoter_id > 0
    LEFT JOIN orders_line l ON l.id = s.id
    LEFT JOIN catalog_product g ON g.id = s.product_id
    LEFT JOIN catalog_category k ON k.id = g.category_id
    LEFT JOIN attribution_place p ON p.id = c.place_id
    LEFT JOIN plans_campaign x ON x.id = (s.terms->>'campaign_id')::bigint
    LEFT JOIN parties_party m ON m.id = s.merchant_id
    LEFT JOIN parties_party y ON y.id = c.promoter_id
    LEFT JOIN parties_party d ON d.id = c.leader_id"""
_SCOPES = {
    PROMOTER: "s.kind = 'goods' AND c.promoter_id = %(party)s",
    MERCHANT: "s.kind = 'goods' AND s.merchant_id = %(party)s",
    LEADER: "s.kind = 'goods' AND c.leader_id = %(party)s",
    OPERATOR: "s.kind = 'goods'",
}
_EARNED = {
    PROMOTER: "a.payee_kind = 'promoter' AND a.payee_id = %(party)s",
    MERCHANT: "a.funder <> 'platform'",
    LEADER: "a.payee_kind = 'leader' AND a.payee_id = %(party)s",
    OPERATOR: "true",
}
"""Which accruals of a line its asker sees."""
_NO_OTHER = """NOT EXISTS (SELECT 1 FROM commission_sale t LEFT JOIN attribution_claim u ON u.id = t.id
    AND u.kind <> 'none' AND u.promoter_id > 0 WHERE t.order_no = s.order_no AND t.kind = 'goods'{} AND {})"""
_EARLIER, _UNSETTLED = "t.id < s.id", "t.matured_batch_id IS NULL"
_AMONG = {
    PROMOTER: " AND u.promoter_id = c.promoter_id",
    MERCHANT: " AND u.promoter_id > 0",
    LEADER: " AND u.leader_id = c.leader_id",
    OPERATOR: " AND u.promoter_id > 0",
}
"""Among which lines of its order a line is the first, so that the order is counted once."""


def _yes_no(key: str, words: Words, yes: str, yes_words: Words, no_words: Words) -> Filter:
    return Filter(
        key,
        words,
        "true",
        kind="choice",
        choices=[("yes", yes_words), ("no", no_words)],
        conditions={"yes": yes, "no": f"NOT ({yes})"},
    )


def _lines(kind: str, *, each: bool = False) -> Listing:
    """Return lines sold; `each`: an order counts once for each promoter who brought some of it."""
    among = _AMONG[PROMOTER] if each else _AMONG[kind]
    earned = f"(SELECT sum(a.amount_fen)::bigint FROM commission_accrual a WHERE a.sale_id = s.id AND {_EARNED[kind]})"
    return Listing(
        name=f"board_lines_{kind}{'_each' if each else ''}",
        sql_from=_FROM,
        scope_sql=_SCOPES[kind],
        id_sql="s.id",
        default_sort="-newest",
        columns=(
            Column("order_no", ("订单号", "Order"), "s.order_no"),
            Column(
                "newest", ("最新", "Latest"), "s.id", kind="count", sort=True, filled=True, shown=False, export=False
            ),
            Column("paid_at", ("支付时间", "Paid at"), "s.paid_at", kind="time"),
            Column(
                "product",
                ("商品", "Product"),
                "coalesce(l.title, g.title)",
                kind="product",
                also={"picture": PICTURE, "under": "g.no"},
            ),
            *(_parties(kind)),
            Column(
                "orders",
                ("推广订单", "Promoted orders"),
                f"(c.promoter_id > 0 AND {_NO_OTHER.format(among, _EARLIER)})::int",
                kind="count",
                shown=False,
                total=True,
            ),
            *(_all_orders() if kind in _SELLERS else ()),
            Column("paid", ("实付金额", "Paid"), "s.paid_fen", kind="money", total=True),
            Column("refunded", ("已退金额", "Refunded"), "nullif(s.refunded_fen, 0)", kind="money", total=True),
            Column("commission", ("当前佣金", "Commission now"), earned, kind="money"),
            Column("received_at", ("收货时间", "Received"), "s.received_at", kind="time"),
        ),
        filters=(*_line_filters(kind), *_standing(among)),
    )


def _all_orders() -> tuple[Column, ...]:
    sql = f"({_NO_OTHER.format('', _EARLIER)})::int"
    return (Column("all_orders", ("全部订单", "All orders"), sql, kind="count", shown=False, total=True),)


def _parties(kind: str) -> tuple[Column, ...]:
    found = []
    if kind != MERCHANT:
        found.append(Column("shop", ("商家", "Shop"), "m.name", also={"under": "m.no"}))
    if kind != PROMOTER:
        found.append(Column("promoter", ("推客", "Promoter"), "y.name", also={"under": "y.no"}))
    if kind != LEADER:
        # What a promoter calls a place is its own affair: shops know places by their numbers.
        named = kind in (PROMOTER, OPERATOR)
        also = {"under": "p.pid", "pid": "p.pid"} if named else {"pid": "p.pid"}
        found.append(Column("place", ("推广位", "Place"), "p.name" if named else "p.pid", also=also))
    return tuple(found)


def _party(key: str, words: Words, name: str, id_sql: str) -> Filter:
    find = parts.finder("parties_party: id", f"{id_sql} = %(found_id)s")
    return parts.numbered(key, words, find=find, name=name, id_sql=id_sql, join=PARTY)[0][0]


def _line_filters(kind: str) -> tuple[Filter, ...]:
    product = parts.numbered(
        "product", ("商品", "Product"), find=parts.finder("catalog_product: id", "s.product_id = %(found_id)s"),
        name="coalesce(l.title, g.title)", id_sql="s.product_id", join="",
    )[0][0]  # fmt: skip
    campaign = parts.numbered(
        "campaign", ("限时活动", "Campaign"), find=parts.finder("plans_campaign: id", f"{CAMPAIGN} = %(found_id)s"),
        name="x.name", id_sql=CAMPAIGN, join="",
    )[0][0]  # fmt: skip
    place = Filter(
        "place", ("推广位 ID", "Place's id"), "p.pid = %(value)s", empty="c.place_id IS NULL",
    )  # fmt: skip
    everywhere = [
        Filter("paid_at", ("支付时间", "Paid at"), "s.paid_at >= %(low)s AND s.paid_at < %(high)s", kind="days"),
        Filter("order_no", ("订单号", "Order number"), "s.order_no = upper(%(value)s)"),
        product,
        Filter(
            "category",
            ("类目", "Category"),
            "g.category_id IN (SELECT t.id FROM catalog_category t WHERE %(value)s::bigint = ANY(t.path))",
            kind="choice",
            choices=categories,
        ),
        Filter(
            "category_no",
            ("类目编号（不含下级）", "Category's id, without those below"),
            "g.category_id = CASE WHEN %(value)s ~ '^[0-9]{1,18}$' THEN ltrim(%(value)s)::bigint END",
            empty="g.category_id IS NULL",
        ),
    ]
    if kind in _SELLERS:
        words = (("推广订单", "Promoted"), ("自然订单", "Not promoted"))
        everywhere.insert(1, _yes_no("promoted", ("推广", "Promoted"), "c.promoter_id IS NOT NULL", *words))
    if kind != PROMOTER:
        everywhere.append(_party("promoter", ("推客", "Promoter"), "y.name", "c.promoter_id"))
    if kind != MERCHANT:
        everywhere.append(_party("shop", ("商家", "Shop"), "m.name", "s.merchant_id"))
    if kind != LEADER:
        everywhere += [place, campaign]
    if kind in _SELLERS:
        everywhere.append(_party("leader", ("团长", "Leader"), "d.name", "c.leader_id"))
    return tuple(everywhere)


def _standing(among: str) -> tuple[Filter, ...]:
    """Return filters by what became of a line; settled are orders of which everything that counts here is."""
    refunded, received = "s.refunded_fen > 0", "s.received_at IS NOT NULL"
    settled = f"s.matured_batch_id IS NOT NULL AND {_NO_OTHER.format(among, _UNSETTLED)}"
    return (
        _yes_no("refunded", ("退款", "Refund"), refunded, ("有退款", "Refunded"), ("无退款", "Not refunded")),
        _yes_no("received", ("收货", "Received"), received, ("已收货", "Received"), ("未收货", "Not yet")),
        _yes_no("settled", ("结算", "Settled"), settled, ("已结算", "Settled"), ("未结算", "Not yet")),
    )


LINES_PROMOTER, LINES_MERCHANT = _lines(PROMOTER), _lines(MERCHANT)
LINES_LEADER, LINES_OPERATOR = _lines(LEADER), _lines(OPERATOR)
EACH_MERCHANT, EACH_OPERATOR = _lines(MERCHANT, each=True), _lines(OPERATOR, each=True)
LINES = {PROMOTER: LINES_PROMOTER, MERCHANT: LINES_MERCHANT, LEADER: LINES_LEADER, OPERATOR: LINES_OPERATOR}
"""By who asks."""
EACH = {MERCHANT: EACH_MERCHANT, OPERATOR: EACH_OPERATOR}
"""For lines of one promoter or place: of an order that two promoters brought, each has its own part."""

_DAYS = {
    PROMOTER: "f.promoter_id = %(party)s",
    MERCHANT: "f.merchant_id = %(party)s",
    LEADER: "f.leader_id = %(party)s",
    OPERATOR: "true",
}
_DAY = "(%({})s::timestamptz AT TIME ZONE 'Asia/Shanghai')::date"


def _traffic(kind: str) -> Listing:
    counted = {"kind": "count", "sort": True, "filled": True, "total": True}
    named = _parties(kind)
    return Listing(
        name=f"board_traffic_{kind}",
        sql_from="figures_day f LEFT JOIN catalog_product g ON g.id = f.product_id"
        " LEFT JOIN parties_party m ON m.id = f.merchant_id LEFT JOIN parties_party y ON y.id = f.promoter_id"
        " LEFT JOIN attribution_place p ON p.id = f.place_id",
        scope_sql=f"f.shares + f.clicks + f.visitors > 0 AND {_DAYS[kind]}",
        id_sql="f.id",
        default_sort="-day",
        columns=(
            Column("day", ("日期", "Day"), "f.day", kind="day", sort=True, filled=True),
            Column(
                "product",
                ("商品", "Product"),
                "coalesce(g.title, m.name)",
                kind="product",
                also={"picture": PICTURE, "under": "coalesce(g.no, m.no)", "no": "g.no"},
            ),
            *named,
            Column("shares", ("分享", "Shares"), "f.shares", **counted),  # type: ignore[arg-type]
            Column("clicks", ("点击", "Clicks"), "f.clicks", **counted),  # type: ignore[arg-type]
            Column("visitors", ("访客", "Visitors"), "f.visitors", **counted),  # type: ignore[arg-type]
        ),
        filters=(
            Filter(
                "day", ("日期", "Day"), f"f.day >= {_DAY.format('low')} AND f.day < {_DAY.format('high')}", kind="days"
            ),
            Filter("product", ("商品编号", "Product's number"), "g.no = %(value)s", empty="g.id IS NULL"),
            *((Filter("place", ("推广位 ID", "Place's id"), "p.pid = %(value)s"),) if kind != LEADER else ()),
            *(
                (Filter("promoter", ("推客", "Promoter"), "(y.no = %(value)s OR y.name ILIKE %(like)s)"),)
                if kind != PROMOTER
                else ()
            ),
        ),
    )


TRAFFIC_PROMOTER, TRAFFIC_MERCHANT = _traffic(PROMOTER), _traffic(MERCHANT)
TRAFFIC_LEADER, TRAFFIC_OPERATOR = _traffic(LEADER), _traffic(OPERATOR)
TRAFFIC = {
    PROMOTER: TRAFFIC_PROMOTER,
    MERCHANT: TRAFFIC_MERCHANT,
    LEADER: TRAFFIC_LEADER,
    OPERATOR: TRAFFIC_OPERATOR,
}
"""By who asks: a day of a product at a place, with what was shared and clicked."""
