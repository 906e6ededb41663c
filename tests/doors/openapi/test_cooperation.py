"""Software of leaders and shops: activities, enrolments, "can I cancel now?", cancels, extensions."""

from datetime import timedelta

import pytest

from tests.doors.openapi.answers import nothing_changes, refused
from tests.flows.test_materials import WeChat
from tests.make import alliance as make
from tests.make import attribution as make_attribution
from tests.make import catalog as make_catalog
from tests.make import cooperation as coop
from tests.make import parties as make_parties
from tuike.apps.types import Scope
from tuike.attribution import queries as links
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries as catalog
from tuike.cooperation import queries
from tuike.cooperation import service as cooperation
from tuike.flows import outside
from tuike.flows.cancel_cooperation import decide_cancel
from tuike.flows.promote_products import accept_rules
from tuike.kit import clock
from tuike.parties.types import Source
from tuike.settings import service as settings

pytestmark = pytest.mark.usefixtures("db")
DAY = timedelta(days=1)


@pytest.fixture
def leader(software, one):
    return software(one.leader)


@pytest.fixture
def no(one):
    return catalog.product_facts([one.product_id])[one.product_id].product_no


def text(**changes):
    """An activity as software sends it."""
    ends_at = (clock.now() + 90 * DAY).isoformat()
    return {"title": "春茶季招商", "ends_at": ends_at, "min_rate_bps": 1000, "min_service_bps": 100} | changes


def published(leader, **changes):
    made = leader.post("/leader/activities", text(**changes)).json()
    return leader.post(f"/leader/activities/{made['no']}/publish").json()["no"]


def wish(no, **changes):
    """A product to enrol as software sends it."""
    ends_at = (clock.now() + 60 * DAY).isoformat()
    terms = {"product_no": no, "rate_bps": 1500, "service_bps": 300, "ends_at": ends_at, "base_orders": 2} | changes
    return {"products": [terms], "shown_to": "leader", "contact": "微信 qingci"}


def running(one, *, days):
    """An enrolment that was made so many days ago, and passed."""
    return coop.agreed(one, now=clock.now() - days * DAY, ends_at=clock.now() + 20 * DAY)


def test_an_activity_from_draft_to_its_end(leader, shop, one):
    made = leader.post("/leader/activities", text(contact="微信 afang888"), key="k1")
    assert made.status_code == 201
    assert leader.post("/leader/activities", text(contact="微信 afang888"), key="k2").json()["no"] != made.json()["no"]
    no = made.json()["no"]
    assert shop.get("/merchant/activities").json()["items"] == []
    changed = leader.put(f"/leader/activities/{no}", text(title="夏茶季招商")).json()
    assert (changed["title"], changed["state"], changed["contact"]) == ("夏茶季招商", "draft", "")
    assert leader.post(f"/leader/activities/{no}/publish").json()["state"] == "published"
    [row] = shop.get("/merchant/activities?words=夏茶").json()["items"]
    assert (row["no"], row["leader"], row["min_rate_bps"]) == (no, "团长阿芳", 1000)
    assert shop.get("/merchant/activities?kind=exclusive").json()["items"] == []
    with nothing_changes():
        refused(leader.call("DELETE", f"/leader/activities/{no}"), 409, "activity_not_draft")
    assert leader.post(f"/leader/activities/{no}/close").json()["state"] == "closed"
    refused(shop.get(f"/merchant/activities/{no}"), 404, "not_found")
    assert leader.call("DELETE", f"/leader/activities/{no}").json() == {"no": no}
    refused(leader.get(f"/leader/activities/{no}"), 404, "not_found")


def test_lists_go_on_where_the_page_before_ended(leader):
    nos = [published(leader, title=f"第{n}场") for n in range(3)]
    first = leader.get("/leader/activities?limit=2").json()
    rest = leader.get(f"/leader/activities?limit=2&after={first['next']}").json()
    assert [one["no"] for one in first["items"] + rest["items"]] == nos[::-1]
    assert rest["next"] == ""
    refused(leader.get("/leader/activities?after=x"), 422, "invalid")


