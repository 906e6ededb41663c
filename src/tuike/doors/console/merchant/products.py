"""A merchant's products: the list, what is done to many at once, and one product with its figures."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from tuike.catalog import queries as catalog
from tuike.catalog.types import OwnProduct, ProductState
from tuike.doors.console import answers, lists
from tuike.doors.console.guard import Asker
from tuike.doors.console.keys import asker_key
from tuike.doors.console.lists import BulkAct
from tuike.doors.console.merchant.reading import who
from tuike.doors.console.text import T, Tag
from tuike.flows import change_products
from tuike.flows.change_products import By
from tuike.insight.lists import merchant_products
from tuike.kit.errors import NotFound
from tuike.kit.money import share
from tuike.parties import queries as parties
from tuike.plans import queries as rates_of
from tuike.plans.types import LineAsk, PublicRate
from tuike.settings import service as settings

MOST_AT_ONCE = 200
STATES = {key: Tag(T(zh, en), colour) for key, (zh, en, colour) in merchant_products.STATES.items()}
BULK = (
    BulkAct(T("上架", "Put on sale"), "console:merchant-products-sell", icon="arrow-up"),
    BulkAct(
        T("下架", "Take off sale"),
        "console:merchant-products-unsell",
        icon="arrow-down",
        confirm=T(
            "下架后买家不能再下单，推广素材将失去作用。确定下架？",
            "Nobody can order them then, and their material stops working. Take them off sale?",
        ),
    ),
    BulkAct(
        T("设为不推广", "Exclude"),
        "console:merchant-products-exclude",
        icon="ban",
        confirm=T(
            "这些商品将立即移出选品库，新订单不再产生佣金。确定？",
            "They leave the library at once, and new orders earn no commission. Exclude them?",
        ),
    ),
    BulkAct(T("恢复推广", "Let promote"), "console:merchant-products-include", icon="megaphone"),
)


def page(request: HttpRequest) -> HttpResponse:
    """Show the products."""
    asker = who(request)
    may = asker.may("merchant-products-sell", "POST")
    return lists.show(
        request,
        merchant_products.LISTING,
        scope=scope(asker),
        title=T("商品管理", "Products"),
        lead=T(
            "在售商品、库存与推广状态。不可推广的商品会说明原因。",
            "What is on sale, its stock, and whether it can be promoted; if not, why.",
        ),
        acts="console/merchant/products_acts.html",
        row="console:merchant-product",
        row_key="title__no",
        bulk=BULK if may else (),
        empty=(
            T("还没有商品", "No products yet"),
            T("新建商品，或用表格批量导入。", "Add a product, or import many from a file."),
        ),
    )


def scope(asker: Asker) -> dict[str, Any]:
    """Return what the list is asked with: `bare` and the categories to filter by."""
    sold = catalog.categories_sold([asker.party_id]).get(asker.party_id, frozenset())
    names = [
        (node.category_id, node.name, node.name_en or node.name)
        for node in catalog.categories()
        if node.category_id in sold
    ]
    return {**bare(asker), "categories": names}


def bare(asker: Asker) -> dict[str, Any]:
    """Return what the list needs at least: whose products, the instant, the floor of prices."""
    return {"merchant": asker.party_id, "now": asker.now.isoformat(), "floor": settings.get("price_floor_fen")}


def drawer(request: HttpRequest, no: str) -> HttpResponse:
    """Show one product: prices and stock, whether it can be promoted, at which rate now and from midnight."""
    asker = who(request)
    own = catalog.own_product(merchant_id=asker.party_id, product_no=no)
    merchants = parties.merchant_facts([asker.party_id])
    reasons = catalog.promotability([own.facts], merchants, settings.get("price_floor_fen"), asker.now)
    reason = reasons[own.facts.product_id]
    rate = public_rate(own, asker.now, merchants[asker.party_id].subject_kind.value)
    context = {
        "own": own,
        "on_sale": own.facts.state is ProductState.ON_SALE,
        "may_change": asker.may("merchant-products-sell", "POST"),
        "state": STATES[own.facts.state.value],
        "reason": T(reason.sentence("zh"), reason.sentence("en")) if reason else None,
        "categories": _path(own),
        "rate": rate,
        "earn_fen": share(own.facts.min_price_fen, bps=rate.rate_bps),
    }
    return answers.drawer(request, "console/merchant/product.html", context)


def public_rate(own: OwnProduct, at: datetime, subject_kind: str) -> PublicRate:
    """Return the rate that everybody sees on a product at `at`."""
    ask = LineAsk(
        line_id=1,
        product_id=own.facts.product_id,
        merchant_id=own.facts.merchant_id,
        category_path=own.facts.category_path,
        subject_kind="individual" if subject_kind == "individual" else "other",
        promoter_id=None,
        self_purchase=False,
        at=at,
    )
    return rates_of.public_rates([ask])[1]


def sell(request: HttpRequest) -> HttpResponse:
    """Put the chosen products on sale."""
    nos = _chosen(request)
    change_products.put_on_sale(product_nos=nos, by=_by(request))
    return _done(
        T("已上架 {n} 件商品，明日 0 点起进入选品库", "{n} on sale; they enter the library at the next midnight").fill(
            n=len(nos)
        )
    )


def unsell(request: HttpRequest) -> HttpResponse:
    """Take the chosen products off sale."""
    nos = _chosen(request)
    change_products.take_off_sale(product_nos=nos, by=_by(request))
    return _done(T("已下架 {n} 件商品", "{n} off sale").fill(n=len(nos)))


def exclude(request: HttpRequest) -> HttpResponse:
    """Put the chosen products on the exclusion list."""
    nos = _chosen(request)
    change_products.exclude_products(product_nos=nos, excluded=True, by=_by(request))
    return _done(T("{n} 件商品不再推广", "{n} can't be promoted any more").fill(n=len(nos)))


def include(request: HttpRequest) -> HttpResponse:
    """Take the chosen products off the exclusion list."""
    nos = _chosen(request)
    change_products.exclude_products(product_nos=nos, excluded=False, by=_by(request))
    return _done(T("{n} 件商品已恢复推广", "{n} may be promoted again").fill(n=len(nos)))


def _chosen(request: HttpRequest) -> list[str]:
    """Return the numbers of the chosen rows: by number (one product's buttons), or by the list's ids.

    Raises:
        NotFound: nothing chosen, too many, or a product that isn't the merchant's.
    """
    asker = who(request)
    nos = request.POST.getlist("no")
    ids = [int(one) for one in request.POST.getlist("ids") if one.isdecimal() and len(one) < 19]
    if not 1 <= len(nos) + len(ids) <= MOST_AT_ONCE:
        raise NotFound
    found = catalog.product_facts(ids)
    if len(found) < len(set(ids)) or any(one.merchant_id != asker.party_id for one in found.values()):
        raise NotFound
    return [*nos, *(one.product_no for one in found.values())]


def _by(request: HttpRequest) -> By:
    asker = who(request)
    return By(asker.party_id, asker.actor, asker.now, asker_key(request))


def _done(words: T) -> HttpResponse:
    return answers.done(words, refresh="list-changed")


def _path(own: OwnProduct) -> list[T]:
    by_id = {node.category_id: T(node.name, node.name_en or node.name) for node in catalog.categories()}
    return [by_id[id_] for id_ in own.facts.category_path]
