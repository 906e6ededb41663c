"""What flows want to know of merchants, promoters and leaders, by id."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from tuike.db import rows
from tuike.parties.types import (
    BindingMode,
    LeaderFacts,
    MallFunction,
    MerchantFacts,
    PromoterFacts,
    PromoterState,
    Source,
    SubjectKind,
)

_PROMOTER = (
    "p.id, p.no, p.name, p.certified_at IS NOT NULL, p.suspended_at IS NOT NULL, r.subject_kind, r.line, r.standing"
)


# A certified phone counts as its owner's, whoever's it is; the seats' own phones are the persons' themselves.
_RELATED = """
    SELECT s.party_id, s.person_id FROM parties_seat s WHERE {seat} AND s.removed_at IS NULL
    UNION ALL
    SELECT c.party_id, f.person_id
    FROM parties_certification c JOIN people_phone f ON f.blind_index = c.phone_index
    WHERE {certification} AND c.state = 'approved'
"""


_STOPPED = """
    SELECT u.party_id || ' ' || CASE u.standing WHEN 'active' THEN 'frozen' ELSE u.standing END
    FROM parties_promoter u JOIN parties_party q ON q.id = u.party_id
    WHERE u.party_id = ANY(r.line[1:2]) AND (q.suspended_at IS NOT NULL OR u.standing = 'joining')
"""


def merchant_facts(merchant_ids: Iterable[int]) -> dict[int, MerchantFacts]:
    """Return what others may know of merchants, by id; unknown ids are not in the answer."""
    wanted = list(merchant_ids)
    ask = rows.planned if len(wanted) < rows.FEW else rows.query
    found = ask(
        """
        SELECT p.id, p.no, p.name, p.certified_at IS NOT NULL, p.suspended_at IS NOT NULL, m.source, m.subject_kind,
            m.appid, m.opened_from, m.closed_from, m.prepaid_short_since IS NOT NULL, m.binding_mode, m.binding_days,
            m.functions
        FROM parties_merchant m JOIN parties_party p ON p.id = m.party_id WHERE m.party_id = ANY(%s)
        """,
        [wanted],
    )
    return {
        row[0]: MerchantFacts(
            id=row[0],
            no=row[1],
            name=row[2],
            certified=row[3],
            suspended=row[4],
            source=Source(row[5]),
            subject_kind=SubjectKind(row[6]),
            appid=row[7],
            opened_from=row[8],
            closed_from=row[9],
            prepaid_short=row[10],
            binding_mode=BindingMode(row[11]),
            binding_days=row[12],
            functions=frozenset(MallFunction(name) for name in row[13]),
        )
        for row in found
    }


def main_categories(merchant_ids: Iterable[int]) -> dict[int, int]:
    """Return what merchants said that they mainly sell, as category ids; who said nothing is not in the answer."""
    found = rows.query(
        "SELECT party_id, main_category_id FROM parties_merchant"
        " WHERE party_id = ANY(%s) AND main_category_id IS NOT NULL",
        [list(merchant_ids)],
    )
    return dict(found)


def alliance_turns(*, after: datetime, until: datetime) -> list[int]:
    """Return the shops for which the alliance opens or closes after one instant and until another."""
    found = rows.query(
        "SELECT party_id FROM parties_merchant WHERE (opened_from > %(after)s AND opened_from <= %(until)s)"
        " OR (closed_from > %(after)s AND closed_from <= %(until)s) ORDER BY 1",
        {"after": after, "until": until},
    )
    return [id_ for (id_,) in found]


def promoter_facts(promoter_ids: Iterable[int]) -> dict[int, PromoterFacts]:
    """Return what others may know of promoters, by id; unknown ids are not in the answer."""
    wanted = list(promoter_ids)
    ask = rows.planned if len(wanted) < rows.FEW else rows.query
    found = ask(
        f"SELECT {_PROMOTER} FROM parties_promoter r JOIN parties_party p ON p.id = r.party_id"
        " WHERE r.party_id = ANY(%s)",
        [wanted],
    )
    return {row[0]: _promoter(row) for row in found}


def promoters_and_related(promoter_ids: Iterable[int]) -> dict[int, tuple[PromoterFacts, set[int]]]:
    """Return `promoter_facts` together with `related_person_ids`, in one query: what a claim asks of promoters, and
    who of the two above them earns nothing now.

    Unknown ids are not in the answer.
    """
    wanted = list(promoter_ids)
    ask = rows.planned if len(wanted) < rows.FEW else rows.query
    related = _RELATED.format(seat="s.party_id = p.id", certification="c.party_id = p.id")
    found = ask(
        f"SELECT {_PROMOTER}, ARRAY(SELECT person_id FROM ({related}) AS of_it), ARRAY({_STOPPED})"
        " FROM parties_promoter r JOIN parties_party p ON p.id = r.party_id WHERE r.party_id = ANY(%s)",
        [wanted],
    )
    return {row[0]: (replace(_promoter(row), stopped_above=_stopped(row[9])), set(row[8])) for row in found}


def _stopped(told: Iterable[str]) -> tuple[tuple[int, PromoterState], ...]:
    parts = (one.split(" ") for one in told)
    return tuple((int(id_), PromoterState(state)) for id_, state in parts)


def certified_since(party_ids: Iterable[int]) -> dict[int, datetime]:
    """Return since when parties are certified, by id; who isn't is missing."""
    found = rows.query(
        "SELECT id, certified_at FROM parties_party WHERE id = ANY(%s) AND certified_at IS NOT NULL", [list(party_ids)]
    )
    return dict(found)


