"""From a promotion place to a claim."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q

from tuike.parties.models import Merchant, Promoter


class PlaceCount(models.Model):
    """How many places a promoter has; taken by a conditional statement."""

    promoter = models.OneToOneField(Promoter, on_delete=models.PROTECT, primary_key=True, related_name="+")
    places = models.IntegerField(default=0)

    class Meta:
        db_table = "attribution_place_count"
        constraints = [models.CheckConstraint(name="attribution_place_count_sane", condition=Q(places__gte=0))]


class Place(models.Model):
    """A promotion place (推广位). Its `pid` is never reused; a deleted place's material still earns."""

    id = models.BigAutoField(primary_key=True)
    promoter = models.ForeignKey(Promoter, on_delete=models.PROTECT, related_name="+")
    pid = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=20)
    created_at = models.DateTimeField()
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "attribution_place"
        constraints = [
            models.UniqueConstraint(
                fields=["promoter", "name"], condition=Q(deleted_at=None), name="attribution_place_name"
            )
        ]


class Link(models.Model):
    """Material of a place for a product, or for a whole shop (no product): the ticket and the short code to it."""

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=16, unique=True)
    place = models.ForeignKey(Place, on_delete=models.PROTECT, related_name="+")
    promoter = models.ForeignKey(Promoter, on_delete=models.PROTECT, related_name="+")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    product_id = models.BigIntegerField(null=True)
    leader_id = models.BigIntegerField(null=True)
    activity_no = models.CharField(max_length=24, default="")
    ticket = models.CharField(max_length=300)
    customize_info = models.CharField(max_length=80, default="")
    wording = models.TextField(default="")
    url_link = models.CharField(max_length=200, default="")
    tag = models.CharField(max_length=200, default="")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "attribution_link"
        indexes = [
            models.Index(fields=["promoter", "-id"], name="attribution_link_promoter"),
            models.Index(fields=["tag"], condition=~Q(tag=""), name="attribution_link_tag"),
        ]


