"""What crosses the border of people: references, sessions, scan challenges, and the refusals."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from tuike.kit.errors import Refusal

PRIVACY_EDITION = 1
"""The edition of the privacy terms in force; a new one has to be agreed to anew (docs/rules.md §11)."""


@dataclass(frozen=True, slots=True)
class PersonRef:
    """A person as other modules know one. `no` is the public number; nothing personal beyond the chosen nickname."""

    id: int
    no: str
    nickname: str
    language: str

    @property
    def called(self) -> str:
        """Return the nickname, else the public number."""
        return self.nickname or self.no


@dataclass(frozen=True, slots=True)
class PhoneShown:
    """A person's phone: `number` is masked (`138****8000`) unless the caller asked for it in clear."""

    number: str = field(repr=False)
    verified_at: datetime


@dataclass(frozen=True, slots=True)
class EmailShown:
    """A person's e-mail address, masked (`z***@example.com`); `claimed`: one that waits for its code, until when."""

    address: str = field(repr=False)
    verified_at: datetime | None
    claimed: str = field(default="", repr=False)
    claimed_until: datetime | None = None


class SessionKind(StrEnum):
    """Where a token is good: the mini-program's storefront, or a console."""

    STOREFRONT = "storefront"
    CONSOLE = "console"


@dataclass(frozen=True, slots=True)
class SessionShown:
    """A running session as its owner sees it."""

    id: int
    kind: SessionKind
    device: str
    created_at: datetime
    seen_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A new second factor, shown once: the secret to type in, or the `otpauth://` address for a QR code."""

    secret: str = field(repr=False)
    uri: str = field(repr=False)


class ScanState(StrEnum):
    """Where a scan challenge stands. Exits: created → scanned → confirmed → used; scanned → declined."""

    CREATED = "created"
    SCANNED = "scanned"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    USED = "used"

    @property
    def exits(self) -> frozenset["ScanState"]:
        """Return the states that may follow."""
        return _SCAN_EXITS[self]


_SCAN_EXITS = {
    ScanState.CREATED: frozenset({ScanState.SCANNED}),
    ScanState.SCANNED: frozenset({ScanState.CONFIRMED, ScanState.DECLINED}),
    ScanState.CONFIRMED: frozenset({ScanState.USED}),
    ScanState.DECLINED: frozenset(),
    ScanState.USED: frozenset(),
}


@dataclass(frozen=True, slots=True)
class ScanShown:
    """What the phone shows before a person confirms: what for, on what, from where, and until when (inclusive)."""

    purpose: str
    subject: str
    place: str
    state: ScanState
    expires_at: datetime


class UnknownPerson(Refusal):
    """No such person, or one whose data was erased."""

    code = "unknown_person"
    status = 404
    zh = "没有找到该用户"
    en = "There is no such person."


class BadPhone(Refusal):
    """Not a phone number: neither a Chinese mobile number nor an international one with its country code."""

    code = "bad_phone"
    status = 422
    zh = "手机号格式不正确，请检查后重新填写"
    en = "This is not a phone number; check it and enter it again."


class PhoneTaken(Refusal):
    """The phone number belongs to another person."""

    code = "phone_taken"
    status = 409
    zh = "该手机号已绑定其他账号"
    en = "This phone number belongs to another account."


class BadEmail(Refusal):
    """Not an e-mail address."""

    code = "bad_email"
    status = 422
    zh = "邮箱地址格式不正确，请检查后重新填写"
    en = "This is not an e-mail address; check it and enter it again."


class WrongEmailCode(Refusal):
    """The code isn't the one that was sent, is too old, or none was sent."""

    code = "wrong_email_code"
    status = 422
    zh = "验证码不正确或已过期，请检查邮件，或重新发送"
    en = "The code is wrong or too old; look into the mail, or let a new one be sent."


class WeakPassword(Refusal):
    """The password is too short, too long, too common or only digits."""

    code = "weak_password"
    status = 422
    zh = "密码过于简单：请使用 10–128 个字符，不要只用数字、常见密码或您的手机号"
    en = "Choose 10 to 128 characters, not digits alone, not a common password, not your phone number."


class WrongSignIn(Refusal):
    """Phone, password or code is wrong: which one is not told."""

    code = "wrong_sign_in"
    status = 401
    zh = "手机号、密码或动态验证码不正确"
    en = "The phone number, password or code is wrong."


class WrongPassword(Refusal):
    """Not the password of whoever is signed in."""

    code = "wrong_password"
    status = 422
    zh = "当前密码不正确"
    en = "This is not your current password."


class CodeNeeded(Refusal):
    """The password is right and the account has a second factor: a code is needed, too."""

    code = "code_needed"
    status = 401
    zh = "请输入身份验证器中的动态验证码"
    en = "Enter the code of your authenticator."


class LockedOut(Refusal):
    """Too many tries for this account or from this address; trying on before `until` doesn't help."""

    code = "locked_out"
    status = 429
    zh = "尝试次数过多，请在 {minutes} 分钟后再试"
    en = "Too many tries; try again in {minutes} minutes."


class FactorExists(Refusal):
    """There is a confirmed second factor already."""

    code = "second_factor_exists"
    status = 409
    zh = "已启用动态验证码，如需更换请先关闭"
    en = "A second factor is in use; remove it first to change it."


class FactorNeeded(Refusal):
    """The person has no second factor, and what they want takes one."""

    code = "second_factor_needed"
    status = 409
    zh = "此操作需要动态验证码，请先在“账号安全”中启用"
    en = "This takes a second factor; switch one on under account security first."


class WrongCode(Refusal):
    """The code is wrong, was used before, or there is no second factor to use it on."""

    code = "wrong_code"
    status = 422
    zh = "动态验证码不正确或已使用，请等待下一个验证码"
    en = "The code is wrong or was used before; wait for the next one."


class SessionOver(Refusal):
    """The token is unknown, of another kind, revoked, idle for too long, or past its end."""

    code = "session_over"
    status = 401
    zh = "登录已失效，请重新登录"
    en = "You are signed out; sign in again."


class UnknownSession(Refusal):
    """The person has no such running session."""

    code = "unknown_session"
    status = 404
    zh = "没有找到该登录会话"
    en = "There is no such session."


class UnknownScan(Refusal):
    """No challenge with this ticket for whoever asks."""

    code = "unknown_scan"
    status = 404
    zh = "二维码无效，请刷新后重新扫描"
    en = "This code is not valid; refresh and scan it again."


class ScanExpired(Refusal):
    """The five minutes are over."""

    code = "scan_expired"
    status = 410
    zh = "二维码已过期，请刷新后重新扫描"
    en = "This code has expired; refresh and scan it again."


class ScanNotOpen(Refusal):
    """The challenge doesn't stand where this step could follow: already used, declined, or not yet there."""

    code = "scan_not_open"
    status = 409
    zh = "该二维码当前不能进行此操作（状态：{state}）"
    en = "This step is not possible now (state: {state})."


class ConsentNeeded(Refusal):
    """The person hasn't agreed to the privacy terms as they stand now."""

    code = "consent_needed"
    status = 409
    zh = "请先阅读并同意隐私政策"
    en = "Read and accept the privacy policy first."


class PhoneNeeded(Refusal):
    """The mall wants a phone number first."""

    code = "phone_needed"
    status = 409
    zh = "请先绑定手机号"
    en = "Bind a phone number first."


class UnknownEdition(Refusal):
    """The privacy terms have no such edition in force."""

    code = "unknown_edition"
    status = 422
    zh = "隐私政策已更新，请重新阅读后再同意"
    en = "The privacy policy has changed; read it again."
