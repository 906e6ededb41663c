"""Words that the operator proposes to who searches, and words that let a text wait for a person."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.content.models import BlockedWord, HotWord
from tuike.content.rules import moderation
from tuike.kit.errors import Invalid

MOST_HOT = 20
MOST_BLOCKED = 5_000


@transaction.atomic
def change_hot_words(*, words: Sequence[str], actor: Actor, now: datetime) -> list[str]:
    """Let these be the words that are proposed, in this order, and return them as they are kept.

    Raises:
        Invalid: more than 20, or one of more than 20 characters.
    """
    kept = list(dict.fromkeys(word.strip() for word in words if word.strip()))
    if len(kept) > MOST_HOT or any(len(word) > MOST_HOT for word in kept):
        raise Invalid(
            field="words",
            reason_zh="最多 20 个，每个最多 20 个字符",
            reason_en="at most 20, of 20 characters at most",
        )
    HotWord.objects.all().delete()
    HotWord.objects.bulk_create(HotWord(text=word, position=place) for place, word in enumerate(kept))
    audit.record(actor=actor, action="hot_words.change", object_="mall", facts={"words": kept}, now=now)
    return kept


@transaction.atomic
def change_blocked_words(*, words: Sequence[str], actor: Actor, now: datetime) -> int:
    """Let these be the words that no text passes with by itself, and return how many there are.

    A text that stands already isn't looked at anew.

    Raises:
        Invalid: more than 5,000, or one of more than 40 characters.
    """
    wanted = {moderation.packed(word) for word in words} - {""}
    if len(wanted) > MOST_BLOCKED or any(len(word) > 40 for word in wanted):
        raise Invalid(
            field="words",
            reason_zh="最多 5000 个，每个最多 40 个字符",
            reason_en="at most 5,000, of 40 characters at most",
        )
    stood = set(BlockedWord.objects.select_for_update().values_list("text", flat=True))
    BlockedWord.objects.filter(text__in=stood - wanted).delete()
    made = [BlockedWord(text=word, added_at=now) for word in sorted(wanted - stood)]
    BlockedWord.objects.bulk_create(made, ignore_conflicts=True)
    facts = {"added": sorted(wanted - stood)[:100], "removed": sorted(stood - wanted)[:100]}
    audit.record(actor=actor, action="blocked_words.change", object_="mall", facts=facts, now=now)
    return len(wanted)
