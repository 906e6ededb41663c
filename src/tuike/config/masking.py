"""Keeps secrets and people's numbers out of logs, whatever a caller puts into an event."""

import re
from collections.abc import Mapping, MutableMapping
from typing import Any

HIDDEN = "[hidden]"
_DEPTH = 8

# Names under which nothing is ever shown, compared without case, dashes and underscores.
_HIDDEN_NAMES = re.compile(
    "password|passwd|secret|token|authorization|cookie|credential|apikey|privatekey|sessionkey|fieldkey|indexkey|apiv3"
    "|jscode|signature|passphrase|recoverycode|^t?otp$"
    "|phone|mobile|idnumber|idno$|idcard|bankcard|cardno|cardnumber|accountno|accountnumber|bankaccount"
)
_HARMLESS = {"tokentype", "tokencount", "apikeyid", "credentialid", "phonecount"}

_PEM = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.S)
_URL_PASSWORD = re.compile(r"(?<=://)([^\s/:@]*):[^\s/@]+(?=@)")
_HEADER = re.compile(r"(?i)\b((?:proxy-)?authorization|(?:set-)?cookie)(['\"]?\s*[:=]\s*['\"]?)[^\r\n'\"]+")
_SCHEME = re.compile(r"(?i)\b(bearer|basic|wechatpay2-[a-z0-9-]+)\s+[^\s,;'\"]+(\s*,\s*[a-z_]+=\"[^\"]*\")*")
_PAIR = re.compile(
    r"(?i)((?:\b|_)(?:password|passwd|[a-z_]*secret|[a-z_]*token|session_?key|js_?code|api_?key|apiv3_?key|private_?key"
    r"|signature|sign|otp|totp)['\"]?\s*[=:]\s*)(\"[^\"]*\"|'[^']*'|[^\s&,;'\"}\])]+)"
)
_ID_NUMBER = re.compile(r"(?<!\d)[1-9]\d{5}(?:19|20)\d{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\d|3[01])\d{3}[\dXx](?!\d)")
_CARD = re.compile(r"(?<!\d)[3-69]\d{3}(?:[ -]?\d{4}){2,3}(?:[ -]?\d{1,4})?(?!\d)")
_PHONE = re.compile(r"(?<!\d)(?:(?:\+|00)?86[ -]?)?1[3-9]\d(?:[ -]?\d{4}){2}(?!\d)")
_HARMLESS_TEXT = re.compile(r"[A-Za-z_./-]*")
"""What none of the patterns above can match: each wants a digit, a blank, a colon or an equals sign."""


def mask(_logger: object, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Return the event with every secret and personal number hidden, at any depth (a structlog processor)."""
    return {text(str(key)): _value(str(key), value, 0) for key, value in event.items()}


def text(line: str) -> str:
    """Return the text with secrets, phone, identity and card numbers hidden."""
    if _HARMLESS_TEXT.fullmatch(line):
        return line
    line = _PEM.sub("[hidden key]", line)
    line = _URL_PASSWORD.sub(rf"\1:{HIDDEN}", line)
    line = _HEADER.sub(rf"\1\2{HIDDEN}", line)
    line = _SCHEME.sub(rf"\1 {HIDDEN}", line)
    line = _PAIR.sub(rf"\1{HIDDEN}", line)
    line = _ID_NUMBER.sub("[id number]", line)
    line = _CARD.sub(lambda found: "[card]" if _luhn(found.group()) else found.group(), line)
    return _PHONE.sub("[phone]", line)


def _value(key: str, value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if _is_hidden(key) or depth >= _DEPTH:
        return HIDDEN
    if isinstance(value, int | float):
        return _number(key, value)
    if isinstance(value, Mapping):
        return {text(str(inner)): _value(str(inner), found, depth + 1) for inner, found in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_value(key, found, depth + 1) for found in value]
    if isinstance(value, bytes | bytearray | memoryview):
        value = bytes(value).decode(errors="replace")
    return text(str(value))


def _number(key: str, value: float) -> float | str:
    """Hide a number that reads like a phone or a card; an amount of money may have as many digits."""
    return value if key.endswith(("_fen", "_bps")) or text(str(value)) == str(value) else HIDDEN


def _is_hidden(key: str) -> bool:
    plain = re.sub(r"[^a-z0-9]", "", key.lower())
    return plain not in _HARMLESS and bool(_HIDDEN_NAMES.search(plain))


def _luhn(number: str) -> bool:
    """Return whether the digits end in the check digit that bank cards end in (ISO/IEC 7812-1)."""
    digits = [int(sign) for sign in reversed(number) if sign.isdigit()]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[1::2])
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
