"""Joining on the phone, the promoter's screens, and where codes lead."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from tests.doors.test_storefront import nothing_changes, refused
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import library as make_library
from tests.make import mall
from tests.make import parties as make_parties
from tuike.audit.types import SYSTEM
from tuike.catalog import queries as catalog
from tuike.catalog.types import NewSku
from tuike.db import rows
from tuike.kit import clock
from tuike.kit.days import day_of
from tuike.messages import queries as messages
from tuike.parties import queries as parties
from tuike.parties import service as parties_service
from tuike.parties.types import Role
from tuike.people import queries as persons
from tuike.settings import service as settings

pytestmark = pytest.mark.usefixtures("db")
PROOF = {"name": "李雷", "id_number": make_parties.ID_NUMBER, "phone": "13900000000"}


@pytest.fixture(autouse=True)
def _files(settings, tmp_path):
    settings.FILES_ROOT = str(tmp_path / "files")


def picture(colour: str = "teal") -> SimpleUploadedFile:
    out = io.BytesIO()
    Image.new("RGB", (640, 400), colour).save(out, "JPEG")
    return SimpleUploadedFile("card.jpg", out.getvalue(), "image/jpeg")


def hand_in(who, no: str, file: SimpleUploadedFile | None = None):
    return who.client.post(
        f"/api/storefront/joining/{no}/documents",
        {"file": file or picture()},
        headers={"authorization": f"Bearer {who.token}"},
    )


def opened(who, path="/onboarding", **more):
    answer = who.post(path, {"name": "小满茶铺", "subject": "individual"} | more)
    assert answer.status_code == 201, answer.content.decode()
    return answer.json()


def filed(who, no: str):
    for colour in ("teal", "navy"):
        assert hand_in(who, no, picture(colour)).status_code == 201
    documents = [one["no"] for one in who.get(f"/joining/{no}").json()["waiting"]]
    return who.post(f"/joining/{no}/proof", PROOF | {"documents": documents})


def decide(no: str, *, approve: bool, reason: str = "照片不清晰") -> None:
    party = parties.find(no)
    [waiting] = [one for one in parties.certifications_to_decide() if one.party.id == party.id]
    actor = make_parties.operator_seat(Role.OPERATOR)
    parties_service.decide_certification(
        no=waiting.no, approve=approve, reason="" if approve else reason, actor=actor, now=clock.now()
    )


@pytest.mark.parametrize("path", ["/onboarding", "/promoter/application"])
def test_from_the_application_over_a_rejection_to_the_yes(caller, path):
    who = caller()
    make_parties.operator()
    no = opened(who, path)["no"]
    answer = filed(who, no)
    assert answer.status_code == 201, answer.content.decode()
    assert (answer.json()["state"], answer.json()["waiting"]) == ("filed", [])
    assert answer.json()["filed"]["name"] == "李*"

    decide(no, approve=False)
    rejected = who.get(path).json()["items"][0]
    assert (rejected["state"], rejected["reason"]) == ("rejected", "照片不清晰")
    assert who.post(f"/joining/{no}/proof", PROOF | {"documents": rejected["filed"]["documents"]}).status_code == 201
    decide(no, approve=True)
    assert who.get(path).json()["items"][0]["state"] == "approved"
    told = messages.personal_of(person_id=who.person_id)
    assert [one.kind for one in told] == ["certification_passed", "certification_refused"]
    assert told[1].zh == "小满茶铺 的认证未通过：照片不清晰，请修改后重新提交"
    assert parties.find(no).kind.value == ("merchant" if path == "/onboarding" else "promoter")
    seats = who.get("/me").json()["seats"]
    assert [(one["no"], one["role"]) for one in seats] == [(no, "super_admin")]


def test_the_same_tap_opens_one_shop(caller):
    who = caller()
    for _ in range(2):
        answer = who.post("/onboarding", {"name": "小满茶铺", "subject": "individual"}, key="tap")
        assert answer.status_code == 201
    assert len(who.get("/onboarding").json()["items"]) == 1


def test_what_a_shop_mainly_sells_is_kept_and_shown(caller):
    who, category_id = caller(), make_catalog.category()
    assert opened(who, category_id=category_id)["category"] == catalog.category_nodes([category_id])[category_id].name
    with nothing_changes():
        wish = {"name": "另一家", "subject": "individual", "category_id": 987_654_321}
        refused(who.post("/onboarding", wish), 422, "invalid")


def test_when_onboarding_is_off_no_shop_opens(caller):
    who = caller()
    settings.change(name="mall_onboarding", value=0, actor=SYSTEM, now=clock.now())
    assert who.get("/onboarding").json() == {"open": False, "items": []}
    with nothing_changes():
        refused(who.post("/onboarding", {"name": "小满茶铺", "subject": "individual"}), 409, "onboarding_off")
    assert opened(who, "/promoter/application")["kind"] == "promoter"


def test_a_recruiter_is_named_by_number(caller):
    recruiter = make_parties.promoter()
    who = caller()
    no = opened(who, "/promoter/application", recruiter_no=recruiter.no)["no"]
    assert parties.promoter_facts([parties.find(no).id])[parties.find(no).id].line == (recruiter.id,)
    with nothing_changes():
        wish = {"name": "x", "subject": "individual", "recruiter_no": "T000"}
        refused(who.post("/promoter/application", wish), 422, "unknown_recruiter")
    top = caller(make_parties.super_admin_of(recruiter).person_id)
    team = top.get("/promoter/team").json()
    assert (team["total"], team["items"][0]["no"], team["items"][0]["level"]) == (1, no, 1)
    assert (team["items"][0]["sales_fen"], team["items"][0]["joined_at"][:2]) == (0, "20")
    assert who.get("/promoter/team").json()["recruiter"] == recruiter.name


def test_a_team_shows_what_was_sold_through_it_lately_to_who_stands_above_alone(caller):
    recruiter = make_parties.promoter()
    below = make_parties.promoter(recruiter_id=recruiter.id)
    today = day_of(clock.now())
    for days, fen in ((0, 12_345), (89, 55), (90, 9_000_000)):
        day = today - timedelta(days=days)
        rows.query(
            "INSERT INTO figures_sum (kind, owner_id, day, clicks, orders, all_orders, paid_fen, refunded_fen,"
            " all_paid_fen, estimated_fen, settled_fen)"
            " VALUES ('promoter', %s, %s, 0, 1, 1, %s, 0, 0, 0, 0) RETURNING 1",
            [below.id, day, fen],
        )
    top = caller(make_parties.super_admin_of(recruiter).person_id).get("/promoter/team").json()
    assert [(one["no"], one["sales_fen"]) for one in top["items"]] == [(below.no, 12_400)]
    assert caller(make_parties.super_admin_of(below).person_id).get("/promoter/team").json()["items"] == []


def test_pictures_are_the_super_administrators_alone(caller):
    who, other = caller(), caller()
    no = opened(who)["no"]
    assert hand_in(who, no).status_code == 201
    [waiting] = who.get(f"/joining/{no}").json()["waiting"]
    shown = who.get(f"/joining/{no}/documents/{waiting['no']}")
    assert shown.status_code == 200 and shown["Content-Type"] == "image/jpeg"
    with nothing_changes():
        refused(hand_in(other, no), 404, "not_found")
        refused(other.get(f"/joining/{no}"), 404, "not_found")
        refused(other.get(f"/joining/{no}/documents/{waiting['no']}"), 404, "not_found")
        refused(hand_in(who, no, SimpleUploadedFile("x.jpg", b"no picture", "image/jpeg")), 422, "file_not_a_picture")
    assert who.call("delete", f"/joining/{no}/documents/{waiting['no']}").json()["waiting"] == []


def test_at_most_six_pictures_wait(caller):
    who = caller()
    no = opened(who)["no"]
    for _ in range(6):
        assert hand_in(who, no).status_code == 201
    refused(hand_in(who, no), 409, "too_many_files")


# --- the promoter's screens


@pytest.fixture
def one(db):
    made = make.alliance(price_fen=3_330)
    make_library.stand([made.product_id], now=clock.now())
    return made


@pytest.fixture
def promoter(caller, one):
    found = caller(make_parties.super_admin_of(one.promoter).person_id)
    assert found.post("/promoter/rules/mini_store/acceptance").status_code == 200
    return found


def product_no(one) -> str:
    return catalog.product_facts([one.product_id])[one.product_id].product_no


def test_the_library_says_what_the_promoter_itself_would_get(promoter, one):
    [card] = promoter.get("/promoter/library").json()["items"]
    assert (card["no"], card["price_fen"], card["why_not"]) == (product_no(one), 3_330, "")
    assert card["commission_fen"] == 3_330 * card["rate_bps"] // 10_000
    detail = promoter.get(f"/promoter/library/{card['no']}").json()
    assert detail["terms"]["accepted"] is True and len(detail["skus"]) == 1
    assert promoter.get("/promoter/library?price_fen_min=4000").json()["items"] == []
    refused(promoter.get("/promoter/library?shop=X1"), 404, "not_found")


def test_the_library_is_narrowed_and_sorted_both_ways_page_by_page(promoter, one):
    more = [
        make_catalog.product(
            merchant_id=one.shop.id,
            category_id=one.category_id,
            title=f"{fen}",
            skus=(NewSku(price_fen=fen, free=9),),
        )
        for fen in (1_000, 9_000)
    ]
    make_library.stand([one.product_id, *more], now=clock.now())
    path = "/promoter/library?"
    found = {card["price_fen"]: card for card in promoter.get(path).json()["items"]}
    assert sorted(found) == [1_000, 3_330, 9_000]

    def prices(query: str) -> list[int]:
        """Walk through all pages of one."""
        seen, after = [], ""
        while True:
            page = promoter.get(f"{path}limit=1&{query}&after={after}").json()
            seen += [card["price_fen"] for card in page["items"]]
            if not (after := page["next"]):
                return seen

    fen = 9_000 * found[9_000]["public_rate_bps"] // 10_000
    assert prices(f"commission_fen_min={fen}") == [9_000]
    assert prices(f"commission_fen_max={fen - 1}&sort=commission&ascending=true") == [1_000, 3_330]
    assert prices("sort=commission") == prices("sort=price") == [9_000, 3_330, 1_000]
    rate = found[3_330]["public_rate_bps"]
    assert len(prices(f"rate_bps_min={rate}&rate_bps_max={rate}")) == 3
    assert prices(f"rate_bps_max={rate - 1}") == prices(f"rate_bps_min={rate + 1}") == []
    for sort in ("newest", "commission", "rate", "sales", "price"):
        assert prices(f"sort={sort}&ascending=true") == prices(f"sort={sort}")[::-1], sort
    for bad in ("rate_bps_max=10001", "commission_fen_min=-1", "commission_fen_max=x"):
        refused(promoter.get(path + bad), 422, "invalid")


def test_products_are_put_aside_and_taken_out(promoter, one):
    no = product_no(one)
    for _ in range(2):
        assert [item["no"] for item in promoter.call("put", f"/promoter/selection/{no}").json()["items"]] == [no]
    assert promoter.get("/promoter/library").json()["items"][0]["chosen"] is True
    assert promoter.call("delete", f"/promoter/selection/{no}").json()["items"] == []


def test_material_is_listed_worded_and_drawn(promoter, one, caller, wechat):
    pid = promoter.post("/promoter/places", {"name": "朋友圈"}).json()["pid"]
    made = promoter.post("/promoter/materials", {"pid": pid, "products": [product_no(one)]}).json()["items"][0]
    listed = promoter.get("/promoter/materials").json()["items"][0]
    assert (listed["code"], listed["place"], listed["good"]) == (made["code"], "朋友圈", True)
    worded = promoter.call("put", f"/promoter/materials/{made['code']}/wording", {"text": "好茶"}).json()
    assert worded == {"wording": f"好茶\n{made['short_link']}", "own": True}
    assert promoter.get("/promoter/materials").json()["items"][0]["own_wording"] is True
    back = promoter.call("delete", f"/promoter/materials/{made['code']}/wording").json()
    assert (back["own"], back["wording"]) == (False, made["wording"])
    poster = promoter.get(f"/promoter/materials/{made['code']}/poster")
    drawn = Image.open(io.BytesIO(poster.content))
    assert (poster.status_code, poster["Content-Type"]) == (200, f"image/{drawn.format.lower()}")
    other = caller(make_parties.super_admin_of(one.recruiter).person_id)
    with nothing_changes():
        refused(other.get(f"/promoter/materials/{made['code']}/poster"), 404, "link_not_found")
        answer = other.call("put", f"/promoter/materials/{made['code']}/wording", {"text": "mine"})
        refused(answer, 404, "link_not_found")


def test_an_earning_is_explained_to_its_payee_alone(promoter, one, caller):
    make.touch(one, now=clock.now())
    order = make.bought(one, now=clock.now())
    [earning, *_] = promoter.get("/promoter/earnings").json()["items"]
    assert promoter.get(f"/promoter/earnings?state={earning['state']}").json()["items"][0] == earning
    assert promoter.get("/promoter/earnings?state=cancelled").json()["items"] == []
    told = promoter.get(f"/promoter/earnings/{earning['id']}").json()
    assert told["holds"] is True
    lines = [line for section in told["sections"] for line in section["lines"]]
    assert earning["amount_fen"] in [line["amount_fen"] for line in lines]
    assert earning["order_no"] == order.no
    refused(caller(one.buyer_id).get(f"/promoter/earnings/{earning['id']}"), 404, "not_found")
    other = caller(make_parties.super_admin_of(make_parties.promoter()).person_id)
    refused(other.get(f"/promoter/earnings/{earning['id']}"), 404, "unknown_number")
    home = promoter.get("/promoter/home").json()
    assert home["balance"]["pending_fen"] == earning["amount_fen"]
    assert (home["waits"]["accepted_sources"], home["certified"]) == (1, True)


# --- where codes lead


def test_a_code_leads_to_its_product_or_shop_while_it_is_good(stranger, one):
    link = make.link(one, now=clock.now())
    with nothing_changes():
        told = stranger.get(f"/landing/{link.code}").json()
    assert (told["kind"], told["product_no"], told["touch"], told["good"], told["on_sale"]) == (
        "product",
        product_no(one),
        True,
        True,
        True,
    )
    old = make.link(make.alliance(), now=clock.now() - timedelta(days=60))
    assert stranger.get(f"/landing/{old.code}").json()["good"] is False
    refused(stranger.get("/landing/nothing"), 404, "not_found")


def test_a_shared_bargain_and_a_red_packet_are_found_by_their_codes(stranger, caller):
    now = clock.now()
    offer = mall.offer(now=now, starts_at=now, ends_at=now + timedelta(days=7), cuts_needed=3)
    buyer = caller()
    code = buyer.post(f"/bargain-offers/{offer.no}/bargains").json()["code"]
    told = stranger.get(f"/landing/{code}").json()
    assert (told["kind"], told["code"], told["touch"], told["good"]) == ("bargain", code, False, True)
    assert told["product_no"] and told["shop"]["no"]
    mall.rich(buyer.person_id, 1_000, now=now)
    wish = {"total_fen": 800, "shares": 2, "split": "lucky", "greeting": "恭喜发财", "from_balance": True}
    packet = buyer.post("/red-packets", wish).json()
    told = stranger.get(f"/landing/{packet['code']}").json()
    assert (told["kind"], told["title"], told["good"], told["shop"]) == ("red_packet", "恭喜发财", True, None)
    settings.change(name="mall_red_packets", value=0, actor=SYSTEM, now=now)
    refused(stranger.get(f"/landing/{packet['code']}"), 404, "not_found")


def test_the_persons_parties_are_shown(promoter, one):
    assert promoter.get("/me").json()["no"] == persons.refs([promoter.person_id])[promoter.person_id].no
    assert [seat["no"] for seat in promoter.get("/me").json()["seats"]] == [one.promoter.no]
