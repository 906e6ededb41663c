"""The charts of the buyers' profile, each with the table of its figures."""

from collections.abc import Sequence
from typing import Any

from tuike.buyers.types import WITHIN, Counted, Section, Shown
from tuike.doors.console.buyers import words
from tuike.doors.console.charts import Cell, Chart, Head
from tuike.doors.console.text import T
from tuike.insight.buyer_profile import Named

MOST = 20
"""Groups that are shown of regions and pairs, those of the most people first."""
_NOBODY = Counted(0, 0, 0, 0)
_UPRIGHT = frozenset({Section.HOUR, Section.WEEKDAY})
_NO_MONEY = frozenset({Section.TOGETHER, Section.WAY, Section.WAY_DAYS, Section.WAY_TOUCHES})
_LISTED = frozenset({Section.TOGETHER, Section.PROVINCE, Section.CITY})
_GRID = {"left": 8, "right": 56, "top": 8, "bottom": 4, "containLabel": True}
_EMPTY = T("本季度还没有这样的买家", "There were no such buyers in the quarter")
Row = tuple[T, str, Counted | None]
"""What a group is called, a second line, what may be shown of it."""


def chart(named: Named, section: Section, *, zh: bool, url: str, file: bool = False) -> Chart:
    """Return the chart of a section: people of each group; `file`: for a file, which says in words what is hidden."""
    rows = _rows(named, section)
    title, hint = words.TITLES[section]
    hidden = any(one is None for _, _, one in rows)
    empty = _EMPTY
    if not any(one is not None and one.buyers for _, _, one in rows):
        empty = words.ALL_HIDDEN if hidden or _is_part(section) else _EMPTY
        rows = []
    total = named.profile.total or _NOBODY
    return Chart(
        section.value,
        title,
        T("{title}：买家人数", "{title}: buyers").fill(title=title),
        _bars(rows, zh=zh, upright=section in _UPRIGHT),
        _heads(section, hidden=file and hidden),
        [_cells(one, section, total, note=file and hidden) for one in rows],
        empty,
        f"{title.say(zh)} {words.quarter(named.profile.period).say(zh)}",
        url,
        hint=T("{hint} {star}", "{hint} {star}").fill(hint=hint, star=words.HINT) if hidden else hint,
    )


def _is_part(section: Section) -> bool:
    """Return whether a section has no groups where what it is a part of is hidden."""
    return section in (Section.WAY, Section.WAY_DAYS, Section.WAY_TOUCHES, Section.CITY)


def _rows(named: Named, section: Section) -> list[Row]:
    shown = named.profile.sections.get(section, ())
    if section in _LISTED:
        return _listed(named, section, shown)
    if not shown:
        return []
    found = {one.key: one.counted for one in shown}
    second = {key: under for key, (_, under) in words.SEGMENTS.items()} if section is Section.RFM else {}
    return [(said, str(second.get(key, "")), found.get(key, _NOBODY)) for key, said in words.GROUPS[section].items()]


def _listed(named: Named, section: Section, shown: Sequence[Shown]) -> list[Row]:
    """Return regions or pairs, those of the most people first, at most twenty; hidden ones stay together at the end."""
    known = [one for one in shown if one.counted is not None]
    known.sort(key=lambda one: (-one.counted.buyers if one.counted else 0, one.key))
    hidden = [one for one in shown if one.counted is None and section is not Section.TOGETHER]
    return [(_called(named, section, one.key), "", one.counted) for one in [*known, *hidden][:MOST]]


def _called(named: Named, section: Section, key: str) -> T:
    if section is Section.TOGETHER:
        one, other = (named.categories.get(int(id_), "—") for id_ in key.split("-"))
        return T(f"{one} + {other}", f"{one} + {other}")
    name = named.regions.get(key, "")
    return T(name, name) if name else words.UNKNOWN


def _heads(section: Section, *, hidden: bool) -> list[Head]:
    heads = [Head(T("群体", "Group")), Head(T("买家", "Buyers"), "count")]
    heads.append(Head(T("占全部买家", "Of all buyers"), "rate"))
    heads.append(Head(T("订单", "Orders"), "count"))
    if section not in _NO_MONEY:
        heads += [Head(T("净额", "Net"), "money"), Head(T("每单净额", "Net an order"), "money")]
    return [*heads, Head(T("说明", "Note"))] if hidden else heads


