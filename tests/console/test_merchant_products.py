"""A merchant's products in the console: the list and its reasons, the form, files, what is done to many."""

import io
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.console.conftest import toast_of
from tests.console.unchanged import CHINESE, unchanged, words_of
from tests.make import catalog
from tests.make import parties as make_parties
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries
from tuike.catalog import service as catalog_of
from tuike.catalog.types import NewSku, NotPromotable, ProductChange, ProductState
from tuike.db import rows
from tuike.insight.lists import listing, merchant_products
from tuike.kit import clock
from tuike.parties import service as parties
from tuike.parties.types import Role, Source
from tuike.settings import service as settings

SEEN = ("catalog_", "plans_", "idempotency")


@pytest.fixture
def shop(db):
    return make_parties.merchant()


@pytest.fixture
def owner(sit, shop):
    return sit(shop)


@pytest.fixture
def category(db) -> int:
    return catalog.category(name="茶具")


def _no(product_id: int) -> str:
    return queries.product_facts([product_id])[product_id].product_no


def _form(category: int, /, **rest: object) -> dict:
    return {
        "title": "手绘青瓷盖碗",
        "category": category,
        "sku_id": ["", ""],
        "was": ["0", "0"],
        "spec": ["青", ""],
        "price": ["59.90", ""],
        "stock": ["12", ""],
        "on": ["1", "1"],
        **rest,
    }


def test_the_list_shows_products_and_why_one_can_not_be_promoted(owner, sit, shop, category):
    catalog.product(merchant_id=shop.id, category_id=category, title="青瓷盖碗")
    catalog.product(merchant_id=shop.id, category_id=category, title="无图茶盘", pictures=())
    catalog.product(category_id=category, title="别人的壶")
    page = owner.get("products").content.decode()
    assert "青瓷盖碗" in page
    assert "商品没有图片" in page
    assert "别人的壶" not in page
    english = sit(shop, Role.FINANCE, english=True).get("products").content.decode()
    assert "The product has no picture." in english
    assert "Put on sale" not in english  # finance looks, and changes nothing


STANDINGS = [
    {},
    {"closed": True},
    {"state": "draft"},
    {"free": 0},
    {"restricted": True},
    {"pictures": ()},
    {"price_fen": 99},
    {"excluded": True},
    {"suspended": True},
    {"uncertified": True},
    {"short": True},
    {"free": 0, "excluded": True, "pictures": ()},
    {"price_fen": 99, "excluded": True, "short": True},
    {"state": "draft", "free": 0},
]


@pytest.mark.parametrize("standing", STANDINGS, ids=lambda one: "+".join(one) or "promotable")
def test_the_reason_in_the_list_is_the_rule_s(db, standing):
    """The list computes the reason in SQL; it says what the rule of docs/rules.md §2 says, whatever holds at once."""
    source = Source.MINI_PROGRAM if standing.get("short") else Source.MINI_STORE
    shop = make_parties.merchant(source=source, alliance=not standing.get("closed"))
    product = catalog.product(
        merchant_id=shop.id,
        category_id=catalog.category(restricted=standing.get("restricted", False)),
        on_sale=standing.get("state") != "draft",
        skus=(NewSku(standing.get("price_fen", 9900), standing.get("free", 5)),),
        pictures=standing.get("pictures", ("/media/a.jpg",)),
    )
    if standing.get("excluded"):
        change = ProductChange(excluded=True)
        catalog_of.change_product(
            merchant_id=shop.id, product_id=product, change=change, actor=OPERATOR_SHELL, now=clock.now()
        )
    if standing.get("suspended"):
        parties.suspend(party_id=shop.id, reason="x", actor=OPERATOR_SHELL, now=clock.now())
    if standing.get("uncertified"):
        rows.run("UPDATE parties_party SET certified_at = NULL WHERE id = %s", [shop.id])
    if standing.get("short"):
        parties.note_prepaid(short=[shop.id], enough=[], now=clock.now())
    from tuike.parties.queries import merchant_facts

    facts, floor = queries.product_facts([product]), settings.get("price_floor_fen")
    said = queries.promotability(facts.values(), merchant_facts([shop.id]), floor, clock.now())[product]
    scope = {"merchant": shop.id, "now": clock.now().isoformat(), "floor": floor, "categories": []}
    [row] = listing.page(merchant_products.LISTING, scope, {}).rows
    assert row["promotion"] == (said.value if said else "promotable")
    tab = listing.page(merchant_products.LISTING, scope, {"promotion": "no" if said else "yes"})
    assert len(tab.rows) == 1
    if said:
        assert len(listing.page(merchant_products.LISTING, scope, {"why": said.value}).rows) == 1
    assert {one.value for one in NotPromotable} <= merchant_products.PROMOTION.keys()


