"""Reading parties: facts by id for flows, seats by person, lists for whoever sits where."""

from collections.abc import Iterable
from datetime import datetime

from tuike.db import rows
from tuike.parties.types import (
    AppFacts,
    BankAccountRef,
    BindingMode,
    CertificationShown,
    CertificationState,
    InvitationShown,
    InvitationState,
    LeaderFacts,
    MallFunction,
    MerchantFacts,
    PartyKind,
    PartyRef,
    PartyShown,
    PromoterFacts,
    Rail,
    Role,
    SeatShown,
    Source,
    Standing,
    SubjectKind,
)
from tuike.people import queries as people

_SEAT = """
    SELECT p.id, p.no, p.kind, p.name, s.person_id, s.role, s.since
    FROM parties_seat s JOIN parties_party p ON p.id = s.party_id
    WHERE s.removed_at IS NULL AND
"""

_PROMOTER = "p.id, p.no, p.name, p.certified_at IS NOT NULL, p.suspended_at IS NOT NULL, r.subject_kind, r.line"

# A certified phone counts as its owner's, whoever's it is; the seats' own phones are the persons' themselves.
_RELATED = """
    SELECT s.party_id, s.person_id FROM parties_seat s WHERE {seat} AND s.removed_at IS NULL
    UNION ALL
    SELECT c.party_id, f.person_id
    FROM parties_certification c JOIN people_phone f ON f.blind_index = c.phone_index
    WHERE {certification} AND c.state = 'approved'
"""

_CERTIFICATION = """
    SELECT p.id, p.no, p.kind, p.name, c.id, c.no, c.kind, c.state, c.reason, c.filed_at, c.decided_at
    FROM parties_certification c JOIN parties_party p ON p.id = c.party_id
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
    """Return `promoter_facts` together with `related_person_ids`, in one query: what a claim asks of promoters.

    Unknown ids are not in the answer.
    """
    wanted = list(promoter_ids)
    ask = rows.planned if len(wanted) < rows.FEW else rows.query
    related = _RELATED.format(seat="s.party_id = p.id", certification="c.party_id = p.id")
    found = ask(
        f"SELECT {_PROMOTER}, ARRAY(SELECT person_id FROM ({related}) AS of_it)"
        " FROM parties_promoter r JOIN parties_party p ON p.id = r.party_id WHERE r.party_id = ANY(%s)",
        [wanted],
    )
    return {row[0]: (_promoter(row), set(row[7])) for row in found}


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


def refs(party_ids: Iterable[int]) -> dict[int, PartyRef]:
    """Return parties by id."""
    found = rows.query("SELECT id, no, kind, name FROM parties_party WHERE id = ANY(%s)", [list(party_ids)])
    return {row[0]: _ref(row) for row in found}


def find(no: str) -> PartyRef | None:
    """Return the party with a public number."""
    found = rows.query("SELECT id, no, kind, name FROM parties_party WHERE no = %s", [no])
    return _ref(found[0]) if found else None


def operator() -> PartyRef | None:
    """Return the alliance's operator."""
    found = rows.query("SELECT id, no, kind, name FROM parties_party WHERE kind = %s", [PartyKind.OPERATOR])
    return _ref(found[0]) if found else None


def seats_of(person_id: int) -> list[SeatShown]:
    """Return where a person sits, the oldest seat first."""
    return _seats("s.person_id = %s ORDER BY s.since, s.id", [person_id])


def seat_of(person_id: int, party_id: int) -> SeatShown | None:
    """Return a person's seat in a party, or None."""
    found = _seats("s.person_id = %s AND s.party_id = %s", [person_id, party_id])
    return found[0] if found else None


def standing(*, person_id: int, party_no: str) -> Standing | None:
    """Return the party with a public number as a person comes to its pages, with their seat if they have one."""
    found = rows.query(
        """
        SELECT p.id, p.no, p.kind, p.name, s.role, s.since, p.certified_at IS NOT NULL, p.suspended_at IS NOT NULL,
            p.suspended_reason
        FROM parties_party p
            LEFT JOIN parties_seat s ON s.party_id = p.id AND s.person_id = %s AND s.removed_at IS NULL
        WHERE p.no = %s
        """,
        [person_id, party_no],
    )
    if not found:
        return None
    row = found[0]
    party = _ref(row[:4])
    seat = SeatShown(party, person_id, Role(row[4]), row[5]) if row[4] else None
    return Standing(party, seat, *row[6:])


def party_shown(no: str) -> PartyShown | None:
    """Return a party by its number as the operator sees it."""
    found = rows.query(
        "SELECT id, no, kind, name, created_at, certified_at, suspended_at, suspended_reason FROM parties_party"
        " WHERE no = %s",
        [no],
    )
    return PartyShown(_ref(found[0][:4]), *found[0][4:]) if found else None


def administrators_of(party_ids: Iterable[int]) -> dict[int, list[SeatShown]]:
    """Return who sits in parties, the super administrator first, then by time."""
    seats: dict[int, list[SeatShown]] = {party_id: [] for party_id in party_ids}
    for seat in _seats("s.party_id = ANY(%s) ORDER BY s.role <> 'super_admin', s.since, s.id", [list(seats)]):
        seats[seat.party.id].append(seat)
    return seats


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


def recruits_of(promoter_id: int, *, levels: int = 3) -> list[tuple[int, int]]:
    """Return who stands below a promoter as (level, promoter id), at most `levels` down."""
    return rows.query(
        """
        SELECT level, party_id
        FROM (SELECT party_id, array_position(line, %(id)s::bigint) AS level FROM parties_promoter
              WHERE line @> ARRAY[%(id)s::bigint]) AS below
        WHERE level <= %(levels)s ORDER BY level, party_id
        """,
        {"id": promoter_id, "levels": levels},
    )


