"""Shares: material that was copied, downloaded or posted, counted once per key, of one's own material only."""

from datetime import timedelta

import pytest
from django.db import ProgrammingError

from tests.make import attribution as make
from tests.make.attribution import NOON
from tuike.attribution import service
from tuike.attribution.types import LinkNotFound, ShareKind, Surface
from tuike.db import rows
from tuike.kit.errors import Invalid


@pytest.fixture
def link(db):
    return make.link(promoter_id=make.bare_promoter(), merchant_id=make.bare_merchant(), product_id=7)


def share(link, **changes):
    told = {
        "promoter_id": link.promoter_id,
        "code": link.code,
        "kind": ShareKind.POSTER,
        "surface": Surface.PHONE,
        "key": "one",
        "now": NOON,
    }
    return service.record_share(**(told | changes))


def kept():
    return rows.query(
        "SELECT link_id, promoter_id, place_id, merchant_id, product_id, kind, surface, at FROM attribution_share"
        " ORDER BY id"
    )


def test_a_share_is_kept_with_who_where_and_what(link):
    assert share(link)
    row = (link.link_id, link.promoter_id, link.place_id, link.merchant_id, 7, "poster", "phone", NOON)
    assert kept() == [row]


def test_the_same_key_counts_once_and_the_first_time_holds(link):
    assert share(link)
    assert not share(link, now=NOON + timedelta(hours=1))
    assert share(link, key="two", kind=ShareKind.LINK)
    assert [row[5] for row in kept()] == ["poster", "link"]
    assert kept()[0][-1] == NOON


def test_each_promoter_has_keys_of_its_own(link):
    other = make.link(promoter_id=make.bare_promoter(name="别人"), merchant_id=link.merchant_id, product_id=7)
    assert share(link) and share(other)
    assert len(kept()) == 2


def test_material_of_another_is_refused(link):
    with pytest.raises(LinkNotFound):
        share(link, promoter_id=make.bare_promoter(name="别人"))
    with pytest.raises(LinkNotFound):
        share(link, code="nothing")
    assert kept() == []


@pytest.mark.parametrize("key", ["", "x" * 81, "a\nb"])
def test_a_key_that_is_none_is_refused(link, key):
    with pytest.raises(Invalid):
        share(link, key=key)
    assert kept() == []


def test_what_was_shared_stays(link):
    share(link)
    with pytest.raises(ProgrammingError, match="permission denied"):
        rows.run("DELETE FROM attribution_share")
