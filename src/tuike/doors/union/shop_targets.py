"""A shop's targeted plans: made, listed, changed; who is in them (docs/rules.md §3)."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse

from tuike.apps.types import Scope
from tuike.doors.union import goods
from tuike.doors.union.calls import TEXT, WHOLE, Asked, Call, Maybe, OneOf
from tuike.doors.union.goods import seconds
from tuike.doors.union.kinds import ID, RATIO, Ask, Choice, Many, Object, Text, wrong
from tuike.doors.union.spans import instant, offset, second
from tuike.doors.union.targets import PLAN_ID, times
from tuike.flows import target_promoters
from tuike.flows.target_promoters import By
from tuike.insight import listed as insight
from tuike.insight import plan_goods
from tuike.insight.plan_pages import plan_page
from tuike.kit.errors import NotFound
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind, SubjectKind
from tuike.plans import queries as plans
from tuike.plans.types import MemberState, NewTargetedPlan, TargetedPlanChange, TargetedPlanShown

VALID, INVALID = "VALID", "INVALID"
OPEN_TYPE = "PROMOTION_TARGETED_PLAN_TYPE_OPEN"
STATES = {
    MemberState.APPLIED: "AUDITING",
    MemberState.ACCEPTED: "ACCEPTED",
    MemberState.REJECTED: "REJECTED",
    MemberState.REMOVED: "REMOVED",
    MemberState.INVITED: "INVITED",
    MemberState.DECLINED: "DECLINED",
}
ANSWERS = ("ACCEPTED", "REJECTED", "REMOVED")
MOST = 100
MOST_PRODUCTS = 100
LAST_OF_PLANS = 7_258_118_400
"""The first second of 2200."""


def add_plan(asked: Asked) -> Mapping[str, Any]:
    """Make a plan; a start that has passed is now."""
    item = asked["planItem"]
    starts_at = max(instant(item["planStartTime"]) if item["planStartTime"] else asked.now, asked.now)
    wanted = NewTargetedPlan(
        name=item["planName"],
        note=item["planDesc"],
        starts_at=starts_at,
        ends_at=instant(item["planEndTime"]),
        rates=_rates(asked["productList"]),
    )
    return _made(target_promoters.create_plan(plan=wanted, by=_by(asked, keyed=True)))


def update_plan(asked: Asked) -> Mapping[str, Any]:
    """Change a plan, or (`INVALID`) end it from the next midnight on. What isn't given stays."""
    plan, item = _own(asked), asked["planItem"] or {}
    if item.get("planStatus") == INVALID:
        target_promoters.stop_plan(no=plan.no, by=_by(asked))
        return _link(plan)
    if item.get("planStartTime") and item["planStartTime"] != seconds(plan.starts_at):
        raise wrong("planItem.planStartTime", "开始时间不能修改", "a plan's start stays")
    change = TargetedPlanChange(
        name=item.get("planName") or plan.name,
        note=plan.note if item.get("planDesc") is None else item["planDesc"],
        ends_at=_end(plan, item.get("planEndTime")),
        rates=_rates(asked["productList"]) if asked["productList"] else plan.rates,
    )
    target_promoters.change_plan(no=plan.no, change=change, by=_by(asked))
    return _link(plan)


def plan_list(asked: Asked) -> Mapping[str, Any]:
    """List the shop's plans, newest first; or show one."""
    if asked["planId"]:
        plan = _own(asked)
        return {"plan": _plans([plan], asked.now)[0], "total": 1}
    running = {VALID: True, INVALID: False}.get(asked["planStatus"])
    found, total = plan_page(
        merchant_id=asked.party_id, running=running, start=asked["offset"], limit=asked["limit"], now=asked.now
    )
    return {"planList": _plans(found, asked.now), "total": total}


