"""What was asked for, how far it is, and what the file holds."""

from django.db import models
from django.db.models import Q


class Export(models.Model):
    """One file of one person's in one seat. `what` tells its maker everything; the file's name is the row's number."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    party_id = models.BigIntegerField()
    person_id = models.BigIntegerField()
    kind = models.CharField(max_length=12)
    title_zh = models.CharField(max_length=60)
    title_en = models.CharField(max_length=80)
    what = models.JSONField()
    state = models.CharField(max_length=8)
    attempts = models.SmallIntegerField(default=0)
    done = models.IntegerField(default=0)
    whole = models.IntegerField(null=True)
    rows = models.IntegerField(null=True)
    sums = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64, default="")
    size = models.BigIntegerField(null=True)
    problem = models.CharField(max_length=200, default="")
    asked_at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    kept_until = models.DateTimeField(null=True)

    class Meta:
        db_table = "exports_export"
        indexes = [
            models.Index(fields=["party_id", "person_id", "-id"], name="exports_export_person"),
            models.Index(fields=["id"], condition=Q(state__in=["asked", "making"]), name="exports_export_open"),
            models.Index(fields=["kept_until"], condition=Q(state="ready"), name="exports_export_kept"),
        ]
        constraints = [
            models.CheckConstraint(
                name="exports_export_state", condition=Q(state__in=["asked", "making", "ready", "failed", "gone"])
            )
        ]
