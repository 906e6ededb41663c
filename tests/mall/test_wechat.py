"""WeChat's package booted as it was built, against the running product: what is done in WeChat, and what it refuses."""

import json
import os
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import pytest
from PIL import Image

from tests.doors.product import call
from tests.make import mall as make_mall
from tests.make import parties as make_parties
from tests.make import settlement as make_money
from tests.mall.conftest import APP
from tests.waiting import until
from tuike.audit.types import OPERATOR_SHELL, SYSTEM
from tuike.db import rows
from tuike.flows.decide_withdrawal import approve_withdrawal
from tuike.flows.refresh_library import refresh_library
from tuike.flows.request_withdrawal import request_withdrawal
from tuike.flows.run_payouts import run_payouts
from tuike.gateways import config
from tuike.gateways.payouts import WeChatRail
from tuike.gateways.wechatpay import WeChatPay
from tuike.kit import clock
from tuike.marketing import service as marketing
from tuike.messages import service as messages
from tuike.parties import service as parties
from tuike.parties.types import MallFunction, PartyRef, Role
from tuike.parties.types import Rail as AccountRail
from tuike.people import service as people
from tuike.settlement.types import Rail

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("mall")]
WALKS = Path(__file__).with_name("wechat")
ADDRESS = {"userName": "王小明", "telNumber": "13800138000", "detailInfo": "人民路 1 号", "nationalCode": "110101"}
SHIPPED, SOON, CUT = (f"{name:_<24}" for name in ("shipped", "soon", "cut"))


@pytest.fixture
def walk(mall_runs, node, package, tmp_path):
    """Return what runs a walk with its words and returns what it told."""

    def run(name: str, **words: object) -> dict[str, Any]:
        told = {
            "package": str(package),
            "modules": str(APP / "node_modules"),
            "server": mall_runs.base,
            "sandbox": mall_runs.sandbox.base,
        }
        return _walked(node, name, told | words, tmp_path)

    return run


def _walked(node: str, name: str, words: dict[str, object], folder: Path) -> dict[str, Any]:
    """Walk in a process of its own, whose phone keeps its pictures in the folder; return what was told."""
    argv = [node, str(WALKS / f"{name}.mjs"), json.dumps(words)]
    env = dict(os.environ) | {"TMPDIR": str(folder)}
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=300, env=env)
    assert done.returncode == 0, done.stderr[-3000:] + done.stdout[-3000:]
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    assert found["failures"] == []
    return found


def _openid(mall_runs, nth: int) -> str:
    return mall_runs.sandbox.openid(nth)


def _person(mall_runs, nth: int) -> int:
    """Return the person whom the mall knows by the openid of one of the sandbox's people."""
    appid = mall_runs.sandbox.env["WECHAT_APPID"]
    return people.sign_in_by_wechat(appid=appid, openid=_openid(mall_runs, nth), now=clock.now()).id


def _promoter(mall_runs, nth: int) -> PartyRef:
    return make_parties.promoter(name="推客小周", super_admin=_person(mall_runs, nth), phone="13900000009")


def _template(kind: str, template_id: str) -> None:
    fields = {"thing1": "no"}
    messages.register_template(kind=kind, template_id=template_id, fields=fields, actor=SYSTEM, now=clock.now())


def test_every_page_stands_without_a_network(node, package, tmp_path):
    nowhere = "http://127.0.0.1:9"
    words = {"package": str(package), "modules": str(APP / "node_modules"), "server": nowhere, "sandbox": nowhere}
    told = _walked(node, "offline", words, tmp_path)
    assert len(told["pages"]) > 50
    assert told["broken"] == []


def _given(told: dict[str, Any], name: str) -> list[dict[str, Any]]:
    return [one["given"] for one in told["asked"] if one["name"] == name]


