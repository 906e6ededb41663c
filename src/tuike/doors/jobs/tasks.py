"""The jobs and their schedule. A job drains what waits, so that one of a kind is enough however much has come in.

Minutes are those of the real clock; the instant that a job works with is the product's.
"""

import time
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

import structlog
from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.exceptions import UniqueViolation
from procrastinate.jobs import Status

from tuike.audit.types import SYSTEM
from tuike.checkups import service as checkups
from tuike.doors.jobs import sending
from tuike.doors.jobs.kinds import DAILY, EARLY, HOURLY, MINUTELY, TEN_MINUTELY, job
from tuike.doors.web import making
from tuike.doors.web.soon import soon
from tuike.flows import (
    close_month,
    close_unpaid,
    confirm_payments,
    count_buyers,
    decide_after_sales,
    decide_applications,
    follow_events,
    forget,
    leave_network,
    make_exports,
    mature_lines,
    move_grades,
    open_red_packet,
    outside,
    receive_orders,
    record_payout_notices,
    refresh_figures,
    refresh_library,
    reject_overdue,
    reward_buyers,
    run_payouts,
    seal_audit,
    send_messages,
    send_refunds,
    send_to_members,
    take_reports,
    target_promoters,
    tell_deadlines,
    tend_cooperations,
    tend_rewards,
    tidy_board,
    watch_behaviour,
)
from tuike.insight import verify
from tuike.insight.verify import Result
from tuike.kit import clock

FAILED_JOBS_KEPT_HOURS = 24 * 14
log = structlog.get_logger(__name__)


@job("confirm_payments", cron=MINUTELY)
def confirm_paid(now: datetime) -> dict[str, int]:
    """Work off the notices of payments; a payment that came too late is given back at once."""
    done = {"notices": 0, "orders": 0, "accruals": 0, "cases": 0}
    while (one := confirm_payments.confirm_payments(now=now)).notices:
        for name in done:
            done[name] += getattr(one, name)
    if done["cases"]:
        soon("send_refunds")
    if done["orders"]:
        soon("follow_events")
        soon("score_orders")
    return done


@job("confirm_refunds", cron=MINUTELY)
def confirm_refunded(now: datetime) -> dict[str, int]:
    """Work off the notices of refunds."""
    done = {"notices": _drained(lambda: send_refunds.confirm_refunds(now=now))}
    if done["notices"]:
        soon("score_orders")
    return done


@job("send_refunds", cron=MINUTELY)
def send_refunds_due(now: datetime) -> dict[str, int]:
    """Send refunds to the provider, or ask for those without an answer."""
    done = _drained(lambda: send_refunds.send_refunds(now=now))
    if done:
        soon("score_orders")  # what is given back was approved a moment ago
    return {"refunds": done}


@job("ask_payments", cron=MINUTELY)
def ask_payments_due(now: datetime) -> dict[str, int]:
    """Ask for payments without news."""
    return {"asked": _drained(lambda: close_unpaid.ask_payments(now=now))}


@job("send_messages", cron=MINUTELY, alone=True)
def send_messages_due(now: datetime) -> dict[str, int]:
    """Let phones show the messages that their persons agreed to."""
    return {"messages": _drained(lambda: send_messages.send_messages(now=now))}


@job("close_unpaid", cron=MINUTELY)
def close_unpaid_due(now: datetime) -> dict[str, int]:
    """Close what wasn't paid in time."""
    return {"closed": _drained(lambda: close_unpaid.close_unpaid(now=now))}


@job("return_red_packets", cron=MINUTELY)
def return_red_packets(now: datetime) -> dict[str, int]:
    """End red packets whose time is over; what nobody opened goes back."""
    return {"packets": _drained(lambda: open_red_packet.return_red_packets(now=now))}


@job("take_reports", cron=MINUTELY, alone=True)
def take_reported(now: datetime) -> dict[str, int]:
    """Work off what external shops have reported."""
    done = take_reports.take_reports(now=now)
    if done["done"]:
        soon("follow_events")
        soon("score_orders")
    return done


@job("answer_overdue", cron=MINUTELY)
def answer_overdue(now: datetime) -> dict[str, int]:
    """Go on with after-sales that nobody answered in time."""
    done = {"after_sales": _drained(lambda: decide_after_sales.answer_overdue(now=now))}
    if done["after_sales"]:
        soon("send_refunds")
    return done


@job("receive_due", cron=MINUTELY)
def receive_due(now: datetime) -> dict[str, int]:
    """Confirm receipt where its time has come."""
    done = _drained(lambda: receive_orders.receive_due(now=now))
    if done:
        soon("score_orders")
    return {"orders": done}


@job("tend_cooperations", cron=MINUTELY, alone=True)
def tend_cooperations_due(now: datetime) -> dict[str, int]:
    """Let extensions lapse that nobody answered in time, and cooperations end whose period is over."""
    return {"ended": _drained(lambda: tend_cooperations.tend_cooperations(now=now))}


