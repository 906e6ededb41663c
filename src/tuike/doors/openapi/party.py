"""Tokens, and who the caller is."""

from datetime import datetime
from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from tuike.apps import service as apps
from tuike.apps.types import Allowance, Scope
from tuike.doors.openapi.callers import Needs, app_of, count
from tuike.doors.openapi.kinds import Body, answers
from tuike.kit import clock

router = Router(tags=["party"])
_Word = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[!-~]+$")]


class Exchange(Body):
    """AppID and AppSecret, as the console showed them."""

    appid: _Word
    secret: _Word


class Token(Schema):
    """An access token, for `Authorization: Bearer …`. The one before it lives for at most five minutes more."""

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 no password: how the token is sent
    expires_in: int = Field(description="Seconds.")
    expires_at: datetime
    scopes: list[str]


class Quota(Schema):
    """Calls of this minute: how many there may be, how many are left, seconds until the next minute."""

    limit: int
    left: int
    resets_in: int


class PartyShown(Schema):
    """The caller: its party, what it may do, and how many calls it has left in this minute."""

    no: str
    kind: str
    name: str
    appid: str
    scopes: list[str]
    quota: Quota


@router.post("/token", response=answers(Token), auth=None)
def token(request: HttpRequest, body: Exchange) -> object:
    """Exchange AppID and AppSecret for an access token, good for 7,200 seconds (docs/rules.md §13)."""
    now = clock.now()
    issued = apps.exchange(appid=body.appid, secret=body.secret, now=now)
    app = apps.check_token(token=issued.token, now=now)
    count(request, app, now=now)
    left = issued.expires_at - now
    return {
        "access_token": issued.token,
        "expires_in": int(left.total_seconds()),
        "expires_at": issued.expires_at,
        "scopes": sorted(app.scopes),
    }


@router.get("/party", response=answers(PartyShown), auth=Needs(Scope.PARTY_READ))
def party(request: HttpRequest) -> object:
    """Show who the caller is."""
    app = app_of(request)
    allowance: Allowance = request.allowance  # type: ignore[attr-defined]
    return {
        "no": app.party.no,
        "kind": app.party.kind.value,
        "name": app.party.name,
        "appid": app.appid,
        "scopes": sorted(app.scopes),
        "quota": allowance,
    }