def test_from_a_codes_scene_to_a_paid_order(mall_runs, walk):
    _template("order_shipped", SHIPPED)
    _template("receipt_soon", SOON)
    told = walk("buy", query=f"scene={mall_runs.code}", address=ADDRESS, subscribe={SOON: "reject"})
    calls = [" ".join(one.split()[:2]) for one in told["calls"]]
    assert calls.index("POST /api/storefront/touches") < calls.index("POST /api/storefront/sessions")
    assert calls.count("POST /api/storefront/orders") == 1
    assert rows.query("SELECT state, payable_fen FROM orders_order") == [("paid", 5_990)]
    until(lambda: rows.query("SELECT count(*) FROM commission_sale") == [(1,)], what="the sale in the books")
    [(promoter,)] = rows.query("SELECT DISTINCT promoter_id FROM attribution_claim WHERE promoter_id IS NOT NULL")
    assert promoter == mall_runs.one.promoter.id

    assert len(_given(told, "chooseAddress")) == 2
    [(buyer,)] = rows.query("SELECT person_id FROM members_address")
    mine = {"Authorization": f"Bearer {mall_runs.session(buyer)['token']}"}
    [kept] = call("GET", f"{mall_runs.base}/api/storefront/addresses", headers=mine).json()["items"]
    assert (kept["name"], kept["region_code"], kept["detail"]) == ("王小明", "110101", "人民路 1 号")
    first, second = _given(told, "requestPayment")
    assert first == second, "the same payment is asked for again"
    assert "支付已取消，可以重新支付" in told["left"]["said"]
    assert "requestSubscribeMessage" not in told["left"]["asked"], "nothing was paid yet"
    assert [set(one["tmplIds"]) for one in _given(told, "requestSubscribeMessage")] == [{SHIPPED, SOON}]
    assert rows.query('SELECT template_id, "left" FROM messages_grant') == [(SHIPPED, 1)]


def test_a_promoter_hands_a_product_on(mall_runs, walk):
    promoter = _promoter(mall_runs, 1)
    refresh_library(now=clock.now())
    [(no, title)] = rows.query("SELECT no, title FROM catalog_product")
    told = walk("promote", openid=_openid(mall_runs, 1), title=title)

    [saved] = told["album"]
    assert saved["file"] == told["shown"][0], "what is saved is what is shown"
    with Image.open(saved["file"]) as poster:
        assert poster.width >= 600 and saved["file"].endswith({"PNG": ".png", "JPEG": ".jpg"}[str(poster.format)])
    [(code,)] = rows.query("SELECT code FROM attribution_link WHERE promoter_id = %s", [promoter.id])
    calls = [one.split()[1] for one in told["calls"]]
    assert f"/api/storefront/promoter/materials/{code}/poster" in calls
    assert told["cancelled"] == ["登录成功"], "who changes their mind is left alone"
    assert told["denied"][-2:] == ["showModal", "openSetting"]
    assert told["clipboard"] == f"{mall_runs.base}/s/{code}"

    assert told["before"]["path"] == f"/pages/product/product?no={no}"
    assert (told["card"]["title"], told["share"]) == (title, True)
    assert told["card"]["imageUrl"].endswith("/a.jpg")
    page, _, query = told["card"]["path"].partition("?")
    assert page == "/pages/product/product"
    friend = {"Tuike-Visitor": "f" * 32, "Idempotency-Key": "a-friend-opens-the-card"}
    body = {"ticket": dict(parse_qsl(query))["t"]}
    seen = call("POST", f"{mall_runs.base}/api/storefront/touches", body, headers=friend)
    assert seen.status == 200, seen.body
    assert (seen.json()["product_no"], seen.json()["good"]) == (no, True)
    seen_of = "SELECT l.promoter_id FROM attribution_touch t JOIN attribution_link l ON l.id = t.link_id"
    assert rows.query(seen_of) == [(promoter.id,)]


def test_cards_of_products_shops_bargains_and_red_packets_lead_friends_there(mall_runs, walk):
    one, now = mall_runs.one, clock.now()
    for function in (MallFunction.BARGAINS, MallFunction.RED_PACKETS):
        parties.switch_function(merchant_id=one.shop.id, function=function, on=True, actor=OPERATOR_SHELL, now=now)
    _template("bargain_cut", CUT)
    owner = make_mall.rich(_person(mall_runs, 2), 1_000, now=now)
    [(sku_id, product_no, title)] = rows.query(
        "SELECT s.id, p.no, p.title FROM catalog_sku s JOIN catalog_product p ON p.id = s.product_id"
    )
    wanted = make_mall.new_offer(sku_id, floor_fen=2_000, starts_at=now, ends_at=now.replace(year=now.year + 1))
    offer = marketing.create_bargain_offer(merchant_id=one.shop.id, offer=wanted, actor=OPERATOR_SHELL, now=now)
    begun = marketing.start_bargain(offer_no=offer.no, buyer_id=owner, now=now)
    packet = marketing.send_red_packet(
        buyer_id=owner, packet=make_mall.NewPacket(total_fen=1_000, shares=4), from_balance=True, now=now
    )
    words = {"product": product_no, "shop": one.shop.no, "shop_name": one.shop.name}
    told = walk("cards", **words, openid=_openid(mall_runs, 2), bargain=begun.code, packet=packet.code)
    cards = told["cards"]
    assert cards["product"]["path"] == f"/pages/product/product?no={product_no}"
    assert cards["product"]["title"] == title and cards["product"]["imageUrl"].endswith("/a.jpg")
    assert cards["shop"] == {"title": one.shop.name, "path": f"/pages/shop/shop?no={one.shop.no}"}
    assert cards["home"]["path"] == "/pages/home/home"
    assert cards["bargain"]["path"] == f"/marketing/bargain/bargain?code={begun.code}"
    assert title in cards["bargain"]["title"]
    assert cards["packet"]["path"] == f"/marketing/packet/packet?code={packet.code}"

    paths = {name: cards[name]["path"] for name in ("bargain", "packet")}
    told = walk("friend", **paths, openid=_openid(mall_runs, 3), subscribe={CUT: "reject"})
    friend = _person(mall_runs, 3)
    assert rows.query("SELECT cut_count FROM marketing_bargain WHERE code = %s", [begun.code]) == [(2,)]
    assert rows.query("SELECT count(*) FROM marketing_bargain WHERE buyer_id = %s", [friend]) == [(1,)]
    opened = "SELECT s.person_id FROM marketing_packet_share s JOIN marketing_packet p ON p.id = s.packet_id"
    assert rows.query(f"{opened} WHERE p.code = %s AND s.person_id IS NOT NULL", [packet.code]) == [(friend,)]
    assert told["subscribed"] == [{"tmplIds": [CUT]}]
    assert rows.query("SELECT count(*) FROM messages_grant") == [(0,)]


