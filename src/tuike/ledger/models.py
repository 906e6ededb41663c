"""Accounts, transfers, entries. The product's role can add rows and move balances; nothing else."""

from django.db import models
from django.db.models import F, Func, Q, Value

GROUP = Func(F("path"), Value(":"), Value(1), function="split_part", output_field=models.TextField())


class Account(models.Model):
    """An account and what stands on it. `balance_fen` and `version` follow the entries, in the same statement set."""

    updatable = ("balance_fen", "version")

    id = models.BigIntegerField(primary_key=True)
    path = models.CharField(max_length=80, unique=True)
    owner = models.CharField(max_length=40, db_index=True)
    unit = models.CharField(max_length=3, default="CNY")
    floor_fen = models.BigIntegerField(null=True)
    ceiling_fen = models.BigIntegerField(null=True)
    balance_fen = models.BigIntegerField(default=0)
    version = models.BigIntegerField(default=0)

    class Meta:
        db_table = "ledger_account"
        # By what stands first in the path, the newest last: clearing accounts alone are as many as payments.
        indexes = [models.Index(GROUP, "id", name="ledger_account_group")]
        constraints = [
            models.CheckConstraint(
                name="ledger_account_floor", condition=Q(floor_fen=None) | Q(balance_fen__gte=F("floor_fen"))
            ),
            models.CheckConstraint(
                name="ledger_account_ceiling", condition=Q(ceiling_fen=None) | Q(balance_fen__lte=F("ceiling_fen"))
            ),
        ]


class Transfer(models.Model):
    """One event in the books. `happened_at` is the world's instant, `posted_at` ours."""

    append_only = True

    id = models.BigIntegerField(primary_key=True)
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(max_length=40)
    source = models.CharField(max_length=120)
    happened_at = models.DateTimeField()
    posted_at = models.DateTimeField()
    digest = models.BinaryField(max_length=32)

    class Meta:
        db_table = "ledger_transfer"
        indexes = [models.Index(fields=["happened_at"], name="ledger_transfer_happened")]


class Entry(models.Model):
    """What a transfer did to one account: signed fen, the balance after it, the account's gapless version."""

    append_only = True

    id = models.BigIntegerField(primary_key=True)
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="+", db_index=False)
    owner = models.CharField(max_length=40)
    no = models.SmallIntegerField()
    amount_fen = models.BigIntegerField()
    balance_fen = models.BigIntegerField()
    version = models.BigIntegerField()

    class Meta:
        db_table = "ledger_entry"
        constraints = [
            models.UniqueConstraint(fields=["account", "version"], name="ledger_entry_gapless"),
            models.CheckConstraint(name="ledger_entry_not_zero", condition=~Q(amount_fen=0)),
        ]
