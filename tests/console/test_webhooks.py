"""Webhook pages: added with a secret shown once, tested, switched, deleted; the log, a delivery, sending again."""

import re
from datetime import timedelta

import pytest

from tests.console.conftest import toast_of
from tests.make import parties as make_parties
from tests.make import webhooks as make
from tuike.db import rows
from tuike.flows import deliver_webhooks as flow
from tuike.gateways.webhook import Heard
from tuike.kit import clock
from tuike.parties.types import Role
from tuike.webhooks import queries, service
from tuike.webhooks.types import EventType, Tried

URL = "https://shop.example.com/hooks"
ONE = {"name": "订单系统", "url": URL, "types": ["order.paid", "accrual.settled"]}


@pytest.fixture
def shop(db):
    return make_parties.merchant()


@pytest.fixture
def sent(monkeypatch):
    """Let the test button call nobody; return what it would have sent."""
    calls = []

    def post(**given):
        calls.append(given)
        return Heard(500, "status", "<b>busy</b>", 41)

    monkeypatch.setattr(flow.webhook, "post", post)
    return calls


def text(answer):
    return answer.content.decode()


def only(party):
    return queries.endpoints_of(party.id)[0]


def delivered(party, *, error=""):
    """Return a delivery of a paid order that was tried once, and either got through or was given up."""
    now = clock.now()
    make.told(party, no="O<1>", now=now)
    one = service.take(limit=1, per_host=1, flying={}, now=now)[0]
    tried = Tried(one.delivery_id, one.take, 12, 500 if error else 200, error, "said <i>so</i>")
    service.record(tried=[tried], now=now)
    return one.delivery_id


@pytest.mark.parametrize("make_party", [make_parties.merchant, make_parties.promoter])
def test_an_endpoint_is_added_and_its_secret_shown_once(db, sit, make_party):
    party = make_party()
    one = sit(party)
    page = text(one.get("webhooks"))
    assert "还没有接收地址" in page
    assert "接入" in page
    form = text(one.get("webhook-add", htmx=True))
    assert 'value="order.paid"' in form
    assert 'value="endpoint.test"' not in form
    shown = one.post("webhook-add", ONE)
    assert shown.status_code == 200
    secret = re.search(r"whsec_[A-Za-z0-9+/=]{44}", text(shown))[0]
    assert "list-changed" in shown.headers["HX-Trigger"]
    assert [(each.name, each.url) for each in queries.endpoints_of(party.id)] == [("订单系统", URL)]
    no = only(party).no
    for page in ("webhooks", "webhook-deliveries"):
        assert secret not in text(one.get(page))
    drawer = text(one.get("webhook", no=no, htmx=True))
    assert secret not in drawer
    assert "order.paid" in drawer
    assert "订单系统" in text(one.get("webhooks"))


def test_a_form_sent_twice_adds_one(shop, sit):
    one = sit(shop)
    first, second = (text(one.post("webhook-add", ONE | {"key": "same"})) for _ in range(2))
    pattern = r"whsec_[A-Za-z0-9+/=]{44}"
    assert re.search(pattern, first)[0] == re.search(pattern, second)[0]
    assert len(queries.endpoints_of(shop.id)) == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"url": "http://shop.example.com/"}, "https://"),
        ({"url": "https://127.0.0.1/"}, "公网域名"),
        ({"url": "https://u:p@shop.example.com/"}, "用户名"),
        ({"url": "https://shop.example.com:22/"}, "端口"),
        ({"name": ""}, "1 至 40"),
        ({"types": []}, "至少选择"),
        ({"types": ["order.eaten"]}, "至少选择"),
    ],
)
def test_a_wrong_endpoint_says_what_is_wrong_beside_its_field(shop, sit, changed, said):
    one = sit(shop)
    answer = one.post("webhook-add", ONE | changed)
    assert (answer.status_code, said in text(answer)) == (422, True)
    assert queries.endpoints_of(shop.id) == []
    made = make.endpoint(shop).endpoint
    answer = one.post("webhook-edit", ONE | changed, no=made.no)
    assert (answer.status_code, said in text(answer)) == (422, True)
    assert only(shop) == made


