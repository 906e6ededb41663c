"""News of parties, and who has seen which."""

from django.db import models


class Message(models.Model):
    """One piece of news for a party. The sentence is made when it is read, from the kind and these facts."""

    id = models.BigAutoField(primary_key=True)
    party_id = models.BigIntegerField()
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
