from django.db import migrations

# The planner has to know which characters are common: a common word is found by walking in the wanted order, a rare one
# by the inverted index.
_ADD = "ALTER TABLE catalog_product ALTER COLUMN grams SET STATISTICS 2000"
_DROP = "ALTER TABLE catalog_product ALTER COLUMN grams SET STATISTICS -1"


class Migration(migrations.Migration):
    dependencies = [("catalog", "0001_initial")]

    operations = [migrations.RunSQL(_ADD, _DROP)]
