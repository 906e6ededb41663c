"""Runs of the open data."""

from django.db import models
from django.db.models import Q


class Run(models.Model):
    """One run: `everything` takes no file over from the edition before; `problem` is why it failed, by name."""

    id = models.BigAutoField(primary_key=True)
    everything = models.BooleanField(default=False)
    asked_by = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField()
    state = models.CharField(max_length=8)
    attempts = models.SmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    done = models.BigIntegerField(default=0)
    whole = models.BigIntegerField(null=True)
    edition = models.IntegerField(null=True)
    days = models.IntegerField(null=True)
    files = models.IntegerField(null=True)
    rows = models.BigIntegerField(null=True)
    all_files = models.IntegerField(null=True)
    all_bytes = models.BigIntegerField(null=True)
    problem = models.CharField(max_length=12, default="")
    detail = models.CharField(max_length=300, default="")

    class Meta:
        db_table = "open_data_run"
        constraints = [
            models.UniqueConstraint(
                fields=["everything"], condition=Q(state__in=["asked", "writing"]), name="open_data_run_one_open"
            ),
            models.CheckConstraint(
                name="open_data_run_state", condition=Q(state__in=["asked", "writing", "written", "failed"])
            ),
        ]
