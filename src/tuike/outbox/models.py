"""Events, where each consumer stands, and what a consumer could not digest."""

from django.db import models
from django.db.models.expressions import RawSQL


class Event(models.Model):
    """Something that happened, told in the transaction that did it. `txid` orders events by commit-safe age."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    txid = models.BigIntegerField(db_default=RawSQL("(pg_current_xact_id()::text)::bigint", []))
    topic = models.CharField(max_length=40)
    key = models.CharField(max_length=64)
    facts = models.JSONField()
    at = models.DateTimeField()

    class Meta:
        db_table = "outbox_event"
        indexes = [models.Index(fields=["txid", "id"], name="outbox_event_order")]


class Consumer(models.Model):
    """How far a consumer has read: everything up to (txid, event_id) is done, each exactly once."""

    name = models.CharField(max_length=40, primary_key=True)
    txid = models.BigIntegerField(default=0)
    event_id = models.BigIntegerField(default=0)
    attempts = models.IntegerField(default=0)
    read_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "outbox_consumer"


class Quarantined(models.Model):
    """An event that a consumer failed on too often: set aside so that nothing behind it waits."""

    id = models.BigAutoField(primary_key=True)
    consumer = models.CharField(max_length=40)
    event = models.ForeignKey(Event, on_delete=models.PROTECT, related_name="+")
    error = models.TextField()
    at = models.DateTimeField()

    class Meta:
        db_table = "outbox_quarantined"
        constraints = [models.UniqueConstraint(fields=["consumer", "event"], name="outbox_quarantined_once")]
