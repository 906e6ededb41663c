"""Orders and what hangs on them. Ids of orders and lines are taken in blocks before the insert."""

from django.db import models
from django.db.models import F, Q

from tuike.catalog.models import Product, Sku
from tuike.parties.models import Merchant


class CartItem(models.Model):
    """What a buyer put aside. `price_fen` is the price that the buyer saw last, when the quantity was set."""

    id = models.BigAutoField(primary_key=True)
    buyer_id = models.BigIntegerField()
    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="+")
    quantity = models.IntegerField()
    price_fen = models.BigIntegerField(default=0)
    added_at = models.DateTimeField()

    class Meta:
        db_table = "orders_cart_item"
        constraints = [
            models.UniqueConstraint(fields=["buyer_id", "sku"], name="orders_cart_item_once"),
            models.CheckConstraint(name="orders_cart_item_quantity", condition=Q(quantity__gt=0)),
        ]


class Checkout(models.Model):
    """Several merchants' orders that are paid by one payment: of `payable_fen` as much as `balance_fen` out of the
    buyer's balance, the rest by the channel."""

    id = models.BigIntegerField(primary_key=True)
    no = models.CharField(max_length=32, unique=True)
    buyer_id = models.BigIntegerField()
    payable_fen = models.BigIntegerField()
    balance_fen = models.BigIntegerField(default=0)
    placed_at = models.DateTimeField()

    class Meta:
        db_table = "orders_checkout"
        constraints = [
            models.CheckConstraint(
                name="orders_checkout_balance", condition=Q(balance_fen__gte=0, balance_fen__lte=F("payable_fen"))
            )
        ]


