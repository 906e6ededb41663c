"""Sales and accruals. A sale is an order line (or an order's freight) as commission knows it."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q


class Sale(models.Model):
    """What was sold, for how much, who claims it and at which rates: everything that an accrual is computed from.

    `id` is the order line's id; an order's freight is a sale of its own without commission. `terms` keeps the rates
    with their row ids and the layers that lost. `subsidy_fen` is what the platform paid the shop of the price for the
    buyer; of it a refund takes back its proportion. `booking` names the batch whose transfers hold its accruals;
    `matured_batch_id` is set once, when the line is released.
    """

    id = models.BigIntegerField(primary_key=True)
    kind = models.CharField(max_length=8)
    order_no = models.CharField(max_length=32)
    merchant_id = models.BigIntegerField()
    source = models.CharField(max_length=12)
    product_id = models.BigIntegerField(null=True)
    quantity = models.IntegerField()
    paid_fen = models.BigIntegerField()
    subsidy_fen = models.BigIntegerField(default=0)
    refunded_fen = models.BigIntegerField(default=0)
    refunded_quantity = models.IntegerField(default=0)
    terms = models.JSONField()
    placed_at = models.DateTimeField()
    paid_at = models.DateTimeField()
    received_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    open_after_sales = models.SmallIntegerField(default=0)
    waiting = models.BooleanField(default=False)
    booking = models.CharField(max_length=40)
    matured_batch_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "commission_sale"
        indexes = [
            models.Index(fields=["order_no"], name="commission_sale_order"),
            models.Index(
                fields=["due_at", "id"],
                condition=Q(matured_batch_id=None, due_at__isnull=False),
                name="commission_sale_due",
            ),
            models.Index(fields=["merchant_id", "id"], condition=Q(waiting=True), name="commission_sale_waiting"),
            # The newest of all and of a shop: their accruals are paged along them. Each costs settling an entry a sale.
            models.Index(fields=["paid_at"], name="commission_sale_paid"),
            models.Index(fields=["merchant_id", "paid_at"], name="commission_sale_merchant"),
        ]
        constraints = [
            models.CheckConstraint(
                name="commission_sale_refunded",
                condition=Q(
                    refunded_fen__gte=0,
                    refunded_fen__lte=F("paid_fen"),
                    refunded_quantity__gte=0,
                    refunded_quantity__lte=F("quantity"),
                ),
            ),
            models.CheckConstraint(name="commission_sale_after_sales", condition=Q(open_after_sales__gte=0)),
        ]


class Accrual(models.Model):
    """What one payee earns from one sale in one role. `amount_fen` follows refunds; `first_fen` is what it began as.
    `turned_at` is when it went on, was lowered or rejected last; `judged_by` the version of the rule that judged it;
    `held_at` when it was held last, `rejected_at` when it was rejected.

    No index holds `state`: settling a million rows then needs no new index entries.
    """

    id = models.BigIntegerField(primary_key=True)
    sale = models.ForeignKey(Sale, on_delete=models.PROTECT, related_name="+", db_index=False)
    merchant_id = models.BigIntegerField()
    payee_kind = models.CharField(max_length=8)
    payee_id = models.BigIntegerField()
    role = models.CharField(max_length=10)
    funder = models.CharField(max_length=8, default="merchant")
    base_fen = models.BigIntegerField()
    rate_bps = models.IntegerField()
    rate_id = models.BigIntegerField(null=True)
    first_fen = models.BigIntegerField()
    amount_fen = models.BigIntegerField()
    state = models.CharField(max_length=9)
    review = models.CharField(max_length=8, default="clear")
    judged_by = models.BigIntegerField(null=True)
    held_at = models.DateTimeField(null=True)
    rejected_at = models.DateTimeField(null=True)
    batch_id = models.BigIntegerField(null=True)
    accrued_at = models.DateTimeField()
    settled_at = models.DateTimeField(null=True)
    turned_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "commission_accrual"
        indexes = [
            # What somebody's commission comes to, is summed up out of the index.
            models.Index(
                fields=["payee_kind", "payee_id", "-accrued_at", "-id"],
                include=["first_fen", "amount_fen"],
                name="commission_accrual_payee",
            ),
            models.Index(
                fields=["merchant_id", "sale"],
                include=["first_fen", "amount_fen", "funder"],
                name="commission_accrual_merchant",
            ),
            # The few that were ever held: of all, of a payee, of a shop.
            models.Index(fields=["id"], condition=~Q(review="clear"), name="commission_accrual_reviewed"),
            models.Index(
                fields=["payee_kind", "payee_id", "-accrued_at", "-id"],
                condition=~Q(review="clear"),
                name="commission_accrual_reviewed_py",
            ),
            models.Index(
                fields=["merchant_id", "sale"], condition=~Q(review="clear"), name="commission_accrual_reviewed_m"
            ),
            models.Index(fields=["held_at", "id"], condition=Q(review="held"), name="commission_accrual_held"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["sale", "role", "payee_kind", "payee_id"], name="commission_accrual_once")
        ]


class RefundPart(models.Model):
    """What a refund took from a sale. Append-only: Σ parts = the sale's refunded amount, which `verify` checks."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=40)
    sale = models.ForeignKey(Sale, on_delete=models.PROTECT, related_name="+")
    amount_fen = models.BigIntegerField()
    quantity = models.IntegerField()

    class Meta:
        db_table = "commission_refund"
        constraints = [models.UniqueConstraint(fields=["no", "sale"], name="commission_refund_once")]


