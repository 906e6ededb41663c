"""The small bank: outcome files by upload and by control; one payout number is decided once."""

import csv
import io

import pytest
import requests

from tests.sandbox_process import ControlRefused, Sandbox

HEAD = "payout_no,account_name,account_no,bank,amount_fen\n"
FILE = HEAD + "".join(f"W{n:03d},林小满,62220000{n:04d},招商银行,{n * 100}\n" for n in range(1, 101))


def outcomes(text: str) -> dict[str, dict[str, str]]:
    reader = csv.DictReader(io.StringIO(text, newline=""))
    assert reader.fieldnames == ["payout_no", "outcome", "bank_ref", "reason", "settled_at"]
    return {row["payout_no"]: row for row in reader}


def test_upload_and_download(sandbox: Sandbox) -> None:
    form = {"mode": "returned", "payout_nos": "W002\nW005", "reason": "户名不符"}
    page = requests.post(
        f"{sandbox.base}/sandbox/bank", data=form, files={"file": ("batch.csv", "\ufeff" + FILE)}, timeout=30
    )
    assert page.status_code == 200
    assert "batch.csv" in page.text
    answer = requests.get(f"{sandbox.base}/sandbox/bank/1.csv", timeout=30)
    found = outcomes(answer.content.decode("utf-8-sig"))
    assert len(found) == 100
    returned = {number: row["reason"] for number, row in found.items() if row["outcome"] == "returned"}
    assert returned == {"W002": "户名不符", "W005": "户名不符"}
    assert all(bool(row["bank_ref"]) == (row["outcome"] == "paid") for row in found.values())
    assert all(row["settled_at"].endswith("+08:00") for row in found.values())
    assert requests.get(f"{sandbox.base}/sandbox/bank/99.csv", timeout=30).status_code == 404


def test_random_follows_the_seed(sandbox: Sandbox) -> None:
    def states(seed: int) -> list[str]:
        sandbox.reset()
        done = sandbox.control("bank", csv=FILE, mode="random", seed=seed, percent=30)
        assert done["paid"] + done["returned"] == 100
        return [row["outcome"] + row["reason"] for row in outcomes(done["csv"]).values()]

    first = states(7)
    assert states(7) == first
    assert states(8) != first
    assert 10 < sum(state != "paid" for state in first) < 50


def test_the_bank_doesnt_pay_twice(sandbox: Sandbox) -> None:
    first = sandbox.control("bank", csv=FILE, mode="paid")
    again = sandbox.control("bank", csv=FILE, mode="returned")
    assert again["csv"] == first["csv"]
    other = sandbox.control("bank", csv=HEAD + "W001,林小满,622200000001,招商银行,999999\n", mode="paid")
    assert (other["paid"], other["returned"]) == (0, 1)
    assert "重复" in other["csv"]
    assert sandbox.control("bank", csv=FILE, mode="returned")["csv"] == first["csv"]


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("\n", "first line"),
        (HEAD, "no payout"),
        ("payout_no,amount\nW1,1\n", "first line"),
        (HEAD + "W001,林小满,6222,招商银行,0\n", "line 2"),
        (HEAD + "W001,林小满,6222,招商银行,1.5\n", "line 2"),
        (HEAD + "W001,林小满,6222,招商银行,1\nW001,林小满,6222,招商银行,1\n", "line 3"),
        (HEAD + "W001,林小满,,招商银行,1\n", "line 2"),
    ],
)
def test_wrong_files_are_refused_whole(sandbox: Sandbox, text: str, word: str) -> None:
    with pytest.raises(ControlRefused, match=word):
        sandbox.control("bank", csv=text)
    page = requests.post(f"{sandbox.base}/sandbox/bank", files={"file": ("x.csv", text)}, timeout=30)
    assert 'role="alert"' in page.text
    assert sandbox.control("bank", csv=HEAD + "W001,林小满,6222,招商银行,5\n")["id"] == 1, "nothing was kept before"