def _withdrawal(mall_runs, promoter: PartyRef, nth: int) -> str:
    """Return a withdrawal of the promoter's that waits until they confirm it in WeChat."""
    now = clock.now()
    payee = mall_runs.sandbox.control("people")["people"][nth]
    account = parties.bind_bank_account(
        party_id=promoter.id, rail=AccountRail.WECHAT, holder=payee["name"], number=payee["openid"], bank="",
        actor=OPERATOR_SHELL, now=now,
    )  # fmt: skip
    parties.verify_bank_account(bank_account_id=account.id, actor=OPERATOR_SHELL, now=now)
    make_money.fund(promoter, 1_000, now=now)
    asker = make_parties.super_admin_of(promoter)
    no = request_withdrawal(party_id=promoter.id, amount_fen=1_000, key="k", actor=asker, now=now)
    approve_withdrawal(no=no, actor=make_parties.operator_seat(Role.FINANCE), now=now)
    back = f"{mall_runs.base}/hooks/wechatpay/transfer"
    rails = {Rail.WECHAT: WeChatRail(WeChatPay(config.load(mall_runs.sandbox.env)), notify_url=back)}
    run_payouts(rails=rails, now=now)
    until(lambda: _state(no) == "waiting_user", what="the transfer to wait for the payee")
    return no


def _state(no: str) -> str:
    return rows.query("SELECT state FROM settlement_withdrawal WHERE no = %s", [no])[0][0]


def test_what_only_the_phone_can_confirm(mall_runs, walk):
    openid, base = _openid(mall_runs, 4), mall_runs.base
    promoter = _promoter(mall_runs, 4)
    no = _withdrawal(mall_runs, promoter, 4)
    browser = {"Tuike-Browser": "b" * 48}
    asked = [call("POST", f"{base}/api/storefront/sessions/scans", {}, headers=browser).json() for _ in range(3)]
    told = walk("confirm", openid=openid, scans=[one["address"] for one in asked])

    assert told["refused"] == 0, "without a code the server isn't asked"
    assert rows.query("SELECT count(*) FROM people_phone WHERE person_id = %s", [_person(mall_runs, 4)]) == [(1,)]
    stands = [
        call("POST", f"{base}/api/storefront/sessions/scans/{one['ticket']}", {"consent": 1}, headers=browser).json()
        for one in asked
    ]
    assert [one["state"] for one in stands] == ["used", "declined", "scanned"]
    [(who,)] = rows.query("SELECT no FROM people_person WHERE id = %s", [_person(mall_runs, 4)])
    assert stands[0]["session"]["person"]["no"] == who

    assert told["left"] == {"waits": True, "asked": 1}
    first, second = _given(told, "requestMerchantTransfer")
    env = mall_runs.sandbox.env
    assert first == second and first["package"]
    assert (first["mchId"], first["appId"]) == (env["WECHATPAY_MCHID"], env["WECHAT_APPID"])
    assert told["since"][0].endswith(f"/withdrawals/{no}/confirmation 200")
    assert "GET /api/storefront/promoter/withdrawals 200" in told["since"]
    assert _state(no) == "paid"