class Change(models.Model):
    """A change of an accrual's amount after it was made: a refund, a clawback, an adjustment. Append-only."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    accrual = models.ForeignKey(Accrual, on_delete=models.PROTECT, related_name="+")
    cause = models.CharField(max_length=60)
    base_fen = models.BigIntegerField()
    delta_fen = models.BigIntegerField()
    clawed_fen = models.BigIntegerField(default=0)
    debt_fen = models.BigIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        db_table = "commission_change"
        constraints = [models.UniqueConstraint(fields=["accrual", "cause"], name="commission_change_once")]


class Turn(models.Model):
    """That commission of sales turned for a promoter at an instant: settled, went on, was lowered. Append-only.

    Finds by time what changed: an index over the accruals themselves would make each settling one new index entry.
    `many` is how many ids `sale_ids` has. The last turn of a sale for a promoter is what its accruals there say, too.
    """

    append_only = True

    id = models.BigAutoField(primary_key=True)
    promoter_id = models.BigIntegerField()
    merchant_id = models.BigIntegerField()
    at = models.DateTimeField()
    many = models.IntegerField()
    sale_ids = ArrayField(models.BigIntegerField())

    class Meta:
        db_table = "commission_turn"
        indexes = [
            models.Index(fields=["promoter_id", "-at", "-id"], name="commission_turn_promoter"),
            models.Index(fields=["merchant_id", "-at", "-id"], name="commission_turn_merchant"),
        ]


class Debt(models.Model):
    """What a payee owes since a clawback found too little; repaid oldest first from what settles next."""

    id = models.BigAutoField(primary_key=True)
    payee_kind = models.CharField(max_length=8)
    payee_id = models.BigIntegerField()
    cause = models.CharField(max_length=60)
    amount_fen = models.BigIntegerField()
    repaid_fen = models.BigIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        db_table = "commission_debt"
        indexes = [
            models.Index(
                fields=["payee_kind", "payee_id", "id"],
                condition=Q(repaid_fen__lt=F("amount_fen")),
                name="commission_debt_open",
            )
        ]
        constraints = [
            models.UniqueConstraint(fields=["payee_kind", "payee_id", "cause"], name="commission_debt_once"),
            models.CheckConstraint(
                name="commission_debt_repaid",
                condition=Q(amount_fen__gt=0, repaid_fen__gte=0, repaid_fen__lte=F("amount_fen")),
            ),
        ]


class Adjustment(models.Model):
    """A signed correction between a payee and the platform: reason, author, and a second person's approval."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=32, unique=True)
    payee_kind = models.CharField(max_length=8)
    payee_id = models.BigIntegerField()
    sale = models.ForeignKey(Sale, on_delete=models.PROTECT, null=True, related_name="+")
    amount_fen = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=10)
    author_id = models.BigIntegerField()
    approver_id = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "commission_adjustment"
        constraints = [
            models.CheckConstraint(name="commission_adjustment_not_zero", condition=~Q(amount_fen=0)),
            models.CheckConstraint(
                name="commission_adjustment_two_people", condition=Q(approver_id=None) | ~Q(approver_id=F("author_id"))
            ),
        ]
