"""Integration with a real browser: a token made, used and revoked; the call found in the log; the limits' chart."""

import pytest
from playwright.sync_api import expect

from tests.doors.product import call
from tests.make import parties as make_parties
from tests.waiting import until
from tuike.apps import queries
from tuike.db import rows


def make_token(me):
    """Make a token, first without any scope, which is said beside the choices; return it, shown once."""
    page = me.go("credentials")
    page.get_by_role("button", name=me.say("新建令牌", "Make a token")).click()
    dialog = page.locator("#dialog")
    dialog.locator("#token-name").fill("Order sync")
    dialog.locator("[value='party:read']").uncheck()
    me.check()
    with me.expecting(422):
        dialog.locator(".btn.pri").click()
        expect(dialog.locator(".err")).to_contain_text(me.say("至少选择一项", "at least one"))
    me.check()
    dialog.locator("[value='party:read']").check()
    dialog.locator(".btn.pri").click()
    token = dialog.locator("#token-plain").input_value()
    me.check()
    dialog.locator(".btn.pri").click()
    expect(page.locator("#list")).to_contain_text("Order sync")
    assert token not in page.content()
    return token


def revoke(me):
    """Read the token's scopes, and end it."""
    page = me.go("credentials", check=False)
    page.locator("#list a.open").first.click()
    drawer = page.locator("#drawer")
    expect(drawer).to_contain_text("party:read")
    me.check()
    drawer.get_by_role("button", name=me.say("撤销", "Revoke")).click()
    page.locator("#confirm [value=yes]").click()
    expect(page.locator("#list")).to_contain_text(me.say("已撤销", "Revoked"))
    me.check()


@pytest.mark.parametrize(("make_party", "english", "width"), [("merchant", False, 1440), ("promoter", True, 390)])
def test_a_token_from_its_making_to_its_end(living, as_person, make_party, english, width):
    party = getattr(make_parties, make_party)(name="Celadon")
    me = as_person(party, english=english, width=width)
    token = make_token(me)
    headers = {"Authorization": f"Bearer {token}"}
    assert call("GET", f"{living.base}/api/v1/party", headers=headers).json()["no"] == party.no
    assert call("GET", f"{living.base}/api/v1/{make_party}/funds", headers=headers).status == 403
    until(lambda: rows.query("SELECT 1 FROM apps_call WHERE code = 'scope_missing'"), what="the log to be written")

    page = me.go("calls", "?class=refused")
    page.locator("#list a.open").first.click()
    drawer = page.locator("#drawer")
    expect(drawer).to_contain_text("scope_missing")
    expect(drawer).to_contain_text(token[-4:])
    me.check()

    page = me.go("limits")
    expect(page.locator(".kpis")).to_contain_text("3,000")
    expect(page.locator(".chart canvas, .chart svg").first).to_be_visible()
    me.check()

    revoke(me)
    assert call("GET", f"{living.base}/api/v1/party", headers=headers).status == 401
    assert queries.tokens_of(party.id)[0].revoked_at is not None
