"""A promoter's places with what came by each in the last 30 days."""

from tuike.insight.lists.types import Column, Filter, Listing

_CLICKS = """
    (SELECT count(*) FROM attribution_link l JOIN attribution_click c ON c.link_id = l.id
     WHERE l.place_id = p.id AND c.at >= %(since)s)
"""
_ORDERS = """
    (SELECT count(DISTINCT c.order_no) FROM attribution_claim c
     WHERE c.promoter_id = p.promoter_id AND c.made_at >= %(since)s AND c.place_id = p.id)
"""
_EARNED = """
    (SELECT coalesce(sum(a.amount_fen), 0)::bigint
     FROM attribution_claim c JOIN commission_accrual a ON a.sale_id = c.id
        AND a.payee_kind = 'promoter' AND a.payee_id = c.promoter_id
     WHERE c.promoter_id = p.promoter_id AND c.made_at >= %(since)s AND c.place_id = p.id)
"""
_LINKS = "(SELECT count(*) FROM attribution_link l WHERE l.place_id = p.id)"

PLACES = Listing(
    name="promoter_places",
    sql_from="attribution_place p",
    scope_sql="p.promoter_id = %(party)s AND p.deleted_at IS NULL",
    id_sql="p.id",
    default_sort="-created_at",
    columns=(
        Column("name", ("推广位", "Place"), "p.name", sort=True, filled=True),
        Column("pid", ("推广位 ID（pid）", "Place id (pid)"), "p.pid", also={"copy": "p.pid"}),
        Column("links", ("素材数", "Material"), _LINKS, kind="count"),
        Column("clicks", ("近 30 天点击", "Clicks, 30 days"), _CLICKS, kind="count"),
        Column("orders", ("近 30 天订单", "Orders, 30 days"), _ORDERS, kind="count"),
        Column("earned", ("近 30 天预估佣金", "Commission, 30 days"), _EARNED, kind="money"),
        Column("created_at", ("创建时间", "Added"), "p.created_at", kind="time", sort=True, filled=True),
    ),
    filters=(
        Filter("name", ("推广位名称", "Place's name"), "p.name ILIKE %(like)s"),
        Filter("pid", ("推广位 ID", "Place id"), "p.pid = %(value)s"),
    ),
)
"""Scope: `party` (the promoter's id), `since` (an instant, 30 days back)."""
