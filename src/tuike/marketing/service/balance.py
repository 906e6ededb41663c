"""A buyer's balance in a checkout: held when it is placed, spent with its payment, given back when it closes."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from tuike.db import rows
from tuike.kit.errors import Invalid
from tuike.ledger import chart
from tuike.ledger import service as ledger
from tuike.ledger.types import Draft, Move, NotEnough
from tuike.marketing.types.red_packets import BalanceShort

_HOLD = {
    "checkout_no": "text",
    "buyer_id": "bigint",
    "amount_fen": "bigint",
    "refunded_fen": "bigint",
    "state": "text",
    "at": "timestamptz",
}
_REFUND = """
    UPDATE marketing_balance_hold SET refunded_fen = refunded_fen + %(fen)s
    WHERE checkout_no = %(no)s AND state = 'spent' AND refunded_fen + %(fen)s <= amount_fen
"""


def hold_balance(*, buyer_id: int, amount_fen: int, checkout_no: str, now: datetime) -> None:
    """Take `amount_fen` of a buyer's balance for a checkout, in the caller's transaction: it stands on
    `clearing:<checkout no>` until the checkout is paid or closed (docs/rules.md §7).

    Raises:
        Invalid: not an amount. BalanceShort: the balance is smaller.
    """
    if amount_fen <= 0:
        raise Invalid(field="amount_fen", reason_zh="金额须大于 0", reason_en="an amount above 0")
    rows.insert("marketing_balance_hold", _HOLD, [(checkout_no, buyer_id, amount_fen, 0, "held", now)])
    move = Move(chart.buyer(buyer_id, "balance"), chart.clearing(checkout_no), amount_fen)
    draft = Draft(f"balance_hold:{checkout_no}", "balance_hold", f"checkout:{checkout_no}", now, (move,))
    try:
        ledger.post(drafts=[draft], now=now)
    except NotEnough as error:
        raise BalanceShort from error


def lock_balances(*, buyer_ids: Iterable[int]) -> None:
    """Lock buyers' balances until the caller's transaction ends: for who changes them after other accounts."""
    ledger.lock(refs=[chart.buyer(buyer_id, "balance") for buyer_id in set(buyer_ids)])


def release_balance(*, checkout_nos: Iterable[str], now: datetime) -> int:
    """Give buyers back what checkouts hold of their balances and haven't spent, in the caller's transaction; return
    how many had something. A checkout that closed twice closed once."""
    freed = _leave(checkout_nos, "released")
    drafts = [
        Draft(
            f"balance_release:{no}",
            "balance_release",
            f"checkout:{no}",
            now,
            (Move(chart.clearing(no), chart.buyer(buyer_id, "balance"), fen),),
        )
        for no, buyer_id, fen in freed
    ]
    ledger.post(drafts=drafts, now=now)
    return len(freed)


def spend_balance(*, clearing: Mapping[str, str], now: datetime) -> dict[str, int]:
    """Spend what checkouts hold, in the caller's transaction: by checkout number the number of the clearing account
    from which its sales are booked. Return the fen by checkout; those that hold nothing are missing.

    A checkout that is booked from its own number (nothing was left for the channel to pay) has its money there.
    """
    spent = _leave(clearing, "spent")
    drafts = [
        Draft(
            f"balance_spend:{no}",
            "balance_spend",
            f"checkout:{no}",
            now,
            (Move(chart.clearing(no), chart.clearing(clearing[no]), fen),),
        )
        for no, _, fen in spent
        if clearing[no] != no
    ]
    ledger.post(drafts=drafts, now=now)
    return {no: fen for no, _, fen in spent}


def refund_balance(*, checkout_no: str, amount_fen: int, refund_no: str, now: datetime) -> None:
    """Give a buyer's balance back what a refund owes it, out of `clearing:<refund no>`, in the caller's transaction.

    Never more than the checkout spent of it, held by the statement. The same refund number is booked once.

    Raises:
        Invalid: more than was spent and hasn't gone back.
    """
    found = rows.query("SELECT buyer_id FROM marketing_balance_hold WHERE checkout_no = %s", [checkout_no])
    if amount_fen <= 0 or not found:
        raise _too_much()
    move = Move(chart.clearing(refund_no), chart.buyer(found[0][0], "balance"), amount_fen)
    draft = Draft(f"balance_refund:{refund_no}", "balance_refund", f"checkout:{checkout_no}", now, (move,))
    fresh = ledger.post(drafts=[draft], now=now)[0].fresh
    if fresh and not rows.run(_REFUND, {"no": checkout_no, "fen": amount_fen}):
        raise _too_much()


def _too_much() -> Invalid:
    return Invalid(field="amount_fen", reason_zh="超出余额支付的金额", reason_en="more than the balance paid")


def _leave(checkout_nos: Iterable[str], state: str) -> list[tuple[str, int, int]]:
    """Move holds out of `held`, by the one statement that finds them there."""
    wanted = sorted(set(checkout_nos))
    rows.query(
        "SELECT 1 FROM marketing_balance_hold WHERE checkout_no = ANY(%s) ORDER BY checkout_no FOR UPDATE", [wanted]
    )
    found = rows.query(
        "UPDATE marketing_balance_hold SET state = %s WHERE checkout_no = ANY(%s) AND state = 'held'"
        " RETURNING checkout_no, buyer_id, amount_fen",
        [state, wanted],
    )
    return sorted(found)
