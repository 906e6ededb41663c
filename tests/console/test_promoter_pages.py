"""A promoter's places and orders: as the right person and as a wrong one, in both languages; a no changes nothing."""

import pytest

from tests.console.conftest import toast_of
from tests.make import alliance as make
from tests.make import attribution as make_attribution
from tests.make import figures as make_figures
from tests.make import parties as make_parties
from tuike.attribution import queries as attribution
from tuike.db import rows
from tuike.kit import clock
from tuike.parties.types import Role
from tuike.settings import service as settings


@pytest.fixture
def promoter(db):
    return make_parties.promoter()


def text(answer):
    return answer.content.decode()


def names(party):
    return sorted(one.name for one in attribution.places_of(promoter_id=party.id))


def test_places_are_listed_added_renamed_and_deleted(promoter, sit):
    one = sit(promoter)
    page = text(one.get("places"))
    assert "还没有推广位" in page
    assert "已用 0 / 100 个" in page
    form = text(one.get("place-add", htmx=True))
    assert 'name="key"' in form
    done = one.post("place-add", {"name": " 茶友群 "})
    assert (done.status_code, toast_of(done)) == (200, "推广位已新建")
    assert "list-changed" in done.headers["HX-Trigger"]
    place = attribution.places_of(promoter_id=promoter.id)[0]
    page = text(one.get("places"))
    assert "茶友群" in page
    assert f'data-copy="{place.pid}"' in page
    assert toast_of(one.post("place-rename", {"name": "公众号"}, pid=place.pid)) == "名称已修改"
    assert names(promoter) == ["公众号"]
    assert "不能恢复" in text(one.get("place-delete", pid=place.pid, htmx=True))
    assert toast_of(one.post("place-delete", pid=place.pid)) == "推广位已删除"
    assert names(promoter) == []


def test_places_show_what_came_by_each(db, sit):
    one = make.alliance()
    now = clock.now()
    make.touch(one, now=now - make.timedelta(hours=2))
    make.bought(one, now=now - make.timedelta(hours=1))
    make_figures.counted(now=now)
    row = text(sit(one.promoter).get("places")).split("<tbody>")[1]
    assert "¥59.90" in row
    assert "¥7.18" in row


def test_a_form_sent_twice_adds_one_place(promoter, sit):
    one = sit(promoter)
    for _ in range(2):
        assert one.post("place-add", {"name": "茶友群", "key": "same"}).status_code == 200
    assert names(promoter) == ["茶友群"]


@pytest.mark.parametrize(("name", "said"), [("", "1–20"), ("长" * 21, "1–20"), ("已有", "同名")])
def test_a_wrong_name_stands_beside_its_field(promoter, sit, name, said):
    make_attribution.place(promoter_id=promoter.id, name="已有")
    other = make_attribution.place(promoter_id=promoter.id, name="另一个")
    one = sit(promoter, Role.ADMIN)
    for answer in (
        one.post("place-add", {"name": name}),
        one.post("place-rename", {"name": name}, pid=other.pid),
    ):
        assert answer.status_code == 422
        assert said in text(answer)
        assert f'value="{name}"' in text(answer)
    assert names(promoter) == ["另一个", "已有"]


def test_the_limit_is_shown_and_holds(promoter, sit):
    from tuike.audit.types import OPERATOR_SHELL

    settings.change(name="places_per_promoter", value=1, actor=OPERATOR_SHELL, now=clock.now())
    one = sit(promoter, english=True)
    one.post("place-add", {"name": "One"})
    assert "1 of 1 used" in text(one.get("places"))
    answer = one.post("place-add", {"name": "Two"})
    assert answer.status_code == 422
    assert "You can have 1 places at most" in text(answer)


def test_another_promoters_place_is_not_there(promoter, sit):
    theirs = make_attribution.place(promoter_id=make_parties.promoter(name="别人").id, name="别人的")
    one = sit(promoter)
    assert "别人的" not in text(one.get("places"))
    for name in ("place-rename", "place-delete"):
        assert one.get(name, pid=theirs.pid).status_code == 404
        assert one.post(name, {"name": "抢来的"}, pid=theirs.pid).status_code == 404
    assert rows.query("SELECT name FROM attribution_place WHERE pid = %s", [theirs.pid]) == [("别人的",)]


