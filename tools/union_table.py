"""Write the table of calls in docs/user/union-api.md anew out of the union door's registry.

`.venv/bin/python tools/union_table.py`; tests/doors/union/test_docs.py fails where it wasn't run.
"""

import os
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[1] / "docs" / "user" / "union-api.md"
BEGIN, END = "<!-- calls: written by tools/union_table.py -->\n", "<!-- end of calls -->\n"


def written(text: str) -> str:
    """Return the document with the table of now."""
    from tuike.doors.union import describe

    head, _, rest = text.partition(BEGIN)
    _, _, tail = rest.partition(END)
    return f"{head}{BEGIN}{describe.table()}{END}{tail}"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuike.config.settings")
    import django

    django.setup()
    DOCUMENT.write_text(written(DOCUMENT.read_text()))
