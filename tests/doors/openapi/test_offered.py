"""Promoters' software finds products of leaders' activities and the curated pool, and makes material from them."""

from datetime import timedelta

import pytest

from tests.doors.openapi.answers import nothing_changes, refused
from tests.flows.test_materials import WeChat
from tests.make import attribution as make_attribution
from tests.make import catalog as make_catalog
from tests.make import cooperation as coop
from tuike.apps.types import Scope
from tuike.attribution import queries as links
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries as catalog
from tuike.cooperation.types import ActivityKind, ShownTo
from tuike.db import rows
from tuike.flows import cancel_cooperation, curate_pool, outside
from tuike.flows.promote_products import accept_rules
from tuike.kit import clock
from tuike.parties.types import Source
from tuike.settings import service as settings

pytestmark = pytest.mark.usefixtures("db")
DAY = timedelta(days=1)


def test_a_promoter_finds_a_product_of_an_activity_and_makes_material_of_it(software, promoter, one, monkeypatch):
    monkeypatch.setattr(outside, "wechat", lambda answering=WeChat(): answering)  # noqa: B008 one for all its calls
    now = clock.now()
    made = coop.agreed(one, now=now - DAY, shown_to=ShownTo.LEADER_AND_PROMOTERS, contact="电话 0571")
    [row] = promoter.get("/promoter/activity-products").json()["items"]
    no = catalog.product_facts([one.product_id])[one.product_id].product_no
    assert (row["no"], row["product_no"], row["activity_no"]) == (made.no, no, made.activity_no)
    assert (row["rate_bps"], row["earn_fen"], row["leader"], row["shop"]) == (1500, 1500, "团长阿芳", "青瓷小铺")
    shown = promoter.get(f"/promoter/activity-products/{made.no}").json()
    assert (shown["product_no"], shown["earn_fen"], shown["kind"]) == (no, 1500, "ordinary")
    assert (shown["contact"], shown["leader_contact"]) == ("电话 0571", "微信 afang888")
    for asked, found in (
        ("q=盖碗", 1),
        (f"q={made.activity_no}", 1),
        ("q=没有", 0),
        ("rate_bps_min=1500", 1),
        ("rate_bps_min=1501", 0),
        (f"category={one.category_id}", 1),
        ("kind=exclusive", 0),
    ):
        items = promoter.get(f"/promoter/activity-products?{asked}").json()["items"]
        assert len(items) == found, asked
    accept_rules(promoter_id=one.promoter.id, source=Source.MINI_STORE, actor=OPERATOR_SHELL, now=now)
    pid = make_attribution.place(promoter_id=one.promoter.id, name="朋友圈", now=now).pid
    wanted = {"pid": pid, "products": [row["product_no"]], "activity": row["activity_no"]}
    [item] = promoter.post("/promoter/materials", wanted).json()["items"]
    link = links.links_by_code([item["code"]])[item["code"]]
    assert (link.leader_id, link.activity_no) == (one.leader.id, made.activity_no)
    cancel_cooperation.ask_cancel(no=made.no, by=coop.by(one.shop.id, now))
    assert len(promoter.get("/promoter/activity-products").json()["items"]) == 1, "under review it goes on"
    cancel_cooperation.decide_cancel(no=made.no, agree=True, by=coop.by(one.leader.id, now))
    assert promoter.get("/promoter/activity-products").json()["items"] == []
    refused(promoter.get(f"/promoter/activity-products/{made.no}"), 404, "not_found")


def test_exclusive_products_and_contacts_are_for_whom_they_are(software, promoter, one):
    now = clock.now()
    named = coop.activity(one.leader.id, now=now, kind=ActivityKind.EXCLUSIVE, promoter_ids=(one.promoter.id,))
    made = coop.active(one, named, now=now, contact="电话 0571")
    other, orders, leader = software(one.recruiter), software(one.promoter, Scope.ORDERS_READ), software(one.leader)
    [row] = promoter.get("/promoter/activity-products?kind=exclusive").json()["items"]
    assert row["no"] == made.no
    assert promoter.get(f"/promoter/activity-products/{made.no}").json()["contact"] == "", "the leader alone sees it"
    with nothing_changes():
        assert other.get("/promoter/activity-products").json()["items"] == []
        refused(other.get(f"/promoter/activity-products/{made.no}"), 404, "not_found")
        refused(orders.get("/promoter/activity-products"), 403, "scope_missing")
        refused(leader.get("/promoter/activity-products"), 403, "wrong_party")


def test_the_curated_pool_is_shown_to_promoters_and_leaders(software, promoter, shop, one):
    now, leader = clock.now(), software(one.leader)
    beside = make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id, title="茶巾")
    curate_pool.apply_to_pool(product_ids=[one.product_id, beside], by=coop.by(one.shop.id, now))
    assert promoter.get("/promoter/pool").json()["items"] == [], "applied for is not in it"
    ids = [id_ for (id_,) in rows.query("SELECT id FROM cooperation_pool WHERE product_id = %s", [one.product_id])]
    curate_pool.decide_pool(application_ids=ids, accept=True, reason="", actor=OPERATOR_SHELL, now=now, key="pool")
    no = catalog.product_facts([one.product_id])[one.product_id].product_no
    for caller, path in ((promoter, "/promoter/pool"), (leader, "/leader/pool")):
        [row] = caller.get(path).json()["items"]
        assert (row["no"], row["shop"], row["price_fen"]) == (no, "青瓷小铺", 10_000)
        assert caller.get(f"{path}?price_fen_min=10001").json()["items"] == []
        assert len(caller.get(f"{path}?category={one.category_id}&q=盖碗").json()["items"]) == 1
        assert caller.get(f"{path}?q=茶巾").json()["items"] == []
    settings.change(name="cooperation_open", value=0, actor=OPERATOR_SHELL, now=now)
    refused(leader.get("/leader/pool"), 403, "cooperation_closed")
    refused(shop.get("/promoter/pool"), 403, "wrong_party")
