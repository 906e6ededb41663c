"""The frame on a phone: everything fits, the navigation opens, closes and leads on."""

import re

import pytest
from playwright.sync_api import expect

from tests.make import parties as make_parties


@pytest.mark.parametrize("english", [False, True])
def test_the_frame_fits_a_phone_and_its_navigation_opens(as_person, english):
    party = make_parties.operator()
    person = as_person(party, english=english, width=390, height=844)
    page = person.go("help")
    assert page.locator(".top .brand").bounding_box()["width"] >= 28
    navigation = page.get_by_role("navigation", name="Main" if english else "主导航")
    expect(navigation).to_be_hidden()
    page.get_by_label("Open navigation" if english else "打开导航").click()
    expect(navigation).to_be_visible()
    person.check()
    page.keyboard.press("Escape")
    expect(navigation).to_be_hidden()
    page.get_by_label("My account" if english else "我的账户").click()
    page.get_by_role("link", name="Help" if english else "帮助").click()
    page.wait_for_url(re.compile("/help/"))
