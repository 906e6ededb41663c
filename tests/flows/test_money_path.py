"""What happens to money between placing and paying: frozen facts, closed payments, notices that can't be taken."""

import pytest

from tests import books
from tests.make import alliance as make
from tests.make import parties as make_parties
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.parties import service as parties

pytestmark = pytest.mark.usefixtures("db")


@pytest.mark.parametrize("recruited_before", [True, False])
def test_the_line_above_is_the_one_of_placement(recruited_before: bool) -> None:
    one = make.alliance()
    other = make_parties.promoter(name="推客老赵", phone="13900000003")
    if not recruited_before:
        move(one.promoter.id, None)
    make.touch(one)
    order = make.placed(one)
    move(one.promoter.id, other.id)
    make.pay(order, now=make.NOON)
    tier2 = rows.query("SELECT payee_id FROM commission_accrual WHERE role = 'tier2'")
    assert tier2 == ([(one.recruiter.id,)] if recruited_before else [])
    books.check()


def move(promoter_id: int, recruiter_id: int | None) -> None:
    parties.change_recruiter(
        promoter_id=promoter_id, recruiter_id=recruiter_id, reason="换团队", actor=OPERATOR_SHELL, now=make.NOON
    )
