from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="File",
            fields=[
                ("id", models.BigAutoField(primary_key=True, serialize=False)),
                ("no", models.CharField(max_length=24, unique=True)),
                ("party_id", models.BigIntegerField()),
                ("purpose", models.CharField(max_length=20)),
                ("name", models.CharField(max_length=80)),
                ("media_type", models.CharField(max_length=40)),
                ("size", models.IntegerField()),
                ("width", models.IntegerField()),
                ("height", models.IntegerField()),
                ("digest", models.BinaryField(max_length=32)),
                ("put_by", models.BigIntegerField(null=True)),
                ("put_at", models.DateTimeField()),
                ("used_at", models.DateTimeField(null=True)),
            ],
            options={
                "db_table": "files_file",
                "indexes": [
                    models.Index(fields=["party_id", "purpose", "-id"], name="files_file_party"),
                    models.Index(condition=models.Q(("used_at", None)), fields=["put_at"], name="files_file_unused"),
                ],
            },
        ),
    ]
