"""The explorer of accruals with a real browser: filter, group, open, keep a view, choose columns, take a file."""

import os
import re

import pytest
from playwright.sync_api import Page, expect

from tests.make import explored
from tuike.insight.lists import accruals, listing


def shoot(page: Page, name: str) -> None:
    """Keep a picture where somebody wants to look at it."""
    if folder := os.environ.get("TUIKE_TEST_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize(("kind", "english", "width"), [("operator", True, 1440), ("promoter", False, 390)])
def test_somebody_slices_keeps_and_opens_commission(as_person, kind, english, width):
    story = explored.story()
    party = story.operator if kind == "operator" else story.one.promoter
    me = as_person(party, english=english, width=width)
    say = me.say
    page = me.go("explorer")
    count = listing.count(accruals.EVERY[kind], {"party": party.id}, {}, exact=True).n
    expect(page.locator("#list-totals")).to_contain_text(say(f"共 {count} 条", f"{count} rows"))
    shoot(page, f"explorer-{kind}-{width}")

    page.locator("#by-0").select_option("role")
    expect(page.locator("#list thead, #list tbody").first).to_be_visible()
    expect(page.locator("#list")).to_contain_text(say("其中已结算", "Of it settled"))
    page.locator("#by-1").select_option("state")
    expect(page).to_have_url(re.compile("by=role.*state"))
    me.check()
    shoot(page, f"explorer-groups-{kind}-{width}")

    page.locator("#list details.menu summary").click()
    page.get_by_role("link", name=say("保存为视图…", "Keep as a view…")).click()
    page.locator("#view-name").fill("By role")
    page.locator("#dialog").get_by_role("button", name=say("保存", "Save")).click()
    expect(page.locator("#list details.menu summary")).to_contain_text("By role")
    me.check()

    page.locator("#list a.open").first.click()
    expect(page.locator("#by-0")).to_have_value("")
    page.locator("#list a.open").first.click()
    expect(page.locator("#drawer")).to_contain_text(say("账本分录", "Entries in the ledger"))
    me.check()
    shoot(page, f"explorer-row-{kind}-{width}")
    page.keyboard.press("Escape")

    page.get_by_role("link", name=say("列", "Columns"), exact=True).click()
    page.locator("#dialog").get_by_label(say("佣金层级", "Plan layer")).check()
    me.check()
    page.locator("#dialog").get_by_role("button", name=say("保存", "Save")).click()
    expect(page.locator("#list")).to_contain_text(say("佣金层级", "Plan layer"))
    me.check()
