"""A product's form: what it is, its pictures, its choices with price and stock."""

from dataclasses import dataclass, field
from itertools import chain, repeat
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tuike.catalog import queries as catalog
from tuike.catalog.types import NewProduct, NewSku, OwnProduct, ProductChange, ProductState, SkuChange
from tuike.doors.console import answers
from tuike.doors.console.keys import asker_key
from tuike.doors.console.merchant import reading
from tuike.doors.console.merchant.reading import who
from tuike.doors.console.text import T
from tuike.files import service as files
from tuike.flows import change_products
from tuike.flows.change_products import By
from tuike.freight import queries as freight
from tuike.kit.errors import Invalid, NotFound, Refusal
from tuike.kit.money import plain_yuan

PICTURES = "products"
MOST_PICTURES = 9
MOST_SKUS = 50
TEXTS = ("title", "subtitle", "detail", "path", "external_no")


@dataclass(slots=True)
class SkuRow:
    """A choice as it stands in the form; `id` "" is a new one. `was` is the stock that the person saw."""

    id: str = ""
    spec: str = ""
    price: str = ""
    stock: str = ""
    was: str = "0"
    on: bool = True
    weight: str = ""

    @property
    def empty(self) -> bool:
        """Return whether nothing was typed into it."""
        return not (self.id or self.spec.strip() or self.price.strip() or self.stock.strip())


@dataclass(slots=True)
class Form:
    """The form as it was typed, or as the product stands."""

    texts: dict[str, str] = field(default_factory=dict)
    category: str = ""
    pictures: list[str] = field(default_factory=list)
    main: str = ""
    skus: list[SkuRow] = field(default_factory=lambda: [SkuRow()])
    freight: str = ""


def new(request: HttpRequest) -> HttpResponse:
    """Show the empty form, or add what was typed."""
    if request.method == "GET":
        return _form(request, Form(), None)
    form = _typed(request)
    try:
        product = _product(form)
        on_sale = request.POST.get("then") == "sell"
        own = change_products.add_product(product=product, on_sale=on_sale, freight=form.freight, by=_by(request))
    except Refusal as refusal:
        return _form(request, form, None, refusal)
    return _saved(request, own)


def edit(request: HttpRequest, no: str) -> HttpResponse:
    """Show a product's form, or change what was typed."""
    own = catalog.own_product(merchant_id=who(request).party_id, product_no=no)
    if request.method == "GET":
        return _form(request, _standing(own), own)
    form = _typed(request)
    try:
        change, stock = _change(form, own)
        own = change_products.change_product(
            product_no=no, change=change, stock=stock, freight=form.freight, by=_by(request)
        )
        if request.POST.get("then") == "sell" and own.facts.state is not ProductState.ON_SALE:
            key = f"{asker_key(request)}-sell"
            change_products.put_on_sale(
                product_nos=[no], by=By(own.facts.merchant_id, who(request).actor, who(request).now, key)
            )
    except Refusal as refusal:
        return _form(request, form, own, refusal)
    return _saved(request, own)


def sku_row(request: HttpRequest) -> HttpResponse:
    """Return one more empty choice."""
    return render(request, "console/merchant/sku_row.html", {"sku": SkuRow()})


def picture(request: HttpRequest) -> HttpResponse:
    """Take pictures and return them as parts of the form; nothing points to them until it is saved."""
    taken = [files.publish(raw=one.read(), folder=PICTURES) for one in request.FILES.getlist("picture")[:MOST_PICTURES]]
    if not taken:
        raise NotFound
    return render(request, "console/merchant/pictures.html", {"pictures": taken, "main": ""})


def _form(request: HttpRequest, form: Form, own: OwnProduct | None, refusal: Refusal | None = None) -> HttpResponse:
    tree = catalog.categories()
    names = {node.category_id: T(node.name, node.name_en or node.name) for node in tree}
    by_place = {node.category_id: place for place, node in enumerate(tree)}
    ordered = sorted(tree, key=lambda node: [by_place[id_] for id_ in node.path])
    context: dict[str, Any] = {
        "form": form,
        "own": own,
        "errors": reading.problems(refusal) if refusal else {},
        "categories": [(str(n.category_id), [names[id_] for id_ in n.path], n.restricted) for n in ordered],
        "external": who(request).standing,
        "on_sale": own is not None and own.facts.state is ProductState.ON_SALE,
        "most": MOST_PICTURES,
        "templates": freight.templates_of(who(request).party_id),
    }
    return render(request, "console/merchant/product_form.html", context, status=refusal.status if refusal else 200)


