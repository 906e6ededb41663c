"""Words that are proposed, and words that stop a text."""

from tuike.content.models import BlockedWord
from tuike.db import rows


def hot_words() -> list[str]:
    """Return the words that the operator proposes to who searches, in their order."""
    return [text for (text,) in rows.planned("SELECT text FROM content_hot_word ORDER BY position", [])]


def blocked_words() -> list[str]:
    """Return the words with which no text passes by itself, for the operator."""
    return list(BlockedWord.objects.order_by("text").values_list("text", flat=True))
