"""A promoter's places with what came by each in the last 30 natural days, as the figures count it."""

from tuike.insight.lists.types import Column, Filter, Listing

_LINKS = "(SELECT count(*) FROM attribution_link l WHERE l.place_id = p.id)"

PLACES = Listing(
    name="promoter_places",
    # Grouped once for all places, and left out where rows are only looked for.
    sql_from="attribution_place p LEFT JOIN (SELECT place_id, sum(clicks) AS clicks, sum(orders) AS orders,"
    " sum(paid_fen) AS paid_fen, sum(estimated_fen) AS estimated_fen FROM figures_day"
    " WHERE promoter_id = %(party)s AND day >= %(since)s GROUP BY place_id) f ON f.place_id = p.id",
    scope_sql="p.promoter_id = %(party)s AND p.deleted_at IS NULL",
    id_sql="p.id",
    default_sort="-created_at",
    columns=(
        Column("name", ("推广位", "Place"), "p.name", sort=True, filled=True),
        Column("pid", ("推广位 ID（pid）", "Place id (pid)"), "p.pid", also={"copy": "p.pid"}),
        Column("links", ("素材数", "Material"), _LINKS, kind="count"),
        Column("clicks", ("近 30 天点击", "Clicks, 30 days"), "coalesce(f.clicks, 0)::bigint", kind="count"),
        Column("orders", ("近 30 天订单", "Orders, 30 days"), "coalesce(f.orders, 0)::bigint", kind="count"),
        Column("paid", ("近 30 天成交", "Sold, 30 days"), "coalesce(f.paid_fen, 0)::bigint", kind="money"),
        Column(
            "earned", ("近 30 天预估佣金", "Commission, 30 days"), "coalesce(f.estimated_fen, 0)::bigint", kind="money"
        ),
        Column("created_at", ("创建时间", "Added"), "p.created_at", kind="time", sort=True, filled=True),
    ),
    filters=(
        Filter("name", ("推广位名称", "Place's name"), "p.name ILIKE %(like)s"),
        Filter("pid", ("推广位 ID", "Place id"), "p.pid = %(value)s"),
    ),
)
"""Scope: `party` (the promoter's id), `since` (the first day that is counted)."""
