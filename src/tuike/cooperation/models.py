"""Activities, enrolments with their cancels and extensions, counted orders, access, the curated pool."""

from django.db import models
from django.db.models import F, Q

from tuike.catalog.models import Category, Product
from tuike.parties.models import Leader, Merchant, Party, Promoter

_ACTIVITY = ["draft", "published", "closed", "deleted"]
_ENROLMENT = ["applied", "active", "rejected", "withdrawn", "ended"]
_CAUSES = ["", "at_once", "agreed", "period", "activity_closed"]
_CANCEL = ["open", "agreed", "refused", "closed", "at_once"]
_EXTENSION = ["open", "agreed", "refused", "lapsed", "closed"]


class Activity(models.Model):
    """A leader's activity (招商活动): products are enrolled in it at no less than its minimum rates."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    leader = models.ForeignKey(Leader, on_delete=models.PROTECT, related_name="+", db_index=False)
    title = models.CharField(max_length=40)
    kind = models.CharField(max_length=12)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    min_rate_bps = models.IntegerField()
    min_service_bps = models.IntegerField()
    sample = models.CharField(max_length=500, default="")
    contact = models.BinaryField(null=True)
    note = models.CharField(max_length=500, default="")
    state = models.CharField(max_length=12, default="draft")
    created_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "cooperation_activity"
        indexes = [
            models.Index(fields=["leader", "-id"], name="cooperation_activity_leader"),
            models.Index(fields=["-id"], condition=Q(state="published"), name="cooperation_activity_open"),
        ]
        constraints = [
            models.CheckConstraint(name="cooperation_activity_state", condition=Q(state__in=_ACTIVITY)),
            models.CheckConstraint(name="cooperation_activity_kind", condition=Q(kind__in=["ordinary", "exclusive"])),
            models.CheckConstraint(name="cooperation_activity_period", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="cooperation_activity_rates",
                condition=Q(min_rate_bps__gte=0, min_rate_bps__lte=9000)
                & Q(min_service_bps__gte=0, min_service_bps__lte=9000),
            ),
        ]


class ActivityFloor(models.Model):
    """What an activity asks for at least in a category and all below it: the nearest one upward wins."""

    id = models.BigAutoField(primary_key=True)
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="+", db_index=False)
    category = models.ForeignKey(Category, on_delete=models.PROTECT, related_name="+", db_index=False)
    min_rate_bps = models.IntegerField()
    min_service_bps = models.IntegerField()

    class Meta:
        db_table = "cooperation_activity_floor"
        constraints = [
            models.UniqueConstraint(fields=["activity", "category"], name="cooperation_activity_floor_once"),
            models.CheckConstraint(
                name="cooperation_activity_floor_rates",
                condition=Q(min_rate_bps__gte=0, min_rate_bps__lte=9000)
                & Q(min_service_bps__gte=0, min_service_bps__lte=9000),
            ),
        ]


class ActivityPromoter(models.Model):
    """A promoter to whom an exclusive activity is open."""

    id = models.BigAutoField(primary_key=True)
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="+", db_index=False)
    promoter = models.ForeignKey(Promoter, on_delete=models.PROTECT, related_name="+")

    class Meta:
        db_table = "cooperation_activity_promoter"
        constraints = [
            models.UniqueConstraint(fields=["activity", "promoter"], name="cooperation_activity_promoter_once")
        ]


class Enrolment(models.Model):
    """A product in an activity (报名): its terms, where it stands, and how many orders it counts. `applied_at` is the
    enrolment time that the 30 days are counted from."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    activity = models.ForeignKey(Activity, on_delete=models.PROTECT, related_name="+", db_index=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+")
    rate_bps = models.IntegerField()
    service_bps = models.IntegerField()
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    base_orders = models.IntegerField()
    shown_to = models.CharField(max_length=24)
    contact = models.BinaryField(null=True)
    state = models.CharField(max_length=12, default="applied")
    applied_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.BigIntegerField(null=True)
    ended_at = models.DateTimeField(null=True)
    end_cause = models.CharField(max_length=16, default="")
    gross_orders = models.IntegerField(default=0)
    net_orders = models.IntegerField(default=0)
    reason = models.CharField(max_length=200, default="")

    class Meta:
        db_table = "cooperation_enrolment"
        indexes = [
            models.Index(fields=["activity", "product"], name="cooperation_enrolment_led"),
            models.Index(fields=["activity", "-id"], name="cooperation_enrolment_activity"),
            models.Index(fields=["merchant", "-id"], name="cooperation_enrolment_merchant"),
            models.Index(
                fields=["ends_at"], condition=Q(state__in=["applied", "active"]), name="cooperation_enrolment_due"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["activity", "product"],
                condition=Q(state__in=["applied", "active"]),
                name="cooperation_enrolment_one_open",
            ),
            models.CheckConstraint(name="cooperation_enrolment_state", condition=Q(state__in=_ENROLMENT)),
            models.CheckConstraint(name="cooperation_enrolment_period", condition=Q(ends_at__gt=F("starts_at"))),
            models.CheckConstraint(
                name="cooperation_enrolment_counts",
                condition=Q(net_orders__gte=0, net_orders__lte=F("gross_orders"), base_orders__gte=0),
            ),
            models.CheckConstraint(
                name="cooperation_enrolment_rates",
                condition=Q(rate_bps__gte=1, rate_bps__lte=9000, service_bps__gte=0, service_bps__lte=9000),
            ),
            models.CheckConstraint(
                name="cooperation_enrolment_shown",
                condition=Q(shown_to__in=["leader", "leader_and_promoters"]),
            ),
            models.CheckConstraint(
                name="cooperation_enrolment_end",
                condition=Q(end_cause__in=_CAUSES)
                & (Q(state="ended", ended_at__isnull=False) | (~Q(state="ended") & Q(ended_at=None))),
            ),
        ]


