"""Bargains in the database: started, cut, bought, given back, proved; and every no."""

from datetime import timedelta

import pytest
from django.db import transaction

from tests.make import mall
from tests.make import parties as make_parties
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL, SYSTEM
from tuike.catalog import service as catalog
from tuike.catalog.types import NotOnSale, ProductChange, SkuChange
from tuike.db import rows
from tuike.kit.errors import Invalid, NotFound
from tuike.marketing import queries, service
from tuike.marketing.rules import composition, seed_digest
from tuike.marketing.types import (
    BargainAboveFloor,
    BargainAtFloor,
    BargainLimit,
    BargainLowersNothing,
    BargainNotOpen,
    BargainOfferPhase,
    BargainOver,
    BargainSoldOut,
    BargainState,
    CutAlready,
    CutsADay,
    OwnBargain,
)
from tuike.parties import service as parties
from tuike.parties.types import FunctionOff, MallFunction
from tuike.settings import service as settings

pytestmark = pytest.mark.usefixtures("db")
NOON = mall.NOON
LATER = NOON + timedelta(hours=24)
BUYER, FRIEND = 501, 601


def priced(shop_id: int, offer, price_fen: int) -> None:
    change = ProductChange(skus=(SkuChange(offer.sku_id, price_fen=price_fen),))
    catalog.change_product(
        merchant_id=shop_id, product_id=offer.product_id, change=change, actor=OPERATOR_SHELL, now=NOON
    )


def test_a_bargain_is_cut_down_to_its_floor_exactly_by_the_row_that_its_seed_says():
    made = mall.bargain()
    assert (made.price_fen, made.floor_fen, made.cut_count) == (10_000, 4_000, 1)
    assert made.state(NOON) is BargainState.RUNNING
    assert queries.proof_of(made, NOON) is None
    mall.cut_down(made)
    done = queries.bargain_by_code(made.code)
    assert (done.price_now_fen, done.cut_count, done.state(NOON)) == (4_000, 5, BargainState.REACHED)
    proof = queries.proof_of(done, NOON)
    seed = bytes.fromhex(proof.seed)
    assert seed_digest(seed) == made.digest
    assert proof.cuts == composition(6_000, 5, seed)
    cuts = queries.cuts_of(done)
    assert [cut.amount_fen for cut in reversed(cuts)] == list(proof.cuts)
    assert sum(proof.cuts) == 6_000
    assert cuts[-1].person_id == BUYER


def test_the_seed_is_shown_when_time_is_over_and_not_before():
    made = mall.bargain()
    assert queries.proof_of(made, LATER - timedelta(microseconds=1)) is None
    assert seed_digest(bytes.fromhex(queries.proof_of(made, LATER).seed)) == made.digest


def test_started_again_it_is_the_one_that_runs():
    offer = mall.offer(limit_each=2)
    first = mall.bargain(offer)
    assert mall.bargain(offer, now=NOON + timedelta(hours=3)) == first
    second = mall.bargain(offer, now=LATER)
    assert second.no != first.no
    with refused(BargainLimit, "marketing_", "ledger_"):
        mall.bargain(offer, now=LATER + timedelta(hours=24))
    assert mall.bargain(offer, buyer_id=502).no != first.no


def test_without_a_cut_of_the_starter_the_price_is_whole():
    made = mall.bargain(mall.offer(owner_cuts=False))
    assert (made.cut_count, made.price_now_fen) == (0, 10_000)


def test_a_price_that_changes_leaves_a_running_bargain_alone():
    shop = mall.shop()
    offer = mall.offer(shop)
    made = mall.bargain(offer)
    priced(shop, offer, 12_000)
    assert queries.bargain_for_checkout(buyer_id=BUYER, no=made.no, now=NOON) == (offer.sku_id, made.price_now_fen)
    assert mall.bargain(offer, buyer_id=502).price_fen == 12_000
    for price_fen in (made.price_now_fen, 4_004):
        priced(shop, offer, price_fen)
        with refused(BargainLowersNothing, "marketing_", "ledger_"):
            queries.bargain_for_checkout(buyer_id=BUYER, no=made.no, now=NOON)
    with refused(BargainNotOpen, "marketing_", "ledger_"):
        mall.bargain(offer, buyer_id=503)


