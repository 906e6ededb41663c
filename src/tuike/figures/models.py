"""Counted days, their sums, and what has to be counted anew."""

from django.db import models


class DayFigures(models.Model):
    """One day of a product at a place of a promoter's. No promoter (0): sold without a claim, or earned by others.

    `visitors` are those of a day that is over, each once for the place and product that was clicked.
    `orders` counts an order once for each promoter, at its first line; `promoted_orders` once among its claimed lines,
    `all_orders` once among all: each adds up over the rows that it is asked of. Days are those on which the sale was
    paid; what is refunded or settled later is counted on that day, too.
    """

    id = models.BigAutoField(primary_key=True)
    day = models.DateField()
    merchant_id = models.BigIntegerField()
    promoter_id = models.BigIntegerField()
    place_id = models.BigIntegerField()
    product_id = models.BigIntegerField()
    shares = models.IntegerField(default=0)
    clicks = models.IntegerField(default=0)
    visitors = models.IntegerField(default=0)
    orders = models.IntegerField(default=0)
    promoted_orders = models.IntegerField(default=0)
    all_orders = models.IntegerField(default=0)
    paid_fen = models.BigIntegerField(default=0)
    refunded_fen = models.BigIntegerField(default=0)
    estimated_fen = models.BigIntegerField(default=0)
    settled_fen = models.BigIntegerField(default=0)

    class Meta:
        db_table = "figures_day"
        constraints = [
            models.UniqueConstraint(
                fields=["merchant_id", "day", "promoter_id", "place_id", "product_id"], name="figures_day_once"
            )
        ]
        indexes = [
            models.Index(fields=["promoter_id", "day"], name="figures_day_promoter"),
            # What a shop's promoters brought is summed up out of the index, promoter by promoter.
            models.Index(
                fields=["merchant_id", "promoter_id", "day"],
                include=["clicks", "orders", "paid_fen", "refunded_fen", "estimated_fen", "settled_fen"],
                condition=models.Q(promoter_id__gt=0),
                name="figures_day_pair",
            ),
        ]


class SumFigures(models.Model):
    """One day of a `merchant`, of a `promoter`, or of `all` (owner 0), summed up from its rows.

    A promoter's sums are of what it earned; a merchant's and everybody's are of claimed lines, but for `all_orders`
    and `all_paid_fen`, which are of all lines. Estimated and settled are what all payees got.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.CharField(max_length=8)
    owner_id = models.BigIntegerField()
    day = models.DateField()
    clicks = models.IntegerField(default=0)
    orders = models.IntegerField(default=0)
    all_orders = models.IntegerField(default=0)
    paid_fen = models.BigIntegerField(default=0)
    refunded_fen = models.BigIntegerField(default=0)
    all_paid_fen = models.BigIntegerField(default=0)
    estimated_fen = models.BigIntegerField(default=0)
    settled_fen = models.BigIntegerField(default=0)

    class Meta:
        db_table = "figures_sum"
        constraints = [models.UniqueConstraint(fields=["kind", "owner_id", "day"], name="figures_sum_once")]
        indexes = [models.Index(fields=["kind", "day"], name="figures_sum_day")]


class StaleDay(models.Model):
    """A merchant's day that has to be counted anew."""

    id = models.BigAutoField(primary_key=True)
    merchant_id = models.BigIntegerField()
    day = models.DateField()

    class Meta:
        db_table = "figures_stale"
        constraints = [models.UniqueConstraint(fields=["day", "merchant_id"], name="figures_stale_once")]


class CountedClicks(models.Model):
    """Until when clicks are counted (one row), and which day was the last to be counted as a whole."""

    id = models.SmallIntegerField(primary_key=True)
    until = models.DateTimeField()
    whole_until = models.DateField()

    class Meta:
        db_table = "figures_clicks"
        constraints = [models.CheckConstraint(name="figures_clicks_one", condition=models.Q(id=1))]
