"""Writes of payments. All run inside the caller's transaction, but `keep_notice`, which a door calls by itself."""

from tuike.payments.service.intents import intents_to_ask, mark_prepared, open_intent, record_closed
from tuike.payments.service.notices import finish_notices, keep_notice, postpone_notice, waiting_notices
from tuike.payments.service.refunding import record_refund_refused, record_refunds, refunds_to_send, send_again
from tuike.payments.service.refunds import left_to_refund, open_refunds
from tuike.payments.service.settling import settle

__all__ = [
    "finish_notices",
    "intents_to_ask",
    "keep_notice",
    "left_to_refund",
    "mark_prepared",
    "open_intent",
    "open_refunds",
    "postpone_notice",
    "record_closed",
    "record_refund_refused",
    "record_refunds",
    "refunds_to_send",
    "send_again",
    "settle",
    "waiting_notices",
]
