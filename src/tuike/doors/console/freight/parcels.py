"""Parcels of a shop's orders: one by one in the order's drawer, and many at once out of a table."""

import csv
import io
import tempfile
from pathlib import Path
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tuike.doors.console import answers
from tuike.doors.console.keys import asker_key
from tuike.doors.console.merchant import orders as pages
from tuike.doors.console.merchant import reading
from tuike.doors.console.merchant.reading import who
from tuike.doors.console.text import T
from tuike.files import service as files
from tuike.flows import read_addresses, receive_orders, ship_order, ship_orders
from tuike.flows.ship_orders import ParcelRow
from tuike.kit import xlsx
from tuike.kit.errors import Invalid, NotFound, Refusal
from tuike.orders import queries as orders_of
from tuike.orders.types import OrderRef, OrderState

PARCELS = {
    "order_no": ("订单号", "order no", "order"),
    "carrier": ("快递公司", "carrier"),
    "tracking_no": ("快递单号", "tracking no", "tracking number"),
}
HEADINGS = (
    T("订单号", "Order no"),
    T("快递公司", "Carrier"),
    T("快递单号", "Tracking no"),
    T("收货人", "Receiver"),
    T("电话", "Phone"),
    T("地区", "Region"),
    T("详细地址", "Address"),
    T("商品", "Goods"),
    T("备注", "Note"),
)
PROOFS = "proofs"
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")


def ship(request: HttpRequest, no: str) -> HttpResponse:
    """Record a parcel of the order: all that is left, or the pieces that were typed."""
    asker = who(request)
    try:
        order = orders_of.order_of_merchant(merchant_id=asker.party_id, no=no)
        ship_order.ship_order(
            merchant_id=asker.party_id,
            order_no=no,
            carrier=pages.needed(request, "carrier"),
            tracking_no=pages.needed(request, "tracking_no"),
            key=asker_key(request),
            now=asker.now,
            pieces=_pieces(request, order),
            whole=request.POST.get("whole") == "1",
        )
    except Invalid as refusal:
        return pages.show(request, no, refusal)
    return pages.changed(request, no, T("已发货", "Shipped"))


def correct(request: HttpRequest, no: str, parcel: int) -> HttpResponse:
    """Correct a parcel's carrier and number."""
    asker = who(request)
    try:
        ship_order.correct_parcel(
            merchant_id=asker.party_id,
            order_no=no,
            no=parcel,
            carrier=pages.needed(request, "carrier"),
            tracking_no=pages.needed(request, "tracking_no"),
            actor=asker.actor,
            key=asker_key(request),
            now=asker.now,
        )
    except Invalid as refusal:
        return pages.show(request, no, refusal)
    return pages.changed(request, no, T("单号已修改", "The number is corrected"))


def end(request: HttpRequest, no: str) -> HttpResponse:
    """Say that no further parcel comes."""
    asker = who(request)
    ship_order.end_shipping(
        merchant_id=asker.party_id, order_no=no, actor=asker.actor, key=asker_key(request), now=asker.now
    )
    return pages.changed(request, no, T("已全部发货", "All is shipped"))


def receive(request: HttpRequest, no: str) -> HttpResponse:
    """Mark the order received, with the carrier's proof in words and, if there is one, its picture."""
    asker = who(request)
    try:
        proof = pages.needed(request, "proof")
        taken = request.FILES.get("picture")
        picture = files.publish(raw=taken.read(), folder=PROOFS) if taken else ""
        receive_orders.receive_for_buyer(
            merchant_id=asker.party_id,
            order_no=no,
            proof=proof,
            picture=picture,
            actor=asker.actor,
            key=asker_key(request),
            now=asker.now,
        )
    except Invalid as refusal:
        return pages.show(request, no, refusal)
    return pages.changed(
        request, no, T("已标记收货，佣金开始计算结算日", "Marked received; commission has its due day")
    )