class Order(models.Model):
    """One merchant's part of a checkout, or an order that an external shop reported (no checkout).

    `external_digest` tells a repeated report from another one under the same number. `freight_id` is an id out of the
    lines' own sequence, for whoever keeps books of lines and of freight side by side; none where freight is free.
    `city_code` is the city of the sealed address (empty where none was chosen), which groups of buyers are counted by.
    `hidden_at`: since when the buyer's own list leaves it out; `reminded_at`: when the buyer last asked for the parcel;
    `receipt_told_at`: when the buyer was told that receipt soon confirms itself.
    """

    id = models.BigIntegerField(primary_key=True)
    no = models.CharField(max_length=32, unique=True)
    checkout = models.ForeignKey(Checkout, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    buyer_id = models.BigIntegerField(null=True)
    source = models.CharField(max_length=12)
    external_no = models.CharField(max_length=64, default="")
    external_digest = models.BinaryField(max_length=32, null=True)
    state = models.CharField(max_length=10)
    goods_fen = models.BigIntegerField()
    discount_fen = models.BigIntegerField(default=0)
    freight_fen = models.BigIntegerField(default=0)
    freight_id = models.BigIntegerField(null=True)
    freight_refunded_fen = models.BigIntegerField(default=0)
    payable_fen = models.BigIntegerField()
    placed_at = models.DateTimeField()
    pay_by = models.DateTimeField(null=True)
    paid_at = models.DateTimeField(null=True)
    shipped_at = models.DateTimeField(null=True)
    receive_by = models.DateTimeField(null=True)
    receive_extended = models.BooleanField(default=False)
    receipt_told_at = models.DateTimeField(null=True)
    received_at = models.DateTimeField(null=True)
    received_by = models.CharField(max_length=10, default="")
    receipt_proof = models.CharField(max_length=200, db_default="")
    receipt_picture = models.CharField(max_length=120, db_default="")
    closed_at = models.DateTimeField(null=True)
    close_reason = models.CharField(max_length=40, default="")
    sealed_address = models.BinaryField(null=True)
    city_code = models.CharField(max_length=6, db_default="")
    note = models.CharField(max_length=200, default="")
    reminded_at = models.DateTimeField(null=True)
    hidden_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "orders_order"
        indexes = [
            models.Index(fields=["buyer_id", "-placed_at", "-id"], name="orders_order_buyer"),
            models.Index(fields=["merchant", "-placed_at", "-id"], name="orders_order_merchant"),
            models.Index(fields=["pay_by"], condition=Q(state="unpaid"), name="orders_order_unpaid"),
            models.Index(fields=["receive_by"], condition=Q(state="shipped"), name="orders_order_shipped"),
            models.Index(fields=["merchant", "-placed_at", "-id"], condition=Q(state="paid"), name="orders_order_paid"),
            models.Index(fields=["checkout"], name="orders_order_checkout"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["merchant", "external_no"], condition=~Q(external_no=""), name="orders_order_external_once"
            ),
            models.CheckConstraint(
                name="orders_order_adds_up",
                condition=Q(payable_fen=F("goods_fen") - F("discount_fen") + F("freight_fen")),
            ),
            models.CheckConstraint(
                name="orders_order_freight_refunded",
                condition=Q(freight_refunded_fen__gte=0, freight_refunded_fen__lte=F("freight_fen")),
            ),
        ]


class Line(models.Model):
    """A line: quantity of one SKU. `paid_fen` is net of discounts; refunds can't exceed it, the database refuses.

    `unsent_quantity`: of the pieces given back, those that never left and never will.
    """

    id = models.BigIntegerField(primary_key=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+", db_index=False)
    merchant_id = models.BigIntegerField()
    no = models.SmallIntegerField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    sku = models.ForeignKey(Sku, on_delete=models.PROTECT, related_name="+", db_index=False)
    category_id = models.BigIntegerField()
    title = models.CharField(max_length=120)
    spec = models.CharField(max_length=80, default="")
    quantity = models.IntegerField()
    price_fen = models.BigIntegerField()
    discount_fen = models.BigIntegerField(default=0)
    paid_fen = models.BigIntegerField()
    refunded_fen = models.BigIntegerField(default=0)
    refunded_quantity = models.IntegerField(default=0)
    shipped_quantity = models.IntegerField(default=0, db_default=0)
    unsent_quantity = models.IntegerField(default=0, db_default=0)

    class Meta:
        db_table = "orders_line"
        # In the order of ids, as claims and accruals lie: a shop's sums are merges of three indexes.
        indexes = [models.Index(fields=["merchant_id", "id"], include=["paid_fen"], name="orders_line_merchant")]
        constraints = [
            models.UniqueConstraint(fields=["order", "no"], name="orders_line_no"),
            models.CheckConstraint(name="orders_line_quantity", condition=Q(quantity__gt=0)),
            models.CheckConstraint(
                name="orders_line_shipped",
                condition=Q(shipped_quantity__gte=0, shipped_quantity__lte=F("quantity") - F("unsent_quantity")),
            ),
            models.CheckConstraint(
                name="orders_line_unsent",
                condition=Q(unsent_quantity__gte=0, unsent_quantity__lte=F("refunded_quantity")),
            ),
            models.CheckConstraint(
                name="orders_line_adds_up",
                condition=Q(paid_fen=F("price_fen") * F("quantity") - F("discount_fen"), paid_fen__gte=0),
            ),
            models.CheckConstraint(
                name="orders_line_refunded",
                condition=Q(
                    refunded_fen__gte=0,
                    refunded_fen__lte=F("paid_fen"),
                    refunded_quantity__gte=0,
                    refunded_quantity__lte=F("quantity"),
                ),
            ),
        ]


class Discount(models.Model):
    """What lowered a line, and who funds it; `points` is how many points were spent for it."""

    id = models.BigAutoField(primary_key=True)
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12)
    source = models.CharField(max_length=40)
    funded_by = models.CharField(max_length=12)
    amount_fen = models.BigIntegerField()
    points = models.BigIntegerField(default=0)

    class Meta:
        db_table = "orders_discount"
        indexes = [models.Index(fields=["source"], name="orders_discount_source")]


class Shipment(models.Model):
    """A parcel: the order's first, second …; `carrier` is a code of the list, or what a shop typed."""

    id = models.BigAutoField(primary_key=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+", db_index=False)
    no = models.SmallIntegerField()
    carrier = models.CharField(max_length=40)
    tracking_no = models.CharField(max_length=60)
    shipped_at = models.DateTimeField()

    class Meta:
        db_table = "orders_shipment"
        constraints = [
            models.UniqueConstraint(fields=["order", "no"], name="orders_shipment_no"),
            models.UniqueConstraint(fields=["order", "carrier", "tracking_no"], name="orders_shipment_once"),
        ]


class ParcelLine(models.Model):
    """How many pieces of which line are in a parcel."""

    id = models.BigAutoField(primary_key=True)
    shipment = models.ForeignKey(Shipment, on_delete=models.PROTECT, related_name="lines", db_index=False)
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="+")
    quantity = models.IntegerField()

    class Meta:
        db_table = "orders_parcel_line"
        constraints = [
            models.UniqueConstraint(fields=["shipment", "line"], name="orders_parcel_line_once"),
            models.CheckConstraint(name="orders_parcel_line_quantity", condition=Q(quantity__gt=0)),
        ]


class AfterSale(models.Model):
    """A buyer's request to get money back for some of an order. Open ones keep the order's lines from settling.

    `due_at`: until when the one whose turn it is must act. `final`: the operator has decided, nobody asks it again.
    `restocked`: the returned goods went back to stock.
    """

    id = models.BigIntegerField(primary_key=True)
    no = models.CharField(max_length=32, unique=True)
    order = models.ForeignKey(Order, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField(max_length=12)
    state = models.CharField(max_length=12)
    reason = models.CharField(max_length=200, default="")
    answer = models.CharField(max_length=200, default="")
    freight_fen = models.BigIntegerField(default=0)
    opened_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    reason_code = models.CharField(max_length=24, db_default="")
    due_at = models.DateTimeField(null=True)
    carrier = models.CharField(max_length=40, db_default="")
    tracking_no = models.CharField(max_length=60, db_default="")
    restocked = models.BooleanField(db_default=False)
    final = models.BooleanField(db_default=False)

    class Meta:
        db_table = "orders_after_sale"
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=Q(state__in=["requested", "returning", "sent"]),
                name="orders_after_sale_due",
            ),
            models.Index(fields=["id"], condition=Q(state="disputed"), name="orders_after_sale_disputed"),
            models.Index(fields=["order"], name="orders_after_sale_order"),
            models.Index(fields=["opened_at"], condition=Q(state="requested"), name="orders_after_sale_asked"),
        ]