def test_a_product_is_enrolled_and_passed(leader, shop, one, no):
    activity = published(leader)
    with nothing_changes():
        [owed] = shop.post(f"/merchant/activities/{activity}/enrolments/preview", wish(no)).json()["products"]
    # 100.00 at the lowest: 15 % for the promoter, 3 % for the leader, 5 % for tier 2; 12 % for everybody else.
    assert (owed["public_fen"], owed["direct_fen"], owed["service_fen"], owed["tiers_fen"]) == (1200, 1500, 300, 500)
    assert owed["left_fen"] == 10_000 - 1500 - 300 - 500
    sent = wish(no)
    made = shop.post(f"/merchant/activities/{activity}/enrolments", sent, key="e1")
    assert (made.status_code, made.json()["items"][0]["state"]) == (201, "applied")
    assert shop.post(f"/merchant/activities/{activity}/enrolments", sent, key="e1").json() == made.json()
    with nothing_changes():
        refused(shop.post(f"/merchant/activities/{activity}/enrolments", wish(no)), 409, "enrolled_already")
    [row] = leader.get(f"/leader/enrolments?activity={activity}&state=applied").json()["items"]
    assert (row["product_no"], row["shop"], row["contact"], row["label"]) == (
        no,
        "青瓷小铺",
        "微信 qingci",
        "团长未达成",
    )
    decided = leader.post("/leader/enrolments/decisions", {"enrolments": [row["no"]], "accept": True}).json()
    assert decided["items"][0]["state"] == "active"
    with nothing_changes():
        again = {"enrolments": [row["no"]], "accept": False, "reason": "不合适"}
        refused(leader.post("/leader/enrolments/decisions", again), 409, "enrolment_decided")
        refused(shop.post(f"/merchant/enrolments/{row['no']}/withdrawal"), 409, "enrolment_decided")
    assert shop.get(f"/merchant/enrolments/{row['no']}").json()["state"] == "active"
    assert shop.get("/merchant/enrolments?state=applied").json()["items"] == []


def test_what_an_activity_does_not_take(leader, shop, no):
    activity = published(leader, min_service_bps=300)
    path, now = f"/merchant/activities/{activity}/enrolments", clock.now()
    with nothing_changes():
        refused(shop.post(path, wish(no, service_bps=299)), 422, "below_activity_floor")
        refused(shop.post(path, wish(no, rate_bps=1100)), 422, "enrolment_below_public_rate")
        refused(shop.post(path, wish(no, rate_bps=8500)), 422, "above_ceiling")
        refused(shop.post(path, wish(no, ends_at=(now - DAY).isoformat())), 422, "period_in_past")
        refused(shop.post(path, wish(no, starts_at=(now - DAY).isoformat())), 422, "period_in_past")
        refused(shop.post(path, wish(no, ends_at=(now + 91 * DAY).isoformat())), 422, "period_outside_activity")
        refused(shop.post(path, wish("P404")), 404, "not_found")


def test_each_product_has_its_own_terms_and_a_no_points_at_its_own(leader, shop, one, no):
    activity = published(leader)
    path = f"/merchant/activities/{activity}/enrolments"
    other_id = make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id, title="白瓷公道杯")
    other = catalog.product_facts([other_id])[other_id].product_no
    [first], [second] = wish(no)["products"], wish(other, rate_bps=2050, service_bps=150, base_orders=9)["products"]

    def both(**changes):
        return {"products": [first, second | changes], "contact": "微信 qingci"}

    with nothing_changes():
        for changes, code, pointer in (
            ({"rate_bps": 1100}, "enrolment_below_public_rate", "/products/1"),
            ({"service_bps": 99}, "below_activity_floor", "/products/1"),
            ({"rate_bps": 8500}, "above_ceiling", "/products/1"),
            ({"rate_bps": 0}, "invalid", "/products/1/rate_bps"),
        ):
            for where in (path, f"{path}/preview"):
                told = refused(shop.post(where, both(**changes)), 422, code)
                assert told["detail"].startswith(f"{other}：") and [one["pointer"] for one in told["errors"]] == [
                    pointer
                ]
        gone = refused(shop.post(path, both(product_no="P404")), 404, "not_found")
        assert gone["errors"][0]["pointer"] == "/products/1"
    made = shop.post(path, both(), key="many")
    assert [(row["product_no"], row["rate_bps"], row["service_bps"], row["base_orders"]) for row in items(made)] == [
        (no, 1500, 300, 2),
        (other, 2050, 150, 9),
    ]
    assert shop.post(path, both(), key="many").json() == made.json()
    refused(shop.post(path, both(base_orders=8), key="many"), 422, "idempotency_key_reused")
    told = refused(shop.post(path, {"products": [second]}), 409, "enrolled_already")
    assert told["errors"][0]["pointer"] == "/products/0"


