"""The payout rail of docs/extending.md, as it stands there, carries a withdrawal to its end."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from tests.make.settlement import NOW, approved, check, payee, shown, stand
from tuike.flows.run_payouts import run_payouts
from tuike.parties.types import Rail as AccountRail
from tuike.settlement.types import Rail, WithdrawalState

pytestmark = pytest.mark.usefixtures("db")

PAGE = (Path(__file__).parents[2] / "docs/extending.md").read_text()


class Company:
    """The wallet company: pays a number once; its first `lost` answers get lost."""

    def __init__(self, *, lost: int, deaf: int = 0):
        self.lost, self.deaf, self.paid, self.calls = lost, deaf, {}, []

    def pay(self, number, account, fen):
        self.calls.append(("pay", number))
        if self.deaf:
            self.deaf -= 1
            raise ConnectionError("nobody there")
        row = self.paid.setdefault(number, {"id": f"W{len(self.paid)}", "state": "done", "fen": fen, "to": account})
        if self.lost:
            self.lost -= 1
            raise ConnectionError("no answer")
        return row

    def find(self, number):
        self.calls.append(("find", number))
        return self.paid.get(number)


@pytest.fixture
def wallet_rail():
    names: dict = {}
    exec(compile(re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)[1], "docs/extending.md", "exec"), names)
    return names["WalletRail"]


def _run(rail, minutes):
    # The name is the sandbox's, as this product has no wallet: rails are only what they are called under.
    return run_payouts(rails={Rail.SANDBOX: rail}, now=NOW + timedelta(minutes=minutes))


def test_a_lost_answer_is_asked_for_and_the_money_leaves_once(wallet_rail):
    party = payee(1_000, rail=AccountRail.SANDBOX)
    no = approved(party, 1_000)
    company = Company(lost=1)
    rail = wallet_rail(company)
    assert _run(rail, 0).sent == 1
    assert (shown(no).state, stand(party, "leaving")) == (WithdrawalState.SENDING, {"leaving": 1_000})
    assert _run(rail, 60).asked == 1
    assert (shown(no).state, stand(party, "leaving")) == (WithdrawalState.PAID, {"leaving": 0})
    assert company.calls == [("pay", no), ("find", no)] and company.paid[no]["fen"] == 1_000
    check()


def test_what_never_arrived_is_sent_again_under_its_number(wallet_rail):
    party = payee(1_000, rail=AccountRail.SANDBOX)
    no = approved(party, 1_000)
    company = Company(lost=0, deaf=1)
    rail = wallet_rail(company)
    _run(rail, 0)
    _run(rail, 60)
    assert company.calls == [("pay", no), ("find", no), ("pay", no)]
    assert (shown(no).state, stand(party, "leaving")) == (WithdrawalState.PAID, {"leaving": 0})
    check()
