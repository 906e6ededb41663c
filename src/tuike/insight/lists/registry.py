"""Every list by its name: whoever makes a file later finds the definition that the page used."""

import importlib
import pkgutil
from functools import cache

from tuike.insight import lists
from tuike.insight.lists.types import Listing


@cache
def every() -> dict[str, Listing]:
    """Return the listings that the files of this package define, by name.

    Raises:
        ValueError: two of them share a name.
    """
    found: dict[str, Listing] = {}
    for part in pkgutil.iter_modules(lists.__path__):
        module = importlib.import_module(f"{lists.__name__}.{part.name}")
        for value in vars(module).values():
            if isinstance(value, Listing) and found.setdefault(value.name, value) is not value:
                raise ValueError(f"two lists are named {value.name}")
    return found


def find(name: str) -> Listing:
    """Return the listing of that name.

    Raises:
        KeyError: there is none.
    """
    return every()[name]
