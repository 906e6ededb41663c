"""The operator's curated list in the console."""

import pytest

from tests.console.conftest import toast_of
from tests.make import alliance as make
from tests.make import catalog as make_catalog
from tests.make import parties as make_parties
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.kit import clock
from tuike.library import queries, service
from tuike.parties.types import Role


@pytest.fixture
def one(db):
    return make.alliance()


@pytest.fixture
def numbers(one):
    ids = [one.product_id, make_catalog.product(merchant_id=one.shop.id, category_id=one.category_id, title="茶盘")]
    service.refresh(product_ids=ids, now=clock.now())
    return [catalog.product_facts([id_])[id_].product_no for id_ in ids]


@pytest.fixture
def desk(sit):
    return sit(make_parties.operator(), Role.OPERATOR)


def text(answer):
    return answer.content.decode()


def order():
    return [catalog.product_facts([id_])[id_].product_no for id_, _ in queries.picks()]


def test_products_are_added_moved_and_taken_off(desk, numbers, one, sit):
    assert "还没有精选商品" in text(desk.get("library-curated"))
    assert 'name="numbers"' in text(desk.get("library-curated-add", htmx=True))
    done = desk.post("library-curated-add", {"numbers": f"{numbers[0]}，{numbers[1]}\n{numbers[0]}"})
    assert toast_of(done) == "已加入精选 2 个"
    assert order() == numbers
    assert "展示中" in text(desk.get("library-curated"))
    desk.post("library-curated-move", {"way": "down"}, product_no=numbers[0])
    assert order() == numbers[::-1]
    desk.post("library-curated-move", {"way": "up"}, product_no=numbers[0])
    assert order() == numbers
    seen = text(sit(one.promoter).get("library", {"tab": "picked"}))
    assert seen.index("手绘青瓷盖碗") < seen.index("茶盘")
    desk.post("library-curated-remove", product_no=numbers[0])
    assert order() == numbers[1:]


@pytest.mark.parametrize("typed", ["", "NOSUCH", "P1 x"])
def test_unknown_numbers_are_said_and_nothing_is_added(desk, numbers, typed):
    answer = desk.post("library-curated-add", {"numbers": f"{numbers[0]} {typed}" if typed else ""})
    assert answer.status_code == 422
    assert 'class="err"' in text(answer)
    assert order() == []


def test_a_reader_sees_and_changes_nothing(sit, numbers, desk):
    desk.post("library-curated-add", {"numbers": numbers[0]})
    auditor = sit(make_parties.operator(), Role.AUDITOR)
    assert "手绘青瓷盖碗" in text(auditor.get("library-curated"))
    assert "添加商品" not in text(auditor.get("library-curated"))
    before = rows.query("SELECT count(*) FROM audit_act")
    assert auditor.post("library-curated-remove", product_no=numbers[0]).status_code == 403
    assert auditor.post("library-curated-add", {"numbers": numbers[1]}).status_code == 403
    assert order() == numbers[:1]
    assert rows.query("SELECT count(*) FROM audit_act") == before


def test_english(sit, numbers):
    desk = sit(make_parties.operator(), Role.SUPER_ADMIN, english=True)
    assert "Curated products" in text(desk.get("library-curated"))