class AfterSaleLine(models.Model):
    """How much of which line an after-sale gives back; `unsent_quantity` of the pieces never left, known once it is
    approved."""

    id = models.BigAutoField(primary_key=True)
    after_sale = models.ForeignKey(AfterSale, on_delete=models.PROTECT, related_name="lines")
    line = models.ForeignKey(Line, on_delete=models.PROTECT, related_name="+")
    quantity = models.IntegerField()
    unsent_quantity = models.IntegerField(db_default=0)
    amount_fen = models.BigIntegerField()

    class Meta:
        db_table = "orders_after_sale_line"
        constraints = [
            models.UniqueConstraint(fields=["after_sale", "line"], name="orders_after_sale_line_once"),
            models.CheckConstraint(name="orders_after_sale_line_sane", condition=Q(quantity__gte=0, amount_fen__gte=0)),
            models.CheckConstraint(
                name="orders_after_sale_line_unsent",
                condition=Q(unsent_quantity__gte=0, unsent_quantity__lte=F("quantity")),
            ),
        ]


class AfterSaleStep(models.Model):
    """What happened to an after-sale, by whom, and how it stood then; rows are only added. `pictures` are names below
    /media/, one a line."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    after_sale = models.ForeignKey(AfterSale, on_delete=models.PROTECT, related_name="steps", db_index=False)
    kind = models.CharField(max_length=12)
    state = models.CharField(max_length=12)
    by = models.CharField(max_length=10)
    note = models.CharField(max_length=200, default="")
    pictures = models.CharField(max_length=600, default="")
    at = models.DateTimeField()

    class Meta:
        db_table = "orders_after_sale_step"
        indexes = [models.Index(fields=["after_sale", "id"], name="orders_after_sale_step_of")]
