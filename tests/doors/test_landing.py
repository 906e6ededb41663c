"""The page behind a short link."""

from datetime import timedelta

import pytest

from tests.make import attribution as make
from tests.make import catalog as make_catalog
from tuike.attribution import service
from tuike.attribution.models import Touch
from tuike.attribution.types import LinkDress, LinkFacts
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import service as catalog
from tuike.doors.web import visitor
from tuike.kit import clock

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def product(db) -> int:
    return make_catalog.product(title="手工竹编<灯>", subtitle="一盏好灯", price_fen=12900, pictures=("lamp.jpg",))


def _link(product_id: int | None, *, merchant_id: int | None = None, days: int = 0) -> LinkFacts:
    from tuike.catalog import queries

    merchant = merchant_id or queries.merchants_of([product_id])[product_id]
    return make.link(
        promoter_id=make.bare_promoter(),
        merchant_id=merchant,
        product_id=product_id,
        now=clock.now() - timedelta(days=days),
    )


def test_it_shows_the_product_hands_the_ticket_on_and_records_the_touch(client, product):
    link = _link(product)
    answer = client.get(f"/l/{link.code}", {"t": link.ticket})
    page = answer.content.decode()
    assert answer.status_code == 200
    for part in (
        "手工竹编&lt;灯&gt;",
        "一盏好灯",
        "¥129.00",
        "/media/lamp.jpg",
        f'content="{link.ticket}"',
        "好友推荐",
    ):
        assert part in page, part
    assert answer["Cache-Control"] == "private, no-store" and answer["Referrer-Policy"] == "no-referrer"
    mark = answer.cookies[visitor.COOKIE]
    assert mark["httponly"] and mark["samesite"] == "Lax" and mark["path"] == "/"
    touch = Touch.objects.get()
    assert (touch.link_id, touch.visitor, touch.buyer_id) == (link.link_id, mark.value, None)
    client.get(f"/l/{link.code}")
    assert Touch.objects.filter(visitor=mark.value).count() == 2
    assert visitor.COOKIE not in client.get(f"/l/{link.code}").cookies


def test_it_speaks_english_to_who_asks_for_it(client, product):
    link = _link(product)
    by_header = client.get(f"/l/{link.code}", headers={"accept-language": "en"}).content.decode()
    by_choice = client.get(f"/l/{link.code}", {"lang": "en"}).content.decode()
    assert "Recommended to you" in by_header and "Recommended to you" in by_choice and "好友推荐" not in by_choice


def test_the_button_leads_to_the_mini_program_where_wechat_gave_an_address(client, product):
    link = _link(product)
    assert "请在微信中打开小程序购买" in client.get(f"/l/{link.code}").content.decode()
    service.dress_links(dresses=[LinkDress(link_id=link.link_id, url_link="https://wxaurl.example/abc")])
    assert 'href="https://wxaurl.example/abc"' in client.get(f"/l/{link.code}").content.decode()


def test_an_expired_link_says_so_by_name_and_is_evidence(client, product):
    link = _link(product, days=40)
    answer = client.get(f"/l/{link.code}", {"t": link.ticket})
    page = answer.content.decode()
    assert answer.status_code == 410 and "推广链接已过期" in page and "link_expired" in page and "¥" not in page
    assert Touch.objects.get().link_id == link.link_id
    assert "has expired" in client.get(f"/l/{link.code}", {"lang": "en"}).content.decode()


def test_an_unknown_link_says_so_by_name(client):
    for code in ("nothinghere1", "x", "y" * 40, "a.b.c", "码", "%00"):
        answer = client.get(f"/l/{code}")
        assert answer.status_code == 404 and "link_unknown" in answer.content.decode(), code
    assert Touch.objects.count() == 0


def test_a_ticket_that_isnt_ours_changes_nothing(client, product):
    link, other = _link(product), _link(product)
    for ticket in ("forged.ticket", other.ticket, "x" * 5000):
        assert client.get(f"/l/{link.code}", {"t": ticket}).status_code == 200
    assert set(Touch.objects.values_list("link_id", flat=True)) == {link.link_id}


def test_a_product_off_sale_is_said_and_the_shops_others_are_shown(client, product):
    link = _link(product)
    make_catalog.product(merchant_id=link.merchant_id, title="另一件")
    catalog.take_off_sale(merchant_id=link.merchant_id, product_ids=[product], actor=OPERATOR_SHELL, now=clock.now())
    page = client.get(f"/l/{link.code}").content.decode()
    assert "商品已下架" in page and "另一件" in page and "手工竹编" not in page


def test_a_shops_link_shows_its_products_and_each_of_them(client, product):
    from tuike.catalog import queries

    merchant = queries.merchants_of([product])[product]
    link = _link(None, merchant_id=merchant)
    page = client.get(f"/l/{link.code}").content.decode()
    no = queries.product_facts([product])[product].product_no
    assert "手工竹编&lt;灯&gt;" in page and f"?p={no}&amp;t={link.ticket}" in page
    assert "¥129.00" in client.get(f"/l/{link.code}", {"p": no}).content.decode()
    foreign = make_catalog.product(title="别家的")
    foreign_no = queries.product_facts([foreign])[foreign].product_no
    assert "别家的" not in client.get(f"/l/{link.code}", {"p": foreign_no}).content.decode()


def test_head_is_no_touch_and_other_methods_are_refused(client, product):
    link = _link(product)
    assert client.head(f"/l/{link.code}").status_code == 200
    assert client.post(f"/l/{link.code}").status_code == 405
    assert Touch.objects.count() == 0
