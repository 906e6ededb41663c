"""The AppID of a shop's own mini-program: shown, changed by its super administrator, one shop's alone."""

import json

import pytest

from tests.console.unchanged import CHINESE, unchanged, words_of
from tests.make import parties as make
from tuike.db import rows
from tuike.parties.queries import merchant_facts
from tuike.parties.types import Role, Source

OLD, NEW = "wx0123456789abcdef", "wxfedcba9876543210"
SEEN = ("parties_", "idempotency")


@pytest.fixture
def shop(db):
    return make.merchant(source=Source.MINI_PROGRAM, appid=OLD)


def named(shop) -> str:
    return merchant_facts([shop.id])[shop.id].appid


def text(answer) -> str:
    return answer.content.decode()


def test_it_is_shown_changed_and_recorded(shop, sit):
    owner = sit(shop)
    page = text(owner.get("alliance"))
    assert OLD in page and owner.url("alliance-appid") in page
    assert OLD in text(owner.get("alliance-appid", htmx=True))
    answer = owner.post("alliance-appid", {"appid": f" {NEW} "})
    assert answer.headers["HX-Redirect"] == owner.url("alliance")
    assert named(shop) == NEW
    assert NEW in text(owner.get("alliance")) and NEW in text(owner.get("account"))
    [(object_, person, facts)] = rows.query(
        "SELECT object, person_id, facts::text FROM audit_act WHERE action = 'merchant.set_appid'"
    )
    assert (object_, person, json.loads(facts)) == (shop.no, owner.person_id, {"from": OLD, "to": NEW})


def test_the_same_one_again_changes_nothing(shop, sit):
    owner = sit(shop)
    with unchanged(*SEEN):
        assert owner.post("alliance-appid", {"appid": OLD}).status_code == 200


@pytest.mark.parametrize("typed", ["", "wx", NEW[:-1], NEW + "0", NEW.upper(), "wxg123456789abcde", "gh_0123"])
def test_what_is_none_is_refused_beside_the_field_and_nothing_changes(shop, sit, typed):
    owner = sit(shop)
    with unchanged(*SEEN):
        answer = owner.post("alliance-appid", {"appid": typed})
    assert answer.status_code == 422 and "不是有效的小程序 AppID" in text(answer)
    assert named(shop) == OLD


@pytest.mark.parametrize(("english", "said"), [(False, "该小程序 AppID 已被其他商家使用"), (True, "Another shop uses")])
def test_another_shops_is_refused_by_name_and_nothing_changes(shop, sit, english, said):
    make.merchant(source=Source.MINI_PROGRAM, appid=NEW)
    owner = sit(shop, english=english)
    with unchanged(*SEEN):
        answer = owner.post("alliance-appid", {"appid": NEW})
    assert answer.status_code == 422 and said in text(answer)
    assert named(shop) == OLD


def test_a_shop_is_not_opened_with_another_shops(shop, sit):
    person = sit(None)
    asked = {"name": "小满茶铺", "source": "mini_program", "subject": "enterprise", "appid": OLD}
    with unchanged(*SEEN):
        answer = person.post("/account/open/merchant", asked, htmx=False)
    assert answer.status_code == 422 and "该小程序 AppID 已被其他商家使用" in text(answer)


def test_a_mall_shop_has_none_and_administrators_only_read_it(shop, sit):
    mall = sit(make.merchant())
    with unchanged(*SEEN):
        assert mall.get("alliance-appid", htmx=True).status_code == 404
        assert mall.post("alliance-appid", {"appid": NEW}).status_code == 404
    admin = sit(shop, Role.ADMIN)
    with unchanged(*SEEN):
        assert admin.post("alliance-appid", {"appid": NEW}).status_code == 403
    page = text(admin.get("alliance"))
    assert OLD in page and admin.url("alliance-appid") not in page


def test_the_dialog_speaks_english(shop, sit):
    answer = sit(shop, english=True).get("alliance-appid", htmx=True)
    assert answer.status_code == 200 and not CHINESE.search(words_of(answer))
