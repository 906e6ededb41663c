"""Which field a verb's no is about, and what it says beside that field."""

from collections.abc import Mapping

from tuike.doors.console.text import T
from tuike.kit.errors import Invalid, Refusal


def beside(refusal: Refusal, fields: Mapping[type[Refusal], str] | None = None) -> dict[str, T]:
    """Return {field: sentence} for a form: an `Invalid` names its field, `fields` says it of other refusals.

    What is about no field stands under "" (the form as a whole).
    """
    if isinstance(refusal, Invalid):
        details = {name: str(value) for name, value in refusal.details.items()}
        return {details["field"]: T(details["reason_zh"], details["reason_en"])}
    field = next((name for kind, name in (fields or {}).items() if isinstance(refusal, kind)), "")
    return {field: T(refusal.sentence("zh"), refusal.sentence("en"))}
