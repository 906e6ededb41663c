"""Words that people write, as they are kept."""

from django.conf import settings

from tuike.kit import crypto
from tuike.kit.errors import Invalid


def reason_of(text: str, *, needed: bool) -> str:
    """Return a reason as it is kept.

    Raises:
        Invalid: none where one is needed, or more than 200 characters.
    """
    return text_of("reason", text, most=200, least=1 if needed else 0)


def text_of(field: str, text: str, *, most: int, least: int = 0) -> str:
    """Return a text as it is kept.

    Raises:
        Invalid: shorter or longer than it may be.
    """
    kept = text.strip()
    if not least <= len(kept) <= most or "\0" in kept:
        zh = f"须为 {least} 到 {most} 个字符" if least else f"最多 {most} 个字符"
        en = f"must have {least} to {most} characters" if least else f"at most {most} characters"
        raise Invalid(field=field, reason_zh=zh, reason_en=en)
    return kept


def sealed(text: str, *, place: str) -> bytes | None:
    """Return a contact as it is kept, None for none.

    Raises:
        Invalid: more than 100 characters.
    """
    plain = text_of("contact", text, most=100)
    return crypto.seal(plain, place=place, keys=settings.FIELD_KEYS) if plain else None
