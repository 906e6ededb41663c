from django.db import migrations

from tuike.db import ids


class Migration(migrations.Migration):
    dependencies = [("settlement", "0001_initial")]

    operations = [
        ids.sequence("settlement_batch"),
        ids.sequence("settlement_part"),
        ids.sequence("settlement_withdrawal"),
    ]
