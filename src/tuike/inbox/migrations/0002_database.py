"""Where batches' ids come from."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("inbox", "0001_initial")]

    # No block of ids a process: reports are worked off in the order in which their batches came.
    operations = [
        migrations.RunSQL("CREATE SEQUENCE inbox_batch_ids AS bigint CACHE 1", "DROP SEQUENCE inbox_batch_ids")
    ]
