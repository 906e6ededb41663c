"""Receipts of months and of corrections: recomputed from the entries, and what was changed is said."""

from datetime import date, timedelta

import pytest

from tests.make import settlement as make
from tests.make.settlement import NOW
from tuike.insight.explain import UnknownNumber, explain
from tuike.settlement import service

CLOSED = NOW + timedelta(days=60)


def months():
    """A party with ¥50.00 in May and ¥3.00 more in June, both months closed."""
    party = make.payee(5_000)
    make.asked(party, 1_200)
    make.fund(party, 300, now=NOW + timedelta(days=20))
    for month in (5, 6):
        service.close_month(month=date(2026, month, 1), now=CLOSED)
    return party


def amounts(receipt):
    return [line.amount_fen for section in receipt.sections for line in section.lines if line.amount_fen is not None]


@pytest.mark.parametrize("spelled", ["{}-2026-06", "{}-202606"])
def test_a_month_is_recomputed_from_its_entries(db, spelled):
    party = months()
    (may,) = explain(f"{party.no}-2026-05")
    assert may.holds
    assert amounts(may) == [0, 5_000, -1_200, 3_800, 5_000, -1_200]
    (june,) = explain(spelled.format(party.no))
    assert june.holds
    assert amounts(june) == [3_800, 300, 4_100, 300, 0]


@pytest.mark.parametrize("number", ["{}-2026-07", "{}-2026-13", "{}-2026", "P0-2026-05"])
def test_a_month_that_is_not_there(db, number):
    party = months()
    with pytest.raises(UnknownNumber):
        explain(number.format(party.no))


def test_a_changed_month_is_said(committed_db, owner_sql):
    party = months()
    owner_sql("UPDATE settlement_statement SET entries = entries + 1 WHERE month = '2026-05-01'")
    (may,) = explain(f"{party.no}-2026-05")
    assert not may.holds
    assert any(line.tone == "bad" for section in may.sections for line in section.lines)
    assert explain(f"{party.no}-2026-06")[0].holds
