"""Odd input into every form of the mall's pages: a refusal by name in the reader's language, nothing changed."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from tests.console.test_access import digest
from tests.console.test_freight import _form as freight_form
from tests.console.test_gifts import typed as bargain_form
from tests.console.test_marketing import typed as coupon_form
from tests.console.unchanged import CHINESE, words_of
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import content as make_content
from tests.make import freight as make_freight
from tests.make import marketing as make_coupons
from tests.make import people as make_people
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries as catalog
from tuike.content import service as content
from tuike.content.types import Notice
from tuike.db import rows
from tuike.kit import clock
from tuike.kit.days import shown
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import Draft, Move
from tuike.members import service as members
from tuike.members.types import Asked, PurchaseFacts
from tuike.parties import service as parties
from tuike.parties.types import MallFunction

pytestmark = pytest.mark.usefixtures("db")

HUGE = "9" * 40
NUMBERS = ("-1", HUGE, "1e3", "NaN", "0x10", "1.2.3", "²", "1;2", "\x00", "9223372036854775808")
"""Typed where a whole number or an amount belongs: none of them is one."""
TEXTS = ("x" * 5_000, "\x00", '=HYPERLINK("http://x","y")', "<script>alert(1)</script>", "\u202e\u0000", "'; --")
NUMBERS_OF = {
    "coupon-new": ("threshold", "minus", "stock", "limit"),
    "coupon-stock": ("stock",),
    "bargain-new": ("sku", "floor", "cuts", "hours", "stock", "limit"),
    "red-packet-new": ("total", "shares"),
    "points-good-new": ("points", "money_fen", "stock", "limit_each"),
    "segment-new": ("growth", "paid_fen", "orders", "bought_within_days", "not_for_days"),
    "segment-edit": ("growth", "paid_fen", "orders", "bought_within_days", "not_for_days"),
    "freight-new": ("first_units", "first", "next_units", "next", "free_fen", "free_pieces"),
    "freight-edit": ("first_units", "first", "next_units", "next", "free_fen", "free_pieces"),
    "stock-count": ("free", "was"),
}
"""Fields of each form that hold numbers."""


@pytest.fixture
def one() -> make.Alliance:
    """A shop with every function of the mall on, money, a member, and one thing of each kind."""
    made, now = make.alliance(price_fen=10_000), clock.now()
    for function in MallFunction:
        parties.switch_function(merchant_id=made.shop.id, function=function, on=True, actor=OPERATOR_SHELL, now=now)
    moves = (Move(chart.platform("promotion"), chart.merchant(made.shop.id, "available"), 500_000),)
    ledger.post(drafts=[Draft("gift", "adjustment", "test", now, moves)], now=now)
    content.edit_page(merchant_id=made.shop.id, blocks=[Notice("New in", "New")], now=now)
    return made


def forms(one: make.Alliance) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Return for each route of the mall that takes a form: what stands in its address, and what it accepts."""
    now, shop = clock.now(), one.shop.id
    member, sku = make_people.person(phone="13912345678").id, make_catalog.sku_of(one.product_id)
    bought = PurchaseFacts(
        order_no="M1", merchant_id=shop, person_id=member, paid_fen=1, refunded_fen=0, paid_at=now, completed=True
    )
    members.note_purchases(purchases=[bought])
    by: dict[str, Any] = {"merchant_id": shop, "actor": OPERATOR_SHELL, "now": now}
    members.set_marketing_consent(person_id=member, given=True, edition=1, now=now)
    tag = members.make_tag(name="Regular", **by)
    segment = members.save_segment(name="Recent", asked=Asked(orders=1), **by)
    coupon = make_coupons.coupon(shop, make_coupons.new(starts_at=now, ends_at=now + timedelta(days=1)), now=now)
    product = catalog.product_facts([one.product_id])[one.product_id].product_no
    review = make_content.review(line_=make_content.line(merchant_id=shop))
    freight = make_freight.template(shop)
    span = {"starts_at": shown(now)[:16], "ends_at": shown(now + timedelta(days=7))[:16]}
    asked = {"name": "Spent", "growth": "0", "paid_fen": "200", "orders": "1", "tag": tag.no}
    asked |= {"bought_within_days": "30", "not_for_days": "1"}
    good = {"product_no": product, "points": "100", "money_fen": "1.50", "stock": "5", "limit_each": "1"}
    return {
        "coupon-new": ({}, coupon_form()),
        "coupon-stock": ({"no": coupon.no}, {"stock": "200"}),
        "bargain-new": ({}, bargain_form(one)),
        "red-packet-new": ({}, {"total": "20", "shares": "4", "split": "lucky", "greeting": "Hello", "confirmed": "1"}),
        "points-good-new": ({}, good | span),
        "member-tag": ({"id": member}, {"tag": "", "name": "New"}),
        "member-untag": ({"id": member}, {"tag": tag.no}),
        "member-phone": ({"id": member}, {"reason": "a call"}),
        "segment-new": ({}, asked),
        "segment-edit": ({"no": segment.no}, asked),
        "sending-new": ({}, {"to": "all", "coupon": coupon.no, "text": "New in", "confirmed": f"all-{coupon.no}-1-1"}),
        "mall-page-block": ({"place": 0}, {"text": "News", "text_en": "Notice", "stood": ""}),
        "mall-page-describe": ({}, {"description": "by hand"}),
        "review-answer": ({"no": review}, {"text": "thanks"}),
        "review-hide": ({"no": review}, {"text": "untrue"}),
        "freight-new": ({}, freight_form()),
        "freight-edit": ({"no": freight.no}, freight_form()),
        "stock-count": ({"no": product}, {"sku": str(sku), "free": "7", "was": "3", "note": "counted"}),
    }


