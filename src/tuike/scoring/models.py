"""What orders left behind, and their scores. No personal data: marks are keyed digests."""

from django.db import models
from django.db.models import Q


class Cart(models.Model):
    """When the goods of an order that isn't paid yet had come into the cart."""

    order_no = models.CharField(max_length=32, primary_key=True)
    carted_at = models.DateTimeField()
    placed_at = models.DateTimeField()

    class Meta:
        db_table = "scoring_cart"
        indexes = [models.Index(fields=["placed_at"], name="scoring_cart_placed")]


class Trace(models.Model):
    """What a paid order that earns commission left behind."""

    order_no = models.CharField(max_length=32, primary_key=True)
    promoter_id = models.BigIntegerField()
    merchant_id = models.BigIntegerField()
    buyer_id = models.BigIntegerField()
    buyer_promoter_id = models.BigIntegerField(default=0)
    place_id = models.BigIntegerField(default=0)
    enrolment_id = models.BigIntegerField(default=0)
    placed_at = models.DateTimeField()
    paid_at = models.DateTimeField()
    paid_fen = models.BigIntegerField()
    click_ms = models.BigIntegerField(null=True)
    cart_ms = models.BigIntegerField(null=True)
    coupon = models.CharField(max_length=40, default="")
    address = models.BinaryField(max_length=32, default=b"")
    phone = models.BinaryField(max_length=32, default=b"")
    device = models.BinaryField(max_length=32, default=b"")
    payer = models.BinaryField(max_length=32, default=b"")
    refunded_fen = models.BigIntegerField(default=0)
    refunded_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    settled = models.BooleanField(default=False)

    class Meta:
        db_table = "scoring_trace"
        indexes = [
            models.Index(fields=["promoter_id", "-paid_at"], name="scoring_trace_promoter"),
            models.Index(fields=["merchant_id", "paid_at"], name="scoring_trace_merchant"),
            models.Index(fields=["buyer_id"], name="scoring_trace_buyer"),
            models.Index(fields=["enrolment_id"], condition=~Q(enrolment_id=0), name="scoring_trace_enrolment"),
            models.Index(
                fields=["buyer_promoter_id"], condition=~Q(buyer_promoter_id=0), name="scoring_trace_buyer_is"
            ),
            models.Index(
                fields=["promoter_id"],
                include=["buyer_promoter_id"],
                condition=~Q(buyer_promoter_id=0),
                name="scoring_trace_bought",
            ),
            models.Index(fields=["paid_at"], name="scoring_trace_paid"),
        ]
        constraints = [models.CheckConstraint(name="scoring_trace_refunded", condition=Q(refunded_fen__gte=0))]


class Score(models.Model):
    """An order's risk score in thousandths with the findings that made it; `highest` is what it ever was."""

    order_no = models.CharField(max_length=32, primary_key=True)
    promoter_id = models.BigIntegerField()
    thousandths = models.SmallIntegerField()
    highest = models.SmallIntegerField()
    findings = models.JSONField(default=list)
    scored_at = models.DateTimeField()

    class Meta:
        db_table = "scoring_score"
        indexes = [models.Index(fields=["promoter_id", "-thousandths"], name="scoring_score_promoter")]
        constraints = [
            models.CheckConstraint(
                name="scoring_score_sane", condition=Q(thousandths__gte=0, highest__gte=0, highest__lte=1000)
            )
        ]


class Traffic(models.Model):
    """A place's clicks of a natural day, and how many of them landed."""

    id = models.BigAutoField(primary_key=True)
    promoter_id = models.BigIntegerField()
    place_id = models.BigIntegerField()
    day = models.DateField()
    clicks = models.IntegerField()
    landings = models.IntegerField()

    class Meta:
        db_table = "scoring_traffic"
        indexes = [models.Index(fields=["day"], name="scoring_traffic_day")]
        constraints = [models.UniqueConstraint(fields=["promoter_id", "place_id", "day"], name="scoring_traffic_once")]


class Limits(models.Model):
    """From where on shares are odd, as counted on a natural day."""

    day = models.DateField(primary_key=True)
    landing_bps = models.IntegerField()
    late_bps = models.IntegerField()
    gone_bps = models.IntegerField()
    cart_bps = models.IntegerField()

    class Meta:
        db_table = "scoring_limits"