def certifications_of(party_id: int) -> list[CertificationShown]:
    """Return a party's applications, the latest first, without what is sealed."""
    return _certifications("WHERE c.party_id = %s ORDER BY c.id DESC", [party_id])


def certification(no: str) -> CertificationShown | None:
    """Return one application, without what is sealed; for the operator."""
    found = _certifications("WHERE c.no = %s", [no])
    return found[0] if found else None


def certifications_to_decide(*, limit: int = 100) -> list[CertificationShown]:
    """Return the applications that wait for the operator, the oldest first."""
    return _certifications("WHERE c.state = 'filed' ORDER BY c.id LIMIT %s", [limit])


def invitations_of(party_id: int, *, now: datetime) -> list[InvitationShown]:
    """Return a party's open invitations, the latest first."""
    return _invitations("i.party_id = %s AND i.state = 'open' AND i.expires_at >= %s", [party_id, now])


def invitations_for(person_id: int, *, now: datetime) -> list[InvitationShown]:
    """Return the seats that are offered to a person's own phone number, the latest first."""
    phone = people.phone_of(person_id, unmasked=True)
    if phone is None:
        return []
    index = people.phone_index(phone.number)
    return _invitations("i.phone_index = %s AND i.state = 'open' AND i.expires_at >= %s", [index, now])


def accounts_to_verify(*, limit: int = 100) -> list[tuple[PartyRef, BankAccountRef]]:
    """Return the accounts that wait for the operator's look, the oldest first."""
    found = rows.query(
        """
        SELECT p.id, p.no, p.kind, p.name, b.id, b.party_id, b.rail, b.bank, b.tail, b.verified_at, b.usable_from
        FROM parties_bank_account b JOIN parties_party p ON p.id = b.party_id
        WHERE b.verified_at IS NULL AND b.replaced_at IS NULL ORDER BY b.id LIMIT %s
        """,
        [limit],
    )
    return [(_ref(row), BankAccountRef(row[4], row[5], Rail(row[6]), *row[7:])) for row in found]


def appid_of(party_id: int) -> str | None:
    """Return a party's AppID of the open API."""
    found = rows.query("SELECT appid FROM parties_credential WHERE party_id = %s", [party_id])
    return found[0][0] if found else None


def appids_of(party_ids: Iterable[int]) -> dict[int, str]:
    """Return the AppIDs of the open API, by party."""
    found = rows.planned("SELECT party_id, appid FROM parties_credential WHERE party_id = ANY(%s)", [list(party_ids)])
    return dict(found)


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


_APP = """
    SELECT p.id, p.no, p.kind, p.name, c.appid, c.secret_since, p.certified_at IS NOT NULL, p.suspended_at IS NOT NULL
    FROM parties_party p JOIN parties_credential c ON c.party_id = p.id WHERE p.id = %s
"""


def appid_exists(appid: str) -> bool:
    """Return whether some party has this AppID, with a secret or without."""
    return bool(rows.query("SELECT 1 FROM parties_credential WHERE appid = %s", [appid]))


def app_facts(party_id: int) -> AppFacts:
    """Return what a call of the party's software is checked against; kept plan, one statement."""
    row = rows.planned(_APP, [party_id])[0]
    return AppFacts(_ref(row[:4]), *row[4:])


def secret_since(party_id: int) -> datetime | None:
    """Return when a party's AppSecret was made, None where there is none yet."""
    found = rows.query("SELECT secret_since FROM parties_credential WHERE party_id = %s", [party_id])
    return found[0][0] if found else None


def bank_account_of(party_id: int) -> BankAccountRef | None:
    """Return the account that a party has bound, whether it can be used yet or not."""
    found = rows.query(
        "SELECT id, party_id, rail, bank, tail, verified_at, usable_from FROM parties_bank_account"
        " WHERE party_id = %s AND replaced_at IS NULL",
        [party_id],
    )
    return BankAccountRef(found[0][0], found[0][1], Rail(found[0][2]), *found[0][3:]) if found else None


def _promoter(row: tuple) -> PromoterFacts:
    return PromoterFacts(row[0], row[1], row[2], row[3], row[4], SubjectKind(row[5]), tuple(row[6]))


def bank_account(account_id: int) -> BankAccountRef | None:
    """Return an account by its id, replaced or not; for the operator."""
    found = rows.query(
        "SELECT id, party_id, rail, bank, tail, verified_at, usable_from FROM parties_bank_account WHERE id = %s",
        [account_id],
    )
    return BankAccountRef(found[0][0], found[0][1], Rail(found[0][2]), *found[0][3:]) if found else None


def _ref(row: tuple) -> PartyRef:
    return PartyRef(row[0], row[1], PartyKind(row[2]), row[3])


def _invitations(where: str, params: list) -> list[InvitationShown]:
    found = rows.query(
        f"""
        SELECT p.id, p.no, p.kind, p.name, i.code, i.shown, i.role, i.state, i.invited_by, i.invited_at, i.expires_at
        FROM parties_invitation i JOIN parties_party p ON p.id = i.party_id WHERE {where} ORDER BY i.id DESC
        """,
        params,
    )
    return [
        InvitationShown(row[4], _ref(row), row[5], Role(row[6]), InvitationState(row[7]), *row[8:]) for row in found
    ]


def _seats(where: str, params: list) -> list[SeatShown]:
    return [SeatShown(_ref(row[:4]), row[4], Role(row[5]), row[6]) for row in rows.query(_SEAT + where, params)]


def _certifications(where: str, params: list) -> list[CertificationShown]:
    return [
        CertificationShown(row[4], row[5], _ref(row[:4]), SubjectKind(row[6]), CertificationState(row[7]), *row[8:])
        for row in rows.query(_CERTIFICATION + where, params)
    ]
