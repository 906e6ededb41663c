from django.db import migrations

from tuike.db import ids


class Migration(migrations.Migration):
    dependencies = [("attribution", "0001_initial")]

    operations = [
        ids.sequence("attribution_click"),
    ]
