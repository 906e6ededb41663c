"""Material shared on the phone and by a promoter's software: kept once per key, of one's own material only."""

import pytest

from tests.doors.test_storefront import nothing_changes, refused
from tests.make import alliance as make
from tests.make import parties as make_parties
from tuike.db import rows

pytestmark = pytest.mark.usefixtures("db")


def kept():
    return rows.query("SELECT kind, surface, key FROM attribution_share ORDER BY id")


def test_a_share_on_the_phone_is_kept_once_by_its_key(caller):
    one = make.alliance()
    code = make.link(one).code
    promoter = caller(make_parties.super_admin_of(one.promoter).person_id)
    for _ in range(2):
        answer = promoter.post(f"/promoter/materials/{code}/shares", {"kind": "share_card"}, key="posted")
        assert answer.status_code == 204, answer.content
    assert promoter.post(f"/promoter/materials/{code}/shares", {"kind": "link"}, key="copied").status_code == 204
    assert kept() == [("share_card", "phone", "posted"), ("link", "phone", "copied")]


def test_what_is_no_share_is_refused(caller):
    one = make.alliance()
    code = make.link(one).code
    promoter = caller(make_parties.super_admin_of(one.promoter).person_id)
    other = caller(make_parties.super_admin_of(make_parties.promoter(phone="13900000079")).person_id)
    with nothing_changes():
        refused(other.post(f"/promoter/materials/{code}/shares", {"kind": "link"}), 404, "link_not_found")
        refused(promoter.post("/promoter/materials/nothing/shares", {"kind": "link"}), 404, "link_not_found")
        assert promoter.post(f"/promoter/materials/{code}/shares", {"kind": "dance"}).status_code == 422
    assert kept() == []
