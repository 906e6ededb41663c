"""Makers of apps: a party's AppSecret got as its super administrator gets it, tokens, signed headers."""

import secrets
from datetime import datetime

from tests.make import parties as make_parties
from tests.make.people import EARLY
from tuike.apps import rules, service
from tuike.parties import service as parties
from tuike.parties.types import NewSecret, PartyRef
from tuike.people import service as people


def secret(party: PartyRef, *, now: datetime = EARLY) -> NewSecret:
    """Walk through *reset* as the super administrator does; return AppID and the new secret."""
    actor = make_parties.super_admin_of(party)
    ticket = parties.ask_for_secret(party_id=party.id, asker="browser", place="福州", actor=actor, now=now)
    people.scan(ticket=ticket, person_id=actor.person_id, now=now)
    people.confirm_scan(ticket=ticket, person_id=actor.person_id, now=now)
    return parties.make_secret(party_id=party.id, ticket=ticket, asker="browser", actor=actor, now=now)


def token(app: NewSecret, *, now: datetime) -> str:
    """Return an access token for AppID and AppSecret."""
    return service.exchange(appid=app.appid, secret=app.secret, now=now).token


def signed(
    app: NewSecret, *, method: str, path: str, query: str = "", body: bytes = b"", nonce: str = "", now: datetime
) -> dict[str, str]:
    """Return the headers of a signed call (docs/user/api.md, Signing)."""
    nonce, timestamp = nonce or secrets.token_hex(16), str(int(now.timestamp()))
    text = rules.signed_text(method=method, path=path, query=query, timestamp=timestamp, nonce=nonce, body=body)
    return {
        "Tuike-App": app.appid,
        "Tuike-Timestamp": timestamp,
        "Tuike-Nonce": nonce,
        "Tuike-Signature": rules.signature(secret=app.secret, text=text),
    }
