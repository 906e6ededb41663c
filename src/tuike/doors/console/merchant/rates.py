"""Category rates: the tree with benchmark, own rate, what holds now and from midnight; changing one; the history."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tuike.catalog import queries as catalog
from tuike.doors.console import answers
from tuike.doors.console.merchant import publishing, reading
from tuike.doors.console.merchant.reading import who
from tuike.doors.console.text import T
from tuike.flows.publish_rates import Wanted
from tuike.insight import rates
from tuike.kit.days import next_midnight
from tuike.kit.errors import Invalid, NotFound, Refusal
from tuike.plans.types import Layer

PAGE = 30


def page(request: HttpRequest) -> HttpResponse:
    """Show the tree; `all=1` also what the shop doesn't sell."""
    asker = who(request)
    tree = rates.category_rates(merchant_id=asker.party_id, now=asker.now)
    everything = request.GET.get("all") == "1" or not any(row.sold for row in tree)
    shown = tree if everything else _with_parents(tree)
    context = {
        "rows": [(row, publishing.LAYERS[row.holds.layer], publishing.LAYERS[row.will_hold.layer]) for row in shown],
        "everything": everything,
        "narrowed": len(shown) < len(tree),
        "midnight": next_midnight(asker.now),
        "may": asker.may("merchant-rate-set", "POST"),
    }
    return render(request, "console/merchant/rates.html", context)


def change(request: HttpRequest) -> HttpResponse:
    """Show a category's form; look at or publish its rate, or take the rate away."""
    asker = who(request)
    tree = {row.category_id: row for row in rates.category_rates(merchant_id=asker.party_id, now=asker.now)}
    asked = request.POST.get("category") if request.method == "POST" else request.GET.get("category")
    row = tree.get(int(asked)) if asked and asked.isdecimal() and len(asked) < 19 else None
    if row is None:
        raise NotFound
    if request.method == "GET":
        context = {"row": row, "midnight": next_midnight(asker.now)}
        return answers.dialog(request, "console/merchant/rate_set.html", context)
    try:
        rate = None if request.POST.get("remove") == "1" else reading.bps(request.POST.get("rate", ""), field="rate")
    except Invalid as refusal:
        return publishing.unreadable(request, refusal)
    return publishing.answer(request, Wanted(categories={row.category_id: rate}), back="rates")


def history(request: HttpRequest) -> HttpResponse:
    """Show what the rates were and will be, as a time line; or what held at an instant (`at`)."""
    asker = who(request)
    query = request.GET
    context: dict[str, Any] = {"asked": query, "errors": {}, "layers": _layers(), "rows": [], "next": None, "at": None}
    try:
        layer = [Layer(query["layer"])] if query.get("layer") else rates.OWN
        at = reading.instant(query["at"], field="at") if query.get("at") else None
        product = _product(asker.party_id, query.get("product", "").strip())
        context |= _history(asker.party_id, layer, at, product, query.get("before", "")) | {"at": at}
    except ValueError as error:
        raise NotFound from error
    except Refusal as refusal:
        context["errors"] = reading.problems(refusal)
    status = 422 if context["errors"] else 200
    return render(request, "console/merchant/rate_history.html", context, status=status)


def _history(merchant_id: int, layers: Any, at: datetime | None, product_id: int | None, before: str) -> dict[str, Any]:
    if at is not None:
        found = rates.held_at(merchant_id=merchant_id, at=at, layers=layers)
        found = [row for row in found if product_id is None or _of_product(row, product_id)]
        return {"rows": [(row, publishing.LAYERS[row.layer]) for row in found], "next": None}
    found = rates.history(
        merchant_id=merchant_id,
        layers=layers,
        product_id=product_id,
        before_id=int(before) if before.isdecimal() and len(before) < 19 else None,
        limit=PAGE + 1,
    )
    following = found[PAGE - 1].rate_id if len(found) > PAGE else None
    return {"rows": [(row, publishing.LAYERS[row.layer]) for row in found[:PAGE]], "next": following}


def _of_product(row: rates.RateChange, product_id: int) -> bool:
    return bool(row.product_no) and catalog.id_of(row.product_no) == product_id


def _product(merchant_id: int, no: str) -> int | None:
    """Return the id of a merchant's own product.

    Raises:
        Invalid: there is none of this number.
    """
    if not no:
        return None
    found = catalog.own_ids(merchant_id=merchant_id, product_nos=[no]).get(no)
    if found is None:
        raise Invalid(field="product", reason_zh="没有这个商品编号", reason_en="no product has this number")
    return found


def _layers() -> list[tuple[str, T]]:
    return [(layer.value, publishing.LAYERS[layer]) for layer in rates.OWN]


def _with_parents(tree: list[rates.CategoryRate]) -> list[rates.CategoryRate]:
    """Return what the shop sells or prices, with the categories above it."""
    shown: list[rates.CategoryRate] = []
    open_levels: set[int] = set()
    for row in reversed(tree):
        mine = row.sold or row.own_bps is not None or row.coming_bps is not None
        if mine or row.level in open_levels:
            shown.append(row)
            open_levels.discard(row.level)
            if row.level > 1:
                open_levels.add(row.level - 1)
    return shown[::-1]
