"""A merchant brings products from a file: new ones, and changes of those that it has; all of them or none."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from itertools import groupby
from typing import Any

from django.db import transaction

from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.catalog import service as products_of
from tuike.catalog.types import (
    CategoryNode,
    NewProduct,
    NewSku,
    ProductChange,
    ProductFacts,
    ProductState,
    ShopSku,
    SkuChange,
    StockWhy,
)
from tuike.db.retry import retry
from tuike.kit.errors import Invalid, Refusal
from tuike.plans import service as plans

MOST_ROWS = 1_000
MOST_FAULTS = 200


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the file: one choice (SKU) of a product. None leaves a value as it is, or takes the default.

    With a `product_no` it changes the merchant's own product, and with a `sku_id` that choice of it (without one it
    adds a choice). Rows without a number make a product: those with the same `external_no` one together, or those with
    the same title that follow each other. `category` is a number, or names from the root joined by `/`; `stock` is how
    many shall be free; `on_sale` None leaves the state.
    """

    line: int
    product_no: str = ""
    sku_id: int | None = None
    external_no: str = ""
    title: str | None = None
    subtitle: str | None = None
    category: str = ""
    spec: str | None = None
    price_fen: int | None = None
    stock: int | None = None
    on_sale: bool | None = None
    pictures: tuple[str, ...] | None = None
    path: str | None = None


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a row, in both languages."""

    line: int
    zh: str
    en: str


@dataclass(slots=True)
class Report:
    """What an import did, or would do; with faults it did nothing."""

    added: int = 0
    changed: int = 0
    skus: int = 0
    faults: list[Fault] = field(default_factory=list)


class TooManyRows(Refusal):
    """The file has more rows than one import takes."""

    code = "too_many_rows"
    status = 422
    zh = "一次最多导入 {most} 行，请拆分文件"
    en = "One import takes {most} rows at most; split the file."


@dataclass(slots=True)
class _Ground:
    """What the rows stand on: the tree by number and by names, the products and choices that they name."""

    categories: Mapping[str, int]
    products: Mapping[str, ProductFacts]
    skus: Mapping[int, Sequence[ShopSku]]


@dataclass(slots=True)
class _Plan:
    """What the rows come to."""

    new: list[tuple[int, NewProduct, bool]] = field(default_factory=list)
    changes: dict[int, ProductChange] = field(default_factory=dict)
    lines: dict[int, int] = field(default_factory=dict)
    stock: list[tuple[int, int]] = field(default_factory=list)
    on_sale: set[int] = field(default_factory=set)
    off_sale: set[int] = field(default_factory=set)


@retry
def import_products(*, merchant_id: int, rows: Sequence[Row], check: bool, actor: Actor, now: datetime) -> Report:
    """Add and change a merchant's products by the rows of a file; `check`: only say what would happen.

    One row that is wrong stops all: then nothing is written and the report names each fault with its line. What can't
    be known before it is written (a number that is taken, a file that was made twice) is a fault of its first row.

    Raises:
        TooManyRows: above `MOST_ROWS`.
    """
    if len(rows) > MOST_ROWS:
        raise TooManyRows(most=MOST_ROWS)
    report = Report(skus=len(rows))
    with transaction.atomic(durable=True):
        plan = _planned(rows, _ground(merchant_id, rows), report)
        if not report.faults:
            _write(merchant_id, plan, report, actor, now)
        if report.faults or check:
            transaction.set_rollback(True)
    report.faults.sort(key=lambda fault: fault.line)
    del report.faults[MOST_FAULTS:]
    return report


def _ground(merchant_id: int, rows: Sequence[Row]) -> _Ground:
    tree = catalog.categories()
    ids = catalog.own_ids(merchant_id=merchant_id, product_nos={row.product_no for row in rows if row.product_no})
    facts = catalog.product_facts(ids.values())
    return _Ground(_names(tree), {one.product_no: one for one in facts.values()}, catalog.skus_of(ids.values()))


def _names(tree: Sequence[CategoryNode]) -> dict[str, int]:
    """Return categories by number, and by their names from the root in both languages."""
    by_id = {node.category_id: node for node in tree}
    found = {str(node.category_id): node.category_id for node in tree}
    for node in tree:
        above = [by_id[id_] for id_ in node.path]
        found["/".join(one.name for one in above)] = node.category_id
        found["/".join(one.name_en or one.name for one in above)] = node.category_id
    return found


def _planned(rows: Sequence[Row], ground: _Ground, report: Report) -> _Plan:
    plan = _Plan()
    for row in rows:
        if row.product_no:
            _change(row, ground, plan, report)
    for group in _products([row for row in rows if not row.product_no]):
        _new(group, ground, plan, report)
    return plan


def _products(rows: Sequence[Row]) -> Iterator[list[Row]]:
    named: dict[str, list[Row]] = {}
    for row in rows:
        if row.external_no:
            named.setdefault(row.external_no, []).append(row)
    yield from named.values()
    for _, group in groupby((row for row in rows if not row.external_no), key=lambda row: row.title):
        yield list(group)


def _new(group: Sequence[Row], ground: _Ground, plan: _Plan, report: Report) -> None:
    first = group[0]
    category = ground.categories.get(first.category)
    for row in group:
        if row.price_fen is None:
            report.faults.append(Fault(row.line, "新商品须填写价格", "a new product needs a price"))
    if category is None:
        report.faults.append(Fault(first.line, f"没有找到类目“{first.category}”", f"no category “{first.category}”"))
    if first.title is None:
        report.faults.append(Fault(first.line, "新商品须填写标题", "a new product needs a title"))
    if report.faults:
        return
    skus = tuple(NewSku(row.price_fen or 0, row.stock or 0, row.spec or "") for row in group)
    product = NewProduct(
        category_id=category or 0,
        title=first.title or "",
        skus=skus,
        pictures=first.pictures or (),
        subtitle=first.subtitle or "",
        path=first.path or "",
        external_no=first.external_no,
    )
    plan.new.append((first.line, product, bool(first.on_sale)))


def _change(row: Row, ground: _Ground, plan: _Plan, report: Report) -> None:
    product = ground.products.get(row.product_no)
    if product is None:
        report.faults.append(Fault(row.line, f"没有找到商品 {row.product_no}", f"no product {row.product_no}"))
        return
    id_ = product.product_id
    change = plan.changes.setdefault(id_, ProductChange())
    plan.lines.setdefault(id_, row.line)
    category = ground.categories.get(row.category) if row.category else None
    if row.category and category is None:
        report.faults.append(Fault(row.line, f"没有找到类目“{row.category}”", f"no category “{row.category}”"))
        return
    given: dict[str, Any] = {"title": row.title, "subtitle": row.subtitle, "path": row.path, "pictures": row.pictures}
    given["category_id"] = category
    change = replace(change, **{name: value for name, value in given.items() if value is not None})
    if row.on_sale is not None:
        wanted = plan.on_sale if row.on_sale else plan.off_sale
        if row.on_sale is not (product.state is ProductState.ON_SALE):
            wanted.add(id_)
    plan.changes[id_] = _with_sku(row, change, ground.skus.get(id_, ()), plan, report)


def _with_sku(row: Row, change: ProductChange, skus: Sequence[ShopSku], plan: _Plan, report: Report) -> ProductChange:
    if row.sku_id is None:
        if row.price_fen is None:
            return change
        return replace(change, new_skus=(*change.new_skus, NewSku(row.price_fen, row.stock or 0, row.spec or "")))
    sku = next((one for one in skus if one.sku_id == row.sku_id), None)
    if sku is None:
        report.faults.append(Fault(row.line, f"该商品没有规格 {row.sku_id}", f"the product has no SKU {row.sku_id}"))
        return change
    if row.stock is not None and row.stock != sku.free:
        plan.stock.append((sku.sku_id, row.stock - sku.free))
    return replace(change, skus=(*change.skus, SkuChange(sku.sku_id, price_fen=row.price_fen, spec=row.spec)))


def _write(merchant_id: int, plan: _Plan, report: Report, actor: Actor, now: datetime) -> None:
    who: dict[str, Any] = {"merchant_id": merchant_id, "actor": actor, "now": now}
    ids = _add(plan, report, who)
    for id_, change in plan.changes.items():
        with _fault_of(plan.lines[id_], report):
            products_of.change_product(product_id=id_, change=change, **who)
    report.changed = len(plan.changes)
    if report.faults:
        return
    line = next(iter(plan.lines.values()), plan.new[0][0] if plan.new else 1)
    with _fault_of(line, report):
        if plan.stock:
            products_of.add_stock(items=plan.stock, why=StockWhy.IMPORT, **who)
        selling = [*plan.on_sale, *(id_ for id_, (_, _, on) in zip(ids, plan.new, strict=True) if on)]
        if selling:
            products_of.put_on_sale(product_ids=selling, **who)
        if plan.off_sale:
            products_of.take_off_sale(product_ids=sorted(plan.off_sale), **who)
        plans.lift(merchant_ids=[merchant_id], actor=actor, now=now)


def _add(plan: _Plan, report: Report, who: dict[str, Any]) -> list[int]:
    """Add the new products: together, and one by one only to find whose fault it is."""
    report.added = len(plan.new)
    if not plan.new:
        return []
    try:
        with transaction.atomic():
            return products_of.add_products(products=[product for _, product, _ in plan.new], **who)
    except Refusal:
        for line, product, _ in plan.new:
            with _fault_of(line, report):
                products_of.add_product(product=product, **who)
        return []


@contextmanager
def _fault_of(line: int, report: Report) -> Iterator[None]:
    """Turn a refusal into a fault of the row; what was written inside is undone."""
    try:
        with transaction.atomic():
            yield
    except Refusal as refusal:
        zh, en = refusal.sentence("zh"), refusal.sentence("en")
        if isinstance(refusal, Invalid):
            zh, en = str(refusal.details["reason_zh"]), str(refusal.details["reason_en"])
        report.faults.append(Fault(line, zh, en))
