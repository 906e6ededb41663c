import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Message",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("party_id", models.BigIntegerField()),
                ("kind", models.CharField(max_length=40)),
                ("facts", models.JSONField()),
                ("object", models.CharField(default="", max_length=40)),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "messages_message",
                "indexes": [
                    models.Index(fields=["party_id", "-id"], name="messages_message_party"),
                    models.Index(fields=["at"], name="messages_message_at"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Seen",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("person_id", models.BigIntegerField()),
                ("at", models.DateTimeField()),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="messages.message"
                    ),
                ),
            ],
            options={
                "db_table": "messages_seen",
                "constraints": [models.UniqueConstraint(fields=("message", "person_id"), name="messages_seen_once")],
            },
        ),
        migrations.CreateModel(
            name="Muted",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("party_id", models.BigIntegerField()),
                ("person_id", models.BigIntegerField()),
                ("kind", models.CharField(max_length=40)),
            ],
            options={
                "db_table": "messages_muted",
                "constraints": [
                    models.UniqueConstraint(fields=("person_id", "party_id", "kind"), name="messages_muted_once")
                ],
            },
        ),
    ]
