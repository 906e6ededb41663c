"""What a party's software proves itself with: AppID and AppSecret, and personal tokens, each shown once."""

from typing import Any

from django.http import HttpResponse

from tuike.apps import queries, service
from tuike.apps.types import PERSONAL_MOST, SCOPES, WORDS, Scope, TokenShown, TooManyTokens
from tuike.doors.console import answers, lists
from tuike.doors.console.keys import asker_key
from tuike.doors.console.text import T, Tag
from tuike.insight.lists.apps import TOKEN_STATES, TOKENS
from tuike.kit.errors import Invalid, Refusal
from tuike.parties import queries as parties
from tuike.parties.types import Role
from tuike.people import queries as people

DAYS = (
    (30, T("30 天", "30 days")),
    (90, T("90 天", "90 days")),
    (180, T("180 天", "180 days")),
    (365, T("1 年", "1 year")),
)


def page(request: Any) -> HttpResponse:
    """Show AppID and since when there is an AppSecret; list the personal tokens."""
    asker = request.asker
    return lists.show(
        request,
        TOKENS,
        scope={"party": asker.party_id, "now": asker.now.isoformat()},
        title=T("凭证与令牌", "Credentials"),
        lead=T(
            "您的系统以 AppID 与 AppSecret 签名或换取令牌，也可使用限定权限的个人令牌。",
            "Software signs with AppID and AppSecret, exchanges them for a token, or has a personal one with scopes.",
        ),
        acts="console/integration/credentials_acts.html",
        top="console/integration/credentials_top.html",
        row=lambda data: answers.url(request, "token", token_id=data["name__id"]),
        export=False,
        empty=(
            T("还没有个人令牌", "No personal token yet"),
            T(
                "新建一个令牌，只勾选您的系统需要的权限；令牌只显示一次。",
                "Make one with only the scopes that your software needs; it is shown once.",
            ),
        ),
        extra={
            "appid": parties.appid_of(asker.party_id),
            "secret_since": parties.secret_since(asker.party_id),
            "resets": asker.role is Role.SUPER_ADMIN and not asker.looking,
            "most": PERSONAL_MOST,
        },
    )


def token(request: Any, *, token_id: int) -> HttpResponse:
    """Show a token with its scopes."""
    found = queries.token(party_id=request.asker.party_id, token_id=token_id)
    zh, en, colour = TOKEN_STATES[_state(found, request)]
    maker = people.refs([found.created_by])[found.created_by] if found.created_by else None
    context = {
        "one": found,
        "tag": Tag(T(zh, en), colour),
        "scopes": [(one.value, T(*WORDS[one])) for one in found.scopes],
        "made_by": maker and maker.called,
        "alive": _state(found, request) == "on",
    }
    return answers.drawer(request, "console/integration/token.html", context)


def add(request: Any) -> HttpResponse:
    """Ask for name, scopes and days; make the token and show it this once."""
    if request.method == "GET":
        return _form(request, {"name": "", "scopes": {Scope.PARTY_READ.value}, "days": 90})
    days = request.POST.get("days", "")
    typed = {
        "name": request.POST.get("name", ""),
        "scopes": set(request.POST.getlist("scopes")),
        "days": int(days) if days.isascii() and days.isdigit() and len(days) < 5 else 0,
    }
    known = {one.value: one for one in SCOPES[request.asker.party.kind]}
    try:
        if typed["scopes"] - set(known):
            raise Invalid(field="scopes", reason_zh="含有不可用的权限", reason_en="holds one that isn't offered")
        made = service.make_token(
            party_id=request.asker.party_id, name=typed["name"], scopes=[known[one] for one in typed["scopes"]],
            days=typed["days"], key=asker_key(request), actor=request.asker.actor, now=request.asker.now,
        )  # fmt: skip
    except (Invalid, TooManyTokens) as refusal:
        return _form(request, typed, refusal)
    answer = answers.dialog(
        request, "console/integration/token_shown.html", {"token": made.token, "until": made.expires_at}
    )
    return answers.trigger(answer, **{"list-changed": True})


def revoke(request: Any, *, token_id: int) -> HttpResponse:
    """End a token at once."""
    asker = request.asker
    service.revoke_token(party_id=asker.party_id, token_id=token_id, actor=asker.actor, now=asker.now)
    return answers.done(T("令牌已撤销", "The token was revoked"), refresh="list-changed")


def _state(found: TokenShown, request: Any) -> str:
    if found.revoked_at is not None:
        return "revoked"
    return "over" if found.expires_at <= request.asker.now else "on"


def _form(request: Any, typed: dict[str, Any], problem: Refusal | None = None) -> HttpResponse:
    context = {
        "typed": typed,
        "offered": [(one.value, T(*WORDS[one])) for one in SCOPES[request.asker.party.kind]],
        "days": DAYS,
        "problem": problem,
        "field": getattr(problem, "details", {}).get("field", "form"),
    }
    return answers.dialog(request, "console/integration/token_form.html", context, status=422 if problem else 200)
