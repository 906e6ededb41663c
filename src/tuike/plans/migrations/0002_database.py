from django.db import migrations

# Nobody writes a rate into the past, and every layer but campaigns, enrolments and targeted plans changes at a natural
# midnight: held by the database as well (docs/rules.md §3). Only the first benchmarks reach back without a beginning.
# The law's three tiers are the promoter's own and those of two recruiters: there is no row for a fourth.
_ADD = """
ALTER TABLE plans_rate
    ADD CONSTRAINT plans_rate_begins CHECK (
        isempty(valid)
        OR (layer = 'benchmark' AND lower_inf(valid))
        OR (layer IN ('campaign', 'leader', 'targeted') AND NOT lower_inf(valid) AND lower(valid) >= written_at)
        OR (
            layer NOT IN ('campaign', 'leader', 'targeted')
            AND NOT lower_inf(valid)
            AND lower(valid) > written_at
            AND (lower(valid) AT TIME ZONE 'Asia/Shanghai')::time = '00:00'
        )
    ),
    ADD CONSTRAINT plans_rate_half_open CHECK (isempty(valid) OR lower_inf(valid) OR lower_inc(valid)),
    ADD CONSTRAINT plans_rate_half_open_end CHECK (NOT upper_inc(valid)),
    ADD CONSTRAINT plans_rate_three_tiers CHECK (layer <> 'tier' OR scope ~ '^tier:[0-9]+:[23]$')
"""
_DROP = """
ALTER TABLE plans_rate
    DROP CONSTRAINT plans_rate_begins,
    DROP CONSTRAINT plans_rate_half_open,
    DROP CONSTRAINT plans_rate_half_open_end,
    DROP CONSTRAINT plans_rate_three_tiers
"""


class Migration(migrations.Migration):
    dependencies = [("plans", "0001_initial")]

    operations = [
        migrations.RunSQL(_ADD, _DROP),
        # Who stands on the ladder, by promoter: the run over all of them reads it in parts.
        migrations.RunSQL(
            "CREATE INDEX plans_rate_on_ladder ON plans_rate ((split_part(scope, ':', 2)::bigint))"
            " WHERE layer = 'grade' AND upper_inf(valid)",
            "DROP INDEX plans_rate_on_ladder",
        ),
    ]
