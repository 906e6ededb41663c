"""Products out of a file: checked first, then taken, all or none; and the template to begin with."""

import csv
import io
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tuike.doors.console import answers
from tuike.doors.console.merchant import reading
from tuike.doors.console.merchant.reading import who
from tuike.flows import import_products
from tuike.flows.import_products import Fault, Report, Row
from tuike.insight.products_file import COLUMNS, product_rows
from tuike.kit.errors import Invalid, Refusal

ON = {
    "上架": True,
    "在售": True,
    "on": True,
    "on sale": True,
    "1": True,
    "下架": False,
    "已下架": False,
    "off": False,
    "off sale": False,
    "0": False,
}
EXAMPLE = ("", "", "MUG-01", "手绘青瓷盖碗", "一器一色", "", "青", "59.90", "100", "上架", "", "")


def page(request: HttpRequest) -> HttpResponse:
    """Show how a file is made, or check and take one: the answer stands under the form."""
    if request.method == "GET":
        return answers.dialog(request, "console/merchant/products_import.html", {"most": import_products.MOST_ROWS})
    asker = who(request)
    check = request.POST.get("step") != "import"
    context: dict[str, Any] = {"check": check, "report": None, "errors": {}}
    try:
        rows, faults = _rows(request)
        if faults:
            context["report"] = Report(skus=len(rows), faults=faults)
        else:
            context["report"] = import_products.import_products(
                merchant_id=asker.party_id, rows=rows, check=check, actor=asker.actor, now=asker.now
            )
    except Refusal as refusal:
        context["errors"] = reading.problems(refusal)
    good = context["report"] is not None and not context["report"].faults
    answer = render(request, "console/merchant/import_report.html", context, status=200 if good else 422)
    if good and not check:
        answers.trigger(answer, **{"list-changed": True})
    return answer


def template(request: HttpRequest) -> HttpResponse:
    """Return a file of the right columns: with one example, or (`all=1`) with every product as it stands."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([names[0 if who(request).zh else 1] for names in COLUMNS.values()])
    if request.GET.get("all") == "1":
        writer.writerows(product_rows(who(request).party_id, limit=import_products.MOST_ROWS))
    else:
        writer.writerow(EXAMPLE)
    answer = HttpResponse("\ufeff" + out.getvalue(), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = answers.attachment("products.csv")
    return answer


def _rows(request: HttpRequest) -> tuple[list[Row], list[Fault]]:
    rows: list[Row] = []
    faults: list[Fault] = []
    for line, values in reading.table(request, COLUMNS):
        try:
            rows.append(_row(line, values))
        except Invalid as refusal:
            said = refusal.details
            faults.append(Fault(line, str(said["reason_zh"]), str(said["reason_en"])))
        if len(rows) > import_products.MOST_ROWS:
            raise import_products.TooManyRows(most=import_products.MOST_ROWS)
    return rows, faults


def _row(line: int, values: dict[str, str]) -> Row:
    price, stock, sku, on = (values.get(name, "") for name in ("price", "stock", "sku_id", "on_sale"))
    pictures = values.get("pictures", "").split()
    return Row(
        line=line,
        product_no=values.get("product_no", ""),
        sku_id=reading.whole(sku, field="sku_id") if sku else None,
        external_no=values.get("external_no", "")[:64],
        title=values.get("title") or None,
        subtitle=values.get("subtitle") or None,
        category=values.get("category", ""),
        spec=values.get("spec") or None,
        price_fen=reading.fen(price, field="price") if price else None,
        stock=reading.whole(stock, field="stock") if stock else None,
        on_sale=ON.get(on.lower()),
        pictures=tuple(one for one in pictures if one.startswith("/media/") and len(one) <= 120) or None,
        path=values.get("path") or None,
    )