def _saved(request: HttpRequest, own: OwnProduct) -> HttpResponse:
    words = T("已保存“{title}”", "'{title}' saved").fill(title=own.facts.title)
    return answers.to(request, answers.url(request, "products"), toast=words)


def _typed(request: HttpRequest) -> Form:
    post = request.POST
    columns = [post.getlist(name) for name in ("sku_id", "spec", "price", "stock", "was", "on")]
    weights = chain(post.getlist("weight"), repeat(""))
    rows = [
        SkuRow(id_, spec, price, stock, was, on == "1", weight)
        for id_, spec, price, stock, was, on, weight in zip(*columns, weights, strict=False)
    ][:MOST_SKUS]
    main = post.get("main", "")
    pictures = [one for one in dict.fromkeys(post.getlist("pictures")) if one.startswith("/media/") and len(one) <= 120]
    if main in pictures:
        pictures = [main, *(one for one in pictures if one != main)]
    texts = {name: post.get(name, "") for name in TEXTS}
    skus = [row for row in rows if not row.empty]
    return Form(texts, post.get("category", ""), pictures[:MOST_PICTURES], main, skus, post.get("freight", "")[:24])


def _standing(own: OwnProduct) -> Form:
    facts = own.facts
    skus = [
        SkuRow(
            str(one.sku_id),
            one.spec,
            plain_yuan(one.price_fen),
            str(one.free),
            str(one.free),
            one.on_sale,
            str(one.weight_g) if one.weight_g else "",
        )
        for one in own.skus
    ]
    texts = {
        "title": facts.title,
        "subtitle": facts.subtitle,
        "detail": own.detail,
        "path": facts.path,
        "external_no": facts.external_no,
    }
    main = facts.pictures[0] if facts.pictures else ""
    template = freight.template_of_product(facts.product_id)
    return Form(texts, str(facts.category_id), list(facts.pictures), main, skus, template)


def _product(form: Form) -> NewProduct:
    skus = tuple(
        NewSku(
            price_fen=reading.fen(row.price, field="price"),
            free=reading.whole(row.stock or "0", field="stock"),
            spec=row.spec.strip(),
            on_sale=row.on,
            weight_g=_weight(row),
        )
        for row in form.skus
    )
    return NewProduct(
        category_id=_category(form),
        title=form.texts["title"],
        skus=skus,
        pictures=tuple(form.pictures),
        subtitle=form.texts["subtitle"].strip()[:160],
        detail=form.texts["detail"].strip()[:20_000],
        path=form.texts["path"].strip()[:200],
        external_no=form.texts["external_no"].strip()[:64],
    )


def _change(form: Form, own: OwnProduct) -> tuple[ProductChange, list[tuple[int, int]]]:
    """Return what the form changes. Stock goes by the difference from what the person saw: what was sold meanwhile
    stays sold."""
    known = {str(one.sku_id): one.sku_id for one in own.skus}
    changed, added, stock = [], [], []
    for row in form.skus:
        price = reading.fen(row.price, field="price")
        if not row.id:
            free = reading.whole(row.stock or "0", field="stock")
            spec, weight_g = row.spec.strip(), _weight(row)
            added.append(NewSku(price_fen=price, free=free, spec=spec, on_sale=row.on, weight_g=weight_g))
            continue
        if row.id not in known:
            raise NotFound
        changed.append(
            SkuChange(known[row.id], price_fen=price, spec=row.spec.strip(), on_sale=row.on, weight_g=_weight(row))
        )
        moved = reading.whole(row.stock, field="stock") - reading.whole(row.was, field="stock")
        if moved:
            stock.append((known[row.id], moved))
    texts = form.texts
    change = ProductChange(
        category_id=_category(form),
        title=texts["title"],
        subtitle=texts["subtitle"].strip()[:160],
        detail=texts["detail"].strip()[:20_000],
        path=texts["path"].strip()[:200],
        pictures=tuple(form.pictures),
        skus=tuple(changed),
        new_skus=tuple(added),
    )
    return change, stock


def _weight(row: SkuRow) -> int:
    return reading.whole(row.weight or "0", field="weight_g")


def _category(form: Form) -> int:
    if not form.category.isdecimal() or len(form.category) > 18:
        raise Invalid(field="category", reason_zh="请选择类目", reason_en="choose a category")
    return int(form.category)


def _by(request: HttpRequest) -> By:
    asker = who(request)
    return By(asker.party_id, asker.actor, asker.now, asker_key(request))
