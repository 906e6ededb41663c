"""Appeals, what was said in them, notes beside accruals, and what was told to be overdue."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Appeal(models.Model):
    """That a payee doesn't agree with its commission being held or rejected (`about`) since an instant.

    `due_at` is until when it is to be answered. `round` is 2 once its payee has replied to the first answer.
    `adjustment_no` names the correction that a second person decides while the appeal is `approving`.
    """

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    accrual_id = models.BigIntegerField()
    party_id = models.BigIntegerField()
    about = models.CharField(max_length=8)
    since = models.DateTimeField()
    amount_fen = models.BigIntegerField()
    state = models.CharField(max_length=9)
    round = models.SmallIntegerField(default=1)
    opened_at = models.DateTimeField()
    due_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    answered_by = models.BigIntegerField(null=True)
    adjustment_no = models.CharField(max_length=32, default="")

    class Meta:
        db_table = "appeals_appeal"
        indexes = [
            models.Index(fields=["party_id", "-id"], name="appeals_appeal_party"),
            models.Index(fields=["due_at"], condition=Q(state="open"), name="appeals_appeal_due"),
            models.Index(fields=["adjustment_no"], condition=~Q(adjustment_no=""), name="appeals_appeal_adjusted"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["accrual_id"], condition=Q(state__in=["open", "approving"]), name="appeals_appeal_one_open"
            ),
            models.UniqueConstraint(
                fields=["accrual_id", "about", "since"], condition=~Q(state="withdrawn"), name="appeals_appeal_once"
            ),
            models.CheckConstraint(name="appeals_appeal_round", condition=Q(round__in=[1, 2])),
        ]


class Said(models.Model):
    """What a side said in an appeal: the appeal itself, its reply, the desk's answers. Append-only."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    appeal = models.ForeignKey(Appeal, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=9)
    text = models.CharField(max_length=1000)
    pictures = ArrayField(models.CharField(max_length=24), default=list)
    person_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "appeals_said"


class Note(models.Model):
    """What somebody of the desk wrote down beside an accrual, for the desk alone. Append-only."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    accrual_id = models.BigIntegerField()
    text = models.CharField(max_length=1000)
    person_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "appeals_note"
        indexes = [models.Index(fields=["accrual_id", "id"], name="appeals_note_accrual")]


class Overdue(models.Model):
    """That something which waits for the desk since an instant was told to be overdue: once. Append-only."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=8)
    object_id = models.BigIntegerField()
    since = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        db_table = "appeals_overdue"
        constraints = [models.UniqueConstraint(fields=["kind", "object_id", "since"], name="appeals_overdue_once")]
