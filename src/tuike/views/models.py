"""Named views and chosen columns, by seat and page."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower


class View(models.Model):
    """A named view of one person's in one party's seat: `asked` is what the page's address asks for, as plain JSON."""

    id = models.BigAutoField(primary_key=True)
    party_id = models.BigIntegerField()
    person_id = models.BigIntegerField()
    page = models.CharField(max_length=24)
    name = models.CharField(max_length=30)
    asked = models.JSONField()
    first = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "views_view"
        constraints = [
            models.UniqueConstraint("party_id", "person_id", "page", Lower("name"), name="views_view_name"),
            models.UniqueConstraint(
                fields=["party_id", "person_id", "page"], condition=Q(first=True), name="views_view_first"
            ),
            models.CheckConstraint(name="views_view_named", condition=~Q(name="")),
        ]


class Columns(models.Model):
    """The columns that a person chose last for a page in one seat."""

    id = models.BigAutoField(primary_key=True)
    party_id = models.BigIntegerField()
    person_id = models.BigIntegerField()
    page = models.CharField(max_length=24)
    names = ArrayField(models.CharField(max_length=24))
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "views_columns"
        constraints = [models.UniqueConstraint(fields=["party_id", "person_id", "page"], name="views_columns_one")]