def sources_of(merchant_ids: Iterable[int]) -> dict[int, Source]:
    """Return where merchants sell, by id."""
    found = rows.query("SELECT party_id, source FROM parties_merchant WHERE party_id = ANY(%s)", [list(merchant_ids)])
    return {merchant_id: Source(source) for merchant_id, source in found}


def leader_facts(leader_ids: Iterable[int]) -> dict[int, LeaderFacts]:
    """Return what others may know of leaders, by id; unknown ids are not in the answer."""
    found = rows.query(
        """
        SELECT p.id, p.no, p.name, p.certified_at IS NOT NULL, p.suspended_at IS NOT NULL, p.certified_as
        FROM parties_leader l JOIN parties_party p ON p.id = l.party_id WHERE l.party_id = ANY(%s)
        """,
        [list(leader_ids)],
    )
    return {row[0]: LeaderFacts(*row[:5], SubjectKind(row[5]) if row[5] else None) for row in found}


def related_person_ids(promoter_ids: Iterable[int]) -> dict[int, set[int]]:
    """Return whose purchases count as a promoter's own (docs/rules.md §4): its seats, and whoever has its phone.

    A seat's phone belongs to that person alone; the phone given at certification may be somebody else's.
    """
    related: dict[int, set[int]] = {promoter_id: set() for promoter_id in promoter_ids}
    wanted = list(related)
    ask = rows.planned if len(wanted) < rows.FEW else rows.query
    statement = _RELATED.format(seat="s.party_id = ANY(%s)", certification="c.party_id = ANY(%s)")
    for party_id, person_id in ask(statement, [wanted, wanted]):
        related[party_id].add(person_id)
    return related


def promoters_of_persons(person_ids: Iterable[int]) -> dict[int, int]:
    """Return which promoter a person is, by person: holds its party; of several the first one."""
    found = rows.query(
        "SELECT s.person_id, min(s.party_id) FROM parties_seat s JOIN parties_promoter p ON p.party_id = s.party_id"
        " WHERE s.person_id = ANY(%s) AND s.role = 'super_admin' AND s.removed_at IS NULL GROUP BY 1",
        [sorted(set(person_ids))],
    )
    return dict(found)


def how_related(promoter_ids: Iterable[int], person_id: int) -> dict[int, str]:
    """Return how a person is related to promoters whose purchase theirs counts as: `person` (holds the party),
    `administrator`, or `phone` (has the phone given at certification); the nearest where it is several."""
    found = rows.query(
        """
        SELECT DISTINCT ON (party_id) party_id, how FROM (
            SELECT s.party_id, CASE s.role WHEN 'super_admin' THEN 'person' ELSE 'administrator' END AS how,
                CASE s.role WHEN 'super_admin' THEN 0 ELSE 1 END AS place
            FROM parties_seat s WHERE s.party_id = ANY(%(ids)s) AND s.person_id = %(person)s AND s.removed_at IS NULL
            UNION ALL
            SELECT c.party_id, 'phone', 2
            FROM parties_certification c JOIN people_phone f ON f.blind_index = c.phone_index
            WHERE c.party_id = ANY(%(ids)s) AND c.state = 'approved' AND f.person_id = %(person)s
        ) AS relation ORDER BY party_id, place
        """,
        {"ids": sorted(set(promoter_ids)), "person": person_id},
    )
    return dict(found)


def _promoter(row: tuple) -> PromoterFacts:
    state = PromoterState(row[7])
    if state is PromoterState.ACTIVE and row[4]:
        state = PromoterState.FROZEN
    let_in = row[3] and state is not PromoterState.JOINING
    return PromoterFacts(*row[:3], let_in, row[4], SubjectKind(row[5]), tuple(row[6]), state, row[3])
