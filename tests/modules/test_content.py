"""Content: reviews and their sums, moderation, pages of blocks, buyers' pictures."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.make import catalog as make_catalog
from tests.make import content as make
from tests.make import parties as make_parties
from tests.make import people as make_people
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL
from tuike.content import queries, service
from tuike.content.rules import moderation
from tuike.content.rules import pages as page_rules
from tuike.content.types import (
    AlreadyReviewed,
    AlreadySaid,
    BadBlock,
    Banner,
    Banners,
    CategoryRow,
    CouponStrip,
    LinkKind,
    NewReview,
    Notice,
    NotShown,
    Picks,
    PictureUnknown,
    ReviewTotals,
    Seen,
    TooManyPictures,
)
from tuike.db import rows
from tuike.files.types import NotAPicture
from tuike.kit.errors import Invalid, NotFound
from tuike.settings import service as settings

NOON = make.NOON
pytestmark = pytest.mark.django_db


def block(*words):
    service.change_blocked_words(words=words, actor=OPERATOR_SHELL, now=NOON)


def decide(*nos, shown=True, reason=""):
    return service.decide_reviews(nos=nos, shown=shown, reason=reason, actor=OPERATOR_SHELL, now=NOON)


def sums_are_exact():
    """What is kept of each product is what its shown reviews add up to."""
    kept = rows.query("SELECT product_id, reviews, scores FROM content_review_sum WHERE reviews > 0 ORDER BY 1")
    counted = rows.query(
        "SELECT product_id, count(*), sum(score) FROM content_review WHERE state = 'shown' GROUP BY 1 ORDER BY 1"
    )
    assert kept == counted


def test_a_review_without_blocked_words_is_shown_at_once_and_counted():
    line = make.line()
    make.review(line_=line, score=5)
    make.review(line_=make.line(product_id=line.product_id), score=4)
    make.review(line_=make.line(product_id=line.product_id), score=4)
    assert queries.totals_of(line.product_id) == ReviewTotals(3, 43)
    assert [one.score for one in queries.reviews_of_product(product_id=line.product_id)] == [4, 4, 5]
    sums_are_exact()


def test_a_blocked_word_lets_it_wait_however_it_is_spelled():
    block("加微信")
    line = make.line()
    no = make.review(line_=line, text="加 微.信 返现")
    assert queries.reviews_of_product(product_id=line.product_id) == []
    assert queries.totals_of(line.product_id) == ReviewTotals(0, 0)
    assert queries.waiting().reviews == 1
    assert decide(no) == 1
    assert decide(no) == 0, "a second yes changes nothing"
    assert queries.totals_of(line.product_id) == ReviewTotals(1, 50)
    sums_are_exact()


def test_pictures_wait_for_a_person_and_so_does_everything_by_setting():
    buyer = make_people.person().id
    address = service.put_picture(person_id=buyer, raw=make.picture_bytes(), now=NOON)
    make.review(buyer_id=buyer, pictures=(address,))
    assert queries.waiting().reviews == 1
    settings.change(name="review_auto_pass", value=0, actor=OPERATOR_SHELL, now=NOON)
    make.review()
    assert queries.waiting().reviews == 2


def test_a_line_has_one_review():
    buyer, line = make_people.person().id, make.line()
    make.review(buyer_id=buyer, line_=line)
    with refused(AlreadyReviewed, "content"):
        make.review(buyer_id=buyer, line_=line, score=1)


@pytest.mark.parametrize(("score", "text"), [(0, ""), (6, ""), (5, "字" * 501)])
def test_what_is_out_of_bounds_is_refused(score, text):
    line, buyer = make.line(), make_people.person().id
    with refused(Invalid, "content"):
        service.write_review(buyer_id=buyer, line=line, review=NewReview(score, text), now=NOON)


def test_only_ones_own_pictures_go_along():
    other = make_people.person().id
    address = service.put_picture(person_id=other, raw=make.picture_bytes(), now=NOON)
    line, buyer = make.line(), make_people.person().id
    for pictures in ((address,), ("/media/said/none.jpg",)):
        with refused(PictureUnknown, "content"):
            make.review(buyer_id=buyer, line_=line, pictures=pictures)
    own = [
        service.put_picture(person_id=buyer, raw=make.picture_bytes(size=(300 + n, 300)), now=NOON) for n in range(10)
    ]
    with refused(PictureUnknown, "content"):
        make.review(buyer_id=buyer, line_=line, pictures=tuple(own))
    make.review(buyer_id=buyer, line_=line, pictures=tuple(own[:9]))


def test_pictures_are_drawn_anew_and_limited():
    buyer = make_people.person().id
    with refused(NotAPicture, "content"):
        service.put_picture(person_id=buyer, raw=b"<svg onload=alert(1)>", now=NOON)
    for number in range(60):
        rows.run(
            "INSERT INTO content_picture (person_id, address, put_at) VALUES (%s, %s, %s)", [buyer, str(number), NOON]
        )
    with refused(TooManyPictures, "content"):
        service.put_picture(person_id=buyer, raw=make.picture_bytes(), now=NOON)
    service.put_picture(person_id=buyer, raw=make.picture_bytes(), now=NOON + timedelta(hours=1))


def test_one_addition_which_waits_like_a_review():
    buyer = make_people.person().id
    block("坏词")
    no = make.review(buyer_id=buyer)
    add = {"buyer_id": buyer, "no": no, "pictures": (), "now": NOON}
    with refused(NotFound, "content"):
        service.add_to_review(**add | {"buyer_id": make_people.person().id}, text="别人")
    service.add_to_review(**add, text="一个月后：坏词")
    with refused(AlreadySaid, "content"):
        service.add_to_review(**add, text="再来")
    shown = queries.review_for_desk(no=no).follow_up
    assert (shown.text, shown.state) == ("一个月后：坏词", Seen.PENDING)
    assert queries.waiting().reviews == 1
    assert service.decide_additions(nos=[no], shown=True, actor=OPERATOR_SHELL, now=NOON) == 1
    assert queries.review_for_desk(no=no).follow_up.state is Seen.SHOWN


def test_a_rejection_says_why_and_leaves_the_sum():
    block("坏词")
    line = make.line()
    no = make.review(line_=line, text="坏词")
    with refused(Invalid, "content"):
        decide(no, shown=False)
    assert decide(no, shown=False, reason="广告") == 1
    assert queries.review_for_desk(no=no).state is Seen.REJECTED
    assert queries.totals_of(line.product_id) == ReviewTotals(0, 0)
    with refused(NotFound, "content"):
        decide(no, "E0")


def test_the_shop_answers_once_and_the_buyer_is_told():
    shop = make_parties.merchant()
    buyer = make_people.person().id
    line = make.line(merchant_id=shop.id)
    no = make.review(buyer_id=buyer, line_=line)
    answer = {"no": no, "actor": make_parties.super_admin_of(shop), "now": NOON}
    with refused(NotFound, "content"):
        service.answer_review(merchant_id=make_catalog.shop(), text="谢谢", **answer)
    service.answer_review(merchant_id=shop.id, text="谢谢", **answer)
    with refused(AlreadySaid, "content"):
        service.answer_review(merchant_id=shop.id, text="再谢", **answer)
    assert queries.review_for_desk(no=no).answer == "谢谢"
    told = rows.query("SELECT kind, object FROM messages_personal WHERE person_id = %s", [buyer])
    assert told == [("review_answered", line.order_no)]


def test_a_shop_asks_to_hide_and_the_operator_decides():
    shop = make_parties.merchant()
    line = make.line(merchant_id=shop.id)
    no = make.review(line_=line, score=1, text="差")
    actor = make_parties.super_admin_of(shop)
    service.ask_to_hide(merchant_id=shop.id, no=no, reason="不实", actor=actor, now=NOON)
    assert queries.waiting().to_hide == 1
    assert queries.totals_of(line.product_id).reviews == 1, "it stays until somebody decided"
    service.hide_review(no=no, hidden=False, actor=OPERATOR_SHELL, now=NOON)
    assert queries.waiting().to_hide == 0
    service.ask_to_hide(merchant_id=shop.id, no=no, reason="不实", actor=actor, now=NOON)
    service.hide_review(no=no, hidden=True, reason="核实不符", actor=OPERATOR_SHELL, now=NOON)
    assert queries.totals_of(line.product_id) == ReviewTotals(0, 0)
    with refused(NotShown, "content"):
        service.hide_review(no=no, hidden=True, reason="再次", actor=OPERATOR_SHELL, now=NOON)
    with refused(NotShown, "content"):
        service.ask_to_hide(merchant_id=shop.id, no=no, reason="不实", actor=actor, now=NOON)
    decide(no)
    assert queries.totals_of(line.product_id) == ReviewTotals(1, 10)
    sums_are_exact()


@given(st.lists(st.integers(1, 5), max_size=50))
def test_the_average_is_rounded_down(scores):
    tenths = moderation.average_tenths(len(scores), sum(scores))
    assert tenths * len(scores) <= sum(scores) * 10
    assert not scores or sum(scores) * 10 < (tenths + 1) * len(scores)


@given(st.text(alphabet="加微信 .-*", max_size=12))
def test_a_word_is_found_through_whatever_is_put_between(noise):
    word = "返现"
    assert moderation.blocked_word([f"{noise}返{'.' * (len(noise) % 3)}现{noise}"], [word]) == word
    assert moderation.blocked_word([noise], [word]) == ""


def a_page(product_no="", category_id=1):
    return (
        Notice("开业", "Open"),
        Banners((Banner("/media/a.jpg", LinkKind.PAGE, "coupons", NOON, NOON + timedelta(days=1)),)),
        CategoryRow((category_id,)),
        CouponStrip(),
        Picks("推荐", "", (product_no,) if product_no else ()),
    )


def test_blocks_come_back_as_they_were_written():
    blocks = a_page("P1")
    assert page_rules.read(page_rules.written(blocks)) == blocks


def test_a_draft_is_seen_when_it_is_published():
    assert queries.page_of(merchant_id=None).published == page_rules.MALL_DEFAULT
    service.edit_page(merchant_id=None, blocks=(Notice("欢迎"),), now=NOON)
    assert queries.page_of(merchant_id=None).published == page_rules.MALL_DEFAULT
    assert queries.page_of(merchant_id=None).draft == (Notice("欢迎"),)
    assert service.publish_page(merchant_id=None, actor=OPERATOR_SHELL, now=NOON) == 1
    service.edit_page(merchant_id=None, blocks=(), now=NOON)
    shown = queries.page_of(merchant_id=None)
    assert (shown.published, shown.draft) == ((Notice("欢迎"),), ())
    assert service.publish_page(merchant_id=None, actor=OPERATOR_SHELL, now=NOON) == 2
    assert queries.page_of(merchant_id=None).published == ()


def test_a_shop_picks_its_own_goods_only():
    shop, other = make_catalog.shop(), make_catalog.product()
    [(other_no,)] = rows.query("SELECT no FROM catalog_product WHERE id = %s", [other])
    for no in (other_no, "P0"):
        with refused(NotFound, "content"):
            service.edit_page(merchant_id=shop, blocks=(Picks("推荐", "", (no,)),), now=NOON)
    service.edit_page(merchant_id=None, blocks=(Picks("推荐", "", (other_no,)),), now=NOON)
    with refused(NotShown, "content"):
        service.publish_page(merchant_id=shop, actor=OPERATOR_SHELL, now=NOON)


@pytest.mark.parametrize(
    "block_",
    [
        Banners(()),
        Banners((Banner("http://elsewhere/a.jpg"),)),
        Banners((Banner("/media/a.jpg", LinkKind.PAGE, "nowhere"),)),
        Banners((Banner("/media/a.jpg", LinkKind.PRODUCT, ""),)),
        Banners((Banner("/media/a.jpg", starts_at=NOON, ends_at=NOON),)),
        Picks(""),
        Notice("字" * 101),
        CategoryRow(tuple(range(21))),
    ],
)
def test_a_block_that_cant_be_is_refused(block_):
    with refused(BadBlock, "content"):
        service.edit_page(merchant_id=None, blocks=(block_,), now=NOON)


def test_a_banner_stands_from_its_start_until_before_its_end():
    banner = Banner("/media/a.jpg", starts_at=NOON, ends_at=NOON + timedelta(hours=1))
    moments = [NOON - timedelta(seconds=1), NOON, NOON + timedelta(minutes=59), NOON + timedelta(hours=1)]
    assert [banner.stands(at) for at in moments] == [False, True, True, False]
    assert Banner("/media/a.jpg").stands(NOON)


def test_hot_words_keep_their_order():
    service.change_hot_words(words=["茶叶", " 咖啡 ", "", "茶叶"], actor=OPERATOR_SHELL, now=NOON)
    assert queries.hot_words() == ["茶叶", "咖啡"]
    with refused(Invalid, "content"):
        service.change_hot_words(words=[str(n) for n in range(21)], actor=OPERATOR_SHELL, now=NOON)
