"""What an offer for a target counts, in its form: everything, categories, or products: a shop's own, the operator's of
any shop."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.catalog import queries as catalog
from tuike.doors.console.marketing import picking
from tuike.doors.console.marketing.picking import Picked
from tuike.doors.console.text import T
from tuike.insight import any_products
from tuike.kit.errors import Invalid, NotFound


def pick(request: Any) -> HttpResponse:
    """Return what a search finds among all shops' products, or (`one`) a found product as a row of the form."""
    if one := request.GET.get("one", ""):
        found = _picked([one[:40]])
        if not found:
            raise NotFound
        return render(request, "console/marketing/picked.html", {"picked": found})
    text = request.GET.get("q", "").strip()[:60].replace("\0", "")
    return render(request, "console/marketing/found.html", {"found": any_products.search(text=text), "text": text})


def chosen(request: Any) -> list[Picked]:
    """Return the products that the form sent as chosen."""
    if request.asker.owner_id is not None:
        return picking.chosen(request)
    return _picked(request.POST.getlist("product"))


def category_choices(request: Any) -> list[tuple[str, list[T], bool]]:
    """Return the categories to choose from, each with its path and whether it is ticked: of a shop those that it sells
    in and what is above them, of the operator all."""
    tree, merchant_id = catalog.categories(), request.asker.owner_id
    names = {node.category_id: T(node.name, node.name_en or node.name) for node in tree}
    if merchant_id is not None:
        sold = catalog.categories_sold([merchant_id]).get(merchant_id, frozenset())
        within = {id_ for node in tree if node.category_id in sold for id_ in node.path}
        tree = [node for node in tree if node.category_id in within]
    ticked = set(request.POST.getlist("category"))
    return [
        (str(node.category_id), [names[id_] for id_ in node.path], str(node.category_id) in ticked) for node in tree
    ]


def products(request: Any, scope: str) -> tuple[int, ...]:
    """Return the ids of the chosen products, none where everything or categories count.

    Raises:
        Invalid: none of the numbers is a product to choose.
    """
    if scope != "product":
        return ()
    ids = tuple(one.product.product_id for one in chosen(request))
    if not ids:
        raise Invalid(field="products", reason_zh="请选择商品", reason_en="choose products")
    return ids


def categories(request: Any, scope: str) -> tuple[int, ...]:
    """Return the ids of the chosen categories, none where everything or products count.

    Raises:
        Invalid: none was chosen.
    """
    if scope != "category":
        return ()
    ids = tuple(int(one) for one in request.POST.getlist("category") if one.isdecimal() and len(one) < 19)
    if not ids:
        raise Invalid(field="categories", reason_zh="请选择类目", reason_en="choose categories")
    return ids


def _picked(nos: list[str]) -> list[Picked]:
    found = any_products.by_number(nos=[no.replace("\0", "") for no in nos[: picking.MOST]])
    return [Picked(one, 0) for one in found]
