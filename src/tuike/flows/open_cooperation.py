"""The operator opens the contract's functions to named shops and leaders, and takes them back (docs/rules.md §9)."""

from collections.abc import Sequence
from datetime import datetime

from tuike.audit.types import Actor
from tuike.cooperation import service as cooperation
from tuike.db.retry import retry
from tuike.flows.keyed import keyed


@retry
def open_access(*, party_ids: Sequence[int], actor: Actor, now: datetime, key: str | None = None) -> None:
    """Open the functions to shops and leaders by name; they are told.

    Raises:
        NotFound: neither a shop nor a leader. KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> None:
        cooperation.open_access(party_ids=party_ids, actor=actor, now=now)

    content = sorted(party_ids)
    keyed(scope="operator:open_cooperation", key=key, content=content, now=now, work=work, again=lambda: None)


@retry
def close_access(*, party_ids: Sequence[int], actor: Actor, now: datetime, key: str | None = None) -> None:
    """Take the functions away from parties that had them by name; they are told.

    Raises:
        NotFound: neither a shop nor a leader. KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> None:
        cooperation.close_access(party_ids=party_ids, actor=actor, now=now)

    content = sorted(party_ids)
    keyed(scope="operator:close_cooperation", key=key, content=content, now=now, work=work, again=lambda: None)
