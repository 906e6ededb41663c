"""A shop's bargain offers and red packets in its console: made, shown with figures, stopped; by whom, and by nobody
else."""

from datetime import timedelta
from pathlib import Path

import pytest
import segno
from django.conf import settings
from django.utils.html import escape

from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import mall
from tuike.audit.types import SYSTEM
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.kit import clock
from tuike.kit.days import shown
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import Draft, Move
from tuike.marketing import queries, service
from tuike.parties import service as parties
from tuike.parties.types import MallFunction, Role

pytestmark = pytest.mark.usefixtures("db")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def one():
    made = make.alliance(price_fen=10_000)
    for function in mall.ON:
        parties.switch_function(merchant_id=made.shop.id, function=function, on=True, actor=SYSTEM, now=make.NOON)
    moves = (Move(chart.platform("promotion"), chart.merchant(made.shop.id, "available"), 5_000),)
    ledger.post(drafts=[Draft("gift", "adjustment", "test", make.NOON, moves)], now=make.NOON)
    return made


@pytest.fixture
def seller(sit, one):
    return sit(one.shop)


def typed(one, **changes: object) -> dict:
    now = clock.now()
    form = {
        "product": catalog.product_facts([one.product_id])[one.product_id].product_no,
        "sku": str(make_catalog.sku_of(one.product_id)),
        "floor": "40",
        "cuts": "5",
        "hours": "24",
        "stock": "10",
        "limit": "1",
        "starts_at": shown(now)[:16],
        "ends_at": shown(now + timedelta(days=7))[:16],
        "owner_cuts": "1",
    }
    return form | changes


def test_an_offer_is_made_listed_and_stopped(one, seller):
    assert "还没有砍价活动" in seller.get("bargains").content.decode()
    first = seller.get("bargain-new").content.decode()
    assert "第一步：选商品" in first
    form = seller.get("bargain-new", {"product": typed(one)["product"]}).content.decode()
    assert "砍到底价需几刀" in form
    assert "¥100.00" in form
    made = seller.post("bargain-new", typed(one), htmx=False)
    assert made.status_code == 303, made.content.decode()
    (offer,) = queries.open_offers(now=clock.now())
    assert (offer.floor_fen, offer.cuts_needed, offer.owner_cuts, offer.floor_only) == (4_000, 5, True, False)
    page = seller.get("bargains").content.decode()
    for word in (offer.no, "¥40.00", "进行中"):
        assert word in page
    service.start_bargain(offer_no=offer.no, buyer_id=501, now=clock.now())
    drawer = seller.get("bargain", no=offer.no, htmx=True).content.decode()
    for word in ("手绘青瓷盖碗", "首刀由发起人砍", "停止活动", "0 / 10"):
        assert word in drawer
    seller.post("bargain-stop", {}, no=offer.no)
    assert queries.open_offers(now=clock.now()) == []
    assert "已停止" in seller.get("bargains").content.decode()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"floor": "99.97"}, "每刀至少 0.01 元"),
        ({"floor": "x"}, "请填写金额"),
        ({"cuts": "1"}, "刀数须为 2 到 100"),
        ({"hours": "500"}, "1 到 168 小时"),
        ({"sku": ""}, "请填写整数"),
        ({"ends_at": ""}, "请选择时间"),
    ],
)
def test_what_makes_no_sense_is_told_beside_it(one, seller, changes, told):
    answer = seller.post("bargain-new", typed(one, **changes), htmx=False)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert rows.query("SELECT count(*) FROM marketing_bargain_offer") == [(0,)]


def test_where_it_is_off_the_page_says_so_and_nothing_is_made(one, seller):
    parties.switch_function(
        merchant_id=one.shop.id, function=MallFunction.BARGAINS, on=False, actor=SYSTEM, now=make.NOON
    )
    assert "砍价未开启" in seller.get("bargains").content.decode()
    answer = seller.post("bargain-new", typed(one), htmx=False)
    assert (answer.status_code, "该店铺未开启此功能" in answer.content.decode()) == (422, True)
    parties.switch_function(
        merchant_id=one.shop.id, function=MallFunction.RED_PACKETS, on=False, actor=SYSTEM, now=make.NOON
    )
    assert "红包未开启" in seller.get("red-packets").content.decode()


