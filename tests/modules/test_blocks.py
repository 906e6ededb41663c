"""A merchant blocks a promoter: nothing new is claimed or made there, what was claimed before stays."""

from datetime import timedelta

import pytest

from tests.make import attribution as make
from tests.make.refusals import refused
from tuike.attribution import queries, service
from tuike.attribution.types import (
    AlreadyBlocked,
    BindingPolicy,
    BlockedByShop,
    BlockReasonNeeded,
    NotBlocked,
    Reason,
    Target,
)
from tuike.audit.types import OPERATOR_SHELL
from tuike.kit.errors import NotFound
from tuike.parties.types import BindingMode

NOON, HOUR = make.NOON, timedelta(hours=1)
BUYER = 501
WHO = {"actor": OPERATOR_SHELL, "now": NOON}

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def promoter(db) -> int:
    return make.bare_promoter()


@pytest.fixture
def merchant(db) -> int:
    return make.bare_merchant()


def _block(merchant: int, promoter: int, **rest: object) -> None:
    service.block_promoter(merchant_id=merchant, promoter_id=promoter, reason="刷单", **{**WHO, **rest})


def test_nothing_new_is_claimed_by_a_blocked_promoter(promoter, merchant):
    make.touch(link_=make.link(promoter_id=promoter, merchant_id=merchant), buyer_id=BUYER)
    [before] = make.claim(make.ask(merchant_id=merchant), buyer_id=BUYER, placed_at=NOON + HOUR)
    _block(merchant, promoter, now=NOON + 2 * HOUR)
    [after] = make.claim(make.ask(merchant_id=merchant), buyer_id=BUYER, placed_at=NOON + 2 * HOUR)
    assert (before.promoter_id, before.reason) == (promoter, None)
    assert (after.promoter_id, after.reason) == (None, Reason.PROMOTER_BLOCKED)
    assert after.facts["touches"][0]["verdict"] == "promoter_blocked"


def test_a_blocked_promoters_touch_gives_way_to_the_one_before(promoter, merchant):
    rival = make.bare_promoter()
    make.touch(link_=make.link(promoter_id=promoter, merchant_id=merchant), buyer_id=BUYER)
    make.touch(link_=make.link(promoter_id=rival, merchant_id=merchant), buyer_id=BUYER, now=NOON + HOUR / 2)
    _block(merchant, rival)
    [claim] = make.claim(make.ask(merchant_id=merchant), buyer_id=BUYER)
    assert claim.promoter_id == promoter
    assert [t["verdict"] for t in claim.facts["touches"]] == ["promoter_blocked", "won"]


def test_another_shop_still_works_with_the_promoter(promoter, merchant):
    make.touch(link_=make.link(promoter_id=promoter, merchant_id=merchant), buyer_id=BUYER)
    _block(make.bare_merchant(), promoter)
    [claim] = make.claim(make.ask(merchant_id=merchant), buyer_id=BUYER)
    assert claim.promoter_id == promoter


def test_a_binding_to_a_blocked_promoter_earns_nothing(promoter, merchant):

    link = make.link(promoter_id=promoter, merchant_id=merchant, product_id=3)
    make.touch(link_=link, buyer_id=BUYER, policy=BindingPolicy(BindingMode.LAST, 30))
    ask = {"buyer_id": BUYER, "binding": {merchant: BindingMode.LAST}}
    [bound] = make.claim(make.ask(merchant_id=merchant, product_id=4), **ask)
    _block(merchant, promoter)
    [claim] = make.claim(make.ask(merchant_id=merchant, product_id=4), **ask)
    assert bound.promoter_id == promoter
    assert (claim.promoter_id, claim.reason) == (None, Reason.PROMOTER_BLOCKED)


def test_lifted_it_earns_again_and_what_was_refused_stays_refused(promoter, merchant):
    make.touch(link_=make.link(promoter_id=promoter, merchant_id=merchant), buyer_id=BUYER)
    _block(merchant, promoter)
    refused_then = make.ask(merchant_id=merchant)
    make.claim(refused_then, buyer_id=BUYER)
    service.unblock_promoter(
        merchant_id=merchant, promoter_id=promoter, actor=OPERATOR_SHELL, now=NOON + timedelta(hours=2)
    )
    [claim] = make.claim(make.ask(merchant_id=merchant), buyer_id=BUYER, placed_at=NOON + 3 * HOUR)
    [stays] = make.claim(refused_then, buyer_id=BUYER, placed_at=NOON + 3 * HOUR)
    assert claim.promoter_id == promoter
    assert stays.reason is Reason.PROMOTER_BLOCKED
    [block] = queries.blocks_of(merchant_id=merchant)
    assert (block.promoter_id, block.reason, block.lifted_at) == (promoter, "刷单", NOON + 2 * HOUR)
    _block(merchant, promoter, now=NOON + 4 * HOUR)  # and may be blocked anew
    assert len(queries.blocks_of(merchant_id=merchant)) == 2


def test_no_new_material_is_made_for_a_shop_that_blocked(promoter, merchant):
    place = make.place(promoter_id=promoter)
    _block(merchant, promoter)
    ask = {"promoter_id": promoter, "pid": place.pid, "key": "m1", "now": NOON}
    with refused(BlockedByShop, "attribution_link", "idempotency"):
        service.make_links(targets=[Target(merchant_id=make.bare_merchant()), Target(merchant_id=merchant)], **ask)
    service.unblock_promoter(merchant_id=merchant, promoter_id=promoter, **{**WHO, "now": NOON})
    assert len(service.make_links(targets=[Target(merchant_id=merchant)], **ask)) == 1


def test_what_can_not_be_blocked_is_refused(promoter, merchant):
    seen = ("attribution_", "audit_")
    for reason in ("", "  ", "长" * 201):
        with refused(BlockReasonNeeded, *seen):
            service.block_promoter(merchant_id=merchant, promoter_id=promoter, reason=reason, **WHO)
    for wrong in ({"merchant_id": promoter}, {"promoter_id": merchant}):
        with refused(NotFound, *seen):
            service.block_promoter(**{"merchant_id": merchant, "promoter_id": promoter, "reason": "x", **wrong}, **WHO)
    with refused(NotBlocked, *seen):
        service.unblock_promoter(merchant_id=merchant, promoter_id=promoter, **WHO)
    with refused(NotFound, *seen):
        service.unblock_promoter(merchant_id=merchant, promoter_id=merchant, **WHO)
    _block(merchant, promoter)
    with refused(AlreadyBlocked, *seen):
        _block(merchant, promoter)
