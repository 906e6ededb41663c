"""The case queue: one open case per kind and object, closed once, with a note."""

from datetime import timedelta

import pytest
from django.db import transaction

from tests.make.settlement import FIRST, NOW, everything
from tuike.db import rows
from tuike.kit.errors import Invalid
from tuike.risk import queries, service
from tuike.risk.types import CaseFacts, CaseKind, NoOpenCase

pytestmark = pytest.mark.usefixtures("db")


def unknown(no: str, fen: int = 100) -> CaseFacts:
    return CaseFacts(CaseKind.UNKNOWN_PAYOUT, no, fen, {"why": "没有回音"})


def test_a_case_is_opened_once_while_it_is_open():
    twice = [unknown("W1"), unknown("W1", 5), unknown("W2"), CaseFacts(CaseKind.PAYOUT_CONFLICT, "W1")]
    assert service.open_cases(cases=twice, now=NOW) == 3
    assert service.open_cases(cases=twice, now=NOW + timedelta(hours=1)) == 0
    assert service.open_cases(cases=[], now=NOW) == 0
    shown = queries.open_cases()
    assert [(c.kind, c.object, c.amount_fen, c.facts, c.opened_at) for c in shown] == [
        ("unknown_payout", "W1", 100, {"why": "没有回音"}, NOW),
        ("unknown_payout", "W2", 100, {"why": "没有回音"}, NOW),
        ("payout_conflict", "W1", 0, {}, NOW),
    ]
    assert len({c.no for c in shown}) == 3


def test_a_case_is_closed_once_with_a_note_and_an_act_and_may_come_again():
    service.open_cases(cases=[unknown("W1")], now=NOW)
    (case,) = queries.open_cases()
    for note in ("", " ", "长" * 401, "a\0b"):
        before = everything()
        with pytest.raises(Invalid), transaction.atomic():
            service.close_case(no=case.no, note=note, actor=FIRST, now=NOW)
        assert everything() == before
    service.close_case(no=case.no, note=" 银行已确认到账 ", actor=FIRST, now=NOW)
    assert queries.open_cases() == []
    (closed,) = queries.cases_about("W1")
    assert (closed.closed_at, closed.closed_by, closed.note) == (NOW, FIRST.person_id, "银行已确认到账")
    assert rows.query("SELECT action, object, facts->>'note' FROM audit_act") == [
        ("case.close", case.no, "银行已确认到账")
    ]
    before = everything()
    for no in (case.no, "C404"):
        with pytest.raises(NoOpenCase), transaction.atomic():
            service.close_case(no=no, note="再来", actor=FIRST, now=NOW)
    assert everything() == before
    assert service.open_cases(cases=[unknown("W1")], now=NOW) == 1
