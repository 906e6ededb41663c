"""AppID and AppSecret of a party's open API."""

import secrets
from datetime import datetime

from django.conf import settings
from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.kit import crypto
from tuike.messages import service as messages
from tuike.parties import queries
from tuike.parties.models import Credential
from tuike.parties.service import guards
from tuike.parties.types import AppFacts, NewSecret, NotSuperAdmin, PartyKind, PartyRef, Role, Secret
from tuike.people import service as people

PURPOSE = "reset_secret"


@transaction.atomic
def ask_for_secret(*, party_id: int, asker: str, place: str, actor: Actor, now: datetime) -> str:
    """Open the scan challenge behind *reset* and return its ticket; nothing changes until it is confirmed.

    Raises:
        UnknownParty: no such party.
        NotSuperAdmin: only the super administrator resets.
        NotCertified: the party isn't certified.
        Suspended: the party is suspended.
    """
    party = guards.find(party_id)
    guards.require_super_admin(party, actor)
    guards.require_certified(party)
    return people.ask_scan(purpose=PURPOSE, subject=party.no, place=place, asker=asker, now=now)


@transaction.atomic
def make_secret(*, party_id: int, ticket: str, asker: str, actor: Actor, now: datetime) -> NewSecret:
    """Make a new AppSecret through a challenge that the super administrator confirmed with the phone within 5 minutes.

    The secret is shown this once; the old one is dead when this transaction commits (docs/rules.md §1).

    Raises:
        UnknownParty: no such party.
        UnknownScan: no such challenge of this asker for this party.
        ScanExpired: the five minutes are over.
        ScanNotOpen: not confirmed yet, declined, or used.
        NotSuperAdmin: somebody else confirmed it.
        NotCertified: the party isn't certified.
        Suspended: the party is suspended.
    """
    party = guards.lock(party_id)
    guards.require_certified(party)
    confirmed_by = people.use_scan(ticket=ticket, asker=asker, purpose=PURPOSE, subject=party.no, now=now)
    if guards.role_in(party_id, confirmed_by) is not Role.SUPER_ADMIN:
        raise NotSuperAdmin
    credential = Credential.objects.get(party_id=party_id)
    secret = secrets.token_hex(32)
    credential.sealed_secret = crypto.seal(secret, place=_place(credential.appid), keys=settings.FIELD_KEYS)
    credential.secret_since = now
    credential.save(update_fields=["sealed_secret", "secret_since"])
    facts = {"appid": credential.appid, "confirmed_by": confirmed_by}
    audit.record(actor=actor, action="secret.reset", object_=party.no, facts=facts, now=now)
    messages.tell(party_id=party_id, kind="secret_reset", now=now)
    return NewSecret(credential.appid, secret)


def secret_of(*, appid: str) -> Secret | None:
    """Return the secret behind an AppID, for checking a signature; None for an unknown AppID or no secret yet."""
    found = rows.planned(
        "SELECT p.id, p.no, p.kind, p.name, c.sealed_secret, p.certified_at IS NOT NULL, p.suspended_at IS NOT NULL"
        " FROM parties_credential c JOIN parties_party p ON p.id = c.party_id"
        " WHERE c.appid = %s AND c.sealed_secret IS NOT NULL",
        [appid],
    )
    if not found:
        return None
    party_id, no, kind, name, sealed, certified, suspended = found[0]
    secret = crypto.open_sealed(bytes(sealed), place=_place(appid), keys=settings.FIELD_KEYS)
    return Secret(PartyRef(party_id, no, PartyKind(kind), name), appid, secret, certified, suspended)


def hold_app(*, party_id: int) -> AppFacts:
    """Keep a party's credentials as they are until the caller's transaction ends, and return what they are."""
    rows.query("SELECT 1 FROM parties_credential WHERE party_id = %s FOR UPDATE", [party_id])
    return queries.app_facts(party_id)


def _place(appid: str) -> str:
    return f"parties_credential|sealed_secret|{appid}"
