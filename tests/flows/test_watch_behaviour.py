"""Odd days become cases: once a day and kind, with the figures that made them, in words on the case's page."""

import re
from datetime import timedelta

import pytest

from tests.console.conftest import Sitting
from tests.make import parties as make_parties
from tests.make.alliance import NOON
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.flows.watch_behaviour import watch_behaviour
from tuike.kit.days import day_of
from tuike.parties import queries as parties
from tuike.risk import queries as risk
from tuike.risk import service as risk_service
from tuike.risk.types import CaseKind

TODAY = day_of(NOON)
DAY = timedelta(days=1)


def counted(promoter, day, *, clicks, orders=0, paid_fen=0, refunded_fen=0):
    rows.run(
        "INSERT INTO figures_sum (kind, owner_id, day, clicks, orders, all_orders, paid_fen, refunded_fen,"
        " all_paid_fen, estimated_fen, settled_fen) VALUES ('promoter', %s, %s, %s, %s, %s, %s, %s, %s, 0, 0)",
        [promoter.id, day, clicks, orders, orders, paid_fen, refunded_fen, paid_fen],
    )


@pytest.fixture
def two(committed_db):
    """Two promoters with four weeks of fifty clicks and an order a day."""
    some = [make_parties.promoter(phone=f"1390000010{n}") for n in range(2)]
    for promoter in some:
        for n in range(1, 29):
            counted(promoter, TODAY - n * DAY, clicks=50, orders=1, paid_fen=5_000)
    return some


def test_an_odd_day_opens_one_case_however_often_it_is_looked_at(two):
    odd, usual = two
    counted(odd, TODAY, clicks=500)
    counted(usual, TODAY, clicks=60, orders=1, paid_fen=5_000)
    assert watch_behaviour(now=NOON, whole=False) == 1
    [case] = risk.open_cases()
    assert (case.kind, case.object) == (CaseKind.CLICKS_WITHOUT_ORDERS, f"{odd.no}/{TODAY}")
    assert case.facts == {"clicks": 500, "usual_clicks": 50, "orders": 0, "expected_orders": 10}
    assert watch_behaviour(now=NOON, whole=False) == 0
    risk_service.close_case(no=case.no, note="已核实", actor=OPERATOR_SHELL, now=NOON)
    assert watch_behaviour(now=NOON, whole=False) == 0
    assert watch_behaviour(now=NOON + DAY, whole=True) == 0
    assert risk.open_cases() == []


def test_what_is_missing_is_said_when_the_day_is_over(two):
    odd, usual = two
    counted(usual, TODAY, clicks=50, orders=1)
    assert watch_behaviour(now=NOON, whole=False) == 0
    assert watch_behaviour(now=NOON + DAY, whole=True) == 1
    [case] = risk.open_cases()
    assert (case.kind, case.object) == (CaseKind.SUDDEN_DROP, f"{odd.no}/{TODAY}")


def test_where_all_stand_still_nobody_has_dropped(two):
    counted(two[0], TODAY, clicks=1)
    counted(two[1], TODAY, clicks=2)
    assert watch_behaviour(now=NOON + DAY, whole=True) == 0


def test_the_case_says_why_in_words_and_numbers(two):
    operator = parties.operator() or make_parties.operator()
    counted(two[0], TODAY, clicks=500)
    counted(two[1], TODAY, clicks=50, orders=1)
    watch_behaviour(now=NOON, whole=False)
    [case] = risk.open_cases()
    person = parties.administrators_of([operator.id])[operator.id][0].person_id
    for english, words in (
        (False, "当日点击 500 次，平时约 50 次；按平时的转化应有约 10 单，实际 0 单"),
        (True, "500 clicks that day, usually about 50; they would bring about 10 orders and brought 0"),
    ):
        here = Sitting(person, operator, english=english)
        page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", here.get("case", no=case.no, htmx=True).content.decode()))
        assert words in page
        listed = here.get("cases").content.decode()
        assert case.no in listed and ("Clicks without orders" if english else "点击激增但无成交") in listed
