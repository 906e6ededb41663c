"""A shop's freight templates: the list, the editor with its regions, what sending something somewhere would cost."""

from dataclasses import dataclass, field, replace
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tuike.catalog import queries as catalog
from tuike.doors.console import answers
from tuike.doors.console.merchant import reading
from tuike.doors.console.merchant.reading import who
from tuike.doors.console.text import T
from tuike.freight import queries, service
from tuike.freight.types import Basis, FreightAsk, FreightWhy, NewTemplate, Region, Row, TemplateShown
from tuike.kit.errors import NotFound, Refusal
from tuike.kit.ids import random_code
from tuike.kit.money import plain_yuan

BASES = {
    Basis.PIECE: T("按件数", "By pieces"),
    Basis.WEIGHT: T("按重量（克）", "By weight (grams)"),
    Basis.FLAT: T("固定运费", "One fee"),
}
WHY = {
    FreightWhy.NO_TEMPLATE: T("没有运费模板，包邮", "No template: free"),
    FreightWhy.FREE_FROM: T("达到包邮条件", "Free from this amount or number"),
    FreightWhy.CHARGED: T("按模板计费", "By the template"),
}
ROW = ("regions", "first_units", "first", "next_units", "next", "free_fen", "free_pieces")
MOST_ROWS = 60


@dataclass(slots=True)
class RowForm:
    """A row as it stands in the form; `regions` are codes with commas between, `elsewhere` the one without."""

    regions: str = ""
    first_units: str = "1"
    first: str = ""
    next_units: str = "1"
    next: str = "0"
    free_fen: str = ""
    free_pieces: str = ""
    elsewhere: bool = False
    at: str = field(default_factory=lambda: random_code(8))

    @property
    def names(self) -> str:
        """Return the names of its regions."""
        return "、".join(queries.region_names(_codes(self.regions)))


@dataclass(slots=True)
class TemplateForm:
    """The form as it was typed, or as the template stands."""

    name: str = ""
    basis: str = Basis.PIECE.value
    not_to: str = ""
    rows: list[RowForm] = field(default_factory=lambda: [RowForm(elsewhere=True)])

    @property
    def not_to_names(self) -> str:
        """Return the names of the regions that nothing is delivered to."""
        return "、".join(queries.region_names(_codes(self.not_to)))


def page(request: HttpRequest) -> HttpResponse:
    """List the templates, with the question what something would cost beside them."""
    asker = who(request)
    found = [(one, BASES[one.terms.basis], _elsewhere(one)) for one in queries.templates_of(asker.party_id)]
    context = {
        "templates": found,
        "may": asker.may("merchant-freight-new", "POST"),
        "provinces": queries.regions_tree(),
    }
    return render(request, "console/freight/templates.html", context)


def new(request: HttpRequest) -> HttpResponse:
    """Show the empty form (or a copy: `of`), or make the template that was typed."""
    asker = who(request)
    if request.method == "GET":
        copied = request.GET.get("of", "")
        form = _standing(queries.own_template(merchant_id=asker.party_id, no=copied)) if copied else TemplateForm()
        if copied:
            form.name = T("{name} 副本", "Copy of {name}").fill(name=form.name).say(asker.zh)[:40]
        return _form(request, form, None)
    form = _typed(request)
    try:
        made = service.add_template(merchant_id=asker.party_id, terms=_terms(form), actor=asker.actor, now=asker.now)
    except Refusal as refusal:
        return _form(request, form, None, refusal)
    return _saved(request, made)


def edit(request: HttpRequest, no: str) -> HttpResponse:
    """Show a template's form, or change it."""
    asker = who(request)
    own = queries.own_template(merchant_id=asker.party_id, no=no)
    if request.method == "GET":
        return _form(request, _standing(own), own)
    form = _typed(request)
    try:
        changed = service.change_template(
            merchant_id=asker.party_id, no=no, terms=_terms(form), actor=asker.actor, now=asker.now
        )
    except Refusal as refusal:
        return _form(request, form, own, refusal)
    return _saved(request, changed)


def default(request: HttpRequest, no: str) -> HttpResponse:
    """Let a template be the default one, or let there be none (`off`)."""
    asker = who(request)
    on = request.POST.get("off") != "1"
    service.set_default(merchant_id=asker.party_id, no=no, default=on, actor=asker.actor, now=asker.now)
    words = T("已设为默认模板", "It is the default now") if on else T("已取消默认模板", "There is no default now")
    return answers.to(request, answers.url(request, "freight"), toast=words)


def delete(request: HttpRequest, no: str) -> HttpResponse:
    """Remove a template that nothing is sent under."""
    asker = who(request)
    service.delete_template(merchant_id=asker.party_id, no=no, actor=asker.actor, now=asker.now)
    return answers.to(request, answers.url(request, "freight"), toast=T("模板已删除", "The template is gone"))


def row(request: HttpRequest) -> HttpResponse:
    """Return one more empty row."""
    return render(request, "console/freight/row.html", {"row": RowForm()})


def regions(request: HttpRequest) -> HttpResponse:
    """Show provinces and cities to tick, or put what was ticked back into the form."""
    asked = request.GET if request.method == "GET" else request.POST
    at, name = asked.get("at", "")[:16], "not_to" if asked.get("name") == "not_to" else "regions"
    if not at.isalnum():
        raise NotFound
    if request.method == "GET":
        ticked = set(_codes(asked.get(name, "")))
        tree = [
            (one, one.code in ticked, [(city, city.code in ticked) for city in one.children])
            for one in queries.regions_tree()
        ]
        return answers.dialog(request, "console/freight/regions.html", {"tree": tree, "at": at, "name": name})
    codes = ",".join(_whole(request.POST.getlist("code")))
    context = {"codes": codes, "names": "、".join(queries.region_names(_codes(codes))), "at": at, "name": name}
    answer = render(request, "console/freight/regions_cell.html", context)
    return answers.trigger(answer, **{"dialog-close": True})


