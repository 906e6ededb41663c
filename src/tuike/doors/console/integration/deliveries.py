"""What was sent to a party's endpoints: the log, one delivery with its tries, and sending it again."""

import json
from typing import Any

from django.http import HttpResponse

from tuike.doors.console import answers, lists
from tuike.doors.console.integration.webhooks import tries
from tuike.doors.console.text import T, Tag
from tuike.doors.web.soon import soon
from tuike.flows import deliver_webhooks as flow
from tuike.insight.lists.webhooks import DELIVERIES, STATES
from tuike.webhooks import queries
from tuike.webhooks.types import ENDED, WORDS


def page(request: Any) -> HttpResponse:
    """List what was sent in the last thirty days."""
    asker = request.asker
    return lists.show(
        request,
        DELIVERIES,
        scope={"party": asker.party_id, "kind": asker.party.kind.value},
        title=T("投递记录", "Delivery log"),
        lead=T(
            "保留 30 天。同一事件的每次投递编号相同，您的系统按编号去重即可。",
            "Kept for 30 days. An event has the same id in every try: your system takes each id once.",
        ),
        top="console/integration/webhooks_tabs.html",
        row=f"console:{asker.party.kind}-webhook-delivery",
        empty=(
            T("还没有投递记录", "Nothing was sent yet"),
            T(
                "添加接收地址后，所选事件发生时会出现在这里。",
                "Once there is an endpoint, what it is told of stands here.",
            ),
        ),
        extra={"tab": "webhook-deliveries"},
    )


def one(request: Any, *, delivery_id: int) -> HttpResponse:
    """Show a delivery: what was sent, every try, every answer."""
    found = queries.delivery(party_id=request.asker.party_id, delivery_id=delivery_id)
    zh, en, colour = STATES[found.state.value]
    context = tries(found) | {
        "tag": Tag(T(zh, en), colour),
        "words": T(*WORDS[found.type]),
        "body": json.dumps(json.loads(found.body), ensure_ascii=False, indent=2),
        "may_send": found.state in ENDED and found.endpoint_active and not request.asker.looking,
    }
    return answers.drawer(request, "console/integration/delivery.html", context)


def redeliver(request: Any, *, delivery_id: int) -> HttpResponse:
    """Let a delivery begin anew."""
    asker = request.asker
    flow.redeliver(party_id=asker.party_id, delivery_id=delivery_id, actor=asker.actor, now=asker.now)
    soon("deliver_webhooks")
    return answers.done(T("将立即重新投递", "It is sent again now"), refresh="list-changed")
