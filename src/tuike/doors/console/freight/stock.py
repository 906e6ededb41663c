"""What moved a shop's stock, and stock set by hand with the reason."""

from typing import Any

from django.http import HttpRequest, HttpResponse

from tuike.catalog import queries as catalog
from tuike.catalog.types import OwnProduct
from tuike.doors.console import answers, lists
from tuike.doors.console.keys import asker_key
from tuike.doors.console.merchant import reading
from tuike.doors.console.merchant.reading import who
from tuike.doors.console.text import T
from tuike.flows import change_products
from tuike.flows.change_products import By
from tuike.insight.lists import stock as listed
from tuike.kit.errors import Invalid, Refusal


def page(request: HttpRequest) -> HttpResponse:
    """List the movements, newest first."""
    return lists.show(
        request,
        listed.MOVES,
        scope={"merchant": who(request).party_id},
        title=T("库存变动", "Stock movements"),
        lead=T(
            "每一次可售库存的变化，由改变库存的操作同时记录；各次变动之和等于当前可售库存。",
            "Every change of what is free to sell, written by what changed it; together they are what is free now.",
        ),
        empty=(
            T("还没有库存变动", "Nothing has moved yet"),
            T(
                "新建商品、下单、退款与手工调整都会记录在这里。",
                "New goods, orders, refunds, changes by hand stand here.",
            ),
        ),
    )


def count(request: HttpRequest, no: str) -> HttpResponse:
    """Ask how many there are of each choice, and why; or set it: what is sold meanwhile stays sold."""
    asker = who(request)
    own = catalog.own_product(merchant_id=asker.party_id, product_no=no)
    if request.method == "GET":
        return _dialog(request, own, {})
    try:
        note = request.POST.get("note", "").strip()
        if not note:
            raise Invalid(field="note", reason_zh="请填写原因", reason_en="say why")
        change_products.count_stock(product_no=no, stock=_moved(request, own), note=note, by=_by(request))
    except Refusal as refusal:
        return _dialog(request, own, reading.problems(refusal))
    return answers.done(T("库存已更新", "The stock is set"), refresh="list-changed")


def _moved(request: HttpRequest, own: OwnProduct) -> list[tuple[int, int]]:
    """Return the differences between what was typed and what the person saw."""
    post = request.POST
    known = {str(one.sku_id): one.sku_id for one in own.skus}
    moved = []
    for sku, typed, was in zip(post.getlist("sku"), post.getlist("free"), post.getlist("was"), strict=False):
        wanted, seen = reading.whole(typed, field="free"), reading.whole(was, field="free")
        if min(wanted, seen) < 0:
            raise Invalid(field="free", reason_zh="库存不能为负数", reason_en="stock can't be negative")
        change = wanted - seen
        if sku in known and change:
            moved.append((known[sku], change))
    return moved


def _dialog(request: HttpRequest, own: OwnProduct, errors: dict[str, str]) -> HttpResponse:
    typed = dict(zip(request.POST.getlist("sku"), request.POST.getlist("free"), strict=False))
    context: dict[str, Any] = {
        "own": own,
        "rows": [(one, typed.get(str(one.sku_id), str(one.free))) for one in own.skus],
        "note": request.POST.get("note", ""),
        "errors": errors,
    }
    return answers.dialog(request, "console/freight/stock.html", context, status=422 if errors else 200)


def _by(request: HttpRequest) -> By:
    asker = who(request)
    return By(asker.party_id, asker.actor, asker.now, asker_key(request))
