"""A person agrees (or not) to messages on their phone."""

from collections.abc import Sequence
from datetime import datetime

from tuike.db.retry import retry
from tuike.flows.keyed import keyed
from tuike.messages import service as messages


@retry
def agree_messages(
    *, person_id: int, accepted: Sequence[str], rejected: Sequence[str], key: str | None, now: datetime
) -> None:
    """Keep what a person answered for each template, once for a key: a yes is good for one more message.

    Raises:
        UnknownTemplate: one isn't registered.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> None:
        messages.grant(person_id=person_id, accepted=accepted, rejected=rejected, now=now)

    content = {"accepted": sorted(accepted), "rejected": sorted(rejected)}
    keyed(scope=f"person:{person_id}:agree_messages", key=key, content=content, now=now, work=work, again=lambda: None)