def places(request: HttpRequest) -> HttpResponse:
    """Return the cities of a province, or the districts of a city, as choices."""
    under = request.GET.get("under", "")
    children: tuple[Region, ...] = ()
    for province in queries.regions_tree():
        if province.code == under:
            children = province.children
        for city in province.children:
            if city.code == under and request.GET.get("level") == "city":
                return render(request, "console/freight/places.html", {"places": city.children, "last": True})
    return render(request, "console/freight/places.html", {"places": children, "last": False})


def preview(request: HttpRequest) -> HttpResponse:
    """Say what sending so many of a product to a district would cost, choice by choice."""
    asker = who(request)
    context: dict[str, Any] = {"errors": {}, "quotes": []}
    try:
        own = catalog.own_product(merchant_id=asker.party_id, product_no=request.POST.get("product", "").strip()[:24])
        quantity = min(max(reading.whole(request.POST.get("quantity", "1"), field="quantity"), 1), 9_999)
        context["product"] = own.facts
        for sku in own.skus:
            ask = FreightAsk(
                merchant_id=asker.party_id,
                product_id=own.facts.product_id,
                sku_id=sku.sku_id,
                quantity=quantity,
                amount_fen=sku.price_fen * quantity,
            )
            quoted = queries.quote(asks=[ask], region_code=request.POST.get("region", ""))[asker.party_id]
            context["quotes"].append((sku, quoted, WHY[quoted.why]))
    except Refusal as refusal:
        context["errors"] = reading.problems(refusal)
    return render(request, "console/freight/preview.html", context, status=422 if context["errors"] else 200)


def _form(
    request: HttpRequest, form: TemplateForm, own: TemplateShown | None, refusal: Refusal | None = None
) -> HttpResponse:
    context = {
        "form": form,
        "own": own,
        "bases": [(basis.value, words) for basis, words in BASES.items()],
        "errors": reading.problems(refusal) if refusal else {},
    }
    return render(request, "console/freight/form.html", context, status=refusal.status if refusal else 200)


def _saved(request: HttpRequest, shown: TemplateShown) -> HttpResponse:
    words = T("已保存“{name}”", "'{name}' saved").fill(name=shown.terms.name)
    return answers.to(request, answers.url(request, "freight"), toast=words)


def _typed(request: HttpRequest) -> TemplateForm:
    post = request.POST
    columns = [post.getlist(name) for name in ROW]
    rows = [RowForm(*(one[:400] for one in cells)) for cells in zip(*columns, strict=False)][:MOST_ROWS]
    # The first row of the form is always the one for everywhere else: its cell has no regions to choose.
    rows = [
        replace(one, elsewhere=place == 0, regions="" if place == 0 else _tidied(one.regions))
        for place, one in enumerate(rows)
    ]
    name, basis = post.get("name", "").strip(), post.get("basis", "")
    return TemplateForm(name, basis, _tidied(post.get("not_to", "")), rows or [RowForm(elsewhere=True)])


def _terms(form: TemplateForm) -> NewTemplate:
    """Return the template that was typed.

    Raises:
        Invalid: a field that can't be read.
    """
    basis = Basis(form.basis) if form.basis in set(Basis) else Basis.PIECE
    return NewTemplate(
        name=form.name,
        basis=basis,
        not_to=tuple(_codes(form.not_to)),
        rows=tuple(_row(one, basis) for one in form.rows if one.elsewhere or one.regions),
    )


def _row(one: RowForm, basis: Basis) -> Row:
    flat = basis is Basis.FLAT
    return Row(
        regions=tuple(_codes(one.regions)),
        first_units=1 if flat else reading.whole(one.first_units, field="units"),
        first_fen=reading.fen(one.first, field="fees"),
        next_units=1 if flat else reading.whole(one.next_units, field="units"),
        next_fen=0 if flat else reading.fen(one.next or "0", field="fees"),
        free_from_fen=reading.fen(one.free_fen, field="free_from") if one.free_fen.strip() else None,
        free_from_pieces=reading.whole(one.free_pieces, field="free_from") if one.free_pieces.strip() else None,
    )


def _standing(own: TemplateShown) -> TemplateForm:
    ordered = sorted(own.terms.rows, key=lambda one: bool(one.regions))
    rows = [
        RowForm(
            regions=",".join(one.regions),
            first_units=str(one.first_units),
            first=plain_yuan(one.first_fen),
            next_units=str(one.next_units),
            next=plain_yuan(one.next_fen),
            free_fen="" if one.free_from_fen is None else plain_yuan(one.free_from_fen),
            free_pieces="" if one.free_from_pieces is None else str(one.free_from_pieces),
            elsewhere=not one.regions,
        )
        for one in ordered
    ]
    return TemplateForm(own.terms.name, own.terms.basis.value, ",".join(own.terms.not_to), rows)


def _elsewhere(one: TemplateShown) -> Row:
    return next(row for row in one.terms.rows if not row.regions)


def _codes(text: str) -> list[str]:
    return [code for code in text.split(",") if code in queries.deliverable_codes()]


def _tidied(text: str) -> str:
    return ",".join(_whole(_codes(text)))


def _whole(codes: list[str]) -> list[str]:
    """Return codes in their order, a city whose province stands there left out."""
    known = {code for code in codes if code in queries.deliverable_codes()}
    return sorted(code for code in known if code.endswith("0000") or f"{code[:2]}0000" not in known)
