"""Dimensions of what it is paid for: role, activity, campaign, plan layer, source, who pays."""

from tuike.insight.explorer import parts
from tuike.insight.explorer.rows import CAMPAIGN, LAYER
from tuike.insight.explorer.states import FUNDERS, LAYERS, ROLES, SOURCES
from tuike.insight.explorer.types import EVERYBODY, LEADER, MERCHANT, OPERATOR, Dimension, Group
from tuike.insight.lists.types import Column, Filter


def dimensions() -> tuple[Dimension, ...]:
    """Return them, in the order of their columns."""
    role, layer, source, funder = (
        ("角色", "Role"),
        ("佣金层级", "Plan layer"),
        ("来源", "Source"),
        ("出资方", "Paid by"),
    )
    return (
        Dimension("role", role, *parts.stated("role", role, "a.role", ROLES), usual=EVERYBODY),
        _activity(),
        _campaign(),
        Dimension("layer", layer, *parts.stated("layer", layer, LAYER, LAYERS)),
        Dimension("source", source, *parts.stated("source", source, "s.source", SOURCES)),
        Dimension(
            "funder",
            funder,
            *parts.stated("funder", funder, "a.funder", FUNDERS),
            frozenset({MERCHANT, OPERATOR}),
        ),
    )


def _campaign() -> Dimension:
    words = ("限时活动", "Campaign")
    filters, groups = parts.numbered(
        "campaign",
        words,
        find=parts.finder("plans_campaign: id", f"{CAMPAIGN} = %(found_id)s"),
        name="x.name",
        id_sql=CAMPAIGN,
        join="LEFT JOIN plans_campaign {at} ON {at}.id = {key}",
    )
    column = Column("campaign", words, "x.name", also={"under": "x.no"})
    return Dimension("campaign", words, (column,), filters, groups)


def _activity() -> Dimension:
    words, no = ("招商活动", "Activity"), "nullif(c.activity_no, '')"
    one = Filter(
        "activity",
        words,
        f"CASE WHEN %(value)s ~ '{parts.NUMBER}' THEN c.activity_no = %(value)s ELSE v.title ILIKE %(like)s END",
        hint=("编号或名称；- 为无", "number or name; - for none"),
        empty=f"{no} IS NULL",
    )
    group = Group(
        no,
        parts.by("activity"),
        join="LEFT JOIN cooperation_activity {at} ON {at}.no = {key}",
        label="{at}.title",
        no="{at}.no",
    )
    column = Column("activity", words, "v.title", also={"under": "v.no"})
    return Dimension("activity", words, (column,), (one,), {"activity": (words, group)}, usual=frozenset({LEADER}))
