"""Named views and chosen columns, by seat."""

from datetime import UTC, datetime

import pytest

from tuike.db import rows
from tuike.kit.errors import NotFound
from tuike.views import queries, service
from tuike.views.types import BadViewName, Keeper, TooManyViews, ViewNameTaken

pytestmark = pytest.mark.usefixtures("db")
NOW = datetime(2026, 3, 2, 4, tzinfo=UTC)
MINE = Keeper(1, 7, "explorer")
OTHERS = (Keeper(2, 7, "explorer"), Keeper(1, 8, "explorer"), Keeper(1, 7, "orders"))


def kept():
    return rows.query("SELECT id, name, asked::text, first FROM views_view ORDER BY id")


def save(name="三月", keeper=MINE, **asked):
    return service.save(keeper=keeper, name=name, asked=asked, now=NOW)


def test_a_view_belongs_to_one_seat_and_page():
    mine = save(role="direct")
    assert queries.mine(keeper=MINE) == [mine] and mine.asked == {"role": "direct"} and not mine.first
    before = kept()
    for other in OTHERS:
        assert queries.mine(keeper=other) == []
        given = {"keeper": other, "view_id": mine.id}
        for verb in (
            lambda given=given: service.delete(**given),
            lambda given=given: service.rename(**given, name="x", now=NOW),
            lambda given=given: service.replace(**given, asked={}, now=NOW),
            lambda given=given: service.put_first(**given, first=True, now=NOW),
            lambda given=given: queries.one(**given),
        ):
            with pytest.raises(NotFound):
                verb()
    assert kept() == before
    for other in OTHERS:
        assert save(keeper=other).name == "三月"  # the same name elsewhere


def test_names_are_one_to_thirty_visible_characters_and_single():
    save(" 三月  一号店 ")
    assert queries.mine(keeper=MINE)[0].name == "三月 一号店"
    before = kept()
    for bad in ("", "   ", "x" * 31, "a\0b", "a\u200bb"):
        with pytest.raises(BadViewName):
            save(bad)
    with pytest.raises(ViewNameTaken):
        save("三月 一号店")
    other = save("March")
    with pytest.raises(ViewNameTaken):
        save("MARCH")
    with pytest.raises(ViewNameTaken):
        service.rename(keeper=MINE, view_id=other.id, name="三月 一号店", now=NOW)
    assert service.rename(keeper=MINE, view_id=other.id, name="march", now=NOW).name == "march"
    assert [row[1] for row in kept()] == [before[0][1], "march"]


def test_twenty_are_kept_and_no_more():
    for n in range(service.MOST):
        save(f"V{n}")
    before = kept()
    with pytest.raises(TooManyViews):
        save("one more")
    assert kept() == before
    service.delete(keeper=MINE, view_id=before[0][0])
    save("one more")


def test_one_view_is_the_first():
    one, two = save("one"), save("two")
    service.put_first(keeper=MINE, view_id=one.id, first=True, now=NOW)
    service.put_first(keeper=MINE, view_id=two.id, first=True, now=NOW)
    assert {view.name: view.first for view in queries.mine(keeper=MINE)} == {"one": False, "two": True}
    service.put_first(keeper=MINE, view_id=two.id, first=False, now=NOW)
    assert not any(view.first for view in queries.mine(keeper=MINE))


def test_columns_are_chosen_anew_and_forgotten():
    assert queries.columns(keeper=MINE) == ()
    service.choose_columns(keeper=MINE, names=["a", "b"], now=NOW)
    service.choose_columns(keeper=MINE, names=["b"], now=NOW)
    assert queries.columns(keeper=MINE) == ("b",)
    assert all(queries.columns(keeper=other) == () for other in OTHERS)
    service.choose_columns(keeper=MINE, names=[], now=NOW)
    assert queries.columns(keeper=MINE) == ()
