"""Where places in the feed come from."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("feed", "0001_initial")]

    # Read by whole statements under one lock: a cache of numbers would hand them out of order.
    operations = [
        migrations.RunSQL("CREATE SEQUENCE feed_update_seq AS bigint CACHE 1", "DROP SEQUENCE feed_update_seq")
    ]
