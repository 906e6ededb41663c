"""Bargains and red packets at the storefront: over HTTP, as phones call it; and what is refused changes nothing."""

from datetime import timedelta

import pytest

from tests.doors.test_storefront import nothing_changes, refused
from tests.make import mall
from tests.make import people as make_people
from tuike.audit.types import OPERATOR_SHELL, SYSTEM
from tuike.kit import clock
from tuike.marketing import queries, service
from tuike.marketing.rules import composition, seed_digest
from tuike.parties import service as parties
from tuike.parties.types import MallFunction
from tuike.settings import service as settings

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def people(caller):
    """Return three callers: one who starts or sends, and two friends; with their ids."""
    ids = [make_people.person().id for _ in range(3)]
    return [(caller(person_id), person_id) for person_id in ids]


@pytest.fixture
def offer(db):
    now = clock.now()
    return mall.offer(now=now, starts_at=now, ends_at=now + timedelta(days=7), cuts_needed=3)


def test_a_bargain_from_the_list_to_the_floor_and_its_proof(people, offer, caller):
    (buyer, _), (friend, _), (other, _) = people
    seen = buyer.get("/bargain-offers").json()["items"]
    assert [(one["no"], one["price_fen"], one["floor_fen"], one["mine"]) for one in seen] == [
        (offer.no, 10_000, 4_000, "")
    ]
    shop_no, product_no = seen[0]["shop"]["no"], seen[0]["goods"]["product_no"]
    assert buyer.get(f"/bargain-offers?shop={shop_no}&product={product_no}").json()["items"] == seen
    started = buyer.post(f"/bargain-offers/{offer.no}/bargains", key="s")
    assert started.status_code == 201
    mine = started.json()
    assert buyer.post(f"/bargain-offers/{offer.no}/bargains", key="s").json() == mine
    assert (mine["cut_count"], mine["state"], mine["can_buy"]) == (1, "running", True)
    assert buyer.get(f"/bargain-offers/{offer.no}").json()["mine"] == mine["code"]
    assert buyer.get("/bargains").json()["items"] == [mine]
    page = friend.get(f"/bargains/{mine['code']}").json()
    assert (page["can_cut"], page["mine"], page["bargain"]["no"], page["bargain"]["can_buy"]) == (
        True,
        False,
        "",
        False,
    )
    assert (len(page["cuts"]), page["proof"]["seed"]) == (1, "")
    cut = friend.post(f"/bargains/{mine['code']}/cuts")
    assert cut.status_code == 201
    assert (cut.json()["can_cut"], cut.json()["bargain"]["cut_count"]) == (False, 2)
    assert cut.json()["cut_by_me_fen"] > 0
    with nothing_changes():
        refused(friend.post(f"/bargains/{mine['code']}/cuts"), 409, "cut_already")
        refused(buyer.post(f"/bargains/{mine['code']}/cuts"), 409, "own_bargain")
    done = other.post(f"/bargains/{mine['code']}/cuts").json()
    assert (done["bargain"]["price_now_fen"], done["bargain"]["state"]) == (4_000, "reached")
    seed = bytes.fromhex(done["proof"]["seed"])
    assert (seed_digest(seed), done["proof"]["cuts"]) == (page["proof"]["digest"], list(composition(6_000, 3, seed)))


