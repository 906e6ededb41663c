"""The curated list (精选): what the operator recommends to all promoters, in the operator's order."""

import re
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.catalog import queries as catalog
from tuike.doors.console import answers
from tuike.doors.console.text import T
from tuike.flows import curate_library
from tuike.insight import shelf
from tuike.kit.errors import NotFound, Refusal

MOST_AT_ONCE = 50


class NoSuchProducts(Refusal):
    """Numbers were typed that no product has; nothing was added."""

    code = "no_such_products"
    status = 422
    zh = "没有这些商品编号：{numbers}"
    en = "No product has these numbers: {numbers}"


def page(request: Any) -> HttpResponse:
    """Show the list: order, rate, how it stands in the library."""
    if request.GET.get("part") == "table":
        return _table(request)
    return render(request, "console/operator/curated.html", _list(request))


def add(request: Any) -> HttpResponse:
    """Ask for product numbers, and put them at the head of the list."""
    if request.method == "GET":
        return answers.dialog(request, "console/operator/curated_add.html")
    typed = request.POST.get("numbers", "")[:4000]
    try:
        added = curate_library.pick(product_ids=_ids(typed), actor=request.asker.actor, now=request.asker.now)
    except NoSuchProducts as refusal:
        context = {"typed": typed, "problem": refusal}
        return answers.dialog(request, "console/operator/curated_add.html", context, status=422)
    return answers.done(T("已加入精选 {n} 个", "{n} added").fill(n=added), refresh="list-changed")


def remove(request: Any, *, product_no: str) -> HttpResponse:
    """Take a product off the list."""
    curate_library.unpick(product_ids=[catalog.id_of(product_no)], actor=request.asker.actor, now=request.asker.now)
    return answers.toast(_table(request), T("已移出精选", "Taken off the list"))


def move(request: Any, *, product_no: str) -> HttpResponse:
    """Move a product one place up or down, or to the head."""
    curate_library.move(
        product_id=catalog.id_of(product_no),
        way=request.POST.get("way", ""),
        actor=request.asker.actor,
        now=request.asker.now,
    )
    return _table(request)


def _table(request: Any) -> HttpResponse:
    return render(request, "console/operator/curated_table.html", _list(request))


def _list(request: Any) -> dict[str, Any]:
    items = shelf.curated(now=request.asker.now)
    return {
        "items": [
            {"shown": one, "since": at, "place": place, "why": _why(one)} for place, (one, at) in enumerate(items, 1)
        ],
        "last": len(items),
        "may_add": request.asker.may("operator-library-curated-add", "POST"),
    }


def _why(shown: shelf.Shown) -> T | None:
    return None if shown.why is None else T(shown.why.sentence("zh"), shown.why.sentence("en"))


def _ids(typed: str) -> list[int]:
    """Return the products that were typed by number (one a line, or any text with numbers in it).

    Raises:
        NoSuchProducts: a word that is no product's number, or no number at all.
    """
    words = list(dict.fromkeys(re.findall(r"[^\s,，;；、]+", typed)))[:MOST_AT_ONCE]
    ids, unknown = [], []
    for word in words:
        try:
            ids.append(catalog.id_of(word))
        except NotFound:
            unknown.append(word[:24])
    if unknown or not words:
        raise NoSuchProducts(numbers="、".join(unknown) or "—")
    return ids