def test_a_red_packet_is_typed_looked_at_sent_and_shown(one, seller):
    assert "还没有发过红包" in seller.get("red-packets").content.decode()
    assert "¥50.00" in seller.get("red-packet-new", htmx=True).content.decode()
    form = {"total": "20", "shares": "4", "split": "lucky", "greeting": "新年好"}
    look = seller.post("red-packet-new", form).content.decode()
    assert "确认发出" in look
    assert "¥30.00" in look
    assert rows.query("SELECT count(*) FROM marketing_packet") == [(0,)]
    sent = seller.post("red-packet-new", form | {"confirmed": "1"})
    assert sent.status_code == 200
    ((no, code),) = rows.query("SELECT no, code FROM marketing_packet")
    share = service.open_red_packet(code=code, person_id=501, now=clock.now())
    page = seller.get("red-packets").content.decode()
    for word in (no, "新年好", "拼手气红包", "¥20.00", "领取中"):
        assert word in page
    drawer = seller.get("red-packet", no=no, htmx=True).content.decode()
    for word in (code, "1 / 4", "领取记录", f"¥{share.amount_fen / 100:.2f}"):
        assert word in drawer
    _shared(seller, no, code, drawer)


def _shared(seller, no, code, drawer):
    """The link leads to the packet's page of the mall and stands in the QR code; of an opened packet none is shown."""
    link = f"{settings.PUBLIC_BASE}/m/marketing/packet/packet?code={code}"
    assert drawer.count(f'href="{link}"') == 1 and f'data-copy="{link}"' in drawer
    assert f'src="{escape(segno.make(link, error="m").svg_data_uri(scale=4, border=2))}"' in drawer
    assert '"path": "packet/packet"' in (ROOT / "miniprogram/src/pages.json").read_text()
    for person_id in (502, 503, 504):
        service.open_red_packet(code=code, person_id=person_id, now=clock.now())
    assert link not in seller.get("red-packet", no=no, htmx=True).content.decode()


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"total": "0.03"}, "每份至少 0.01 元"),
        ({"total": "50.01"}, "可提现余额不足"),
        ({"shares": "0"}, "份数须为 1 到 100"),
        ({"split": "x"}, "请选择类型"),
        ({"split": "fixed", "total": "1.01"}, "总额须能平均分"),
    ],
)
def test_what_cant_be_sent_is_told_before_anything_is(one, seller, changes, told):
    form = {"total": "20", "shares": "4", "split": "lucky", "greeting": ""}
    for confirmed in ("", "1"):
        answer = seller.post("red-packet-new", form | {"confirmed": confirmed} | changes)
        assert answer.status_code == 422
        assert told in answer.content.decode()
    assert rows.query("SELECT count(*) FROM marketing_packet") == [(0,)]


def test_only_who_reaches_the_shops_money_sends_it(sit, one):
    form = {"total": "20", "shares": "4", "split": "lucky", "confirmed": "1"}
    for role in (Role.ADMIN, Role.PRODUCT_MANAGER):
        assert sit(one.shop, role).post("red-packet-new", form).status_code == 403
    assert rows.query("SELECT count(*) FROM marketing_packet") == [(0,)]
    assert sit(one.shop, Role.FINANCE).post("red-packet-new", form).status_code == 200
    assert rows.query("SELECT count(*) FROM marketing_packet") == [(1,)]


def test_another_shops_are_not_there(sit, one, seller):
    other = make.alliance(beside=one)
    offer = mall.offer(one.shop.id, now=clock.now(), starts_at=clock.now(), ends_at=clock.now() + timedelta(days=1))
    stranger = sit(other.shop)
    assert stranger.get("bargain", no=offer.no, htmx=True).status_code == 404
    assert stranger.post("bargain-stop", {}, no=offer.no).status_code == 404
    assert offer.no not in stranger.get("bargains").content.decode()
