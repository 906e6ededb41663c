"""Webhooks leave: events are written for the parties that want them; each delivery is marked, sent, recorded.

Sending waits for others, so it is done by threads that touch no database; this thread takes what is due whenever one of
them is free, and records what came back. No endpoint, and no host, has more than a few of them at a time: one that is
slow holds up itself.
"""

from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from functools import partial

import structlog
from django.conf import settings
from django.db import transaction

from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.flows import webhook_words
from tuike.flows.concerned import portion
from tuike.gateways import webhook
from tuike.gateways.webhook import Heard
from tuike.outbox import service as outbox
from tuike.outbox.types import Event
from tuike.webhooks import queries
from tuike.webhooks import service as webhooks
from tuike.webhooks.types import Taken, Tried

CONSUMER = "webhooks"
EVENTS = 500
OBJECTS = 10_000
THREADS = 16
PER_HOST = 4
"""Calls of one host at a time."""
COLLECT_EVERY = timedelta(seconds=1)
_WAIT_SECONDS = 1

Clock = Callable[[], datetime]
Send = Callable[[Taken, datetime], Heard]
_log = structlog.get_logger(__name__)


def send(one: Taken, real_now: datetime) -> Heard:
    """Sign a delivery with the real time and send it. Whatever goes wrong is an answer, too."""
    timestamp = int(real_now.timestamp())
    headers = webhooks.signed_headers(secrets=one.secrets, event_no=one.event_no, timestamp=timestamp, body=one.body)
    try:
        return webhook.post(url=one.url, body=one.body, headers=headers, private=settings.WEBHOOK_PRIVATE)
    except Exception:  # whatever it is: the delivery comes again
        _log.exception("webhook_not_sent", delivery=one.delivery_id)
        return Heard(None, "internal", "", 0)


def collect_webhooks(*, now: datetime) -> int:
    """Write what waits in the outbox for the parties that want to hear of it; return how many events were read."""
    done = 0
    pieces = partial(portion, most=OBJECTS)
    while read := outbox.drain(consumer=CONSUMER, handle=partial(_tell, now), now=now, limit=EVENTS, portion=pieces):
        done += read
    return done


def deliver_webhooks(
    *, clock: Clock, real_clock: Clock, send: Send = send, stopping: Callable[[], bool] = lambda: False
) -> dict[str, int]:
    """Collect and send until nothing is due, or until `stopping`; return how much was done.

    `clock` is the product's, by which the schedule goes; `real_clock` dates signatures (docs/user/webhooks.md).
    Stopped or killed between a call and its record, a delivery is sent again, under the same id.
    """
    done = {"events": 0, "sent": 0, "delivered": 0}
    flying: dict[Future[Heard], Taken] = {}
    collected: datetime | None = None
    pool = ThreadPoolExecutor(THREADS, thread_name_prefix="webhook")
    try:
        while True:
            now = clock()
            if not stopping():
                if collected is None or not now - COLLECT_EVERY < collected <= now:
                    done["events"] += collect_webhooks(now=now)
                    collected = now
                for one in _take(flying=list(flying.values()), now=now):
                    flying[pool.submit(send, one, real_clock())] = one
            if not flying:
                return done
            ended, _ = wait(flying, timeout=_WAIT_SECONDS, return_when=FIRST_COMPLETED)
            tried = [tried_of(flying.pop(one), one.result()) for one in ended]
            if tried:
                record_tries(tried=tried, now=clock())
            done["sent"] += len(tried)
            done["delivered"] += sum(not one.error for one in tried)
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def test_endpoint(*, party_id: int, endpoint_no: str, now: datetime, real_now: datetime, send: Send = send) -> int:
    """Send a test event to an endpoint at once and return its delivery, in which stands what came back.

    Raises:
        UnknownEndpoint. EndpointOff: it is switched off.
    """
    with transaction.atomic(durable=True):
        delivery_id = webhooks.tell_test(party_id=party_id, endpoint_no=endpoint_no, now=now)
        taken = webhooks.take_one(party_id=party_id, delivery_id=delivery_id, now=now)
    assert taken is not None, "nobody else knows of it yet"
    record_tries(tried=[tried_of(taken, send(taken, real_now))], now=now)
    return delivery_id


@retry
def redeliver(*, party_id: int, delivery_id: int, actor: Actor, now: datetime) -> None:
    """Let a delivery that has ended begin anew.

    Raises:
        UnknownDelivery, DeliveryUnderWay, EndpointOff: see webhooks.redeliver.
    """
    with transaction.atomic(durable=True):
        webhooks.redeliver(party_id=party_id, delivery_id=delivery_id, actor=actor, now=now)


@retry
def redeliver_failed(*, party_id: int, endpoint_no: str, since: datetime, actor: Actor, now: datetime) -> int:
    """Let everything begin anew that was given up for an endpoint since an instant; return how many that are.

    Raises:
        UnknownEndpoint, EndpointOff: see webhooks.redeliver_failed.
    """
    with transaction.atomic(durable=True):
        return webhooks.redeliver_failed(party_id=party_id, endpoint_no=endpoint_no, since=since, actor=actor, now=now)


@retry
def record_tries(*, tried: Sequence[Tried], now: datetime) -> int:
    """Record what came back; return how many tries counted."""
    with transaction.atomic(durable=True):
        return webhooks.record(tried=tried, now=now)


def tried_of(one: Taken, heard: Heard) -> Tried:
    """Return a delivery's try as it is recorded."""
    return Tried(one.delivery_id, one.take, heard.took_ms, heard.status, heard.error, heard.answer)


def _tell(now: datetime, events: Sequence[Event]) -> None:
    wanting = queries.wanting()
    if wanting:
        webhooks.tell(told=webhook_words.told(events, wanting=wanting), now=now)


@retry
def _take(*, flying: Sequence[Taken], now: datetime) -> list[Taken]:
    with transaction.atomic(durable=True):
        return webhooks.take(
            limit=THREADS - len(flying), per_host=PER_HOST, flying=Counter(one.host for one in flying), now=now
        )
