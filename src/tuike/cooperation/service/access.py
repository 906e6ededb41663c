"""Opening the contract's functions to named parties before all (docs/rules.md §9)."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.cooperation import queries
from tuike.cooperation.types import CooperationClosed
from tuike.db import rows
from tuike.kit.errors import NotFound
from tuike.messages import service as messages
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind

_KINDS = (PartyKind.MERCHANT, PartyKind.LEADER)


def check_open(party_id: int) -> None:
    """Refuse a party to whom the functions aren't open.

    Raises:
        CooperationClosed: so it is.
    """
    if not queries.functions_open(party_id):
        raise CooperationClosed


@transaction.atomic
def open_access(*, party_ids: Sequence[int], actor: Actor, now: datetime) -> list[int]:
    """Open the functions to shops and leaders by name; return those to whom they weren't open by name before.

    Raises:
        NotFound: neither a shop nor a leader.
    """
    names = _known(party_ids)
    types = {"party_id": "bigint", "opened_at": "timestamptz", "opened_by": "bigint"}
    made = [(party_id, now, actor.person_id) for party_id in sorted(names)]
    suffix = "ON CONFLICT (party_id) WHERE closed_at IS NULL DO NOTHING RETURNING party_id"
    opened = sorted(id_ for (id_,) in rows.insert("cooperation_access", types, made, suffix=suffix))
    nos = [names[id_] for id_ in opened]
    audit.record_many(actor=actor, action="cooperation.open", acts=[(no, {}) for no in nos], now=now)
    _tell("cooperation_opened", opened, names, now)
    return opened


@transaction.atomic
def close_access(*, party_ids: Sequence[int], actor: Actor, now: datetime) -> list[int]:
    """Take the functions away from parties that had them by name; return those. What they agreed to goes on."""
    names = _known(party_ids)
    found = rows.query(
        "UPDATE cooperation_access SET closed_at = %s, closed_by = %s"
        " WHERE party_id = ANY(%s) AND closed_at IS NULL RETURNING party_id",
        [now, actor.person_id, sorted(names)],
    )
    closed = sorted(id_ for (id_,) in found)
    nos = [names[id_] for id_ in closed]
    audit.record_many(actor=actor, action="cooperation.close", acts=[(no, {}) for no in nos], now=now)
    _tell("cooperation_closed", closed, names, now)
    return closed


def _known(party_ids: Sequence[int]) -> dict[int, str]:
    """Return the numbers of parties that may have the functions."""
    found = parties.refs(party_ids)
    if any(id_ not in found or found[id_].kind not in _KINDS for id_ in party_ids):
        raise NotFound
    return {id_: found[id_].no for id_ in party_ids}


def _tell(kind: str, party_ids: Sequence[int], names: dict[int, str], now: datetime) -> None:
    messages.tell_many(kind=kind, told=[(id_, {}, names[id_]) for id_ in party_ids], now=now)
