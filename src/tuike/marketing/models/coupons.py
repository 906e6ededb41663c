"""Coupons and the vouchers that buyers took of them. Stock and limits are held by statements and constraints."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from tuike.parties.models import Merchant


class Coupon(models.Model):
    """What a shop gives, or the platform (no `merchant`). Its terms never change: buyers hold vouchers of it.
    `target_ids` are the categories or products that it lowers (empty: everything of the shop, or of all shops);
    `use_days` None: a voucher is good until `ends_at`.
    """

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    channel = models.CharField(max_length=8, default="alliance")
    name = models.CharField(max_length=20)
    kind = models.CharField(max_length=10)
    threshold_fen = models.BigIntegerField(default=0)
    minus_fen = models.BigIntegerField(default=0)
    off_bps = models.IntegerField(default=0)
    most_fen = models.BigIntegerField(null=True)
    scope = models.CharField(max_length=10)
    target_ids = ArrayField(models.BigIntegerField(), default=list)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    use_days = models.IntegerField(null=True)
    stock = models.IntegerField()
    taken = models.IntegerField(default=0)
    limit_each = models.IntegerField(default=1)
    stopped_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "marketing_coupon"
        indexes = [
            models.Index(fields=["merchant", "-id"], name="marketing_coupon_merchant"),
            models.Index(
                fields=["ends_at"],
                condition=Q(channel="everyone", stopped_at=None),
                name="marketing_coupon_everyone",
            ),
        ]
        constraints = [
            models.CheckConstraint(name="marketing_coupon_period", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="marketing_coupon_stock", condition=Q(taken__gte=0, taken__lte=F("stock"), limit_each__gte=1)
            ),
            models.CheckConstraint(
                name="marketing_coupon_channel",
                condition=Q(channel="everyone") | Q(channel="alliance", merchant__isnull=False),
            ),
            models.CheckConstraint(
                name="marketing_coupon_of_the_platform",
                condition=Q(merchant__isnull=False) | Q(scope="shop"),
            ),
            models.CheckConstraint(
                name="marketing_coupon_kind",
                condition=Q(kind="threshold", minus_fen__gt=0, threshold_fen__gt=F("minus_fen"), off_bps=0)
                | Q(kind="fixed", minus_fen__gt=0, threshold_fen=0, off_bps=0)
                | Q(kind="percent", minus_fen=0, off_bps__gt=0, off_bps__lt=10_000),
            ),
        ]


class Voucher(models.Model):
    """A coupon that a buyer took: the buyer's `nth` of it. `used_at` says that it lowers an order, `told_at` that the
    buyer knows that it ends soon."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    coupon = models.ForeignKey(Coupon, on_delete=models.PROTECT, related_name="+", db_index=False)
    buyer_id = models.BigIntegerField()
    nth = models.SmallIntegerField()
    taken_at = models.DateTimeField()
    usable_until = models.DateTimeField()
    used_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "marketing_voucher"
        indexes = [
            models.Index(fields=["buyer_id", "-id"], name="marketing_voucher_buyer"),
            models.Index(fields=["coupon"], condition=Q(used_at__isnull=False), name="marketing_voucher_used"),
            models.Index(
                fields=["usable_until"], condition=Q(used_at=None, told_at=None), name="marketing_voucher_to_tell"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["coupon", "buyer_id", "nth"], name="marketing_voucher_nth"),
        ]
