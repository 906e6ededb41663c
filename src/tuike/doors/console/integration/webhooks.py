"""Webhook endpoints: added, changed, switched, tested, deleted; their secrets, each shown once."""

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse

from tuike.doors.console import answers, lists
from tuike.doors.console.keys import asker_key
from tuike.doors.console.text import T, Tag
from tuike.flows import deliver_webhooks as flow
from tuike.gateways.webhook import ERRORS
from tuike.insight.lists.webhooks import ENDPOINT_STATES, ENDPOINTS
from tuike.kit import clock
from tuike.kit.errors import Invalid, Refusal
from tuike.webhooks import queries, service
from tuike.webhooks.types import OFFERED, WORDS, BadUrl, DeliveryShown, EndpointShown, EventType, TooManyEndpoints

SINCE = (("1", T("最近 1 小时", "last hour"), 1), ("24", T("最近 24 小时", "last 24 hours"), 24))
MORE = (("72", T("最近 3 天", "last 3 days"), 72), ("720", T("最近 30 天", "last 30 days"), 720))
GROUPS = (
    ("order", T("订单", "Orders")),
    ("accrual", T("佣金", "Commission")),
    ("settlement", T("结算与账单", "Settlement and statements")),
    ("withdrawal", T("提现", "Withdrawals")),
    ("plan", T("推广计划与上报", "Plans and reports")),
    ("enrolment", T("团长合作", "Cooperation with leaders")),
)
_IN_GROUP = {"statement": "settlement", "report": "plan"}


def page(request: Any) -> HttpResponse:
    """List the party's endpoints."""
    party_id = request.asker.party_id
    return lists.show(
        request,
        ENDPOINTS,
        scope={"party": party_id},
        title=T("事件推送", "Webhooks"),
        lead=T(
            "订单、佣金、提现等变化发生后，几秒内推送到您的系统，签名可校验，失败会自动重试。",
            "Your system hears of orders, commission and withdrawals within seconds: signed, and again if it fails.",
        ),
        acts="console/integration/webhooks_acts.html",
        top="console/integration/webhooks_tabs.html",
        row=lambda data: answers.url(request, "webhook", no=data["name__no"]),
        export=False,
        empty=(
            T("还没有接收地址", "No endpoint yet"),
            T(
                "添加一个 HTTPS 地址，选择要接收的事件，再用“发送测试”确认能收到。",
                "Add an HTTPS address, choose what it hears of, and see with a test that it arrives.",
            ),
        ),
        extra={"tab": "webhooks", "used": len(queries.endpoints_of(party_id))},
    )


def one(request: Any, *, no: str) -> HttpResponse:
    """Show an endpoint with everything that can be done with it."""
    found = queries.endpoint(party_id=request.asker.party_id, no=no)
    state = found.off_reason if not found.active else "failing" if found.failing_since else "on"
    if not found.active and found.off_reason == "failing":
        state = "switched_off"
    zh, en, colour = ENDPOINT_STATES[state]
    context = {
        "one": found,
        "tag": Tag(T(zh, en), colour),
        "types": [(one.value, T(*WORDS[one])) for one in found.types],
        "rotating": found.old_until is not None and found.old_until > request.asker.now,
    }
    return answers.drawer(request, "console/integration/webhook.html", context)


def add(request: Any) -> HttpResponse:
    """Ask for name, address and events; add the endpoint and show its secret this once."""
    if request.method == "GET":
        return _form(request, {"typed": {"types": {EventType.ORDER_PAID.value}}})
    typed = _typed(request)
    try:
        made = service.add(
            party_id=request.asker.party_id, key=asker_key(request), actor=request.asker.actor, now=request.asker.now,
            **typed,
        )  # fmt: skip
    except (Invalid, BadUrl, TooManyEndpoints) as refusal:
        return _form(request, {"typed": typed}, refusal)
    return _secret(request, made.endpoint, made.secret, T("接收地址已添加", "The endpoint was added"))


def edit(request: Any, *, no: str) -> HttpResponse:
    """Ask for another name, address or events, and take them."""
    found = queries.endpoint(party_id=request.asker.party_id, no=no)
    if request.method == "GET":
        types = {one.value for one in found.types}
        return _form(request, {"one": found, "typed": {"name": found.name, "url": found.url, "types": types}})
    typed = _typed(request)
    try:
        service.change(
            party_id=request.asker.party_id, no=no, actor=request.asker.actor, now=request.asker.now, **typed
        )
    except (Invalid, BadUrl) as refusal:
        return _form(request, {"one": found, "typed": typed}, refusal)
    return answers.done(T("接收地址已保存", "The endpoint was saved"), refresh="list-changed")


