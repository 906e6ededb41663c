"""Endpoints with their secrets, the events written for a party, deliveries of events to endpoints, and their tries."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tuike.parties.models import Party
from tuike.webhooks.types import ENDED, OPEN, OffReason


class Endpoint(models.Model):
    """An address of a party's software that is told of events of some types. Both secrets are sealed.

    `failing_since` is the first failure since the last success. A deleted one stays until its deliveries are forgotten.
    """

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=40)
    url = models.CharField(max_length=500)
    host = models.CharField(max_length=253)
    types = ArrayField(models.CharField(max_length=32))
    secret = models.BinaryField()
    secret_since = models.DateTimeField()
    old_secret = models.BinaryField(null=True)
    old_until = models.DateTimeField(null=True)
    active = models.BooleanField(default=True)
    off_reason = models.CharField(max_length=8, default="")
    failing_since = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.BigIntegerField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "webhooks_endpoint"
        indexes = [
            models.Index(fields=["party", "id"], name="webhooks_endpoint_party", condition=Q(deleted_at=None)),
        ]
        constraints = [
            models.CheckConstraint(
                name="webhooks_endpoint_old_secret",
                condition=Q(old_secret=None, old_until=None) | Q(old_secret__isnull=False, old_until__isnull=False),
            ),
            models.CheckConstraint(
                name="webhooks_endpoint_off",
                condition=Q(active=True, off_reason="", deleted_at=None)
                | Q(active=False, off_reason__in=[reason.value for reason in OffReason]),
            ),
        ]


class Event(models.Model):
    """What a party was told: written once, sent to each of its endpoints that wants the type, the same in every try."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=32, unique=True)
    party_id = models.BigIntegerField()
    type = models.CharField(max_length=32)
    object = models.CharField(max_length=64)
    facts = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        db_table = "webhooks_event"
        indexes = [models.Index(fields=["at"], name="webhooks_event_at")]


class Delivery(models.Model):
    """An event on its way to an endpoint. `next_at` is when it is due; `takes` counts who took it, whatever came of it.

    `tries` are those of this round: a redelivery begins the schedule anew.
    """

    id = models.BigAutoField(primary_key=True)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    endpoint = models.ForeignKey(Endpoint, on_delete=models.PROTECT, related_name="+", db_index=False)
    party_id = models.BigIntegerField()
    state = models.CharField(max_length=10)
    tries = models.SmallIntegerField(default=0)
    takes = models.IntegerField(default=0)
    next_at = models.DateTimeField(null=True)
    status = models.SmallIntegerField(null=True)
    error = models.CharField(max_length=20, default="")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "webhooks_delivery"
        indexes = [
            models.Index(fields=["party_id", "-id"], name="webhooks_delivery_party"),
            models.Index(fields=["endpoint", "-id"], name="webhooks_delivery_endpoint"),
            models.Index(fields=["endpoint", "next_at"], name="webhooks_delivery_due", condition=Q(ended_at=None)),
            models.Index(fields=["made_at"], name="webhooks_delivery_made"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["event", "endpoint"], name="webhooks_delivery_once"),
            models.CheckConstraint(
                name="webhooks_delivery_state",
                condition=Q(state__in=[state.value for state in OPEN], ended_at=None, next_at__isnull=False)
                | Q(state__in=[state.value for state in ENDED], ended_at__isnull=False, next_at=None),
            ),
        ]


class Attempt(models.Model):
    """One try of a delivery and what came of it: status, how long, the answer's first kilobyte, or the error's name."""

    id = models.BigAutoField(primary_key=True)
    delivery = models.ForeignKey(Delivery, on_delete=models.PROTECT, related_name="+", db_index=False)
    take = models.IntegerField()
    at = models.DateTimeField()
    took_ms = models.IntegerField()
    status = models.SmallIntegerField(null=True)
    error = models.CharField(max_length=20, default="")
    answer = models.TextField(default="")

    class Meta:
        db_table = "webhooks_attempt"
        constraints = [models.UniqueConstraint(fields=["delivery", "take"], name="webhooks_attempt_once")]
