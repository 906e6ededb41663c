"""What the database's owner changes about what rules held is named by verify."""

import pytest

from tests.make import alliance as make
from tuike.audit.types import OPERATOR_SHELL
from tuike.insight import verify
from tuike.review import service as review
from tuike.review.types import Condition, Effect, Feature, NewRule

# check, words of what is wrong, the change, how it is undone
TAMPERED = [
    (
        "judged",
        "its hit is not there",
        "UPDATE review_hit SET object_id = -object_id",
        "UPDATE review_hit SET object_id = -object_id",
    ),
    (
        "judged",
        "its hit is of version",
        "UPDATE review_hit SET amount_fen = amount_fen + 1",
        "UPDATE review_hit SET amount_fen = amount_fen - 1",
    ),
    (
        "judged",
        "is clear, though version",
        "UPDATE commission_accrual SET review = 'clear' WHERE review = 'held'",
        "UPDATE commission_accrual SET review = 'held' WHERE judged_by IS NOT NULL",
    ),
    (
        "judged",
        "its accrual was judged by none",
        "UPDATE commission_accrual SET judged_by = NULL WHERE judged_by IS NOT NULL",
        "UPDATE commission_accrual SET judged_by = (SELECT max(id) FROM review_version) WHERE review = 'held'",
    ),
]


def findings(check: str) -> list[str]:
    return [found.what for result in verify.run(names=[check]) for found in result.findings]


@pytest.mark.usefixtures("committed_db")
def test_every_change_is_named(owner_sql):
    one = make.alliance()
    rule = NewRule("大额佣金", Effect.HOLD, {Feature.COMMISSION: Condition(least=500)})
    review.create_rule(merchant_id=None, rule=rule, actor=OPERATOR_SHELL, now=make.NOON)
    make.touch(one)
    make.bought(one)
    assert findings("judged") == []
    for check, what, change, undo in TAMPERED:
        owner_sql(change)
        assert any(what in found for found in findings(check)), change
        owner_sql(undo)
        assert findings(check) == [], undo