@contextmanager
def undone() -> Iterator[None]:
    """Take back what happens inside."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]  # flows begin a transaction of their own in it
    with block:
        yield
        transaction.set_rollback(True)


def written() -> int:
    """Return how many rows this test has written until now, also those that were taken back."""
    counted = "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint FROM pg_stat_xact_user_tables"
    return rows.query(f"{counted} WHERE relname <> 'people_session'")[0][0]


def odd(form: dict[str, Any], field: str, value: str) -> dict[str, Any]:
    """Return the form with one field's (first) value changed."""
    stands = form.get(field, "")
    return form | {field: [value, *stands[1:]] if isinstance(stands, list) else value}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("english", [False, True], ids=["zh", "en"])
def test_whatever_is_typed_is_taken_or_refused_by_name_and_a_refusal_changes_nothing(sit, one, english):
    every, wrong = forms(one), []
    seller = sit(one.shop, english=english)
    seller.client.raise_request_exception = False
    before = digest()
    for name, (where, form) in every.items():
        for field in form:
            for value in {"", *TEXTS, *(NUMBERS if field in NUMBERS_OF.get(name, ()) else ("0", "-1", HUGE))}:
                with undone():
                    rows_before = written()
                    answer = seller.post(name, odd(form, field, value), **where)
                    status = answer.status_code
                    same = status >= 500 or written() == rows_before or digest() == before
                told = f"{name} {field}={value[:20]!r}: {status}"
                if status >= 500:
                    wrong.append(told)
                elif status >= 400 and not same:
                    wrong.append(f"{told}, and something changed")
                elif field in NUMBERS_OF.get(name, ()) and value in NUMBERS and status < 400:
                    wrong.append(f"{told}: it was taken")
                elif english and status >= 400 and CHINESE.search(words_of(answer)):
                    wrong.append(f"{told}: Chinese on an English page")
    assert not wrong, "\n".join(wrong)
    assert digest() == before


def test_the_forms_are_right_to_begin_with(sit, one):
    """Otherwise what is odd about them isn't why they are refused."""
    every, seller = forms(one), sit(one.shop)
    for name, (where, form) in every.items():
        if name == "mall-page-block":
            continue  # its form needs the mark of its page
        with undone():
            answer = seller.post(name, form, **where)
            assert answer.status_code in {200, 303}, (name, answer.status_code, words_of(answer))
