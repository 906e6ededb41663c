"""Values of settings, and the mall's access to WeChat: append-only, the latest row is in force."""

from django.db import models


class Value(models.Model):
    """A value that somebody set, when and by whom."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    name = models.CharField(max_length=60)
    value = models.JSONField()
    at = models.DateTimeField()
    person_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "settings_value"
        indexes = [models.Index(fields=["name", "-id"], name="settings_value_latest")]


class Access(models.Model):
    """What the mall proves itself with at WeChat and WeChat Pay, whole, sealed; `shown` is what may be read of it."""

    append_only = True

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    sealed = models.BinaryField()
    shown = models.JSONField()
    at = models.DateTimeField()
    person_id = models.BigIntegerField(null=True)

    class Meta:
        db_table = "settings_access"
