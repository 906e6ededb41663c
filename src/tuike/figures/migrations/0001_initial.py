import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="CohortFigures",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=8)),
                ("owner_id", models.BigIntegerField()),
                ("joined", models.DateField()),
                ("month", models.DateField()),
                ("promoters", models.BigIntegerField(db_default=0)),
                ("paid_fen", models.BigIntegerField(db_default=0)),
            ],
            options={
                "db_table": "figures_cohort",
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "owner_id", "joined", "month"), name="figures_cohort_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="CountedClicks",
            fields=[
                ("id", models.SmallIntegerField(primary_key=True, serialize=False)),
                ("until", models.DateTimeField()),
                ("whole_until", models.DateField()),
            ],
            options={
                "db_table": "figures_clicks",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="figures_clicks_one")],
            },
        ),
        migrations.CreateModel(
            name="DayFigures",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("merchant_id", models.BigIntegerField()),
                ("promoter_id", models.BigIntegerField()),
                ("place_id", models.BigIntegerField()),
                ("product_id", models.BigIntegerField()),
                ("leader_id", models.BigIntegerField(db_default=0)),
                ("campaign_id", models.BigIntegerField(db_default=0)),
                ("shares", models.IntegerField(db_default=0)),
                ("clicks", models.IntegerField(db_default=0)),
                ("visitors", models.IntegerField(db_default=0)),
                ("orders", models.IntegerField(db_default=0)),
                ("promoted_orders", models.IntegerField(db_default=0)),
                ("led_orders", models.IntegerField(db_default=0)),
                ("all_orders", models.IntegerField(db_default=0)),
                ("received_orders", models.IntegerField(db_default=0)),
                ("promoted_received", models.IntegerField(db_default=0)),
                ("led_received", models.IntegerField(db_default=0)),
                ("settled_orders", models.IntegerField(db_default=0)),
                ("promoted_settled", models.IntegerField(db_default=0)),
                ("led_settled", models.IntegerField(db_default=0)),
                ("paid_fen", models.BigIntegerField(db_default=0)),
                ("refunded_fen", models.BigIntegerField(db_default=0)),
                ("estimated_fen", models.BigIntegerField(db_default=0)),
                ("settled_fen", models.BigIntegerField(db_default=0)),
                ("shop_estimated_fen", models.BigIntegerField(db_default=0)),
                ("shop_settled_fen", models.BigIntegerField(db_default=0)),
                ("led_estimated_fen", models.BigIntegerField(db_default=0)),
                ("led_settled_fen", models.BigIntegerField(db_default=0)),
                (
                    "commission",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=django.contrib.postgres.fields.ArrayField(
                            base_field=models.BigIntegerField(), size=None
                        ),
                        null=True,
                        size=None,
                    ),
                ),
            ],
            options={
                "db_table": "figures_day",
                "indexes": [
                    models.Index(fields=["promoter_id", "day"], name="figures_day_promoter"),
                    models.Index(
                        condition=models.Q(("leader_id__gt", 0)), fields=["leader_id", "day"], name="figures_day_leader"
                    ),
                    models.Index(
                        condition=models.Q(("promoter_id__gt", 0)),
                        fields=["merchant_id", "promoter_id", "day"],
                        include=("clicks", "orders", "paid_fen", "refunded_fen", "estimated_fen", "settled_fen"),
                        name="figures_day_pair",
                    ),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=(
                            "merchant_id",
                            "day",
                            "promoter_id",
                            "place_id",
                            "product_id",
                            "leader_id",
                            "campaign_id",
                        ),
                        name="figures_day_once",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="KeptSpan",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=8)),
                ("owner_id", models.BigIntegerField()),
                ("day", models.DateField()),
            ],
            options={
                "db_table": "figures_kept",
                "constraints": [models.UniqueConstraint(fields=("kind", "owner_id"), name="figures_kept_once")],
            },
        ),
        migrations.CreateModel(
            name="MonthFigures",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=8)),
                ("owner_id", models.BigIntegerField()),
                ("promoter_id", models.BigIntegerField()),
                ("month", models.DateField()),
                ("orders", models.BigIntegerField(db_default=0)),
                ("paid_fen", models.BigIntegerField(db_default=0)),
            ],
            options={
                "db_table": "figures_month",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "owner_id", "promoter_id", "month"), name="figures_month_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SpanFigures",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=8)),
                ("owner_id", models.BigIntegerField()),
                ("by", models.CharField(max_length=8)),
                ("span", models.SmallIntegerField()),
                ("object_id", models.BigIntegerField()),
                ("clicks", models.BigIntegerField(db_default=0)),
                ("visitors", models.BigIntegerField(db_default=0)),
                ("shares", models.BigIntegerField(db_default=0)),
                ("orders", models.BigIntegerField(db_default=0)),
                ("received_orders", models.BigIntegerField(db_default=0)),
                ("settled_orders", models.BigIntegerField(db_default=0)),
                ("paid_fen", models.BigIntegerField(db_default=0)),
                ("refunded_fen", models.BigIntegerField(db_default=0)),
                ("estimated_fen", models.BigIntegerField(db_default=0)),
                ("settled_fen", models.BigIntegerField(db_default=0)),
            ],
            options={
                "db_table": "figures_span",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("kind", "owner_id", "by", "span", "object_id"), name="figures_span_once"
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SumFigures",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("kind", models.CharField(max_length=8)),
                ("owner_id", models.BigIntegerField()),
                ("day", models.DateField()),
                ("clicks", models.IntegerField(db_default=0)),
                ("visitors", models.IntegerField(db_default=0)),
                ("shares", models.IntegerField(db_default=0)),
                ("orders", models.IntegerField(db_default=0)),
                ("all_orders", models.IntegerField(db_default=0)),
                ("received_orders", models.IntegerField(db_default=0)),
                ("settled_orders", models.IntegerField(db_default=0)),
                ("paid_fen", models.BigIntegerField(db_default=0)),
                ("refunded_fen", models.BigIntegerField(db_default=0)),
                ("all_paid_fen", models.BigIntegerField(db_default=0)),
                ("all_refunded_fen", models.BigIntegerField(db_default=0)),
                ("estimated_fen", models.BigIntegerField(db_default=0)),
                ("settled_fen", models.BigIntegerField(db_default=0)),
                ("all_estimated_fen", models.BigIntegerField(db_default=0)),
                ("all_settled_fen", models.BigIntegerField(db_default=0)),
                (
                    "commission",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=django.contrib.postgres.fields.ArrayField(
                            base_field=models.BigIntegerField(), size=None
                        ),
                        null=True,
                        size=None,
                    ),
                ),
            ],
            options={
                "db_table": "figures_sum",
                "indexes": [models.Index(fields=["kind", "day"], name="figures_sum_day")],
                "constraints": [models.UniqueConstraint(fields=("kind", "owner_id", "day"), name="figures_sum_once")],
            },
        ),
    ]
