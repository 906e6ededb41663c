"""An endpoint with a real browser, a real receiver and the running worker: added, tested, told, mended, sent again."""

import base64
import hashlib
import hmac

import pytest
from playwright.sync_api import expect

from tests.make import parties as make_parties
from tests.make import webhooks as make
from tests.waiting import until
from tuike.db import rows
from tuike.kit import clock
from tuike.webhooks import queries


def signed(heard, secret):
    """Return whether a call carries this secret's signature."""
    key = base64.b64decode(secret.removeprefix("whsec_"))
    text = f"{heard.id}.{heard.headers['Webhook-Timestamp']}.".encode() + heard.body
    made = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    return f"v1,{made}" in heard.headers["Webhook-Signature"].split(" ")


def opened(boss):
    """Open the endpoint's drawer and return it."""
    boss.go("webhooks", check=False).get_by_role("link", name="Orders").click()
    drawer = boss.page.locator("#drawer")
    expect(drawer).to_contain_text("order.paid")
    boss.settle()
    return drawer


def add(boss, url):
    """Add an endpoint, first with a wrong address, which is said beside its field; return the secret, shown once."""
    page = boss.go("webhooks")
    dialog = page.locator("#dialog")
    page.get_by_role("button", name=boss.say("添加接收地址", "Add an endpoint")).click()
    dialog.locator("#hook-name").fill("Orders")
    dialog.locator("#hook-url").fill("ftp://shop.example.com/")
    boss.check()
    with boss.expecting(422):
        dialog.locator(".btn.pri").click()
        expect(dialog.locator(".err")).to_contain_text("https://")
    boss.check()
    dialog.locator("#hook-url").fill(url)
    dialog.locator(".btn.pri").click()
    secret = dialog.locator("#hook-secret").input_value()
    boss.check()
    dialog.locator(".btn.pri").click()
    expect(page.locator("#list")).to_contain_text("Orders")
    assert secret not in page.content()
    return secret


def replace(boss):
    """Replace the secret and return the new one, shown once."""
    opened(boss).get_by_role("button", name=boss.say("更换密钥", "Replace the secret")).click()
    boss.check()
    boss.page.locator("#dialog .btn.pri").click()
    return boss.page.locator("#dialog #hook-secret").input_value()


def send_again(boss):
    """Look at a delivery that failed first, and send it once more."""
    page = boss.go("webhook-deliveries", "?state=delivered&q=O1")
    page.locator("#list a.open").first.click()
    drawer = page.locator("#drawer")
    expect(drawer).to_contain_text("503")
    expect(drawer.locator("pre").first).to_contain_text('"object": "O1"')
    boss.check()
    drawer.get_by_role("button", name=boss.say("重新投递", "Redeliver")).click()
    page.locator("#confirm [value=yes]").click()
    expect(page.locator(".toast").last).to_contain_text(boss.say("将立即重新投递", "sent again now"))


def delete(boss):
    """Read what deleting means, and delete."""
    opened(boss).get_by_role("button", name=boss.say("删除", "Delete")).click()
    dialog = boss.page.locator("#dialog")
    expect(dialog).to_contain_text(boss.say("不能恢复", "can't be undone"))
    boss.check()
    dialog.locator(".btn.danger").click()
    expect(boss.page.locator("#list")).to_contain_text(boss.say("还没有接收地址", "No endpoint yet"))
    boss.check()


@pytest.mark.parametrize(("make_party", "english", "width"), [("merchant", False, 1440), ("promoter", True, 390)])
def test_an_endpoint_from_its_first_test_to_a_redelivery(living, as_person, make_party, english, width):
    party = getattr(make_parties, make_party)(name="Celadon")
    boss = as_person(party, english=english, width=width)
    with make.receiver() as receiver:
        heard = receiver.heard
        secret = add(boss, receiver.url)
        opened(boss).get_by_role("button", name=boss.say("发送测试", "Send a test")).click()
        expect(boss.page.locator("#dialog")).to_contain_text(boss.say("测试已送达", "The test got through"))
        boss.check()
        assert [(call.said["type"], signed(call, secret)) for call in heard] == [("endpoint.test", True)]
        fresh = replace(boss)
        # The worker tells; the receiver is busy at first, and hears it again by itself.
        receiver.answer = lambda _: 503 if len(heard) < 3 else 200
        living.worker()
        make.told(party, no="O1", now=clock.now())
        delivered = "SELECT 1 FROM webhooks_delivery WHERE state = 'delivered' AND tries > 1"
        until(lambda: rows.query(delivered), what="the second try", seconds=150)
        assert (signed(heard[1], secret), signed(heard[1], fresh)) == (True, True)
        assert (heard[1].id, heard[1].body) == (heard[2].id, heard[2].body)
        send_again(boss)
        until(lambda: len(heard) > 3, what="the redelivery", seconds=150)
        assert heard[3].id == heard[1].id
        delete(boss)
    assert queries.endpoints_of(party.id) == []
