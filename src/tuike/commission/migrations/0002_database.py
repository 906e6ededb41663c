from django.db import migrations

from tuike.db import ids


class Migration(migrations.Migration):
    dependencies = [("commission", "0001_initial")]

    operations = [
        ids.sequence("commission_accrual"),
    ]
