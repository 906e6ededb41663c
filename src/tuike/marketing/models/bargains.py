"""Bargains: what shops offer, what buyers started, and the cuts of friends."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateTimeRangeField, RangeOperators
from django.db import models
from django.db.models import F, Q

from tuike.parties.models import Merchant


class BargainOffer(models.Model):
    """A choice of a product that may be bargained for. Its terms never change; running bargains outlive its end."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    product_id = models.BigIntegerField()
    sku_id = models.BigIntegerField()
    floor_fen = models.BigIntegerField()
    cuts_needed = models.SmallIntegerField()
    hours = models.SmallIntegerField()
    stock = models.IntegerField()
    taken = models.IntegerField(default=0)
    limit_each = models.SmallIntegerField(default=1)
    owner_cuts = models.BooleanField(default=True)
    floor_only = models.BooleanField(default=False)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    stopped_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "marketing_bargain_offer"
        indexes = [
            models.Index(fields=["merchant", "-id"], name="marketing_offer_merchant"),
            models.Index(fields=["product_id"], name="marketing_offer_product"),
            models.Index(fields=["ends_at"], condition=Q(stopped_at=None), name="marketing_offer_open"),
        ]
        constraints = [
            models.CheckConstraint(name="marketing_offer_period", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="marketing_offer_stock", condition=Q(taken__gte=0, taken__lte=F("stock"), limit_each__gte=1)
            ),
            models.CheckConstraint(
                name="marketing_offer_terms",
                condition=Q(floor_fen__gte=1, cuts_needed__gte=2, cuts_needed__lte=100, hours__gte=1),
            ),
        ]


class Bargain(models.Model):
    """A bargain that a buyer started: the buyer's `nth` of the offer. The price is that of its start; all cuts follow
    from `seed`. One person has one at a time of an offer: their times don't overlap."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    code = models.CharField(max_length=16, unique=True)
    offer = models.ForeignKey(BargainOffer, on_delete=models.PROTECT, related_name="+", db_index=False)
    buyer_id = models.BigIntegerField()
    nth = models.SmallIntegerField()
    price_fen = models.BigIntegerField()
    floor_fen = models.BigIntegerField()
    cuts_needed = models.SmallIntegerField()
    seed = models.BinaryField()
    cut_count = models.SmallIntegerField(default=0)
    cut_fen = models.BigIntegerField(default=0)
    time = DateTimeRangeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "marketing_bargain"
        indexes = [models.Index(fields=["buyer_id", "-id"], name="marketing_bargain_buyer")]
        constraints = [
            models.UniqueConstraint(fields=["offer", "buyer_id", "nth"], name="marketing_bargain_nth"),
            ExclusionConstraint(
                name="marketing_bargain_one",
                expressions=[
                    ("offer", RangeOperators.EQUAL),
                    ("buyer_id", RangeOperators.EQUAL),
                    ("time", RangeOperators.OVERLAPS),
                ],
            ),
            models.CheckConstraint(
                name="marketing_bargain_floor",
                condition=Q(cut_fen__gte=F("cut_count"), cut_fen__lte=F("price_fen") - F("floor_fen")),
            ),
            models.CheckConstraint(
                name="marketing_bargain_cuts", condition=Q(cut_count__gte=0, cut_count__lte=F("cuts_needed"))
            ),
        ]


class BargainCut(models.Model):
    """A cut of a friend, or the starter's own first one. A person cuts a bargain once."""

    id = models.BigAutoField(primary_key=True)
    bargain = models.ForeignKey(Bargain, on_delete=models.PROTECT, related_name="+", db_index=False)
    nth = models.SmallIntegerField()
    person_id = models.BigIntegerField()
    amount_fen = models.BigIntegerField()
    at = models.DateTimeField()

    append_only = True

    class Meta:
        db_table = "marketing_bargain_cut"
        constraints = [
            models.UniqueConstraint(fields=["bargain", "person_id"], name="marketing_cut_once"),
            models.UniqueConstraint(fields=["bargain", "nth"], name="marketing_cut_nth"),
            models.CheckConstraint(name="marketing_cut_fen", condition=Q(amount_fen__gte=1)),
        ]
