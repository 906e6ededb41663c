"""Batches of reports as they came in, and each report with what became of it."""

from django.db import models
from django.db.models import Q


class Batch(models.Model):
    """One call: so many reports of a merchant. `fresh` of them were news; the others said what was said before."""

    id = models.BigIntegerField(primary_key=True)
    no = models.CharField(max_length=32, unique=True)
    merchant_id = models.BigIntegerField()
    reports = models.IntegerField()
    fresh = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "inbox_batch"
        indexes = [models.Index(fields=["merchant_id", "-id"], name="inbox_batch_merchant")]


class Report(models.Model):
    """A report as it came. `id` is the batch's id × 1,000 + its place, so that ids are the order of work.

    `code` and `details` say why it was refused.
    """

    id = models.BigIntegerField(primary_key=True)
    merchant_id = models.BigIntegerField()
    external_no = models.CharField(max_length=64)
    content = models.JSONField()
    digest = models.BinaryField(max_length=32)
    state = models.CharField(max_length=8)
    code = models.CharField(max_length=40, default="")
    details = models.JSONField(default=dict)
    at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "inbox_report"
        indexes = [
            models.Index(fields=["merchant_id", "id"], condition=Q(state="waiting"), name="inbox_report_waiting"),
            models.Index(fields=["merchant_id", "-id"], condition=Q(state="refused"), name="inbox_report_refused"),
            models.Index(fields=["merchant_id", "external_no", "id"], name="inbox_report_order"),
        ]
        constraints = [
            models.CheckConstraint(name="inbox_report_state", condition=Q(state__in=["waiting", "done", "refused"])),
            models.CheckConstraint(name="inbox_report_ended", condition=Q(state="waiting") ^ Q(ended_at__isnull=False)),
        ]
