import django.contrib.postgres.constraints
import django.contrib.postgres.fields.ranges
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("catalog", "0001_initial"),
        ("parties", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Campaign",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("no", models.CharField(max_length=24, unique=True)),
                ("name", models.CharField(max_length=40)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("rate_bps", models.IntegerField()),
                ("bonus_fen", models.BigIntegerField(default=0)),
                ("order_bonus_fen", models.BigIntegerField(default=0)),
                ("first_order_bonus_fen", models.BigIntegerField(default=0)),
                ("budget_fen", models.BigIntegerField(null=True)),
                ("reserved_fen", models.BigIntegerField(default=0)),
                ("stopped_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "merchant",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parties.merchant"
                    ),
                ),
            ],
            options={
                "db_table": "plans_campaign",
            },
        ),
        migrations.CreateModel(
            name="Grade",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=20, unique=True)),
                ("rank", models.SmallIntegerField(unique=True)),
                ("threshold_fen", models.BigIntegerField()),
                ("threshold_orders", models.IntegerField(default=0)),
                ("extra_bps", models.IntegerField()),
            ],
            options={
                "db_table": "plans_grade",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("extra_bps__gte", 0), ("extra_bps__lte", 9000)), name="plans_grade_extra"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("threshold_fen__gte", 0), ("threshold_orders__gte", 0)),
                        name="plans_grade_threshold",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Reservation",
            fields=[
                ("line_id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("amount_fen", models.BigIntegerField()),
                ("released_fen", models.BigIntegerField(default=0)),
                ("once_fen", models.BigIntegerField(default=0)),
                ("at", models.DateTimeField()),
                (
                    "campaign",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="plans.campaign"
                    ),
                ),
            ],
            options={
                "db_table": "plans_reservation",
            },
        ),
        migrations.CreateModel(
            name="TargetedPlan",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("no", models.CharField(max_length=24, unique=True)),
                ("name", models.CharField(max_length=40)),
                ("note", models.CharField(default="", max_length=200)),
                ("starts_at", models.DateTimeField()),
                ("ends_at", models.DateTimeField()),
                ("invite_code", models.CharField(max_length=16, unique=True)),
                ("stopped_at", models.DateTimeField(null=True)),
                ("created_at", models.DateTimeField()),
                (
                    "merchant",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parties.merchant"
                    ),
                ),
            ],
            options={
                "db_table": "plans_targeted",
            },
        ),
        migrations.CreateModel(
            name="TargetedMember",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("state", models.CharField(max_length=10)),
                ("since", models.DateTimeField()),
                ("applied_at", models.DateTimeField(null=True)),
                ("message", models.CharField(default="", max_length=200)),
                ("reason", models.CharField(default="", max_length=200)),
                (
                    "promoter",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parties.promoter"
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="plans.targetedplan",
                    ),
                ),
            ],
            options={
                "db_table": "plans_targeted_member",
            },
        ),
        migrations.CreateModel(
            name="Rate",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("layer", models.CharField(max_length=12)),
                ("scope", models.CharField(max_length=60)),
                ("lookup", models.CharField(max_length=60)),
                ("rate_bps", models.IntegerField()),
                ("bonus_fen", models.BigIntegerField(default=0)),
                ("service_bps", models.IntegerField(default=0)),
                ("valid", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ("lifted_from_bps", models.IntegerField(null=True)),
                ("written_at", models.DateTimeField()),
                ("written_by", models.BigIntegerField(null=True)),
                (
                    "campaign",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="plans.campaign"
                    ),
                ),
                (
                    "category",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.category",
                    ),
                ),
                (
                    "grade",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="plans.grade"
                    ),
                ),
                (
                    "merchant",
                    models.ForeignKey(
                        null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="parties.merchant"
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="catalog.product",
                    ),
                ),
                (
                    "plan",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="plans.targetedplan",
                    ),
                ),
            ],
            options={
                "db_table": "plans_rate",
            },
        ),
        migrations.CreateModel(
            name="TargetedProduct",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("rate_bps", models.IntegerField()),
                ("from_at", models.DateTimeField()),
                (
                    "plan",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="plans.targetedplan",
                    ),
                ),
                (
                    "product",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="catalog.product"
                    ),
                ),
            ],
            options={
                "db_table": "plans_targeted_product",
            },
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="plans_campaign_period"
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("bonus_fen__gte", 0), ("first_order_bonus_fen__gte", 0), ("order_bonus_fen__gte", 0)
                ),
                name="plans_campaign_bonus",
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(("reserved_fen__gte", 0)), name="plans_campaign_reserved"
            ),
        ),
        migrations.AddConstraint(
            model_name="campaign",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("budget_fen", None), ("reserved_fen__lte", models.F("budget_fen")), _connector="OR"
                ),
                name="plans_campaign_budget",
            ),
        ),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(("released_fen__gte", 0), ("released_fen__lte", models.F("amount_fen"))),
                name="plans_reservation_released",
            ),
        ),
        migrations.AddConstraint(
            model_name="targetedplan",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="plans_targeted_period"
            ),
        ),
        migrations.AddConstraint(
            model_name="targetedmember",
            constraint=models.UniqueConstraint(fields=("plan", "promoter"), name="plans_targeted_member_once"),
        ),
        migrations.AddIndex(
            model_name="rate",
            index=models.Index(fields=["lookup"], name="plans_rate_lookup"),
        ),
        migrations.AddIndex(
            model_name="rate",
            index=models.Index(condition=models.Q(("plan__isnull", False)), fields=["plan"], name="plans_rate_plan"),
        ),
        migrations.AddConstraint(
            model_name="rate",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                expressions=[("scope", "="), ("valid", "&&")], name="plans_rate_no_overlap"
            ),
        ),
        migrations.AddConstraint(
            model_name="rate",
            constraint=models.CheckConstraint(
                condition=models.Q(("rate_bps__gte", 0), ("rate_bps__lte", 9000)), name="plans_rate_bounds"
            ),
        ),
        migrations.AddConstraint(
            model_name="rate",
            constraint=models.CheckConstraint(condition=models.Q(("bonus_fen__gte", 0)), name="plans_rate_bonus"),
        ),
        migrations.AddConstraint(
            model_name="rate",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("service_bps", 0),
                    models.Q(("layer", "leader"), ("service_bps__gte", 0), ("service_bps__lte", 9000)),
                    _connector="OR",
                ),
                name="plans_rate_service",
            ),
        ),
        migrations.AddIndex(
            model_name="targetedproduct",
            index=models.Index(fields=["plan", "product", "-from_at", "-id"], name="plans_targeted_product_of"),
        ),
        migrations.CreateModel(
            name="FirstOrder",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("buyer_id", models.BigIntegerField()),
                ("order_no", models.CharField(max_length=32)),
                ("at", models.DateTimeField()),
                (
                    "merchant",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.merchant",
                    ),
                ),
            ],
            options={
                "db_table": "plans_first_order",
                "constraints": [
                    models.UniqueConstraint(fields=("merchant", "buyer_id"), name="plans_first_order_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="GradeMove",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("day", models.DateField()),
                ("by_orders", models.BooleanField()),
                ("measured", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "from_grade",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="plans.grade",
                    ),
                ),
                (
                    "promoter",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="parties.promoter",
                    ),
                ),
                (
                    "to_grade",
                    models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="plans.grade",
                    ),
                ),
            ],
            options={
                "db_table": "plans_grade_move",
                "constraints": [models.UniqueConstraint(fields=("promoter", "day"), name="plans_grade_move_once")],
            },
        ),
        migrations.CreateModel(
            name="GradeUnder",
            fields=[
                (
                    "promoter",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="parties.promoter",
                    ),
                ),
                ("since", models.DateTimeField()),
            ],
            options={"db_table": "plans_grade_under"},
        ),
    ]
