"""Offers for targets, how far promoters are, and what was awarded."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from tuike.parties.models import Merchant, Promoter


class Offer(models.Model):
    """ "Sell so much by then and get this": of a merchant, or of the operator (no merchant).

    `target` is in pieces, orders or fen, as `measure` says. What counts is in `product_ids`, or in `category_ids` with
    all below them; with neither everything counts that the maker (of the operator's: anybody) sells. `granted_fen` is
    what living awards hold of the budget, taken by the statement that checks it; `returned_fen` went back in `returns`
    transfers, after the end or when it was closed before.
    """

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, null=True, related_name="+")
    name = models.CharField(max_length=40)
    measure = models.CharField(max_length=6)
    target = models.BigIntegerField()
    reward_fen = models.BigIntegerField()
    budget_fen = models.BigIntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    product_ids = ArrayField(models.BigIntegerField(), default=list)
    category_ids = ArrayField(models.BigIntegerField(), default=list)
    state = models.CharField(max_length=9)
    fund = models.CharField(max_length=9, default="")
    granted_fen = models.BigIntegerField(default=0)
    returned_fen = models.BigIntegerField(default=0)
    returns = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "rewards_offer"
        indexes = [
            models.Index(fields=["ends_at"], condition=Q(state="published"), name="rewards_offer_open"),
        ]
        constraints = [
            models.CheckConstraint(name="rewards_offer_period", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="rewards_offer_amounts",
                condition=Q(target__gt=0, reward_fen__gt=0, budget_fen__gte=F("reward_fen"), returned_fen__gte=0),
            ),
            models.CheckConstraint(name="rewards_offer_scope", condition=Q(product_ids=[]) | Q(category_ids=[])),
            models.CheckConstraint(
                name="rewards_offer_budget", condition=Q(granted_fen__gte=0, granted_fen__lte=F("budget_fen"))
            ),
        ]


class Progress(models.Model):
    """How far a promoter is, net of refunds; `reached_at` since when it has reached the target, none below it."""

    id = models.BigAutoField(primary_key=True)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+", db_index=False)
    promoter = models.ForeignKey(Promoter, on_delete=models.PROTECT, related_name="+")
    counted = models.BigIntegerField()
    reached_at = models.DateTimeField(null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "rewards_progress"
        indexes = [
            models.Index(
                fields=["offer", "reached_at", "id"], condition=Q(reached_at__isnull=False), name="rewards_reached"
            )
        ]
        constraints = [models.UniqueConstraint(fields=["offer", "promoter"], name="rewards_progress_once")]


class Award(models.Model):
    """A target that was reached, with its proof: what was counted, and the sales that it was counted from. `sale_id` is
    how commission knows it. One lives at a time; what was taken back may be earned again."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=32, unique=True)
    offer = models.ForeignKey(Offer, on_delete=models.PROTECT, related_name="+", db_index=False)
    promoter = models.ForeignKey(Promoter, on_delete=models.PROTECT, related_name="+")
    sale_id = models.BigIntegerField(unique=True)
    amount_fen = models.BigIntegerField()
    counted = models.BigIntegerField()
    sale_ids = ArrayField(models.BigIntegerField())
    reached_at = models.DateTimeField()
    taken_back_at = models.DateTimeField(null=True)
    counted_then = models.BigIntegerField(null=True)

    class Meta:
        db_table = "rewards_award"
        indexes = [models.Index(fields=["offer", "id"], name="rewards_award_of")]
        constraints = [
            models.UniqueConstraint(
                fields=["offer", "promoter"], condition=Q(taken_back_at=None), name="rewards_award_one_alive"
            ),
            models.CheckConstraint(name="rewards_award_amount", condition=Q(amount_fen__gt=0)),
        ]