class Block(models.Model):
    """A promoter whom a merchant doesn't want: from `blocked_at` on nothing new is claimed there. Lifted ones stay."""

    updatable = ("lifted_at", "lifted_by")

    id = models.BigAutoField(primary_key=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    promoter = models.ForeignKey(Promoter, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=200)
    blocked_at = models.DateTimeField()
    blocked_by = models.BigIntegerField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "attribution_block"
        indexes = [models.Index(fields=["merchant", "-id"], name="attribution_block_merchant")]
        constraints = [
            models.UniqueConstraint(
                fields=["promoter", "merchant"], condition=Q(lifted_at=None), name="attribution_block_once"
            )
        ]


class OpenAccount(models.Model):
    """Which account of WeChat's open platform a promoter's software belongs to, from when on. The last one holds."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    promoter = models.ForeignKey(Promoter, on_delete=models.PROTECT, related_name="+", db_index=False)
    account = models.CharField(max_length=64)
    bound_at = models.DateTimeField()

    class Meta:
        db_table = "attribution_open_account"
        indexes = [models.Index(fields=["promoter", "-id"], name="attribution_open_account_last")]


class UserInfo(models.Model):
    """By what a promoter's software knows one of its users. `unionid_index` is a keyed digest: nobody is named here."""

    id = models.BigAutoField(primary_key=True)
    promoter = models.ForeignKey(Promoter, on_delete=models.PROTECT, related_name="+", db_index=False)
    unionid_index = models.BinaryField(max_length=32)
    text = models.CharField(max_length=80)
    written_at = models.DateTimeField()

    class Meta:
        db_table = "attribution_user_info"
        constraints = [models.UniqueConstraint(fields=["promoter", "unionid_index"], name="attribution_user_info_once")]


class Wording(models.Model):
    """A promoter's own wording for a product, or with no product for a shop; `{link}` stands where the link goes."""

    id = models.BigAutoField(primary_key=True)
    promoter = models.ForeignKey(Promoter, on_delete=models.PROTECT, related_name="+", db_index=False)
    merchant_id = models.BigIntegerField()
    product_id = models.BigIntegerField(null=True)
    text = models.CharField(max_length=600)
    saved_at = models.DateTimeField()

    class Meta:
        db_table = "attribution_wording"
        constraints = [
            models.UniqueConstraint(
                fields=["promoter", "merchant_id", "product_id"], name="attribution_wording_one", nulls_distinct=False
            )
        ]


class Click(models.Model):
    """One answered short link. Written by the raw door in groups; no foreign key, so that it stays cheap."""

    append_only = True

    id = models.BigIntegerField(primary_key=True)
    link_id = models.BigIntegerField()
    merchant_id = models.BigIntegerField()
    promoter_id = models.BigIntegerField()
    at = models.DateTimeField()
    visitor = models.CharField(max_length=32)
    ip_hash = models.BinaryField(max_length=16)
    agent = models.CharField(max_length=160)

    class Meta:
        db_table = "attribution_click"
        indexes = [
            models.Index(fields=["link_id", "at"], name="attribution_click_link"),
            # Clicks are written as they come: a summary of blocks finds a span of time, and costs no write.
            BrinIndex(fields=["at"], autosummarize=True, pages_per_range=32, name="attribution_click_at"),
        ]


class Share(models.Model):
    """Material copied, downloaded or posted by its promoter, once per key."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    link_id = models.BigIntegerField()
    promoter_id = models.BigIntegerField()
    place_id = models.BigIntegerField()
    merchant_id = models.BigIntegerField()
    product_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=12)
    surface = models.CharField(max_length=8)
    key = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        db_table = "attribution_share"
        indexes = [
            models.Index(fields=["promoter_id", "at"], name="attribution_share_promoter"),
            models.Index(fields=["link_id", "-at"], name="attribution_share_link"),
            BrinIndex(fields=["at"], autosummarize=True, pages_per_range=32, name="attribution_share_at"),
        ]
        constraints = [models.UniqueConstraint(fields=["promoter_id", "key"], name="attribution_share_once")]


class Touch(models.Model):
    """A ticket that the storefront saw for a visitor or a buyer."""

    id = models.BigAutoField(primary_key=True)
    visitor = models.CharField(max_length=32, default="")
    buyer_id = models.BigIntegerField(null=True)
    link = models.ForeignKey(Link, on_delete=models.PROTECT, related_name="+")
    touched_at = models.DateTimeField()

    class Meta:
        db_table = "attribution_touch"
        indexes = [
            models.Index(fields=["buyer_id", "-touched_at"], name="attribution_touch_buyer"),
            models.Index(fields=["visitor"], condition=Q(buyer_id=None), name="attribution_touch_visitor"),
            BrinIndex(fields=["touched_at"], autosummarize=True, pages_per_range=32, name="attribution_touch_at"),
        ]


class Binding(models.Model):
    """A buyer bound to a promoter at one merchant, made by a material touch only. Released it holds no more, until a
    touch binds anew."""

    id = models.BigAutoField(primary_key=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    buyer_id = models.BigIntegerField()
    promoter = models.ForeignKey(Promoter, on_delete=models.PROTECT, related_name="+", db_index=False)
    touch = models.ForeignKey(Touch, on_delete=models.PROTECT, related_name="+")
    bound_at = models.DateTimeField()
    until = models.DateTimeField()
    released_at = models.DateTimeField(null=True)
    released_by = models.CharField(max_length=8, default="")

    class Meta:
        db_table = "attribution_binding"
        indexes = [
            models.Index(fields=["promoter", "-id"], name="attribution_binding_promoter"),
            models.Index(fields=["merchant", "-id"], name="attribution_binding_merchant"),
        ]
        constraints = [models.UniqueConstraint(fields=["merchant", "buyer_id"], name="attribution_binding_one")]


class Claim(models.Model):
    """Who earns an order line, decided when the order was placed; or nobody, with the reason's name.

    `id` is the order line's id. `facts` keeps the evidence: what was looked at and what lost.
    """

    append_only = True

    id = models.BigIntegerField(primary_key=True)
    merchant_id = models.BigIntegerField()
    order_no = models.CharField(max_length=32)
    kind = models.CharField(max_length=12)
    reason = models.CharField(max_length=24, default="")
    promoter_id = models.BigIntegerField(null=True)
    place_id = models.BigIntegerField(null=True)
    link_id = models.BigIntegerField(null=True)
    touch_id = models.BigIntegerField(null=True)
    leader_id = models.BigIntegerField(null=True)
    activity_no = models.CharField(max_length=24, default="")
    service_bps = models.IntegerField(default=0)
    enrolment_id = models.BigIntegerField(null=True)
    self_purchase = models.BooleanField(default=False)
    customize_info = models.CharField(max_length=80, default="")
    facts = models.JSONField(default=dict)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "attribution_claim"
        indexes = [
            models.Index(fields=["promoter_id", "-made_at"], name="attribution_claim_promoter"),
            models.Index(fields=["order_no"], name="attribution_claim_order"),
            models.Index(
                fields=["merchant_id", "id"], condition=Q(promoter_id__isnull=False), name="attribution_claim_merchant"
            ),
            models.Index(fields=["activity_no", "id"], condition=~Q(activity_no=""), name="attribution_claim_activity"),
        ]
        constraints = [
            models.CheckConstraint(
                name="attribution_claim_or_reason",
                condition=(Q(promoter_id__isnull=False) & Q(reason="")) | (Q(promoter_id=None) & ~Q(reason="")),
            )
        ]
