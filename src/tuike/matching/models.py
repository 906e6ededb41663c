"""Published requests, and the cards of promoters in the directory."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from tuike.parties.models import Merchant, Promoter
from tuike.plans.models import TargetedPlan


class PromotionRequest(models.Model):
    """A shop looks for promoters for a targeted plan of its own: products, rates and period are the plan's."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    plan = models.ForeignKey(TargetedPlan, on_delete=models.PROTECT, related_name="+", db_index=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    title = models.CharField(max_length=40)
    text = models.CharField(max_length=500, default="")
    min_level = models.SmallIntegerField(default=0)
    category_ids = ArrayField(models.BigIntegerField(), default=list)
    open_until = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "matching_request"
        constraints = [
            models.UniqueConstraint(fields=["plan"], condition=Q(closed_at=None), name="matching_request_one_open"),
            models.CheckConstraint(name="matching_request_period", condition=Q(open_until__gt=F("created_at"))),
            models.CheckConstraint(name="matching_request_level", condition=Q(min_level__gte=0, min_level__lte=5)),
        ]


class DirectoryCard(models.Model):
    """What shops may see of a promoter who agreed (`listed`): words of its own, categories, and counted figures of the
    last 90 days. `conversion_bps` is none where too few clicks were counted to say.
    """

    promoter = models.OneToOneField(Promoter, on_delete=models.PROTECT, primary_key=True, related_name="+")
    listed = models.BooleanField(default=False)
    name = models.CharField(max_length=20)
    intro = models.CharField(max_length=200, default="")
    category_ids = ArrayField(models.BigIntegerField(), default=list)
    level = models.SmallIntegerField(default=0)
    conversion_bps = models.IntegerField(null=True)
    counted_at = models.DateTimeField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "matching_card"
        indexes = [
            models.Index(fields=["-level", "promoter"], condition=Q(listed=True), name="matching_card_level"),
        ]
