"""Steps up and down that runs over the promoters' ladder made."""

from tuike.insight.lists.types import Column, Filter, Listing

_STEP = "coalesce({name}.rank, 0)"
_MEASURED = "CASE WHEN {which} m.by_orders THEN m.measured END"
WAYS = {
    "up": ("升级", "Up", "green"),
    "down": ("降级", "Down", "amber"),
}
_WAY = f"CASE WHEN {_STEP.format(name='t')} > {_STEP.format(name='f')} THEN 'up' ELSE 'down' END"

MOVES = Listing(
    name="grade_moves",
    sql_from="plans_grade_move m JOIN parties_party p ON p.id = m.promoter_id"
    " LEFT JOIN plans_grade f ON f.id = m.from_grade_id LEFT JOIN plans_grade t ON t.id = m.to_grade_id",
    scope_sql="%(operator)s::bigint IS NOT NULL",
    id_sql="m.id",
    default_sort="-at",
    columns=(
        Column("promoter", ("推客", "Promoter"), "p.name", also={"under": "p.no"}),
        Column("way", ("方向", "Way"), _WAY, kind="tag", words=WAYS),
        Column("was", ("原等级", "From"), "f.name"),
        Column("became", ("新等级", "To"), "t.name"),
        Column(
            "sales", ("已结算成交额", "Settled sales"), "CASE WHEN NOT m.by_orders THEN m.measured END", kind="money"
        ),
        Column("orders", ("已结算订单", "Settled orders"), "CASE WHEN m.by_orders THEN m.measured END", kind="count"),
        Column("at", ("运行时间", "Run"), "m.at", kind="time", sort=True, filled=True),
    ),
    filters=(
        Filter("q", ("推客名称或编号", "Promoter's name or number"), "(p.name ILIKE %(like)s OR p.no = %(value)s)"),
        Filter("at", ("运行时间", "Run"), "m.at >= %(low)s AND m.at < %(high)s", kind="days"),
    ),
    tabs=Filter(
        "way",
        ("方向", "Way"),
        f"({_WAY}) = %(value)s",
        kind="choice",
        choices=[(key, words[:2]) for key, words in WAYS.items()],
    ),
)
