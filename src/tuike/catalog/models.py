"""What is sold. Stock is taken by one conditional statement; the database refuses to go below zero."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q

from tuike.parties.models import Merchant


class Category(models.Model):
    """A node of the category tree, at most three levels deep. `path` lists the ids from the root to itself."""

    id = models.BigAutoField(primary_key=True)
    parent = models.ForeignKey("self", on_delete=models.PROTECT, null=True, related_name="children")
    path = ArrayField(models.BigIntegerField(), default=list)
    name = models.CharField(max_length=40)
    name_en = models.CharField(max_length=60, default="")
    picture = models.CharField(max_length=120, default="")
    level = models.SmallIntegerField()
    restricted = models.BooleanField(default=False)
    position = models.IntegerField(default=0)

    class Meta:
        db_table = "catalog_category"
        constraints = [models.CheckConstraint(name="catalog_category_level", condition=Q(level__gte=1, level__lte=3))]


class Product(models.Model):
    """A product of a shop. `listed_from` is the midnight from which it may stand in the library.

    `words` (title and subtitle as they are compared) and `grams` (their characters and pairs) are what the mall's
    search looks for, written by the statement that writes the title; `sold` is summed up from the SKUs each hour.
    """

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+")
    external_no = models.CharField(max_length=64, default="")
    title = models.CharField(max_length=120)
    subtitle = models.CharField(max_length=160, default="")
    detail = models.TextField(default="")
    pictures = ArrayField(models.CharField(max_length=120), default=list)
    path = models.CharField(max_length=200, default="")
    state = models.CharField(max_length=10)
    excluded = models.BooleanField(default=False)
    min_price_fen = models.BigIntegerField()
    listed_from = models.DateTimeField(null=True)
    words = models.TextField(default="")
    grams = ArrayField(models.TextField(), default=list)
    sold = models.IntegerField(default=0)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "catalog_product"
        indexes = [
            # What a shop searches its products by lies in the index: 100,000 titles are read without their rows.
            models.Index(
                fields=["merchant", "-id"],
                include=["title", "no", "external_no", "min_price_fen"],
                name="catalog_product_merchant",
            ),
            models.Index(
                fields=["merchant", "-id"], condition=Q(excluded=True) | ~Q(state="on_sale"), name="catalog_product_off"
            ),
            models.Index(fields=["merchant", "category"], name="catalog_product_sold"),
            models.Index(fields=["merchant", "min_price_fen", "id"], name="catalog_product_by_price"),
            # The mall's lists walk what is on sale in the wanted order: all of it, a category's, a shop's.
            *[
                models.Index(fields=[*of, *by, "id"], condition=Q(state="on_sale"), name=f"catalog_sale_{name}")
                for name, of, by in (
                    ("sold", (), ("sold",)),
                    ("price", (), ("min_price_fen",)),
                    ("cat_newest", ("category",), ()),
                    ("cat_sold", ("category",), ("sold",)),
                    ("cat_price", ("category",), ("min_price_fen",)),
                    ("shop_sold", ("merchant",), ("sold",)),
                )
            ],
            GinIndex(fields=["grams"], condition=Q(state="on_sale"), name="catalog_sale_grams"),
        ]
        constraints = [
            models.CheckConstraint(name="catalog_product_price", condition=Q(min_price_fen__gt=0)),
            models.UniqueConstraint(
                fields=["merchant", "external_no"], condition=~Q(external_no=""), name="catalog_product_external"
            ),
        ]


class Sku(models.Model):
    """One choice of a product: its price and what is free to sell."""

    id = models.BigAutoField(primary_key=True)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="skus")
    spec = models.CharField(max_length=80, default="")
    price_fen = models.BigIntegerField()
    free = models.IntegerField()
    sold = models.IntegerField(default=0)
    on_sale = models.BooleanField(default=True)
    weight_g = models.IntegerField(default=0, db_default=0)

    class Meta:
        db_table = "catalog_sku"
        constraints = [
            models.CheckConstraint(name="catalog_sku_free", condition=Q(free__gte=0)),
            models.CheckConstraint(name="catalog_sku_sold", condition=Q(sold__gte=0)),
            models.CheckConstraint(name="catalog_sku_price", condition=Q(price_fen__gt=0)),
            models.CheckConstraint(name="catalog_sku_weight", condition=Q(weight_g__gte=0)),
        ]


class StockMove(models.Model):
    """What changed a SKU's free stock, by how much, and why; written by the statement that changes it.

    `source` is the number of what it was for: a checkout, an order, an after-sale. Ids are plain: a foreign key would
    ask the SKU's row once more for every line that is placed.
    """

    append_only = True

    id = models.BigAutoField(primary_key=True)
    merchant_id = models.BigIntegerField()
    sku_id = models.BigIntegerField()
    change = models.IntegerField()
    why = models.CharField(max_length=10)
    source = models.CharField(max_length=32)
    actor = models.CharField(max_length=80, default="")
    note = models.CharField(max_length=100, default="")
    at = models.DateTimeField()

    class Meta:
        db_table = "catalog_stock_move"
        indexes = [
            models.Index(fields=["merchant_id", "-id"], name="catalog_stock_move_merchant"),
            models.Index(fields=["sku_id", "-id"], name="catalog_stock_move_sku"),
        ]
        constraints = [models.CheckConstraint(name="catalog_stock_move_change", condition=~Q(change=0))]