def test_an_eleventh_endpoint_is_refused_in_the_form(shop, sit):
    for _ in range(10):
        make.endpoint(shop)
    answer = sit(shop).post("webhook-add", ONE)
    assert (answer.status_code, "最多添加 10 个" in text(answer)) == (422, True)


def test_an_endpoint_is_changed_switched_and_deleted(shop, sit):
    one = sit(shop)
    no = make.endpoint(shop).endpoint.no
    assert toast_of(one.post("webhook-edit", ONE | {"name": "新名"}, no=no)) == "接收地址已保存"
    assert only(shop).name == "新名"
    assert toast_of(one.post("webhook-switch", {"on": "0"}, no=no)) == "接收地址已停用"
    assert not only(shop).active
    drawer = text(one.get("webhook", no=no, htmx=True))
    assert "启用" in drawer
    assert "发送测试" not in drawer
    assert toast_of(one.post("webhook-switch", {"on": "1"}, no=no)) == "接收地址已启用"
    assert "不能恢复" in text(one.get("webhook-delete", no=no, htmx=True))
    assert toast_of(one.post("webhook-delete", no=no)) == "接收地址已删除"
    assert queries.endpoints_of(shop.id) == []
    assert one.get("webhook", no=no, htmx=True).status_code == 404


def test_a_new_secret_is_shown_once_and_not_twice_a_day(shop, sit):
    one = sit(shop)
    made = make.endpoint(shop)
    assert "24 小时" in text(one.get("webhook-rotate", no=made.endpoint.no, htmx=True))
    answer = text(one.post("webhook-rotate", no=made.endpoint.no))
    fresh = re.search(r"whsec_[A-Za-z0-9+/=]{44}", answer)[0]
    assert fresh != made.secret
    assert "两个签名" in answer
    assert "旧密钥有效至" in text(one.get("webhook", no=made.endpoint.no, htmx=True))
    again = one.post("webhook-rotate", no=made.endpoint.no)
    assert (again.status_code, "旧密钥还在有效期内" in toast_of(again)) == (409, True)


def test_the_test_button_shows_what_came_back(shop, sit, sent):
    no = make.endpoint(shop).endpoint.no
    answer = sit(shop).post("webhook-test", no=no)
    page = text(answer)
    assert "状态码不是 2xx" in page
    assert "41 毫秒" in page
    assert "&lt;b&gt;busy&lt;/b&gt;" in page
    assert [call["url"] for call in sent] == [URL]
    assert sent[0]["headers"]["Webhook-Signature"].startswith("v1,")
    assert rows.query("SELECT state FROM webhooks_delivery") == [("given_up",)]
    off = sit(shop, english=True)
    service.switch(party_id=shop.id, no=no, on=False, actor=make_parties.super_admin_of(shop), now=clock.now())
    refused = off.post("webhook-test", no=no)
    assert (refused.status_code, toast_of(refused)) == (409, "The endpoint is switched off; switch it on first.")
    assert len(sent) == 1


def test_the_log_is_searched_and_a_delivery_shows_its_tries(shop, sit):
    one = sit(shop)
    assert "还没有投递记录" in text(one.get("webhook-deliveries"))
    made = make.endpoint(shop, name="<订单>").endpoint
    through = delivered(shop)
    failed = delivered(shop, error="timeout")
    event_no = queries.delivery(party_id=shop.id, delivery_id=through).event_no
    page = text(one.get("webhook-deliveries"))
    assert page.count('class="opens"') == 2
    assert "&lt;订单&gt;" in page
    for query, count in (
        ({"state": "delivered"}, 1),
        ({"state": "given_up"}, 0),
        ({"q": event_no}, 1),
        ({"q": "O<1>"}, 2),
        ({"q": "nothing"}, 0),
        ({"type": "order.paid"}, 2),
        ({"type": "order.closed"}, 0),
        ({"endpoint": made.no}, 2),
        ({"endpoint": "we_other"}, 0),
    ):
        assert text(one.get("webhook-deliveries", query)).count('class="opens"') == count, query
    drawer = text(one.get("webhook-delivery", delivery_id=failed, htmx=True))
    assert "10 秒内没有完整应答" in drawer
    assert "said &lt;i&gt;so&lt;/i&gt;" in drawer
    assert "重新投递" not in drawer  # it comes again by itself
    assert "重新投递" in text(one.get("webhook-delivery", delivery_id=through, htmx=True))


