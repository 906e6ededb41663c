"""The after-sales desk: the shop's queue, goods that come back, many yeses at once; the operator's verdicts."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests import books
from tests.console.conftest import toast_of
from tests.console.unchanged import CHINESE, unchanged, words_of
from tests.make import alliance
from tests.make import parties as make_parties
from tuike.db import rows
from tuike.flows import decide_after_sales, refund_order, return_goods, ship_order
from tuike.insight.lists import listing, merchant_orders
from tuike.kit import clock
from tuike.orders import queries as orders_of
from tuike.orders.types import AfterSaleAsk, AfterSaleKind, AfterSaleState
from tuike.parties.types import Role

SEEN = ("orders_", "commission_", "ledger_", "payments_", "catalog_sku", "idempotency", "audit_")


@pytest.fixture
def one(db) -> alliance.Alliance:
    made = alliance.alliance(price_fen=1_000)
    alliance.touch(made)
    return made


@pytest.fixture
def shop(sit, one):
    return sit(one.shop, Role.FINANCE)


@pytest.fixture
def desk(sit):
    return sit(make_parties.operator(), Role.OPERATOR)


@pytest.fixture(autouse=True)
def the_books_hold(db):
    yield
    books.check()


def _asked(one: alliance.Alliance, kind: AfterSaleKind | None = None, key: str = "a") -> tuple:
    """Return an order of two pieces with a request for one: (order, the request's number)."""
    now = clock.now() - timedelta(hours=2)
    order = alliance.bought(one, pieces=(2,), now=now)
    if kind is not None:
        parcel = {"carrier": "SF", "tracking_no": order.no}
        ship_order.ship_order(merchant_id=one.shop.id, order_no=order.no, now=now, **parcel)
    asked = refund_order.ask_refund(
        buyer_id=one.buyer_id,
        order_no=order.no,
        lines=[AfterSaleAsk(line_no=1, quantity=1)],
        reason="杯口有缺",
        kind=kind,
        reason_code="damaged" if kind else "",
        key=f"{key}{order.no}",
        now=now + timedelta(minutes=5),
    )
    return order, asked["no"]


def _state(no: str) -> AfterSaleState:
    return orders_of.after_sales_by_no([no])[no].state


def _picture() -> SimpleUploadedFile:
    drawn = io.BytesIO()
    Image.new("RGB", (300, 300), "#a33").save(drawn, "JPEG")
    return SimpleUploadedFile("proof.jpg", drawn.getvalue(), "image/jpeg")


def test_goods_come_back_and_are_paid_for(shop, sit, one):
    order, no = _asked(one, AfterSaleKind.RETURN)
    assert no in shop.get("refunds", {"state": "requested", "sort": "due_at"}).content.decode()
    drawer = shop.get("order", no=order.no, htmx=True).content.decode()
    for words in ("商品破损", "杯口有缺", "同意退货", "退货退款", "转平台介入"):
        assert words in drawer, words
    english = sit(one.shop, Role.ADMIN, english=True)
    assert not CHINESE.search(words_of(english.get("order", no=order.no, htmx=True)).replace("杯口有缺", ""))
    assert not CHINESE.search(words_of(english.get("refunds")))
    assert "同意退货" in toast_of(shop.post("refund-approve", {"note": "寄到一号仓"}, no=no))
    with unchanged(*SEEN):
        assert shop.post("refund-receive", no=no).status_code == 409
        assert shop.post("refund-reject", {"answer": "不要"}, no=no).status_code == 409
    return_goods.send_back(buyer_id=one.buyer_id, no=no, carrier="顺丰", tracking_no="SF778", now=clock.now())
    drawer = shop.get("order", no=order.no, htmx=True).content.decode()
    assert "SF778" in drawer and "寄到一号仓" in drawer and "确认收到退货" in drawer
    sku = order.lines[0].sku_id
    [(free,)] = rows.query("SELECT free FROM catalog_sku WHERE id = %s", [sku])
    assert "已确认退货" in toast_of(shop.post("refund-receive", {"restock": "1"}, no=no))
    assert rows.query("SELECT free FROM catalog_sku WHERE id = %s", [sku]) == [(free + 1,)]
    assert _state(no) is AfterSaleState.APPROVED


def test_goods_that_came_back_broken_are_refused_with_evidence(shop, one, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    order, no = _asked(one, AfterSaleKind.RETURN)
    shop.post("refund-approve", no=no)
    return_goods.send_back(buyer_id=one.buyer_id, no=no, carrier="顺丰", tracking_no="SF1", now=clock.now())
    with unchanged(*SEEN):
        bad = SimpleUploadedFile("x.jpg", b"no picture", "image/jpeg")
        assert shop.post("refund-reject", {"answer": "空包裹", "evidence": bad}, no=no).status_code == 422
        many = [_picture() for _ in range(10)]
        assert shop.post("refund-reject", {"answer": "空包裹", "evidence": many}, no=no).status_code == 422
    shop.post("refund-reject", {"answer": "空包裹", "evidence": [_picture()]}, no=no)
    assert _state(no) is AfterSaleState.REJECTED
    found = orders_of.after_sales_by_no([no])[no]
    [name] = orders_of.steps_of([found.id])[found.id][-1].pictures
    assert (tmp_path / name).is_file()
    assert f"/media/{name}" in shop.get("order", no=order.no, htmx=True).content.decode()


def test_many_are_agreed_to_at_once_but_only_before_shipping(shop, one):
    first, second = _asked(one)[1], _asked(one, key="b")[1]
    kept = _asked(one, AfterSaleKind.SHIPPED)[1]
    foreign = _asked(alliance.alliance(beside=one))[1]
    assert "批量同意未发货退款" in shop.get("refunds").content.decode(), "whoever may agree sees the button"
    asked = shop.get("refunds-agree", htmx=True).content.decode()
    assert "2 个未发货订单" in asked and "¥20.00" in asked
    done = shop.post("refunds-agree")
    assert toast_of(done) == "已同意 2 个退款，0 个未成功"
    assert [_state(no).value for no in (first, second, kept, foreign)] == ["approved"] * 2 + ["requested"] * 2
    with unchanged(*SEEN):
        assert "没有待处理" in shop.get("refunds-agree", htmx=True).content.decode()
        shop.post("refunds-agree")


def test_a_role_that_may_not_and_another_shop(sit, one):
    no = _asked(one, AfterSaleKind.RETURN)[1]
    manager, other = sit(one.shop, Role.PRODUCT_MANAGER), sit(make_parties.merchant())
    with unchanged(*SEEN):
        for name in ("refund-receive", "refund-approve"):
            assert manager.post(name, no=no).status_code == 403
            assert other.post(name, no=no).status_code == 404
        assert manager.post("refunds-agree").status_code == 403
        other.post("refunds-agree")


def _disputed(one: alliance.Alliance, shop, kind: AfterSaleKind = AfterSaleKind.RETURN) -> str:
    no = _asked(one, kind)[1]
    shop.post("refund-reject", {"answer": "不属于质量问题"}, no=no)
    decide_after_sales.dispute_refund(buyer_id=one.buyer_id, no=no, reason="有照片", now=clock.now())
    return no


def test_the_operator_decides(desk, sit, shop, one):
    no, other = _disputed(one, shop), _disputed(one, shop, AfterSaleKind.SHIPPED)
    assert "2 个售后等待平台裁决" in desk.get("home").content.decode()
    queue = desk.get("disputes", {"state": "open"}).content.decode()
    assert no in queue and other in queue
    drawer = desk.get("dispute", no=no, htmx=True).content.decode()
    for words in ("有照片", "不属于质量问题", "判定退货退款", "判定退款", "驳回申请"):
        assert words in drawer, words
    assert "判定退货退款" not in desk.get("dispute", no=other, htmx=True).content.decode()
    english = sit(make_parties.operator(), Role.ADMIN, english=True)
    assert not CHINESE.search(words_of(english.get("disputes")))
    assert not CHINESE.search(words_of(english.get("dispute-decide", no=no, verdict="return", htmx=True)))
    reader = sit(make_parties.operator(), Role.AUDITOR)
    with unchanged(*SEEN):
        assert desk.post("dispute-decide", {"note": " "}, no=no, verdict="return").status_code == 422
        assert desk.post("dispute-decide", {"note": "x"}, no=other, verdict="return").status_code == 422
        assert desk.post("dispute-decide", {"note": "x"}, no=no, verdict="burn").status_code == 404
        assert reader.get("dispute", no=no, htmx=True).status_code == 200
        assert reader.post("dispute-decide", {"note": "x"}, no=no, verdict="refund").status_code == 403
    assert toast_of(desk.post("dispute-decide", {"note": "照片属实"}, no=no, verdict="return")) == "已裁决"
    desk.post("dispute-decide", {"note": "证据不足"}, no=other, verdict="reject")
    assert (_state(no), _state(other)) == (AfterSaleState.RETURNING, AfterSaleState.REJECTED)
    assert "照片属实" in desk.get("dispute", no=no, htmx=True).content.decode()
    assert desk.get("disputes", {"state": "decided"}).content.decode().count(no) >= 1
    assert rows.query("SELECT count(*) FROM audit_act WHERE action IN ('after_sale.agree', 'after_sale.reject')") == [
        (4,)
    ]


def test_what_never_came_before_the_operator_isnt_there(desk, one):
    no = _asked(one)[1]
    assert desk.get("dispute", no=no, htmx=True).status_code == 404
    assert desk.post("dispute-decide", {"note": "x"}, no=no, verdict="refund").status_code == 404


def test_the_queue_is_filtered_by_kind_and_state(one):
    _asked(one)
    no = _asked(one, AfterSaleKind.RETURN)[1]
    scope = {"merchant": one.shop.id}
    [row] = listing.page(merchant_orders.REFUNDED, scope, {"kind": "return"}).rows
    assert row["no"] == no and row["due_at"] is not None
    assert len(listing.page(merchant_orders.REFUNDED, scope, {"state": "requested"}).rows) == 2
    assert listing.page(merchant_orders.REFUNDED, scope, {"state": "disputed"}).rows == ()
