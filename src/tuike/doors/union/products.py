"""Products to promote: of the mall (`product`), and of shops with a mini-program of their own (`open_product`)."""

from collections.abc import Mapping
from typing import Any

from tuike.apps.types import Scope
from tuike.catalog import queries as catalog
from tuike.doors.union import filters, goods, materials
from tuike.doors.union.calls import TEXT, WHOLE, Asked, Call
from tuike.insight import listed as insight
from tuike.parties.types import PartyKind, Source

PAGE, OPEN_PAGE = 50, 30


def categories(asked: Asked) -> Mapping[str, Any]:
    """List the categories of the first level."""
    return {"productCats": [goods.category(node) for node in catalog.categories() if len(node.path) == 1]}


def whole(asked: Asked) -> Mapping[str, Any]:
    """List the whole library of the mall."""
    return _listed(asked, Source.MINI_STORE)


def curated(asked: Asked) -> Mapping[str, Any]:
    """List what the operator picked; in its order unless another is asked for."""
    return _listed(asked, Source.MINI_STORE, curated=True)


def open_whole(asked: Asked) -> Mapping[str, Any]:
    """List the whole library of shops with a mini-program of their own."""
    return _listed(asked, Source.MINI_PROGRAM)


def _listed(asked: Asked, source: Source, *, curated: bool = False) -> Mapping[str, Any]:
    wanted = filters.wanted(asked, source, curated=curated)
    found = insight.stretch(wanted, start=asked["from"], limit=asked["limit"], now=asked.now)
    shown = goods.product if source is Source.MINI_STORE else goods.open_product
    return {"total": found.total, "productList": [shown(one) for one in found.items]}


_BY = (PartyKind.PROMOTER, Scope.LIBRARY_READ)
_LIST = {"total": WHOLE, "productList": [goods.PRODUCT]}

CALLS = (
    Call(
        "GET", "/union/promoter/product/category", *_BY, "一级类目", "categories of the first level",
        (), {"productCats": [{"catId": TEXT, "name": TEXT}]}, categories,
    ),
    Call(
        "GET", "/union/promoter/product/list", *_BY, "全部商品", "the whole library",
        (*filters.paged(PAGE), *filters.SEARCHED), _LIST, whole,
    ),
    Call(
        "GET", "/union/promoter/product/select", *_BY, "精选商品", "the curated list",
        (*filters.paged(PAGE), *filters.CURATED), _LIST, curated,
    ),
    *materials.CALLS,
    Call(
        "GET", "/union/promoter/open_product/list", *_BY, "自定义交易组件商品", "products of shops with a mini-program",
        (*filters.paged(OPEN_PAGE), *filters.SEARCHED), {"total": WHOLE, "productList": [goods.OPEN_PRODUCT]},
        open_whole,
    ),
    *materials.OPEN_CALLS,
)  # fmt: skip
