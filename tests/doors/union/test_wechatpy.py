"""The package wechatpy against the running product: its own token life cycle, requests and retries; only the address
is another one (docs/user/union-api.md, Connecting)."""

import pytest
from wechatpy import WeChatClient
from wechatpy.exceptions import APILimitedException, WeChatClientException

from tests.doors.product import product
from tests.doors.union.market import Market
from tests.make import apps as make_apps
from tests.make import parties as make_parties
from tests.sandbox_process import sandbox_process
from tuike.apps import service as apps
from tuike.kit import clock

pytestmark = pytest.mark.slow


@pytest.fixture
def market(committed_db, db_env, tmp_path):
    with (
        sandbox_process(tmp_path / "sandbox", notify_factor=300) as sandbox,
        product(db_env, sandbox, tmp_path) as running,
    ):
        yield Market(running, sandbox)


def client_of(market, app) -> WeChatClient:
    """Return the package's client with another address, as the documentation shows."""

    class Client(WeChatClient):
        API_BASE_URL = market.base

        def fetch_access_token(self):
            query = {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret}
            return self._fetch_access_token(f"{market.base}/cgi-bin/token", query)

    return Client(app.appid, app.secret)


def test_from_the_token_to_a_paid_order(market):
    client = client_of(market, market.app)

    pid = client.post("/union/promoter/promotion/add", data={"promotionSourceName": "朋友圈"})["pid"]
    places = client.get("/union/promoter/promotion/list", params={"start": 0, "limit": 20})
    assert [one["promotionSourcePid"] for one in places["promotionSourceList"]] == [pid]

    found = client.get("/union/promoter/product/list", params={"from": 0, "limit": 20, "query": "青瓷"})
    [product_] = found["productList"]
    assert (found["total"], product_["product"]["info"]["minPrice"]) == (1, 3_330)
    # 12 % of 3,330 is 399.6: the shop keeps the fraction.
    assert product_["leagueExInfo"] == {"hasCommission": 1, "commissionRatio": 1_200, "commissionValue": 399}

    wish = {"productId": product_["productId"], "appId": product_["shopInfo"]["appId"], "customizeInfo": "直播 1"}
    [made] = client.post("/union/promoter/product/generate", data={"pid": pid, "productList": [wish]})["list"]
    share = made["shareInfo"]
    assert share["promotionTag"].startswith("#小程序://")
    tags = client.post("/union/promoter/product/parse_tag", data={"tagList": [share["promotionTag"]]})["tagList"]
    assert tags == [{"productId": product_["productId"], "source": 1, "productAppid": product_["shopInfo"]["appId"]}]

    order = market.buys(share["promotionUrl"], pieces=3)
    assert order["state"] == "paid"
    # 12 % of 9,990 is 1,198.8, the recruiter's 5 % 499.5.
    market.is_(held=8_293, pending=1_198, above_pending=499, outside=-9_990)

    found = client.get("/union/promoter/order/search", params={"page": 1, "pageSize": 20})
    read = client.post("/union/promoter/order/info", data={"orderIdList": [order["no"]]})
    assert (found["totalNum"], found["orderList"]) == (1, read["orderList"])
    [line] = read["orderList"][0]["productList"]
    assert (line["price"], line["commission"], line["estimatedCommission"]) == ("¥99.90", "-", 1_198)
    assert (line["customizeInfo"], line["promotionInfo"]["promotionSourcePid"]) == ("直播 1", pid)


def test_a_token_that_ended_is_renewed_and_the_call_made_again(market):
    client = client_of(market, market.app)
    listed = {"start": 0, "limit": 20}
    assert client.get("/union/promoter/promotion/list", params=dict(listed))["total"] == 0
    first = client.access_token

    # Two newer ones leave it no time: 42001, fetched anew and made again by the package itself.
    for _ in range(2):
        apps.exchange(appid=market.app.appid, secret=market.app.secret, now=clock.now())
    assert client.get("/union/promoter/promotion/list", params=dict(listed))["total"] == 0
    assert client.access_token != first

    # A token that never was: 40001.
    client.session.set(client.access_token_key, "nobodys")
    assert client.get("/union/promoter/promotion/list", params=dict(listed))["total"] == 0

    # Another secret: the token is worth nothing, and neither is the old secret.
    make_apps.secret(market.party, now=clock.now())
    with pytest.raises(WeChatClientException) as refused:
        client.get("/union/promoter/promotion/list", params=dict(listed))
    assert refused.value.errcode == 40001


def test_refusals_are_exceptions_with_their_number(market):
    client = client_of(market, market.app)
    client.post("/union/promoter/promotion/add", data={"promotionSourceName": "群"})
    with pytest.raises(WeChatClientException) as refused:
        client.post("/union/promoter/promotion/add", data={"promotionSourceName": "群"})
    assert refused.value.errcode == 14007
    apps.set_quota(
        party_id=market.party.id, per_minute=1, actor=make_parties.super_admin_of(market.party), now=clock.now()
    )
    with pytest.raises(APILimitedException):
        for _ in range(3):
            client.get("/union/promoter/promotion/list")