def test_a_friend_cuts_once_and_nobody_their_own():
    made = mall.bargain()
    cut = service.cut_bargain(code=made.code, person_id=FRIEND, now=NOON)
    assert cut.nth == 2
    stands = queries.bargain_by_code(made.code)
    assert stands.price_now_fen == made.price_now_fen - cut.amount_fen
    with refused(CutAlready, "marketing_", "ledger_"):
        service.cut_bargain(code=made.code, person_id=FRIEND, now=NOON)
    with refused(OwnBargain, "marketing_", "ledger_"):
        service.cut_bargain(code=made.code, person_id=BUYER, now=NOON)
    with refused(NotFound, "marketing_", "ledger_"):
        service.cut_bargain(code="x", person_id=FRIEND, now=NOON)
    assert queries.bargain_by_code(made.code) == stands
    assert rows.query("SELECT count FROM marketing_day_use WHERE person_id = %s", [FRIEND]) == [(1,)]


def test_nothing_is_cut_after_its_time_or_below_its_floor():
    made = mall.bargain()
    with refused(BargainOver, "marketing_", "ledger_"):
        service.cut_bargain(code=made.code, person_id=FRIEND, now=LATER)
    mall.cut_down(made)
    with refused(BargainAtFloor, "marketing_", "ledger_"):
        service.cut_bargain(code=made.code, person_id=FRIEND, now=NOON)
    assert queries.bargain_by_code(made.code).price_now_fen == 4_000


def test_a_day_has_so_many_cuts_and_the_next_one_has_them_again():
    settings.change(name="bargain_cuts_per_day", value=2, actor=SYSTEM, now=NOON)
    offer = mall.offer()
    codes = [mall.bargain(offer, buyer_id=510 + i).code for i in range(3)]
    for code in codes[:2]:
        service.cut_bargain(code=code, person_id=FRIEND, now=NOON)
    before = queries.bargain_by_code(codes[2])
    with refused(CutsADay, "marketing_", "ledger_"):
        service.cut_bargain(code=codes[2], person_id=FRIEND, now=NOON)
    assert queries.bargain_by_code(codes[2]) == before
    service.cut_bargain(code=codes[2], person_id=FRIEND, now=NOON + timedelta(hours=13))


def test_it_is_bought_once_and_comes_back_with_its_piece():
    offer = mall.offer(stock=1)
    made = mall.bargain(offer)
    service.use_bargain(no=made.no, buyer_id=BUYER, now=NOON)
    assert queries.offer_by_no(offer.no).phase(NOON) is BargainOfferPhase.SOLD_OUT
    with refused(BargainOver, "marketing_", "ledger_"):
        service.use_bargain(no=made.no, buyer_id=BUYER, now=NOON)
    with refused(BargainOver, "marketing_", "ledger_"):
        queries.bargain_for_checkout(buyer_id=BUYER, no=made.no, now=NOON)
    with refused(BargainSoldOut, "marketing_", "ledger_"):
        mall.bargain(offer, buyer_id=502)
    with refused(BargainOver, "marketing_", "ledger_"):
        service.cut_bargain(code=made.code, person_id=FRIEND, now=NOON)
    assert service.give_back_bargains([made.no]) == 1
    assert service.give_back_bargains([made.no]) == 0
    assert (queries.offer_by_no(offer.no).taken, queries.bargain_by_code(made.code).used_at) == (0, None)
    service.use_bargain(no=made.no, buyer_id=BUYER, now=LATER - timedelta(microseconds=1))


def test_what_another_bought_is_gone():
    offer = mall.offer(stock=1)
    mine, other = mall.bargain(offer), mall.bargain(offer, buyer_id=502)
    service.use_bargain(no=other.no, buyer_id=502, now=NOON)
    with refused(BargainSoldOut, "marketing_", "ledger_"), transaction.atomic():
        service.use_bargain(no=mine.no, buyer_id=BUYER, now=NOON)


def test_it_isnt_bought_late_or_by_others_or_above_a_floor_that_counts():
    made = mall.bargain(mall.offer(floor_only=True))
    for work in (service.use_bargain, queries.bargain_for_checkout):
        with refused(BargainAboveFloor, "marketing_", "ledger_"):
            work(no=made.no, buyer_id=BUYER, now=NOON)
        with refused(NotFound, "marketing_", "ledger_"):
            work(no=made.no, buyer_id=502, now=NOON)
        with refused(BargainOver, "marketing_", "ledger_"):
            work(no=made.no, buyer_id=BUYER, now=LATER)
    mall.cut_down(made)
    assert queries.bargain_for_checkout(buyer_id=BUYER, no=made.no, now=NOON)[1] == 4_000
    service.use_bargain(no=made.no, buyer_id=BUYER, now=NOON)