class Cancel(models.Model):
    """A shop's wish to end a cooperation (取消推广), with what had been counted when it was filed."""

    id = models.BigAutoField(primary_key=True)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    asked_by = models.BigIntegerField(null=True)
    gross_orders = models.IntegerField()
    base_orders = models.IntegerField()
    state = models.CharField(max_length=12)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "cooperation_cancel"
        indexes = [models.Index(fields=["enrolment", "-id"], name="cooperation_cancel_enrolment")]
        constraints = [
            models.UniqueConstraint(fields=["enrolment"], condition=Q(state="open"), name="cooperation_cancel_open"),
            models.CheckConstraint(name="cooperation_cancel_state", condition=Q(state__in=_CANCEL)),
            models.CheckConstraint(
                name="cooperation_cancel_decided",
                condition=Q(state="open", decided_at=None) | (~Q(state="open") & Q(decided_at__isnull=False)),
            ),
        ]


class Extension(models.Model):
    """A leader's wish for a later end (申请延长推广时间)."""

    id = models.BigAutoField(primary_key=True)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+", db_index=False)
    asked_at = models.DateTimeField()
    asked_by = models.BigIntegerField(null=True)
    old_ends_at = models.DateTimeField()
    new_ends_at = models.DateTimeField()
    state = models.CharField(max_length=12)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "cooperation_extension"
        indexes = [
            models.Index(fields=["enrolment", "-id"], name="cooperation_extension_of"),
            models.Index(fields=["asked_at"], condition=Q(state="open"), name="cooperation_extension_due"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["enrolment"], condition=Q(state="open"), name="cooperation_extension_open"),
            models.CheckConstraint(name="cooperation_extension_state", condition=Q(state__in=_EXTENSION)),
            models.CheckConstraint(name="cooperation_extension_later", condition=Q(new_ends_at__gt=F("old_ends_at"))),
            models.CheckConstraint(
                name="cooperation_extension_decided",
                condition=Q(state="open", decided_at=None) | (~Q(state="open") & Q(decided_at__isnull=False)),
            ),
        ]


class CountedOrder(models.Model):
    """An order that was paid through an enrolment, once; what its counts are counted from."""

    updatable = ("refunded_at",)

    id = models.BigAutoField(primary_key=True)
    enrolment = models.ForeignKey(Enrolment, on_delete=models.PROTECT, related_name="+", db_index=False)
    order_no = models.CharField(max_length=32)
    paid_at = models.DateTimeField()
    refunded_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "cooperation_counted_order"
        indexes = [models.Index(fields=["order_no"], name="cooperation_counted_order_no")]
        constraints = [models.UniqueConstraint(fields=["enrolment", "order_no"], name="cooperation_counted_order_once")]


class Access(models.Model):
    """A party to whom the operator opened the contract's functions before they are open to all; closed ones stay."""

    updatable = ("closed_at", "closed_by")

    id = models.BigAutoField(primary_key=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", db_index=False)
    opened_at = models.DateTimeField()
    opened_by = models.BigIntegerField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "cooperation_access"
        constraints = [
            models.UniqueConstraint(fields=["party"], condition=Q(closed_at=None), name="cooperation_access_open")
        ]


class PoolApplication(models.Model):
    """A product that its shop wants in the curated pool (好物联盟); leaders and promoters see `listed` ones."""

    id = models.BigAutoField(primary_key=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(max_length=12, default="applied")
    reason = models.CharField(max_length=200, default="")
    applied_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "cooperation_pool"
        indexes = [
            models.Index(fields=["merchant", "-id"], name="cooperation_pool_merchant"),
            models.Index(fields=["state", "-id"], name="cooperation_pool_state"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["product"], condition=Q(state__in=["applied", "listed"]), name="cooperation_pool_one_open"
            ),
            models.CheckConstraint(
                name="cooperation_pool_state_known",
                condition=Q(state__in=["applied", "listed", "rejected", "removed"]),
            ),
        ]
