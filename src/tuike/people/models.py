"""Persons and how they prove who they are. Personal data is sealed; lookups go through blind indexes."""

from typing import ClassVar

from django.contrib.auth.base_user import AbstractBaseUser
from django.db import models
from django.db.models import Q


class Person(AbstractBaseUser):
    """A human. `no` is the public id; phone and identities live in rows of their own so that they can be erased.

    `unionid` is how WeChat knows one human over all apps of one company: it belongs to one person.
    """

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    nickname = models.CharField(max_length=40, default="")
    language = models.CharField(max_length=8, default="zh-hans")
    unionid = models.CharField(max_length=64, default="")
    created_at = models.DateTimeField()
    erased_at = models.DateTimeField(null=True)

    USERNAME_FIELD = "no"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        db_table = "people_person"
        constraints = [
            models.UniqueConstraint(fields=["unionid"], condition=~Q(unionid=""), name="people_person_one_a_unionid")
        ]


class WechatIdentity(models.Model):
    """A person as one WeChat app knows them."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    appid = models.CharField(max_length=32)
    openid = models.CharField(max_length=64)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "people_wechat_identity"
        constraints = [models.UniqueConstraint(fields=["appid", "openid"], name="people_wechat_identity_once")]


class Phone(models.Model):
    """A person's phone number: sealed, with a blind index that makes it belong to one person only."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, primary_key=True, related_name="+")
    sealed = models.BinaryField()
    blind_index = models.BinaryField(max_length=32, unique=True)
    verified_at = models.DateTimeField()

    class Meta:
        db_table = "people_phone"


class Email(models.Model):
    """A person's e-mail address, sealed; one that a code sent there has confirmed."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, primary_key=True, related_name="+")
    sealed = models.BinaryField()
    verified_at = models.DateTimeField()

    class Meta:
        db_table = "people_email"


class EmailClaim(models.Model):
    """An address that a person says is theirs, until the code that was sent there confirms it."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, primary_key=True, related_name="+")
    sealed = models.BinaryField()
    code_digest = models.BinaryField(max_length=32)
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "people_email_claim"


class SecondFactor(models.Model):
    """A TOTP secret, sealed. `last_step` makes a code good once."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, primary_key=True, related_name="+")
    sealed = models.BinaryField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)

    class Meta:
        db_table = "people_second_factor"


class Session(models.Model):
    """A bearer token's row: only the digest is kept. `kind` is storefront or console."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    token_digest = models.BinaryField(max_length=32, unique=True)
    kind = models.CharField(max_length=12)
    device = models.CharField(max_length=120, default="")
    created_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "people_session"


class Consent(models.Model):
    """That a person agreed to an edition of the privacy terms, and in which language they read it."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    edition = models.IntegerField()
    language = models.CharField(max_length=8)
    at = models.DateTimeField()

    class Meta:
        db_table = "people_consent"
        constraints = [models.UniqueConstraint(fields=["person", "edition"], name="people_consent_once")]


class ScanChallenge(models.Model):
    """A QR code that somebody with a phone confirms: created → scanned → confirmed → used, within five minutes;
    or declined.

    `asker_digest` binds it to the browser that asked; `purpose` and `subject` say what would be confirmed.
    """

    id = models.BigAutoField(primary_key=True)
    ticket_digest = models.BinaryField(max_length=32, unique=True)
    asker_digest = models.BinaryField(max_length=32)
    purpose = models.CharField(max_length=24)
    subject = models.CharField(max_length=80, default="")
    place = models.CharField(max_length=80, default="")
    state = models.CharField(max_length=12)
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()

    class Meta:
        db_table = "people_scan_challenge"


class Attempt(models.Model):
    """Guesses at a password or code in one window, counted before they are checked.

    `key` is `account:…` or `address:…`, a keyed digest: neither a phone number nor an address stands here in clear.
    """

    key = models.CharField(max_length=80, primary_key=True)
    tried = models.IntegerField()
    since = models.DateTimeField(db_index=True)

    class Meta:
        db_table = "people_attempt"
