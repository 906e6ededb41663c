"""The product library: what may be promoted, found by words, filters and sorts; a product in full; a source's rules."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page

from tuike.catalog import queries as catalog
from tuike.catalog.types import CategoryNode
from tuike.doors.console import answers
from tuike.doors.console.promoter import library_asked
from tuike.doors.console.promoter.library_asked import Asked
from tuike.doors.console.text import T, Tag
from tuike.flows import promote_products
from tuike.insight import shelf
from tuike.kit.errors import NotFound
from tuike.kit.money import share
from tuike.library import queries as library
from tuike.library.types import RULES_EDITION, Sort
from tuike.parties.types import Source

PAGE = {True: 20, False: 30}
"""Products a page: in a grid, in a list."""
SORTS = {
    Sort.PICKED: T("推荐", "Recommended"),
    Sort.NEWEST: T("最新", "Newest"),
    Sort.COMMISSION: T("佣金", "Commission"),
    Sort.RATE: T("佣金率", "Rate"),
    Sort.SALES: T("销量", "Sales"),
    Sort.PRICE: T("价格", "Price"),
}
SOURCES = {
    Source.MINI_STORE: T("商城商品", "Mall products"),
    Source.MINI_PROGRAM: T("小程序商品", "Mini-program products"),
}
LAYERS = {
    "campaign": Tag(T("活动", "Campaign"), "amber"),
    "targeted": Tag(T("定向", "For you"), "green"),
    "grade": Tag(T("等级加成", "Grade"), "blue"),
}
EXAMPLE_FEN, EXAMPLE_BPS, EXAMPLE_REFUND_FEN = 9_900, 1_200, 4_950


@gzip_page  # the longest page of all, and no secret on it
def page(request: Any) -> HttpResponse:
    """Show the library, or the piece of it that htmx asks for: the cards, or how many there are."""
    asker = request.asker
    asked = library_asked.read(request.GET)
    if request.GET.get("part") == "count":
        return _count(request, asked)
    context = _shelf(request, asked)
    if answers.by_htmx(request):
        answer = render(request, "console/promoter/library_shelf.html", context)
        query = asked.query(page=asked.mark)
        answer.headers["HX-Push-Url"] = f"{request.path}?{query}" if query else request.path
        return answer
    tree = catalog.categories()
    context |= {
        "tree": _tree(tree, asked),
        "sources": SOURCES.items(),
        "chosen": len(library.chosen(promoter_id=asker.party_id)),
    }
    return render(request, "console/promoter/library.html", context)


def product(request: Any, *, product_no: str) -> HttpResponse:
    """Show a product in a drawer: pictures, choices, rates, coupons, how its source settles."""
    asker = request.asker
    told = shelf.preview(product_no=product_no, promoter_id=asker.party_id, now=asker.now)
    prices = [sku.price_fen for sku in told.skus if sku.on_sale]
    context = {
        "told": told,
        "shown": told.shown,
        "top_fen": max(prices, default=0),
        "why_layer": _layer(told.shown),
        "why": why_words(told.shown),
        "source": SOURCES[told.shown.shop.source],
        "pictures": [one for one in told.shown.product.pictures if one.startswith("/media/")],
    }
    return answers.drawer(request, "console/promoter/library_product.html", context)


def rules(request: Any, *, source: str) -> HttpResponse:
    """Show how a source settles and pays, with a worked example; POST accepts it."""
    asker = request.asker
    if source not in {one.value for one in Source}:
        raise NotFound
    kind = Source(source)
    if request.method == "POST":
        promote_products.accept_rules(promoter_id=asker.party_id, source=kind, actor=asker.actor, now=asker.now)
        return answers.to(
            request, answers.url(request, "library-rules", source=source), toast=T("已同意该规则", "Accepted")
        )
    context = {
        "terms": shelf.source_terms(kind),
        "source": kind,
        "words": SOURCES[kind],
        "others": [(one, words) for one, words in SOURCES.items() if one is not kind],
        "accepted": kind in library.accepted(promoter_id=asker.party_id),
        "edition": RULES_EDITION,
        "example": _example(kind),
    }
    return render(request, "console/promoter/library_rules.html", context)


def _shelf(request: Any, asked: Asked) -> dict[str, Any]:
    asker = request.asker
    found = shelf.shelf(
        asked.wanted, promoter_id=asker.party_id, now=asker.now, mark=asked.mark, limit=PAGE[asked.grid]
    )
    sorts = [one for one in SORTS if one is not Sort.PICKED or asked.wanted.curated]
    return {
        "asked": asked,
        "plain": asked.plain,
        "cards": [{"shown": one, "layer": _layer(one)} for one in found.items],
        "next": asked.query(page=found.after) if found.after else "",
        "previous": asked.query(page=found.before) if found.before else "",
        "first": asked.query() if asked.mark else "",
        "count_query": asked.query(part="count"),
        "tabs": [
            (T("全部商品", "All products"), asked.query(tab="", sort="", dir=""), not asked.wanted.curated),
            (T("精选", "Picked for you"), asked.query(tab="picked", sort="", dir=""), asked.wanted.curated),
        ],
        "sorts": [(one, SORTS[one], one is asked.wanted.sort) for one in sorts],
        "as_grid": asked.query(view=""),
        "as_list": asked.query(view="list"),
        "without_shop": asked.query(shop=""),
    }


def _count(request: Any, asked: Asked) -> HttpResponse:
    number, more = library.count(asked.wanted, now=request.asker.now, exact=request.GET.get("exact") == "1")
    context = {"number": number, "more": more, "exact_query": asked.query(part="count", exact="1")}
    return render(request, "console/promoter/library_count.html", context)


def _layer(shown: shelf.Shown) -> Tag | None:
    """Return what makes the promoter's own rate better than everybody's, where it is."""
    if not shown.better:
        return None
    return LAYERS.get(shown.own.layer) or LAYERS["grade"]


def why_words(shown: shelf.Shown) -> T | None:
    """Return why a product can't be promoted now, where something is in the way."""
    return None if shown.why is None else T(shown.why.sentence("zh"), shown.why.sentence("en"))


