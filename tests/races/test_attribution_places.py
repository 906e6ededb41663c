"""Twenty ask for the last place at once; touches of two promoters race for a binding."""

import threading
from datetime import timedelta
from functools import partial

import pytest

from tests.make import attribution as make
from tests.make.racers import at_once
from tuike.attribution import service
from tuike.attribution.models import Binding, Place, PlaceCount
from tuike.attribution.service import places, touches
from tuike.attribution.types import BindingPolicy, TooManyPlaces
from tuike.audit.types import OPERATOR_SHELL
from tuike.parties.types import BindingMode
from tuike.settings import service as settings

LIMIT, CALLERS = 3, 20

pytestmark = pytest.mark.usefixtures("committed_db")


def _race_for_the_last_place() -> tuple[int, int, list]:
    settings.change(name="places_per_promoter", value=LIMIT, actor=OPERATOR_SHELL, now=make.NOON)
    promoter = make.bare_promoter()
    for _ in range(LIMIT - 1):
        make.place(promoter_id=promoter)

    def add(i: int) -> object:
        return service.add_place(promoter_id=promoter, name=f"抢{i}", key=f"race-{i}", now=make.NOON)

    results = at_once([partial(add, i) for i in range(CALLERS)])
    live = Place.objects.filter(promoter_id=promoter, deleted_at=None).count()
    return live, PlaceCount.objects.get(pk=promoter).places, results


def test_exactly_one_gets_the_last_place():
    live, counted, results = _race_for_the_last_place()
    assert (live, counted) == (LIMIT, LIMIT)
    assert results.count(TooManyPlaces.code) == CALLERS - 1


def test_without_the_condition_the_limit_breaks(monkeypatch):
    """The negative control: a check beside the statement lets them through."""
    monkeypatch.setattr(places, "_TAKE", places._TAKE.replace("AND places < %s", "AND %s > 0"))
    live, _, results = _race_for_the_last_place()
    assert live > LIMIT and TooManyPlaces.code not in results


def _race_with_one_key() -> int:
    promoter = make.bare_promoter()
    add = partial(service.add_place, promoter_id=promoter, name="同一个", key="same", now=make.NOON)
    results = at_once([add] * CALLERS)
    assert len({result.pid for result in results}) == 1
    return Place.objects.filter(promoter_id=promoter).count()


def test_one_key_makes_one_place():
    assert _race_with_one_key() == 1


def _race_for_the_binding(*, mode: BindingMode, latest_first: bool = False) -> list[int]:
    """Each of many promoters touches the buyer at its own instant, the latest one's thread anywhere among them, or
    (`latest_first`) committed before all others."""
    merchant, buyer = make.bare_merchant(), 900
    links = [make.link(promoter_id=make.bare_promoter(), merchant_id=merchant) for _ in range(10)]
    policy = BindingPolicy(mode=mode, days=30)

    latest = threading.Event()

    def touch(i: int) -> None:
        minute = (i * 7) % 10
        if latest_first and minute != 9:
            assert latest.wait(60)
        service.touch(link=links[i], now=make.NOON + timedelta(minutes=minute), buyer_id=buyer, policy=policy)
        if minute == 9:
            latest.set()

    assert at_once([partial(touch, i) for i in range(len(links))]) == [None] * len(links)
    bound = Binding.objects.get(merchant_id=merchant, buyer_id=buyer)
    assert bound.until == bound.bound_at + timedelta(days=30)
    return [(i * 7) % 10 for i, link in enumerate(links) if link.promoter_id == bound.promoter_id]


@pytest.mark.parametrize("latest_first", [False, True])
def test_the_latest_touch_binds_whatever_commits_last(latest_first):
    assert _race_for_the_binding(mode=BindingMode.LAST, latest_first=latest_first) == [9]


def test_without_the_condition_an_earlier_touch_binds(monkeypatch):
    monkeypatch.setitem(touches._UNLESS_OUTDONE, BindingMode.LAST, "")
    assert _race_for_the_binding(mode=BindingMode.LAST, latest_first=True) != [9]
