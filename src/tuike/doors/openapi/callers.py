"""Who calls: a party's software, by access token or by signature; what it may do, and how many calls it has left."""

from datetime import datetime
from typing import cast
from urllib.parse import quote

import structlog
from django.http import HttpRequest

from tuike.apps import service as apps
from tuike.apps.types import Allowance, App, Door, Scope, ScopeMissing, TooManyCalls
from tuike.audit.types import Actor
from tuike.doors.openapi.problems import CredentialsMissing, WrongParty
from tuike.kit import clock
from tuike.kit.errors import Invalid
from tuike.parties.types import PartyKind


class Needs:
    """What an operation asks of its caller: a scope, and a party of one of these kinds (none named: any).

    Stands beside the operation as its `auth`; the description shows both.
    """

    parameters: frozenset[str] | None = None
    """Names that the operation's query may have; the API fills it in."""

    def __init__(self, scope: Scope, *kinds: PartyKind) -> None:
        self.scope = scope
        self.kinds = kinds

    def __call__(self, request: HttpRequest) -> App:
        """Return the caller, after counting the call.

        Raises:
            CredentialsMissing, and what apps.check_token and apps.check_signature raise.
            TooManyCalls: none is left in this minute. WrongParty, ScopeMissing: it may not do this.
            Invalid: a name in the query that isn't known here.
        """
        now = clock.now()
        app = identified(request, now=now)
        count(request, app, now=now)
        if self.kinds and app.party.kind not in self.kinds:
            raise WrongParty
        if self.scope not in app.scopes:
            raise ScopeMissing(scope=self.scope.value)
        for name in request.GET:
            if self.parameters is not None and name not in self.parameters:
                shown = name[:40] if name.isprintable() else "?"
                raise Invalid(field=shown, reason_zh="没有这个查询参数", reason_en="is no parameter of this address")
        return app


def identified(request: HttpRequest, *, now: datetime) -> App:
    """Return whose call it is; a signature goes before a token (docs/user/api.md, Signing).

    Raises:
        CredentialsMissing: neither came. And what apps.check_token and apps.check_signature raise.
    """
    headers = request.headers
    signature = headers.get("Tuike-Signature", "")
    if signature:
        return apps.check_signature(
            appid=headers.get("Tuike-App", ""),
            signature=signature,
            timestamp=headers.get("Tuike-Timestamp", ""),
            nonce=headers.get("Tuike-Nonce", ""),
            method=getattr(request, "asked_method", request.method or ""),
            path=quote(request.path),
            query=request.META.get("QUERY_STRING", ""),
            body=request.body,
            now=now,
            real_now=clock.real_now(),
        )
    kind, _, token = headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise CredentialsMissing
    return apps.check_token(token=token.strip(), now=now)


def count(request: HttpRequest, app: App, *, now: datetime) -> None:
    """Take one of the app's calls; what is left of them stands in the answer's headers.

    Raises:
        TooManyCalls: none is left in this minute.
    """
    request.app = app  # type: ignore[attr-defined]
    structlog.contextvars.bind_contextvars(party_id=app.party.id, app=app.appid)
    try:
        allowance = apps.count_call(party_id=app.party.id, door=Door.API, now=now)
    except TooManyCalls as refusal:
        details = refusal.details
        none_left = Allowance(cast(int, details["limit"]), 0, cast(int, details["resets_in"]))
        request.allowance = none_left  # type: ignore[attr-defined]
        raise
    request.allowance = allowance  # type: ignore[attr-defined]


def app_of(request: HttpRequest) -> App:
    """Return the caller of an operation that needs one."""
    return cast(App, request.app)  # type: ignore[attr-defined]


def party_id(request: HttpRequest) -> int:
    """Return the id of the caller's party."""
    return app_of(request).party.id


def acting(request: HttpRequest) -> Actor:
    """Return the caller as the actor that the audit log names."""
    return Actor("app", None, party_id(request), "app", getattr(request, "request_id", ""))