def product_list(asked: Asked) -> Mapping[str, Any]:
    """List a plan's products, the highest rate first."""
    given = plan_goods.goods(_own(asked), now=asked.now)[asked["offset"] :][: asked["limit"]]
    listed = {
        one.product.product_id: one for one in insight.listed([one.product.product_id for one in given], now=asked.now)
    }
    return {
        "productList": [
            {
                "productId": str(one.product.product_id),
                "outProductId": one.product.external_no,
                "title": one.product.title,
                "headImg": goods.pictures(one.product),
                "cats": [
                    {"catId": str(node.category_id), "level": len(node.path), "name": node.name}
                    for node in listed[one.product.product_id].categories
                ],
                "path": one.product.path,
                "minPrice": one.product.min_price_fen,
                "totalStockNum": one.product.free,
                "commissionRatio": one.next_bps if one.bps is None else one.bps,
            }
            for one in given
        ]
    }


def promoter_list(asked: Asked) -> Mapping[str, Any]:
    """List who stands in a plan, the latest step first."""
    start, limit = asked["offset"], asked["limit"]
    found = plans.members_of(plan_id=_own(asked).plan_id, limit=start + limit)[start:]
    facts = parties.promoter_facts([one.promoter_id for one in found])
    appids = parties.appids_of([one.promoter_id for one in found])
    return {
        "promoterList": [
            {
                "appid": appids.get(one.promoter_id, ""),
                "nickname": facts[one.promoter_id].name,
                "promoterType": _TYPES[facts[one.promoter_id].subject_kind],
                "applyTime": times(one)["applyTime"],
                "promoterStatus": STATES[one.state],
                "joinTime": times(one)["joinTime"],
                "applyReason": one.message,
            }
            for one in found
        ]
    }


def update_promoter(asked: Asked) -> Mapping[str, Any]:
    """Take applicants in, turn them away, or take promoters out from the next midnight on: all or none."""
    plan, status = _own(asked), asked["promoterStatus"]
    appids = dict.fromkeys(asked["appidList"])
    known = parties.by_appid(appids)
    if appids.keys() - known.keys():
        raise NotFound
    who = [known[one] for one in appids]
    if status == "REMOVED":
        target_promoters.remove_members(no=plan.no, promoter_ids=who, reason="", by=_by(asked))
    else:
        accept = status == "ACCEPTED"
        target_promoters.decide(no=plan.no, promoter_ids=who, accept=accept, reason="", by=_by(asked))
    return {}


def _own(asked: Asked) -> TargetedPlanShown:
    """Return the caller's plan.

    Raises:
        NotFound: no such plan, or another shop's.
    """
    plan = plans.plan_by_code(asked["planId"])
    if plan.merchant_id != asked.party_id:
        raise NotFound
    return plan


def _by(asked: Asked, *, keyed: bool = False) -> By:
    return By(asked.party_id, asked.actor, asked.now, uuid.uuid4().hex if keyed else None)


def _end(plan: TargetedPlanShown, second_: int | None) -> datetime:
    """Return the end that is wanted; the second that was shown is the end as it stands, whatever its fraction."""
    return plan.ends_at if second_ is None or second_ == seconds(plan.ends_at) else instant(second_)


def _rates(given: Sequence[Mapping[str, int]]) -> dict[int, int]:
    rates = {one["productId"]: one["rate"] for one in given}
    if len(rates) < len(given):
        raise wrong("productList", "同一商品出现多次", "names something twice")
    return rates


def _plans(found: Sequence[TargetedPlanShown], now: datetime) -> list[dict[str, Any]]:
    counts = plans.member_counts(plan.plan_id for plan in found)
    return [
        {
            "planId": plan.invite_code,
            "planType": OPEN_TYPE,
            "planName": plan.name,
            "planDesc": plan.note,
            "planStatus": INVALID if plan.over(now) else VALID,
            "planStartTime": seconds(plan.starts_at),
            "planEndTime": seconds(plan.until()),
            "acceptPromoterCnt": counts[plan.plan_id].get(MemberState.ACCEPTED, 0),
            "auditingPromoterCnt": counts[plan.plan_id].get(MemberState.APPLIED, 0),
            "inviteUrl": _url(plan),
        }
        for plan in found
    ]


def _made(plan: TargetedPlanShown) -> dict[str, str]:
    return {"planId": plan.invite_code, "planType": OPEN_TYPE, "inviteUrl": _url(plan)}


def _link(plan: TargetedPlanShown) -> dict[str, str]:
    return {"planId": plan.invite_code, "inviteUrl": _url(plan)}


