"""Notices: sealed and signed, repeated on the schedule, damaged on request, kept over a restart."""

import json
import signal
import time
from pathlib import Path

import pytest

from tests.sandbox.clients import Merchant
from tests.sandbox_process import ControlRefused, Notice, NoticeListener, Sandbox, notice_listener, sandbox_process
from tests.waiting import until
from tuike_sandbox.notices import SCHEDULE

PAID = "notice:TRANSACTION.SUCCESS"


def first_of(sandbox: Sandbox, *, state: str) -> dict | None:
    """The first notice that the sandbox keeps, when it is in this state."""
    kept = sandbox.control("notices")["notices"]
    return kept[0] if kept and kept[0]["state"] == state else None


def test_the_schedule_is_the_documented_one() -> None:
    assert len(SCHEDULE) == 15
    assert sum(SCHEDULE) == 24 * 3600 + 4 * 60


def test_repeated_until_acknowledged(merchant: Merchant, sandbox: Sandbox, listener: NoticeListener) -> None:
    listener.answers = [500, 302, 404]
    merchant.paid()
    received = listener.wait(4)
    bodies = {notice.body for notice in received}
    assert len(bodies) == 1, "a repeated notice is the same notice"
    assert all(merchant.open(notice) for notice in received)
    stamps = [notice.headers["Wechatpay-Nonce"] for notice in received]
    assert len(set(stamps)) == 4, "signed anew each time"
    kept = until(lambda: first_of(sandbox, state="delivered"), what="its end")
    assert (kept["attempts"], kept["last_status"]) == (4, "204")
    time.sleep(0.3)  # what shouldn't come would come by then
    assert len(listener.received) == 4


def test_given_up_at_the_end_of_the_schedule(tmp_path: Path) -> None:
    with sandbox_process(tmp_path / "sandbox", notify_factor=1_000_000) as sandbox, notice_listener() as listener:
        listener.answer = 500
        Merchant(sandbox, listener.url).paid()
        listener.wait(16)
        until(lambda: first_of(sandbox, state="given_up"), what="its end")
        time.sleep(0.3)  # what shouldn't come would come by then
        assert len(listener.received) == 16


def test_a_crash_loses_no_notice(tmp_path: Path) -> None:
    with sandbox_process(tmp_path / "sandbox", notify_factor=300) as sandbox, notice_listener() as listener:
        listener.answer = 503
        merchant = Merchant(sandbox, listener.url)
        transaction = merchant.paid()
        listener.wait(1)
        sandbox.stop(signal_number=signal.SIGKILL)
        listener.answer = 204
        before = len(listener.received)
        sandbox.start()
        assert merchant.open(listener.wait(before + 1)[-1])["resource"] == transaction
        assert merchant.query(out_trade_no="ORDER0001")[1] == transaction
        assert merchant.order(total=9980)[1]["code"] == "ORDERPAID"


def holds(merchant: Merchant, notice: Notice) -> bool:
    """Whether the SDK takes a notice; it says no in several ways (None, an exception by kind of damage)."""
    try:
        return merchant.open(notice) is not None
    except Exception:
        return False


@pytest.mark.parametrize("action", ["unsigned", "flip", "wrong_serial", "garbage"])
def test_damage_doesnt_hold(merchant: Merchant, sandbox: Sandbox, listener: NoticeListener, action: str) -> None:
    sandbox.control("fault", target=PAID, action=action)
    listener.answers = [400]
    merchant.paid()
    damaged, sound = listener.wait(2)
    assert not holds(merchant, damaged)
    assert merchant.open(sound)["resource"]["out_trade_no"] == "ORDER0001"


