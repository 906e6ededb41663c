"""A shop's reviews: read, answered once, and asked to be hidden."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.content import queries, service
from tuike.content.types import ReviewShown, Seen
from tuike.doors.console import answers
from tuike.doors.console.text import T, Tag
from tuike.kit.errors import Refusal

PAGE = 20
STATES = {
    Seen.PENDING: Tag(T("待审核", "Waiting"), "amber"),
    Seen.SHOWN: Tag(T("展示中", "Shown"), "green"),
    Seen.REJECTED: Tag(T("未通过", "Rejected"), "red"),
    Seen.HIDDEN: Tag(T("已隐藏", "Hidden"), "grey"),
    Seen.CLOSED: Tag(T("已关闭", "Closed"), "grey"),
}
QUEUES = {
    "": T("全部", "All"),
    "unanswered": T("待回复", "To answer"),
    "to_hide": T("已申请隐藏", "Asked to hide"),
}


def page(request: Any) -> HttpResponse:
    """List what buyers say of the shop's goods."""
    queue = request.GET.get("queue", "")
    queue = queue if queue in QUEUES else ""
    before = request.GET.get("before", "")[:24]
    found = queries.reviews_for_desk(merchant_id=request.asker.party_id, queue=queue, before=before, limit=PAGE)
    context = {
        "items": [rows_shown(one) for one in found],
        "queues": list(QUEUES.items()),
        "queue": queue,
        "before": before,
        "next": found[-1].no if len(found) == PAGE else "",
        "may": request.asker.may("merchant-review-answer", "POST"),
    }
    return render(request, "console/content/reviews.html", context)


def answer(request: Any, *, no: str) -> HttpResponse:
    """Ask for the words, and answer a review."""
    asker = request.asker
    review = queries.review_for_desk(no=no, merchant_id=asker.party_id)
    return _asked(
        request,
        review,
        title=T("回复评价", "Answer the review"),
        label=T("回复（所有人可见，只能回复一次）", "The answer: seen by everybody, given once"),
        most=500,
        act=lambda text: service.answer_review(
            merchant_id=asker.party_id, no=no, text=text, actor=asker.actor, now=asker.now
        ),
        done=T("已回复", "Answered"),
    )


def hide(request: Any, *, no: str) -> HttpResponse:
    """Ask for the reason, and ask the operator to hide a review."""
    asker = request.asker
    review = queries.review_for_desk(no=no, merchant_id=asker.party_id)
    return _asked(
        request,
        review,
        title=T("申请隐藏评价", "Ask to hide the review"),
        label=T("原因（由平台核实后决定）", "The reason; the operator decides"),
        most=200,
        act=lambda text: service.ask_to_hide(
            merchant_id=asker.party_id, no=no, reason=text, actor=asker.actor, now=asker.now
        ),
        done=T("已提交平台", "The operator will decide"),
    )


def rows_shown(one: ReviewShown) -> dict[str, Any]:
    """Return a review as a row of a page shows it."""
    return {
        "review": one,
        "state": STATES[one.state],
        "added": STATES[one.follow_up.state] if one.follow_up else None,
        "stars": "★" * one.score + "☆" * (5 - one.score),
    }


def _asked(request: Any, review: ReviewShown, *, title: T, label: T, most: int, act: Any, done: T) -> HttpResponse:
    template = "console/content/said.html"
    context = {"item": rows_shown(review), "title": title, "label": label, "most": most, "path": request.path}
    if request.method == "GET":
        return answers.dialog(request, template, context)
    text = request.POST.get("text", "")[:2000]
    try:
        act(text)
    except Refusal as refusal:
        return answers.dialog(request, template, context | {"typed": text, "problem": refusal}, status=422)
    return answers.done(done, refresh="list-changed")
