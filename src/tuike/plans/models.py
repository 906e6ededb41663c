"""Rates and campaigns. A rate in force is never edited: a change closes it and opens a new row."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from tuike.catalog.models import Category, Product
from tuike.parties.models import Merchant, Promoter


class Grade(models.Model):
    """A step of the promoters' ladder: how much settled sales or how many orders in the ladder's window it takes, and
    how much it adds to direct commission."""

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=20, unique=True)
    rank = models.SmallIntegerField(unique=True)
    threshold_fen = models.BigIntegerField()
    threshold_orders = models.IntegerField(default=0)
    extra_bps = models.IntegerField()

    class Meta:
        db_table = "plans_grade"
        constraints = [
            models.CheckConstraint(name="plans_grade_extra", condition=Q(extra_bps__gte=0, extra_bps__lte=9000)),
            models.CheckConstraint(
                name="plans_grade_threshold", condition=Q(threshold_fen__gte=0, threshold_orders__gte=0)
            ),
        ]


class Campaign(models.Model):
    """A time-limited offer of a merchant (or the operator: no merchant) over products, categories or everything.

    `bonus_fen` is for each piece, `order_bonus_fen` for an order, `first_order_bonus_fen` for a buyer's first paid one.

    `reserved_fen` is what placed orders hold of the budget: taken and given back by conditional statements.
    `stopped_at` is the midnight from which a stopped campaign acts no more.
    """

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=40)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    rate_bps = models.IntegerField()
    bonus_fen = models.BigIntegerField(default=0)
    order_bonus_fen = models.BigIntegerField(default=0)
    first_order_bonus_fen = models.BigIntegerField(default=0)
    budget_fen = models.BigIntegerField(null=True)
    reserved_fen = models.BigIntegerField(default=0)
    stopped_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "plans_campaign"
        constraints = [
            models.CheckConstraint(name="plans_campaign_period", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="plans_campaign_bonus",
                condition=Q(bonus_fen__gte=0, order_bonus_fen__gte=0, first_order_bonus_fen__gte=0),
            ),
            models.CheckConstraint(name="plans_campaign_reserved", condition=Q(reserved_fen__gte=0)),
            models.CheckConstraint(
                name="plans_campaign_budget", condition=Q(budget_fen=None) | Q(reserved_fen__lte=F("budget_fen"))
            ),
        ]


class TargetedPlan(models.Model):
    """A rate that a merchant gives to chosen promoters for named products. `stopped_at` is the midnight from which a
    stopped plan gives nothing more. Who has the `invite_code` may apply.
    """

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=40)
    note = models.CharField(max_length=200, default="")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    invite_code = models.CharField(max_length=16, unique=True)
    stopped_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "plans_targeted"
        constraints = [models.CheckConstraint(name="plans_targeted_period", condition=Q(ends_at__gt=F("starts_at")))]


class TargetedProduct(models.Model):
    """What a targeted plan gives for a product from an instant on, 0 for nothing any more. Of several rows from one
    instant the one written last counts."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    plan = models.ForeignKey(TargetedPlan, on_delete=models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    rate_bps = models.IntegerField()
    from_at = models.DateTimeField()

    class Meta:
        db_table = "plans_targeted_product"
        indexes = [models.Index(fields=["plan", "product", "-from_at", "-id"], name="plans_targeted_product_of")]


class TargetedMember(models.Model):
    """Where a promoter stands in a targeted plan, and since when."""

    id = models.BigAutoField(primary_key=True)
    plan = models.ForeignKey(TargetedPlan, on_delete=models.PROTECT, related_name="+", db_index=False)
    promoter = models.ForeignKey(Promoter, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10)
    since = models.DateTimeField()
    applied_at = models.DateTimeField(null=True)
    message = models.CharField(max_length=200, default="")
    reason = models.CharField(max_length=200, default="")

    class Meta:
        db_table = "plans_targeted_member"
        constraints = [models.UniqueConstraint(fields=["plan", "promoter"], name="plans_targeted_member_once")]


