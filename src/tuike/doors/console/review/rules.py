"""Review rules at the operator's desk and in a shop's console: their order, one with its hits, the form, a dry run."""

from datetime import timedelta
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.doors.console import answers
from tuike.doors.console.keys import asker_key
from tuike.doors.console.merchant import reading
from tuike.doors.console.review import typing
from tuike.doors.console.text import T, Tag, chinese
from tuike.flows import govern_review as govern
from tuike.insight import review_words as words
from tuike.insight.explain.types import Words
from tuike.insight.review_dry_run import DAYS, SHOWN, dry_run
from tuike.kit.days import day_of
from tuike.kit.errors import Invalid, NotFound, Refusal
from tuike.people import queries as people_of
from tuike.people.types import PersonRef
from tuike.review import queries
from tuike.review import service as review
from tuike.review.types import FEATURES, MEASURES, Effect, Feature, RuleShown, Subject
from tuike.settlement import queries as settlement

COLOURS = {Effect.CLEAR: "green", Effect.HOLD: "amber", Effect.REJECT: "red"}
_DONE = {
    "on": T("规则已开启", "The rule is on"),
    "off": T("规则已停用", "The rule is off"),
    "up": T("已上移", "Moved up"),
    "down": T("已下移", "Moved down"),
    "delete": T("规则已删除", "The rule is deleted"),
}


def page(request: Any) -> HttpResponse:
    """Show the rules in the order in which they are looked at."""
    asker, owner = request.asker, request.asker.owner_id
    rules = queries.rules_of(owner)
    hits = queries.hits_since([one.rule_id for one in rules], first=day_of(asker.now) - timedelta(days=DAYS - 1))
    called = words.names() if rules else {}
    shown = [_row(request, one, called, hits.get(one.rule_id, (0, 0))) for one in rules]
    context = {
        "groups": [
            (subject, _said(said), [one for one in shown if one["said"].subject is subject])
            for subject, said in words.SUBJECTS.items()
            if subject is Subject.COMMISSION or owner is None
        ],
        "may": asker.may(f"{asker.party.kind}-review-rule-new", "POST"),
        "days": DAYS,
        "shop": owner is not None,
    }
    return render(request, "console/review/rules.html", context)


def one(request: Any, *, no: str) -> HttpResponse:
    """Show a rule: what it says, its versions, what it held."""
    asker, rule = request.asker, _own(request, no)
    first = day_of(asker.now) - timedelta(days=DAYS - 1)
    called = words.names()
    hits = queries.hits(rule.rule_id)
    nos = settlement.numbers_of([one.object_id for one in hits]) if rule.rule.subject is Subject.WITHDRAWAL else {}
    by_day = {one.day: one.hits for one in queries.hits_by_day(rule.rule_id, first=first)}
    versions = queries.versions(rule.rule_id)
    people = people_of.refs({one.changed_by for one in versions if one.changed_by})
    context = {
        "rule": _row(request, rule, called, queries.hits_since([rule.rule_id], first=first).get(rule.rule_id, (0, 0))),
        "versions": [(_row(request, one, called, (0, 0)), _who(people.get(one.changed_by or 0))) for one in versions],
        "hits": [
            (one, nos.get(one.object_id), [_said(part) for part in words.known(one.facts, called)]) for one in hits
        ],
        "chart": _chart(by_day, first) if by_day else None,
        "days": DAYS,
        "shop": request.asker.owner_id is not None,
        "may": not rule.deleted and asker.may(f"{asker.party.kind}-review-rule-edit", "POST"),
    }
    return render(request, "console/review/rule.html", context)


def new(request: Any) -> HttpResponse:
    """Show the form, or put the rule that was typed behind the others."""
    subject = typing.subject_of(request)
    if request.asker.owner_id is not None and subject is not Subject.COMMISSION:
        raise NotFound
    if request.method == "GET":
        return _form(request, {"effect": Effect.HOLD.value, "enabled": True}, subject, None)
    try:
        no = govern.create_rule(
            merchant_id=request.asker.owner_id,
            rule=typing.read(request, subject, effect=_only(request, subject)),
            actor=request.asker.actor,
            now=request.asker.now,
            key=asker_key(request),
        )
    except Refusal as refusal:
        return _form(request, typing.typed(request), subject, refusal)
    return answers.to(request, answers.url(request, "review-rule", no=no), toast=T("规则已保存", "The rule is kept"))


def edit(request: Any, *, no: str) -> HttpResponse:
    """Show the form with what a rule says, or let it say what was typed from now on."""
    rule = _own(request, no)
    subject = rule.rule.subject
    if rule.deleted:
        raise NotFound
    if request.method == "GET":
        return _form(request, typing.of_rule(rule.rule, rule.version), subject, None, rule)
    seen = request.POST.get("seen", "")
    try:
        govern.change_rule(
            merchant_id=request.asker.owner_id,
            no=no,
            rule=typing.read(request, subject, effect=_only(request, subject)),
            seen=int(seen) if seen.isascii() and seen.isdigit() and len(seen) < 10 else 0,
            actor=request.asker.actor,
            now=request.asker.now,
            key=asker_key(request),
        )
    except Refusal as refusal:
        return _form(request, typing.typed(request), subject, refusal, rule)
    toast = T("已保存为新版本，此后的佣金按新版本审核", "Saved as a new version; commission from now on goes by it")
    return answers.to(request, answers.url(request, "review-rule", no=no), toast=toast)


