"""Categories, products, stock and lists, on the database."""

from datetime import UTC, datetime

import pytest
from django.db import transaction

from tests.make import catalog as make
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries, service
from tuike.catalog.types import (
    AlreadyThere,
    NewSku,
    NoSuchSku,
    NothingToSell,
    NotOnSale,
    NotPromotable,
    ProductChange,
    ProductState,
    SkuChange,
    SoldOut,
    StockBack,
    StockBelowZero,
    StockWhy,
    TooDeep,
    WrongState,
)
from tuike.db import rows
from tuike.kit.errors import NotFound
from tuike.parties.types import BindingMode, MerchantFacts, Source, SubjectKind

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 3, 5, 3, 0, tzinfo=UTC)
WHO = {"actor": OPERATOR_SHELL, "now": NOW}


def acts(action):
    found = rows.query("SELECT object, facts::text FROM audit_act WHERE action = %s ORDER BY id", [action])
    return [(object_, __import__("json").loads(facts)) for object_, facts in found]


@pytest.fixture(autouse=True)
def _database(db):
    """Every test here works on the database."""


def test_the_tree_knows_its_paths_and_has_three_levels():
    top = make.category(name="食品")
    middle = make.category(parent_id=top)
    leaf = make.category(parent_id=middle, name="坚果")
    assert {n.category_id: n.path for n in queries.categories()} == {
        top: (top,),
        middle: (top, middle),
        leaf: (top, middle, leaf),
    }
    with pytest.raises(TooDeep), transaction.atomic():
        make.category(parent_id=leaf)
    with pytest.raises(NotFound), transaction.atomic():
        make.category(parent_id=10**9)
    assert len(queries.categories()) == 3


def test_restricting_a_category_is_audited_and_reaches_what_is_below():
    top = make.category()
    product = make.product(category_id=make.category(parent_id=top))
    assert not queries.product_facts([product])[product].restricted
    service.change_category(category_id=top, restricted=True, **WHO)
    assert queries.product_facts([product])[product].restricted
    assert acts("category.change") == [(str(top), {"restricted": {"from": False, "to": True}})]
    service.change_category(category_id=top, restricted=True, **WHO)
    assert len(acts("category.change")) == 1


def test_a_product_is_a_draft_then_listed_from_the_next_midnight_once():
    shop = make.shop()
    product = make.product(merchant_id=shop, on_sale=False)
    facts = queries.product_facts([product])[product]
    assert (facts.state, facts.listed_from) == (ProductState.DRAFT, None)
    service.put_on_sale(merchant_id=shop, product_ids=[product], **WHO)
    midnight = datetime(2026, 3, 5, 16, 0, tzinfo=UTC)
    assert queries.product_facts([product])[product].listed_from == midnight
    service.take_off_sale(merchant_id=shop, product_ids=[product], **WHO)
    later = datetime(2026, 4, 1, tzinfo=UTC)
    service.put_on_sale(merchant_id=shop, product_ids=[product], actor=OPERATOR_SHELL, now=later)
    assert queries.product_facts([product])[product].listed_from == midnight


def test_states_and_owners_are_held():
    shop, other = make.shop(), make.shop()
    product = make.product(merchant_id=shop)
    for wrong, refusal in (
        (lambda: service.put_on_sale(merchant_id=shop, product_ids=[product], **WHO), WrongState),
        (lambda: service.take_off_sale(merchant_id=other, product_ids=[product], **WHO), NotFound),
        (lambda: service.change_product(merchant_id=other, product_id=product, change=_cheap(), **WHO), NotFound),
    ):
        with pytest.raises(refusal), transaction.atomic():
            wrong()
    assert queries.product_facts([product])[product].state is ProductState.ON_SALE


def _cheap():
    return ProductChange(title="改")


def test_a_product_without_a_sku_on_sale_stays_where_it_is():
    shop = make.shop()
    product = make.product(merchant_id=shop, on_sale=False, skus=(NewSku(100, 5, on_sale=False),))
    with pytest.raises(NothingToSell), transaction.atomic():
        service.put_on_sale(merchant_id=shop, product_ids=[product], **WHO)
    assert queries.product_facts([product])[product].state is ProductState.DRAFT