def address(request: HttpRequest, no: str) -> HttpResponse:
    """Show where the order goes; who looked is recorded."""
    asker = who(request)
    found = read_addresses.read_address(merchant_id=asker.party_id, order_no=no, actor=asker.actor, now=asker.now)
    return render(request, "console/freight/address.html", {"address": found})


def file(request: HttpRequest) -> HttpResponse:
    """Show how many are shipped at once, or take a file or what was pasted: what became of each row stands below."""
    if request.method == "GET":
        return answers.dialog(request, "console/freight/ship_many.html", {"most": ship_orders.MOST_PARCELS})
    asker = who(request)
    context: dict[str, Any] = {"errors": {}, "done": None}
    try:
        typed = request.POST.get("pasted", "")
        read = reading.pasted(typed, PARCELS) if typed.strip() else reading.table(request, PARCELS)
        rows = [ParcelRow(line, *(values.get(name, "") for name in PARCELS)) for line, values in read]
        # What was downloaded and not filled in is not yet to be shipped.
        rows = [row for row in rows if row.carrier or row.tracking_no]
        odd = request.POST.get("odd") == "1"
        done = ship_orders.ship_orders(merchant_id=asker.party_id, rows=rows, now=asker.now, odd=odd)
        context["done"] = done
        context["shipped"] = sum(one.refusal is None for one in done)
        context["refused"] = [one for one in done if one.refusal is not None]
    except Refusal as refusal:
        context["errors"] = reading.problems(refusal)
    answer = render(request, "console/freight/ship_report.html", context, status=422 if context["errors"] else 200)
    return answers.trigger(answer, **{"list-changed": True}) if context["done"] else answer


def to_ship(request: HttpRequest) -> HttpResponse:
    """Return the orders that wait to be shipped as a table to fill in, with addresses; who took it is recorded."""
    asker = who(request)
    waiting = read_addresses.orders_to_ship(
        merchant_id=asker.party_id, limit=ship_orders.MOST_PARCELS, actor=asker.actor, now=asker.now
    )
    headings = [one.say(asker.zh) for one in HEADINGS]
    table = [_line(order, found) for order, found in waiting]
    if request.POST.get("as") == "xlsx":
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "orders.xlsx"
            xlsx.write(path, name="orders", headings=headings, kinds=["text"] * len(headings), rows=table)
            answer = HttpResponse(path.read_bytes(), content_type="application/octet-stream")
    else:
        out = io.StringIO()
        safe = [[f"'{cell}" if cell.lstrip().startswith(_FORMULA) else cell for cell in line] for line in table]
        csv.writer(out).writerows([headings, *safe])
        answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    ending = "xlsx" if request.POST.get("as") == "xlsx" else "csv"
    answer.headers["Content-Disposition"] = answers.attachment(f"orders-to-ship.{ending}")
    return answer


def _line(order: OrderRef, found: Any) -> list[str]:
    goods = "; ".join(
        f"{line.title}{f' {line.spec}' if line.spec else ''} × {left}"
        for line in order.lines
        if (left := orders_of.left_to_ship(line))
    )
    where = (found.name, found.phone, found.region, found.detail) if found else ("", "", "", "")
    return [order.no, "", "", *where, goods, order.note]


def _pieces(request: HttpRequest, order: OrderRef) -> dict[int, int] | None:
    """Return the pieces that were typed for each line; None where they are all that is left (or none were asked for).

    Raises:
        Invalid: no number.
        NotFound: a line that the order doesn't have.
    """
    typed = dict(zip(request.POST.getlist("line"), request.POST.getlist("pieces"), strict=False))
    if not typed:
        return None
    lines = {str(line.no): line for line in order.lines}
    if not typed.keys() <= lines.keys():
        raise NotFound
    wanted = {lines[no].no: reading.whole(text or "0", field="pieces") for no, text in typed.items()}
    wanted = {no: quantity for no, quantity in wanted.items() if quantity}
    left = {line.no: quantity for line in order.lines if (quantity := orders_of.left_to_ship(line))}
    if wanted == left or (order.state is OrderState.SHIPPED and not left and not wanted):
        return None
    return wanted
