"""Acts and the chain that seals them. Append-only."""

from django.db import models


class Act(models.Model):
    """One act of a person (or a job on their behalf): what was done to which object, with the facts of it."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    actor_kind = models.CharField(max_length=12)
    person_id = models.BigIntegerField(null=True)
    party_id = models.BigIntegerField(null=True)
    role = models.CharField(max_length=20)
    action = models.CharField(max_length=60)
    object = models.CharField(max_length=80)
    facts = models.JSONField()
    request_id = models.CharField(max_length=64)
    digest = models.BinaryField(max_length=32)

    class Meta:
        db_table = "audit_act"
        indexes = [
            models.Index(fields=["party_id", "-id"], name="audit_act_party"),
            models.Index(fields=["object", "-id"], name="audit_act_object"),
        ]


class Link(models.Model):
    """A link of the chain: `digest` = SHA-256(previous link's digest + the act's digest). `id` counts without a gap."""

    append_only = True

    id = models.BigIntegerField(primary_key=True)
    act = models.OneToOneField(Act, on_delete=models.PROTECT, related_name="+")
    digest = models.BinaryField(max_length=32)

    class Meta:
        db_table = "audit_link"
