"""What webhooks do: endpoints kept, events written, deliveries taken and recorded, sent again, forgotten."""

from tuike.webhooks.rules import signed_headers
from tuike.webhooks.service.deliveries import forget_old, record, redeliver, redeliver_failed, take, take_one
from tuike.webhooks.service.endpoints import add, change, delete, rotate, switch
from tuike.webhooks.service.events import tell, tell_test

__all__ = [
    "add",
    "change",
    "delete",
    "forget_old",
    "record",
    "redeliver",
    "redeliver_failed",
    "rotate",
    "signed_headers",
    "switch",
    "take",
    "take_one",
    "tell",
    "tell_test",
]