def test_an_external_number_is_unique_in_its_shop():
    shop, category = make.shop(), make.category()
    first = make.product(merchant_id=shop, category_id=category, external_no="A-1")
    make.product(merchant_id=make.shop(), category_id=category, external_no="A-1")
    with pytest.raises(AlreadyThere), transaction.atomic():
        make.product(merchant_id=shop, category_id=category, external_no="A-1")
    assert rows.query("SELECT count(*) FROM catalog_product") == [(2,)]
    known = queries.ids_by_external_no(merchant_id=shop, external_nos=["A-1", "none"])
    assert known == {"A-1": (first, make.sku_of(first))}


def test_changes_keep_the_lowest_price_and_are_audited():
    shop = make.shop()
    product = make.product(merchant_id=shop, skus=(NewSku(500, 5, "小"), NewSku(900, 5, "大")))
    small, large = queries.skus_of([product])[product]
    other = make.category()
    change = ProductChange(
        category_id=other,
        title=" 新名 ",
        excluded=True,
        skus=(SkuChange(small.sku_id, on_sale=False), SkuChange(large.sku_id, price_fen=800)),
        new_skus=(NewSku(850, 1, "中"),),
    )
    before = queries.product_facts([product])[product]
    service.change_product(merchant_id=shop, product_id=product, change=change, **WHO)
    facts = queries.product_facts([product])[product]
    assert (facts.title, facts.category_id, facts.min_price_fen, facts.free) == ("新名", other, 800, 6)
    assert acts("product.change") == [
        (
            facts.product_no,
            {
                "category": {"from": before.category_id, "to": other},
                "excluded": {"from": False, "to": True},
                "prices": {str(large.sku_id): {"from": 900, "to": 800}},
            },
        )
    ]


def test_a_sku_of_another_product_is_not_changed():
    shop = make.shop()
    product, foreign = make.product(merchant_id=shop), make.sku()
    with pytest.raises(NotFound), transaction.atomic():
        change = ProductChange(title="x", skus=(SkuChange(foreign, price_fen=1),))
        service.change_product(merchant_id=shop, product_id=product, change=change, **WHO)
    assert queries.sku_facts([foreign])[foreign].price_fen == 9900
    assert queries.product_facts([product])[product].title != "x"


def test_stock_is_taken_all_or_none():
    plenty, few = make.sku(free=10), make.sku(free=2, title="最后两件")
    with transaction.atomic():
        service.take_stock(items=[(few, 1), (plenty, 3), (few, 1)], source="C1", now=NOW)
    assert (make.stock(plenty), make.stock(few)) == ((7, 3), (0, 2))
    with pytest.raises(SoldOut) as refused, transaction.atomic():
        service.take_stock(items=[(plenty, 1), (few, 1)], source="C1", now=NOW)
    assert refused.value.details == {"sku_id": few, "title": "最后两件", "free": 0}
    assert "最后两件" in refused.value.sentence()
    assert (make.stock(plenty), make.stock(few)) == ((7, 3), (0, 2))
    back = [StockBack(few, 2, "O1"), StockBack(plenty, 1, "O1")]
    service.return_stock(items=back, why=StockWhy.CLOSED, now=NOW)
    assert (make.stock(plenty), make.stock(few)) == ((8, 2), (2, 0))
    moved = rows.query("SELECT change, why, source FROM catalog_stock_move WHERE sku_id = %s ORDER BY id", [few])
    assert moved == [(2, "added", ""), (-2, "placed", "C1"), (2, "closed", "O1")]


