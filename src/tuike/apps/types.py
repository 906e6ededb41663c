"""What crosses the border of apps: scopes, callers, tokens, quotas, calls, and the refusals."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tuike.kit.errors import Refusal
from tuike.parties.types import PartyKind, PartyRef

PERSONAL_MOST = 20
"""Living personal tokens of a party."""


class Door(StrEnum):
    """Through which door an app calls."""

    API = "api"
    """The own API, `/api/v1`."""
    UNION = "union"
    """WeChat's alliance wire format, `/union` and `/cgi-bin`."""


class TokenKind(StrEnum):
    """How a token came to be."""

    EXCHANGED = "exchanged"
    """For AppID and AppSecret; 7,200 s; everything that the party may."""
    PERSONAL = "personal"
    """Made in a console, with a name, scopes and an end."""


class Scope(StrEnum):
    """What a token may be used for (docs/user/api.md, Scopes)."""

    PARTY_READ = "party:read"
    """Who the app is."""
    PLACES_READ = "places:read"
    PLACES_WRITE = "places:write"
    LIBRARY_READ = "library:read"
    MATERIAL_WRITE = "material:write"
    PRODUCTS_READ = "products:read"
    PLANS_READ = "plans:read"
    PLANS_WRITE = "plans:write"
    COOPERATION_READ = "cooperation:read"
    COOPERATION_WRITE = "cooperation:write"
    ORDERS_READ = "orders:read"
    ORDERS_REPORT = "orders:report"
    FUNDS_READ = "funds:read"


WORDS: dict[Scope, tuple[str, str]] = {
    Scope.PARTY_READ: ("查看主体信息", "See who the app is"),
    Scope.PLACES_READ: ("查看推广位", "See promotion places"),
    Scope.PLACES_WRITE: ("管理推广位", "Manage promotion places"),
    Scope.LIBRARY_READ: ("查看选品库", "See the product library"),
    Scope.MATERIAL_WRITE: ("生成推广素材", "Make promotion material"),
    Scope.PRODUCTS_READ: ("查看商品", "See products"),
    Scope.PLANS_READ: ("查看推广计划", "See promotion plans"),
    Scope.PLANS_WRITE: ("管理推广计划", "Manage promotion plans"),
    Scope.COOPERATION_READ: ("查看团长合作", "See cooperation with leaders"),
    Scope.COOPERATION_WRITE: ("管理团长合作", "Manage cooperation with leaders"),
    Scope.ORDERS_READ: ("查看订单与佣金", "See orders and commission"),
    Scope.ORDERS_REPORT: ("上报订单", "Report orders"),
    Scope.FUNDS_READ: ("查看资金与提现", "See funds and withdrawals"),
}
"""Each scope in both languages."""

SCOPES: dict[PartyKind, tuple[Scope, ...]] = {
    PartyKind.PROMOTER: (
        Scope.PARTY_READ,
        Scope.PLACES_READ,
        Scope.PLACES_WRITE,
        Scope.LIBRARY_READ,
        Scope.MATERIAL_WRITE,
        Scope.PLANS_READ,
        Scope.PLANS_WRITE,
        Scope.ORDERS_READ,
        Scope.FUNDS_READ,
    ),
    PartyKind.MERCHANT: (
        Scope.PARTY_READ,
        Scope.PRODUCTS_READ,
        Scope.PLANS_READ,
        Scope.PLANS_WRITE,
        Scope.COOPERATION_READ,
        Scope.COOPERATION_WRITE,
        Scope.ORDERS_READ,
        Scope.ORDERS_REPORT,
        Scope.FUNDS_READ,
    ),
    PartyKind.LEADER: (
        Scope.PARTY_READ,
        Scope.COOPERATION_READ,
        Scope.COOPERATION_WRITE,
        Scope.ORDERS_READ,
        Scope.FUNDS_READ,
    ),
    PartyKind.OPERATOR: (),
}
"""What software of each kind of party may ever do."""