def _tree(nodes: Sequence[CategoryNode], asked: Asked) -> list[dict[str, Any]]:
    """Return the tops with all that is below each, restricted ones left out, and what of it is asked for."""
    wanted, without = set(asked.wanted.category_ids), set(asked.wanted.without_category_ids)
    tops: dict[int, dict[str, Any]] = {}
    for node in nodes:
        if node.restricted:
            continue
        one = {"node": node, "on": node.category_id in wanted, "off": node.category_id in without}
        if len(node.path) == 1:
            tops[node.category_id] = one | {"below": []}
        elif node.path[0] in tops:
            tops[node.path[0]]["below"].append(one)
    return list(tops.values())


def _example(source: Source) -> dict[str, int]:
    """Return an order worked through: all of it, and after half of it came back (docs/rules.md §6)."""
    rest = EXAMPLE_FEN - EXAMPLE_REFUND_FEN
    terms = shelf.source_terms(source)
    direct, after = share(EXAMPLE_FEN, bps=EXAMPLE_BPS), share(rest, bps=EXAMPLE_BPS)
    fee = share(after, bps=terms.platform_fee_bps)
    tax = share(after - fee, bps=terms.tax_bps)
    return {
        "price": EXAMPLE_FEN,
        "rate": EXAMPLE_BPS,
        "direct": direct,
        "refund": EXAMPLE_REFUND_FEN,
        "rest": rest,
        "after": after,
        "fee": fee,
        "mine": after - fee,
        "withdraw_fee": terms.withdraw_fee_fen,
        "tax": tax,
        "paid_out": max(0, after - fee - tax - terms.withdraw_fee_fen),
    }