def test_one_delivery_and_all_that_failed_are_sent_again(shop, sit, sent):
    one = sit(shop)
    no = make.endpoint(shop).endpoint.no
    through = delivered(shop)
    assert toast_of(one.post("webhook-redeliver", delivery_id=through)) == "将立即重新投递"
    again = one.post("webhook-redeliver", delivery_id=through)
    assert (again.status_code, toast_of(again)) == (409, "该投递正在进行，无需重新发送")
    assert "0 条" in text(one.get("webhook-redeliver-failed", no=no, htmx=True))
    assert toast_of(one.post("webhook-redeliver-failed", {"since": "24"}, no=no)) == "没有需要重新投递的记录"
    service.switch(party_id=shop.id, no=no, on=False, actor=make_parties.super_admin_of(shop), now=clock.now())
    service.switch(party_id=shop.id, no=no, on=True, actor=make_parties.super_admin_of(shop), now=clock.now())
    assert "1 条" in text(one.get("webhook-redeliver-failed", no=no, htmx=True))
    assert toast_of(one.post("webhook-redeliver-failed", {"since": "24"}, no=no)) == "1 条将重新投递"


def test_somebody_elses_are_not_there(shop, sit):
    other = make_parties.merchant()
    no = make.endpoint(other).endpoint.no
    delivery_id = delivered(other)
    one = sit(shop)
    for name in ("webhook", "webhook-edit", "webhook-rotate", "webhook-delete", "webhook-redeliver-failed"):
        assert one.get(name, no=no, htmx=True).status_code == 404, name
    for name in ("webhook-edit", "webhook-switch", "webhook-rotate", "webhook-test", "webhook-delete"):
        assert one.post(name, ONE, no=no).status_code == 404, name
    assert one.get("webhook-delivery", delivery_id=delivery_id, htmx=True).status_code == 404
    assert one.get("webhook-delivery", delivery_id=2**70, htmx=True).status_code == 404
    assert one.post("webhook-redeliver", delivery_id=delivery_id).status_code == 404
    assert only(other).active


@pytest.mark.parametrize("role", [Role.PRODUCT_MANAGER, Role.FINANCE])
def test_only_administrators_have_business_here(shop, sit, role):
    one = sit(shop, role)
    assert one.get("webhooks").status_code == 403
    assert one.get("webhook-deliveries").status_code == 403
    assert one.post("webhook-add", ONE).status_code == 403
    assert "事件推送" not in text(one.get("home"))
    assert sit(shop, Role.ADMIN).get("webhooks").status_code == 200


def test_in_english(shop, sit):
    one = sit(shop, english=True)
    no = make.endpoint(shop, EventType.ORDER_PAID, name="Orders").endpoint.no
    failed = delivered(shop, error="status")
    chinese = re.compile(r"[\u4e00-\u9fff]")
    pages = [
        one.get("webhook", no=no, htmx=True),
        one.get("webhook-add", htmx=True),
        one.get("webhook-rotate", no=no, htmx=True),
        one.get("webhook-delete", no=no, htmx=True),
        one.get("webhook-redeliver-failed", no=no, htmx=True),
        one.get("webhook-delivery", delivery_id=failed, htmx=True),
    ]
    assert [chinese.findall(text(page)) for page in pages] == [[]] * len(pages)
    assert "Delivery log" in text(one.get("webhook-deliveries"))


def test_an_endpoint_that_was_switched_off_by_itself_says_so(shop, sit):
    no = make.endpoint(shop).endpoint.no
    now = clock.now()
    make.told(shop, no="O1", now=now - timedelta(days=6))
    one = service.take(limit=1, per_host=1, flying={}, now=now - timedelta(days=6))[0]
    service.record(tried=[Tried(one.delivery_id, one.take, 1, None, "connect", "")], now=now - timedelta(days=6))
    assert "满 5 天将自动停用" in text(sit(shop).get("webhook", no=no, htmx=True))
    one = service.take(limit=1, per_host=1, flying={}, now=now)[0]
    service.record(tried=[Tried(one.delivery_id, one.take, 1, None, "connect", "")], now=now)
    drawer = text(sit(shop).get("webhook", no=no, htmx=True))
    assert "已自动停用" in drawer
    assert "已自动停用" in text(sit(shop).get("bell"))
