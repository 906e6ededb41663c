"""News of parties and who has seen which; messages to persons, and what WeChat was asked to show of them."""

from django.db import models
from django.db.models import Q


class Message(models.Model):
    """One piece of news for a party, or (`person_id`) for one person of it. The sentence is made when it is read, from
    the kind and these facts."""

    id = models.BigAutoField(primary_key=True)
    party_id = models.BigIntegerField()
    person_id = models.BigIntegerField(null=True)
    kind = models.CharField(max_length=40)
    facts = models.JSONField()
    object = models.CharField(max_length=40, default="")
    at = models.DateTimeField()

    class Meta:
        db_table = "messages_message"
        indexes = [
            models.Index(fields=["party_id", "-id"], name="messages_message_party"),
            models.Index(fields=["at"], name="messages_message_at"),
        ]


class Seen(models.Model):
    """That a person has seen a piece of news."""

    id = models.BigAutoField(primary_key=True)
    message = models.ForeignKey(Message, on_delete=models.PROTECT, related_name="+")
    person_id = models.BigIntegerField()
    at = models.DateTimeField()

    class Meta:
        db_table = "messages_seen"
        constraints = [models.UniqueConstraint(fields=["message", "person_id"], name="messages_seen_once")]


class Muted(models.Model):
    """A kind of news that a person doesn't want to see of a party. Urgent kinds are seen whatever stands here."""

    id = models.BigAutoField(primary_key=True)
    party_id = models.BigIntegerField()
    person_id = models.BigIntegerField()
    kind = models.CharField(max_length=40)

    class Meta:
        db_table = "messages_muted"
        constraints = [
            models.UniqueConstraint(fields=["person_id", "party_id", "kind"], name="messages_muted_once"),
        ]


class Personal(models.Model):
    """One message to a person. The sentence is made when it is read, from the kind and these facts."""

    id = models.BigAutoField(primary_key=True)
    person_id = models.BigIntegerField()
    kind = models.CharField(max_length=40)
    thread = models.CharField(max_length=12)
    facts = models.JSONField()
    object = models.CharField(max_length=40, default="")
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "messages_personal"
        indexes = [
            models.Index(fields=["person_id", "thread", "-id"], name="messages_personal_thread"),
            models.Index(fields=["person_id"], condition=Q(read_at=None), name="messages_personal_unread"),
            models.Index(fields=["at"], name="messages_personal_at"),
        ]


class Template(models.Model):
    """WeChat's template for a kind of message: which keyword of it shows which fact."""

    kind = models.CharField(max_length=40, primary_key=True)
    template_id = models.CharField(max_length=64)
    fields = models.JSONField()
    page = models.CharField(max_length=200, default="")
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "messages_template"


class Grant(models.Model):
    """How many more messages of a template a person has agreed to receive; each one sent takes one."""

    id = models.BigAutoField(primary_key=True)
    person_id = models.BigIntegerField()
    template_id = models.CharField(max_length=64)
    left = models.IntegerField()
    changed_at = models.DateTimeField()

    class Meta:
        db_table = "messages_grant"
        constraints = [
            models.UniqueConstraint(fields=["person_id", "template_id"], name="messages_grant_once"),
            models.CheckConstraint(condition=Q(left__gte=0), name="messages_grant_not_below_zero"),
        ]


class Sending(models.Model):
    """A message on its way to a person's phone: `waiting`, `sent`, `refused` by the person, `failed`.

    It has taken its grant when it is made; `next_at` is when it may be tried (again).
    """

    message = models.OneToOneField(Personal, on_delete=models.PROTECT, primary_key=True, related_name="+")
    template_id = models.CharField(max_length=64)
    state = models.CharField(max_length=8)
    tries = models.IntegerField(default=0)
    next_at = models.DateTimeField()
    why = models.CharField(max_length=80, default="")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "messages_sending"
        indexes = [models.Index(fields=["next_at"], condition=Q(state="waiting"), name="messages_sending_due")]
