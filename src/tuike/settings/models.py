"""Values of settings: append-only, the latest row of a name is in force."""

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