def test_a_red_packet_from_the_balance_to_the_luckiest(people):
    (buyer, buyer_id), (friend, friend_id), (other, _) = people
    mall.rich(buyer_id, 1_000, now=clock.now())
    assert buyer.get("/red-packets/limits").json()["balance_fen"] == 1_000
    wish = {"total_fen": 800, "shares": 2, "split": "lucky", "greeting": "恭喜发财", "from_balance": True}
    sent = buyer.post("/red-packets", wish, key="p")
    assert (sent.status_code, sent.json()["state"]) == (201, "open")
    assert buyer.post("/red-packets", wish, key="p").json() == sent.json()
    code, no = sent.json()["code"], sent.json()["no"]
    page = friend.get(f"/red-packets/open/{code}").json()
    assert (page["state"], page["items"], page["greeting"], page["mine"]) == ("can_open", [], "恭喜发财", False)
    first = friend.post(f"/red-packets/open/{code}").json()
    assert (first["state"], first["mine_fen"]) == ("opened", queries.balance_of(friend_id))
    assert friend.post(f"/red-packets/open/{code}").json() == first
    last = buyer.post(f"/red-packets/open/{code}").json()
    assert first["mine_fen"] + last["mine_fen"] == 800
    assert [one["best"] for one in last["items"]].count(True) == 1
    with nothing_changes():
        refused(other.post(f"/red-packets/open/{code}"), 409, "red_packet_empty")
    assert other.get(f"/red-packets/open/{code}").json()["state"] == "empty"
    assert buyer.get(f"/red-packets/sent/{no}").json()["state"] == "empty"
    assert buyer.get("/red-packets/sent").json()["items"][0]["no"] == no
    assert [one["no"] for one in friend.get("/red-packets/got").json()["items"]] == [no]
    stands = friend.get("/balance").json()
    assert (stands["balance_fen"], stands["items"][0]["kind"]) == (first["mine_fen"], "red_packet_open")
    moved = buyer.get("/balance?limit=1").json()
    assert len(moved["items"]) == 1
    older = buyer.get(f"/balance?before={moved['next']}").json()
    assert [one["amount_fen"] for one in older["items"]] == [-800, 1_000]


def test_a_packet_that_waits_to_be_paid_shows_no_code_and_is_the_senders_alone(people):
    (buyer, _), (friend, _), _ = people
    sent = buyer.post("/red-packets", {"total_fen": 500, "shares": 5}, key="p").json()
    assert (sent["state"], sent["code"], sent["from_balance"]) == ("unpaid", "", False)
    with nothing_changes():
        refused(friend.get(f"/red-packets/sent/{sent['no']}"), 404, "not_found")
        refused(friend.post(f"/red-packets/sent/{sent['no']}/payment", {"mode": "h5"}, key="x"), 404, "not_found")
        refused(buyer.post("/red-packets", {"total_fen": 500, "shares": 5, "from_balance": True}), 409, "balance_short")
        refused(buyer.post("/red-packets", {"total_fen": 4, "shares": 5}), 422, "invalid")
        refused(buyer.post("/red-packets", {"total_fen": 500, "shares": 101}), 422, "invalid")
        refused(buyer.get("/balance?before=x1"), 422, "invalid")
    assert friend.get("/red-packets/sent").json() == {"items": [], "next": ""}


def test_where_they_are_off_nothing_is_there(people, offer):
    (buyer, buyer_id), (friend, _), _ = people
    mall.rich(buyer_id, 1_000, now=clock.now())
    code = buyer.post(f"/bargain-offers/{offer.no}/bargains").json()["code"]
    packet = buyer.post("/red-packets", {"total_fen": 10, "shares": 1, "from_balance": True}).json()
    switch = {"on": False, "actor": SYSTEM, "now": clock.now()}
    parties.switch_function(merchant_id=offer.merchant_id, function=MallFunction.BARGAINS, **switch)
    settings.change(name="mall_red_packets", value=0, actor=SYSTEM, now=clock.now())
    assert buyer.get("/bargain-offers").json()["items"] == buyer.get("/bargains").json()["items"] == []
    assert buyer.get("/red-packets/sent").json()["items"] == buyer.get("/red-packets/got").json()["items"] == []
    with nothing_changes():
        refused(buyer.get(f"/bargain-offers/{offer.no}"), 404, "not_found")
        refused(friend.get(f"/bargains/{code}"), 404, "not_found")
        refused(friend.post(f"/bargains/{code}/cuts"), 404, "not_found")
        refused(friend.get(f"/red-packets/open/{packet['code']}"), 404, "not_found")
        refused(friend.post(f"/red-packets/open/{packet['code']}"), 404, "not_found")
        refused(buyer.post("/red-packets", {"total_fen": 10, "shares": 1}), 409, "function_off")
        refused(buyer.get("/red-packets/limits"), 409, "function_off")
    assert buyer.get("/balance").json()["balance_fen"] == 990


def test_a_shops_packet_says_the_shops_name(people):
    (buyer, _), *_ = people
    shop = mall.funded_shop(1_000)
    packet = service.send_shop_packet(
        merchant_id=shop, packet=mall.lucky(1_000, 2), actor=OPERATOR_SHELL, now=clock.now()
    )
    page = buyer.get(f"/red-packets/open/{packet.code}").json()
    assert (page["by_shop"], page["sender"][-2:] != "**") == (True, True)