def test_every_change_of_stock_is_a_movement_and_they_add_up():
    shop = make.shop()
    product = make.product(merchant_id=shop, free=5)
    sku = make.sku_of(product)
    service.take_stock(items=[(sku, 4)], source="C7", now=NOW)
    back = [StockBack(sku, 1, "O1"), StockBack(sku, 1, "O2"), StockBack(sku, 1, "O1")]
    service.return_stock(items=back, why=StockWhy.REFUNDED, now=NOW)
    service.add_stock(merchant_id=shop, items=[(sku, -3)], note="盘点：破损", **WHO)
    service.add_stock(merchant_id=shop, items=[(sku, 2), (sku, -2)], **WHO)
    found = rows.query(
        "SELECT change, why, source, actor, note FROM catalog_stock_move WHERE merchant_id = %s ORDER BY id", [shop]
    )
    assert [*found[:2], *sorted(found[2:4], key=lambda row: row[2]), *found[4:]] == [
        (5, "added", "", "cli", ""),
        (-4, "placed", "C7", "", ""),
        (2, "refunded", "O1", "", ""),
        (1, "refunded", "O2", "", ""),
        (-3, "hand", "", "cli", "盘点：破损"),
    ]
    assert sum(row[0] for row in found) == make.stock(sku)[0] == 1
    change = ProductChange(new_skus=(NewSku(price_fen=1, free=0), NewSku(price_fen=1, free=6, weight_g=250)))
    service.change_product(merchant_id=shop, product_id=product, change=change, **WHO)
    assert rows.query("SELECT change FROM catalog_stock_move WHERE merchant_id = %s AND sku_id <> %s", [shop, sku]) == [
        (6,)
    ]
    assert [one.weight_g for one in queries.skus_of([product])[product]] == [0, 0, 250]


def test_a_refusal_spoils_the_transaction_that_caught_it():
    """Whoever catches SoldOut and goes on must not commit a part of what was wanted."""
    plenty, few = make.sku(free=10), make.sku(free=0)
    with pytest.raises(transaction.TransactionManagementError), transaction.atomic():
        with pytest.raises(SoldOut):
            service.take_stock(items=[(plenty, 1), (few, 1)], source="C1", now=NOW)
        rows.query("SELECT 1")
    assert make.stock(plenty) == (10, 0)


def test_what_is_not_on_sale_or_not_there_is_refused_by_name():
    shop = make.shop()
    product = make.product(merchant_id=shop)
    sku = make.sku_of(product)
    service.take_off_sale(merchant_id=shop, product_ids=[product], **WHO)
    with pytest.raises(NotOnSale), transaction.atomic():
        service.take_stock(items=[(sku, 1)], source="C1", now=NOW)
    with pytest.raises(NoSuchSku), transaction.atomic():
        service.take_stock(items=[(10**9, 1)], source="C1", now=NOW)
    assert make.stock(sku) == (100, 0)


def test_a_person_changes_stock_audited_and_never_below_zero():
    shop = make.shop()
    product = make.product(merchant_id=shop, free=5)
    sku = make.sku_of(product)
    service.add_stock(merchant_id=shop, items=[(sku, 3), (sku, -2)], **WHO)
    assert make.stock(sku) == (6, 0)
    assert [facts for _, facts in acts("product.stock")] == [{"sku": sku, "from": 5, "to": 6}]
    for merchant, quantity, refusal in ((shop, -7, StockBelowZero), (make.shop(), 1, NotFound)):
        with pytest.raises(refusal), transaction.atomic():
            service.add_stock(merchant_id=merchant, items=[(sku, quantity)], **WHO)
    assert make.stock(sku) == (6, 0)


def test_sku_facts_say_what_placing_needs():
    top = make.category()
    leaf = make.category(parent_id=top)
    shop = make.shop()
    product = make.product(
        merchant_id=shop, category_id=leaf, skus=(NewSku(500, 5, "红"),), pictures=("p.jpg", "q.jpg")
    )
    sku = make.sku_of(product)
    facts = queries.sku_facts([sku, 10**9])
    assert set(facts) == {sku}
    got = facts[sku]
    assert (got.product_id, got.merchant_id, got.category_path) == (product, shop, (top, leaf))
    assert (got.spec, got.price_fen, got.on_sale, got.picture) == ("红", 500, True, "p.jpg")
    service.take_off_sale(merchant_id=shop, product_ids=[product], **WHO)
    assert not queries.sku_facts([sku])[sku].on_sale


