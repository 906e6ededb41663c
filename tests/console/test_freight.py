"""Freight templates, parcels and stock in the merchant's console."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.console.conftest import toast_of
from tests.console.unchanged import CHINESE, unchanged, words_of
from tests.make import alliance
from tests.make import catalog as make_catalog
from tests.make import freight as make_freight
from tests.make import parties as make_parties
from tuike.catalog import queries as catalog
from tuike.catalog import service as catalog_of
from tuike.db import rows
from tuike.freight import queries as freight
from tuike.freight.types import Basis
from tuike.kit import clock, xlsx, xlsx_in
from tuike.orders import queries as orders_of
from tuike.orders.types import OrderState
from tuike.parties.types import Role

SEEN = ("freight_", "orders_", "catalog_", "audit_", "commission_", "ledger_")
SF = "SF12345678901"
ROW = ("regions", "first_units", "first", "next_units", "next", "free_fen", "free_pieces")


@pytest.fixture
def one(db):
    return alliance.alliance()


@pytest.fixture
def owner(sit, one):
    return sit(one.shop)


@pytest.fixture
def english(sit, one):
    return sit(one.shop, Role.ADMIN, english=True)


@pytest.fixture
def order(one):
    now = clock.now()
    return alliance.pay(alliance.placed(one, now=now, pieces=(3, 1)), now=now)


def _form(**change):
    rows_of = {
        "regions": ["", "130000,130100,110100"],
        "first_units": ["1", "2"],
        "first": ["8", "5.50"],
        "next_units": ["1", "1"],
        "next": ["3", ""],
        "free_fen": ["", "99"],
        "free_pieces": ["", ""],
    }
    return {"name": "全国", "basis": "piece", "not_to": "650000,659001"} | rows_of | change


def test_a_template_is_made_changed_copied_and_removed(owner, one):
    page = owner.get("freight").content.decode()
    assert "还没有运费模板" in page
    assert owner.post("freight-new", _form(), htmx=False).status_code == 303
    [made] = freight.templates_of(one.shop.id)
    assert (made.default, made.terms.not_to) == (True, ("650000",))
    elsewhere, named = made.terms.rows
    assert (elsewhere.first_fen, elsewhere.next_fen) == (800, 300)
    assert (named.regions, named.first_units, named.first_fen, named.free_from_fen) == (
        ("110100", "130000"),
        2,
        550,
        9900,
    )
    shown = owner.get("freight-edit", no=made.no).content.decode()
    assert "河北省" in shown and "5.50" in shown and "新疆" in shown
    assert owner.post("freight-edit", _form(basis="flat", first=["12", "6"]), htmx=False, no=made.no).status_code == 303
    assert freight.own_template(merchant_id=one.shop.id, no=made.no).terms.basis is Basis.FLAT
    copied = owner.get("freight-new", {"of": made.no}).content.decode()
    assert "全国 副本" in copied
    assert owner.post("freight-new", _form(name="全国 副本"), htmx=False).status_code == 303
    copy = freight.templates_of(one.shop.id)[1]
    with unchanged(*SEEN):
        assert owner.post("freight-delete", no=made.no).status_code == 409
        taken = owner.post("freight-new", _form(), htmx=False)
        assert taken.status_code == 409 and "已有名为" in taken.content.decode()
    assert owner.post("freight-default", no=copy.no).status_code == 200
    assert owner.post("freight-delete", no=made.no).status_code == 200
    assert owner.post("freight-default", {"off": "1"}, no=copy.no).status_code == 200
    assert [(t.no, t.default) for t in freight.templates_of(one.shop.id)] == [(copy.no, False)]


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": ""}, "名称须为 1–40 字"),
        ({"first": ["x", "1"]}, "请填写金额"),
        ({"first_units": ["0", "1"]}, "须为正数"),
        ({"free_fen": ["0", ""]}, "包邮条件须大于 0"),
        ({"not_to": "130000"}, "不配送的地区不能再设运费"),
        (
            {"regions": ["", "130000", "130000"]} | {key: ["1"] * 3 for key in ROW[1:]},
            "地区不存在或重复",
        ),
    ],
)
def test_what_makes_no_sense_is_said_and_kept_in_the_form(owner, change, said):
    with unchanged(*SEEN):
        answer = owner.post("freight-new", _form(**change), htmx=False)
    assert answer.status_code == 422 and said in answer.content.decode()


def test_regions_are_chosen_in_a_dialog(owner):
    dialog = owner.get("freight-regions", {"at": "abc12345", "name": "regions", "regions": "130000"}, htmx=True)
    assert '"130000" checked' in dialog.content.decode()
    cell = owner.post("freight-regions", {"at": "abc12345", "name": "regions", "code": ["440100", "130000", "130100"]})
    text = cell.content.decode()
    assert 'value="130000,440100"' in text and "河北省、广州市" in text and "dialog-close" in cell.headers["HX-Trigger"]
    assert owner.get("freight-regions", {"at": '"><script>'}, htmx=True).status_code == 404
    assert "石家庄市" in owner.get("freight-places", {"under": "130000"}, htmx=True).content.decode()
    districts = owner.get("freight-places", {"under": "130100", "level": "city"}, htmx=True).content.decode()
    assert "桥西区" in districts
    assert 'name="regions"' in owner.get("freight-row", htmx=True).content.decode()


def test_what_would_it_cost(owner, one, english):
    make_freight.template(one.shop.id, make_freight.terms(not_to=("650000",)))
    no = catalog.product_facts([one.product_id])[one.product_id].product_no
    asked = {"product": no, "quantity": "3", "region": "110101"}
    assert "¥14.00" in owner.post("freight-preview", asked).content.decode()
    refused = owner.post("freight-preview", asked | {"region": "650102"})
    assert refused.status_code == 422 and "不配送至" in refused.content.decode()
    assert owner.post("freight-preview", asked | {"product": "P0"}).status_code == 422
    assert not CHINESE.search(words_of(english.post("freight-preview", asked)))
    for page in ("freight", "freight-new", "stock"):
        assert not CHINESE.search(words_of(english.get(page))), page


def test_a_product_names_its_template_and_weighs(owner, one):
    made = make_freight.template(one.shop.id)
    own = catalog.product_facts([one.product_id])[one.product_id]
    [sku] = catalog.skus_of([one.product_id])[one.product_id]
    form = {
        "title": own.title,
        "category": str(own.category_id),
        "sku_id": [str(sku.sku_id)],
        "spec": [""],
        "price": ["59.90"],
        "stock": [str(sku.free)],
        "was": [str(sku.free)],
        "on": ["1"],
        "weight": ["350"],
        "freight": made.no,
        "then": "save",
    }
    assert owner.post("product-edit", form, htmx=False, no=own.product_no).status_code == 303
    assert freight.template_of_product(one.product_id) == made.no
    assert catalog.skus_of([one.product_id])[one.product_id][0].weight_g == 350
    shown = owner.get("product-edit", no=own.product_no).content.decode()
    assert f'value="{made.no}" selected' in shown and 'value="350"' in shown
    with unchanged(*SEEN):
        for wrong in ({"weight": ["-1"]}, {"freight": "F0"}):
            assert owner.post("product-edit", form | wrong, htmx=False, no=own.product_no).status_code in {404, 422}


def test_another_shops_templates_are_not_there(owner, sit, one):
    other = make_parties.merchant()
    theirs = make_freight.template(other.id)
    manager = sit(one.shop, Role.FINANCE)
    with unchanged(*SEEN):
        assert owner.get("freight-edit", no=theirs.no).status_code == 404
        assert owner.get("freight-new", {"of": theirs.no}).status_code == 404
        for name in ("freight-edit", "freight-default", "freight-delete"):
            assert owner.post(name, _form(), no=theirs.no).status_code == 404
        assert manager.post("freight-new", _form()).status_code == 403


def test_an_order_leaves_in_parcels_whose_numbers_are_corrected(owner, english, order):
    drawer = owner.get("order", no=order.no, htmx=True).content.decode()
    assert "分包裹" in drawer and "查看收货地址" in drawer
    part = {"carrier": "顺丰速运", "tracking_no": SF, "line": ["1", "2"], "pieces": ["2", "0"]}
    with unchanged(*SEEN):
        wrong = owner.post("order-ship", part | {"pieces": ["x", ""]}, no=order.no)
        assert wrong.status_code == 422
        assert owner.post("order-ship", part | {"pieces": ["4", "0"]}, no=order.no).status_code == 409
        assert owner.post("order-ship", part | {"line": ["9", "1"]}, no=order.no).status_code == 404
    done = owner.post("order-ship", part, no=order.no)
    assert toast_of(done) == "已发货" and "部分发货" in done.content.decode()
    fixed = owner.post("order-parcel", {"carrier": "中通快递", "tracking_no": "75312345678901"}, no=order.no, parcel=1)
    assert "75312345678901" in fixed.content.decode() and "中通快递" in fixed.content.decode()
    assert not CHINESE.search(words_of(english.get("order", no=order.no, htmx=True)))
    assert owner.post("order-shipped", no=order.no).status_code == 200
    shown = orders_of.order_of_buyer(buyer_id=order.buyer_id, no=order.no)
    assert shown.receive_by is not None
    assert [(p.carrier, p.pieces) for p in orders_of.parcels_of(order.id)] == [("ZTO", {1: 2})]


def test_a_proof_with_its_picture_stands_with_the_order(owner, order):
    owner.post("order-ship", {"carrier": "SF", "tracking_no": SF}, no=order.no)
    file = io.BytesIO()
    Image.new("RGB", (240, 240), "white").save(file, "PNG")
    proof = {"proof": "驿站签收", "picture": SimpleUploadedFile("p.png", file.getvalue(), "image/png")}
    with unchanged(*SEEN):
        broken = {"proof": "驿站签收", "picture": SimpleUploadedFile("p.png", b"x" * 99, "image/png")}
        assert owner.post("order-receive", broken, no=order.no).status_code == 422
    drawer = owner.post("order-receive", proof, no=order.no).content.decode()
    assert "驿站签收" in drawer and "/media/proofs/" in drawer
    assert orders_of.order_of_buyer(buyer_id=order.buyer_id, no=order.no).state is OrderState.COMPLETED


def test_looks_at_addresses_are_recorded(owner, order, sit, one):
    assert "收货人" in owner.post("order-address", no=order.no).content.decode()
    table = list(csv.reader(io.StringIO(owner.post("ship-orders").content.decode("utf-8-sig"))))
    assert table[0][:3] == ["订单号", "快递公司", "快递单号"] and table[1][0] == order.no and "× 3" in table[1][7]
    sheet = [cells for _, cells in xlsx_in.read(owner.post("ship-orders", {"as": "xlsx"}, htmx=False).content)]
    assert sheet[1][0] == order.no
    acts = rows.query("SELECT action, object FROM audit_act WHERE action LIKE 'order.address%%' ORDER BY id")
    assert acts == [("order.address", order.no)] + [("order.addresses", str(one.shop.id))] * 2
    finance, other = sit(one.shop, Role.FINANCE), sit(make_parties.merchant())
    with unchanged(*SEEN):
        assert finance.post("order-address", no=order.no).status_code == 403
        assert other.post("order-address", no=order.no).status_code == 404


def test_what_was_downloaded_is_filled_in_and_brought_back(owner, order, tmp_path):
    sheet = [cells for _, cells in xlsx_in.read(owner.post("ship-orders", {"as": "xlsx"}, htmx=False).content)]
    with unchanged(*SEEN):
        assert "已发货 0 单，0 单未成功" in _upload(owner, tmp_path, sheet).content.decode()
    sheet[1][1:3] = ["中通快递", SF]
    report = _upload(owner, tmp_path, sheet).content.decode()
    assert "已发货 0 单，1 单未成功" in report and "不像中通快递的单号" in report
    sheet[1][1] = "顺丰"
    assert "已发货 1 单，0 单未成功" in _upload(owner, tmp_path, sheet).content.decode()
    assert [parcel.carrier for parcel in orders_of.parcels_of(order.id)] == ["SF"]


def _upload(owner, tmp_path, sheet):
    path = tmp_path / "filled.xlsx"
    xlsx.write(path, name="x", headings=sheet[0], kinds=["text"] * len(sheet[0]), rows=sheet[1:])
    return owner.post("ship-file", {"file": SimpleUploadedFile("filled.xlsx", path.read_bytes())})


@pytest.mark.parametrize("sign", ["\t", ",", " ", "，"])
def test_lines_are_pasted(owner, order, sign):
    text = f"{sign.join((order.no, '顺丰', SF))}\n\n{sign.join(('O0', '顺丰', SF + '1'))}\n"
    report = owner.post("ship-file", {"pasted": text}).content.decode()
    assert "已发货 1 单，1 单未成功" in report and ">3<" in report


def test_stock_is_counted_with_its_reason_and_every_change_is_listed(owner, one):
    no = catalog.product_facts([one.product_id])[one.product_id].product_no
    [sku] = catalog.skus_of([one.product_id])[one.product_id]
    form = {"sku": [str(sku.sku_id)], "was": [str(sku.free)], "free": [str(sku.free - 2)], "note": "盘点：破损"}
    catalog_of.take_stock(items=[(sku.sku_id, 4)], source="CTESTED7", now=clock.now())  # sold while the dialog was open
    with unchanged(*SEEN):
        assert owner.post("stock-count", form | {"note": " "}, no=no).status_code == 422
        assert owner.post("stock-count", form | {"free": ["-999"]}, no=no).status_code == 422
    assert toast_of(owner.post("stock-count", form, no=no)) == "库存已更新"
    assert make_catalog.stock(sku.sku_id)[0] == sku.free - 6
    page = owner.get("stock", {"product": no}).content.decode()
    assert "盘点：破损" in page and "CTESTED7" in page and "下单占用" in page
    assert "盘点：破损" not in owner.get("stock", {"product": "P0"}).content.decode()
    assert "CTESTED7" not in owner.get("stock", {"why": "hand"}).content.decode()
    other = owner.get("stock-count", no=catalog.product_facts([make_catalog.product()]).popitem()[1].product_no)
    assert other.status_code == 404
