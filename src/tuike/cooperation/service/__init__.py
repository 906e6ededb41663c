"""The verbs of cooperation: activities, enrolments, cancels, extensions, counted orders, access, the pool."""

from tuike.cooperation.service.access import check_open, close_access, open_access
from tuike.cooperation.service.activities import (
    change_activity,
    change_draft,
    close_activity,
    create_activity,
    delete_activity,
    publish_activity,
)
from tuike.cooperation.service.cancels import ask_cancel, decide_cancel
from tuike.cooperation.service.counting import count_paid, count_refunded
from tuike.cooperation.service.enrolments import enrol, pass_enrolments, reject_enrolments, withdraw_enrolment
from tuike.cooperation.service.extensions import answer_extension, ask_extension
from tuike.cooperation.service.pool import apply_to_pool, decide_pool, remove_from_pool
from tuike.cooperation.service.timers import tend

__all__ = [
    "answer_extension",
    "apply_to_pool",
    "ask_cancel",
    "ask_extension",
    "change_activity",
    "change_draft",
    "check_open",
    "close_access",
    "close_activity",
    "count_paid",
    "count_refunded",
    "create_activity",
    "decide_cancel",
    "decide_pool",
    "delete_activity",
    "enrol",
    "open_access",
    "pass_enrolments",
    "publish_activity",
    "reject_enrolments",
    "remove_from_pool",
    "tend",
    "withdraw_enrolment",
]
