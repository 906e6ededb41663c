"""Intents, notices, refunds."""

from django.db import models
from django.db.models import F, Q


class Intent(models.Model):
    """Somebody is to pay an amount for a purpose. `no` is the provider's `out_trade_no` and is never reused.

    `payer` is who was asked to pay, `paid_by` who did. `clearing_no` names the clearing account that the money came in
    by. `refunding_fen` and `refunds` are what refunds have taken of it, asked or done: never more than was paid, never
    more than fifty.
    """

    id = models.BigIntegerField(primary_key=True)
    no = models.CharField(max_length=32, unique=True)
    channel = models.CharField(max_length=12)
    mode = models.CharField(max_length=8)
    purpose = models.CharField(max_length=64, unique=True)
    description = models.CharField(max_length=120)
    payer = models.CharField(max_length=64, default="")
    amount_fen = models.BigIntegerField()
    state = models.CharField(max_length=12)
    prepared = models.JSONField(null=True)
    transaction_no = models.CharField(max_length=64, null=True, unique=True)  # noqa: DJ001 unique once known
    paid_by = models.CharField(max_length=64, default="")
    paid_fen = models.BigIntegerField(default=0)
    clearing_no = models.CharField(max_length=32, default="")
    refunding_fen = models.BigIntegerField(default=0)
    refunds = models.SmallIntegerField(default=0)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ask_at = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "payments_intent"
        indexes = [models.Index(fields=["ask_at"], condition=Q(ask_at__isnull=False), name="payments_intent_ask")]
        constraints = [
            models.CheckConstraint(name="payments_intent_amount", condition=Q(amount_fen__gt=0)),
            models.CheckConstraint(
                name="payments_intent_refunding",
                condition=Q(refunding_fen__gte=0, refunding_fen__lte=F("paid_fen")),
            ),
            models.CheckConstraint(name="payments_intent_refunds", condition=Q(refunds__gte=0, refunds__lte=50)),
        ]


class Notice(models.Model):
    """A verified notice, stored before it is answered. `outcome` says what became of it, `attempts` how often it
    couldn't be taken."""

    id = models.BigAutoField(primary_key=True)
    channel = models.CharField(max_length=12)
    notice_no = models.CharField(max_length=64)
    kind = models.CharField(max_length=20)
    object_no = models.CharField(max_length=64)
    facts = models.JSONField()
    received_at = models.DateTimeField()
    processed_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=24, default="")
    attempts = models.SmallIntegerField(default=0)

    class Meta:
        db_table = "payments_notice"
        indexes = [
            models.Index(fields=["attempts", "id"], condition=Q(processed_at=None), name="payments_notice_waiting")
        ]
        constraints = [models.UniqueConstraint(fields=["channel", "notice_no"], name="payments_notice_once")]


class Refund(models.Model):
    """A refund at the provider. `no` is the `out_refund_no` for all attempts; `problem` is the provider's last no."""

    id = models.BigIntegerField(primary_key=True)
    no = models.CharField(max_length=32, unique=True)
    intent = models.ForeignKey(Intent, on_delete=models.PROTECT, related_name="+")
    purpose = models.CharField(max_length=64, unique=True)
    reason = models.CharField(max_length=80, default="")
    amount_fen = models.BigIntegerField()
    state = models.CharField(max_length=12)
    attempts = models.SmallIntegerField(default=0)
    provider_no = models.CharField(max_length=64, default="")
    problem = models.CharField(max_length=40, default="")
    created_at = models.DateTimeField()
    ask_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "payments_refund"
        indexes = [models.Index(fields=["ask_at"], condition=Q(ask_at__isnull=False), name="payments_refund_ask")]
        constraints = [models.CheckConstraint(name="payments_refund_amount", condition=Q(amount_fen__gt=0))]
