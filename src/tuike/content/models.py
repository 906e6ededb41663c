"""Pages of blocks, words, buyers' pictures, reviews, and the board of supply and demand."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q

from tuike.catalog.models import Product
from tuike.parties.models import Merchant
from tuike.people.models import Person

_STATES = ["pending", "shown", "rejected", "hidden"]


class Page(models.Model):
    """The page of a shop, or (without one) the mall's home page: blocks as they are edited, and as they are seen."""

    id = models.BigAutoField(primary_key=True)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    draft = models.JSONField(default=list)
    published = models.JSONField(default=list)
    edition = models.IntegerField(default=0)
    edited_at = models.DateTimeField()
    published_at = models.DateTimeField(null=True)
    picture = models.CharField(max_length=120, default="")
    description = models.CharField(max_length=500, default="")

    class Meta:
        db_table = "content_page"
        constraints = [
            models.UniqueConstraint(fields=["merchant"], name="content_page_once", nulls_distinct=False),
        ]


class HotWord(models.Model):
    """A word that the operator proposes to who searches, in the order of `position`."""

    id = models.BigAutoField(primary_key=True)
    text = models.CharField(max_length=20, unique=True)
    position = models.IntegerField()

    class Meta:
        db_table = "content_hot_word"


class BlockedWord(models.Model):
    """A word, in its normal form, that lets a text wait for a person's decision."""

    id = models.BigAutoField(primary_key=True)
    text = models.CharField(max_length=40, unique=True)
    added_at = models.DateTimeField()

    class Meta:
        db_table = "content_blocked_word"


class Picture(models.Model):
    """A picture that a person handed in, by its address: only they may put it beside what they write."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    address = models.CharField(max_length=120)
    put_at = models.DateTimeField()

    class Meta:
        db_table = "content_picture"
        indexes = [models.Index(fields=["person", "-put_at"], name="content_picture_person")]
        constraints = [models.UniqueConstraint(fields=["person", "address"], name="content_picture_once")]


class Review(models.Model):
    """What a buyer says of a line of a completed order. `line_id` and `order_no` name it; the order knows no review."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    line_id = models.BigIntegerField(unique=True)
    order_no = models.CharField(max_length=24)
    buyer = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    spec = models.CharField(max_length=80, default="")
    score = models.SmallIntegerField()
    text = models.CharField(max_length=500, default="")
    pictures = ArrayField(models.CharField(max_length=120), default=list)
    anonymous = models.BooleanField(default=False)
    state = models.CharField(max_length=10)
    reason = models.CharField(max_length=200, default="")
    written_at = models.DateTimeField()
    answer = models.CharField(max_length=500, default="")
    answered_at = models.DateTimeField(null=True)
    hide_asked = models.CharField(max_length=200, default="")
    hide_asked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "content_review"
        indexes = [
            models.Index(fields=["product", "-id"], condition=Q(state="shown"), name="content_review_shown"),
            models.Index(fields=["merchant", "-id"], name="content_review_merchant"),
            models.Index(fields=["buyer", "-id"], name="content_review_buyer"),
            models.Index(
                fields=["id"], condition=Q(state="pending") | Q(hide_asked_at__isnull=False), name="content_review_todo"
            ),
        ]
        constraints = [
            models.CheckConstraint(name="content_review_score", condition=Q(score__gte=1, score__lte=5)),
            models.CheckConstraint(name="content_review_state", condition=Q(state__in=_STATES)),
        ]


class FollowUp(models.Model):
    """What a buyer adds to a review later, once."""

    review = models.OneToOneField(Review, on_delete=models.PROTECT, primary_key=True, related_name="+")
    text = models.CharField(max_length=500)
    pictures = ArrayField(models.CharField(max_length=120), default=list)
    state = models.CharField(max_length=10)
    reason = models.CharField(max_length=200, default="")
    written_at = models.DateTimeField()

    class Meta:
        db_table = "content_follow_up"
        indexes = [models.Index(fields=["review"], condition=Q(state="pending"), name="content_follow_up_todo")]
        constraints = [models.CheckConstraint(name="content_follow_up_state", condition=Q(state__in=_STATES))]


