"""What the database's owner changes about appeals is named by verify."""

import pytest

from tests.make import parties as make_parties
from tests.make.alliance import NOON
from tests.make.appeals import appeal, review, sold
from tuike.flows.adjust_commission import approve_adjustment
from tuike.flows.answer_appeals import pay_appealed
from tuike.insight import verify
from tuike.parties.types import Role

# check, words of what is wrong, the change, how it is undone
TAMPERED = [
    (
        "appealed",
        "doesn't say since when",
        "UPDATE commission_accrual SET held_at = NULL WHERE review = 'held'",
        "UPDATE commission_accrual SET held_at = accrued_at WHERE review = 'held'",
    ),
    (
        "appealed",
        "which is clear",
        "UPDATE commission_accrual SET review = 'clear' WHERE review = 'held'",
        "UPDATE commission_accrual SET review = 'held' WHERE held_at IS NOT NULL AND review = 'clear'",
    ),
    (
        "appealed",
        "by the adjustment rejected",
        "UPDATE commission_adjustment SET state = 'rejected'",
        "UPDATE commission_adjustment SET state = 'approved'",
    ),
]


def findings() -> list[str]:
    (result,) = verify.run(names=["appealed"])
    return [f"{one.object} {one.what}" for one in result.findings]


@pytest.mark.usefixtures("committed_db")
def test_every_change_is_named(owner_sql):
    one, of = sold()
    for role in ("direct", "tier2"):
        review("hold", of[role])
    appeal(one.recruiter, of["tier2"])
    review("reject", of["direct"])
    no = appeal(one.promoter, of["direct"])
    made = pay_appealed(no=no, amount_fen=1, reason="属实", actor=make_parties.operator_seat(Role.ADMIN), now=NOON)
    assert findings() == []
    approve_adjustment(no=made, actor=make_parties.operator_seat(Role.FINANCE), now=NOON)
    assert findings() == []
    for _, what, change, undo in TAMPERED:
        owner_sql(change)
        assert any(what in found for found in findings()), change
        owner_sql(undo)
        assert findings() == [], undo
