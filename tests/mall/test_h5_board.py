"""The board in a phone's browser against the running product, in both languages."""

from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests import chromium
from tests.mall.phones import fits, keep, tap
from tuike.db import rows

pytestmark = [*chromium.MARKS, pytest.mark.slow, pytest.mark.xdist_group("browser")]


def test_a_post_with_a_picture_waits_for_the_review(phone, mall_runs, tmp_path: Path):
    page, say, base = phone.page, phone.say, mall_runs.base
    page.goto(f"{base}/m/board/list/list")
    expect(page.get_by_text(say("还没有信息", "Nothing here yet"))).to_be_visible()
    keep(phone, "session", mall_runs.session(mall_runs.one.buyer_id))
    page.goto(f"{base}/m/board/write/write")
    page.locator(".pick").click()
    page.locator(".uni-picker-action-confirm").click()
    page.locator("input").nth(0).fill("供应手工皂")
    page.locator("textarea").fill("一批手工皂\n量大从优")
    picture = tmp_path / "soap.png"
    Image.new("RGB", (300, 200), "olive").save(picture)
    with page.expect_file_chooser() as chooser:
        page.locator(".add").click()
    chooser.value.set_files(picture)
    page.locator(".cell .drop").wait_for()
    fits(page)
    page.locator(".bar").get_by_text(say("发布", "Post"), exact=True).click()
    page.wait_for_url("**/m/board/mine/mine")
    expect(page.get_by_text(say("审核中", "Being looked at"))).to_be_visible()
    fits(page)
    assert rows.query("SELECT title, text, state, cardinality(pictures) FROM content_post") == [
        ("供应手工皂", "一批手工皂\n量大从优", "pending", 1)
    ]


def test_a_code_that_leads_nowhere_is_said_kindly(phone, mall_runs):
    phone.expected.add(404)
    phone.page.goto(f"{mall_runs.base}/m/pages/product/product?c=zzzzzzzzzz")
    expect(phone.page.get_by_text(phone.say("链接已失效", "This link leads nowhere any more"))).to_be_visible()
    tap(phone.page, phone.say("去商城逛逛", "To the mall"))
    phone.page.wait_for_url(f"{mall_runs.base}/m/**")
