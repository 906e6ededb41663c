"""Tokens given, checked and revoked; signatures checked; calls counted and logged."""

import base64
import hashlib
import secrets
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from tuike.apps import rules
from tuike.apps.models import Quota, Token
from tuike.apps.types import (
    PERSONAL_MOST,
    SCOPES,
    Allowance,
    App,
    CallFacts,
    Door,
    Issued,
    NonceUsed,
    Scope,
    TimestampOff,
    TokenKind,
    TokenOver,
    TokenShown,
    TooManyCalls,
    TooManyTokens,
    UnknownApp,
    UnknownToken,
    WrongSecret,
    WrongSignature,
)
from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.idempotency import service as idempotency
from tuike.kit import crypto
from tuike.kit.errors import Invalid, NotFound
from tuike.parties import queries as parties
from tuike.parties import service as parties_service
from tuike.parties.types import NotCertified, PartyRef, Secret, Suspended
from tuike.settings import service as registry

CALLS_KEPT = timedelta(days=7)
"""How long calls stay in the log."""


@transaction.atomic
def exchange(*, appid: str, secret: str, stable: bool = False, fresh: bool = False, now: datetime) -> Issued:
    """Give an access token for AppID and AppSecret (docs/rules.md §13).

    Each call gives a new token and lets the one before live for at most five minutes more; at most two are alive.
    `stable` gives the living one again while it has more than five minutes left, unless `fresh` asks for a new one,
    which ends all others at once.

    Raises:
        UnknownApp, WrongSecret. NotCertified, Suspended: the party may not act.
    """
    known = _proved(appid, secret)
    party_id = known.party.id
    since = parties_service.hold_app(party_id=party_id).secret_since
    living = list(
        Token.objects.filter(
            party_id=party_id, kind=TokenKind.EXCHANGED, secret_since=since, expires_at__gt=now, revoked_at=None
        ).order_by("-id")
    )
    if stable and not fresh and living and living[0].sealed and living[0].expires_at - now > rules.RENEWED_BEFORE:
        newest = living[0]
        plain = crypto.open_sealed(bytes(newest.sealed or b""), place=_place(party_id), keys=settings.FIELD_KEYS)
        return Issued(plain, newest.expires_at, newest.id)
    until = now if stable and fresh else now + rules.OLD_KEPT
    for place, old in enumerate(living):
        old.expires_at = min(old.expires_at, until if place == 0 else now)
        old.sealed = None
    Token.objects.bulk_update(living, ["expires_at", "sealed"])
    return _given(known.party, kind=TokenKind.EXCHANGED, until=now + rules.EXCHANGED_FOR, secret_since=since, now=now)


@transaction.atomic
def make_token(
    *, party_id: int, name: str, scopes: Collection[Scope], days: int, actor: Actor, now: datetime, key: str = ""
) -> Issued:
    """Make a personal token with scopes, shown this once, for 1 to 365 days; the same key gives the same token again.

    Raises:
        KeyUsedForOther, KeyMalformed: the key.
        Invalid: name (1 to 40 characters), scopes (none, or not of this kind of party), days.
        TooManyTokens: 20 are alive. NotCertified, Suspended: the party may not act.
    """
    known = parties_service.hold_app(party_id=party_id)
    party = known.party
    _act(known.certified, known.suspended)
    name = name.strip()
    if not 1 <= len(name) <= 40 or not name.isprintable():
        raise Invalid(field="name", reason_zh="须为 1 至 40 个字符", reason_en="must have 1 to 40 characters")
    if not scopes or set(scopes) - set(SCOPES[party.kind]):
        raise Invalid(
            field="scopes", reason_zh="请至少选择一项可用权限", reason_en="choose at least one that is offered"
        )
    if not 1 <= days <= 365:
        raise Invalid(field="days", reason_zh="须为 1 至 365 天", reason_en="must be 1 to 365 days")
    wanted = sorted(scope.value for scope in set(scopes))
    if not key:
        return _made(party, name=name, wanted=wanted, days=days, actor=actor, now=now)
    place = f"apps_token|key|{party_id}|{key}"

    def work() -> dict:
        made = _made(party, name=name, wanted=wanted, days=days, actor=actor, now=now)
        sealed = crypto.seal(made.token, place=place, keys=settings.FIELD_KEYS)
        return {"id": made.id, "until": made.expires_at.isoformat(), "sealed": base64.b64encode(sealed).decode()}

    content = {"name": name, "scopes": wanted, "days": days}
    kept = idempotency.once(scope=f"apps:{party_id}:token", key=key, content=content, now=now, work=work)
    plain = crypto.open_sealed(base64.b64decode(kept["sealed"]), place=place, keys=settings.FIELD_KEYS)
    return Issued(plain, datetime.fromisoformat(kept["until"]), kept["id"])


