"""Points of buyers: the history, lots, what orders earned and what was spent; goods of the points mall."""

from django.db import models
from django.db.models import F, Q

from tuike.catalog.models import Product, Sku
from tuike.parties.models import Merchant


class PointsMove(models.Model):
    """One change of a buyer's points, `points` > 0: its `kind` says whether they came or went. The ledger's transfer
    is `points:<id>`."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    buyer_id = models.BigIntegerField()
    kind = models.CharField(max_length=12)
    source = models.CharField(max_length=40)
    points = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "marketing_points_move"
        indexes = [models.Index(fields=["buyer_id", "-id"], name="marketing_points_move_buyer")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "source"], condition=Q(kind__in=["earned", "spent"]), name="marketing_points_move_once"
            ),
            models.CheckConstraint(name="marketing_points_move_some", condition=Q(points__gt=0)),
        ]


class PointsLot(models.Model):
    """Points that came together and end together. `points_left` over all of a buyer's lots is the account's balance."""

    id = models.BigAutoField(primary_key=True)
    buyer_id = models.BigIntegerField()
    source = models.CharField(max_length=40)
    points = models.BigIntegerField()
    points_left = models.BigIntegerField()
    earned_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    told_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "marketing_points_lot"
        indexes = [
            models.Index(
                fields=["buyer_id", "expires_at", "id"],
                condition=Q(points_left__gt=0),
                name="marketing_points_lot_buyer",
            ),
            models.Index(fields=["expires_at"], condition=Q(points_left__gt=0), name="marketing_points_lot_ends"),
        ]
        constraints = [
            models.CheckConstraint(
                name="marketing_points_lot_left",
                condition=Q(points__gt=0, points_left__gte=0, points_left__lte=F("points")),
            ),
        ]


class PointsEarning(models.Model):
    """What an order earned: `points` for all of it, `standing` after its refunds; `skipped`: why it earned nothing, by
    name."""

    id = models.BigAutoField(primary_key=True)
    order_no = models.CharField(max_length=32, unique=True)
    buyer_id = models.BigIntegerField()
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    paid_fen = models.BigIntegerField()
    points = models.BigIntegerField()
    standing = models.BigIntegerField()
    skipped = models.CharField(max_length=20, default="")
    at = models.DateTimeField()

    class Meta:
        db_table = "marketing_points_earning"
        constraints = [
            models.CheckConstraint(
                name="marketing_points_earning_stands", condition=Q(standing__gte=0, standing__lte=F("points"))
            ),
            models.CheckConstraint(name="marketing_points_earning_skipped", condition=Q(skipped="") | Q(points=0)),
        ]


class PointsSpend(models.Model):
    """Points spent for one thing, named by `source`; `returned` of them are back."""

    id = models.BigAutoField(primary_key=True)
    source = models.CharField(max_length=40, unique=True)
    buyer_id = models.BigIntegerField()
    kind = models.CharField(max_length=12)
    points = models.BigIntegerField()
    returned = models.BigIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        db_table = "marketing_points_spend"
        constraints = [
            models.CheckConstraint(
                name="marketing_points_spend_returned",
                condition=Q(points__gt=0, returned__gte=0, returned__lte=F("points")),
            ),
        ]


class PointsSpendPart(models.Model):
    """Out of which lot points were spent, so that they go back there."""

    id = models.BigAutoField(primary_key=True)
    spend = models.ForeignKey(PointsSpend, on_delete=models.PROTECT, related_name="+")
    lot = models.ForeignKey(PointsLot, on_delete=models.PROTECT, related_name="+", db_index=False)
    points = models.BigIntegerField()
    returned = models.BigIntegerField(default=0)

    class Meta:
        db_table = "marketing_points_spend_part"
        constraints = [
            models.CheckConstraint(
                name="marketing_points_spend_part_back",
                condition=Q(points__gt=0, returned__gte=0, returned__lte=F("points")),
            ),
        ]


class PointsGood(models.Model):
    """What a shop gives for points, and perhaps some money, until it is taken up. Its terms never change."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="+", db_index=False)
    points = models.BigIntegerField()
    money_fen = models.BigIntegerField(default=0)
    stock = models.IntegerField()
    taken = models.IntegerField(default=0)
    limit_each = models.IntegerField(default=1)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "marketing_points_good"
        indexes = [
            models.Index(fields=["merchant", "-id"], name="marketing_points_good_shop"),
            models.Index(fields=["-id"], condition=Q(stopped_at__isnull=True), name="marketing_points_good_open"),
        ]
        constraints = [
            models.CheckConstraint(name="marketing_points_good_period", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="marketing_points_good_stock",
                condition=Q(points__gt=0, money_fen__gte=0, taken__gte=0, taken__lte=F("stock"), limit_each__gte=1),
            ),
        ]


class PointsGoodTaking(models.Model):
    """A points-mall good that a buyer placed an order for. `back_at`: the order came to nothing."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    good = models.ForeignKey(PointsGood, on_delete=models.PROTECT, related_name="+", db_index=False)
    buyer_id = models.BigIntegerField()
    quantity = models.IntegerField()
    points = models.BigIntegerField()
    taken_at = models.DateTimeField()
    back_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "marketing_points_good_taking"
        indexes = [
            models.Index(
                fields=["good", "buyer_id"], condition=Q(back_at__isnull=True), name="marketing_points_good_taken"
            )
        ]
        constraints = [
            models.CheckConstraint(name="marketing_points_good_some", condition=Q(quantity__gt=0, points__gt=0)),
        ]
