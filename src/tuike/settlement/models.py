"""Batches, statements, withdrawals."""

from django.db import models
from django.db.models import F, Q

from tuike.parties.models import BankAccount, Party


class Batch(models.Model):
    """One run of maturity: everything in it was due at `due_until`. The digest is over its parts in order."""

    append_only = True

    id = models.BigIntegerField(primary_key=True)
    no = models.CharField(max_length=32, unique=True)
    due_until = models.DateTimeField()
    sales = models.IntegerField()
    accruals = models.IntegerField()
    amount_fen = models.BigIntegerField()
    digest = models.BinaryField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        db_table = "settlement_batch"


class Part(models.Model):
    """What one payee got from one merchant in one batch, with its transfer: the link from lines to the books."""

    append_only = True

    id = models.BigIntegerField(primary_key=True)
    batch = models.ForeignKey(Batch, on_delete=models.PROTECT, related_name="+")
    payee_kind = models.CharField(max_length=8)
    payee_id = models.BigIntegerField()
    merchant_id = models.BigIntegerField()
    items = models.IntegerField()
    amount_fen = models.BigIntegerField()
    transfer_id = models.BigIntegerField()

    class Meta:
        db_table = "settlement_part"
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "payee_kind", "payee_id", "merchant_id"], name="settlement_part_once"
            )
        ]
        indexes = [models.Index(fields=["payee_kind", "payee_id", "-id"], name="settlement_part_payee")]


class Statement(models.Model):
    """A payee's month, closed from ledger entries: opening + in − out = closing, by kind of transfer.

    It covers the entries of the available account up to `through_version`, from where the one before it ended.
    """

    append_only = True

    id = models.BigAutoField(primary_key=True)
    owner = models.CharField(max_length=40)
    month = models.DateField()
    opening_fen = models.BigIntegerField()
    in_fen = models.BigIntegerField()
    out_fen = models.BigIntegerField()
    closing_fen = models.BigIntegerField()
    by_kind = models.JSONField()
    entries = models.IntegerField()
    through_version = models.BigIntegerField()
    digest = models.BinaryField(max_length=32)
    closed_at = models.DateTimeField()

    class Meta:
        db_table = "settlement_statement"
        constraints = [
            models.UniqueConstraint(fields=["owner", "month"], name="settlement_statement_once"),
            models.CheckConstraint(
                name="settlement_statement_adds_up",
                condition=Q(closing_fen=F("opening_fen") + F("in_fen") - F("out_fen")),
            ),
        ]


class Withdrawal(models.Model):
    """A party takes money out. `no` is the one payout id for all attempts; the account is a snapshot.

    Who asked for how much, and where it goes, can't be changed once it is written.
    """

    updatable = (
        "state",
        "reason",
        "decided_at",
        "batch_file_no",
        "attempts",
        "ask_at",
        "provider_no",
        "confirm_package",
        "ended_at",
    )

    id = models.BigIntegerField(primary_key=True)
    no = models.CharField(max_length=32, unique=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+")
    payee_kind = models.CharField(max_length=8)
    source = models.CharField(max_length=12)
    rail = models.CharField(max_length=12)
    bank_account = models.ForeignKey(BankAccount, on_delete=models.PROTECT, related_name="+")
    amount_fen = models.BigIntegerField()
    fee_fen = models.BigIntegerField(default=0)
    tax_fen = models.BigIntegerField(default=0)
    state = models.CharField(max_length=12)
    reason = models.CharField(max_length=200, default="")
    asked_by = models.BigIntegerField()
    asked_at = models.DateTimeField()
    approvals_needed = models.SmallIntegerField(default=1)
    decided_at = models.DateTimeField(null=True)
    batch_file_no = models.CharField(max_length=32, default="")
    attempts = models.SmallIntegerField(default=0)
    ask_at = models.DateTimeField(null=True)
    provider_no = models.CharField(max_length=64, default="")
    confirm_package = models.TextField(default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "settlement_withdrawal"
        indexes = [
            models.Index(fields=["party", "-id"], name="settlement_withdrawal_party"),
            models.Index(fields=["-asked_at", "-id"], name="settlement_withdrawal_asked"),
            models.Index(fields=["state", "-asked_at", "-id"], name="settlement_withdrawal_state"),
            models.Index(fields=["ask_at"], condition=Q(ask_at__isnull=False), name="settlement_withdrawal_ask"),
            models.Index(
                fields=["rail", "id"],
                condition=Q(state__in=["requested", "approved"]),
                name="settlement_withdrawal_todo",
            ),
            models.Index(fields=["batch_file_no"], condition=~Q(batch_file_no=""), name="settlement_withdrawal_file"),
        ]
        constraints = [
            models.CheckConstraint(
                name="settlement_withdrawal_amount",
                condition=Q(amount_fen__gt=0, fee_fen__gte=0, tax_fen__gte=0)
                & Q(amount_fen__gt=F("fee_fen") + F("tax_fen")),
            ),
            models.CheckConstraint(
                name="settlement_withdrawal_state",
                condition=Q(
                    state__in=[
                        "requested",
                        "approved",
                        "sending",
                        "waiting_user",
                        "paid",
                        "returned",
                        "rejected",
                        "cancelled",
                    ]
                ),
            ),
        ]


class Approval(models.Model):
    """One finance person's yes. Never the asker's; one per person."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    withdrawal = models.ForeignKey(Withdrawal, on_delete=models.PROTECT, related_name="+")
    person_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "settlement_approval"
        constraints = [models.UniqueConstraint(fields=["withdrawal", "person_id"], name="settlement_approval_once")]


class Attempt(models.Model):
    """What was sent to or heard from the rail about a withdrawal. Append-only."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    withdrawal = models.ForeignKey(Withdrawal, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12)
    outcome = models.CharField(max_length=16)
    facts = models.JSONField(default=dict)
    at = models.DateTimeField()

    class Meta:
        db_table = "settlement_attempt"


class HandBooking(models.Model):
    """An outcome of a payout that a person books by hand and another one approves (docs/rules.md §8).

    What is claimed can't be changed once it is written; one waits at a time.
    """

    updatable = ("state", "note", "decided_by", "decided_at")

    id = models.BigAutoField(primary_key=True)
    withdrawal = models.ForeignKey(Withdrawal, on_delete=models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=8)
    happened_at = models.DateTimeField()
    reference = models.CharField(max_length=64)
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=8)
    note = models.CharField(max_length=200, default="")
    asked_by = models.BigIntegerField()
    asked_at = models.DateTimeField()
    decided_by = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "settlement_hand_booking"
        constraints = [
            models.UniqueConstraint(
                fields=["withdrawal"], condition=Q(state="asked"), name="settlement_hand_booking_one_open"
            ),
            models.CheckConstraint(
                name="settlement_hand_booking_state", condition=Q(state__in=["asked", "approved", "rejected"])
            ),
            models.CheckConstraint(
                name="settlement_hand_booking_outcome", condition=Q(outcome__in=["paid", "returned"])
            ),
            models.CheckConstraint(
                name="settlement_hand_booking_two_people",
                condition=~Q(state="approved") | (Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by"))),
            ),
        ]