@dataclass(frozen=True, slots=True)
class App:
    """A caller that proved who it is: a party's software, and what it may do now."""

    party: PartyRef
    appid: str
    scopes: frozenset[Scope]
    token_tail: str = ""
    """The last four characters of the token; empty for a signed call."""


@dataclass(frozen=True, slots=True)
class Issued:
    """A token as it is shown: the only time for a personal one."""

    token: str
    expires_at: datetime
    id: int


@dataclass(frozen=True, slots=True)
class TokenShown:
    """A personal token as its party sees it."""

    id: int
    name: str
    tail: str
    scopes: tuple[Scope, ...]
    created_at: datetime
    created_by: int | None
    expires_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Allowance:
    """What is left of an app's calls in this minute."""

    limit: int
    left: int
    resets_in: int
    """Seconds until the next minute begins."""


@dataclass(frozen=True, slots=True)
class CallFacts:
    """A call for the log."""

    party_id: int
    at: datetime
    door: Door
    method: str
    path: str
    status: int
    code: str
    took_ms: int
    request_id: str = ""
    token_tail: str = ""


@dataclass(frozen=True, slots=True)
class Call:
    """A call as its party's log shows it."""

    id: int
    at: datetime
    door: Door
    method: str
    path: str
    status: int
    code: str
    took_ms: int
    request_id: str
    token_tail: str


class UnknownApp(Refusal):
    """No app has this AppID."""

    code = "appid_unknown"
    status = 401
    zh = "AppID 不存在"
    en = "There is no app with this AppID."


class WrongSecret(Refusal):
    """The AppSecret is not this app's, or the app has none yet."""

    code = "secret_wrong"
    status = 401
    zh = "AppSecret 不正确，请在“凭证与令牌”页核对或重置"
    en = "The AppSecret is wrong; check it under Integration › Credentials, or reset it."


class UnknownToken(Refusal):
    """The token is nobody's, was revoked, or its AppSecret was reset."""

    code = "token_unknown"
    status = 401
    zh = "访问令牌无效，请重新获取"
    en = "The access token is not valid; get a new one."


class TokenOver(Refusal):
    """The token's time is over, or newer ones took its place."""

    code = "token_over"
    status = 401
    zh = "访问令牌已过期，请重新获取"
    en = "The access token has expired; get a new one."


class WrongSignature(Refusal):
    """The signature doesn't fit what was sent."""

    code = "signature_wrong"
    status = 401
    zh = "签名不正确，请核对待签名内容与 AppSecret"
    en = "The signature is wrong; check the signed text and the AppSecret."


class TimestampOff(Refusal):
    """The timestamp is more than 300 seconds from the server's clock."""

    code = "timestamp_off"
    status = 401
    zh = "时间戳与服务器时间相差超过 300 秒，请校准时钟"
    en = "The timestamp is more than 300 seconds off; set your clock."


class NonceUsed(Refusal):
    """The nonce was used before."""

    code = "nonce_used"
    status = 401
    zh = "随机串已使用过，每次请求请换一个"
    en = "This nonce was used before; take a new one for each call."


class ScopeMissing(Refusal):
    """The token isn't for this."""

    code = "scope_missing"
    status = 403
    zh = "该访问令牌没有“{scope}”权限，请在接入设置中新建令牌"
    en = 'This token lacks the scope "{scope}"; make another under Integration.'


class TooManyCalls(Refusal):
    """The app has made all calls that it may make in this minute."""

    code = "too_many_calls"
    status = 429
    zh = "调用过于频繁：每分钟最多 {limit} 次，请在 {resets_in} 秒后重试"
    en = "Too many calls: {limit} a minute are allowed; try again in {resets_in} seconds."


class TooManyTokens(Refusal):
    """The party has as many living tokens as it may have."""

    code = "too_many_tokens"
    status = 409
    zh = "最多同时保留 {most} 个有效令牌，请先撤销不用的令牌"
    en = "A party may have {most} living tokens; revoke one that is not in use."
