"""What the running product's role may do: read and write rows, but never change or remove a booked fact.

A model says so itself: `append_only = True` gives SELECT and INSERT alone; `updatable = ("column", …)` narrows UPDATE
to those columns and forbids DELETE. Everything else is ordinary. Granted anew after every migration.
"""

from django.apps import apps
from django.db import connection

APP_ROLE = "tuike_app"


def grant(role: str = APP_ROLE) -> None:
    """Give `role` exactly its rights on every table and sequence of the schema. Run as the owner."""
    with connection.cursor() as cursor:
        name = connection.ops.quote_name(role)
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {name}")
        cursor.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {name}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}")
        cursor.execute(f"GRANT USAGE, SELECT, UPDATE ON ALL SEQUENCES IN SCHEMA public TO {name}")
        for table, columns in narrowed().items():
            quoted = connection.ops.quote_name(table)
            cursor.execute(f"REVOKE UPDATE, DELETE ON {quoted} FROM {name}")
            if columns:
                cursor.execute(f"GRANT UPDATE ({', '.join(columns)}) ON {quoted} TO {name}")


def narrowed() -> dict[str, tuple[str, ...]]:
    """Return the tables whose rows the product's role can't delete, with the columns it may still update."""
    found: dict[str, tuple[str, ...]] = {}
    for model in apps.get_models(include_auto_created=True):
        if getattr(model, "append_only", False):
            found[model._meta.db_table] = ()
        elif getattr(model, "updatable", None):
            found[model._meta.db_table] = tuple(model.updatable)  # type: ignore[attr-defined]
    return found