@transaction.atomic
def revoke_token(*, party_id: int, token_id: int, actor: Actor, now: datetime) -> TokenShown:
    """End a personal token at once; one that has ended stays as it was.

    Raises:
        NotFound: not a token of the party.
    """
    found = Token.objects.select_for_update().filter(id=token_id, party_id=party_id, kind=TokenKind.PERSONAL).first()
    if found is None:
        raise NotFound
    if found.revoked_at is None:
        found.revoked_at = now
        found.save(update_fields=["revoked_at"])
        no = parties.refs([party_id])[party_id].no
        audit.record(actor=actor, action="token.revoke", object_=no, facts={"token": token_id}, now=now)
    scopes = tuple(Scope(one) for one in found.scopes)
    return TokenShown(
        found.id, found.name, found.tail, scopes, found.created_at, found.created_by, found.expires_at, found.revoked_at
    )


def check_token(*, token: str, now: datetime) -> App:
    """Return whose token it is and what it may be used for.

    Raises:
        UnknownToken: nobody's, revoked, or its AppSecret was reset. TokenOver: its time is over.
        NotCertified, Suspended: the party may not act.
    """
    found = rows.planned(
        "SELECT party_id, kind, scopes, tail, secret_since, revoked_at, expires_at FROM apps_token WHERE digest = %s",
        [_digest(token)],
    )
    if not found:
        raise UnknownToken
    party_id, kind, scopes, tail, since, revoked_at, expires_at = found[0]
    known = parties.app_facts(party_id)
    exchanged = kind == TokenKind.EXCHANGED
    if revoked_at is not None or (exchanged and since != known.secret_since):
        raise UnknownToken
    if expires_at <= now:
        raise TokenOver
    _act(known.certified, known.suspended)
    may = SCOPES[known.party.kind] if exchanged else [Scope(one) for one in scopes if one in set(Scope)]
    return App(known.party, known.appid, frozenset(may), tail)


def check_signature(
    *,
    appid: str,
    signature: str,
    timestamp: str,
    nonce: str,
    method: str,
    path: str,
    query: str,
    body: bytes,
    now: datetime,
    real_now: datetime | None = None,
) -> App:
    """Return whose signed call it is, and use its nonce up (docs/user/api.md, Signing).

    The timestamp is held against `real_now` where it isn't `now`: a caller's clock follows no development offset.

    Raises:
        UnknownApp, WrongSignature. TimestampOff: more than 300 s. NonceUsed: it came before, or isn't 16 to 64 visible
            ASCII characters. NotCertified, Suspended: the party may not act.
    """
    if not (timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12):
        raise TimestampOff
    if abs((real_now or now).timestamp() - int(timestamp)) > rules.CLOCK_OFF.total_seconds():
        raise TimestampOff
    known = parties_service.secret_of(appid=appid) if appid.isprintable() else None
    if known is None:
        raise UnknownApp
    text = rules.signed_text(method=method, path=path, query=query, timestamp=timestamp, nonce=nonce, body=body)
    if not rules.same(rules.signature(secret=known.secret, text=text), signature):
        raise WrongSignature
    _act(known.certified, known.suspended)
    if not 16 <= len(nonce) <= 64 or not (nonce.isascii() and nonce.isprintable()):
        raise NonceUsed
    used = rows.planned(
        "INSERT INTO apps_nonce (party_id, nonce, at) VALUES (%s, %s, %s)"
        " ON CONFLICT (party_id, nonce) DO NOTHING RETURNING id",
        [known.party.id, nonce, now],
    )
    if not used:
        raise NonceUsed
    return App(known.party, appid, frozenset(SCOPES[known.party.kind]))


def count_call(*, party_id: int, door: Door, now: datetime) -> Allowance:
    """Take one of the app's calls of this minute; the statement that takes it knows the limit.

    Raises:
        TooManyCalls: none is left; nothing is counted.
    """
    resets_in = 60 - now.second
    taken = rows.planned(
        """
        WITH may AS (SELECT COALESCE((SELECT per_minute FROM apps_quota WHERE party_id = %(party)s), %(most)s) AS most)
        INSERT INTO apps_minute (party_id, door, minute, calls) VALUES (%(party)s, %(door)s, %(minute)s, 1)
        ON CONFLICT (party_id, door, minute) DO UPDATE SET calls = apps_minute.calls + 1
            WHERE apps_minute.calls < (SELECT most FROM may)
        RETURNING calls, (SELECT most FROM may)
        """,
        {
            "party": party_id,
            "door": door.value,
            "minute": now.replace(second=0, microsecond=0),
            "most": registry.get("api_calls_per_minute"),
        },
    )
    if not taken:
        raise TooManyCalls(limit=calls_a_minute(party_id=party_id), resets_in=resets_in)
    calls, most = taken[0]
    return Allowance(most, most - calls, resets_in)


def calls_a_minute(*, party_id: int) -> int:
    """Return how many calls a minute the app may make at each door."""
    own = rows.query("SELECT per_minute FROM apps_quota WHERE party_id = %s", [party_id])
    return own[0][0] if own else registry.get("api_calls_per_minute")