def test_a_product_is_added_and_put_on_sale(owner, shop, category):
    page = owner.get("product-new").content.decode()
    assert "新建商品" in page
    answer = owner.post("product-new", _form(category, then="sell", pictures=["/media/products/x.jpg"]), htmx=False)
    assert (answer.status_code, answer.url) == (303, owner.url("products"))
    [made] = queries.merchant_products(merchant_id=shop.id).products
    assert (made.title, made.state, made.min_price_fen, made.free) == ("手绘青瓷盖碗", ProductState.ON_SALE, 5990, 12)
    assert made.pictures == ("/media/products/x.jpg",)


def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(owner, sit, shop, category):
    english = sit(shop, Role.PRODUCT_MANAGER, english=True)
    cases = (
        ({"price": ["abc", ""]}, "请填写金额"),
        ({"price": ["0", ""]}, "价格须大于 0"),
        ({"category": ""}, "请选择类目"),
        ({"title": " "}, "标题须为 1 到 120 个字符"),
        ({"stock": ["-1", ""]}, "库存须为 0 或正整数"),
    )
    for change, said in cases:
        with refused_nothing():
            answer = owner.post("product-new", _form(category, **change), htmx=False)
        page = answer.content.decode()
        assert answer.status_code == 422
        assert said in page
        assert 'value="青"' in page  # what was typed is kept
        assert not CHINESE.search(words_of(english.post("product-new", _form(category, **change), htmx=False)))


def test_an_edit_moves_the_stock_by_what_the_person_changed(owner, shop, category):
    id_ = catalog.product(merchant_id=shop.id, category_id=category, skus=(NewSku(5990, 10, "青"),))
    sku = catalog.sku_of(id_)
    assert 'value="59.90"' in owner.get("product-edit", no=_no(id_)).content.decode()
    catalog_of.take_stock(items=[(sku, 4)], source="C1", now=catalog.EARLY)  # sold while the form was open
    typed = _form(category, sku_id=[str(sku), ""], was=["10", "0"], stock=["15", ""], price=["49.90", ""])
    answer = owner.post("product-edit", typed, htmx=False, no=_no(id_))
    assert answer.status_code == 303
    assert catalog.stock(sku) == (11, 4)
    assert queries.product_facts([id_])[id_].min_price_fen == 4990


def test_many_are_put_on_and_off_sale_and_out_of_promotion(owner, shop, category):
    ids = [catalog.product(merchant_id=shop.id, category_id=category, on_sale=False) for _ in range(2)]
    assert "已上架 2 件" in toast_of(owner.post("products-sell", {"ids": ids}))
    assert "已下架 1 件" in toast_of(owner.post("products-unsell", {"no": _no(ids[0])}))
    assert "不再推广" in toast_of(owner.post("products-exclude", {"ids": ids}))
    assert "恢复推广" in toast_of(owner.post("products-include", {"ids": ids[:1]}))
    stand = {id_: (one.state.value, one.excluded) for id_, one in queries.product_facts(ids).items()}
    assert stand == {ids[0]: ("off_sale", False), ids[1]: ("on_sale", True)}


def test_nobody_else_changes_or_sees_a_product(owner, sit, shop, category):
    id_ = catalog.product(category_id=category)  # another shop's
    no, own = _no(id_), _no(catalog.product(merchant_id=shop.id, category_id=category))
    for verb in ("products-sell", "products-unsell", "products-exclude", "products-include"):
        for form in ({"ids": [id_]}, {"no": no}, {}, {"ids": ["x"]}):
            with refused_nothing():
                assert owner.post(verb, form).status_code == 404
    for name in ("product", "product-edit"):
        assert owner.get(name, no=no).status_code == 404
        assert owner.get(name, no="P0").status_code == 404
    with refused_nothing():
        assert owner.post("product-edit", _form(category), no=no).status_code == 404
    finance = sit(shop, Role.FINANCE)
    for name, where in (("product-new", {}), ("product-edit", {"no": own}), ("products-import", {})):
        with refused_nothing():
            assert finance.get(name, **where).status_code == 403
            assert finance.post(name, _form(category), **where).status_code == 403
    assert finance.get("product", no=own).status_code == 200


