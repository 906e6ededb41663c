"""Write the storefront API's description for the mini-program's client: `python -m tools.mall`.

`npm run api` in `miniprogram/` turns it into types. Both files are kept; a test holds the first equal to the product.
"""

import json
import os
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "miniprogram" / "api" / "storefront.json"


def described() -> dict[str, Any]:
    """Return the API's description, without a server."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuike.config.settings")
    django.setup()
    from tuike.doors.storefront.api import api

    schema: dict[str, Any] = api.get_openapi_schema(path_prefix="/api/")
    return schema


def written(schema: dict[str, Any]) -> str:
    """Return the file that follows from a description; the version is the product's own affair."""
    schema = schema | {"info": schema["info"] | {"version": "0"}}
    return json.dumps(schema, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def main() -> None:
    """Write the file."""
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(written(described()), encoding="utf-8")
    print(f"{FILE.relative_to(ROOT)}: {len(described()['paths'])} paths")


if __name__ == "__main__":
    main()