@job("mature", cron=TEN_MINUTELY, alone=True)
def mature_due(now: datetime) -> dict[str, int]:
    """Release everything that is due."""
    done = mature_lines.mature_lines(until=now, now=now)
    if done.batches:
        soon("follow_events")
    return {"batches": done.batches, "sales": done.sales, "accruals": done.accruals}


@job("reject_overdue", cron=TEN_MINUTELY)
def reject_overdue_due(now: datetime) -> dict[str, int]:
    """Reject what a rule held for so many days and nobody has decided."""
    return {"rejected": _drained(lambda: reject_overdue.reject_overdue(now=now))}


@job("run_payouts", cron=MINUTELY)
def run_payouts_due(now: datetime) -> dict[str, int]:
    """Send approved withdrawals and ask for those without an answer."""
    done = {"sent": 0, "asked": 0}
    rails = outside.rails()
    while (one := run_payouts.run_payouts(rails=rails, now=now)).sent + one.asked:
        done = {"sent": done["sent"] + one.sent, "asked": done["asked"] + one.asked}
    return done


@job("record_payout_notices", cron=MINUTELY)
def record_payouts(now: datetime) -> dict[str, int]:
    """Work off the notices of transfers."""
    return {"notices": _drained(lambda: len(record_payout_notices.record_payout_notices(now=now)))}


@job("seal_audit", cron=MINUTELY)
def seal_acts(now: datetime) -> dict[str, int]:
    """Chain the audit log's newest acts."""
    return {"sealed": seal_audit.seal_audit()}


@job("close_month", cron=HOURLY, alone=True)
def close_months(now: datetime) -> dict[str, int]:
    """Write the statements of months that have ended."""
    return {"statements": sum(close_month.close_ended_months(now=now).values())}


@job("refresh_library", cron=MINUTELY, alone=True)
def follow_sources(now: datetime) -> dict[str, int]:
    """Bring the product library up to date with what it is made from."""
    return refresh_library.refresh_library(now=now)


@job("refresh_figures", cron=MINUTELY, alone=True)
def count_days(now: datetime) -> dict[str, int]:
    """Count anew the days on which something changed."""
    return refresh_figures.refresh_figures(now=now)


@job("count_buyers", cron=EARLY, alone=True)
def count_groups(now: datetime) -> dict[str, int]:
    """Count anew what buyers are like, up to the end of yesterday."""
    return {"groups": count_buyers.count_buyers(now=now)}


@job("decide_applications", cron=MINUTELY)
def decide_ruled(now: datetime) -> dict[str, int]:
    """Let the form's rules look at applications that wait for them."""
    return {"applications": decide_applications.decide_by_rules(now=now)}


@job("return_deposits", cron=MINUTELY)
def return_due(now: datetime) -> dict[str, int]:
    """Give deposits back whose time has come."""
    done = _drained(lambda: leave_network.return_deposits(now=now))
    if done:
        soon("send_refunds")
    return {"deposits": done}


@job("follow_events", cron=MINUTELY, alone=True)
def follow_told(now: datetime) -> dict[str, int]:
    """Bring the parties' update feeds up to date."""
    return follow_events.follow_events(now=now)


@job("tidy_board", cron=HOURLY)
def close_posts(now: datetime) -> dict[str, int]:
    """Close posts of the board whose time is over."""
    return {"posts": tidy_board.tidy_board(now=now)}


@job("tend_rewards", cron=MINUTELY, alone=True)
def tend_offers(now: datetime) -> dict[str, int]:
    """Award who reached a target, take back from who fell under it, return what is left of offers that are over."""
    return tend_rewards.tend_rewards(now=now)


@job("move_grades", cron=EARLY, alone=True)
def move_on_ladder(now: datetime) -> dict[str, int]:
    """Move promoters up and down the ladder, from the next midnight on."""
    done = move_grades.move_grades(now=now)
    return {"up": done.up, "down": done.down}


@job("watch_today", cron=HOURLY, alone=True)
def watch_today(now: datetime) -> dict[str, int]:
    """Look for promoters whose day so far is unlike their others."""
    return {"cases": watch_behaviour.watch_behaviour(now=now, whole=False)}


@job("watch_yesterday", cron=EARLY, alone=True)
def watch_yesterday(now: datetime) -> dict[str, int]:
    """Look for promoters whose last day, now that it is over, is unlike their others."""
    return {"cases": watch_behaviour.watch_behaviour(now=now, whole=True)}


@job("count_sales", cron=HOURLY)
def count_sold(now: datetime) -> dict[str, int]:
    """Count anew what was sold, for the mall's and the library's orders by sales."""
    return {"counted": refresh_library.count_sales()}