def test_the_drawer_shows_price_stock_reason_and_rate(owner, sit, shop, category):
    id_ = catalog.product(merchant_id=shop.id, category_id=category, title="青瓷盖碗", pictures=())
    page = owner.get("product", no=_no(id_), htmx=True).content.decode()
    assert "¥99.00" in page
    assert "商品没有图片" in page
    assert "设为不推广" in page
    looking = sit(shop, Role.FINANCE).get("product", no=_no(id_), htmx=True).content.decode()
    assert "设为不推广" not in looking


def test_a_picture_is_drawn_anew_and_shown(owner, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    out = io.BytesIO()
    Image.new("RGB", (300, 240), "red").save(out, "PNG")
    upload = SimpleUploadedFile("a.png", out.getvalue() + b"<script>alert(1)</script>", "image/png")
    answer = owner.post("product-picture", {"picture": upload})
    found = re.search(r'value="(/media/products/[0-9a-f]{40}\.jpg)"', answer.content.decode())
    assert found
    kept = (tmp_path / found[1].removeprefix("/media/")).read_bytes()
    assert kept.startswith(b"\xff\xd8\xff")
    assert b"script" not in kept
    text = SimpleUploadedFile("a.png", b"not a picture", "image/png")
    assert owner.post("product-picture", {"picture": text}).status_code == 422
    assert len(list((tmp_path / "products").iterdir())) == 1


def _file(text: str, encoding: str = "utf-8") -> SimpleUploadedFile:
    return SimpleUploadedFile("products.csv", text.encode(encoding), "text/csv")


def test_a_file_is_checked_then_taken(owner, shop, category):
    text = "标题,类目,价格,库存,状态\n青瓷盖碗,茶具,59.90,3,上架\n茶盘,茶具,¥1299,1,\n"
    with refused_nothing():
        checked = owner.post("products-import", {"file": _file(text), "step": "check"}).content.decode()
    assert "将新建 2 件" in checked
    for encoding in ("gb18030",):
        done = owner.post("products-import", {"file": _file(text, encoding), "step": "import"})
        assert "已新建 2 件" in done.content.decode()
    found = {one.title: one for one in queries.merchant_products(merchant_id=shop.id).products}
    assert (found["茶盘"].min_price_fen, found["茶盘"].state) == (129_900, ProductState.DRAFT)
    assert found["青瓷盖碗"].state is ProductState.ON_SALE


def test_a_bad_file_names_its_lines(owner, sit, shop, category):
    text = "title,category,price\n壶,没有,59.90\n杯,茶具,abc\n"
    english = sit(shop, Role.ADMIN, english=True)
    with refused_nothing():
        answer = owner.post("products-import", {"file": _file(text), "step": "import"})
        said = english.post("products-import", {"file": _file(text), "step": "import"}).content.decode()
        nothing = owner.post("products-import", {"step": "import"})
        binary = owner.post("products-import", {"file": _file("a\0b"), "step": "import"})
    assert answer.status_code == nothing.status_code == binary.status_code == 422
    assert "请填写金额" in answer.content.decode()
    assert "an amount like" in said
    assert "请选择文件" in nothing.content.decode()


def test_what_is_downloaded_can_be_brought_back(owner, shop, category):
    catalog.product(
        merchant_id=shop.id, category_id=category, title="=cmd|' /C calc'!A0", skus=(NewSku(5990, 10, "青"),)
    )
    raw = owner.get("products-template", {"all": "1"}).content
    assert raw.startswith(b"\xef\xbb\xbf")
    text = raw.decode("utf-8-sig")
    assert "'=cmd" in text
    done = owner.post("products-import", {"file": _file(text.replace("59.90", "69.90")), "step": "import"})
    assert done.status_code == 200
    [after] = queries.merchant_products(merchant_id=shop.id).products
    assert (after.title, after.min_price_fen, after.free) == ("=cmd|' /C calc'!A0", 6990, 10)


def refused_nothing():
    """Return what holds the catalog, rates, keys and audit to what they are."""
    return unchanged(*SEEN)
