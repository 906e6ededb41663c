"""Access tokens, used nonces, calls by minute, what an app may call a minute, and the log of calls."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from tuike.parties.models import Party


class Token(models.Model):
    """An access token of a party's software, kept as its digest.

    `exchanged` ones were given for AppID and AppSecret and die with the secret of `secret_since`; `personal` ones were
    made in a console with a name and scopes. The newest exchanged one is sealed, so that it can be handed out again.
    """

    id = models.BigAutoField(primary_key=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=12)
    digest = models.BinaryField(max_length=32, unique=True)
    sealed = models.BinaryField(null=True)
    tail = models.CharField(max_length=4)
    name = models.CharField(max_length=40, default="")
    scopes = ArrayField(models.CharField(max_length=24), default=list)
    secret_since = models.DateTimeField(null=True)
    created_at = models.DateTimeField()
    created_by = models.BigIntegerField(null=True)
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "apps_token"
        indexes = [
            models.Index(fields=["party", "kind", "-id"], name="apps_token_party"),
            models.Index(fields=["expires_at"], name="apps_token_expires"),
        ]
        constraints = [
            models.CheckConstraint(name="apps_token_kind", condition=Q(kind__in=("exchanged", "personal"))),
            models.CheckConstraint(
                name="apps_token_secret", condition=Q(kind="personal", secret_since=None) | Q(kind="exchanged", name="")
            ),
        ]


class Nonce(models.Model):
    """A nonce that a signed call has used. Kept for as long as a call's timestamp may be off, and a little longer."""

    id = models.BigAutoField(primary_key=True)
    party = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="+", db_index=False)
    nonce = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        db_table = "apps_nonce"
        indexes = [models.Index(fields=["at"], name="apps_nonce_at")]
        constraints = [models.UniqueConstraint(fields=["party", "nonce"], name="apps_nonce_once")]


class Minute(models.Model):
    """How many calls an app has made at a door in a minute. Unlogged: a crash forgets, and a call waits for no disk."""

    id = models.BigAutoField(primary_key=True)
    party_id = models.BigIntegerField()
    door = models.CharField(max_length=8)
    minute = models.DateTimeField()
    calls = models.IntegerField()

    class Meta:
        db_table = "apps_minute"
        indexes = [models.Index(fields=["minute"], name="apps_minute_minute")]
        constraints = [models.UniqueConstraint(fields=["party_id", "door", "minute"], name="apps_minute_once")]


class Quota(models.Model):
    """How many calls a minute the operator allows an app, where it isn't the setting's number."""

    party = models.OneToOneField(Party, on_delete=models.PROTECT, primary_key=True, related_name="+")
    per_minute = models.IntegerField()
    set_at = models.DateTimeField()
    set_by = models.BigIntegerField(null=True)

    class Meta:
        db_table = "apps_quota"
        constraints = [
            models.CheckConstraint(
                name="apps_quota_per_minute", condition=Q(per_minute__gte=1, per_minute__lte=1_000_000)
            )
        ]


class Call(models.Model):
    """A call that a party's software made: what, how it ended, how long it took. No bodies, no secrets."""

    id = models.BigAutoField(primary_key=True)
    party_id = models.BigIntegerField()
    at = models.DateTimeField()
    door = models.CharField(max_length=8)
    method = models.CharField(max_length=8)
    path = models.CharField(max_length=200)
    status = models.SmallIntegerField()
    code = models.CharField(max_length=40, default="")
    took_ms = models.IntegerField()
    request_id = models.CharField(max_length=40, default="")
    token_tail = models.CharField(max_length=4, default="")

    class Meta:
        db_table = "apps_call"
        indexes = [
            models.Index(fields=["party_id", "-id"], name="apps_call_party"),
            models.Index(fields=["at"], name="apps_call_at"),
        ]
