"""The rail of the sandbox's bank: a file of one payout, answered at once. Development only; it moves no money."""

import json

from tuike.gateways import bank_files, http
from tuike.gateways.payouts import Outcome, OutcomeState, Payout
from tuike.gateways.types import Unreachable

_BANK = "沙箱银行"


class SandboxRail:
    """Payouts to the sandbox's bank, which decides each number once: sent again, it answers as it did before."""

    def __init__(self, *, base: str) -> None:
        """`base` is the sandbox's address, without a slash at the end."""
        self._base = base

    def send(self, payout: Payout) -> Outcome:
        """Hand over a file with this one payout and read the bank's answer.

        Raises:
            ValueError: name or account is missing.
        """
        lines = bank_files.write_batch(
            [
                Payout(
                    payout_no=payout.payout_no,
                    amount_fen=payout.amount_fen,
                    name=payout.name,
                    account_no=payout.account_no,
                    bank=payout.bank or _BANK,
                )
            ]
        )
        wish = {"csv": lines.decode(), "name": f"{payout.payout_no}.csv", "mode": "paid"}
        try:
            answer = http.send(
                operation="sandbox bank",
                method="POST",
                url=f"{self._base}/sandbox/control/bank",
                headers={"Content-Type": "application/json"},
                body=json.dumps(wish).encode(),
            )
            if answer.status != 200:
                return _unknown(payout.payout_no, f"status {answer.status}")
            told = bank_files.read_outcomes(json.loads(answer.body)["csv"].encode())
        except (Unreachable, ValueError, KeyError, TypeError, AttributeError, bank_files.OutcomesUnreadable) as error:
            return _unknown(payout.payout_no, type(error).__name__)
        mine = [outcome for outcome in told if outcome.payout_no == payout.payout_no]
        return mine[0] if mine else _unknown(payout.payout_no, "another number in the answer")

    def ask(self, payout_no: str) -> Outcome:
        """Return that it may be sent again: this bank answers only to files, and the same file gets the same answer."""
        return Outcome(payout_no=payout_no, state=OutcomeState.NOT_SENT)


def _unknown(payout_no: str, reason: str) -> Outcome:
    return Outcome(payout_no=payout_no, state=OutcomeState.UNKNOWN, reason=reason)
