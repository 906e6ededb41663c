from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Export",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("no", models.CharField(max_length=24, unique=True)),
                ("party_id", models.BigIntegerField()),
                ("person_id", models.BigIntegerField()),
                ("kind", models.CharField(max_length=12)),
                ("title_zh", models.CharField(max_length=60)),
                ("title_en", models.CharField(max_length=80)),
                ("what", models.JSONField()),
                ("state", models.CharField(max_length=8)),
                ("attempts", models.SmallIntegerField(default=0)),
                ("done", models.IntegerField(default=0)),
                ("whole", models.IntegerField(null=True)),
                ("rows", models.IntegerField(null=True)),
                ("sums", models.JSONField(default=dict)),
                ("sha256", models.CharField(default="", max_length=64)),
                ("size", models.BigIntegerField(null=True)),
                ("problem", models.CharField(default="", max_length=200)),
                ("asked_at", models.DateTimeField()),
                ("seen_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("kept_until", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "exports_export",
                "indexes": [
                    models.Index(fields=["party_id", "person_id", "-id"], name="exports_export_person"),
                    models.Index(
                        condition=models.Q(("state__in", ["asked", "making"])),
                        fields=["id"],
                        name="exports_export_open",
                    ),
                    models.Index(
                        condition=models.Q(("state", "ready")), fields=["kept_until"], name="exports_export_kept"
                    ),
                ],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["asked", "making", "ready", "failed", "gone"])),
                        name="exports_export_state",
                    )
                ],
            },
        ),
    ]
