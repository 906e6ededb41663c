"""A shop's orders: all of them, those that promoters brought, refunds; one order with what can be done with it."""

from django.http import HttpRequest, HttpResponse

from tuike.doors.console import after_sales, answers, lists, receipts
from tuike.doors.console.freight import shown
from tuike.doors.console.keys import asker_key
from tuike.doors.console.merchant import reading
from tuike.doors.console.merchant.reading import who
from tuike.doors.console.merchant.reports import is_external
from tuike.doors.console.text import T, Tag
from tuike.doors.web.soon import soon
from tuike.files import service as files
from tuike.flows import refund_order
from tuike.insight import explain
from tuike.insight.lists import merchant_orders
from tuike.insight.lists.types import Listing
from tuike.kit.errors import Invalid, Refusal
from tuike.orders import queries as orders_of
from tuike.orders.types import AfterSaleState
from tuike.parties import queries as parties
from tuike.parties.types import Source

STATES = {key: Tag(T(zh, en), colour) for key, (zh, en, colour) in merchant_orders.STATES.items()}
MAX_PICTURES = 9


def page(request: HttpRequest) -> HttpResponse:
    """Show all orders."""
    acts = _acts(request, "merchant-ship-file", "console/merchant/orders_acts.html")
    return _list(request, merchant_orders.ORDERS, T("订单管理", "Orders"), acts)


def promoted(request: HttpRequest) -> HttpResponse:
    """Show the lines that promoters brought, with commission by role."""
    return _list(request, merchant_orders.PROMOTED, T("推广订单", "Promoted orders"))


def refunds(request: HttpRequest) -> HttpResponse:
    """Show what buyers ask back, and what waits for whom."""
    return lists.show(
        request,
        merchant_orders.REFUNDED,
        scope={"merchant": who(request).party_id},
        title=T("售后处理", "After-sales"),
        acts=_acts(request, "merchant-refunds-agree", "console/merchant/refunds_acts.html"),
        row="console:merchant-order",
        row_key="no__under",
    )


def _acts(request: HttpRequest, route: str, template: str) -> str:
    """Return the buttons of a list's head for who may do what they do."""
    return template if who(request).may(route, "POST") else ""


def _list(request: HttpRequest, listing: Listing, title: T, acts: str = "") -> HttpResponse:
    asker = who(request)
    return lists.show(
        request,
        listing,
        scope={"merchant": asker.party_id},
        title=title,
        acts=acts,
        top="console/merchant/orders_tabs.html",
        row="console:merchant-order",
        row_key="no",
        extra={
            "place": request.resolver_match.url_name if request.resolver_match else "",
            "external": is_external(asker.party_id),
        },
    )


def drawer(request: HttpRequest, no: str) -> HttpResponse:
    """Show one order: goods, states, parcels, refunds, what can be done now, and its commission explained."""
    return show(request, no)


def approve(request: HttpRequest, no: str) -> HttpResponse:
    """Say yes to a refund."""
    asker = who(request)
    done = refund_order.approve_refund(
        no=no,
        merchant_id=asker.party_id,
        actor=asker.actor,
        key=asker_key(request),
        now=asker.now,
        note=request.POST.get("note", ""),
    )
    soon("send_refunds")
    if done.state is AfterSaleState.RETURNING:
        return changed(request, done.order_no, T("已同意退货，等待买家寄回", "Agreed; the buyer sends the goods back"))
    return changed(request, done.order_no, T("已同意退款", "The refund is approved"))


def reject(request: HttpRequest, no: str) -> HttpResponse:
    """Say no to a refund, or to goods that came back, with a reason and evidence that the buyer reads."""
    asker = who(request)
    order_no = orders_of.after_sale_of_merchant(merchant_id=asker.party_id, no=no).order_no
    try:
        refund_order.reject_refund(
            no=no,
            merchant_id=asker.party_id,
            reason=needed(request, "answer"),
            actor=asker.actor,
            key=asker_key(request),
            now=asker.now,
            pictures=_evidence(request),
        )
    except Invalid as refusal:
        return show(request, order_no, refusal)
    return changed(request, order_no, T("已拒绝退款", "The refund is rejected"))


def explanation(request: HttpRequest, no: str) -> HttpResponse:
    """Explain the commission of the merchant's own order: who is owed what, by which rule, and every step."""
    asker = who(request)
    receipt = explain.explain_shop_order(merchant_id=asker.party_id, no=no)
    context = {"receipt": receipts.drawn(receipt, zh=asker.zh)}
    return answers.drawer(request, "console/party/receipt.html", context)


def show(request: HttpRequest, no: str, refusal: Refusal | None = None) -> HttpResponse:
    """Draw the order's drawer, with what was wrong with what was typed."""
    asker = who(request)
    order = orders_of.order_of_merchant(merchant_id=asker.party_id, no=no)
    asked = orders_of.after_sales_of([order.id]).get(order.id, [])
    mall = order.source is Source.MINI_STORE
    context = {
        "order": order,
        "state": STATES[order.state.value],
        **shown.parcels(order, asker),
        "asked": after_sales.cards(asked, now=asker.now),
        "mall": mall,
        "may_refund": asker.may("merchant-refund-approve", "POST"),
        "errors": reading.problems(refusal) if refusal else {},
        "merchant": parties.merchant_facts([asker.party_id])[asker.party_id],
    }
    return answers.drawer(request, "console/merchant/order.html", context, status=422 if refusal else 200)


def changed(request: HttpRequest, no: str, words: T) -> HttpResponse:
    """Draw the order anew in its drawer, with a toast, and let the list behind it reload."""
    answer = show(request, no)
    return answers.trigger(answers.toast(answer, words), **{"list-changed": True})


def needed(request: HttpRequest, name: str) -> str:
    """Return what was typed.

    Raises:
        Invalid: nothing, or a sign that can't be seen.
    """
    typed = request.POST.get(name, "").strip()
    if not typed or not typed.isprintable():
        raise Invalid(field=name, reason_zh="请填写", reason_en="this is needed")
    return typed


def _evidence(request: HttpRequest) -> list[str]:
    """Publish the pictures that came along and return their names below /media/.

    Raises:
        Invalid: more than 9, or what is no picture.
    """
    given = request.FILES.getlist("evidence")
    if len(given) > MAX_PICTURES:
        raise Invalid(field="evidence", reason_zh="最多 9 张图片", reason_en="9 pictures at most")
    try:
        published = [files.publish(raw=one.read(), folder="evidence") for one in given]
    except Refusal as no:
        raise Invalid(field="evidence", reason_zh=no.sentence("zh"), reason_en=no.sentence("en")) from no
    return [address.removeprefix("/media/") for address in published]
