from django.db import migrations

# The law allows three paid tiers (docs/rules.md §11): no setting goes beyond, whatever writes it.
_ADD = """
ALTER TABLE settings_value ADD CONSTRAINT settings_value_three_tiers
    CHECK (name <> 'max_paid_tiers' OR (jsonb_typeof(value) = 'number' AND (value #>> '{}')::numeric BETWEEN 1 AND 3))
"""
_DROP = "ALTER TABLE settings_value DROP CONSTRAINT settings_value_three_tiers"


class Migration(migrations.Migration):
    dependencies = [("settings", "0001_initial")]

    operations = [migrations.RunSQL(_ADD, _DROP)]