def put(request: Any, *, no: str, verb: str) -> HttpResponse:
    """Switch a rule, change its place, or delete it."""
    asker = request.asker
    asked = {"merchant_id": request.asker.owner_id, "no": no, "verb": verb, "actor": asker.actor, "now": asker.now}
    govern.set_rule(key=asker_key(request), **asked)
    return answers.to(request, answers.url(request, "review-rules"), toast=_DONE[verb])


def tried(request: Any) -> HttpResponse:
    """Show what the conditions that are typed would have held, as a piece of the form's page."""
    try:
        conditions = typing.conditions(request, Subject.COMMISSION)
        wrong = review.problem(conditions)
        if wrong is not None:
            raise Invalid(
                field=wrong.value, reason_zh="请检查这个条件的取值", reason_en="look at this condition's values"
            )
    except Invalid as refusal:
        context: dict[str, Any] = {"problem": next(iter(reading.problems(refusal).values()))}
        context["feature"] = _said(words.FEATURES[Feature(str(refusal.details["field"]))])
        return render(request, "console/review/dry_run.html", context, status=422)
    run = dry_run(conditions, merchant_id=request.asker.owner_id, now=request.asker.now) if conditions else None
    context = {"run": run, "days": DAYS, "shown": SHOWN, "shop": request.asker.owner_id is not None}
    if run and run.by_day:
        context["chart"] = _chart(run.by_day, run.since, fen=True)
    if run:
        context["share"] = run.accruals * 10_000 // run.all_accruals if run.all_accruals else 0
        context["roles"] = {role: _said(said) for role, said in words.ROLES.items()}
    return render(request, "console/review/dry_run.html", context)


def _only(request: Any, subject: Subject) -> Effect | None:
    """Return what the rule always does, None where its maker chooses."""
    chosen = request.asker.owner_id is None and subject is Subject.COMMISSION
    return None if chosen else Effect.HOLD


def _own(request: Any, no: str) -> RuleShown:
    found = queries.rule(request.asker.owner_id, no)
    if found is None:
        raise NotFound
    return found


def _row(request: Any, one: RuleShown, called: words.Names, hits: tuple[int, int]) -> dict[str, Any]:
    day, said = day_of(request.asker.now), one.rule
    if one.deleted:
        state = Tag(T("已删除", "Deleted"), "grey")
    elif not said.enabled:
        state = Tag(T("已停用", "Off"), "grey")
    elif said.first and day < said.first:
        state = Tag(T("未开始", "To begin"), "blue")
    elif said.last and day > said.last:
        state = Tag(T("已过期", "Over"), "grey")
    else:
        state = Tag(T("生效中", "In force"), "green")
    held = words.LEFT_TO_PEOPLE if said.subject is Subject.WITHDRAWAL else words.EFFECTS[said.effect]
    effect = _said(held)
    if said.reject_days:
        effect = T("冻结，{n} 天未放行则驳回", "Hold; reject after {n} days").fill(n=said.reject_days)
    return {
        "shown": one,
        "said": said,
        "state": state,
        "effect": Tag(effect, COLOURS[said.effect]),
        "conditions": [_said(part) for part in words.asked(said.conditions, called)],
        "hits": hits[0],
        "amount_fen": hits[1],
    }


def _who(person: PersonRef | None) -> str:
    return person.called if person else "—"


def _said(said: Words) -> T:
    return T(said.zh, said.en)


def _form(
    request: Any, typed: typing.Typed, subject: Subject, refusal: Refusal | None, rule: RuleShown | None = None
) -> HttpResponse:
    errors = reading.problems(refusal) if refusal else {}
    called = words.names()
    lists = []
    for feature in FEATURES[subject]:
        if feature not in MEASURES:
            chosen = typed.get(feature.value, [])
            choices = [(value, _said(said), value in chosen) for (of, value), said in called.items() if of is feature]
            lists.append(
                {
                    "name": feature.value,
                    "words": _said(words.FEATURES[feature]),
                    "choices": choices,
                    "chosen": any(one for *_, one in choices),
                    "error": errors.get(feature.value, ""),
                }
            )
    context = {
        "rule": rule,
        "typed": typed,
        "errors": errors,
        "measures": [
            {**row, "words": _said(row["words"]), "unit": _said(row["unit"])}
            for row in typing.measures(typed, subject, errors)
        ],
        "lists": lists,
        "effects": [(one.value, _said(words.EFFECTS[one])) for one in Effect],
        "choosing": _only(request, subject) is None,
        "withdrawals": subject is Subject.WITHDRAWAL,
        "days": DAYS,
    }
    return render(request, "console/review/rule_form.html", context, status=422 if refusal else 200)


def _chart(by_day: Any, first: Any, *, fen: bool = False) -> dict[str, Any]:
    days = [first + timedelta(days=n) for n in range(DAYS)]
    label = T("佣金", "Commission") if fen else T("命中", "Hits")
    axis: dict[str, Any] = {"type": "value", "minInterval": 1}
    if fen:
        axis["unit"] = "fen"
    return {
        "grid": {"left": 8, "right": 8, "top": 16, "bottom": 4, "containLabel": True},
        "tooltip": {"trigger": "axis"},
        "xAxis": {"type": "category", "data": [f"{one:%m-%d}" for one in days]},
        "yAxis": axis,
        "series": [
            {
                "name": label.say(chinese()),
                "type": "bar",
                "data": [by_day.get(one, 0) for one in days],
                **({"unit": "fen"} if fen else {}),
            }
        ],
    }
