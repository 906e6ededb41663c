"""Thresholds, who follows them by mail, their firings; reports that are subscribed to and written; mails."""

from django.db import models
from django.db.models import Q


class Threshold(models.Model):
    """A bound on a figure of a party. `over`: it was crossed, and the figure has not been back since.

    `changed_at` is of what it watches for: what was looked at for an earlier wish doesn't count.
    """

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    party_id = models.BigIntegerField()
    person_id = models.BigIntegerField()
    tile = models.CharField(max_length=60)
    span = models.SmallIntegerField()
    compare = models.CharField(max_length=8)
    bound = models.BigIntegerField()
    quiet_from = models.SmallIntegerField(null=True)
    quiet_until = models.SmallIntegerField(null=True)
    on = models.BooleanField(default=True)
    over = models.BooleanField(default=False)
    value = models.BigIntegerField(null=True)
    before = models.BigIntegerField(null=True)
    watermark = models.DateTimeField(null=True)
    looked_at = models.DateTimeField(null=True)
    changed_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "alerts_threshold"
        indexes = [
            models.Index(fields=["party_id", "id"], condition=Q(deleted_at=None), name="alerts_threshold_party"),
            models.Index(fields=["id"], condition=Q(deleted_at=None, on=True), name="alerts_threshold_on"),
        ]
        constraints = [
            models.CheckConstraint(
                name="alerts_threshold_compare", condition=Q(compare__in=["above", "below", "rises", "falls"])
            ),
            models.CheckConstraint(
                name="alerts_threshold_quiet",
                condition=Q(quiet_from=None, quiet_until=None)
                | Q(quiet_from__gte=0, quiet_from__lte=23, quiet_until__gte=0, quiet_until__lte=23),
            ),
        ]


class Follower(models.Model):
    """That a person wants a mail when a threshold is crossed."""

    id = models.BigAutoField(primary_key=True)
    threshold = models.ForeignKey(Threshold, on_delete=models.PROTECT, related_name="+")
    person_id = models.BigIntegerField(db_index=True)

    class Meta:
        db_table = "alerts_follower"
        constraints = [models.UniqueConstraint(fields=["threshold", "person_id"], name="alerts_follower_once")]


class Firing(models.Model):
    """One crossing of a threshold, with what it watched for then. A second one can't be before the figure was back."""

    updatable = ("back_at", "back_value")

    id = models.BigAutoField(primary_key=True)
    threshold = models.ForeignKey(Threshold, on_delete=models.PROTECT, related_name="+")
    party_id = models.BigIntegerField()
    tile = models.CharField(max_length=60)
    span = models.SmallIntegerField()
    compare = models.CharField(max_length=8)
    bound = models.BigIntegerField()
    first = models.DateField()
    last = models.DateField()
    value = models.BigIntegerField()
    before = models.BigIntegerField(null=True)
    watermark = models.DateTimeField()
    at = models.DateTimeField()
    back_at = models.DateTimeField(null=True)
    back_value = models.BigIntegerField(null=True)

    class Meta:
        db_table = "alerts_firing"
        indexes = [models.Index(fields=["party_id", "-id"], name="alerts_firing_party")]
        constraints = [
            models.UniqueConstraint(fields=["threshold"], condition=Q(back_at=None), name="alerts_firing_one_open")
        ]


class Subscription(models.Model):
    """That a person gets a party's report, and when the next one is due."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    party_id = models.BigIntegerField()
    person_id = models.BigIntegerField()
    rhythm = models.CharField(max_length=8)
    weekday = models.SmallIntegerField(null=True)
    hour = models.SmallIntegerField()
    mail = models.BooleanField()
    next_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "alerts_subscription"
        constraints = [
            models.UniqueConstraint(fields=["person_id", "party_id", "rhythm"], name="alerts_subscription_once"),
            models.CheckConstraint(name="alerts_subscription_hour", condition=Q(hour__gte=0, hour__lte=23)),
            models.CheckConstraint(
                name="alerts_subscription_weekday",
                condition=Q(rhythm="daily", weekday=None) | Q(rhythm="weekly", weekday__gte=1, weekday__lte=7),
            ),
        ]


class Edition(models.Model):
    """A report as it was written for a person: one for each of its periods. `content` is plain JSON of whole numbers
    and words, so that it reads the same whenever it is looked at."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    party_id = models.BigIntegerField()
    person_id = models.BigIntegerField()
    rhythm = models.CharField(max_length=8)
    first = models.DateField()
    last = models.DateField()
    content = models.JSONField()
    made_at = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "alerts_edition"
        constraints = [
            models.UniqueConstraint(fields=["person_id", "party_id", "rhythm", "first"], name="alerts_edition_once")
        ]


class Sending(models.Model):
    """A mail to a person about an edition or a firing; one of each. `next_at`: when it may be taken, or, while it is
    being sent, until when whoever took it has it alone."""

    id = models.BigAutoField(primary_key=True)
    person_id = models.BigIntegerField()
    party_id = models.BigIntegerField()
    edition = models.ForeignKey(Edition, on_delete=models.PROTECT, null=True, related_name="+")
    firing = models.ForeignKey(Firing, on_delete=models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=8)
    tries = models.SmallIntegerField(default=0)
    next_at = models.DateTimeField()
    why = models.CharField(max_length=80, default="")
    made_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "alerts_sending"
        indexes = [
            models.Index(fields=["next_at"], condition=Q(state__in=["waiting", "sending"]), name="alerts_sending_due"),
            models.Index(fields=["person_id", "party_id", "-id"], name="alerts_sending_person"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["edition"], name="alerts_sending_edition"),
            models.UniqueConstraint(fields=["firing", "person_id"], name="alerts_sending_firing"),
            models.CheckConstraint(
                name="alerts_sending_about",
                condition=Q(edition=None, firing__isnull=False) | Q(edition__isnull=False, firing=None),
            ),
            models.CheckConstraint(
                name="alerts_sending_state", condition=Q(state__in=["waiting", "sending", "sent", "failed", "unknown"])
            ),
        ]