def switch(request: Any, *, no: str) -> HttpResponse:
    """Switch an endpoint on or off."""
    on = request.POST.get("on") == "1"
    service.switch(party_id=request.asker.party_id, no=no, on=on, actor=request.asker.actor, now=request.asker.now)
    said = T("接收地址已启用", "The endpoint is on") if on else T("接收地址已停用", "The endpoint is off")
    return answers.done(said, refresh="list-changed")


def delete(request: Any, *, no: str) -> HttpResponse:
    """Say what deleting means, and delete."""
    found = queries.endpoint(party_id=request.asker.party_id, no=no)
    if request.method == "GET":
        return answers.dialog(request, "console/integration/webhook_delete.html", {"one": found})
    service.delete(party_id=request.asker.party_id, no=no, actor=request.asker.actor, now=request.asker.now)
    return answers.done(T("接收地址已删除", "The endpoint was deleted"), refresh="list-changed")


def rotate(request: Any, *, no: str) -> HttpResponse:
    """Say what a new secret means; make it and show it this once."""
    found = queries.endpoint(party_id=request.asker.party_id, no=no)
    if request.method == "GET":
        return answers.dialog(request, "console/integration/webhook_rotate.html", {"one": found})
    made = service.rotate(
        party_id=request.asker.party_id, no=no, key=asker_key(request), actor=request.asker.actor,
        now=request.asker.now,
    )  # fmt: skip
    return _secret(request, made.endpoint, made.secret, T("密钥已更换", "The secret was replaced"))


def test(request: Any, *, no: str) -> HttpResponse:
    """Send a test event at once, and show what came back."""
    asker = request.asker
    sent = flow.test_endpoint(party_id=asker.party_id, endpoint_no=no, now=asker.now, real_now=clock.real_now())
    found = queries.delivery(party_id=asker.party_id, delivery_id=sent)
    answer = answers.dialog(request, "console/integration/webhook_tested.html", tries(found))
    return answers.trigger(answer, **{"list-changed": True})


def redeliver_failed(request: Any, *, no: str) -> HttpResponse:
    """Ask since when, and let begin anew what was given up since then."""
    asker = request.asker
    found = queries.endpoint(party_id=asker.party_id, no=no)
    choices = (*SINCE, *MORE)
    if request.method == "GET":
        counted = [
            (value, words, queries.given_up_since(party_id=asker.party_id, endpoint_no=no, since=_ago(request, hours)))
            for value, words, hours in choices
        ]
        return answers.dialog(request, "console/integration/redeliver_failed.html", {"one": found, "choices": counted})
    hours = next((hours for value, _, hours in choices if value == request.POST.get("since")), 24)
    again = flow.redeliver_failed(
        party_id=asker.party_id, endpoint_no=no, since=_ago(request, hours), actor=asker.actor, now=asker.now
    )
    said = T("没有需要重新投递的记录", "Nothing had been given up")
    if again:
        said = T("{n} 条将重新投递", "{n} deliveries begin anew").fill(n=again)
    return answers.done(said, refresh="list-changed")


def tries(found: DeliveryShown) -> dict[str, Any]:
    """Return a delivery and its tries in words, the last one first."""
    drawn = [(each, T(*ERRORS[each.error]) if each.error in ERRORS else None) for each in found.attempts]
    return {"one": found, "tries": drawn[::-1], "last": drawn[-1] if drawn else None}


def _ago(request: Any, hours: int) -> Any:
    return request.asker.now - timedelta(hours=hours)


def _typed(request: HttpRequest) -> dict[str, Any]:
    return {
        "name": request.POST.get("name", ""),
        "url": request.POST.get("url", "").strip(),
        "types": set(request.POST.getlist("types")),
    }


def _form(request: Any, context: dict[str, Any], problem: Refusal | None = None) -> HttpResponse:
    offered = OFFERED[request.asker.party.kind]
    groups = []
    for name, words in GROUPS:
        of = [one for one in offered if _IN_GROUP.get(one.split(".")[0], one.split(".")[0]) == name]
        if of:
            groups.append((words, [(one.value, T(*WORDS[one])) for one in of]))
    field = "url" if isinstance(problem, BadUrl) else getattr(problem, "details", {}).get("field", "form")
    return answers.dialog(
        request,
        "console/integration/webhook_form.html",
        context | {"groups": groups, "problem": problem, "field": field},
        status=422 if problem else 200,
    )


def _secret(request: Any, found: EndpointShown, secret: str, said: T) -> HttpResponse:
    answer = answers.dialog(
        request, "console/integration/webhook_secret.html", {"one": found, "secret": secret, "title": said}
    )
    return answers.trigger(answer, **{"list-changed": True})
