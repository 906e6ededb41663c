"""Freight templates of shops, and which product is sent under which."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tuike.catalog.models import Product
from tuike.parties.models import Merchant


class Template(models.Model):
    """What a shop charges for sending. One of a shop's may be its default: for products that name none."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    name = models.CharField(max_length=40)
    basis = models.CharField(max_length=10)
    not_to = ArrayField(models.CharField(max_length=6), default=list)
    default = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        db_table = "freight_template"
        constraints = [
            models.UniqueConstraint(fields=["merchant", "name"], name="freight_template_name"),
            models.UniqueConstraint(fields=["merchant"], condition=Q(default=True), name="freight_template_default"),
        ]


class Row(models.Model):
    """A template's charge for some regions, or (none named) for everywhere else."""

    id = models.BigAutoField(primary_key=True)
    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="rows", db_index=False)
    position = models.SmallIntegerField()
    regions = ArrayField(models.CharField(max_length=6), default=list)
    first_units = models.IntegerField()
    first_fen = models.BigIntegerField()
    next_units = models.IntegerField()
    next_fen = models.BigIntegerField()
    free_from_fen = models.BigIntegerField(null=True)
    free_from_pieces = models.IntegerField(null=True)

    class Meta:
        db_table = "freight_row"
        constraints = [
            models.UniqueConstraint(fields=["template", "position"], name="freight_row_position"),
            models.UniqueConstraint(fields=["template"], condition=Q(regions=[]), name="freight_row_elsewhere"),
            models.CheckConstraint(
                name="freight_row_sane",
                condition=Q(first_units__gte=1, next_units__gte=1, first_fen__gte=0, next_fen__gte=0),
            ),
        ]


class Assignment(models.Model):
    """The template that a product names."""

    product = models.OneToOneField(Product, on_delete=models.PROTECT, primary_key=True, related_name="+")
    template = models.ForeignKey(Template, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "freight_assignment"
