"""Members and what is kept of them. Addresses are sealed; purchases are what orders said, one row an order."""

from django.db import models
from django.db.models import F, Q

from tuike.parties.models import Merchant
from tuike.people.models import Person


class Level(models.Model):
    """A step of the ladder: who has `growth_needed` stands on it. `multiplier_bps` is for points that orders earn."""

    id = models.BigAutoField(primary_key=True)
    name_zh = models.CharField(max_length=20)
    name_en = models.CharField(max_length=40)
    growth_needed = models.BigIntegerField(unique=True)
    multiplier_bps = models.IntegerField(default=10_000)
    benefits_zh = models.CharField(max_length=400, default="")
    benefits_en = models.CharField(max_length=400, default="")

    class Meta:
        db_table = "members_level"
        constraints = [
            models.CheckConstraint(
                name="members_level_sane",
                condition=Q(growth_needed__gte=0, multiplier_bps__gte=0, multiplier_bps__lte=100_000),
            )
        ]


class Member(models.Model):
    """A person as a member: `growth` is the sum of what their purchases grew by."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, primary_key=True, related_name="+")
    growth = models.BigIntegerField(default=0)

    class Meta:
        db_table = "members_member"
        constraints = [models.CheckConstraint(name="members_member_growth", condition=Q(growth__gte=0))]


class Purchase(models.Model):
    """A paid order of a member, as it stands: what was paid for its lines, what of that went back, what it grew by."""

    id = models.BigAutoField(primary_key=True)
    order_no = models.CharField(max_length=32, unique=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    paid_fen = models.BigIntegerField()
    refunded_fen = models.BigIntegerField(default=0)
    paid_at = models.DateTimeField()
    completed = models.BooleanField(default=False)
    growth = models.BigIntegerField(default=0)

    class Meta:
        db_table = "members_purchase"
        indexes = [
            models.Index(fields=["merchant", "person", "paid_at"], name="members_purchase_shop"),
            models.Index(fields=["person"], name="members_purchase_person"),
        ]
        constraints = [
            models.CheckConstraint(
                name="members_purchase_adds_up",
                condition=Q(refunded_fen__gte=0, refunded_fen__lte=F("paid_fen"), growth__gte=0),
            )
        ]


class SavedAddress(models.Model):
    """Where a member has parcels sent. Sealed as a whole; of each member one is the default."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    sealed = models.BinaryField()
    is_default = models.BooleanField(default=False)
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "members_address"
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(is_default=True), name="members_address_default")
        ]


class Favourite(models.Model):
    """A product or a shop that a member wants to find again."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    object_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "members_favourite"
        indexes = [
            models.Index(fields=["person", "kind", "-id"], name="members_favourite_person"),
            models.Index(fields=["merchant", "person"], condition=Q(kind="shop"), name="members_favourite_shop"),
        ]
        constraints = [models.UniqueConstraint(fields=["person", "kind", "object_id"], name="members_favourite_once")]


class Footprint(models.Model):
    """A product that a member looked at, the last time."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    product_id = models.BigIntegerField()
    seen_at = models.DateTimeField()

    class Meta:
        db_table = "members_footprint"
        indexes = [models.Index(fields=["person", "-seen_at", "-id"], name="members_footprint_person")]
        constraints = [models.UniqueConstraint(fields=["person", "product_id"], name="members_footprint_once")]


class MarketingConsent(models.Model):
    """That a member wants to hear from shops, or doesn't any more, by an edition of the words. The last one holds."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    given = models.BooleanField()
    edition = models.IntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "members_consent"
        indexes = [models.Index(fields=["person", "-id"], name="members_consent_person")]


class Tag(models.Model):
    """A shop's own word for some of its members."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=20)
    made_at = models.DateTimeField()

    class Meta:
        db_table = "members_tag"
        constraints = [models.UniqueConstraint(fields=["merchant", "name"], name="members_tag_name")]


class Tagging(models.Model):
    """A member that a shop has tagged."""

    id = models.BigAutoField(primary_key=True)
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        db_table = "members_tagging"
        constraints = [models.UniqueConstraint(fields=["tag", "person"], name="members_tagging_once")]


class Segment(models.Model):
    """A shop's saved question about its members; who is in it is counted when it is asked."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+")
    name = models.CharField(max_length=20)
    wanted = models.JSONField()
    made_at = models.DateTimeField()

    class Meta:
        db_table = "members_segment"
        constraints = [models.UniqueConstraint(fields=["merchant", "name"], name="members_segment_name")]


class Sending(models.Model):
    """What a shop sends to members who consented: a coupon, or a message; to whom is fixed when it begins."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8)
    coupon_no = models.CharField(max_length=24, default="")
    text = models.CharField(max_length=200, default="")
    to_name = models.CharField(max_length=20)
    state = models.CharField(max_length=8)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "members_sending"
        indexes = [
            models.Index(fields=["merchant", "-id"], name="members_sending_shop"),
            models.Index(fields=["id"], condition=Q(state="running"), name="members_sending_runs"),
        ]


class SendingTo(models.Model):
    """One member of a sending, and what became of it: empty until it is that one's turn."""

    id = models.BigAutoField(primary_key=True)
    sending = models.ForeignKey(Sending, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    outcome = models.CharField(max_length=40, default="")

    class Meta:
        db_table = "members_sending_to"
        indexes = [models.Index(fields=["sending", "id"], condition=Q(outcome=""), name="members_sending_to_next")]
        constraints = [models.UniqueConstraint(fields=["sending", "person"], name="members_sending_to_once")]
