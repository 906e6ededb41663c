"""The operator's queue of what people wrote: reviews, reviews that shops want hidden, posts, reports; and the words."""

import re
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.content import queries, service
from tuike.content.types import Decided, Queue, Seen
from tuike.doors.console import answers
from tuike.doors.console.content.reviews import STATES, rows_shown
from tuike.doors.console.text import T
from tuike.kit.errors import Invalid, NotFound, Refusal

PAGE = 50
TABS = {
    "reviews": T("待审评价", "Reviews"),
    "to_hide": T("申请隐藏", "To hide"),
    "posts": T("待审供求", "Posts"),
    "complaints": T("举报", "Reports"),
    "shown": T("展示中的评价", "Shown reviews"),
    "board": T("展示中的供求", "Shown posts"),
}


def page(request: Any) -> HttpResponse:
    """Show one part of the queue."""
    tab = request.GET.get("tab", "")
    tab = tab if tab in TABS else "reviews"
    before = request.GET.get("before", "")[:24]
    waiting = queries.waiting()
    counts = {
        "reviews": waiting.reviews,
        "to_hide": waiting.to_hide,
        "posts": waiting.posts,
        "complaints": waiting.complaints,
    }
    context = {
        "tab": tab,
        "tabs": [(key, words, counts.get(key)) for key, words in TABS.items()],
        "may": request.asker.may("operator-moderation-decide", "POST"),
        **{"reviews": [], "posts": [], "complaints": [], "next": ""} | _shown(tab, before),
    }
    return render(request, "console/content/moderation.html", context)


def decide(request: Any, *, what: str) -> HttpResponse:
    """Pass what was chosen; to reject or hide it, ask for the reason first. Each row is told of."""
    if what not in set(Queue):
        raise NotFound
    numbers = [
        one for one in re.split(r"[\s,]+", ",".join(request.POST.getlist("nos") or request.GET.getlist("nos"))) if one
    ]
    numbers = [one[:24] for one in numbers[:PAGE]]
    verdict = request.POST.get("verdict", request.GET.get("verdict", ""))
    if request.method == "GET":
        return _ask(request, what, numbers, verdict, None)
    try:
        if not numbers:
            raise Invalid(field="nos", reason_zh="请先选择", reason_en="choose something first")
        told = service.decide_queue(
            queue=Queue(what),
            nos=numbers,
            shown=verdict == "pass",
            reason=request.POST.get("reason", "")[:400],
            was=Seen.SHOWN if request.POST.get("was") == "shown" else Seen.PENDING,
            actor=request.asker.actor,
            now=request.asker.now,
        )
    except Refusal as refusal:
        if verdict == "pass":
            return answers.toast(HttpResponse(status=200, headers={"HX-Reswap": "none"}), _words(refusal), kind="bad")
        return _ask(request, what, numbers, verdict, refusal)
    return _told(request, told)


def _told(request: Any, told: list[Decided]) -> HttpResponse:
    """Say what became of each row: in a word where all was decided now, else row by row."""
    changed = sum(one.now for one in told)
    if changed == len(told):
        return answers.done(T("已处理 {n} 条", "{n} decided").fill(n=changed), refresh="list-changed")
    context = {
        "rows": [(one, STATES[one.state] if one.state else None) for one in told],
        "changed": changed,
        "left": len(told) - changed,
    }
    answer = answers.dialog(request, "console/content/decided.html", context)
    answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#dialog", "innerHTML"
    return answers.trigger(answer, **{"list-changed": True})


def words(request: Any) -> HttpResponse:
    """Show the words that are proposed to who searches and those that stop a text, and change one of the lists."""
    problem, asker = None, request.asker
    if request.method == "POST":
        typed = re.split(r"[\n,，、]+", request.POST.get("words", "")[:200_000])
        try:
            if request.POST.get("list") == "hot":
                service.change_hot_words(words=typed, actor=asker.actor, now=asker.now)
            else:
                service.change_blocked_words(words=typed, actor=asker.actor, now=asker.now)
            return answers.to(request, request.path, toast=T("已保存", "Saved"))
        except Refusal as refusal:
            problem = refusal
    context = {
        "hot": "\n".join(queries.hot_words()),
        "blocked": "\n".join(queries.blocked_words()),
        "problem": problem,
        "may": asker.may("operator-words", "POST"),
    }
    return render(request, "console/content/words.html", context, status=422 if problem else 200)


def _shown(tab: str, before: str) -> dict[str, Any]:
    if tab in {"posts", "board"}:
        state = Seen.PENDING if tab == "posts" else Seen.SHOWN
        posts = queries.posts_waiting(queue=state.value, before=before, limit=PAGE)
        rows = [{"post": one, "state": STATES[one.state]} for one in posts]
        return {"posts": rows, "next": posts[-1].no if len(posts) == PAGE else ""}
    if tab == "complaints":
        found = queries.complaints_waiting(limit=PAGE)
        return {"complaints": [{"complaint": one, "post": one.post, "state": STATES[one.post.state]} for one in found]}
    queue = {"reviews": "pending", "to_hide": "to_hide", "shown": "shown"}[tab]
    reviews = queries.reviews_for_desk(queue=queue, before=before, limit=PAGE)
    return {"reviews": [rows_shown(one) for one in reviews], "next": reviews[-1].no if len(reviews) == PAGE else ""}


def _ask(request: Any, what: str, numbers: list[str], verdict: str, problem: Refusal | None) -> HttpResponse:
    context = {"what": what, "nos": ",".join(numbers), "many": len(numbers), "problem": problem, "verdict": verdict}
    context["was"] = request.POST.get("was", request.GET.get("was", ""))[:8]
    return answers.dialog(request, "console/content/reject.html", context, status=422 if problem else 200)


def _words(refusal: Refusal) -> T:
    return T(refusal.sentence("zh"), refusal.sentence("en"))
