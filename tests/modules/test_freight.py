"""Templates of shops and quotes out of the database."""

import pytest
from django.db import IntegrityError, transaction

from tests.make import catalog as make_catalog
from tests.make import freight as make_freight
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries as catalog
from tuike.catalog.types import NewSku
from tuike.freight import queries, service
from tuike.freight.models import Row as RowModel
from tuike.freight.types import (
    Basis,
    FreightAsk,
    FreightWhy,
    NotDeliverable,
    Row,
    TemplateNameTaken,
    TemplateUsed,
    UnknownRegion,
)
from tuike.kit.errors import NotFound

WHO = {"actor": OPERATOR_SHELL, "now": make_freight.EARLY}
BEIJING, QIAOXI = "110101", "130104"


def ask(merchant_id, product_id, quantity=1, amount_fen=9900):
    return FreightAsk(
        merchant_id=merchant_id,
        product_id=product_id,
        sku_id=make_catalog.sku_of(product_id),
        quantity=quantity,
        amount_fen=amount_fen,
    )


def no_of(product_id):
    return catalog.product_facts([product_id])[product_id].product_no


def test_a_shop_without_templates_sends_free(db):
    shop = make_catalog.shop()
    product = make_catalog.product(merchant_id=shop)
    found = queries.quote(asks=[ask(shop, product)], region_code=BEIJING)
    assert (found[shop].fen, found[shop].why) == (0, FreightWhy.NO_TEMPLATE)


def test_the_default_and_a_products_own_template(db):
    shop, other = make_catalog.shop(), make_catalog.shop()
    plain, heavy = (
        make_catalog.product(merchant_id=shop),
        make_catalog.product(merchant_id=shop, skus=(NewSku(price_fen=100, free=9, weight_g=700),)),
    )
    elsewhere = make_catalog.product(merchant_id=other)
    first = make_freight.template(shop)
    by_weight = make_freight.template(
        shop,
        make_freight.terms(
            Row(first_units=1000, first_fen=1200, next_units=500, next_fen=400),
            basis=Basis.WEIGHT,
            not_to=("130000",),
        ),
    )
    assert (first.default, by_weight.default) == (True, False)
    service.assign(merchant_id=shop, product_nos=[no_of(heavy)], template_no=by_weight.no, **WHO)
    assert queries.template_of_product(heavy) == by_weight.no
    asks = [ask(shop, plain, 3), ask(shop, heavy, 2), ask(other, elsewhere)]
    found = queries.quote(asks=asks, region_code=BEIJING)
    assert {id_: one.fen for id_, one in found.items()} == {shop: 800 + 2 * 300 + 1200 + 400, other: 0}
    assert [(part.units, part.fen) for part in found[shop].parts] == [(3, 1400), (1400, 1600)]
    with pytest.raises(NotDeliverable) as refused:
        queries.quote(asks=asks, region_code=QIAOXI)
    assert refused.value.details["product_id"] == heavy
    assert refused.value.details["region"] == "河北省石家庄市桥西区"
    assert queries.quote(asks=asks[:1], region_code=QIAOXI)[shop].fen == 1400
    with pytest.raises(UnknownRegion):
        queries.quote(asks=asks, region_code="130100")
    assert queries.quote(asks=asks, region_code="")[shop].fen == 3000


def test_a_template_is_changed_copied_and_removed(db):
    shop, other = make_catalog.shop(), make_catalog.shop()
    product = make_catalog.product(merchant_id=shop)
    first = make_freight.template(shop)
    second = make_freight.template(shop)
    with pytest.raises(TemplateNameTaken):
        make_freight.template(shop, second.terms)
    make_freight.template(other, second.terms)
    with pytest.raises(TemplateUsed):
        service.delete_template(merchant_id=shop, no=first.no, **WHO)
    service.assign(merchant_id=shop, product_nos=[no_of(product)], template_no=second.no, **WHO)
    with pytest.raises(TemplateUsed):
        service.delete_template(merchant_id=shop, no=second.no, **WHO)
    service.set_default(merchant_id=shop, no=second.no, default=True, **WHO)
    service.delete_template(merchant_id=shop, no=first.no, **WHO)
    assert [(one.no, one.default, one.products) for one in queries.templates_of(shop)] == [(second.no, True, 1)]
    given = make_freight.terms(Row(regions=("110000",), first_fen=5), fen=1)
    changed = service.change_template(merchant_id=shop, no=second.no, terms=given, **WHO)
    assert changed.terms == given
    assert queries.quote(asks=[ask(shop, product)], region_code=BEIJING)[shop].fen == 5
    service.assign(merchant_id=shop, product_nos=[no_of(product)], template_no="", **WHO)
    service.set_default(merchant_id=shop, no=second.no, default=False, **WHO)
    assert queries.quote(asks=[ask(shop, product)], region_code=BEIJING)[shop].why is FreightWhy.NO_TEMPLATE


def test_another_shops_templates_and_products_look_absent(db):
    shop, other = make_catalog.shop(), make_catalog.shop()
    theirs, product = make_freight.template(other), make_catalog.product(merchant_id=other)
    mine = make_freight.template(shop)
    for call in (
        lambda: queries.own_template(merchant_id=shop, no=theirs.no),
        lambda: service.change_template(merchant_id=shop, no=theirs.no, terms=theirs.terms, **WHO),
        lambda: service.delete_template(merchant_id=shop, no=theirs.no, **WHO),
        lambda: service.set_default(merchant_id=shop, no=theirs.no, default=True, **WHO),
        lambda: service.assign(merchant_id=shop, product_nos=[no_of(product)], template_no=mine.no, **WHO),
    ):
        with refused(NotFound, "freight_"):
            call()
    assert queries.own_template(merchant_id=other, no=theirs.no) == theirs


def test_the_database_keeps_one_row_for_everywhere_else(db):
    mine = make_freight.template(make_catalog.shop())
    with pytest.raises(IntegrityError, match="freight_row_elsewhere"), transaction.atomic():
        RowModel.objects.create(
            template_id=mine.template_id, position=7, first_units=1, first_fen=1, next_units=1, next_fen=1
        )
