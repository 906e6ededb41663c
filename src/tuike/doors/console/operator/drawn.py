"""What every page of the desk is made of: a form in a dialog, the details of one thing in a drawer, words of states."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse

from tuike.doors.console import answers
from tuike.doors.console.receipts import Drawn
from tuike.doors.console.text import T, Tag
from tuike.kit import days
from tuike.kit.errors import Invalid, Refusal
from tuike.kit.money import MAX_FEN

CANCEL = T("取消", "Cancel")


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a form. `kind`: text, area, yuan, percent, number, select, check, time, file, files, hidden; what is
    typed into secret and secret-area is never shown again."""

    name: str
    label: T
    kind: str = "text"
    value: str = ""
    hint: T | None = None
    choices: Sequence[tuple[str, T | str]] = ()
    required: bool = True
    most: int = 200
    accept: str = ""


@dataclass(frozen=True, slots=True)
class Form:
    """A dialog that asks before something is done. `note` says what it leads to, `facts` what it is about (shown as
    those of Details; picture: an address)."""

    title: T
    url: str
    submit: T
    fields: Sequence[Field] = ()
    lead: T | None = None
    note: T | None = None
    facts: Sequence[tuple[T, object, str]] = ()
    danger: bool = False


@dataclass(frozen=True, slots=True)
class Deed:
    """A button under the details of one thing: `how` is dialog, post, file (a plain form) or page."""

    words: T
    url: str
    how: str = "dialog"
    style: str = ""
    icon: str = ""
    confirm: T | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Details:
    """One thing in a drawer. `facts` are (name, value, how it is shown: text, money, rate, when, count, mono)."""

    title: T | str
    state: Tag | None = None
    note: T | None = None
    note_kind: str = ""
    facts: Sequence[tuple[T, object, str]] = ()
    receipt: Drawn | None = None
    deeds: Sequence[Deed] = ()
    more: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)


def ask(request: HttpRequest, form: Form, problem: Refusal | None = None) -> HttpResponse:
    """Answer a form's dialog; with a problem again, what was typed kept, the sentence beside the field it is about."""
    about = problem.details.get("field", "") if isinstance(problem, Invalid) else ""
    named = {one.name for one in form.fields}
    typed = [(one, _typed(request, one)) for one in form.fields]
    context = {"form": form, "typed": typed, "problem": problem, "about": about if about in named else ""}
    return answers.dialog(request, "console/operator/form.html", context, status=422 if problem else 200)


def asked(request: Any, form: Form, work: Callable[[], T], *, refresh: str = "list-changed") -> HttpResponse:
    """Answer a form: its dialog by GET; by POST what `work` did, or the dialog again with what it refused."""
    if request.method == "GET":
        return ask(request, form)
    try:
        words = work()
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return ask(request, form, refusal)
    return answers.done(words, refresh=refresh)


def details(request: HttpRequest, shown: Details) -> HttpResponse:
    """Answer the drawer of one thing."""
    return answers.drawer(request, "console/operator/details.html", {"shown": shown, **shown.context})


def tags(words: Mapping[str, tuple[str, ...]]) -> dict[str, Tag]:
    """Return a list's states as tags."""
    return {key: Tag(T(said[0], said[1]), said[2] if len(said) > 2 else "grey") for key, said in words.items()}


def typed_fen(request: HttpRequest, name: str, *, signed: bool = False) -> int:
    """Return an amount that was typed in yuan, in fen.

    Raises:
        Invalid: not an amount with at most two decimals.
    """
    number = _hundredths(request.POST.get(name, "").replace(",", "").removeprefix("¥"))
    if number is None or (number < 0 and not signed) or abs(number) > MAX_FEN:
        raise Invalid(
            field=name, reason_zh="请输入金额，最多两位小数", reason_en="an amount in yuan, two decimals at most"
        )
    return number


def typed_bps(request: HttpRequest, name: str, *, empty: bool = False) -> int | None:
    """Return a rate that was typed in per cent, in ten-thousandths; None for nothing, where that is allowed.

    Raises:
        Invalid: not a rate with at most two decimals.
    """
    text = request.POST.get(name, "").strip().removesuffix("%")
    if not text and empty:
        return None
    number = _hundredths(text)
    if number is None or not 0 <= number <= 10_000:
        raise Invalid(field=name, reason_zh="请输入 0–100 的百分比", reason_en="a percentage from 0 to 100")
    return number


def typed_number(request: HttpRequest, name: str) -> int:
    """Return a whole number that was typed.

    Raises:
        Invalid: something else.
    """
    text = request.POST.get(name, "").strip()
    digits = text.removeprefix("-")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 15):
        raise Invalid(field=name, reason_zh="请输入整数", reason_en="a whole number")
    return int(text)


def typed_instant(request: HttpRequest, name: str) -> datetime:
    """Return an instant that was typed as Asia/Shanghai's.

    Raises:
        Invalid: not a date with a time.
    """
    text = request.POST.get(name, "").strip()
    try:
        instant = datetime.fromisoformat(text) if len(text) > len("2026-11-22") else None
    except ValueError:
        instant = None
    if instant is None:
        raise Invalid(field=name, reason_zh="请输入日期和时间", reason_en="a date and a time")
    return instant if instant.tzinfo else instant.replace(tzinfo=days.SHANGHAI)


def _typed(request: HttpRequest, one: Field) -> str:
    if request.method != "POST" or one.kind in ("file", "files", "secret", "secret-area", "hidden"):
        return one.value
    if one.kind == "check":
        return "1" if request.POST.get(one.name) else ""
    return request.POST.get(one.name, one.value)


def _hundredths(text: str) -> int | None:
    text = text.strip()
    sign = -1 if text.startswith(("-", "−")) else 1
    whole, dot, rest = text.lstrip("-−+").partition(".")
    if not (whole.isascii() and whole.isdigit() and len(whole) <= 13) or (dot and not 1 <= len(rest) <= 2):
        return None
    if rest and not (rest.isascii() and rest.isdigit()):
        return None
    return sign * (int(whole) * 100 + int((rest or "0").ljust(2, "0")))
