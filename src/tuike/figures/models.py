"""Counted days, their sums, the best of those with much, promoters' months, cohorts, and until when it is counted."""

from django.contrib.postgres.fields import ArrayField
from django.db import models


class DayFigures(models.Model):
    """One day of a product at a place of a promoter's, led by a leader, in a campaign. 0: none, or earned by others.

    `visitors` are counted once a day for the place and product that was clicked. `orders` counts an order once for
    each promoter, at its first line; `promoted_orders` once among its claimed lines, `led_orders` once for each leader,
    `all_orders` once among all: each adds up over the rows that it is asked of. So do those that were received, and
    those of which all lines settled. Days are those on which the sale was paid; what is refunded, received or settled
    later is counted on that day, too. What a shop pays for (`shop_`) is all but what the platform funds. `commission`
    has for each kind of payee, role and status (a number, see types) how many accruals stand there, and how much.
    """

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    merchant_id = models.BigIntegerField()
    promoter_id = models.BigIntegerField()
    place_id = models.BigIntegerField()
    product_id = models.BigIntegerField()
    leader_id = models.BigIntegerField(db_default=0)
    campaign_id = models.BigIntegerField(db_default=0)
    shares = models.IntegerField(db_default=0)
    clicks = models.IntegerField(db_default=0)
    visitors = models.IntegerField(db_default=0)
    orders = models.IntegerField(db_default=0)
    promoted_orders = models.IntegerField(db_default=0)
    led_orders = models.IntegerField(db_default=0)
    all_orders = models.IntegerField(db_default=0)
    received_orders = models.IntegerField(db_default=0)
    promoted_received = models.IntegerField(db_default=0)
    led_received = models.IntegerField(db_default=0)
    settled_orders = models.IntegerField(db_default=0)
    promoted_settled = models.IntegerField(db_default=0)
    led_settled = models.IntegerField(db_default=0)
    paid_fen = models.BigIntegerField(db_default=0)
    refunded_fen = models.BigIntegerField(db_default=0)
    estimated_fen = models.BigIntegerField(db_default=0)
    settled_fen = models.BigIntegerField(db_default=0)
    shop_estimated_fen = models.BigIntegerField(db_default=0)
    shop_settled_fen = models.BigIntegerField(db_default=0)
    led_estimated_fen = models.BigIntegerField(db_default=0)
    led_settled_fen = models.BigIntegerField(db_default=0)
    commission = ArrayField(ArrayField(models.BigIntegerField()), null=True)

    class Meta:
        db_table = "figures_day"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant_id", "day", "promoter_id", "place_id", "product_id", "leader_id", "campaign_id"],
                name="figures_day_once",
            )
        ]
        indexes = [
            models.Index(fields=["promoter_id", "day"], name="figures_day_promoter"),
            models.Index(fields=["leader_id", "day"], condition=models.Q(leader_id__gt=0), name="figures_day_leader"),
            # What a shop's promoters brought is summed up out of the index, promoter by promoter.
            models.Index(
                fields=["merchant_id", "promoter_id", "day"],
                include=["clicks", "orders", "paid_fen", "refunded_fen", "estimated_fen", "settled_fen"],
                condition=models.Q(promoter_id__gt=0),
                name="figures_day_pair",
            ),
        ]


