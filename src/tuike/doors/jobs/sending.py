"""The job that sends webhooks stays for most of a minute: what happens is told within seconds, not with the minute.

It has one of the worker's places while it stays; the next minute's run waits for it, and takes over when it has ended.
"""

import threading
import time

from tuike.flows import deliver_webhooks
from tuike.kit import clock

STAYS_SECONDS = 50
LOOKS_EVERY_SECONDS = 1.0
STOPPING = threading.Event()
"""Set when the worker is asked to stop: what is being sent is recorded, and nothing more is taken."""


def send_for_a_while() -> dict[str, int]:
    """Send what is due until the stay is over or the worker stops; return how much was done."""
    until = time.monotonic() + STAYS_SECONDS
    done = {"events": 0, "sent": 0, "delivered": 0}

    def over() -> bool:
        return STOPPING.is_set() or time.monotonic() >= until

    while True:
        once = deliver_webhooks.deliver_webhooks(clock=clock.now, real_clock=clock.real_now, stopping=over)
        done = {name: done[name] + once[name] for name in done}
        if over() or STOPPING.wait(LOOKS_EVERY_SECONDS):
            return done
