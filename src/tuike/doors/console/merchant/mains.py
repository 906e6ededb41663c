"""Main products: the list; adding, changing and removing one or many."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tuike.catalog import queries as catalog
from tuike.doors.console import answers, lists
from tuike.doors.console.guard import Asker
from tuike.doors.console.lists import BulkAct
from tuike.doors.console.merchant import products, publishing, reading
from tuike.doors.console.merchant.reading import who
from tuike.doors.console.text import T
from tuike.flows.publish_rates import Wanted
from tuike.insight.lists import listing, merchant_plans, merchant_products
from tuike.kit.days import next_midnight
from tuike.kit.errors import Invalid, NotFound

MOST_AT_ONCE = 100
BULK = (BulkAct(T("修改或移除", "Change or remove"), "console:merchant-main-set", icon="pencil", dialog=True),)


def page(request: HttpRequest) -> HttpResponse:
    """Show the main products, in force or coming."""
    asker = who(request)
    may = asker.may("merchant-main-set", "POST")
    return lists.show(
        request,
        merchant_plans.MAINS,
        scope=scope(asker),
        title=T("主推商品", "Main products"),
        lead=T(
            "为单个商品设置高于类目的佣金率，在选品库中更显眼。增加、修改、移除都在次日 0 点生效。",
            "Rates of single products above their category's. Adding, changing and removing all hold from midnight.",
        ),
        acts="console/merchant/mains_acts.html" if may else "",
        bulk=BULK if may else (),
        template="console/merchant/list.html",
        row="console:merchant-product",
        row_key="title__no",
        empty=(T("还没有主推商品", "No main products yet"), T("点击“添加主推商品”。", "Use 'Add main products'.")),
    )


def scope(asker: Asker) -> dict[str, Any]:
    """Return what the lists of plans are asked with."""
    midnight = next_midnight(asker.now).isoformat()
    return {"merchant": asker.party_id, "now": asker.now.isoformat(), "midnight": midnight}


def change(request: HttpRequest) -> HttpResponse:
    """Show the form for chosen products (or with a search to choose them); look at or publish what is typed."""
    asker = who(request)
    given = request.POST if request.method == "POST" else request.GET
    picked = chosen(asker, given.getlist("ids"))
    if request.method == "GET":
        context = {"chosen": picked, "midnight": next_midnight(asker.now), "most": MOST_AT_ONCE}
        return answers.dialog(request, "console/merchant/main_set.html", context)
    try:
        if not picked:
            raise Invalid(field="ids", reason_zh="请选择商品", reason_en="choose products")
        rate = None if given.get("remove") == "1" else reading.bps(given.get("rate", ""), field="rate")
    except Invalid as refusal:
        return publishing.unreadable(request, refusal)
    return publishing.answer(request, Wanted(mains={one.product_id: rate for one in picked}), back="mains")


def search(request: HttpRequest) -> HttpResponse:
    """Return products to choose from: what is on sale and fits the words."""
    asker = who(request)
    asked = {"q": request.GET.get("q", "").strip(), "state": "on_sale"}
    found = listing.page(merchant_products.LISTING, products.bare(asker), asked)
    return render(request, "console/merchant/choose_products.html", {"rows": found.rows, "more": bool(found.next)})


def chosen(asker: Asker, ids: list[str]) -> list[Any]:
    """Return the merchant's own products by their ids.

    Raises:
        NotFound: one that isn't the merchant's, or too many.
    """
    wanted = {int(one) for one in ids if one.isdecimal() and len(one) < 19}
    if len(wanted) > MOST_AT_ONCE:
        raise NotFound
    found = catalog.product_facts(wanted)
    if len(found) < len(wanted) or any(one.merchant_id != asker.party_id for one in found.values()):
        raise NotFound
    return [found[id_] for id_ in sorted(found)]
