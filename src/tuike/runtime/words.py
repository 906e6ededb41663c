"""Which of two languages the command line speaks."""

import os


def english() -> bool:
    """Return whether the command line speaks English: `TUIKE_LANG` decides, else the locale; Chinese otherwise."""
    for name in ("TUIKE_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return value.lower().startswith("en")
    return False


def say(zh: str, en: str) -> str:
    """Return the sentence in the language of the person at the command line."""
    return en if english() else zh