@job("reward_buyers", cron=MINUTELY, alone=True)
def reward(now: datetime) -> dict[str, int]:
    """Let purchases, growth and points follow what was told."""
    return reward_buyers.reward_buyers(now=now)


@job("end_points", cron=HOURLY, alone=True)
def end_due_points(now: datetime) -> dict[str, int]:
    """End points whose time has come, and tell whose end soon."""
    return {"points": _drained(lambda: reward_buyers.end_points(now=now))}


@job("tell_deadlines", cron=TEN_MINUTELY)
def tell_deadlines_due(now: datetime) -> dict[str, int]:
    """Tell buyers of receipts that soon confirm themselves and of vouchers that soon end."""
    return {
        "receipts": _drained(lambda: tell_deadlines.tell_receipts(now=now)),
        "vouchers": _drained(lambda: tell_deadlines.tell_vouchers(now=now)),
    }


@job("send_to_members", cron=MINUTELY, alone=True)
def send_on(now: datetime) -> dict[str, int]:
    """Send what shops send to their members."""
    return {"members": send_to_members.send_on(now=now)}


@job("count_directory", cron=HOURLY)
def count_directory(now: datetime) -> dict[str, int]:
    """Count the level and conversion of promoters in the directory who weren't counted for half a day."""
    return {"cards": _drained(lambda: target_promoters.count_cards(before=now - timedelta(hours=12), now=now))}


@job("forget_old", cron=HOURLY)
def forget_old(now: datetime) -> dict[str, int]:
    """Remove used keys, ended sessions and files of lists that are old enough."""
    exported = make_exports.forget_exports(now=now)
    making.remove(exported)
    return forget.forget_old(now=now) | {"exports": len(exported)}


@job("make_exports", cron=MINUTELY, alone=True)
def make_exported(now: datetime) -> dict[str, int]:
    """Make the files that persons asked for, one after the other: no more of the machine than one takes."""
    made = 0
    while making.make_next():
        made += 1
    return {"exports": made}


@job("deliver_webhooks", cron=MINUTELY, alone=True)
def deliver_webhooks(now: datetime) -> dict[str, int]:
    """Tell parties' software what happened, and tell again what didn't get through; stays for most of a minute."""
    return sending.send_for_a_while()


@job("verify_books", cron=MINUTELY, alone=True)
def verify_books(now: datetime) -> dict[str, int]:
    """Run the checkups that were asked for."""
    done = {"checkups": 0, "findings": 0}
    while taken := checkups.take(now=now):
        began = time.monotonic_ns()
        results: list[Result] = []
        problem = ""
        try:
            results = verify.run(names=taken.names, now=clock.now())
        except Exception as error:  # whatever it is: the run is over, and says so
            log.exception("checkup_failed", checkup=taken.id)
            problem = type(error).__name__
        took_ms = (time.monotonic_ns() - began) // 1_000_000
        told = [asdict(result) for result in results]
        checkups.finish(checkup_id=taken.id, results=told, took_ms=took_ms, problem=problem, now=clock.now())
        done = {"checkups": done["checkups"] + 1, "findings": done["findings"] + sum(len(r.findings) for r in results)}
    return done


@job("verify_daily", cron=DAILY)
def verify_daily(now: datetime) -> dict[str, int]:
    """Ask for the day's checkup of everything."""
    checkups.ask(actor=SYSTEM, now=now)
    soon("verify_books")
    return {"asked": 1}


@job("verify_explorer", cron=HOURLY)
def verify_explorer(now: datetime) -> dict[str, int]:
    """Ask for the checks that the explorer of accruals shows above its rows: its totals, and what is pending."""
    checkups.ask(names=["explorer", "pending"], actor=SYSTEM, now=now)
    soon("verify_books")
    return {"asked": 1}


@app.periodic(cron=MINUTELY)
@app.task(name="retry_stalled", queueing_lock="retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Run again what a killed worker was at; where one of its kind waits already, that one does its work."""
    manager = context.app.job_manager
    for stalled in await manager.get_stalled_jobs():
        log.warning("job_stalled", job=stalled.task_name)
        try:
            await manager.retry_job(stalled)
        except UniqueViolation:
            await manager.finish_job(stalled, status=Status.FAILED, delete_job=False)


@app.periodic(cron=HOURLY)
@app.task(name="remove_old_jobs", queueing_lock="remove_old_jobs", pass_context=True)
async def remove_old_jobs(context: JobContext, timestamp: int) -> None:
    """Remove the rows of jobs that failed long ago."""
    await context.app.job_manager.delete_old_jobs(nb_hours=FAILED_JOBS_KEPT_HOURS, include_failed=True)


def _drained(step: Callable[[], Any]) -> int:
    """Repeat a step until it finds nothing, and return how much it did."""
    done = 0
    while some := step():
        done += some
    return done
