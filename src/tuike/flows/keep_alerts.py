"""A party's people set, change, switch, follow and delete thresholds, subscribe to reports and stop them: nothing of
the business changes, so that no act is left behind."""

from datetime import datetime

from django.db import transaction

from tuike.alerts import queries
from tuike.alerts import service as alerts
from tuike.alerts.types import Rhythm, Wish
from tuike.db.retry import retry
from tuike.flows.keyed import keyed


@retry
def set_threshold(*, party_id: int, person_id: int, wish: Wish, mail: bool, key: str, now: datetime) -> None:
    """Watch for something; with a used key nothing is added.

    Raises:
        Invalid, TooManyThresholds: see alerts.set_threshold.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> None:
        alerts.set_threshold(party_id=party_id, person_id=person_id, wish=wish, mail=mail, now=now)

    content = [wish.tile, wish.span, wish.compare.value, wish.bound, wish.quiet_from, wish.quiet_until, mail]
    scope = f"person:{person_id}:set_threshold:{party_id}"
    keyed(scope=scope, key=key, content=content, now=now, work=work, again=lambda: None)


@retry
def change_threshold(*, party_id: int, person_id: int, no: str, wish: Wish, mail: bool, now: datetime) -> None:
    """Watch for something else; the same again changes nothing.

    Raises:
        Invalid, UnknownThreshold: see alerts.change_threshold.
    """
    with transaction.atomic(durable=True):
        alerts.change_threshold(party_id=party_id, no=no, wish=wish, now=now)
        alerts.follow(party_id=party_id, no=no, person_id=person_id, on=mail)


@retry
def switch_threshold(*, party_id: int, no: str, on: bool, now: datetime) -> None:
    """Look at a threshold, or no more.

    Raises:
        UnknownThreshold: the party has no such threshold.
    """
    with transaction.atomic(durable=True):
        alerts.switch_threshold(party_id=party_id, no=no, on=on, now=now)


@retry
def delete_threshold(*, party_id: int, no: str, now: datetime) -> None:
    """Remove a threshold.

    Raises:
        UnknownThreshold: the party has no such threshold.
    """
    with transaction.atomic(durable=True):
        alerts.delete_threshold(party_id=party_id, no=no, now=now)


@retry
def follow_threshold(*, party_id: int, person_id: int, no: str, on: bool) -> None:
    """Let a person have a mail when a threshold is crossed, or none any more.

    Raises:
        UnknownThreshold: the party has no such threshold.
    """
    with transaction.atomic(durable=True):
        alerts.follow(party_id=party_id, no=no, person_id=person_id, on=on)


@retry
def subscribe(
    *, party_id: int, person_id: int, rhythm: Rhythm, weekday: int | None, hour: int, mail: bool, now: datetime
) -> None:
    """Let a person get a report; the same again changes nothing but when the next one is due.

    Raises:
        Invalid: see alerts.subscribe.
    """
    with transaction.atomic(durable=True):
        alerts.subscribe(
            party_id=party_id, person_id=person_id, rhythm=rhythm, weekday=weekday, hour=hour, mail=mail, now=now
        )


@retry
def unsubscribe(*, party_id: int, person_id: int, rhythm: Rhythm) -> None:
    """Write a person no such report any more.

    Raises:
        UnknownSubscription: the person gets none.
    """
    with transaction.atomic(durable=True):
        alerts.unsubscribe(party_id=party_id, person_id=person_id, rhythm=rhythm)


@retry
def stop_mails(*, party_id: int, person_id: int, rhythm: Rhythm | None, threshold_no: str = "", now: datetime) -> None:
    """Send a person no more mails of a report, or of a threshold, because they said so in one; again is no matter.

    The report itself goes on under the bell.
    """
    with transaction.atomic(durable=True):
        if rhythm is not None:
            one = queries.subscriptions_of(person_id=person_id, party_id=party_id).get(rhythm)
            if one is not None and one.mail:
                alerts.subscribe(
                    party_id=party_id, person_id=person_id, rhythm=rhythm, weekday=one.weekday, hour=one.hour,
                    mail=False, now=now,
                )  # fmt: skip
        elif any(one.no == threshold_no for one in queries.thresholds_of(party_id)):
            alerts.follow(party_id=party_id, no=threshold_no, person_id=person_id, on=False)


@retry
def send_again(*, party_id: int, person_id: int, sending_id: int, now: datetime) -> None:
    """Let a mail that failed, or of which nobody knows, leave once more.

    Raises:
        SendingNotOver: it is on its way, has arrived, or isn't this person's.
    """
    with transaction.atomic(durable=True):
        alerts.send_again(person_id=person_id, party_id=party_id, sending_id=sending_id, now=now)