def test_what_is_sold_is_its_sku_and_its_product_in_one_question():
    top = make.category(restricted=True)
    shop, leaf = make.shop(), make.category(parent_id=top)
    two = make.product(
        merchant_id=shop, category_id=leaf, skus=(NewSku(500, 5, "红"), NewSku(700, 2, "蓝")), pictures=()
    )
    gone = make.product(merchant_id=make.shop(), category_id=top)
    service.take_off_sale(merchant_id=queries.merchants_of([gone])[gone], product_ids=[gone], **WHO)
    asked = [*(id_ for (id_,) in rows.query("SELECT id FROM catalog_sku ORDER BY id")), 10**9]
    skus, products = queries.sale_facts(asked)
    assert len(skus) == 3 and (skus, products) == (queries.sku_facts(asked), queries.product_facts([two, gone]))
    assert queries.sale_facts([]) == ({}, {})


def test_lists_page_without_gaps_while_products_are_added():
    shop, top = make.shop(), make.category()
    leaf = make.category(parent_id=top)
    made = [make.product(merchant_id=shop, category_id=leaf if i % 2 else top) for i in range(7)]
    draft = make.product(merchant_id=shop, category_id=leaf, on_sale=False)
    seen, after = [], None
    while True:
        page = queries.shop_products(category_id=top, after=after, limit=3)
        seen += [facts.product_id for facts in page.products]
        make.product(merchant_id=shop, category_id=leaf)
        after = page.after
        if after is None:
            break
    assert seen == made[::-1]
    below = queries.shop_products(category_id=leaf, merchant_id=shop, limit=100)
    assert {facts.category_id for facts in below.products} == {leaf}
    drafts = queries.merchant_products(merchant_id=shop, state=ProductState.DRAFT)
    assert [facts.product_id for facts in drafts.products] == [draft]
    with pytest.raises(NotFound):
        queries.shop_skus(product_id=draft)
    assert queries.shop_skus(product_id=made[0])[1][0].price_fen == 9900
    assert queries.merchant_products(merchant_id=make.shop()).products == ()


def test_promotability_brings_product_and_merchant_together():
    shop = make.shop()
    fine = make.product(merchant_id=shop, price_fen=100)
    cheap, bare = make.product(merchant_id=shop, price_fen=99), make.product(merchant_id=shop, pictures=())
    empty = make.product(merchant_id=shop, free=0)
    products = queries.product_facts([fine, cheap, bare, empty]).values()
    merchant = _merchant_facts(shop)
    assert queries.promotability(products, {shop: merchant}, 100, NOW) == {
        fine: None,
        cheap: NotPromotable.BELOW_PRICE_FLOOR,
        bare: NotPromotable.NO_PICTURE,
        empty: NotPromotable.OUT_OF_STOCK,
    }
    early = datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC)
    assert set(queries.promotability(products, {shop: merchant}, 100, early).values()) == {
        NotPromotable.MERCHANT_NOT_OPENED
    }


def _merchant_facts(id_):
    return MerchantFacts(
        id=id_,
        no="M1",
        name="店",
        certified=True,
        suspended=False,
        source=Source.MINI_STORE,
        subject_kind=SubjectKind.ENTERPRISE,
        appid="",
        opened_from=datetime(2026, 3, 1, 16, tzinfo=UTC),
        closed_from=None,
        prepaid_short=True,
        binding_mode=BindingMode.OFF,
        binding_days=0,
    )


def test_the_cheapest_and_what_is_sold():
    shop, top = make.shop(), make.category()
    leaf = make.category(parent_id=top)
    one = make.product(merchant_id=shop, category_id=leaf, price_fen=700)
    make.product(merchant_id=shop, category_id=make.category(), price_fen=300)
    make.product(price_fen=100)
    assert queries.cheapest(merchant_id=shop) == 300
    assert queries.cheapest(merchant_id=shop, category_ids=[top]) == 700
    assert queries.cheapest(product_ids=[one]) == 700
    assert queries.cheapest() == 100
    assert queries.cheapest(merchant_id=make.shop()) is None
    assert leaf in queries.categories_sold([shop])[shop]
