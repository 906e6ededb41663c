"""The case queue."""

from django.db import models
from django.db.models import Q


class Case(models.Model):
    """Something that a person must look at. One open case per kind and object."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    kind = models.CharField(max_length=24)
    object = models.CharField(max_length=64)
    amount_fen = models.BigIntegerField(default=0)
    facts = models.JSONField(default=dict)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    closed_by = models.BigIntegerField(null=True)
    note = models.CharField(max_length=400, default="")

    class Meta:
        db_table = "risk_case"
        indexes = [
            models.Index(fields=["opened_at"], condition=Q(closed_at=None), name="risk_case_open"),
            models.Index(fields=["object"], name="risk_case_object"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["kind", "object"], condition=Q(closed_at=None), name="risk_case_one_open")
        ]
