"""Coming into the network by phone: link, form, application, deposit, leaving; the team and bindings."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests import books
from tests.doors.test_storefront import nothing_changes, refused
from tests.make import alliance as make
from tests.make import network as make_network
from tests.make import parties as make_parties
from tests.make import people as make_people
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows import release_bindings
from tuike.kit import clock
from tuike.kit.errors import Forbidden, Invalid, NotFound
from tuike.network.types import Field, FieldKind
from tuike.parties import service as parties
from tuike.parties.types import BindingMode, Role

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.FILES_ROOT = str(tmp_path / "files")


def picture() -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (640, 400), "teal").save(out, "JPEG")
    return SimpleUploadedFile("card.jpg", out.getvalue(), "image/jpeg")


def gone(who, path):
    """Send a DELETE as `who`."""
    return who.client.delete(f"/api/storefront{path}", headers={"authorization": f"Bearer {who.token}"})


def get(who, path):
    answer = who.get(path)
    assert answer.status_code == 200, answer.content.decode()
    return answer.json()


def test_one_comes_by_a_link_applies_pays_and_leaves(caller):
    top = make_parties.promoter(name="老王")
    boss = caller(make_parties.super_admin_of(top).person_id)
    made = boss.post("/promoter/recruit-links", {"note": "朋友圈"}).json()
    assert made["address"].endswith(f"link={made['code']}")
    assert boss.get(f"/promoter/recruit-links/{made['code']}/poster").status_code == 200
    fields = (*make_network.FIELDS, Field("card", FieldKind.PICTURE, "名片", "Card"))
    make_network.form(clock.now(), fields=fields, deposit_fen=20_000, law_noted=True, reapply_days=3)
    who = caller(make_people.person().id)
    shown = get(who, f"/network/links/{made['code']}")
    assert (shown["owner"], shown["kind"]) == ("老王", "promoter")
    asked = get(who, "/network/form")
    assert (asked["needed"], asked["deposit_fen"], len(asked["fields"])) == (True, 20_000, 5)
    wish = {"name": "小李推荐", "subject": "individual", "link": made["code"]}
    no = who.post("/promoter/application", wish).json()["no"]
    stands = get(who, f"/network/promoters/{no}")
    assert (stands["state"], stands["form_needed"], stands["application"]) == ("joining", True, None)
    handed = who.client.post(
        f"/api/storefront/network/promoters/{no}/pictures",
        {"file": picture()},
        headers={"authorization": f"Bearer {who.token}"},
    )
    assert handed.status_code == 201, handed.content.decode()
    card = handed.json()["no"]
    assert [one["no"] for one in get(who, f"/network/promoters/{no}/pictures")] == [card]
    path = f"/network/promoters/{no}/application"
    with nothing_changes():
        refused(who.post(path, {"answers": make_network.ANSWERS | {"card": ["nosuch"]}}), 404, "unknown_file")
    filed = who.post(path, {"answers": make_network.ANSWERS | {"card": [card]}})
    assert filed.status_code == 201, filed.content.decode()
    assert (filed.json()["application"]["state"], filed.json()["missing"]) == ("filed", ["deposit"])
    started = who.post(f"/network/promoters/{no}/deposit", {"mode": "native"})
    stranger = caller(make_people.person().id)
    with nothing_changes():
        refused(stranger.get(f"/network/promoters/{no}"), 404, "not_found")
        refused(stranger.post(f"/network/promoters/{no}/deposit", {"mode": "native"}), 404, "not_found")
        refused(stranger.post(f"/network/promoters/{no}/leaving", {}), 404, "not_found")
    assert started.status_code in (200, 503), (
        started.content.decode()
    )  # where no provider answers it may be tried again
    left = gone(who, f"/network/promoters/{no}/application")
    assert left.json()["application"]["state"] == "withdrawn"
    assert who.post(f"/network/promoters/{no}/leaving", {"reason": "改主意了"}).json()["state"] == "retired"
    assert gone(boss, f"/promoter/recruit-links/{made['code']}").json()["open"] is False
    with nothing_changes():
        refused(who.get(f"/network/links/{made['code']}"), 404, "unknown_recruit_link")
        refused(gone(boss, f"/promoter/recruit-links/{made['code']}"), 404, "unknown_recruit_link")
    books.check()


def test_a_team_is_seen_three_levels_deep_and_page_by_page(caller):
    line = make_parties.promoter_line(5)
    for i in range(3):
        make_parties.promoter(name=f"小组{i}", recruiter_id=line[0].id)
    outside = make_parties.promoter(name="小组外")
    top = caller(make_parties.super_admin_of(line[0]).person_id)
    first = get(top, "/promoter/team/members?limit=3")
    rest = get(top, f"/promoter/team/members?limit=3&after={first['next']}")
    assert [one["name"] for one in first["items"] + rest["items"]] == ["推客2", "小组0", "小组1", "小组2"]
    assert (first["items"][0]["recruits"], rest["next"]) == (1, "")
    for i in (1, 2):
        below = get(top, f"/promoter/team/members?under={line[i].no}")
        assert [one["no"] for one in below["items"]] == [line[i + 1].no]
    for unseen in (line[3], line[4], outside):
        refused(top.get(f"/promoter/team/members?under={unseen.no}"), 404, "not_found")
    assert get(top, "/promoter/team/totals") == {"counts": [4, 1, 1], "orders": 0, "sales_fen": 0}
    found = get(top, "/promoter/team/search?words=小组")
    assert [one["name"] for one in found] == ["小组0", "小组1", "小组2"]
    assert [one["no"] for one in get(top, f"/promoter/team/search?words={line[3].no}")] == [line[3].no]
    assert get(top, f"/promoter/team/search?words={line[4].no}") == []
    shown = get(top, "/promoter/team")
    assert (shown["total"], shown["counts"], len(shown["items"])) == (6, [4, 1, 1], 6)


def test_bindings_are_shown_to_both_sides_and_released_by_either(caller):
    now = clock.now()
    one = make.alliance()
    boss = make_parties.super_admin_of(one.shop)
    parties.set_binding(merchant_id=one.shop.id, mode=BindingMode.FIRST, days=30, actor=OPERATOR_SHELL, now=now)
    make.touch(one, now=now)
    promoter, buyer = caller(make_parties.super_admin_of(one.promoter).person_id), caller(one.buyer_id)
    seen = get(promoter, "/promoter/bindings")["items"]
    assert [(row["shop"]["no"], row["holds"]) for row in seen] == [(one.shop.no, True)]
    assert get(buyer, "/me/bindings")["items"][0]["holds"] is True
    binding_id = rows.query("SELECT id FROM attribution_binding")[0][0]
    release = release_bindings.release_by_merchant
    said = {"merchant_id": one.shop.id, "binding_id": binding_id, "reason": "客户要求", "actor": boss, "now": now}
    helper, stranger = make_parties.seated(one.shop, Role.FINANCE), make_people.acting(make_people.person().id)
    with nothing_changes():
        for changes, kind in (
            ({"actor": helper}, Forbidden),
            ({"reason": ""}, Invalid),
            ({"actor": stranger}, NotFound),
        ):
            with pytest.raises(kind):
                release(**said | changes)
    release(**said)
    assert rows.query("SELECT count(*) FROM audit_act WHERE action = 'binding.release'") == [(1,)]
    row = get(promoter, "/promoter/bindings")["items"][0]
    assert (row["holds"], row["released_by"]) == (False, "merchant")
    with nothing_changes():
        refused(gone(buyer, f"/me/bindings/{one.shop.no}"), 404, "not_bound")
    later = now + timedelta(days=16)  # the touch is too old, and the binding has been released
    order = make.placed(one, now=later)
    kind, reason, until, by = rows.query(
        "SELECT kind, reason, facts #>> '{binding,until}', facts #>> '{binding,released_by}' FROM attribution_claim"
        " WHERE order_no = %s",
        [order.no],
    )[0]
    assert (kind, by) == ("none", "merchant")
    assert reason in ("binding_expired", "window_passed")
    assert until < now.isoformat()
    make.touch(one, now=later)  # the next touch binds anew
    assert get(buyer, "/me/bindings")["items"][0]["holds"] in (True, False)
    again = rows.query("SELECT released_at, released_by, bound_at FROM attribution_binding")
    assert again == [(None, "", later)]
