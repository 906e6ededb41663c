"""Certifications, accounts for withdrawals and credentials: what parties handed in and were given."""

from collections.abc import Iterable
from datetime import datetime

from tuike.db import rows
from tuike.parties.queries.shapes import ref
from tuike.parties.types import (
    AppFacts,
    BankAccountRef,
    CertificationShown,
    CertificationState,
    PartyRef,
    Rail,
    SubjectKind,
)

_CERTIFICATION = """
    SELECT p.id, p.no, p.kind, p.name, c.id, c.no, c.kind, c.state, c.reason, c.filed_at, c.decided_at
    FROM parties_certification c JOIN parties_party p ON p.id = c.party_id
"""


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
    return [(ref(row), BankAccountRef(row[4], row[5], Rail(row[6]), *row[7:])) for row in found]


def appid_of(party_id: int) -> str | None:
    """Return a party's AppID of the open API."""
    found = rows.query("SELECT appid FROM parties_credential WHERE party_id = %s", [party_id])
    return found[0][0] if found else None


def appids_of(party_ids: Iterable[int]) -> dict[int, str]:
    """Return the AppIDs of the open API, by party."""
    found = rows.planned("SELECT party_id, appid FROM parties_credential WHERE party_id = ANY(%s)", [list(party_ids)])
    return dict(found)


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
    return AppFacts(ref(row[:4]), *row[4:])


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


def bank_account(account_id: int) -> BankAccountRef | None:
    """Return an account by its id, replaced or not; for the operator."""
    found = rows.query(
        "SELECT id, party_id, rail, bank, tail, verified_at, usable_from FROM parties_bank_account WHERE id = %s",
        [account_id],
    )
    return BankAccountRef(found[0][0], found[0][1], Rail(found[0][2]), *found[0][3:]) if found else None


def _certifications(where: str, params: list) -> list[CertificationShown]:
    return [
        CertificationShown(row[4], row[5], ref(row[:4]), SubjectKind(row[6]), CertificationState(row[7]), *row[8:])
        for row in rows.query(_CERTIFICATION + where, params)
    ]


def account_bound_at(bank_account_id: int) -> datetime:
    """Return when a payout account was bound or put in the place of another."""
    found: datetime = rows.query("SELECT created_at FROM parties_bank_account WHERE id = %s", [bank_account_id])[0][0]
    return found