@transaction.atomic
def set_quota(*, party_id: int, per_minute: int | None, actor: Actor, now: datetime, reason: str = "") -> None:
    """Let an app make another number of calls a minute than the setting says; None: the setting's again.

    Raises:
        Invalid: not from 1 to 1,000,000.
    """
    if per_minute is not None and not 1 <= per_minute <= 1_000_000:
        raise Invalid(field="per_minute", reason_zh="须为 1 至 1000000", reason_en="must be 1 to 1,000,000")
    if per_minute is None:
        Quota.objects.filter(party_id=party_id).delete()
    else:
        values = {"per_minute": per_minute, "set_at": now, "set_by": actor.person_id}
        Quota.objects.update_or_create(party_id=party_id, defaults=values)
    facts = {"per_minute": per_minute, "reason": reason.strip()[:200]}
    no = parties.refs([party_id])[party_id].no
    audit.record(actor=actor, action="quota.set", object_=no, facts=facts, now=now)


def record_calls(calls: Iterable[CallFacts]) -> None:
    """Write calls into the log."""
    types = {
        "party_id": "bigint", "at": "timestamptz", "door": "text", "method": "text", "path": "text",
        "status": "smallint", "code": "text", "took_ms": "int", "request_id": "text", "token_tail": "text",
    }  # fmt: skip
    made = [
        (
            call.party_id,
            call.at,
            call.door.value,
            _kept(call.method, 8),
            _kept(call.path, 200),
            call.status,
            call.code[:40],
            call.took_ms,
            _kept(call.request_id, 40),
            call.token_tail,
        )
        for call in calls
    ]
    rows.insert("apps_call", types, made)


@transaction.atomic
def forget_old(*, now: datetime) -> int:
    """Remove calls older than 7 days, used nonces and ended minutes and tokens that nobody needs; return how many."""
    gone = rows.run("DELETE FROM apps_call WHERE at < %s", [now - CALLS_KEPT])
    gone += rows.run("DELETE FROM apps_nonce WHERE at < %s", [now - 3 * rules.CLOCK_OFF])
    gone += rows.run("DELETE FROM apps_minute WHERE minute < %s", [now - CALLS_KEPT])
    return gone + rows.run(
        "DELETE FROM apps_token WHERE kind = 'exchanged' AND expires_at < %s", [now - timedelta(days=1)]
    )


def _proved(appid: str, secret: str) -> Secret:
    known = parties_service.secret_of(appid=appid) if appid and appid.isprintable() else None
    if known is None:
        if appid and appid.isprintable() and parties.appid_exists(appid):
            raise WrongSecret
        raise UnknownApp
    if not rules.same(known.secret, secret):
        raise WrongSecret
    _act(known.certified, known.suspended)
    return known


def _act(certified: bool, suspended: bool) -> None:
    if not certified:
        raise NotCertified
    if suspended:
        raise Suspended(reason="—")


def _made(party: PartyRef, *, name: str, wanted: Sequence[str], days: int, actor: Actor, now: datetime) -> Issued:
    alive = Token.objects.filter(
        party_id=party.id, kind=TokenKind.PERSONAL, revoked_at=None, expires_at__gt=now
    ).count()
    if alive >= PERSONAL_MOST:
        raise TooManyTokens(most=PERSONAL_MOST)
    made = _given(
        party, kind=TokenKind.PERSONAL, until=now + timedelta(days=days), name=name, scopes=wanted,
        created_by=actor.person_id, now=now,
    )  # fmt: skip
    facts = {"token": made.id, "name": name, "scopes": list(wanted), "days": days}
    audit.record(actor=actor, action="token.make", object_=party.no, facts=facts, now=now)
    return made


def _given(
    party: PartyRef, *, kind: TokenKind, until: datetime, now: datetime, name: str = "", scopes: Sequence[str] = (),
    secret_since: datetime | None = None, created_by: int | None = None,
) -> Issued:  # fmt: skip
    plain = secrets.token_urlsafe(48)
    sealed = (
        crypto.seal(plain, place=_place(party.id), keys=settings.FIELD_KEYS) if kind is TokenKind.EXCHANGED else None
    )
    made = Token.objects.create(
        party_id=party.id, kind=kind, digest=_digest(plain), sealed=sealed, tail=plain[-4:], name=name,
        scopes=list(scopes), secret_since=secret_since, created_at=now, created_by=created_by, expires_at=until,
    )  # fmt: skip
    return Issued(plain, until, made.id)


def _kept(text: str, most: int) -> str:
    """Return as much of what a caller sent as the log keeps, without what the database couldn't."""
    return text[:most].replace("\0", "").encode(errors="replace").decode()


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()


def _place(party_id: int) -> str:
    return f"apps_token|sealed|{party_id}"
