"""Batch files to the bank and outcome files from it."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tuike.gateways.bank_files import OutcomesUnreadable, read_outcomes, write_batch
from tuike.gateways.payouts import BankRail, Outcome, OutcomeState, Payout

HEADING = "payout_no,outcome,bank_ref,reason,settled_at\n"


def payout(**changes):
    """A bank payout."""
    given_ = {
        "payout_no": "W26112200000001",
        "amount_fen": 123_456,
        "name": "张三",
        "account_no": "6222020200112233445",
        "bank": "中国工商银行",
    }
    return Payout(**{**given_, **changes})


def cells(file):
    """The file as a spreadsheet sees it."""
    return list(csv.reader(io.StringIO(file.decode("utf-8-sig"), newline="")))


def wrong_lines(text):
    """The line numbers that the refusal names."""
    with pytest.raises(OutcomesUnreadable) as refused:
        read_outcomes(text if isinstance(text, bytes) else text.encode())
    assert "{" not in refused.value.sentence("zh-hans") + refused.value.sentence("en")
    return [line for line, _, _ in refused.value.problems]


def test_a_batch_is_written_exactly():
    file = write_batch([payout(), payout(payout_no="W26112200000002", amount_fen=1)])
    assert (
        file
        == (
            "\ufeffpayout_no,account_name,account_no,bank,amount_fen\r\n"
            "W26112200000001,张三,6222020200112233445,中国工商银行,123456\r\n"
            "W26112200000002,张三,6222020200112233445,中国工商银行,1\r\n"
        ).encode()
    )


@given(st.text(min_size=1, max_size=20).filter(str.strip), st.text(min_size=1, max_size=20).filter(str.strip))
def test_no_cell_of_a_batch_starts_a_formula_or_a_line(name, bank):
    rows = cells(write_batch([payout(name=name, bank=bank)]))
    assert len(rows) == 2
    assert len(rows[1]) == 5
    assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) for cell in rows[1])


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        ([payout(), payout(amount_fen=5)], "payout_no is used twice"),
        ([payout(payout_no="W 1")], "payout_no"),
        ([payout(amount_fen=0)], "amount_fen"),
        ([payout(amount_fen=-1)], "amount_fen"),
        ([payout(amount_fen=True)], "amount_fen"),
        ([payout(name=None)], "name"),
        ([payout(account_no="")], "account"),
        ([payout(bank=None)], "bank"),
    ],
)
def test_a_batch_that_would_pay_wrongly_is_not_written(rows, why):
    with pytest.raises(ValueError, match=why):
        write_batch(rows)


def test_outcomes_are_read():
    text = HEADING + (
        "W26112200000001,paid,ICBC20261122001,,2026-11-22 14:05:09\n"
        "W26112200000002,RETURNED,,账号与户名不符,2026-11-22T06:05:09+00:00\n"
        "\n"
    )
    paid, returned = read_outcomes(text.encode("utf-8-sig"))
    assert paid == Outcome(
        payout_no="W26112200000001",
        state=OutcomeState.PAID,
        reference="ICBC20261122001",
        settled_at=paid.settled_at,
    )
    assert paid.settled_at == returned.settled_at
    assert (returned.state, returned.reason, returned.reference) == (OutcomeState.RETURNED, "账号与户名不符", None)
    assert read_outcomes(text.encode("gb18030")) == [paid, returned]
    assert read_outcomes(text.replace("\n", "\r\n").encode()) == [paid, returned]


def test_columns_in_any_order_and_the_amount_where_the_bank_gives_it():
    text = "amount_fen,settled_at,reason,bank_ref,outcome,payout_no\n123456,2026-11-22 14:05:09,,'77,paid,W2611220001\n"
    (outcome,) = read_outcomes(text.encode())
    assert (outcome.amount_fen, outcome.reference) == (123456, "77")


@pytest.mark.parametrize("amount", ["1234.56", "¥1234", "1,234", "1e5", "-5", "0", "１２", " 1 2"])
def test_a_mistyped_amount_is_named_by_its_line(amount):
    line = f'W2,paid,7,,2026-11-22 14:05:09,"{amount}"\n'
    assert wrong_lines(HEADING.replace("\n", ",amount_fen\n") + "W1,paid,7,,2026-11-22 14:05:09,5\n" + line) == [3]


@pytest.mark.parametrize(
    ("lines", "wrong"),
    [
        (["W1,paid,7,,2026-11-22 14:05:09", "W1,paid,7,,2026-11-22 14:05:09"], [3]),
        (["W1,paid,7,,2026-11-22 14:05:09", "W1,returned,,x,2026-11-22 14:05:09"], [3]),
        (["W1,done,7,,2026-11-22 14:05:09"], [2]),
        (["W1,,7,,2026-11-22 14:05:09"], [2]),
        (["W1,paid,,,2026-11-22 14:05:09"], [2]),
        (["W1,returned,7,,2026-11-22 14:05:09"], [2]),
        (["W1,paid,7,,"], [2]),
        (["W1,paid,7,,2026-11-22"], [2]),
        (["W1,paid,7,,22/11/2026 14:05"], [2]),
        (["W1,paid,7,,2026-13-22 14:05:09"], [2]),
        (["W 1,paid,7,,2026-11-22 14:05:09"], [2]),
        (["W1,paid,7"], [2]),
        (["W1,paid,7,,2026-11-22 14:05:09,9"], [2]),
        (["W1,done,7,,2026-11-22 14:05:09", "", "W2,paid,7,,never"], [2, 4]),
        (['W1,paid,7,"two', 'lines",2026-11-22 14:05:09', "W2,oops,7,,2026-11-22 14:05:09"], [4]),
        ([], [1]),
    ],
)
def test_a_wrong_line_is_named_and_nothing_is_taken(lines, wrong):
    assert wrong_lines(HEADING + "\n".join(lines) + "\n") == wrong


@pytest.mark.parametrize(
    "file",
    [b"", b"\xff\xff\xff\xff", b"payout_no,outcome\nW1,paid\n", HEADING.replace("reason", "outcome").encode()],
)
def test_a_file_without_the_heading_is_refused_at_line_1(file):
    assert wrong_lines(file) == [1]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused_by_name(junk):
    for file in (junk, HEADING.encode() + junk):
        try:
            read_outcomes(file)
        except OutcomesUnreadable as refused:
            assert refused.problems


def test_many_problems_are_counted_not_listed():
    text = HEADING + "".join(f"W{n},done,7,,2026-11-22 14:05:09\n" for n in range(100))
    with pytest.raises(OutcomesUnreadable) as refused:
        read_outcomes(text.encode())
    assert len(refused.value.problems) == 100
    assert refused.value.sentence("en").endswith("80 more")
    assert refused.value.sentence("zh").endswith("另有 80 处")


def test_the_bank_rail_waits_for_the_file():
    rail = BankRail()
    assert rail.send(payout()).state is OutcomeState.ACCEPTED
    assert rail.ask("W26112200000001").state is OutcomeState.ACCEPTED
    with pytest.raises(ValueError, match="name, account number and bank"):
        rail.send(payout(bank=""))
