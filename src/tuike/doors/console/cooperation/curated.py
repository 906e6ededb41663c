"""The curated pool (好物联盟): shops apply, the operator lists or turns away, leaders and promoters look."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.doors.console import answers, lists
from tuike.doors.console.cooperation import shared
from tuike.doors.console.keys import asker_key
from tuike.doors.console.lists import BulkAct
from tuike.doors.console.marketing import picking
from tuike.doors.console.marketing.shared import filtered_by
from tuike.doors.console.merchant import reading
from tuike.doors.console.operator.drawn import Field, Form, asked
from tuike.doors.console.text import T
from tuike.flows import curate_pool
from tuike.insight.lists import pool
from tuike.kit.errors import Invalid, NotFound, Refusal

NAME = T("好物联盟", "Curated pool")


def own(request: Any) -> HttpResponse:
    """List what the shop applied for."""
    asker = request.asker
    may = asker.may("merchant-pool-apply", "POST")
    return lists.show(
        request,
        pool.POOL_OF_SHOP,
        scope={"merchant": asker.party_id},
        title=NAME,
        lead=T(
            "平台精选的商品池，向团长与推客展示。提交商品，由平台审核。",
            "Products that the operator has chosen, shown to leaders and promoters. Apply; the operator decides.",
        ),
        acts="console/cooperation/pool_acts.html",
        bulk=(
            BulkAct(
                T("撤回或移出", "Take back"),
                "console:merchant-pool-take-back",
                danger=True,
                confirm=T("所选商品将撤回申请或移出好物联盟，确定？", "Take these back, or out of the pool?"),
            ),
        )
        if may
        else (),
        empty=(
            T("还没有申请", "Nothing applied for yet"),
            T("提交商品申请加入好物联盟。", "Apply with products of yours."),
        ),
    )


def apply(request: Any) -> HttpResponse:
    """Show the form, or apply with the products that were chosen."""
    if request.method == "GET":
        return _form(request, None)
    chosen = picking.chosen(request)
    try:
        if not chosen:
            raise Invalid(field="target_ids", reason_zh="请选择商品", reason_en="choose products")
        curate_pool.apply_to_pool(product_ids=[one.product.product_id for one in chosen], by=shared.by(request))
    except NotFound:
        raise
    except Refusal as refusal:
        return _form(request, refusal)
    words = T("已提交 {n} 个商品，等待平台审核", "Applied with {n}; the operator decides").fill(n=len(chosen))
    return answers.to(request, answers.url(request, "pool"), toast=words)


def take_back(request: Any) -> HttpResponse:
    """Take applications back, or products out of the pool."""
    ids = _chosen(request)
    curate_pool.take_back(application_ids=ids, by=shared.by(request))
    return answers.done(T("已撤回 {n} 个", "Taken back: {n}").fill(n=len(ids)), refresh="list-changed")


def desk(request: Any) -> HttpResponse:
    """List every application, for the operator."""
    may = request.asker.may("operator-pool-decide", "POST")
    return lists.show(
        request,
        pool.POOL_APPLICATIONS,
        scope={},
        title=NAME,
        lead=T(
            "审核商家的申请；入选商品向团长与推客展示。",
            "Decide on applications; what is in is shown to leaders and promoters.",
        ),
        bulk=(
            BulkAct(T("入选", "Take in"), "console:operator-pool-list", icon="check"),
            BulkAct(T("拒绝", "Turn away"), "console:operator-pool-decide", danger=True, dialog=True),
            BulkAct(T("移出", "Take out"), "console:operator-pool-remove", danger=True, dialog=True),
        )
        if may
        else (),
        empty=(T("还没有申请", "No application yet"), T("商家提交后会出现在这里。", "Shops' applications come here.")),
    )


def take_in(request: Any) -> HttpResponse:
    """Take what is selected into the pool."""
    ids = _chosen(request)
    curate_pool.decide_pool(application_ids=ids, accept=True, reason="", **_desk(request))
    return answers.done(T("已入选 {n} 个", "Taken in: {n}").fill(n=len(ids)), refresh="list-changed")


def decide(request: Any) -> HttpResponse:
    """Ask why, and turn away what is selected."""
    ids = _chosen(request)

    def work() -> T:
        reason = request.POST.get("reason", "")
        curate_pool.decide_pool(application_ids=ids, accept=False, reason=reason, **_desk(request))
        return T("已拒绝 {n} 个", "Turned away: {n}").fill(n=len(ids))

    return asked(request, _why(request, T("拒绝申请", "Turn away"), "pool-decide", ids), work)


def remove(request: Any) -> HttpResponse:
    """Ask why, and take what is selected out of the pool."""
    ids = _chosen(request)

    def work() -> T:
        curate_pool.remove_from_pool(application_ids=ids, reason=request.POST.get("reason", ""), **_desk(request))
        return T("已移出 {n} 个", "Taken out: {n}").fill(n=len(ids))

    return asked(request, _why(request, T("移出好物联盟", "Take out of the pool"), "pool-remove", ids), work)


def shown(request: Any) -> HttpResponse:
    """List what is in the pool, for leaders and promoters."""
    return lists.show(
        request,
        pool.POOL,
        scope={"categories": filtered_by()},
        title=NAME,
        lead=T("平台精选的商品，适合优先推广。", "Products that the operator has chosen: a good place to begin."),
        export=False,
        empty=(
            T("暂时没有商品", "Nothing is in it yet"),
            T("平台选入商品后会出现在这里。", "The operator's choices come here."),
        ),
    )


def _why(request: Any, title: T, name: str, ids: list[int]) -> Form:
    return Form(
        title,
        answers.url(request, name),
        title,
        fields=[
            *(Field("ids", T("申请", "Application"), "hidden", str(id_)) for id_ in ids),
            Field("reason", T("原因（商家可见）", "Reason (the shop sees it)"), "area"),
        ],
        lead=T("所选 {n} 个商品。", "Selected: {n}.").fill(n=len(ids)),
        danger=True,
    )


def _desk(request: Any) -> dict[str, Any]:
    return {"actor": request.asker.actor, "now": request.asker.now, "key": asker_key(request)}


def _chosen(request: Any) -> list[int]:
    """Return the applications that were selected.

    Raises:
        NotFound: none.
    """
    sent = request.POST if request.method == "POST" else request.GET
    ids = shared.numbers(sent.getlist("ids"))
    if not ids:
        raise NotFound
    return list(dict.fromkeys(ids))


def _form(request: Any, refusal: Refusal | None) -> HttpResponse:
    context = {
        "errors": reading.problems(refusal) if refusal else {},
        "picked": picking.chosen(request) if request.method == "POST" else [],
        "rated": False,
    }
    return render(request, "console/cooperation/pool_form.html", context, status=422 if refusal else 200)
