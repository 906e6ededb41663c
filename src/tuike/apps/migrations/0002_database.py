from django.db import migrations


# Counts of a minute: a crash may forget them, and no call waits for the disk because it was counted.
class Migration(migrations.Migration):
    dependencies = [("apps", "0001_initial")]

    operations = [migrations.RunSQL("ALTER TABLE apps_minute SET UNLOGGED", "ALTER TABLE apps_minute SET LOGGED")]