def _url(plan: TargetedPlanShown) -> str:
    return settings.PUBLIC_BASE.rstrip("/") + reverse("console:join", kwargs={"code": plan.invite_code})


_TYPES = {kind: "PERSONAL" if kind is SubjectKind.INDIVIDUAL else "MERCHANT" for kind in SubjectKind}
_READ, _WRITE = (PartyKind.MERCHANT, Scope.PLANS_READ), (PartyKind.MERCHANT, Scope.PLANS_WRITE)
_AT = "/union/shop/target"
_PRODUCTS = Many(Object((Ask("productId", ID), Ask("rate", RATIO))), MOST_PRODUCTS, 1)
_WORDS = Text(500)
_START, _ENDS = second("planStartTime", LAST_OF_PLANS), second("planEndTime", LAST_OF_PLANS)
_END = Ask("planEndTime", _ENDS.kind)
_NEW = Object((Ask("planName", _WORDS), Ask("planDesc", _WORDS, ""), _START, _END))
_CHANGED = Object(
    (
        Ask("planName", _WORDS, None), Ask("planDesc", _WORDS, None), _START, _ENDS,
        Ask("planStatus", Choice((VALID, INVALID)), None),
    )
)  # fmt: skip
_ID = Ask("planId", PLAN_ID)
_PLAN = {
    "planId": TEXT,
    "planType": OneOf((OPEN_TYPE,)),
    "planName": TEXT,
    "planDesc": TEXT,
    "planStatus": OneOf((VALID, INVALID)),
    "planStartTime": WHOLE,
    "planEndTime": WHOLE,
    "acceptPromoterCnt": WHOLE,
    "auditingPromoterCnt": WHOLE,
    "inviteUrl": TEXT,
}

CALLS = (
    Call(
        "POST", f"{_AT}/add_plan", *_WRITE, "新建定向计划", "make a targeted plan",
        (Ask("planItem", _NEW), Ask("productList", _PRODUCTS)),
        {"planId": TEXT, "planType": OneOf((OPEN_TYPE,)), "inviteUrl": TEXT}, add_plan,
    ),
    Call(
        "GET", f"{_AT}/plan_list", *_READ, "查询定向计划", "the shop's targeted plans",
        (Ask("planId", PLAN_ID, None), Ask("planStatus", Choice((VALID, INVALID)), None), *offset(MOST)),
        {"planList": Maybe([_PLAN]), "plan": Maybe(_PLAN), "total": WHOLE}, plan_list,
    ),
    Call(
        "GET", f"{_AT}/product_list", *_READ, "查询计划商品", "a plan's products", (_ID, *offset(MOST)),
        {
            "productList": [
                {
                    "productId": TEXT,
                    "outProductId": TEXT,
                    "title": TEXT,
                    "headImg": [TEXT],
                    "cats": [{"catId": TEXT, "level": WHOLE, "name": TEXT}],
                    "path": TEXT,
                    "minPrice": WHOLE,
                    "totalStockNum": WHOLE,
                    "commissionRatio": WHOLE,
                }
            ]
        },
        product_list,
    ),
    Call(
        "GET", f"{_AT}/promoter_list", *_READ, "查询计划推客", "who stands in a plan", (_ID, *offset(MOST)),
        {
            "promoterList": [
                {
                    "appid": TEXT,
                    "nickname": TEXT,
                    "promoterType": OneOf(("PERSONAL", "MERCHANT")),
                    "applyTime": WHOLE,
                    "promoterStatus": OneOf(tuple(STATES.values())),
                    "joinTime": WHOLE,
                    "applyReason": TEXT,
                }
            ]
        },
        promoter_list,
    ),
    Call(
        "POST", f"{_AT}/update_plan", *_WRITE, "修改或结束定向计划", "change or end a plan",
        (_ID, Ask("planItem", _CHANGED, None), Ask("productList", _PRODUCTS, None)),
        {"planId": TEXT, "inviteUrl": TEXT}, update_plan,
    ),
    Call(
        "POST", f"{_AT}/update_promoter", *_WRITE, "处理计划推客", "take promoters in or out",
        (_ID, Ask("appidList", Many(Text(64, 1), 50, 1)), Ask("promoterStatus", Choice(ANSWERS))), {}, update_promoter,
    ),
)  # fmt: skip