class SumFigures(models.Model):
    """One day of a `merchant`, a `promoter`, a `leader`, or of `all` (owner 0), summed up from its rows.

    A promoter's and a leader's sums are of what it earned; a merchant's and everybody's are of claimed lines, but for
    the `all_` ones, which are of all lines. Estimated and settled are what all payees got;
    a merchant's what it pays for, and in the `all_` ones what the platform funds with it.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=8)
    owner_id = models.BigIntegerField()
    day = models.DateField()
    clicks = models.IntegerField(db_default=0)
    visitors = models.IntegerField(db_default=0)
    shares = models.IntegerField(db_default=0)
    orders = models.IntegerField(db_default=0)
    all_orders = models.IntegerField(db_default=0)
    received_orders = models.IntegerField(db_default=0)
    settled_orders = models.IntegerField(db_default=0)
    paid_fen = models.BigIntegerField(db_default=0)
    refunded_fen = models.BigIntegerField(db_default=0)
    all_paid_fen = models.BigIntegerField(db_default=0)
    all_refunded_fen = models.BigIntegerField(db_default=0)
    estimated_fen = models.BigIntegerField(db_default=0)
    settled_fen = models.BigIntegerField(db_default=0)
    all_estimated_fen = models.BigIntegerField(db_default=0)
    all_settled_fen = models.BigIntegerField(db_default=0)
    commission = ArrayField(ArrayField(models.BigIntegerField()), null=True)

    class Meta:
        db_table = "figures_sum"
        constraints = [models.UniqueConstraint(fields=["kind", "owner_id", "day"], name="figures_sum_once")]
        indexes = [models.Index(fields=["kind", "day"], name="figures_sum_day")]


class KeptSpan(models.Model):
    """An owner with so many rows that its spans are kept summed up, and the last day of them."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=8)
    owner_id = models.BigIntegerField()
    day = models.DateField()

    class Meta:
        db_table = "figures_kept"
        constraints = [models.UniqueConstraint(fields=["kind", "owner_id"], name="figures_kept_once")]


class SpanFigures(models.Model):
    """A span of a kept owner, of one promoter, product, place, campaign, merchant or leader (`by`, `object_id`)."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=8)
    owner_id = models.BigIntegerField()
    by = models.CharField(max_length=8)
    span = models.SmallIntegerField()
    object_id = models.BigIntegerField()
    clicks = models.BigIntegerField(db_default=0)
    visitors = models.BigIntegerField(db_default=0)
    shares = models.BigIntegerField(db_default=0)
    orders = models.BigIntegerField(db_default=0)
    received_orders = models.BigIntegerField(db_default=0)
    settled_orders = models.BigIntegerField(db_default=0)
    paid_fen = models.BigIntegerField(db_default=0)
    refunded_fen = models.BigIntegerField(db_default=0)
    estimated_fen = models.BigIntegerField(db_default=0)
    settled_fen = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "figures_span"
        constraints = [
            models.UniqueConstraint(fields=["kind", "owner_id", "by", "span", "object_id"], name="figures_span_once")
        ]


class MonthFigures(models.Model):
    """What a promoter brought a `merchant`, a `leader` or `all` (owner 0) in a month that begins on `month`."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=8)
    owner_id = models.BigIntegerField()
    promoter_id = models.BigIntegerField()
    month = models.DateField()
    orders = models.BigIntegerField(db_default=0)
    paid_fen = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "figures_month"
        constraints = [
            models.UniqueConstraint(fields=["kind", "owner_id", "promoter_id", "month"], name="figures_month_once")
        ]


class CohortFigures(models.Model):
    """Of an owner's promoters who began in the month `joined`: how many had an order in `month`, and what was paid."""

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=8)
    owner_id = models.BigIntegerField()
    joined = models.DateField()
    month = models.DateField()
    promoters = models.BigIntegerField(db_default=0)
    paid_fen = models.BigIntegerField(db_default=0)

    class Meta:
        db_table = "figures_cohort"
        constraints = [
            models.UniqueConstraint(fields=["kind", "owner_id", "joined", "month"], name="figures_cohort_once")
        ]


class CountedClicks(models.Model):
    """Until when clicks are counted (one row), and which day was the last to be counted as a whole."""

    id = models.SmallIntegerField(primary_key=True)
    until = models.DateTimeField()
    whole_until = models.DateField()

    class Meta:
        db_table = "figures_clicks"
        constraints = [models.CheckConstraint(name="figures_clicks_one", condition=models.Q(id=1))]
