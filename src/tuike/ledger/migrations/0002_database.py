from django.db import migrations

from tuike.db import ids

ZERO_SUM = """
CREATE FUNCTION ledger_entries_sum_to_zero() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE broken bigint;
BEGIN
    SELECT transfer_id INTO broken FROM added GROUP BY transfer_id HAVING sum(amount_fen) <> 0 LIMIT 1;
    IF broken IS NOT NULL THEN
        RAISE EXCEPTION 'transfer % does not sum to zero', broken USING ERRCODE = 'check_violation';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER ledger_entry_zero_sum AFTER INSERT ON ledger_entry
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION ledger_entries_sum_to_zero();
"""


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        ids.sequence("ledger_account"),
        ids.sequence("ledger_transfer"),
        ids.sequence("ledger_entry"),
        # A balance is rewritten at every booking: room on the page keeps that from touching the indexes.
        migrations.RunSQL(
            "ALTER TABLE ledger_account SET (fillfactor = 50)", "ALTER TABLE ledger_account RESET (fillfactor)"
        ),
        # The entries of a transfer are added by one statement, so each statement must balance by itself.
        migrations.RunSQL(
            ZERO_SUM, "DROP TRIGGER ledger_entry_zero_sum ON ledger_entry; DROP FUNCTION ledger_entries_sum_to_zero()"
        ),
    ]
