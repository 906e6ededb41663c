"""Runs of the checks and their results."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q


class Checkup(models.Model):
    """One run: `names` are the checks asked for (none: all), `results` what each found, `problem` why it couldn't."""

    id = models.BigAutoField(primary_key=True)
    names = ArrayField(models.CharField(max_length=40), default=list)
    asked_by = models.BigIntegerField(null=True)
    asked_at = models.DateTimeField()
    attempts = models.SmallIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    took_ms = models.IntegerField(null=True)
    findings = models.IntegerField(default=0)
    results = models.JSONField(default=list)
    problem = models.CharField(max_length=200, default="")

    class Meta:
        db_table = "checkups_checkup"
        constraints = [
            models.UniqueConstraint(fields=["names"], condition=Q(ended_at=None), name="checkups_checkup_one_waiting")
        ]
