"""A shop's members, what it sent them, its goods for points; and the operator's members."""

from collections.abc import Mapping
from typing import Any

from tuike.insight.lists.types import Choices, Column, Filter, Listing
from tuike.members import queries as members

_LEVEL = """
    (SELECT l.name_zh || ' · ' || l.name_en FROM members_level l WHERE l.growth_needed <= coalesce(g.growth, 0)
    ORDER BY l.growth_needed DESC LIMIT 1)
"""
_TAGGED = """
    EXISTS (SELECT FROM members_tagging x JOIN members_tag t ON t.id = x.tag_id
        WHERE t.merchant_id = %(merchant)s AND t.no = {tag} AND x.person_id = m.person_id)
"""
_IN_SEGMENT = f"""
    EXISTS (SELECT FROM members_segment s WHERE s.merchant_id = %(merchant)s AND s.no = %(value)s
        AND coalesce(g.growth, 0) >= coalesce((s.wanted->>'growth')::bigint, 0)
        AND m.paid_fen >= coalesce((s.wanted->>'paid_fen')::bigint, 0)
        AND m.orders >= coalesce((s.wanted->>'orders')::bigint, 0)
        AND (s.wanted->>'bought_within_days' IS NULL OR m.last_at >=
            %(now)s::timestamptz - make_interval(days => (s.wanted->>'bought_within_days')::int))
        AND (s.wanted->>'not_for_days' IS NULL OR m.last_at <
            %(now)s::timestamptz - make_interval(days => (s.wanted->>'not_for_days')::int))
        AND (s.wanted->>'tag' IS NULL OR {_TAGGED.format(tag="s.wanted->>'tag'")}))
"""
_CONSENTS = """
    coalesce((SELECT c.given FROM members_consent c WHERE c.person_id = m.person_id ORDER BY c.id DESC LIMIT 1), false)
"""
_FOUND = Filter(
    "q",
    ("昵称、编号或手机号", "Nickname, number or phone"),
    "(p.nickname ILIKE %(like)s OR p.no = %(value)s OR p.id = %(phone_of)s)",
    hint=("手机号需完整填写，查询会留下记录", "A phone number in full; searching by it is recorded"),
)


def _levels(scope: Mapping[str, Any]) -> Choices:
    return [(str(one.growth_needed), (one.name_zh, one.name_en)) for one in members.ladder()]


def _tags(scope: Mapping[str, Any]) -> Choices:
    return [(one.no, (one.name, one.name)) for one in members.tags_of(scope["merchant"])]


def _segments(scope: Mapping[str, Any]) -> Choices:
    return [(one.no, (one.name, one.name)) for one in members.segments_of(scope["merchant"])]


