from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Run",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("everything", models.BooleanField(default=False)),
                ("asked_by", models.BigIntegerField(null=True)),
                ("asked_at", models.DateTimeField()),
                ("state", models.CharField(max_length=8)),
                ("attempts", models.SmallIntegerField(default=0)),
                ("started_at", models.DateTimeField(null=True)),
                ("seen_at", models.DateTimeField(null=True)),
                ("ended_at", models.DateTimeField(null=True)),
                ("done", models.BigIntegerField(default=0)),
                ("whole", models.BigIntegerField(null=True)),
                ("edition", models.IntegerField(null=True)),
                ("days", models.IntegerField(null=True)),
                ("files", models.IntegerField(null=True)),
                ("rows", models.BigIntegerField(null=True)),
                ("all_files", models.IntegerField(null=True)),
                ("all_bytes", models.BigIntegerField(null=True)),
                ("problem", models.CharField(default="", max_length=12)),
                ("detail", models.CharField(default="", max_length=300)),
            ],
            options={
                "db_table": "open_data_run",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("state__in", ["asked", "writing"])),
                        fields=("everything",),
                        name="open_data_run_one_open",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["asked", "writing", "written", "failed"])),
                        name="open_data_run_state",
                    ),
                ],
            },
        ),
    ]
