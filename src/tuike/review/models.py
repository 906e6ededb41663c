"""Rules, their versions, what they hit, and how often."""

from django.db import models
from django.db.models import F, Q


class Rule(models.Model):
    """A rule of the operator (no merchant) or of a shop. What it says stands in its versions; the newest is in force.

    `position` orders an owner's rules; two may share one while they change places, then the older goes first.
    """

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    merchant_id = models.BigIntegerField(null=True)
    subject = models.CharField(max_length=10)
    position = models.IntegerField()
    version_id = models.BigIntegerField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "review_rule"
        indexes = [
            models.Index(fields=["merchant_id", "position"], condition=Q(deleted_at=None), name="review_rule_order")
        ]


class Version(models.Model):
    """What a rule says since an instant. Append-only: an accrual keeps the version that judged it."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    rule = models.ForeignKey(Rule, on_delete=models.PROTECT, related_name="+")
    version = models.IntegerField()
    name = models.CharField(max_length=40)
    effect = models.CharField(max_length=6)
    reject_days = models.IntegerField(null=True)
    conditions = models.JSONField()
    first = models.DateField(null=True)
    last = models.DateField(null=True)
    enabled = models.BooleanField()
    at = models.DateTimeField()
    person_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "review_version"
        constraints = [
            models.UniqueConstraint(fields=["rule", "version"], name="review_version_once"),
            models.CheckConstraint(
                name="review_version_reject_days",
                condition=Q(effect="reject", reject_days__gte=1, reject_days__lte=365)
                | (~Q(effect="reject") & Q(reject_days=None)),
            ),
            models.CheckConstraint(
                name="review_version_days", condition=Q(first=None) | Q(last=None) | Q(last__gte=F("first"))
            ),
        ]


class Hit(models.Model):
    """An accrual or a withdrawal that a rule held, with what was known of it.

    `reject_at`: when it is cancelled if nobody decides.
    """

    id = models.BigAutoField(primary_key=True)
    subject = models.CharField(max_length=10)
    object_id = models.BigIntegerField()
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+", db_index=False)
    merchant_id = models.BigIntegerField()
    amount_fen = models.BigIntegerField()
    facts = models.JSONField()
    at = models.DateTimeField()
    reject_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "review_hit"
        indexes = [
            models.Index(fields=["version", "-id"], name="review_hit_version"),
            models.Index(fields=["reject_at", "id"], condition=Q(reject_at__isnull=False), name="review_hit_reject"),
        ]
        constraints = [models.UniqueConstraint(fields=["object_id", "subject"], name="review_hit_once")]


class Count(models.Model):
    """How often a version held on a natural day, whatever it did."""

    id = models.BigAutoField(primary_key=True)
    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="+", db_index=False)
    day = models.DateField()
    hits = models.BigIntegerField()
    amount_fen = models.BigIntegerField()

    class Meta:
        db_table = "review_count"
        constraints = [models.UniqueConstraint(fields=["version", "day"], name="review_count_once")]
