"""Parties by number, name or AppID."""

from collections.abc import Iterable

from tuike.db import rows
from tuike.kit.errors import NotFound
from tuike.parties.queries.shapes import ref
from tuike.parties.types import (
    PartyKind,
    PartyRef,
    PartyShown,
)


def refs(party_ids: Iterable[int]) -> dict[int, PartyRef]:
    """Return parties by id."""
    found = rows.query("SELECT id, no, kind, name FROM parties_party WHERE id = ANY(%s)", [list(party_ids)])
    return {row[0]: ref(row) for row in found}


def find(no: str) -> PartyRef | None:
    """Return the party with a public number."""
    found = rows.query("SELECT id, no, kind, name FROM parties_party WHERE no = %s", [no])
    return ref(found[0]) if found else None


def shop(no: str) -> PartyRef:
    """Return the shop with a public number.

    Raises:
        NotFound: there is none.
    """
    found = find(no) if no.isalnum() and no.isascii() else None
    if found is None or found.kind is not PartyKind.MERCHANT:
        raise NotFound
    return found


def operator() -> PartyRef | None:
    """Return the alliance's operator."""
    found = rows.query("SELECT id, no, kind, name FROM parties_party WHERE kind = %s", [PartyKind.OPERATOR])
    return ref(found[0]) if found else None


def party_shown(no: str) -> PartyShown | None:
    """Return a party by its number as the operator sees it."""
    found = rows.query(
        "SELECT id, no, kind, name, created_at, certified_at, suspended_at, suspended_reason FROM parties_party"
        " WHERE no = %s",
        [no],
    )
    return PartyShown(ref(found[0][:4]), *found[0][4:]) if found else None


def by_appid(appids: Iterable[str]) -> dict[str, int]:
    """Return parties by AppID of the open API, and merchants by that of their own mini-program, too; unknown ones are
    missing."""
    wanted = sorted(set(appids))
    found = rows.query(
        "SELECT appid, party_id FROM parties_merchant WHERE appid = ANY(%(appids)s) AND appid <> ''"
        " UNION ALL SELECT appid, party_id FROM parties_credential WHERE appid = ANY(%(appids)s)",
        {"appids": wanted},
    )
    return dict(found)


def merchants_named(text: str, *, limit: int = 200) -> list[int]:
    """Return merchants with `text` in their name, whatever its case; the first `limit`."""
    found = rows.query(
        "SELECT p.id FROM parties_party p JOIN parties_merchant m ON m.party_id = p.id"
        " WHERE strpos(lower(p.name), lower(%s)) > 0 ORDER BY p.id LIMIT %s",
        [text, limit],
    )
    return [id_ for (id_,) in found]


def last_id() -> int:
    """Return the highest id of a party, 0 where there is none."""
    return rows.query("SELECT coalesce(max(id), 0) FROM parties_party")[0][0]


def promoters_between(*, after: int, until: int) -> list[int]:
    """Return the ids of promoters above `after` up to `until`: for runs over all of them."""
    found = rows.query("SELECT id FROM parties_party WHERE kind = 'promoter' AND id > %s AND id <= %s", [after, until])
    return [id_ for (id_,) in found]
