"""Recruiting links, the form, applications, agents, deposits with the decisions about them, and bans."""

from django.db import models
from django.db.models import F, Q

from tuike.parties.models import Merchant, Party, Promoter
from tuike.people.models import Person


class RecruitLink(models.Model):
    """A link by which promoters come into the network: of a promoter, a merchant or the operator."""

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=12, unique=True)
    owner = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", db_index=False)
    note = models.CharField(max_length=40, default="")
    made_at = models.DateTimeField()
    made_by = models.BigIntegerField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "network_recruit_link"
        indexes = [models.Index(fields=["owner", "-id"], name="network_recruit_link_owner")]


class Form(models.Model):
    """What the operator asks of who applies, and what it takes to come in. The latest edition is in force."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    edition = models.IntegerField(unique=True)
    needed = models.BooleanField()
    title = models.CharField(max_length=40)
    fields = models.JSONField(default=list)
    rules = models.JSONField(default=list)
    real_name = models.BooleanField()
    deposit_fen = models.BigIntegerField()
    purchases_fen = models.BigIntegerField()
    reapply_days = models.SmallIntegerField()
    auto_pass = models.BooleanField()
    law_noted = models.BooleanField()
    published_at = models.DateTimeField()
    published_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "network_form"
        constraints = [
            models.CheckConstraint(
                name="network_form_bounds",
                condition=Q(edition__gte=1, deposit_fen__gte=0, purchases_fen__gte=0, reapply_days__gte=0),
            )
        ]


class Application(models.Model):
    """A person asks to come in with a promoter of theirs; the answers are sealed as one JSON text.

    `by_hand`: the rules have said that a person must decide, and look at it no more.
    """

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    promoter = models.ForeignKey(Promoter, on_delete=models.PROTECT, related_name="+", db_index=False)
    form = models.ForeignKey(Form, on_delete=models.PROTECT, related_name="+", db_index=False)
    sealed = models.BinaryField()
    state = models.CharField(max_length=10)
    by_hand = models.BooleanField(default=False)
    filed_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.BigIntegerField(null=True)
    reason = models.CharField(max_length=200, default="")

    class Meta:
        db_table = "network_application"
        indexes = [
            models.Index(fields=["promoter", "-id"], name="network_application_promoter"),
            models.Index(fields=["person", "-id"], name="network_application_person"),
            models.Index(fields=["id"], condition=Q(state="filed"), name="network_application_filed"),
            models.Index(fields=["id"], condition=Q(state="filed", by_hand=False), name="network_application_ruled"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person"], condition=Q(state="filed"), name="network_application_one_of_person"
            ),
            models.UniqueConstraint(
                fields=["promoter"], condition=Q(state="filed"), name="network_application_one_open"
            ),
            models.CheckConstraint(
                name="network_application_decided",
                condition=Q(state="filed", decided_at=None)
                | Q(state__in=["passed", "rejected", "withdrawn"], decided_at__isnull=False),
            ),
        ]


class Agent(models.Model):
    """A promoter that a merchant recruited, and since when."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    promoter = models.OneToOneField(Promoter, on_delete=models.PROTECT, related_name="+")
    merchant = models.ForeignKey(Merchant, on_delete=models.PROTECT, related_name="+", db_index=False)
    link = models.ForeignKey(RecruitLink, on_delete=models.PROTECT, related_name="+", db_index=False)
    since = models.DateTimeField()

    class Meta:
        db_table = "network_agent"
        indexes = [models.Index(fields=["merchant", "promoter"], name="network_agent_merchant")]


class Arrival(models.Model):
    """By which link a promoter came: what its owner sees counted. Nothing is paid for it."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    promoter = models.OneToOneField(Promoter, on_delete=models.PROTECT, related_name="+")
    link = models.ForeignKey(RecruitLink, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField()

    class Meta:
        db_table = "network_arrival"
        indexes = [models.Index(fields=["link", "promoter"], name="network_arrival_link")]


class Deposit(models.Model):
    """A promoter's guarantee. What is left of it is `amount_fen` less what was forfeited and what went back; it stands
    on the promoter's `deposit` account from `paid_at` on. `due_at` is when it goes back by itself."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    promoter = models.ForeignKey(Promoter, on_delete=models.PROTECT, related_name="+", db_index=False)
    person_id = models.BigIntegerField()
    amount_fen = models.BigIntegerField()
    forfeited_fen = models.BigIntegerField(default=0)
    returned_fen = models.BigIntegerField(default=0)
    state = models.CharField(max_length=10)
    made_at = models.DateTimeField()
    pay_by = models.DateTimeField()
    paid_at = models.DateTimeField(null=True)
    intent_no = models.CharField(max_length=32, default="")
    due_at = models.DateTimeField(null=True)
    refund_no = models.CharField(max_length=32, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "network_deposit"
        indexes = [
            models.Index(fields=["promoter", "-id"], name="network_deposit_promoter"),
            models.Index(fields=["due_at"], condition=Q(state="holding"), name="network_deposit_due"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["promoter"],
                condition=Q(state__in=["unpaid", "paid"]),
                name="network_deposit_one_live",
            ),
            models.CheckConstraint(
                name="network_deposit_fen",
                condition=Q(
                    amount_fen__gte=1,
                    forfeited_fen__gte=0,
                    returned_fen__gte=0,
                    forfeited_fen__lte=F("amount_fen") - F("returned_fen"),
                ),
            ),
            models.CheckConstraint(
                name="network_deposit_paid",
                condition=Q(state__in=["unpaid", "cancelled"], paid_at=None)
                | Q(state__in=["paid", "holding", "refunding", "ended"], paid_at__isnull=False),
            ),
        ]


class Decision(models.Model):
    """What two people of the operator decide about a deposit: that some of it is forfeited, or that it was given back
    by hand. Who asks doesn't approve."""

    id = models.BigAutoField(primary_key=True)
    deposit = models.ForeignKey(Deposit, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=8)
    amount_fen = models.BigIntegerField()
    reason = models.CharField(max_length=200)
    reference = models.CharField(max_length=60, default="")
    state = models.CharField(max_length=8)
    asked_by = models.BigIntegerField()
    asked_at = models.DateTimeField()
    decided_by = models.BigIntegerField(null=True)
    decided_at = models.DateTimeField(null=True)
    note = models.CharField(max_length=200, default="")

    updatable = ("state", "decided_by", "decided_at", "note")

    class Meta:
        db_table = "network_decision"
        indexes = [models.Index(fields=["deposit", "-id"], name="network_decision_deposit")]
        constraints = [
            models.UniqueConstraint(fields=["deposit"], condition=Q(state="asked"), name="network_decision_one_open"),
            models.CheckConstraint(name="network_decision_fen", condition=Q(amount_fen__gte=1)),
            models.CheckConstraint(
                name="network_decision_two_people",
                condition=~Q(state="approved") | (Q(decided_by__isnull=False) & ~Q(decided_by=F("asked_by"))),
            ),
        ]


class Ban(models.Model):
    """A person who may not come into the network, because of which promoter, and until when."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    promoter = models.ForeignKey(Promoter, on_delete=models.PROTECT, related_name="+", db_index=False)
    reason = models.CharField(max_length=200)
    since = models.DateTimeField()
    lifted_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "network_ban"
        constraints = [
            models.UniqueConstraint(fields=["person", "promoter"], condition=Q(lifted_at=None), name="network_ban_once")
        ]
