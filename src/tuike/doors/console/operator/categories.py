"""The category tree with its restrictions and benchmark rates: in force, and from the next midnight."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.catalog import queries as catalog
from tuike.catalog.types import CategoryNode
from tuike.doors.console.keys import asker_key
from tuike.doors.console.operator.drawn import Field, Form, asked, typed_bps, typed_number
from tuike.doors.console.text import T, day_shown, rate_shown
from tuike.files import service as files
from tuike.flows import govern_alliance as govern
from tuike.kit.days import next_midnight
from tuike.kit.errors import NotFound
from tuike.plans import queries as plans
from tuike.plans.types import RateShown, Written

KINDS = {"individual": T("个人", "Individuals"), "other": T("企业及其他", "Others")}
PICTURES = "categories"
_ALL = 0


@dataclass(frozen=True, slots=True)
class Rate:
    """A benchmark of one category and subject kind: its own row now, and the one from midnight where that differs."""

    now_bps: int | None
    next_bps: int | None

    @property
    def changes(self) -> bool:
        """Whether another rate, or none, holds from the next midnight on."""
        return self.now_bps != self.next_bps


@dataclass(frozen=True, slots=True)
class Node:
    """A category as a row of the tree."""

    id: int
    name: str
    name_en: str
    picture: str
    level: int
    restricted: bool
    inherits: bool
    rates: tuple[tuple[str, Rate], ...]


def page(request: Any) -> HttpResponse:
    """Show the tree."""
    asker = request.asker
    midnight = next_midnight(asker.now)
    held = _held(plans.benchmark_rates(at=asker.now), asker.now, midnight)
    nodes = [_node(None, held, restricted=False), *_tree(catalog.categories(), held)]
    may = asker.may("operator-category-add", "POST")
    return render(
        request,
        "console/operator/categories.html",
        {"nodes": nodes, "midnight": midnight, "kinds": list(KINDS.items()), "may": may},
    )


def benchmark(request: Any, *, category_id: int, subject: str) -> HttpResponse:
    """Ask for a benchmark, and set it from the next midnight on."""
    kind = subject
    if kind not in KINDS:
        raise NotFound
    node = _category(category_id)
    midnight = next_midnight(request.asker.now)
    held = _held(plans.benchmark_rates(at=request.asker.now), request.asker.now, midnight)
    rate = held.get((category_id, kind), Rate(None, None))
    value = rate_shown(rate.next_bps).removesuffix("%") if rate.next_bps else ""
    form = Form(
        T("基准佣金率", "Benchmark rate"),
        request.path,
        T("保存", "Save"),
        fields=[
            Field(
                "rate",
                T("基准佣金率", "Rate"),
                "percent",
                value=value,
                required=False,
                hint=T("0.01–90；留空则沿用上级类目。", "0.01 to 90; left empty, the category above holds."),
            )
        ],
        facts=[
            (T("类目", "Category"), node.name if node else T("全部类目", "All categories"), "text"),
            (T("主体类型", "Subjects"), KINDS[kind], "text"),
            (T("当前", "In force"), rate.now_bps, "rate"),
        ],
        note=T(
            "{day} 0:00 起生效。商家低于新基准的佣金率会自动提升到基准，并通知商家。",
            "In force from {day} 0:00. Shops' rates below it are lifted to it, and the shops are told.",
        ).fill(day=day_shown(midnight)),
    )

    def work() -> T:
        given = typed_bps(request, "rate", empty=True)
        written = govern.set_benchmarks(
            rates={(category_id, kind): given}, actor=request.asker.actor, now=request.asker.now
        )
        return _said(written)

    return asked(request, form, work, refresh="tree-changed")


def _named(before: str, node: CategoryNode) -> T | str:
    return T(before + node.name, before + node.name_en) if node.name_en else before + node.name


def add(request: Any) -> HttpResponse:
    """Ask for a new category, and add it."""
    parents = [("", T("（一级类目）", "(at the top)"))] + [
        (str(node.category_id), _named("　" * (len(node.path) - 1), node)) for node in _ordered() if len(node.path) < 3
    ]
    form = Form(
        T("新建类目", "Add a category"),
        request.path,
        T("新建", "Add"),
        fields=[
            Field("parent", T("上级类目", "Under"), "select", choices=parents, required=False),
            *_fields(None),
        ],
    )

    def work() -> T:
        parent = typed_number(request, "parent") if request.POST.get("parent") else None
        by = {"actor": request.asker.actor, "now": request.asker.now, "key": asker_key(request)}
        picture = _picture(request)
        made = govern.add_category(parent_id=parent, position=0, **_given(request), **by)
        if picture:
            del by["key"]
            govern.change_category(category_id=made, changes={"picture": picture}, **by)
        return T("类目已新建", "The category was added")

    return asked(request, form, work, refresh="tree-changed")


def change(request: Any, *, category_id: int) -> HttpResponse:
    """Ask for a category's names, picture and restriction, and change them."""
    node = _category(category_id)
    if node is None:
        raise NotFound
    form = Form(
        T("修改类目", "Change the category"),
        request.path,
        T("保存", "Save"),
        fields=_fields(node),
        facts=[(T("现有图片", "Its picture"), node.picture, "picture")] if node.picture else [],
        note=T(
            "设为限制类目后，其下（含子类目）商品立即不能推广；已成交的订单不受影响。",
            "Restricted: nothing in it, or below it, can be promoted from now on; orders that were made keep theirs.",
        ),
    )

    def work() -> T:
        changes = _given(request) | {"picture": _picture(request)}
        govern.change_category(
            category_id=category_id, changes=changes, actor=request.asker.actor, now=request.asker.now
        )
        return T("类目已修改", "The category was changed")

    return asked(request, form, work, refresh="tree-changed")


