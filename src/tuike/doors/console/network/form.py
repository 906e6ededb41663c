"""The operator's application form: the edition in force, earlier ones, the editor that publishes the next."""

import itertools
from typing import Any, TypeVar

from django.http import HttpResponse
from django.shortcuts import render

from tuike.doors.console import answers
from tuike.doors.console.merchant import reading
from tuike.doors.console.text import T
from tuike.flows import govern_network
from tuike.kit.errors import Invalid, NotFound, Refusal
from tuike.kit.money import yuan
from tuike.network import queries
from tuike.network.types import Field, FieldKind, FormShown, NewForm, Rule, RuleTest, Then
from tuike.settings import service as settings

KINDS = {
    FieldKind.TEXT: T("文字", "Text"),
    FieldKind.NUMBER: T("整数", "Whole number"),
    FieldKind.CHOICE: T("单选", "Choice"),
    FieldKind.DATE: T("日期", "Date"),
    FieldKind.PICTURE: T("图片资料", "Documents"),
}
TESTS = {
    RuleTest.IS: T("等于", "is"),
    RuleTest.IS_NOT: T("不等于", "is not"),
    RuleTest.AT_LEAST: T("不小于", "at least"),
    RuleTest.AT_MOST: T("不大于", "at most"),
    RuleTest.YEARS_AT_LEAST: T("满几年", "years, at least"),
    RuleTest.YEARS_UNDER: T("不满几年", "years, under"),
}
THENS = {
    Then.ADMIT: T("自动通过", "admit"),
    Then.REJECT: T("自动拒绝", "reject"),
    Then.REVIEW: T("转人工", "leave to people"),
}
_FIELD = ("key", "kind", "zh", "en", "required", "choices", "low", "high")
_RULE = ("field", "test", "value", "then", "reason")
_TEXTS = ("title", "deposit", "purchases", "reapply_days")
_Known = TypeVar("_Known", FieldKind, RuleTest, Then)
_CHECKS = ("needed", "real_name", "auto_pass", "law_noted")


def page(request: Any) -> HttpResponse:
    """Show the form in force, and every edition there was."""
    found = queries.editions()
    return render(request, "console/network/form.html", _shown(request, found[0] if found else None, found))


def edition(request: Any, *, edition: int) -> HttpResponse:
    """Show an edition of the form."""
    found = queries.editions()
    shown = next((one for one in found if one.edition == edition), None)
    if shown is None:
        raise NotFound
    return render(request, "console/network/form.html", _shown(request, shown, found))


def edit(request: Any) -> HttpResponse:
    """Show the editor with what is in force, or publish what was typed."""
    if request.method == "GET":
        found = queries.form_in_force()
        return _editor(request, _typed_of(found.form if found else NewForm(needed=True, title="")), None)
    typed = _typed(request)
    try:
        asker = request.asker
        made = govern_network.publish_form(form=_read(typed), actor=asker.actor, now=asker.now)
    except Refusal as refusal:
        return _editor(request, typed, refusal)
    words = T("申请表第 {n} 版已发布，立即生效", "Edition {n} is published and in force").fill(n=made.edition)
    return answers.to(request, answers.url(request, "join-form"), toast=words)


def row(request: Any) -> HttpResponse:
    """Answer an empty row of the editor: a question's, or a rule's."""
    what = request.GET.get("what", "")
    if what not in ("field", "rule"):
        raise NotFound
    names = _FIELD if what == "field" else _RULE
    context = _choices() | {"one": dict.fromkeys(names, "") | {"required": "1"}, "fresh": True}
    return render(request, f"console/network/{what}_row.html", context)


def _shown(request: Any, shown: FormShown | None, found: list[FormShown]) -> dict[str, Any]:
    names = {one.key: T(one.zh, one.en or one.zh) for one in shown.form.fields} if shown else {}
    return {
        "shown": shown,
        "current": bool(found) and shown is found[0],
        "editions": found,
        "fields": [(one, T(one.zh, one.en or one.zh), KINDS[one.kind]) for one in shown.form.fields] if shown else (),
        "rules": [(names[one.field], TESTS[one.test], one, THENS[one.then]) for one in shown.form.rules]
        if shown
        else (),
        "tiers": settings.get("max_paid_tiers"),
        "may": request.asker.may("operator-join-form-edit", "POST"),
    }


