"""Brings the schema up to date and gives the product's role its rights: `python -m tuike.db.prepare` as the owner."""

import os
import sys
import time


def main() -> int:
    """Migrate and grant; print one line. Meant for a process of its own with TUIKE_DB_ROLE=owner."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuike.config.settings")
    os.environ.setdefault("TUIKE_DB_ROLE", "owner")
    import django  # noqa: PLC0415 the settings read the role when they are imported

    django.setup()
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import connection, transaction  # noqa: PLC0415

    from tuike.db import roles  # noqa: PLC0415

    began = time.monotonic()
    call_command("migrate", verbosity=0, interactive=False)
    same_role = connection.settings_dict["USER"] == roles.APP_ROLE
    if not same_role:
        with transaction.atomic():
            roles.grant()
    sys.stderr.write(f"schema up to date in {time.monotonic() - began:.1f} s\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