def _cells(row: Row, section: Section, total: Counted, *, note: bool) -> list[Any]:
    said, second, one = row
    under = str(words.HIDDEN) if one is None else second
    values: list[Any] = [None] * 3
    if one is not None:
        values = [one.buyers, one.buyers * 10_000 // total.buyers if total.buyers else None, one.orders]
    if section not in _NO_MONEY:
        values += [one.net_fen, one.net_fen // one.orders if one.orders else None] if one is not None else [None, None]
    name = Cell(said, under="" if note else under, data=section in _LISTED)
    return [name, *values, words.HIDDEN if one is None else ""] if note else [name, *values]


def _bars(rows: Sequence[Row], *, zh: bool, upright: bool) -> dict[str, Any]:
    """Return bars of how many people there are; what is hidden has a star and no bar."""
    names = {
        "type": "category",
        "data": [said.say(zh) + (" *" if one is None else "") for said, _, one in rows],
        "axisTick": {"show": False},
    }
    value = {"type": "value", "minInterval": 1, "splitNumber": 3}
    series = {
        "type": "bar",
        "name": T("买家", "Buyers").say(zh),
        "data": [None if one is None else one.buyers for _, _, one in rows],
        "barMaxWidth": 22,
        "itemStyle": {"borderRadius": [3, 3, 0, 0] if upright else [0, 4, 4, 0]},
        "label": {} if upright else {"show": True, "position": "right"},
    }
    tip = {"trigger": "axis", "axisPointer": {"type": "shadow"}}
    if upright:
        grid = {**_GRID, "right": 8, "top": 16}
        return {"tooltip": tip, "grid": grid, "xAxis": names, "yAxis": [value], "series": [series]}
    names |= {"inverse": True, "axisLabel": {"width": 120, "overflow": "truncate"}}
    return {"tooltip": tip, "grid": _GRID, "xAxis": value, "yAxis": [names], "series": [series]}


def worth(named: Named, *, zh: bool, url: str, file: bool = False) -> Chart:
    """Return what buyers were worth by the month of their first order, whole yuan a head."""
    cohorts = named.profile.cohorts
    within = [T("{n} 天内", "within {n} days").fill(n=days) for days in WITHIN]
    hidden = any(one.buyers is None for one in cohorts)
    rows: list[list[Any]] = []
    for one in cohorts:
        under = str(words.HIDDEN) if one.buyers is None else ""
        values = [one.buyers, *(_fen(yuan) for yuan in one.worth_yuan or (None,) * len(WITHIN))]
        name = Cell(f"{one.month:%Y-%m}", under="" if file else under)
        rows.append([name, *values, words.HIDDEN if one.buyers is None else ""] if file and hidden else [name, *values])
    heads = [
        Head(T("首单月份", "First order")),
        Head(T("买家", "Buyers"), "count"),
        *(Head(one, "money") for one in within),
    ]
    drawn = [one for one in reversed(cohorts) if any(yuan is not None for yuan in one.worth_yuan)]
    option = {
        "tooltip": {"trigger": "axis"},
        "legend": {"top": 0, "type": "scroll", "itemWidth": 14, "itemHeight": 8},
        "grid": {**_GRID, "right": 16, "top": 36},
        "xAxis": {"type": "category", "data": [f"{one.month:%Y-%m}" for one in drawn]},
        "yAxis": [{"type": "value", "unit": "fen", "minInterval": 100}],
        "series": [
            {
                "type": "bar",
                "name": said.say(zh),
                "unit": "fen",
                "barMaxWidth": 18,
                "data": [_fen(one.worth_yuan[number]) for one in drawn],
            }
            for number, said in enumerate(within)
        ],
    }
    name = f"{words.WORTH_TITLE.say(zh)} {named.profile.through}"
    return Chart(
        words.WORTH, words.WORTH_TITLE, words.WORTH_HINT, option, [*heads, Head(T("说明", "Note"))] if file and hidden
        else heads, rows if any(one.buyers for one in cohorts) else [], words.ALL_HIDDEN, name, url, both=True,
        hint=words.WORTH_HINT,
    )  # fmt: skip


def _fen(yuan: int | None) -> int | None:
    return None if yuan is None else yuan * 100
