from django.db import migrations

from tuike.db import ids


class Migration(migrations.Migration):
    dependencies = [("orders", "0001_initial")]

    operations = [
        ids.sequence("orders_checkout"),
        ids.sequence("orders_order"),
        ids.sequence("orders_line"),
        ids.sequence("orders_after_sale"),
    ]