def _editor(request: Any, typed: dict[str, Any], refusal: Refusal | None) -> HttpResponse:
    context = _choices() | {
        "typed": typed,
        "errors": reading.problems(refusal) if refusal else {},
        "tiers": settings.get("max_paid_tiers"),
    }
    return render(request, "console/network/form_edit.html", context, status=422 if refusal else 200)


def _choices() -> dict[str, Any]:
    return {
        "kinds": [(one.value, words) for one, words in KINDS.items()],
        "tests": [(one.value, words) for one, words in TESTS.items()],
        "thens": [(one.value, words) for one, words in THENS.items()],
    }


def _typed_of(form: NewForm) -> dict[str, Any]:
    """Return a form as the editor shows it."""
    return {
        "title": form.title,
        "deposit": yuan(form.deposit_fen).lstrip("¥") if form.deposit_fen else "",
        "purchases": yuan(form.purchases_fen).lstrip("¥") if form.purchases_fen else "",
        "reapply_days": str(form.reapply_days),
        **{name: getattr(form, name) for name in _CHECKS},
        "fields": [
            {
                "key": one.key,
                "kind": one.kind.value,
                "zh": one.zh,
                "en": one.en,
                "required": "1" if one.required else "0",
                "choices": "\n".join(one.choices),
                "low": "" if one.low is None else str(one.low),
                "high": "" if one.high is None else str(one.high),
            }
            for one in form.fields
        ],
        "rules": [
            {
                "field": one.field,
                "test": one.test.value,
                "value": one.value,
                "then": one.then.value,
                "reason": one.reason,
            }
            for one in form.rules
        ],
    }


def _typed(request: Any) -> dict[str, Any]:
    """Return what was typed, to be read and, where it is refused, to be shown again."""
    post = request.POST
    return {
        **{name: post.get(name, "").strip() for name in _TEXTS},
        **{name: post.get(name) == "1" for name in _CHECKS},
        "fields": _rows(post, "field", _FIELD),
        "rules": _rows(post, "rule", _RULE),
    }


def _rows(post: Any, prefix: str, names: tuple[str, ...]) -> list[dict[str, str]]:
    """Return the rows of the editor; one in which nothing was written is none."""
    columns = [post.getlist(f"{prefix}_{name}")[:100] for name in names]
    found = [dict(zip(names, values, strict=True)) for values in itertools.zip_longest(*columns, fillvalue="")]
    written = {"field": ("key", "zh", "en", "choices"), "rule": ("field", "value", "reason")}[prefix]
    return [one for one in found if any(one[name].strip() for name in written)]


def _read(typed: dict[str, Any]) -> NewForm:
    """Return the form that was typed.

    Raises:
        Invalid: something that can't be read.
    """
    return NewForm(
        title=typed["title"],
        deposit_fen=reading.fen(typed["deposit"] or "0", field="deposit_fen"),
        purchases_fen=reading.fen(typed["purchases"] or "0", field="purchases_fen"),
        reapply_days=reading.whole(typed["reapply_days"] or "0", field="reapply_days"),
        fields=tuple(_field(one) for one in typed["fields"]),
        rules=tuple(_rule(one) for one in typed["rules"]),
        **{name: typed[name] for name in _CHECKS},
    )


def _field(one: dict[str, str]) -> Field:
    return Field(
        key=one["key"].strip(),
        kind=_one_of(FieldKind, one["kind"], "fields"),
        zh=one["zh"].strip(),
        en=one["en"].strip(),
        required=one["required"] == "1",
        choices=tuple(line.strip() for line in one["choices"].splitlines() if line.strip()),
        low=reading.whole(one["low"], field="fields") if one["low"].strip() else None,
        high=reading.whole(one["high"], field="fields") if one["high"].strip() else None,
    )


def _rule(one: dict[str, str]) -> Rule:
    return Rule(
        field=one["field"].strip(),
        test=_one_of(RuleTest, one["test"], "rules"),
        value=one["value"].strip(),
        then=_one_of(Then, one["then"], "rules"),
        reason=one["reason"].strip(),
    )


def _one_of(kind: type[_Known], value: str, field: str) -> _Known:
    try:
        return kind(value)
    except ValueError:
        raise Invalid(field=field, reason_zh="请选择一项", reason_en="choose one") from None