class ReviewSum(models.Model):
    """How many reviews of a product are shown and how their scores add up, written by what shows and hides them."""

    product = models.OneToOneField(Product, on_delete=models.PROTECT, primary_key=True, related_name="+")
    reviews = models.IntegerField(default=0)
    scores = models.IntegerField(default=0)

    class Meta:
        db_table = "content_review_sum"
        constraints = [
            models.CheckConstraint(
                name="content_review_sum_sane",
                condition=Q(reviews__gte=0, scores__gte=F("reviews"), scores__lte=5 * F("reviews")),
            )
        ]


class Post(models.Model):
    """What a person offers or looks for on the board; `grams` are the characters and pairs of its words."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=6)
    category = models.CharField(max_length=12)
    title = models.CharField(max_length=40)
    text = models.CharField(max_length=1000)
    pictures = ArrayField(models.CharField(max_length=120), default=list)
    city = models.CharField(max_length=20, default="")
    words = models.TextField()
    grams = ArrayField(models.TextField())
    state = models.CharField(max_length=10)
    reason = models.CharField(max_length=200, default="")
    posted_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "content_post"
        indexes = [
            models.Index(fields=["-id"], condition=Q(state="shown"), name="content_post_shown"),
            models.Index(fields=["person", "-id"], name="content_post_person"),
            models.Index(fields=["id"], condition=Q(state="pending"), name="content_post_todo"),
            GinIndex(fields=["grams"], name="content_post_grams"),
        ]
        constraints = [
            models.CheckConstraint(name="content_post_kind", condition=Q(kind__in=["supply", "demand"])),
            models.CheckConstraint(name="content_post_state", condition=Q(state__in=[*_STATES, "closed"])),
        ]


class Talk(models.Model):
    """Two persons about a post: who wrote it, and who asks. Counts are of what each hasn't read yet."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+")
    owner = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    asker = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    last_text = models.CharField(max_length=500, default="")
    last_at = models.DateTimeField()
    owner_unread = models.IntegerField(default=0)
    asker_unread = models.IntegerField(default=0)

    class Meta:
        db_table = "content_talk"
        indexes = [
            models.Index(fields=["owner", "-last_at"], name="content_talk_owner"),
            models.Index(fields=["asker", "-last_at"], name="content_talk_asker"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["post", "asker"], name="content_talk_once"),
            models.CheckConstraint(name="content_talk_two", condition=~Q(owner=F("asker"))),
        ]


class Remark(models.Model):
    """A message of a talk."""

    id = models.BigAutoField(primary_key=True)
    talk = models.ForeignKey(Talk, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    text = models.CharField(max_length=500)
    at = models.DateTimeField()

    class Meta:
        db_table = "content_remark"
        indexes = [
            models.Index(fields=["talk", "-id"], name="content_remark_talk"),
            models.Index(fields=["person", "-at"], name="content_remark_person"),
        ]


class Shut(models.Model):
    """A person who wants no remarks of another one."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    other = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        db_table = "content_shut"
        constraints = [
            models.UniqueConstraint(fields=["person", "other"], name="content_shut_once"),
            models.CheckConstraint(name="content_shut_two", condition=~Q(person=F("other"))),
        ]


class Complaint(models.Model):
    """A person reports a post; the operator decides."""

    id = models.BigAutoField(primary_key=True)
    post = models.ForeignKey(Post, on_delete=models.PROTECT, related_name="+", db_index=False)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=200)
    at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    upheld = models.BooleanField(null=True)

    class Meta:
        db_table = "content_complaint"
        indexes = [models.Index(fields=["id"], condition=Q(decided_at=None), name="content_complaint_todo")]
        constraints = [models.UniqueConstraint(fields=["post", "person"], name="content_complaint_once")]
