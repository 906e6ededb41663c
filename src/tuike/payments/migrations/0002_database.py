from django.db import migrations

from tuike.db import ids


class Migration(migrations.Migration):
    dependencies = [("payments", "0001_initial")]

    operations = [
        ids.sequence("payments_intent"),
        ids.sequence("payments_refund"),
    ]
