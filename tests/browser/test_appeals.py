"""Held commission is appealed by its promoter and answered at the desk, with the evidence before one's eyes."""

import os
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make.appeals import picture, review, traced
from tuike.appeals import queries
from tuike.appeals.types import AppealState
from tuike.commission import queries as accruals
from tuike.kit import clock
from tuike.parties.types import Role

MANNERS = pytest.mark.parametrize(
    ("english", "width", "dark"), [(False, 1440, False), (True, 390, False), (True, 1440, True)]
)


def _picture(person, name: str) -> None:
    """Keep a picture of a page where a folder for them is named."""
    if folder := os.environ.get("TUIKE_TEST_PICTURES"):
        width = person.page.viewport_size["width"]
        said = f"{name}-{width}-{'en' if person.english else 'zh'}"
        person.page.screenshot(path=f"{folder}/{said}.png", full_page=True)


def _held():
    """Return an alliance and the held direct accrual of an order, whose buyer shares an address with another one."""
    one, at = make.alliance(), clock.now() - timedelta(hours=3)
    make.touch(one, leader=True, now=at)
    order = make.bought(one, now=at + timedelta(seconds=4))
    accrual = make.accruals(order)["direct"]
    review("hold", accrual, now=clock.now() - timedelta(hours=2))
    for number, buyer in enumerate((one.buyer_id, 900_001, 900_002, 900_003)):
        traced(one, order, buyer, b"same" if number < 3 else b"", no=f"X{number}" if number else "")
    return one, order, accrual


def _filed(mine) -> None:
    """Appeal against the only order's hold, with a picture, and look at the appeal."""
    page = mine.go("orders")
    page.locator("#list a.open").first.click()
    page.locator("#drawer").get_by_role("button", name=mine.say("申诉", "Appeal"), exact=True).click()
    page.locator("#dialog textarea").fill("买家是我的老客户，聊天记录见图")
    name, raw = picture()
    page.locator("#dialog input[type=file]").set_input_files([{"name": name, "mimeType": "image/png", "buffer": raw}])
    mine.check()
    _picture(mine, "appeal-new")
    page.locator("#dialog .btn.pri").click()
    expect(page.locator(".toast")).to_contain_text(mine.say("已提交", "is filed"))
    page = mine.go("appeals")
    page.locator("#list a.open").first.click()
    expect(page.locator("#drawer")).to_contain_text(mine.say("时限内", "In time"))
    mine.check()
    _picture(mine, "appeal-own")


def _evidence(who, accrual: int) -> list[str]:
    """Open the evidence and return the names of what is drawn."""
    page = who.go("evidence", accrual_id=accrual)
    expect(page.locator(".related canvas").first).to_be_visible()
    return page.evaluate(_NODES)


@MANNERS
def test_an_appeal_is_filed_weighed_and_accepted(living, as_person, english, width, dark):
    one, order, accrual = _held()
    manner = {"english": english, "width": width, "height": 844 if width == 390 else 900, "dark": dark}
    mine = as_person(one.promoter, **manner)
    _filed(mine)
    who = as_person(make_parties.operator(), Role.OPERATOR, **manner)
    page = who.go("appeals")
    page.locator("#list a.open").first.click()
    page.locator("#drawer").get_by_role("button", name=who.say("查看图片", "Show the pictures")).click()
    expect(page.locator("#drawer .documents img")).to_be_visible()
    who.check()
    _picture(who, "appeal-desk")
    nodes = _evidence(who, accrual)
    assert who.say("买家 2", "Buyer 2") in nodes
    _picture(who, "evidence")
    page.locator("summary").first.click()
    expect(page.locator("details table")).to_contain_text(who.say("同一收货地址", "one address"))
    page.get_by_role("button", name=who.say("添加备注", "Add a note")).click()
    page.locator("#dialog textarea").fill("已电话核实，属实")
    page.locator("#dialog .btn.pri").click()
    expect(page.locator("#evidence")).to_contain_text("已电话核实，属实")
    who.check()
    traced(one, order, 900_004, b"same", no="X4")
    assert len(_evidence(who, accrual)) == len(nodes) + 1, "the drawing follows the data"
    page = who.go("appeals")
    page.locator("#list a.open").first.click()
    page.locator("#drawer").get_by_role("button", name=who.say("通过并放行", "Accept and release")).click()
    page.locator("#dialog textarea").fill("凭证属实")
    page.locator("#dialog .btn.pri").click()
    expect(page.locator(".toast")).to_contain_text(who.say("已答复", "is answered"))
    assert queries.of_accrual(accrual)[0].state is AppealState.ACCEPTED
    assert accruals.reviewed([accrual])[accrual].review == "approved"
    expect(mine.go("bell").locator("main")).to_contain_text("凭证属实")
    watcher = as_person(make_parties.operator(), Role.AUDITOR, **manner)
    page = watcher.go("evidence", accrual_id=accrual)
    expect(page.get_by_role("button", name=watcher.say("添加备注", "Add a note"))).to_have_count(0)
    watcher.go("held")
    _picture(watcher, "held")


_NODES = """
() => echarts.getInstanceByDom(document.querySelector(".related")).getOption().series[0].data.map((one) => one.name)
"""
