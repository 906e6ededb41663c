"""Coupons of a shop, at the operator's desk of the platform: the list, a new one, one with its figures, more, stop."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.catalog import queries as catalog
from tuike.doors.console import answers, lists
from tuike.doors.console.keys import asker_key
from tuike.doors.console.marketing import picking
from tuike.doors.console.merchant import reading
from tuike.doors.console.text import T, Tag, when_shown
from tuike.flows import offer_coupon
from tuike.insight.coupons import coupon_figures
from tuike.insight.lists import coupons as listed
from tuike.kit.errors import Invalid, Refusal
from tuike.marketing import queries as coupons_of
from tuike.marketing.types import CouponChannel, CouponKind, CouponScope, CouponShown, NewCoupon

FIELDS = (
    "name",
    "kind",
    "threshold",
    "minus",
    "off",
    "most",
    "starts_at",
    "ends_at",
    "days",
    "stock",
    "limit",
    "scope",
    "channel",
)
PHASES = {key: Tag(T(zh, en), colour) for key, (zh, en, colour) in listed.PHASES.items()}
KINDS = {key: T(zh, en) for key, (zh, en, _) in listed.KINDS.items()}
SCOPES = {key: T(zh, en) for key, (zh, en, _) in listed.SCOPES.items()}
CHANNELS = {key: T(zh, en) for key, (zh, en, _) in listed.CHANNELS.items()}


_SHOP_LEAD = T(
    "由本店出资。面向所有人的券在领券中心可领；联盟券仅经推客推广链接而来的买家可见、可领、可用，推客在商品旁能看到它。",
    "Paid for by the shop. Coupons for everyone stand in the coupon centre; alliance coupons are seen, taken and used"
    " only by buyers who came by a promoter's link, and promoters see them beside the product.",
)
_PLATFORM_LEAD = T(
    "由平台出资，适用于全部开启优惠券的店铺，每次结算可用一张；店铺按券前金额收款，差额由平台推广账户支付。",
    "Paid for by the platform, good in all shops that have coupons on, one a checkout; shops get the full amount, the"
    " difference comes out of the platform's promotion account.",
)


def page(request: Any) -> HttpResponse:
    """List the coupons."""
    platform = request.asker.owner_id is None
    return lists.show(
        request,
        listed.PLATFORM_COUPONS if platform else listed.COUPONS,
        scope={"now": request.asker.now.isoformat()} | ({} if platform else {"merchant": request.asker.party_id}),
        title=T("优惠券", "Coupons"),
        lead=_PLATFORM_LEAD if platform else _SHOP_LEAD,
        acts="console/marketing/coupons_acts.html",
        row="console:operator-coupon" if platform else "console:merchant-coupon",
        row_key="name__no",
        empty=(
            T("还没有优惠券", "No coupon yet"),
            T(
                "新建一张，让买家更愿意下单；佣金按券后实付计算。",
                "Add one: it brings buyers, and commission is on what is paid after it.",
            ),
        ),
    )


def new(request: Any) -> HttpResponse:
    """Show the form, or make the coupon that was typed."""
    if request.method == "GET":
        from_now = {"starts_at": when_shown(request.asker.now)}
        first = {"kind": "threshold", "scope": "shop", "limit": "1", "channel": "everyone"}
        return _form(request, first | from_now, None)
    typed = {name: request.POST.get(name, "") for name in FIELDS}
    try:
        made = offer_coupon.create_coupon(
            merchant_id=request.asker.owner_id,
            coupon=_read(request, typed),
            actor=request.asker.actor,
            key=asker_key(request),
            now=request.asker.now,
        )
    except Refusal as refusal:
        return _form(request, typed, refusal)
    words = T("优惠券“{name}”已创建", "The coupon '{name}' was made").fill(name=made.terms.name)
    return answers.to(request, answers.url(request, "coupons"), toast=words)


def drawer(request: Any, *, no: str) -> HttpResponse:
    """Show one coupon: its terms, what it is for, its figures."""
    asker = request.asker
    coupon = coupons_of.coupon_of(merchant_id=request.asker.owner_id, no=no)
    context = {
        "coupon": coupon,
        "phase": PHASES[coupon.phase(asker.now).value],
        "kind": KINDS[coupon.terms.kind.value],
        "scope": SCOPES[coupon.terms.scope.value],
        "channel": CHANNELS[coupon.terms.channel.value],
        "targets": _targets(coupon),
        "figures": coupon_figures(coupon.coupon_id),
        "running": coupon.phase(asker.now).value in {"coming", "open", "taken_up"},
    }
    return answers.drawer(request, "console/marketing/coupon.html", context)


def stock(request: Any, *, no: str) -> HttpResponse:
    """Ask how many in all, and give out more."""
    asker = request.asker
    coupon = coupons_of.coupon_of(merchant_id=request.asker.owner_id, no=no)
    template = "console/marketing/coupon_stock.html"
    if request.method == "GET":
        return answers.dialog(request, template, {"coupon": coupon, "stock": coupon.stock})
    typed = request.POST.get("stock", "")
    try:
        wanted = reading.whole(typed, field="stock")
        offer_coupon.raise_stock(merchant_id=asker.owner_id, no=no, stock=wanted, actor=asker.actor, now=asker.now)
    except Refusal as refusal:
        context = {"coupon": coupon, "stock": typed, "errors": reading.problems(refusal)}
        return answers.dialog(request, template, context, status=422)
    return answers.done(T("库存已增加", "There are more of them now"), refresh="list-changed")


def stop(request: Any, *, no: str) -> HttpResponse:
    """Let nobody take any more."""
    offer_coupon.stop_coupon(
        merchant_id=request.asker.owner_id, no=no, actor=request.asker.actor, now=request.asker.now
    )
    return answers.done(
        T("已停止发放，已领取的券仍可使用", "Nobody takes any more; what is out stays good"), refresh="list-changed"
    )


def _form(request: Any, typed: dict[str, str], refusal: Refusal | None) -> HttpResponse:
    tree = catalog.categories()
    names = {node.category_id: T(node.name, node.name_en or node.name) for node in tree}
    sold = catalog.categories_sold([request.asker.party_id]).get(request.asker.party_id, frozenset())
    above = {id_ for node in tree if node.category_id in sold for id_ in node.path}
    ticked = set(request.POST.getlist("category"))
    context = {
        "typed": typed,
        "errors": reading.problems(refusal) if refusal else {},
        "kinds": KINDS,
        "scopes": SCOPES,
        "channels": CHANNELS,
        "platform": request.asker.owner_id is None,
        "categories": [
            (str(node.category_id), [names[id_] for id_ in node.path], str(node.category_id) in ticked)
            for node in tree
            if node.category_id in above
        ],
        "picked": picking.chosen(request) if request.method == "POST" else [],
    }
    return render(request, "console/marketing/coupon_form.html", context, status=422 if refusal else 200)


def _read(request: Any, typed: dict[str, str]) -> NewCoupon:
    """Return the coupon that was typed; what its kind and scope have no use for is passed over.

    Raises:
        Invalid: a field that can't be read.
    """
    try:
        kind, scope = CouponKind(typed["kind"]), CouponScope(typed["scope"] or "shop")
        channel = CouponChannel(typed["channel"] or "everyone")
    except ValueError as error:
        raise Invalid(field="kind", reason_zh="请选择类型", reason_en="choose a kind") from error
    percent, fixed = kind is CouponKind.PERCENT, kind is CouponKind.FIXED
    threshold = "" if fixed else typed["threshold"]
    return NewCoupon(
        name=typed["name"],
        kind=kind,
        starts_at=reading.instant(typed["starts_at"], field="starts_at"),
        ends_at=reading.instant(typed["ends_at"], field="ends_at"),
        stock=reading.whole(typed["stock"], field="stock"),
        minus_fen=0 if percent else reading.fen(typed["minus"], field="minus_fen"),
        off_bps=reading.bps(typed["off"], field="off_bps") if percent else 0,
        threshold_fen=reading.fen(threshold, field="threshold_fen") if threshold.strip() else 0,
        most_fen=reading.fen(typed["most"], field="most_fen") if percent and typed["most"].strip() else None,
        use_days=reading.whole(typed["days"], field="use_days") if typed["days"].strip() else None,
        limit_each=reading.whole(typed["limit"], field="limit_each"),
        scope=scope,
        target_ids=_chosen(request, scope),
        channel=channel,
    )


def _chosen(request: Any, scope: CouponScope) -> tuple[int, ...]:
    if scope is CouponScope.PRODUCT:
        return tuple(one.product.product_id for one in picking.chosen(request))
    if scope is CouponScope.CATEGORY:
        return tuple(int(one) for one in request.POST.getlist("category") if one.isdecimal() and len(one) < 19)
    return ()


def _targets(coupon: CouponShown) -> list[Any]:
    """Return the names of what a coupon is for: products' titles, or categories."""
    if coupon.terms.scope is CouponScope.PRODUCT:
        return [one.title for one in catalog.product_facts(coupon.terms.target_ids).values()]
    if coupon.terms.scope is CouponScope.CATEGORY:
        wanted = set(coupon.terms.target_ids)
        return [T(n.name, n.name_en or n.name) for n in catalog.categories() if n.category_id in wanted]
    return []
