"""What people write in the mall, over HTTP: pictures, reviews of what was received, the board with its talks."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.make import alliance as make
from tests.make import content as make_content
from tests.make import parties as make_parties
from tests.make import people as make_people
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries as catalog
from tuike.content import service as content
from tuike.db import rows
from tuike.kit import clock
from tuike.parties import service as parties
from tuike.parties.types import MallFunction
from tuike.settings import service as settings

pytestmark = pytest.mark.django_db
REVIEW = {"score": 4, "text": "很好用"}
POST = {"kind": "supply", "category": "goods", "title": "供应龙井茶叶", "text": "产地直发", "city": "杭州"}


def code(answer, status):
    assert answer.status_code == status, answer.content
    return answer.json()["code"]


def upload(caller, raw, name="a.jpg"):
    said = {"authorization": f"Bearer {caller.token}", "idempotency-key": "up"}
    file = SimpleUploadedFile(name, raw, "image/jpeg")
    return caller.client.post("/api/storefront/pictures", {"picture": file}, headers=said)


@pytest.fixture
def bought(db):
    """Return an alliance and an order in it that was received."""
    one = make.alliance()
    order = make.bought(one, now=make.NOON)
    return one, make.received(order, now=make.NOON)


def test_a_picture_is_drawn_anew_without_what_the_camera_wrote(caller, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    out, exif = io.BytesIO(), Image.Exif()
    exif[0x010F] = "Camera of Wang"
    Image.new("RGB", (800, 600), "red").save(out, "JPEG", exif=exif)
    who = caller()
    answer = upload(who, out.getvalue())
    assert answer.status_code == 201
    address = answer.json()["address"]
    stored = (tmp_path / address.removeprefix("/media/")).read_bytes()
    assert b"Camera of Wang" in out.getvalue()
    assert b"Camera of Wang" not in stored
    assert code(upload(who, b"<svg/>"), 422)
    assert code(upload(who, b"\xff" * (5 * 1024 * 1024 + 1)), 422) == "file_too_large"
    stranger = who.client.post("/api/storefront/pictures", {})
    assert stranger.status_code == 401


def test_what_was_received_is_reviewed_once(caller, stranger, bought):
    one, order = bought
    buyer = caller(one.buyer_id)
    [line] = buyer.get(f"/orders/{order.no}/reviews").json()["items"]
    assert (line["may"], line["review"]) == (True, None)
    path = f"/orders/{order.no}/lines/1/review"
    made = buyer.post(path, REVIEW, key="r1")
    assert (made.status_code, made.json()["state"], made.json()["score"]) == (201, "shown", 4)
    assert buyer.post(path, REVIEW, key="r1").json() == made.json()
    assert code(buyer.post(path, REVIEW), 409) == "already_reviewed"
    assert code(buyer.post(path, REVIEW | {"score": 1}, key="r1"), 422) == "idempotency_key_reused"
    [line] = buyer.get(f"/orders/{order.no}/reviews").json()["items"]
    assert (line["may"], line["review"]["no"]) == (False, made.json()["no"])
    product = catalog.product_facts([one.product_id])[one.product_id]
    page = stranger.get(f"/products/{product.product_no}/reviews").json()
    assert (page["count"], page["average_tenths"], page["items"][0]["text"]) == (1, 40, "很好用")
    added = buyer.post(f"/reviews/{made.json()['no']}/addition", {"text": "一个月后依旧"})
    assert (added.status_code, added.json()["addition_state"]) == (201, "shown")
    shown = stranger.get(f"/products/{product.product_no}/reviews").json()["items"][0]
    assert shown["addition"]["text"] == "一个月后依旧"


def test_others_orders_and_ones_under_way_are_not_reviewed(caller, bought):
    one, order = bought
    path = "/orders/{}/lines/{}/review"
    assert code(caller().post(path.format(order.no, 1), REVIEW), 404) == "not_found"
    buyer = caller(one.buyer_id)
    assert code(buyer.post(path.format(order.no, 2), REVIEW), 404) == "not_found"
    unshipped = make.bought(one, now=make.NOON)
    assert code(buyer.post(path.format(unshipped.no, 1), REVIEW), 409) == "not_completed"
    for body in (REVIEW | {"score": 0}, REVIEW | {"text": "字" * 501}, REVIEW | {"pictures": ["http://x/a.jpg"]}):
        assert code(buyer.post(path.format(order.no, 1), body), 422)
    assert rows.query("SELECT count(*) FROM content_review") == [(0,)]


def test_where_reviews_are_off_there_are_none(caller, stranger, bought):
    one, order = bought
    parties.switch_function(
        merchant_id=one.shop.id,
        function=MallFunction.REVIEWS,
        on=False,
        actor=make_parties.super_admin_of(one.shop),
        now=clock.now(),
    )
    buyer = caller(one.buyer_id)
    assert code(buyer.post(f"/orders/{order.no}/lines/1/review", REVIEW), 409) == "function_off"
    [line] = buyer.get(f"/orders/{order.no}/reviews").json()["items"]
    assert (line["may"], line["review"]) == (False, None)


def test_a_post_is_written_looked_at_and_talked_about(caller, stranger):
    owner, asker = caller(), caller()
    made = owner.post("/posts", POST, key="p1")
    assert (made.status_code, made.json()["state"]) == (201, "pending")
    no = made.json()["no"]
    assert owner.post("/posts", POST, key="p1").json()["no"] == no
    assert stranger.get("/posts").json()["items"] == []
    assert code(stranger.get(f"/posts/{no}"), 404) == "not_found"
    content.decide_posts(nos=[no], shown=True, actor=OPERATOR_SHELL, now=clock.now())
    [shown] = stranger.get("/posts?words=龙井&city=杭州&kind=supply").json()["items"]
    assert (shown["no"], shown["mine"], shown["category_name"]) == (no, False, "货源")
    talk = asker.post(f"/posts/{no}/remarks", {"text": "多少钱"}, key="t1")
    assert talk.status_code == 201
    assert asker.post(f"/posts/{no}/remarks", {"text": "多少钱"}, key="t1").json() == talk.json()
    number = talk.json()["no"]
    assert owner.get("/me/posts").json()["unread"] == 1
    page = owner.get(f"/me/talks/{number}").json()
    assert [(one["mine"], one["text"]) for one in page["remarks"]] == [(False, "多少钱")]
    assert owner.post(f"/me/talks/{number}/read").json()["unread"] == 0
    assert owner.post(f"/me/talks/{number}/remarks", {"text": "面议"}).status_code == 201
    assert asker.get("/me/talks").json()["unread"] == 1
    assert code(caller().get(f"/me/talks/{number}"), 404) == "not_found"
    assert owner.call("put", f"/me/talks/{number}/shut", {"out": True}).json()["shut"] is True
    assert code(asker.post(f"/me/talks/{number}/remarks", {"text": "喂"}), 409) == "shut_out"
    assert asker.post(f"/posts/{no}/report", {"reason": "虚假"}).status_code == 201
    changed = owner.call("put", f"/posts/{no}", POST | {"title": "供应红茶"})
    assert changed.json()["state"] == "pending"
    assert owner.call("delete", f"/posts/{no}").json()["state"] == "closed"


def test_a_mall_without_a_board_has_none(caller, stranger):
    owner = caller()
    no = make_content.post(person_id=owner.person_id, now=clock.now())
    settings.change(name="mall_board", value=0, actor=OPERATOR_SHELL, now=clock.now())
    for who, method, path, body in (
        (stranger, "get", "/posts", None),
        (stranger, "get", f"/posts/{no}", None),
        (owner, "get", "/me/posts", None),
        (owner, "get", "/me/talks", None),
        (owner, "post", "/posts", POST),
        (owner, "put", f"/posts/{no}", POST),
        (owner, "post", f"/posts/{no}/remarks", {"text": "?"}),
    ):
        assert code(who.call(method, path, body), 409) == "function_off", path
    assert "board" not in stranger.get("/home").json()["functions"]


@pytest.mark.parametrize(
    "change",
    [
        {"title": ""},
        {"title": "字" * 41},
        {"text": "字" * 1001},
        {"kind": "gift"},
        {"category": "x"},
        {"city": "字" * 21},
    ],
)
def test_a_post_out_of_bounds_is_refused(caller, change):
    who = caller(make_people.person().id)
    assert code(who.post("/posts", POST | change), 422)
    assert rows.query("SELECT count(*) FROM content_post") == [(0,)]


def test_a_promoters_share_carries_their_own_ticket(caller, stranger):
    one = make.alliance()
    no = catalog.product_facts([one.product_id])[one.product_id].product_no
    plain = stranger.get(f"/products/{no}/share").json()
    assert (plain["path"], plain["code"]) == (f"pages/product/product?no={no}", "")
    promoter = caller(make_parties.super_admin_of(one.promoter).person_id)
    assert promoter.get(f"/products/{no}/share").json() == plain, "no place, no accepted rules: a plain one"
    make.link(one)
    assert promoter.post("/promoter/rules/mini_store/acceptance", {"edition": 1}).status_code in (200, 201)
    own = promoter.get(f"/products/{no}/share").json()
    assert own["code"] and own["path"].endswith(f"&c={own['code']}")
    assert promoter.get(f"/products/{no}/share").json() == own, "one link a day"
