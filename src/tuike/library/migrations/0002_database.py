from django.db import migrations

# The planner has to know which characters are common: a common word is found by walking in the wanted order, a rare one
# by the inverted index.
_ADD = """
ALTER TABLE library_item ALTER COLUMN grams SET STATISTICS 2000;
ALTER TABLE library_item ALTER COLUMN path SET STATISTICS 500;
ALTER TABLE library_item SET (fillfactor = 90)
"""
_DROP = """
ALTER TABLE library_item ALTER COLUMN grams SET STATISTICS -1;
ALTER TABLE library_item ALTER COLUMN path SET STATISTICS -1;
ALTER TABLE library_item RESET (fillfactor)
"""


class Migration(migrations.Migration):
    dependencies = [("library", "0001_initial")]

    operations = [migrations.RunSQL(_ADD, _DROP)]
