"""The operator's queue of what people wrote: reviews, reviews that shops want hidden, posts, reports; and the words."""

import re
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.content import queries, service
from tuike.content.types import ReviewShown, Seen
from tuike.doors.console import answers
from tuike.doors.console.content.reviews import STATES, rows_shown
from tuike.doors.console.text import T
from tuike.kit.errors import Invalid, NotFound, Refusal

PAGE = 50
WHAT = ("reviews", "hiding", "posts", "complaints")
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
    """Pass what was chosen; to reject or hide it, ask for the reason first."""
    if what not in WHAT:
        raise NotFound
    numbers = [
        one for one in re.split(r"[\s,]+", ",".join(request.POST.getlist("nos") or [request.GET.get("nos", "")])) if one
    ]
    numbers = numbers[:PAGE]
    verdict = request.POST.get("verdict", request.GET.get("verdict", ""))
    if request.method == "GET":
        return _ask(request, what, numbers, verdict, None)
    reason = request.POST.get("reason", "")[:400]
    try:
        if not numbers:
            raise Invalid(field="nos", reason_zh="请先选择", reason_en="choose something first")
        changed = _decided(request.asker, what, numbers, verdict, reason)
    except Refusal as refusal:
        if verdict == "pass":
            return answers.toast(HttpResponse(status=200, headers={"HX-Reswap": "none"}), _words(refusal), kind="bad")
        return _ask(request, what, numbers, verdict, refusal)
    return answers.done(T("已处理 {n} 条", "{n} decided").fill(n=changed), refresh="list-changed")


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


def _decided(asker: Any, what: str, numbers: list[str], verdict: str, reason: str) -> int:
    """Decide, and return how many changed."""
    shown, by = verdict == "pass", {"actor": asker.actor, "now": asker.now}
    if what == "posts":
        return service.decide_posts(nos=numbers, shown=shown, reason=reason, **by)
    if what == "complaints":
        for number in numbers:
            complaint_id = int(number) if number.isdecimal() and len(number) < 18 else 0
            service.decide_complaint(complaint_id=complaint_id, upheld=not shown, reason=reason, **by)
        return len(numbers)
    if what == "hiding":
        for number in numbers:
            service.hide_review(no=number, hidden=not shown, reason=reason, **by)
        return len(numbers)
    found = [queries.review_for_desk(no=number) for number in numbers]
    return sum(_decide_review(one, shown, reason, by) for one in found)


def _decide_review(one: ReviewShown, shown: bool, reason: str, by: dict[str, Any]) -> int:
    """Decide what of a review waits: the review itself, else what was added to it."""
    changed = service.decide_reviews(nos=[one.no], shown=shown, reason=reason, **by) if one.state is Seen.PENDING else 0
    return changed or service.decide_additions(nos=[one.no], shown=shown, reason=reason, **by)


def _ask(request: Any, what: str, numbers: list[str], verdict: str, problem: Refusal | None) -> HttpResponse:
    context = {"what": what, "nos": ",".join(numbers), "many": len(numbers), "problem": problem, "verdict": verdict}
    return answers.dialog(request, "console/content/reject.html", context, status=422 if problem else 200)


def _words(refusal: Refusal) -> T:
    return T(refusal.sentence("zh"), refusal.sentence("en"))
