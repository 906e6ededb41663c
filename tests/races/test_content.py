"""One review decided and written by many at once: real threads, real commits."""

from django.db import transaction

from tests.make import content as make
from tests.make import people as make_people
from tests.make.racers import race
from tuike.audit.types import OPERATOR_SHELL
from tuike.content import queries, service
from tuike.content.service import reviews as statements
from tuike.content.types import ReviewTotals

RACERS = 8
GUARD = "AND r.state = ANY(%(from)s)"


def waiting():
    """Return the number of a review that waits, and its product."""
    service.change_blocked_words(words=["坏词"], actor=OPERATOR_SHELL, now=make.NOON)
    line = make.line()
    return make.review(line_=line, score=4, text="坏词"), line.product_id


def passed(no):
    with transaction.atomic(durable=True):
        service.decide_reviews(nos=[no], shown=True, actor=OPERATOR_SHELL, now=make.NOON)


def test_a_review_that_many_pass_is_counted_once(committed_db):
    no, product_id = waiting()
    assert race(RACERS, lambda i: passed(no)) == ["won"] * RACERS
    assert queries.totals_of(product_id) == ReviewTotals(1, 40)


def test_control_without_the_clause_it_is_counted_by_each(committed_db, monkeypatch):
    assert GUARD in statements._MOVE
    monkeypatch.setattr(statements, "_MOVE", statements._MOVE.replace(GUARD, "AND %(from)s::text[] IS NOT NULL"))
    no, product_id = waiting()
    assert race(RACERS, lambda i: passed(no)) == ["won"] * RACERS
    assert queries.totals_of(product_id).reviews == RACERS


def test_a_line_that_is_reviewed_from_many_phones_has_one_review(committed_db):
    buyer, line = make_people.person().id, make.line()

    def write(i):
        with transaction.atomic(durable=True):
            make.review(buyer_id=buyer, line_=line, score=5)

    assert sorted(race(RACERS, write)) == ["AlreadyReviewed"] * (RACERS - 1) + ["won"]
    assert queries.totals_of(line.product_id) == ReviewTotals(1, 50)


def test_a_persons_posts_end_at_twenty_however_many_come_at_once(committed_db):
    person = make_people.person().id
    for _ in range(17):
        make.post(person_id=person)

    def put(i):
        with transaction.atomic(durable=True):
            make.post(person_id=person)

    assert sorted(race(RACERS, put)) == ["TooManyPosts"] * (RACERS - 3) + ["won"] * 3
