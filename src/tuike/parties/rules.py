"""Decisions about parties that are computable from values."""

import re
from datetime import datetime

from tuike.kit.days import next_midnight
from tuike.kit.errors import Invalid
from tuike.parties.types import (
    AllianceAlreadyOpen,
    AllianceNotOpen,
    CycleInLine,
    EnterpriseProof,
    IndividualProof,
    PartyKind,
    Rail,
    ReasonNeeded,
    Role,
    RoleNotOfKind,
)

MAX_ADMINS = 100
"""Seats of a party besides the super administrator's (docs/rules.md §1; fixed)."""

ROLES = {
    PartyKind.MERCHANT: frozenset({Role.SUPER_ADMIN, Role.ADMIN, Role.PRODUCT_MANAGER, Role.FINANCE}),
    PartyKind.PROMOTER: frozenset({Role.SUPER_ADMIN, Role.ADMIN}),
    PartyKind.LEADER: frozenset({Role.SUPER_ADMIN, Role.ADMIN}),
    PartyKind.OPERATOR: frozenset({Role.SUPER_ADMIN, Role.ADMIN, Role.OPERATOR, Role.FINANCE, Role.AUDITOR}),
}
"""Which kind of party has which roles (docs/rules.md §1)."""

DECIDERS = frozenset({Role.SUPER_ADMIN, Role.ADMIN, Role.OPERATOR})
"""Seats of the operator that review, suspend and move promoters in the tree."""

PREFIX = {PartyKind.MERCHANT: "M", PartyKind.PROMOTER: "P", PartyKind.LEADER: "L", PartyKind.OPERATOR: "O"}

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_APPID = re.compile(r"wx[0-9a-f]{16}")
_OPENID = re.compile(r"[A-Za-z0-9_-]{6,64}")
_ACCOUNT = re.compile(r"[0-9]{8,30}")


def check_role(kind: PartyKind, role: Role) -> None:
    """Refuse a role that this kind of party can't give; the super administrator's is only handed on.

    Raises:
        RoleNotOfKind: no such role here.
    """
    if role is Role.SUPER_ADMIN or role not in ROLES[kind]:
        raise RoleNotOfKind


def line_under(promoter_id: int, recruiter_id: int, recruiters_line: list[int]) -> list[int]:
    """Return the line of a promoter below a recruiter: the recruiter, then the recruiter's own line.

    Raises:
        CycleInLine: the promoter would stand above itself.
    """
    line = [recruiter_id, *recruiters_line]
    if promoter_id in line:
        raise CycleInLine
    return line


def opened(
    *, opened_from: datetime | None, closed_from: datetime | None, now: datetime
) -> tuple[datetime, datetime | None]:
    """Return (opened_from, closed_from) after opening at `now`: from the next day's 0:00 (docs/rules.md §2).

    Opening while a closing waits for midnight takes the closing back.

    Raises:
        AllianceAlreadyOpen: open, or opening at midnight.
    """
    if opened_from is None:
        return next_midnight(now), None
    if closed_from is None:
        raise AllianceAlreadyOpen
    if now < closed_from:
        return opened_from, None
    return next_midnight(now), None


def closed(
    *, opened_from: datetime | None, closed_from: datetime | None, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """Return (opened_from, closed_from) after closing at `now`: the day's rates stand until the next day's 0:00.

    Closing before the opening's midnight takes the opening back.

    Raises:
        AllianceNotOpen: not open, or closing already.
    """
    if opened_from is None or closed_from is not None:
        raise AllianceNotOpen
    if now < opened_from:
        return None, None
    return opened_from, next_midnight(now)


def name_of_party(text: str) -> str:
    """Return a party's name without blanks around it.

    Raises:
        Invalid: empty or longer than 60 characters.
    """
    name = text.strip()
    if not 1 <= len(name) <= 60 or not name.isprintable():
        raise Invalid(field="name", reason_zh="名称须为 1–60 个字", reason_en="a name has 1 to 60 characters")
    return name


def name_masked(name: str) -> str:
    """Return a person's name with all but its first character hidden: 李雷 → 李*, Ann → A**."""
    return name[:1] + "*" * (len(name) - 1)


def reason(text: str) -> str:
    """Return a reason without blanks around it.

    Raises:
        ReasonNeeded: empty or longer than 200 characters.
    """
    bare = text.strip()
    if not 1 <= len(bare) <= 200:
        raise ReasonNeeded
    return bare


def check_appid(appid: str) -> None:
    """Refuse what is no AppID of a mini-program.

    Raises:
        Invalid: it isn't `wx` and 16 hexadecimal digits.
    """
    if not _APPID.fullmatch(appid):
        raise Invalid(
            field="appid",
            reason_zh="不是有效的小程序 AppID（wx 加 16 位小写十六进制字符）",
            reason_en="not a mini-program's AppID: wx and 16 hexadecimal digits in lower case",
        )


def id_number_ok(text: str) -> bool:
    """Whether a resident identity number is well-formed and its check character right (GB 11643-1999)."""
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", text, re.ASCII):
        return False
    try:
        datetime.strptime(text[6:14] + "+0000", "%Y%m%d%z")
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(text[:17], _ID_WEIGHTS, strict=True))
    return "10X98765432"[total % 11] == text[17]


def credit_code_ok(text: str) -> bool:
    """Whether a unified social credit code is well-formed and its check character right (GB 32100-2015)."""
    if len(text) != 18 or any(character not in _USCC for character in text):
        return False
    total = sum(_USCC.index(character) * pow(3, place, 31) for place, character in enumerate(text[:17]))
    return _USCC[-total % 31] == text[17]


def check_individual(proof: IndividualProof) -> None:
    """Refuse an individual's proof that can't be true.

    Raises:
        Invalid: which field and why.
    """
    _filled("name", proof.name)
    if not id_number_ok(proof.id_number):
        raise Invalid(field="id_number", reason_zh="身份证号码不正确", reason_en="not a valid identity number")


def check_enterprise(proof: EnterpriseProof) -> None:
    """Refuse an enterprise's proof that can't be true.

    Raises:
        Invalid: which field and why.
    """
    for field in ("licence_name", "legal_person", "bank"):
        _filled(field, getattr(proof, field))
    if not credit_code_ok(proof.licence_no):
        raise Invalid(
            field="licence_no", reason_zh="统一社会信用代码不正确", reason_en="not a valid unified social credit code"
        )
    if not _ACCOUNT.fullmatch(proof.bank_account):
        raise Invalid(field="bank_account", reason_zh="银行账号不正确", reason_en="not a bank account number")


def account_number(rail: Rail, text: str) -> str:
    """Return an account's number in its one spelling: digits, or an openid on the WeChat rail.

    Raises:
        Invalid: not a number of this rail.
    """
    bare = "".join(text.split())
    pattern = _OPENID if rail is Rail.WECHAT else _ACCOUNT
    if not pattern.fullmatch(bare):
        raise Invalid(field="number", reason_zh="收款账号不正确", reason_en="not an account number")
    return bare


def check_holder(holder: str, bank: str, rail: Rail) -> None:
    """Refuse an account without its holder, or a bank account without its bank.

    Raises:
        Invalid: which field and why.
    """
    _filled("holder", holder)
    if rail is Rail.BANK:
        _filled("bank", bank)


def _filled(field: str, value: str) -> None:
    if not 1 <= len(value.strip()) <= 60 or not value.isprintable():
        raise Invalid(field=field, reason_zh="须为 1–60 个字", reason_en="needs 1 to 60 characters")
