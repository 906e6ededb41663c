"""The verbs of messages: news of parties, messages to persons, what WeChat is asked to show on their phones."""

from tuike.messages.service.party import forget_old, mute, see, tell, tell_many, tell_one
from tuike.messages.service.personal import (
    forget_personal,
    grant,
    read_personal,
    register_template,
    remove_template,
    tell_person,
    tell_persons,
)
from tuike.messages.service.sending import put_off, record_refused, record_sent, record_unfit, take_due

__all__ = [
    "forget_old",
    "forget_personal",
    "grant",
    "mute",
    "put_off",
    "read_personal",
    "record_refused",
    "record_sent",
    "record_unfit",
    "register_template",
    "remove_template",
    "see",
    "take_due",
    "tell",
    "tell_many",
    "tell_one",
    "tell_person",
    "tell_persons",
]
