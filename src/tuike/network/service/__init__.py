"""The verbs of network: links, the form, applications, deposits, decisions about them, bans."""

from tuike.network.rules import missing_of
from tuike.network.service.applications import (
    PURPOSE,
    check_free_to_join,
    decide_application,
    file_application,
    judge,
    leave_to_people,
    open_answers,
    withdraw_application,
)
from tuike.network.service.bans import ban_people, lift_bans
from tuike.network.service.decisions import approve_decision, ask_decision, reject_decision
from tuike.network.service.deposits import (
    book_deposits,
    cancel_deposits,
    deposits_due,
    finish_refunds,
    hold_deposit,
    keep_deposit,
    leave_to_hand,
    lock_deposit,
    put_off,
    refund_deposit,
    return_stray,
    stay_deposit,
)
from tuike.network.service.links import close_link, make_link, recruited
from tuike.network.service.publishing import check_paid_tiers, publish_form

__all__ = [
    "PURPOSE",
    "approve_decision",
    "ask_decision",
    "ban_people",
    "book_deposits",
    "cancel_deposits",
    "check_free_to_join",
    "check_paid_tiers",
    "close_link",
    "decide_application",
    "deposits_due",
    "file_application",
    "finish_refunds",
    "hold_deposit",
    "judge",
    "keep_deposit",
    "leave_to_hand",
    "leave_to_people",
    "lift_bans",
    "lock_deposit",
    "make_link",
    "missing_of",
    "open_answers",
    "publish_form",
    "put_off",
    "recruited",
    "refund_deposit",
    "reject_decision",
    "return_stray",
    "stay_deposit",
    "withdraw_application",
]