SHOP_MEMBERS = Listing(
    name="shop_members",
    sql_from="""
        (
            SELECT coalesce(b.person_id, k.person_id) AS person_id, coalesce(b.orders, 0) AS orders,
                coalesce(b.paid_fen, 0)::bigint AS paid_fen, b.last_at, k.person_id IS NOT NULL AS favourite
            FROM (
                SELECT person_id, count(*) AS orders, sum(paid_fen - refunded_fen) AS paid_fen, max(paid_at) AS last_at
                FROM members_purchase WHERE merchant_id = %(merchant)s GROUP BY person_id
            ) b FULL JOIN (
                SELECT person_id FROM members_favourite WHERE merchant_id = %(merchant)s AND kind = 'shop'
            ) k ON k.person_id = b.person_id
        ) m JOIN people_person p ON p.id = m.person_id LEFT JOIN members_member g ON g.person_id = m.person_id
    """,
    scope_sql="p.erased_at IS NULL",
    id_sql="m.person_id",
    default_sort="-new",
    columns=(
        Column("name", ("会员", "Member"), "coalesce(nullif(p.nickname, ''), p.no)", also={"under": "p.no"}),
        Column("level", ("等级", "Level"), _LEVEL),
        Column("growth", ("成长值", "Growth"), "coalesce(g.growth, 0)", kind="count", sort=True, filled=True),
        Column("orders", ("本店订单", "Orders here"), "m.orders", kind="count", sort=True, filled=True),
        Column("paid", ("本店实付", "Paid here"), "m.paid_fen", kind="money", sort=True, filled=True, total=True),
        Column("last", ("最近付款", "Last paid"), "m.last_at", kind="time"),
        Column(
            "tags",
            ("标签", "Tags"),
            "(SELECT string_agg(t.name, '、' ORDER BY t.name) FROM members_tagging x JOIN members_tag t"
            " ON t.id = x.tag_id WHERE t.merchant_id = %(merchant)s AND x.person_id = m.person_id)",
        ),
        Column(
            "favourite",
            ("收藏", "Marked"),
            "CASE WHEN m.favourite THEN 'yes' END",
            kind="tag",
            words={"yes": ("已收藏本店", "Marked the shop", "amber")},
        ),
        Column(
            "consent",
            ("接收营销", "Hears from shops"),
            f"CASE WHEN {_CONSENTS} THEN 'yes' ELSE 'no' END",
            kind="tag",
            words={"yes": ("同意", "Agreed", "green"), "no": ("未同意", "No", "grey")},
        ),
        Column("new", ("编号", "Id"), "m.person_id", kind="count", sort=True, filled=True, shown=False, export=False),
    ),
    filters=(
        _FOUND,
        Filter(
            "level",
            ("等级（及以上）", "Level, and above"),
            "coalesce(g.growth, 0) >= %(value)s::bigint",
            kind="choice",
            choices=_levels,
        ),
        Filter("tag", ("标签", "Tag"), _TAGGED.format(tag="%(value)s"), kind="choice", choices=_tags),
        Filter("segment", ("人群", "Segment"), _IN_SEGMENT, kind="choice", choices=_segments),
        Filter("paid", ("本店实付", "Paid here"), "m.paid_fen BETWEEN %(low)s AND %(high)s", kind="fen"),
        Filter("last", ("最近付款", "Last paid"), "m.last_at >= %(low)s AND m.last_at < %(high)s", kind="days"),
    ),
)
"""Scope: `merchant` (id), `now` (an instant), `phone_of` (whose phone number was searched for, 0 for nobody's)."""

SENDING_KINDS = {"coupon": ("优惠券", "Coupon", "blue"), "message": ("消息", "Message", "grey")}
SENDING_STATES = {"running": ("发送中", "Running", "blue"), "done": ("已完成", "Done", "green")}

SENDINGS = Listing(
    name="sendings",
    sql_from="members_sending s",
    scope_sql="s.merchant_id = %(merchant)s",
    id_sql="s.id",
    default_sort="-at",
    columns=(
        Column("no", ("编号", "Number"), "s.no"),
        Column("kind", ("内容", "What"), "s.kind", kind="tag", words=SENDING_KINDS),
        Column("what", ("详情", "Details"), "coalesce(nullif(s.text, ''), s.coupon_no)"),
        Column("to", ("发给", "To"), "s.to_name"),
        Column(
            "meant",
            ("目标人数", "Meant for"),
            "(SELECT count(*) FROM members_sending_to t WHERE t.sending_id = s.id)",
            kind="count",
        ),
        Column(
            "given",
            ("已送达", "Got it"),
            "(SELECT count(*) FROM members_sending_to t WHERE t.sending_id = s.id AND t.outcome = 'given')",
            kind="count",
        ),
        Column("state", ("状态", "State"), "s.state", kind="tag", words=SENDING_STATES),
        Column("at", ("发起时间", "Begun"), "s.began_at", kind="time", sort=True, filled=True),
    ),
)
"""Scope: `merchant` (id)."""