def test_a_stopped_offer_starts_nothing_and_lets_what_runs_go_on():
    shop = mall.shop()
    offer = mall.offer(shop)
    made = mall.bargain(offer)
    service.stop_bargain_offer(merchant_id=shop, no=offer.no, actor=OPERATOR_SHELL, now=NOON)
    with refused(BargainNotOpen, "marketing_", "ledger_"):
        mall.bargain(offer, buyer_id=502)
    stop = {"merchant_id": shop, "no": offer.no, "actor": OPERATOR_SHELL, "now": NOON}
    with refused(BargainNotOpen, "marketing_", "ledger_"):
        service.stop_bargain_offer(**stop)
    another = mall.shop()
    with refused(NotFound, "marketing_", "ledger_"):
        service.stop_bargain_offer(**stop | {"merchant_id": another})
    mall.cut_down(made)
    service.use_bargain(no=made.no, buyer_id=BUYER, now=NOON)
    figures = queries.offer_figures([offer.offer_id])[offer.offer_id]
    assert (figures.started, figures.cuts, figures.bought) == (1, 5, 1)


@pytest.mark.parametrize("whose", ["shop", "mall"])
def test_where_bargains_are_off_they_are_nowhere(whose):
    shop = mall.shop()
    offer = mall.offer(shop)
    made = mall.bargain(offer)
    wanted = mall.new_offer(offer.sku_id)
    assert queries.open_offers(now=NOON) == [offer]
    assert queries.open_offers(now=NOON, merchant_id=shop, product_id=offer.product_id) == [offer]
    if whose == "shop":
        parties.switch_function(merchant_id=shop, function=MallFunction.BARGAINS, on=False, actor=SYSTEM, now=NOON)
    else:
        settings.change(name="mall_bargains", value=0, actor=SYSTEM, now=NOON)
    assert queries.open_offers(now=NOON) == queries.bargains_of(buyer_id=BUYER) == []
    with refused(NotFound, "marketing_", "ledger_"):
        mall.bargain(offer, buyer_id=502)
    with refused(NotFound, "marketing_", "ledger_"):
        service.cut_bargain(code=made.code, person_id=FRIEND, now=NOON)
    with refused(FunctionOff, "marketing_", "ledger_"):
        service.use_bargain(no=made.no, buyer_id=BUYER, now=NOON)
    with refused(FunctionOff, "marketing_", "ledger_"):
        queries.bargain_for_checkout(buyer_id=BUYER, no=made.no, now=NOON)
    create = {"merchant_id": shop, "offer": wanted, "actor": OPERATOR_SHELL, "now": NOON}
    with refused(FunctionOff, "marketing_", "ledger_"):
        service.create_bargain_offer(**create)


@pytest.mark.parametrize(
    "wrong",
    [
        {"floor_fen": 0},
        {"floor_fen": 9_996},
        {"floor_fen": 10_000},
        {"cuts_needed": 1},
        {"cuts_needed": 101},
        {"hours": 0},
        {"hours": 169},
        {"stock": 0},
        {"stock": 1_000_001},
        {"limit_each": 0},
        {"limit_each": 101},
        {"ends_at": NOON - timedelta(days=1), "starts_at": NOON - timedelta(days=2)},
        {"ends_at": NOON},
    ],
)
def test_what_makes_no_sense_is_no_offer(wrong):
    shop = mall.shop()
    offer = mall.new_offer(mall.sku(shop), **wrong)
    with refused(Invalid, "marketing_", "ledger_"):
        service.create_bargain_offer(merchant_id=shop, offer=offer, actor=OPERATOR_SHELL, now=NOON)


def test_an_offer_is_for_what_the_shop_sells():
    shop = mall.shop()
    sku = mall.sku(mall.shop())
    make = {"merchant_id": shop, "actor": OPERATOR_SHELL, "now": NOON}
    with refused(NotFound, "marketing_", "ledger_"):
        service.create_bargain_offer(offer=mall.new_offer(sku), **make)
    with refused(NotFound, "marketing_", "ledger_"):
        service.create_bargain_offer(offer=mall.new_offer(10**9), **make)
    offer = mall.offer(shop)
    catalog.take_off_sale(merchant_id=shop, product_ids=[offer.product_id], actor=OPERATOR_SHELL, now=NOON)
    with refused(NotOnSale, "marketing_", "ledger_"):
        mall.bargain(offer)
    with refused(NotOnSale, "marketing_", "ledger_"):
        service.create_bargain_offer(offer=mall.new_offer(offer.sku_id), **make)
    parties.suspend(party_id=shop, reason="查", actor=make_parties.operator_seat(), now=NOON)
    assert queries.open_offers(now=NOON) == []