def test_stale_and_altered_notices_are_well_signed(
    merchant: Merchant, sandbox: Sandbox, listener: NoticeListener
) -> None:
    sandbox.control("fault", target=PAID, action="stale", seconds=-601)
    sandbox.control("fault", target=PAID, action="alter", set={"mchid": "1900000000", "amount.total": 1})
    listener.answers = [400, 400]
    merchant.paid()
    stale, altered, sound = listener.wait(3)
    assert time.time() - int(stale.headers["Wechatpay-Timestamp"]) > 600
    assert abs(time.time() - int(sound.headers["Wechatpay-Timestamp"])) < 60
    assert merchant.open(stale)["resource"]["amount"]["total"] == 9980
    foreign = merchant.open(altered)["resource"]
    assert (foreign["mchid"], foreign["amount"]["total"]) == ("1900000000", 1)
    assert merchant.open(sound)["resource"]["mchid"] == sandbox.env["WECHATPAY_MCHID"]


def test_duplicated(merchant: Merchant, sandbox: Sandbox, listener: NoticeListener) -> None:
    sandbox.control("fault", target="notice:*", action="duplicate", copies=3)
    merchant.paid()
    received = listener.wait(4)
    assert len({json.loads(notice.body)["id"] for notice in received}) == 1
    time.sleep(0.3)
    assert len(listener.received) == 4


def test_dropped_then_sent(merchant: Merchant, sandbox: Sandbox, listener: NoticeListener) -> None:
    sandbox.control("fault", target=PAID, action="drop", times=2)
    merchant.paid()
    listener.wait(1)
    kept = sandbox.control("journal", endpoint=PAID)["journal"]
    assert [row["status"] for row in kept][:2] == ["dropped", "dropped"]


def test_delayed(merchant: Merchant, sandbox: Sandbox, listener: NoticeListener) -> None:
    sandbox.control("fault", target=PAID, action="delay", delay_ms=400)
    began = time.monotonic()
    merchant.paid()
    listener.wait(1)
    assert time.monotonic() - began >= 0.4


def test_reordered(merchant: Merchant, sandbox: Sandbox, listener: NoticeListener) -> None:
    sandbox.control("fault", target="notice:*", action="reorder", count=3)
    for number in ("ORDER0001", "ORDER0002", "ORDER0003"):
        merchant.paid(number)
    told = [merchant.open(notice)["resource"]["out_trade_no"] for notice in listener.wait(3)]
    assert told == ["ORDER0003", "ORDER0002", "ORDER0001"]
    merchant.paid("ORDER0004")
    listener.wait(4)


def test_held_notices_can_be_let_go(merchant: Merchant, sandbox: Sandbox, listener: NoticeListener) -> None:
    sandbox.control("fault", target="notice:*", action="reorder", count=5)
    merchant.paid()
    time.sleep(0.2)
    assert not listener.received
    assert sandbox.control("release_notices") == {"released": 1}
    listener.wait(1)


def test_paid_without_a_notice_and_a_notice_again(
    merchant: Merchant, sandbox: Sandbox, listener: NoticeListener
) -> None:
    merchant.order()
    sandbox.control("pay", out_trade_no="ORDER0001", notify=False)
    assert merchant.query(out_trade_no="ORDER0001")[1]["trade_state"] == "SUCCESS"
    merchant.paid("ORDER0002")
    first = json.loads(listener.wait(1)[0].body)["id"]
    until(lambda: first_of(sandbox, state="delivered"), what="its answer")
    sandbox.control("resend_notice", id=first)
    again = listener.wait(2)[1]
    assert json.loads(again.body)["id"] == first
    with pytest.raises(ControlRefused) as refused:
        sandbox.control("resend_notice", id="nosuch")
    assert refused.value.status == 404


def test_no_answer_counts_as_no(merchant: Merchant, sandbox: Sandbox) -> None:
    """A merchant that can't be reached: the order is paid all the same and the notice waits its turn."""
    with notice_listener() as gone:
        url = gone.url
    Merchant(sandbox, url).paid()
    kept = until(lambda: (one := first_of(sandbox, state="pending")) and one["last_status"] and one, what="an attempt")
    assert "Connect" in kept["last_status"]
