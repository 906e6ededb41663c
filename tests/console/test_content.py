"""Pages of blocks, reviews, moderation and words in the consoles."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from tests.console.conftest import toast_of
from tests.make import catalog as make_catalog
from tests.make import content as make
from tests.make import parties as make_parties
from tests.make import people as make_people
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries as catalog
from tuike.content import queries, service
from tuike.content.types import Banners, CouponStrip, Notice, Picks, ReviewTotals, Seen
from tuike.db import rows
from tuike.parties.types import Role

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return make_parties.merchant(name="青瓷小铺")


@pytest.fixture
def desk(sit):
    return sit(make_parties.operator(), Role.OPERATOR)


def text(answer):
    return answer.content.decode()


def stood(seat):
    return re.search(r'data-stood="(\w+)"', text(seat.get("mall-page")))[1]


def test_a_shop_answers_and_asks_to_hide(sit, shop):
    seat = sit(shop)
    assert "还没有评价" in text(seat.get("reviews"))
    no = make.review(line_=make.line(merchant_id=shop.id), score=2, text="杯口有瑕疵")
    others = make.review(text="别家的")
    page = text(seat.get("reviews"))
    assert "杯口有瑕疵" in page
    assert "别家的" not in page
    assert seat.get("review-answer", no=others, htmx=True).status_code == 404
    assert "杯口有瑕疵" in text(seat.get("review-answer", no=no, htmx=True))
    assert seat.post("review-answer", {"text": " "}, no=no).status_code == 422
    assert toast_of(seat.post("review-answer", {"text": "马上补发"}, no=no)) == "已回复"
    assert seat.post("review-answer", {"text": "再说"}, no=no).status_code == 422
    assert queries.review_for_desk(no=no).answer == "马上补发"
    assert toast_of(seat.post("review-hide", {"text": "不实"}, no=no)) == "已提交平台"
    assert "不实" in text(seat.get("reviews", {"queue": "to_hide"}))


def test_the_operator_passes_and_rejects_many_at_once(desk):
    service.change_blocked_words(words=["坏词"], actor=OPERATOR_SHELL, now=make.NOON)
    first, second, third = (make.review(text=f"坏词{n}") for n in range(3))
    assert "坏词1" in text(desk.get("moderation"))
    done = desk.post("moderation-decide", {"nos": [first, second], "verdict": "pass"}, what="reviews")
    assert toast_of(done) == "已处理 2 条"
    assert [queries.review_for_desk(no=no).state for no in (first, second)] == [Seen.SHOWN, Seen.SHOWN]
    assert 'name="reason"' in text(desk.get("moderation-decide", {"nos": third}, what="reviews", htmx=True))
    refused = desk.post("moderation-decide", {"nos": third, "verdict": "reject"}, what="reviews")
    assert refused.status_code == 422
    assert queries.review_for_desk(no=third).state is Seen.PENDING
    desk.post("moderation-decide", {"nos": third, "verdict": "reject", "reason": "广告"}, what="reviews")
    assert queries.review_for_desk(no=third).state is Seen.REJECTED
    assert "没有内容" in text(desk.get("moderation"))


def test_hiding_posts_and_reports_are_decided(desk, shop):
    line = make.line(merchant_id=shop.id)
    no = make.review(line_=line, score=1, text="差")
    actor = make_parties.super_admin_of(shop)
    service.ask_to_hide(merchant_id=shop.id, no=no, reason="不实", actor=actor, now=make.NOON)
    assert "不实" in text(desk.get("moderation", {"tab": "to_hide"}))
    desk.post("moderation-decide", {"nos": no, "verdict": "reject", "reason": "核实不符"}, what="hiding")
    assert queries.totals_of(line.product_id) == ReviewTotals(0, 0)
    post = make.post(now=desk_now())
    assert "供应龙井茶叶" in text(desk.get("moderation", {"tab": "posts"}))
    desk.post("moderation-decide", {"nos": post, "verdict": "pass"}, what="posts")
    assert "供应龙井茶叶" in text(desk.get("moderation", {"tab": "board"}))
    service.complain(person_id=make_people.person().id, post_no=post, reason="虚假货源", now=desk_now())
    assert "虚假货源" in text(desk.get("moderation", {"tab": "complaints"}))
    [complaint] = queries.complaints_waiting()
    desk.post("moderation-decide", {"nos": complaint.id, "verdict": "reject", "reason": "属实"}, what="complaints")
    assert rows.query("SELECT state FROM content_post") == [("hidden",)]


def desk_now():
    from tuike.kit import clock

    return clock.now()


def test_words_are_kept(desk):
    desk.post("words", {"list": "hot", "words": "茶叶\n咖啡"})
    desk.post("words", {"list": "blocked", "words": "加微信，返现"})
    assert queries.hot_words() == ["茶叶", "咖啡"]
    assert queries.blocked_words() == sorted(["加微信", "返现"])
    assert "咖啡" in text(desk.get("words"))
    assert desk.post("words", {"list": "hot", "words": "字" * 21}).status_code == 422


def test_a_shops_page_is_put_together_ordered_and_published(sit, shop):
    seat = sit(shop)
    product = make_catalog.product(merchant_id=shop.id, title="盖碗")
    no = catalog.product_facts([product])[product].product_no
    for place in (2, 1, 0):
        seat.post("mall-page-remove", {"stood": stood(seat)}, place=place)
    for kind, typed in (
        ("notice", {"text": "欢迎"}),
        ("picks", {"title": "推荐", "numbers": no}),
        ("coupons", {}),
    ):
        place = len(queries.page_of(merchant_id=shop.id).draft)
        assert seat.get("mall-page-block", {"kind": kind}, place=place, htmx=True).status_code == 200
        done = seat.post("mall-page-block", {"kind": kind, "stood": stood(seat), **typed}, place=place)
        assert toast_of(done) == "已存为草稿"
    draft = queries.page_of(merchant_id=shop.id).draft[-3:]
    assert draft == (Notice("欢迎"), Picks("推荐", "", (no,)), CouponStrip())
    first = len(queries.page_of(merchant_id=shop.id).draft) - 3
    seat.post("mall-page-move", {"way": "down", "stood": stood(seat)}, place=first)
    seat.post("mall-page-move", {"to": str(first), "stood": stood(seat)}, place=first + 2)
    moved = queries.page_of(merchant_id=shop.id).draft[-3:]
    assert moved == (CouponStrip(), Picks("推荐", "", (no,)), Notice("欢迎"))
    assert "盖碗" in text(seat.get("mall-page-preview", htmx=True))
    assert "草稿未发布" in text(seat.get("mall-page"))
    assert "已发布" in text(seat.post("mall-page-publish"))
    assert queries.page_of(merchant_id=shop.id).published == queries.page_of(merchant_id=shop.id).draft


def test_what_somebody_else_changed_is_not_overwritten(sit, shop):
    seat = sit(shop)
    seen = stood(seat)
    service.edit_page(merchant_id=shop.id, blocks=(Notice("别人改的"),), now=make.NOON)
    refused = seat.post("mall-page-block", {"kind": "notice", "text": "我的", "stood": seen}, place=0)
    assert refused.status_code == 422
    assert queries.page_of(merchant_id=shop.id).draft == (Notice("别人改的"),)
    wrong = seat.post(
        "mall-page-block", {"kind": "picks", "title": "x", "numbers": "P0", "stood": stood(seat)}, place=1
    )
    assert wrong.status_code == 422


def test_banners_are_added_with_a_window_and_taken_out(desk, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    place = len(queries.page_of(merchant_id=None).draft)
    picture = SimpleUploadedFile("a.jpg", make.picture_bytes(), "image/jpeg")
    typed = {"kind": "banners", "stood": stood(desk), "picture": picture, "link": "page", "to": "coupons"}
    typed |= {"starts_at": "2026-11-22 08:00", "ends_at": ""}
    desk.post("mall-page-block", typed, place=place)
    block = queries.page_of(merchant_id=None).draft[place]
    assert isinstance(block, Banners)
    assert (block.banners[0].to, block.banners[0].starts_at.isoformat()) == ("coupons", "2026-11-22T00:00:00+00:00")
    assert "删除" in text(desk.get("mall-page-block", place=place, htmx=True))
    emptied = desk.post("mall-page-block", {"stood": stood(desk), "drop0": "1"}, place=place)
    assert emptied.status_code == 422, "a block of banners holds one at least"


def test_a_shop_says_what_it_is(sit, shop, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    seat = sit(shop)
    picture = SimpleUploadedFile("a.jpg", make.picture_bytes(), "image/jpeg")
    assert toast_of(seat.post("mall-page-describe", {"description": "手作青瓷", "picture": picture})) == "已保存"
    shown = queries.page_of(merchant_id=shop.id)
    assert shown.description == "手作青瓷"
    assert shown.picture.startswith("/media/pages/")
    assert seat.post("mall-page-describe", {"description": "字" * 501}).status_code == 422


def test_of_a_batch_each_row_is_told_what_became_of_it(desk):
    service.change_blocked_words(words=["坏词"], actor=OPERATOR_SHELL, now=make.NOON)
    waits, passed, rejected = (make.review(text=f"坏词{n}") for n in range(3))
    other = {"actor": OPERATOR_SHELL, "now": make.NOON}
    service.decide_reviews(nos=[passed], shown=True, **other)
    service.decide_reviews(nos=[rejected], shown=False, reason="广告", **other)
    answer = desk.post("moderation-decide", {"nos": [passed, waits, rejected, "E0"], "verdict": "pass"}, what="reviews")
    assert answer.status_code == 200 and answer.headers["HX-Retarget"] == "#dialog"
    assert "list-changed" in answer.headers["HX-Trigger"]
    told = re.sub(r"(?:\s|<[^>]*>)+", " ", text(answer))
    assert "本次处理 1 条；3 条已被他人处理或已不存在" in told
    rows_ = [
        (passed, "已被他人处理 展示中"),
        (waits, "本次处理 展示中"),
        (rejected, "已被他人处理 未通过"),
        ("E0", "已不存在"),
    ]
    places = [told.index(f"{no} {words}") for no, words in rows_]
    assert places == sorted(places), "as they were chosen"
    assert queries.review_for_desk(no=rejected).state is Seen.REJECTED, "what somebody else rejected stays rejected"
    assert queries.review_for_desk(no=waits).state is Seen.SHOWN


def test_a_post_that_was_passed_meanwhile_is_not_hidden_by_a_rejection(desk):
    first, second = make.post(now=desk_now()), make.post(now=desk_now(), person_id=make_people.person().id)
    service.decide_posts(nos=[first], shown=True, actor=OPERATOR_SHELL, now=make.NOON)
    dialog = desk.get("moderation-decide", {"nos": [first, second]}, what="posts", htmx=True).content.decode()
    assert f'value="{first},{second}"' in dialog
    form = {"nos": f"{first},{second}", "verdict": "reject", "reason": "广告", "was": "pending"}
    assert "本次处理 1 条；1 条" in text(desk.post("moderation-decide", form, what="posts"))
    states = "SELECT state FROM content_post ORDER BY id"
    assert rows.query(states) == [("shown",), ("rejected",)]
    board = desk.get("moderation", {"tab": "board"}).content.decode()
    assert f"nos={first}&amp;was=shown" in board
    hidden = desk.post("moderation-decide", form | {"nos": first, "was": "shown"}, what="posts")
    assert toast_of(hidden) == "已处理 1 条"
    assert rows.query(states) == [("hidden",), ("rejected",)]