class Rate(models.Model):
    """A rate of one layer for one scope during `valid`. Rows of a scope never overlap; `id` is the writing sequence.

    `scope` names what the rate is for: `benchmark:<category, 0 for all>:<subject kind>`, `default:<merchant>`,
    `category:<merchant>:<category>`, `main:<product>`, `campaign:<campaign>:<p|c|a>:<id>`, `tier:<merchant>:<2|3>`,
    `self:<merchant>:<p|c|a|g>:<id>`, `grade:<promoter>`, `targeted:<plan>:<promoter>:<product>`, `leader:<enrolment>`.
    A row that was replaced before it came into force has the empty range. `lifted_from_bps` is what its owner wrote
    where a risen floor lifted the rate. `service_bps` is what a leader gets beside the rate of an enrolment.

    `lookup` is the name under which a line, which doesn't know the campaigns, finds the row: `product:<id>` for main
    products and campaigns over products, `category:<merchant, 0 for the operator>:<category>` for category rates and
    campaigns, `campaign:a:<merchant, 0>` for campaigns over everything, `self:<merchant>:g` for self-purchases in
    campaigns, `targeted:<promoter>:<product>` for targeted plans, else the scope itself.
    """

    updatable = ("valid",)

    id = models.BigAutoField(primary_key=True)
    layer = models.CharField(max_length=12)
    scope = models.CharField(max_length=60)
    lookup = models.CharField(max_length=60)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, null=True, related_name="+")
    category = models.ForeignKey(Category, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, null=True, related_name="+")
    grade = models.ForeignKey(Grade, on_delete=models.PROTECT, null=True, related_name="+")
    plan = models.ForeignKey(TargetedPlan, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    rate_bps = models.IntegerField()
    bonus_fen = models.BigIntegerField(default=0)
    service_bps = models.IntegerField(default=0)
    valid = DateTimeRangeField()
    lifted_from_bps = models.IntegerField(null=True)
    written_at = models.DateTimeField()
    written_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "plans_rate"
        indexes = [
            models.Index(fields=["lookup"], name="plans_rate_lookup"),
            models.Index(fields=["plan"], condition=Q(plan__isnull=False), name="plans_rate_plan"),
        ]
        constraints = [
            ExclusionConstraint(
                name="plans_rate_no_overlap",
                expressions=[("scope", RangeOperators.EQUAL), ("valid", RangeOperators.OVERLAPS)],
            ),
            models.CheckConstraint(name="plans_rate_bounds", condition=Q(rate_bps__gte=0, rate_bps__lte=9000)),
            models.CheckConstraint(name="plans_rate_bonus", condition=Q(bonus_fen__gte=0)),
            models.CheckConstraint(
                name="plans_rate_service",
                condition=Q(service_bps=0) | Q(layer="leader", service_bps__gte=0, service_bps__lte=9000),
            ),
        ]


class Reservation(models.Model):
    """What one order line holds of a campaign's budget; `released_fen` of it went back. `once_fen` is what of it the
    order brings once, which is held while anything of the order is left."""

    line_id = models.BigIntegerField(primary_key=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="+")
    amount_fen = models.BigIntegerField()
    released_fen = models.BigIntegerField(default=0)
    once_fen = models.BigIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        db_table = "plans_reservation"
        constraints = [
            models.CheckConstraint(
                name="plans_reservation_released",
                condition=Q(released_fen__gte=0, released_fen__lte=F("amount_fen")),
            )
        ]


class FirstOrder(models.Model):
    """The order that brought a campaign's bonus for a buyer's first paid order in a shop: one for ever."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    buyer_id = models.BigIntegerField()
    order_no = models.CharField(max_length=32)
    at = models.DateTimeField()

    class Meta:
        db_table = "plans_first_order"
        constraints = [models.UniqueConstraint(fields=["merchant", "buyer_id"], name="plans_first_order_once")]


class GradeUnder(models.Model):
    """Since when a promoter has been under what its step of the ladder takes: from then on the grace runs."""

    promoter = models.OneToOneField(Promoter, on_delete=models.PROTECT, primary_key=True, related_name="+")
    since = models.DateTimeField()

    class Meta:
        db_table = "plans_grade_under"


class GradeMove(models.Model):
    """A step up or down that the run of a day made, from the next midnight on, and what it was decided by: settled
    sales in fen, or orders."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    promoter = models.ForeignKey(Promoter, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    from_grade = models.ForeignKey(Grade, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    to_grade = models.ForeignKey(Grade, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    by_orders = models.BooleanField()
    measured = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "plans_grade_move"
        constraints = [models.UniqueConstraint(fields=["promoter", "day"], name="plans_grade_move_once")]