def items(answer):
    return sorted(answer.json()["items"], key=lambda row: row["rate_bps"])


def test_an_application_is_withdrawn_or_turned_away(leader, shop, no):
    for way in ("withdrawal", "decisions"):
        activity = published(leader)
        [made] = shop.post(f"/merchant/activities/{activity}/enrolments", wish(no)).json()["items"]
        if way == "withdrawal":
            done = shop.post(f"/merchant/enrolments/{made['no']}/withdrawal").json()
            assert done["state"] == "withdrawn"
        else:
            turned = {"enrolments": [made["no"]], "accept": False, "reason": "与活动定位不符"}
            leader.post("/leader/enrolments/decisions", turned)
            done = shop.get(f"/merchant/enrolments/{made['no']}").json()
            assert (done["state"], done["reason"]) == ("rejected", "与活动定位不符")


def test_cancelling_on_day_29_takes_the_leader(leader, shop, one):
    made = running(one, days=29)
    said = shop.get(f"/merchant/enrolments/{made.no}/can-cancel").json()
    assert (said["answer"], said["leader_decides"]) == ("leader_for_now", True)
    assert said["after"][:19] == (made.applied_at + 30 * DAY).isoformat()[:19]
    filed = shop.post(f"/merchant/enrolments/{made.no}/cancel").json()
    assert (filed["text"], filed["at_once"]) == ("已发起取消合作，团长审核中", False)
    assert [note["text"] for note in filed["enrolment"]["notes"]] == ["已发起取消合作，团长审核中"]
    with nothing_changes():
        refused(shop.post(f"/merchant/enrolments/{made.no}/cancel"), 409, "cancel_open_already")
        refused(leader.post(f"/leader/enrolments/{made.no}/extension", later(made)), 409, "cancel_open_already")
        refused(shop.post(f"/leader/enrolments/{made.no}/cancel-decision", {"agree": True}), 403, "wrong_party")
    done = leader.post(f"/leader/enrolments/{made.no}/cancel-decision", {"agree": False}).json()
    assert (done["state"], done["notes"]) == ("active", [{"text": "团长拒绝取消合作", "red": True}])
    shop.post(f"/merchant/enrolments/{made.no}/cancel")
    done = leader.post(f"/leader/enrolments/{made.no}/cancel-decision", {"agree": True}).json()
    assert [note["text"] for note in done["notes"]] == ["商品合作已失效", "团长同意取消合作"]
    assert (done["state"], done["end_cause"]) == ("ended", "agreed")


@pytest.mark.parametrize("sold", [1, 2])
def test_cancelling_on_day_31_takes_the_leader_from_the_base_on(leader, shop, one, sold):
    made = running(one, days=31)
    coop.sell(made, sold)
    said = shop.get(f"/merchant/enrolments/{made.no}/can-cancel").json()
    assert said["answer"] == ("at_once" if sold < 2 else "leader")
    filed = shop.post(f"/merchant/enrolments/{made.no}/cancel").json()
    assert (filed["text"], filed["at_once"]) == (
        ("取消推广成功", True) if sold < 2 else ("已发起取消合作，团长审核中", False)
    )
    assert filed["enrolment"]["label"] == ("团长未达成" if sold < 2 else "团长已达成")
    assert filed["enrolment"]["reached"] is (sold >= 2)


def later(made, days=10):
    return {"ends_at": (made.ends_at + days * DAY).isoformat()}


def test_an_extension_is_asked_and_answered(leader, shop, one):
    made = running(one, days=3)
    with nothing_changes():
        short = {"ends_at": made.ends_at.isoformat()}
        refused(leader.post(f"/leader/enrolments/{made.no}/extension", short), 422, "extension_too_short")
        refused(
            shop.post(f"/merchant/enrolments/{made.no}/extension-answer", {"agree": True}), 409, "no_open_extension"
        )
    asked = leader.post(f"/leader/enrolments/{made.no}/extension", later(made))
    assert asked.status_code == 201
    assert [note["text"] for note in asked.json()["notes"]] == ["团长申请延长推广时间"]
    assert asked.json()["answer_until"] is not None
    done = shop.post(f"/merchant/enrolments/{made.no}/extension-answer", {"agree": True}).json()
    assert (done["notes"][0]["text"], done["extension"]) == ("已同意团长延长推广时间", "agreed")
    assert done["ends_at"][:19] == (made.ends_at + 10 * DAY).isoformat()[:19]


