"""The verbs of alerts: set and look at thresholds, subscribe to and write reports, take and record mails."""

from tuike.alerts.service.reports import (
    due,
    forget_old,
    forget_person,
    make_edition,
    stop_report,
    subscribe,
    unsubscribe,
)
from tuike.alerts.service.sendings import give_up_lost, queue, record, send_again, take_due
from tuike.alerts.service.thresholds import (
    change_threshold,
    delete_threshold,
    follow,
    look,
    set_threshold,
    switch_threshold,
    to_look_at,
)

__all__ = [
    "change_threshold",
    "delete_threshold",
    "due",
    "follow",
    "forget_old",
    "forget_person",
    "give_up_lost",
    "look",
    "make_edition",
    "queue",
    "record",
    "send_again",
    "set_threshold",
    "stop_report",
    "subscribe",
    "switch_threshold",
    "take_due",
    "to_look_at",
    "unsubscribe",
]
