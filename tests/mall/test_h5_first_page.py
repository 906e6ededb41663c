"""The home asks for what it shows before its program is read, once, as whoever holds the phone."""

import json
from collections import Counter
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Request, Route, expect

from tests import chromium

pytestmark = [*chromium.MARKS, pytest.mark.slow, pytest.mark.xdist_group("browser")]
EARLY = {"/api/storefront/home", "/api/storefront/products", "/api/storefront/config"}


def _asked(phone) -> list[Request]:
    found: list[Request] = []
    phone.page.on("request", lambda one: found.append(one) if urlsplit(one.url).path in EARLY else None)
    return found


def test_the_home_asks_once_and_before_its_program_is_read(phone, mall_runs):
    page, asked = phone.page, _asked(phone)
    program: list[int] = []

    def hold(route: Route) -> None:  # the program comes only after the questions
        page.wait_for_timeout(500)
        program.append(len(asked))
        route.continue_()

    page.route("**/assets/index-*.js", hold)
    page.goto(f"{mall_runs.base}/m/")
    expect(page.locator(".grid .product")).to_have_count(1)
    assert program == [3], "asked before the program came"
    assert Counter(urlsplit(one.url).path for one in asked) == dict.fromkeys(EARLY, 1)
    assert {one.headers["accept-language"] for one in asked} == {phone.say("zh-CN", "en")}
    assert not any("authorization" in one.headers for one in asked)


def test_a_member_with_a_chosen_language_is_answered_in_it_and_asks_once(phone, mall_runs):
    page, session = phone.page, mall_runs.session(mall_runs.one.buyer_id)
    page.goto(f"{mall_runs.base}/m/pages/me/me")
    other = phone.say("en", "zh")
    held = json.dumps({"type": "object", "data": session})
    for name, value in {"language": other, "session": held}.items():
        page.evaluate("([name, value]) => localStorage.setItem(name, value)", [name, value])
    asked = _asked(phone)
    page.goto(f"{mall_runs.base}/m/")
    expect(page.locator(".grid .product")).to_have_count(1)
    assert Counter(urlsplit(one.url).path for one in asked) == dict.fromkeys(EARLY, 1)
    assert {one.headers["accept-language"] for one in asked} == {{"en": "en", "zh": "zh-CN"}[other]}
    assert {one.headers.get("authorization") for one in asked} == {f"Bearer {session['token']}"}


def test_what_was_asked_early_and_never_answered_is_asked_again(phone, mall_runs):
    page, asked = phone.page, _asked(phone)

    def lose(route: Route) -> None:
        if route.request.resource_type == "fetch":
            route.abort()
        else:
            route.continue_()

    page.route("**/api/storefront/**", lose)
    page.goto(f"{mall_runs.base}/m/")
    expect(page.locator(".grid .product")).to_have_count(1)
    assert Counter(urlsplit(one.url).path for one in asked) == dict.fromkeys(EARLY, 2)
    phone.problems.clear()  # the three that were lost


def test_pages_other_than_the_home_ask_for_nothing_early(phone, mall_runs):
    asked = _asked(phone)
    phone.page.goto(f"{mall_runs.base}/m/pages/cart/cart")
    expect(phone.page.locator("uni-page-body")).to_be_visible()
    assert not [one for one in asked if one.resource_type == "fetch"]
