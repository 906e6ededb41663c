"""A touch with the shop's own binding policy, for a buyer at once and for a visitor at login."""

from datetime import timedelta

import pytest

from tests.make import attribution as make
from tuike.attribution.models import Binding, Touch
from tuike.attribution.types import LinkNotFound
from tuike.flows.merge_visitor import merge_visitor
from tuike.flows.record_touch import record_touch
from tuike.parties.models import Merchant

pytestmark = pytest.mark.usefixtures("db")
BUYER = 801


def _link(mode: str):
    merchant = make.bare_merchant()
    Merchant.objects.filter(pk=merchant).update(binding_mode=mode, binding_days=7)
    return make.link(promoter_id=make.bare_promoter(), merchant_id=merchant)


def test_a_buyers_touch_binds_as_the_shop_says():
    bound, free = _link("last"), _link("off")
    record_touch(ticket_or_code=bound.ticket, buyer_id=BUYER, now=make.NOON)
    record_touch(ticket_or_code=free.code, buyer_id=BUYER, now=make.NOON)
    binding = Binding.objects.get()
    assert (binding.promoter_id, binding.until) == (bound.promoter_id, make.NOON + timedelta(days=7))
    assert Touch.objects.count() == 2


def test_a_visitor_is_bound_at_login_from_the_touchs_own_time():
    bound, free = _link("first"), _link("off")
    for link in (bound, free):
        record_touch(ticket_or_code=link.ticket, visitor=make.VISITOR, now=make.NOON)
    assert Binding.objects.count() == 0
    assert merge_visitor(visitor=make.VISITOR, buyer_id=BUYER) == 2
    assert merge_visitor(visitor=make.VISITOR, buyer_id=BUYER) == 0
    binding = Binding.objects.get()
    assert (binding.buyer_id, binding.bound_at, binding.promoter_id) == (BUYER, make.NOON, bound.promoter_id)


def test_an_unknown_code_records_nothing():
    with pytest.raises(LinkNotFound):
        record_touch(ticket_or_code="nothinghere1", visitor=make.VISITOR, now=make.NOON)
    assert Touch.objects.count() == 0
