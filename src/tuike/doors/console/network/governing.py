"""The operator shuts a promoter out, or puts it under another recruiter."""

from typing import Any

from django.http import HttpResponse

from tuike.doors.console.network.hierarchy import NONE, facts_of, found
from tuike.doors.console.operator.drawn import Field, Form, asked
from tuike.doors.console.text import T
from tuike.flows import govern_network
from tuike.kit.errors import Invalid
from tuike.parties.types import UnknownParty


def ban(request: Any, *, no: str) -> HttpResponse:
    """Ask why, and shut the promoter and its super administrator out."""
    form = Form(
        T("清退推客", "Ban the promoter"),
        request.path,
        T("清退", "Ban"),
        fields=[Field("reason", T("原因", "Reason"), "area", hint=T("推客会看到原因。", "The promoter reads it."))],
        facts=facts_of(found(no)),
        note=T(
            "立即生效：新订单不再计佣，其负责人不能再申请加入；已有佣金照常结算，保证金进入待退还。",
            "At once: nothing new is earned and its head can't apply again; what was earned settles as before, the"
            " deposit is held to go back.",
        ),
        danger=True,
    )

    def work() -> T:
        asker = request.asker
        govern_network.ban_promoter(
            promoter_no=no, reason=request.POST.get("reason", ""), actor=asker.actor, now=asker.now
        )
        return T("已清退", "Banned")

    return asked(request, form, work)


def move(request: Any, *, no: str) -> HttpResponse:
    """Ask under whom and why, and put the promoter with all below there."""
    form = Form(
        T("更改推荐人", "Change the recruiter"),
        request.path,
        T("更改", "Change"),
        fields=[
            Field(
                "recruiter",
                T("新推荐人编号", "The new recruiter's number"),
                most=24,
                required=False,
                hint=T("留空则不再有推荐人。", "Left empty: nobody stands above."),
            ),
            Field("reason", T("原因", "Reason"), "area"),
        ],
        facts=facts_of(found(no)),
        note=T(
            "立即生效，其下级一并移动；只影响以后的订单，此前的订单仍按原推荐人计佣。",
            "At once, with all below; only later orders follow it, earlier ones keep their recruiters.",
        ),
        danger=True,
    )

    def work() -> T:
        asker, to = request.asker, request.POST.get("recruiter", "").strip()
        try:
            govern_network.move_promoter(
                promoter_no=no,
                recruiter_no=to,
                reason=request.POST.get("reason", ""),
                actor=asker.actor,
                now=asker.now,
            )
        except UnknownParty as error:
            raise Invalid(field="recruiter", reason_zh="没有这个推客", reason_en="there is no such promoter") from error
        return T("推荐人已更改为 {to}", "The recruiter is {to} now").fill(to=to or str(NONE))

    return asked(request, form, work)