def test_an_answer_after_three_days_is_refused(leader, shop, one):
    made = running(one, days=10)
    cooperation.ask_extension(
        leader_id=one.leader.id,
        no=made.no,
        ends_at=made.ends_at + DAY,
        actor=OPERATOR_SHELL,
        now=clock.now() - 3 * DAY - timedelta(seconds=1),
    )
    with nothing_changes():
        path = f"/merchant/enrolments/{made.no}/extension-answer"
        refused(shop.post(path, {"agree": True}), 409, "answer_too_late")


def test_closed_functions_are_refused_by_name(software, shop, one, no):
    leader = software(one.leader)
    settings.change(name="cooperation_open", value=0, actor=OPERATOR_SHELL, now=clock.now())
    with nothing_changes():
        for software_, path in ((leader, "/leader/activities"), (shop, "/merchant/activities")):
            refused(software_.get(path), 403, "cooperation_closed")
        refused(leader.post("/leader/activities", text()), 403, "cooperation_closed")
        refused(shop.post("/merchant/activities/AC1/enrolments", wish(no)), 403, "cooperation_closed")
    cooperation.open_access(party_ids=[one.leader.id], actor=OPERATOR_SHELL, now=clock.now())
    assert leader.get("/leader/activities").json()["items"] == []
    refused(shop.get("/merchant/activities"), 403, "cooperation_closed")


def test_other_parties_see_nothing(software, leader, one, no):
    made = running(one, days=1)
    stranger, beside = software(make_parties.leader(name="别的团长")), software(make.alliance(beside=one).shop)
    with nothing_changes():
        refused(stranger.get(f"/leader/enrolments/{made.no}"), 404, "not_found")
        refused(stranger.get(f"/leader/activities/{made.activity_no}"), 404, "not_found")
        refused(stranger.post(f"/leader/enrolments/{made.no}/cancel-decision", {"agree": True}), 404, "not_found")
        refused(beside.get(f"/merchant/enrolments/{made.no}"), 404, "not_found")
        refused(beside.post(f"/merchant/enrolments/{made.no}/cancel"), 404, "not_found")


def test_scopes_hold(software, leader, one):
    reading, other = software(one.leader, Scope.COOPERATION_READ), software(one.leader, Scope.ORDERS_READ)
    assert reading.get("/leader/activities").status_code == 200
    with nothing_changes():
        refused(reading.post("/leader/activities", text()), 403, "scope_missing")
        refused(other.get("/leader/activities"), 403, "scope_missing")


def test_material_of_an_activity_carries_it(promoter, leader, one, no, monkeypatch):
    monkeypatch.setattr(outside, "wechat", lambda answering=WeChat(): answering)  # noqa: B008 one for all its calls
    made, now = running(one, days=1), clock.now()
    accept_rules(promoter_id=one.promoter.id, source=Source.MINI_STORE, actor=OPERATOR_SHELL, now=now)
    pid = make_attribution.place(promoter_id=one.promoter.id, name="朋友圈", now=now).pid
    wanted = {"pid": pid, "products": [no], "activity": made.activity_no}
    [item] = promoter.post("/promoter/materials", wanted).json()["items"]
    link = links.links_by_code([item["code"]])[item["code"]]
    assert (link.leader_id, link.activity_no) == (one.leader.id, made.activity_no)
    shop_no = one.shop.no
    with nothing_changes():
        refused(promoter.post("/promoter/materials", wanted | {"activity": "AC404"}), 404, "not_found")
        whole = {"pid": pid, "shops": [shop_no], "activity": made.activity_no}
        refused(promoter.post("/promoter/materials", whole), 409, "not_in_activity")
    end = queries.enrolments_by_id([made.enrolment_id])[made.enrolment_id]
    cooperation.ask_cancel(merchant_id=one.shop.id, no=end.no, actor=OPERATOR_SHELL, now=now)
    decide_cancel(no=end.no, agree=True, by=coop.by(one.leader.id, now))
    refused(promoter.post("/promoter/materials", wanted), 409, "not_in_activity")