GOOD_PHASE = """
    CASE WHEN d.stopped_at IS NOT NULL THEN 'stopped' WHEN %(now)s::timestamptz >= d.ends_at THEN 'over'
        WHEN %(now)s::timestamptz < d.starts_at THEN 'coming' WHEN d.taken >= d.stock THEN 'taken_up' ELSE 'open' END
"""
GOOD_PHASES = {
    "coming": ("未开始", "Coming", "blue"),
    "open": ("兑换中", "Open", "green"),
    "taken_up": ("已兑完", "Taken up", "amber"),
    "over": ("已结束", "Over", "grey"),
    "stopped": ("已停止", "Stopped", "red"),
}

POINTS_GOODS = Listing(
    name="points_goods",
    sql_from="marketing_points_good d JOIN catalog_product p ON p.id = d.product_id"
    " JOIN catalog_sku k ON k.id = d.sku_id",
    scope_sql="d.merchant_id = %(merchant)s",
    id_sql="d.id",
    default_sort="-new",
    columns=(
        Column("title", ("商品", "Product"), "p.title", also={"under": "d.no", "no": "d.no"}),
        Column("spec", ("规格", "Choice"), "k.spec"),
        Column("points", ("积分", "Points"), "d.points", kind="count"),
        Column("money", ("加价", "And money"), "d.money_fen", kind="money"),
        Column("price", ("售价", "Price"), "k.price_fen", kind="money"),
        Column("stock", ("数量", "Stock"), "d.stock", kind="count"),
        Column("taken", ("已兑", "Taken"), "d.taken", kind="count", total=True),
        Column("limit", ("每人限兑", "Each person"), "d.limit_each", kind="count"),
        Column("phase", ("状态", "State"), GOOD_PHASE, kind="tag", words=GOOD_PHASES),
        Column("ends_at", ("结束", "Until"), "d.ends_at", kind="time", sort=True, filled=True),
        Column("new", ("编号", "Id"), "d.id", kind="count", sort=True, filled=True, shown=False, export=False),
    ),
    filters=(Filter("q", ("商品或编号", "Product or number"), "(p.title ILIKE %(like)s OR d.no = %(value)s)"),),
    tabs=Filter(
        "phase",
        ("状态", "State"),
        f"({GOOD_PHASE}) = %(value)s",
        kind="choice",
        choices=[(key, words[:2]) for key, words in GOOD_PHASES.items()],
    ),
)
"""Scope: `merchant` (id), `now` (an instant)."""

MALL_MEMBERS = Listing(
    name="mall_members",
    sql_from="people_person p JOIN members_member g ON g.person_id = p.id",
    scope_sql="p.erased_at IS NULL",
    id_sql="p.id",
    default_sort="-new",
    columns=(
        Column("name", ("会员", "Member"), "coalesce(nullif(p.nickname, ''), p.no)", also={"under": "p.no"}),
        Column("level", ("等级", "Level"), _LEVEL),
        Column("growth", ("成长值", "Growth"), "g.growth", kind="count", sort=True, filled=True),
        Column(
            "points",
            ("积分", "Points"),
            "(SELECT coalesce(sum(l.points_left), 0)::bigint FROM marketing_points_lot l"
            " WHERE l.buyer_id = p.id AND l.points_left > 0)",
            kind="count",
        ),
        Column(
            "orders",
            ("已付订单", "Paid orders"),
            "(SELECT count(*) FROM members_purchase b WHERE b.person_id = p.id)",
            kind="count",
        ),
        Column("joined", ("加入时间", "Since"), "p.created_at", kind="time"),
        Column("new", ("编号", "Id"), "p.id", kind="count", sort=True, filled=True, shown=False, export=False),
    ),
    filters=(
        _FOUND,
        Filter(
            "level",
            ("等级（及以上）", "Level, and above"),
            "g.growth >= %(value)s::bigint",
            kind="choice",
            choices=_levels,
        ),
    ),
)
"""Scope: `phone_of` (whose phone number was searched for, 0 for nobody's); the operator's."""
