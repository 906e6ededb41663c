"""A shop's goods for points: the list, a new one, stop."""

from typing import Any

from django.http import HttpResponse

from tuike.catalog import queries as catalog
from tuike.doors.console import lists
from tuike.doors.console.answers import url
from tuike.doors.console.keys import asker_key
from tuike.doors.console.operator.drawn import (
    Deed,
    Details,
    Field,
    Form,
    asked,
    details,
    tags,
    typed_fen,
    typed_instant,
    typed_number,
)
from tuike.doors.console.text import T, when_shown
from tuike.flows import offer_points_good
from tuike.insight.lists.members import GOOD_PHASES, POINTS_GOODS
from tuike.kit.errors import Invalid, NotFound
from tuike.marketing import queries as marketing
from tuike.marketing.types import NewPointsGood


def page(request: Any) -> HttpResponse:
    """List the goods."""
    asker = request.asker
    return lists.show(
        request,
        POINTS_GOODS,
        scope={"merchant": asker.party_id, "now": asker.now.isoformat()},
        title=T("积分商品", "Goods for points"),
        lead=T(
            "用积分（可加现金）兑换的商品，与售价的差额由本店承担。需在“商城功能”中开启积分商城。",
            "Goods for points, and perhaps money; the shop pays the difference to the price. Switch the points mall on"
            " among the mall functions.",
        ),
        acts="console/members/goods_acts.html",
        row="console:merchant-points-good",
        row_key="title__no",
        empty=(
            T("还没有积分商品", "No goods for points yet"),
            T("添加一件，让会员用积分换。", "Add one that members get for their points."),
        ),
    )


def new(request: Any) -> HttpResponse:
    """Ask for the terms, and offer the good."""
    asker = request.asker
    form = Form(
        T("新建积分商品", "Add a good for points"),
        request.path,
        T("创建", "Make it"),
        fields=[
            Field("product_no", T("商品编号", "Product's number"), most=24),
            Field("spec", T("规格（单规格可不填）", "Choice (empty for the only one)"), required=False, most=80),
            Field("points", T("每件积分", "Points a piece"), "number", most=9),
            Field("money_fen", T("每件加价", "And money a piece"), "yuan", value="0"),
            Field("stock", T("数量", "How many"), "number", most=7),
            Field("limit_each", T("每人限兑", "Each person at most"), "number", value="1", most=4),
            Field("starts_at", T("开始", "From"), "time", value=when_shown(asker.now)),
            Field("ends_at", T("结束", "Until"), "time"),
        ],
        note=T("创建后规则不能修改，可以停止。", "Once made its terms stay; it can be stopped."),
    )

    def work() -> T:
        wanted = NewPointsGood(
            sku_id=_sku(request),
            points=typed_number(request, "points"),
            money_fen=typed_fen(request, "money_fen"),
            stock=typed_number(request, "stock"),
            limit_each=typed_number(request, "limit_each"),
            starts_at=typed_instant(request, "starts_at"),
            ends_at=typed_instant(request, "ends_at"),
        )
        offer_points_good.offer_points_good(
            merchant_id=asker.party_id, good=wanted, actor=asker.actor, key=asker_key(request), now=asker.now
        )
        return T("积分商品已创建", "The good was made")

    return asked(request, form, work)


def drawer(request: Any, *, no: str) -> HttpResponse:
    """Show one good."""
    asker = request.asker
    good = marketing.points_good_of(merchant_id=asker.party_id, no=no)
    facts = catalog.sku_facts([good.sku_id])[good.sku_id]
    running = good.phase(asker.now).value in ("coming", "open", "taken_up")
    deeds = []
    if running and asker.may("merchant-points-good-stop", "POST"):
        deeds.append(Deed(T("停止兑换", "Stop"), url(request, "points-good-stop", no=no), style="danger"))
    shown = Details(
        title=facts.title,
        state=tags(GOOD_PHASES)[good.phase(asker.now).value],
        facts=[
            (T("编号", "Number"), good.no, "mono"),
            (T("规格", "Choice"), facts.spec or "—", "text"),
            (T("每件积分", "Points a piece"), good.points, "count"),
            (T("每件加价", "And money a piece"), good.money_fen, "money"),
            (T("售价", "Price"), facts.price_fen, "money"),
            (T("已兑", "Taken"), good.taken, "count"),
            (T("数量", "How many"), good.stock, "count"),
            (T("每人限兑", "Each person at most"), good.limit_each, "count"),
            (T("开始", "From"), good.starts_at, "when"),
            (T("结束", "Until"), good.ends_at, "when"),
        ],
        deeds=deeds,
    )
    return details(request, shown)


def stop(request: Any, *, no: str) -> HttpResponse:
    """Ask, and let nobody take any more."""
    asker = request.asker
    marketing.points_good_of(merchant_id=asker.party_id, no=no)
    form = Form(
        T("停止兑换", "Stop it"),
        request.path,
        T("停止", "Stop"),
        note=T("停止后不能恢复；已下的订单不受影响。", "It can't be resumed; placed orders stay."),
        danger=True,
    )

    def work() -> T:
        offer_points_good.stop_points_good(merchant_id=asker.party_id, no=no, actor=asker.actor, now=asker.now)
        return T("已停止兑换", "Nobody takes any more")

    return asked(request, form, work)


def _sku(request: Any) -> int:
    """Return the SKU that was named by its product's number and its choice.

    Raises:
        Invalid: none of the shop's.
    """
    wrong = Invalid(field="product_no", reason_zh="没有这个商品或规格", reason_en="no such product or choice")
    try:
        facts, skus = catalog.shop_skus(product_id=catalog.id_of(request.POST.get("product_no", "").strip()))
    except NotFound:
        raise wrong from None
    spec = request.POST.get("spec", "").strip()
    found = [one for one in skus if not spec or one.spec == spec]
    if facts.merchant_id != request.asker.party_id or len(found) != 1:
        raise wrong
    return int(found[0].sku_id)
