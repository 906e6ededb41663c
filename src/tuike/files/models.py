"""What is kept, whose it is, and what it was given for; the sealed bytes lie in a file of the row's number."""

from django.db import models
from django.db.models import Q


class File(models.Model):
    """A picture that a party handed in. `used_at` says since when something relies on it; the others are forgotten."""

    id = models.BigAutoField(primary_key=True)
    no = models.CharField(max_length=24, unique=True)
    party_id = models.BigIntegerField()
    purpose = models.CharField(max_length=20)
    name = models.CharField(max_length=80)
    media_type = models.CharField(max_length=40)
    size = models.IntegerField()
    width = models.IntegerField()
    height = models.IntegerField()
    digest = models.BinaryField(max_length=32)
    put_by = models.BigIntegerField(null=True)
    put_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "files_file"
        indexes = [
            models.Index(fields=["party_id", "purpose", "-id"], name="files_file_party"),
            models.Index(fields=["put_at"], condition=Q(used_at=None), name="files_file_unused"),
        ]
