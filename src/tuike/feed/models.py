"""The update feed."""

from django.db import models


class Update(models.Model):
    """That an object of a party changed, last at `at`. A change moves the row to the end: it gets a new `seq`."""

    seq = models.BigIntegerField(primary_key=True)
    party_id = models.BigIntegerField()
    kind = models.CharField(max_length=16)
    object = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        db_table = "feed_update"
        indexes = [models.Index(fields=["party_id", "kind", "seq"], name="feed_update_order")]
        constraints = [models.UniqueConstraint(fields=["party_id", "kind", "object"], name="feed_update_once")]