@pytest.fixture
def sold(db):
    """An order of two lines by the promoter's touch, one line refunded; another promoter's order beside it."""
    one = make.alliance()
    make.touch(one)
    order = make.bought(one, pieces=(1, 2))
    make.received(order, now=make.NOON)
    make.refunded(order, (1, 1), now=make.NOON + make.timedelta(days=2))
    other = make.of(one, make_parties.promoter(name="别人", phone="13900000009"))
    make.touch(other, now=make.NOON + make.timedelta(hours=5))
    theirs = make.bought(other, now=make.NOON + make.timedelta(hours=6))
    return one, order, theirs


def test_orders_show_what_each_line_earns_and_nobody_elses(sold, sit):
    one, order, theirs = sold
    page = text(sit(one.promoter).get("orders"))
    assert order.no in page
    assert theirs.no not in page
    for shown in ("手绘青瓷盖碗", "青瓷小铺", "12%", "¥7.18", "¥14.37", "已取消：全额退款", "待结算", "青瓷朋友圈1"):
        assert shown in page
    upper = text(sit(one.recruiter).get("orders"))
    assert order.no in upper
    assert "青瓷朋友圈1" not in upper  # which place it was is the seller's own


def test_orders_are_filtered_by_all_that_is_shown(sold, sit):
    one, order, _ = sold
    desk = sit(one.promoter, english=True)
    hits = {
        "state": ("open", "settled"),
        "order_no": (order.no.lower(), "O1"),
        "paid_at_from": ("2026-03-02", "2026-03-03"),
        "paid_at_to": ("2026-03-02", "2026-03-01"),
        "product": ("青瓷", "茶壶"),
        "shop": ("青瓷", "别家"),
        "place": (attribution.places_of(promoter_id=one.promoter.id)[0].pid, None),
        "role": ("direct", "bonus"),
        "source": ("mini_store", "mini_program"),
        "detail": ("pending", "held"),
        "due_from": ("2026-03-01", "2027-01-01"),
        "paid_min": ("100", "200"),
        "final_min": ("10", "20"),
        "rate_min": ("12", "13"),
    }
    for key, (hit, miss) in hits.items():
        assert order.no in text(desk.get("orders", {key: hit})), key
        if miss:
            assert order.no not in text(desk.get("orders", {key: miss})).split('id="list"')[1], key
    assert desk.get("orders", {"place": "nosuchplace"}).status_code == 422
    assert "¥14.37" in text(desk.get("orders", {"part": "totals"}, htmx=True))


def test_a_row_is_explained_to_its_payee_only(sold, sit):
    one, order, theirs = sold
    desk = sit(one.promoter)
    ids = make.accruals(order)
    answer = desk.get("order", accrual_id=ids["direct"], htmx=True)
    assert answer.status_code == 200
    assert "怎么算的" in text(answer)
    assert "5990 × 12%" in text(answer)
    assert "与账面一致" in text(answer)
    for foreign in (make.accruals(theirs)["direct"], ids["tier2"], 10**15):
        assert desk.get("order", accrual_id=foreign, htmx=True).status_code == 404


def test_why_not_me_says_the_rule_and_nothing_of_others(sold, sit):
    one, order, theirs = sold
    desk = sit(one.promoter, english=True)
    shown = text(desk.get("why-not", {"q": theirs.no}, htmx=True))
    assert "later good touch" in shown
    assert "别人" not in shown
    assert "it is yours" in text(desk.get("why-not", {"q": order.no}, htmx=True))
    link = make.link(one)
    for asked in (link.code, f"http://127.0.0.1:8000/s/{link.code}"):
        shown = text(desk.get("why-not", {"q": asked}, htmx=True))
        assert order.no in shown
        assert "good until before" in shown or "expired at" in shown
    stranger = sit(make_parties.promoter(name="路人", phone="13900000010"))
    for asked in (order.no, link.code, "O999", "http://x/"):
        answer = stranger.get("why-not", {"q": asked}, htmx=True)
        assert answer.status_code == 422
        assert "没有找到" in text(answer)


def test_an_english_page_speaks_english(promoter, sit):
    one = sit(promoter, english=True)
    assert "Promotion places" in text(one.get("places"))
    assert "No orders yet" in text(one.get("orders"))
