"""Files of order history. A row's id holds its file and its line, so that the same line is never taken twice."""

from django.db import models
from django.db.models import F, Q


class ImportFile(models.Model):
    """A file of one merchant, known by the SHA-256 of its content. `mapping_digest` is of the mapping it is read by.

    `staged` counts the rows that are in, `booked` is the number (`StagedOrder.seq`) of the last document that was
    booked: an import that was cut off goes on there. `figures` sums what was booked, batch by batch.
    """

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=32, unique=True)
    merchant_id = models.BigIntegerField()
    digest = models.BinaryField(max_length=32)
    mapping_digest = models.BinaryField(max_length=32)
    state = models.CharField(max_length=10)
    staged = models.IntegerField(default=0)
    documents = models.IntegerField(default=0)
    booked = models.IntegerField(default=0)
    figures = models.JSONField(default=dict)
    begun_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "imports_file"
        constraints = [
            models.UniqueConstraint(fields=["merchant_id", "digest"], name="imports_file_once"),
            models.CheckConstraint(name="imports_file_booked", condition=Q(booked__gte=0, booked__lte=F("documents"))),
        ]


class StagedRow(models.Model):
    """A row as it was read. `id` is file × 2³² + line; `no` counts the rows that become lines of one order.

    `customer` is a keyed digest of the shop's own customer number, `spread` where on the promoters' wheel it stands.
    A rejected row keeps the reason; of a cancellation `matched` pieces found an earlier row. No foreign key: half a
    million rows come in at once, and the id says the file.
    """

    id = models.BigIntegerField(primary_key=True)
    file_id = models.BigIntegerField()
    merchant_id = models.BigIntegerField()
    kind = models.CharField(max_length=8)
    document_no = models.CharField(max_length=64)
    no = models.SmallIntegerField(null=True)
    code = models.CharField(max_length=64, default="")
    title = models.CharField(max_length=120, default="")
    quantity = models.IntegerField(default=0)
    price_micros = models.BigIntegerField(default=0)
    amount_fen = models.BigIntegerField(default=0)
    at = models.DateTimeField(null=True)
    customer = models.BigIntegerField(null=True)
    spread = models.IntegerField(null=True)
    reason = models.CharField(max_length=32, default="")
    matched = models.IntegerField(default=0)

    class Meta:
        db_table = "imports_row"
        indexes = [
            models.Index(fields=["file_id", "document_no"], name="imports_row_document"),
            models.Index(fields=["file_id", "id"], condition=~Q(reason=""), name="imports_row_rejected"),
        ]


class StagedOrder(models.Model):
    """A document of a file (an order, or a cancellation) in the order of time. `id` is file × 2³² + `seq`."""

    id = models.BigIntegerField(primary_key=True)
    file = models.ForeignKey(ImportFile, on_delete=models.PROTECT, related_name="+", db_index=False)
    merchant_id = models.BigIntegerField()
    seq = models.IntegerField()
    kind = models.CharField(max_length=8)
    no = models.CharField(max_length=64)
    at = models.DateTimeField()
    lines = models.IntegerField()

    class Meta:
        db_table = "imports_order"
        indexes = [models.Index(fields=["merchant_id", "kind", "no"], name="imports_order_no")]
        constraints = [models.UniqueConstraint(fields=["file", "kind", "no"], name="imports_order_once")]


class Match(models.Model):
    """How many pieces, and how much, a cancellation's row takes from an earlier row."""

    id = models.BigAutoField(primary_key=True)
    row = models.ForeignKey(StagedRow, on_delete=models.PROTECT, related_name="+", db_index=False)
    taken_from = models.ForeignKey(StagedRow, on_delete=models.PROTECT, related_name="+")
    quantity = models.IntegerField()
    amount_fen = models.BigIntegerField()

    class Meta:
        db_table = "imports_match"
        constraints = [
            models.UniqueConstraint(fields=["row", "taken_from"], name="imports_match_once"),
            models.CheckConstraint(name="imports_match_sane", condition=Q(quantity__gt=0, amount_fen__gte=0)),
        ]