def _fields(node: CategoryNode | None) -> list[Field]:
    gone = [Field("no_picture", T("移除现有图片", "Remove its picture"), "check", required=False)]
    return [
        Field("name", T("名称", "Name"), value=node.name if node else "", most=40),
        Field("name_en", T("英文名称", "English name"), value=node.name_en if node else "", required=False, most=60),
        Field(
            "picture",
            T("图片", "Picture"),
            "file",
            required=False,
            accept="image/jpeg,image/png,image/webp",
            hint=T("商城类目页展示，建议正方形。", "Shown in the mall's categories; best a square."),
        ),
        *(gone if node and node.picture else []),
        Field(
            "restricted",
            T("限制类目（不可推广）", "Restricted: nothing in it can be promoted"),
            "check",
            value="1" if node and node.restricted else "",
            required=False,
        ),
    ]


def _given(request: Any) -> dict[str, Any]:
    return {
        "name": request.POST.get("name", ""),
        "name_en": request.POST.get("name_en", ""),
        "restricted": bool(request.POST.get("restricted")),
    }


def _picture(request: Any) -> str | None:
    """Keep a picture that was handed in and return its address; "" where it is to go, None where it stays as it is.

    Raises:
        TooLarge, TooSmallToRead, NotAPicture: the picture.
    """
    if sent := request.FILES.get("picture"):
        return files.publish(raw=sent.read(), folder=PICTURES, longest_side=400)
    return "" if request.POST.get("no_picture") else None


def _category(category_id: int) -> CategoryNode | None:
    """Return a category, None for 0, which stands for all of them.

    Raises:
        NotFound: there is none.
    """
    if category_id == _ALL:
        return None
    for node in catalog.categories():
        if node.category_id == category_id:
            return node
    raise NotFound


def _held(rows: Iterable[RateShown], now: datetime, midnight: datetime) -> dict[tuple[int, str], Rate]:
    """Return each benchmark as it holds now and at midnight, by category (0: all) and subject kind."""

    def at(row: RateShown, instant: datetime) -> bool:
        begun = row.begins is None or row.begins <= instant
        return begun and (row.ends is None or instant < row.ends)

    held: dict[tuple[int, str], Rate] = {}
    for row in rows:
        _, category, kind = row.scope.split(":")
        key = (int(category), kind)
        was = held.get(key, Rate(None, None))
        held[key] = Rate(
            row.rate_bps if at(row, now) else was.now_bps, row.rate_bps if at(row, midnight) else was.next_bps
        )
    return held


def _ordered() -> list[CategoryNode]:
    """Return the tree from top to bottom, each category before those below it."""
    nodes = catalog.categories()
    place = {node.category_id: number for number, node in enumerate(nodes)}
    return sorted(nodes, key=lambda node: [place.get(one, 0) for one in node.path])


def _tree(nodes: list[CategoryNode], held: dict[tuple[int, str], Rate]) -> list[Node]:
    restricted = {node.category_id for node in nodes if node.restricted}
    return [_node(node, held, restricted=bool(restricted & set(node.path[:-1]))) for node in _ordered()]


def _node(node: CategoryNode | None, held: dict[tuple[int, str], Rate], *, restricted: bool) -> Node:
    id_ = node.category_id if node else _ALL
    rates = tuple((kind, held.get((id_, kind), Rate(None, None))) for kind in KINDS)
    if node is None:
        return Node(_ALL, "", "", "", 0, restricted=False, inherits=False, rates=rates)
    return Node(id_, node.name, node.name_en, node.picture, len(node.path), node.restricted, restricted, rates)


def _said(written: Written) -> T:
    if not written.lifts:
        return T("已保存，{day} 0:00 起生效", "Saved, in force from {day} 0:00").fill(
            day=day_shown(written.effective_at)
        )
    words = T(
        "已保存，{day} 0:00 起生效；{n} 条商家佣金率将被提升",
        "Saved, in force from {day} 0:00; {n} rates of shops are lifted",
    )
    return words.fill(day=day_shown(written.effective_at), n=len(written.lifts))
