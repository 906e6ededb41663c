"""Counted groups of buyers, and until when they are counted."""

from django.db import models


class Group(models.Model):
    """One group of an owner's buyers (a shop's; owner 0: everybody's) in a period, by what a section tells them apart.

    `period` is the first day of a quarter, in sections of cohorts that of a month. `orders` are paid ones, `paid_fen`
    is what was paid for their lines, `refunded_fen` what of that has gone back. Counted as they are: what may be shown
    of them is decided when they are read. Of a period with fewer than ten buyers nothing is kept.
    """

    id = models.BigAutoField(primary_key=True)
    owner_id = models.BigIntegerField()
    period = models.DateField()
    section = models.CharField(max_length=12)
    key = models.CharField(max_length=48)
    buyers = models.IntegerField()
    orders = models.IntegerField()
    paid_fen = models.BigIntegerField()
    refunded_fen = models.BigIntegerField()

    class Meta:
        db_table = "buyers_group"
        constraints = [
            models.UniqueConstraint(fields=["owner_id", "period", "section", "key"], name="buyers_group_once"),
            models.CheckConstraint(
                name="buyers_group_sane",
                condition=models.Q(buyers__gt=0, orders__gte=0, refunded_fen__gte=0)
                & models.Q(refunded_fen__lte=models.F("paid_fen")),
            ),
        ]


class Edition(models.Model):
    """The count in force (one row): `through` is the last day that is in it, `counted_at` when it was made."""

    id = models.SmallIntegerField(primary_key=True)
    through = models.DateField()
    counted_at = models.DateTimeField()

    class Meta:
        db_table = "buyers_edition"
        constraints = [models.CheckConstraint(name="buyers_edition_one", condition=models.Q(id=1))]
