"""Functions of the mall that a shop switches."""

from tests.make import parties as make
from tuike.audit.types import SYSTEM
from tuike.kit import clock
from tuike.parties import queries as parties
from tuike.parties.types import MallFunction, Role
from tuike.settings import service as settings


def _on(shop):
    return parties.merchant_facts([shop.id])[shop.id].functions


def test_a_shop_switches_a_function_on_and_off(sit):
    shop = make.merchant()
    boss = sit(shop)
    page = boss.get("functions").content.decode()
    assert "砍价" in page and "开启" in page
    assert boss.post("function-switch", {"on": "1"}, function="bargains").headers["HX-Redirect"] == boss.url(
        "functions"
    )
    assert MallFunction.BARGAINS in _on(shop)
    assert "确定关闭" in boss.get("functions").content.decode()
    boss.post("function-switch", {"on": "0"}, function="bargains")
    assert MallFunction.BARGAINS not in _on(shop)
    assert boss.post("function-switch", {"on": "1"}, function="unheard-of").status_code == 404


def test_who_only_looks_has_no_switch(sit):
    shop = make.merchant()
    finance = sit(shop, Role.FINANCE, english=True)
    page = finance.get("functions").content.decode()
    assert "Bargains" in page and "Switch on" not in page
    before = _on(shop)
    assert finance.post("function-switch", {"on": "1"}, function="bargains").status_code == 403
    assert _on(shop) == before


def test_what_the_operator_has_off_says_so(sit):
    settings.change(name="mall_bargains", value=0, actor=SYSTEM, now=clock.now())
    assert "平台已关闭" in sit(make.merchant()).get("functions").content.decode()
