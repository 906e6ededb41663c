"""The library's index and its work list; the curated list; selection sets; accepted rules."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from tuike.catalog.models import Product
from tuike.parties.models import Promoter


class Item(models.Model):
    """How a product stands in the library from `begins` until before `ends`. What the next midnight changes is written
    ahead as a row of its own, so that nothing is left to do at midnight.

    `words` is what keywords are looked for in, `grams` its single characters and pairs. `path` is the category with all
    above it. Rates are the public ones; `commission_fen` is that of the cheapest choice.
    """

    id = models.BigAutoField(primary_key=True)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    merchant_id = models.BigIntegerField()
    source = models.CharField(max_length=12)
    path = ArrayField(models.BigIntegerField())
    words = models.TextField()
    grams = ArrayField(models.TextField())
    price_fen = models.BigIntegerField()
    rate_bps = models.IntegerField()
    commission_fen = models.BigIntegerField()
    coupon = models.BooleanField(default=False)
    sold = models.IntegerField(default=0)
    listed_at = models.DateTimeField()
    begins = models.DateTimeField()
    ends = models.DateTimeField()

    class Meta:
        db_table = "library_item"
        indexes = [
            models.Index(fields=["listed_at", "product"], name="library_item_newest"),
            models.Index(fields=["price_fen", "product"], name="library_item_price"),
            models.Index(fields=["commission_fen", "product"], name="library_item_commission"),
            models.Index(fields=["rate_bps", "product"], name="library_item_rate"),
            models.Index(fields=["sold", "product"], name="library_item_sold"),
            # A list of one source walks no other source's products, which may lie side by side by the thousand.
            *[
                models.Index(fields=["source", column, "product"], name=f"library_item_of_{name}")
                for name, column in (
                    ("newest", "listed_at"),
                    ("price", "price_fen"),
                    ("commission", "commission_fen"),
                    ("rate", "rate_bps"),
                    ("sold", "sold"),
                )
            ],
            models.Index(fields=["merchant_id", "product"], include=["begins", "ends"], name="library_item_merchant"),
            models.Index(fields=["product"], condition=Q(coupon=True), name="library_item_coupon"),
            GinIndex(fields=["grams"], name="library_item_grams"),
            GinIndex(fields=["path"], name="library_item_path"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["product", "begins"], name="library_item_once"),
            models.CheckConstraint(name="library_item_period", condition=Q(ends__gt=F("begins"))),
        ]


class Mark(models.Model):
    """Products whose rows have to be looked at anew: those of `product_ids`, or all of a merchant, of a category, or
    all there are. A wide mark is worked off in steps; `after_id` is the last product that was looked at."""

    id = models.BigAutoField(primary_key=True)
    scope = models.CharField(max_length=10)
    scope_id = models.BigIntegerField(default=0)
    product_ids = ArrayField(models.BigIntegerField(), default=list)
    after_id = models.BigIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        db_table = "library_mark"


class Sweep(models.Model):
    """How far what changes by time alone has been looked at, and under which price floor. One row."""

    id = models.SmallIntegerField(primary_key=True)
    until = models.DateTimeField()
    coupons_until = models.DateTimeField()
    price_floor_fen = models.BigIntegerField()

    class Meta:
        db_table = "library_sweep"
        constraints = [models.CheckConstraint(name="library_sweep_one", condition=Q(id=1))]


class Pick(models.Model):
    """A product on the operator's curated list (精选), in the order of `position`."""

    product = models.OneToOneField(Product, on_delete=models.PROTECT, primary_key=True, related_name="+")
    position = models.IntegerField()
    picked_at = models.DateTimeField()
    picked_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "library_pick"


class Chosen(models.Model):
    """A product in a promoter's selection set (选品车)."""

    id = models.BigAutoField(primary_key=True)
    promoter = models.ForeignKey(Promoter, on_delete=models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    chosen_at = models.DateTimeField()

    class Meta:
        db_table = "library_chosen"
        constraints = [models.UniqueConstraint(fields=["promoter", "product"], name="library_chosen_once")]


class ChosenCount(models.Model):
    """How many products a promoter's selection set holds; taken by a conditional statement."""

    promoter = models.OneToOneField(Promoter, on_delete=models.PROTECT, primary_key=True, related_name="+")
    products = models.IntegerField(default=0)

    class Meta:
        db_table = "library_chosen_count"
        constraints = [
            models.CheckConstraint(name="library_chosen_count_sane", condition=Q(products__gte=0, products__lte=200))
        ]


class Acceptance(models.Model):
    """A promoter accepted how a source settles and pays, once for each edition of those rules."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    promoter = models.ForeignKey(Promoter, on_delete=models.PROTECT, related_name="+", db_index=False)
    source = models.CharField(max_length=12)
    edition = models.SmallIntegerField()
    person_id = models.BigIntegerField(null=True)
    at = models.DateTimeField()

    class Meta:
        db_table = "library_acceptance"
        constraints = [
            models.UniqueConstraint(fields=["promoter", "source", "edition"], name="library_acceptance_once")
        ]
