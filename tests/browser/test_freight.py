"""A freight template is made in a browser: a row of regions by keyboard, and what sending something would cost."""

import re

from playwright.sync_api import expect

from tests.browser.test_merchant import BOTH, one  # noqa: F401 a fixture
from tuike.catalog import queries as catalog
from tuike.freight import queries as freight
from tuike.parties.types import Role


@BOTH
def test_a_template_with_regions_and_what_it_costs(one, as_person, english, width):  # noqa: F811
    me = as_person(one.shop, Role.ADMIN, english=english, width=width)
    page = me.go("freight-new")
    page.fill("#name", "East")
    page.locator("[name=first]").first.fill("8")
    page.get_by_role("button", name=me.say("添加指定地区", "Add a row of regions")).click()
    expect(page.locator("#freight-rows tr")).to_have_count(2)
    page.locator("#freight-rows tr").nth(1).get_by_role("button").first.click()
    shanghai = page.locator("#dialog input[value='310000']")
    shanghai.focus()
    page.keyboard.press("Space")
    page.locator("#dialog .dacts .btn.pri").click()
    expect(page.locator("#freight-rows tr").nth(1)).to_contain_text("上海市")
    page.locator("[name=first]").nth(1).fill("5")
    me.check()
    page.locator("form .acts .btn.pri").last.click()
    expect(page.locator("table.t")).to_contain_text("East")
    assert freight.templates_of(one.shop.id)[0].terms.rows[1].regions == ("310000",)
    page.fill("#product", catalog.product_facts([one.product_id])[one.product_id].product_no)
    page.select_option("#province", "310000")
    expect(page.locator("#city")).to_be_visible()
    expect(page.locator("#freight-city")).not_to_have_class(re.compile("htmx-"))  # htmx has taken up what came
    page.select_option("#city", "310100")
    expect(page.locator("#district")).to_be_visible()
    page.locator("form .acts .btn.pri").last.click()
    expect(page.locator("#freight-preview")).to_contain_text("¥5.00")
    me.check()
