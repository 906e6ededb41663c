"""Targeted plans as promoters see them: who has the invite link may look and apply (docs/rules.md §3)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit

from tuike.apps.types import Scope
from tuike.doors.union import goods
from tuike.doors.union.calls import TEXT, WHOLE, Asked, Call, OneOf
from tuike.doors.union.goods import seconds
from tuike.doors.union.kinds import Ask, Text
from tuike.flows import target_promoters
from tuike.flows.target_promoters import By
from tuike.insight import listed as insight
from tuike.insight import plan_goods
from tuike.insight.listed import Listed
from tuike.insight.plan_goods import PlanGood
from tuike.kit.errors import NotFound
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind
from tuike.plans import queries as plans
from tuike.plans.types import MemberShown, MemberState, TargetedPlanShown

NOT_YET, VALID, ENDED = 0, 1, 2
STATES = {
    MemberState.APPLIED: 1,
    MemberState.ACCEPTED: 2,
    MemberState.REJECTED: 3,
    MemberState.REMOVED: 4,
    MemberState.INVITED: 5,
    MemberState.DECLINED: 6,
}
PLAN_ID = Text(40, 1)


def plan_info(asked: Asked) -> Mapping[str, Any]:
    """Show the plan of an invite link with its products."""
    plan = plans.plan_by_code(code_in(asked["planInvitationUrl"]))
    given = plan_goods.goods(plan, now=asked.now)
    listed = {
        one.product.product_id: one for one in insight.listed([one.product.product_id for one in given], now=asked.now)
    }
    shop = parties.merchant_facts([plan.merchant_id])[plan.merchant_id]
    return {
        "targetPlanInfo": {
            "planId": plan.invite_code,
            "planStatus": _phase(plan, asked.now),
            "planName": plan.name,
            "planDesc": plan.note,
            "planStartTime": seconds(plan.starts_at),
            "planEndTime": seconds(plan.until()),
            "extInfo": {
                "bizBasicInfo": {
                    "headimgurl": "",
                    "nickname": shop.name,
                    "appid": insight.appids_of([shop])[shop.id],
                }
            },
        },
        "productListInfo": [_product(plan, one, listed[one.product.product_id]) for one in given],
    }


def apply_target(asked: Asked) -> Mapping[str, Any]:
    """Ask to be taken into a plan; the shop decides."""
    by = By(asked.party_id, asked.actor, asked.now)
    target_promoters.apply_by_code(code=asked["planId"], message=asked["applyReason"], by=by)
    return {}


def apply_status(asked: Asked) -> Mapping[str, Any]:
    """Show where the caller stands in a plan."""
    plan = plans.plan_by_code(asked["planId"])
    member = plans.member_of(plan_id=plan.plan_id, promoter_id=asked.party_id)
    if member is None:
        raise NotFound
    return {
        "data": {
            "planId": plan.invite_code,
            "promoterStatus": STATES[member.state],
            "applyReason": member.message,
            **times(member),
        }
    }


def times(member: MemberShown) -> dict[str, int]:
    """Return when a promoter asked, came in, was turned away, was taken out; 0 for what isn't so (any more)."""
    at = seconds(member.since)
    return {
        "applyTime": seconds(member.applied_at),
        "joinTime": at if member.state is MemberState.ACCEPTED else 0,
        "rejectTime": at if member.state in (MemberState.REJECTED, MemberState.DECLINED) else 0,
        "removeTime": at if member.state is MemberState.REMOVED else 0,
    }


def code_in(text: str) -> str:
    """Return the invite code in an invite link, or the bare code."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return ""
    asked = parse_qs(parts.query).get("planId")
    return asked[0] if asked else parts.path.rstrip("/").rpartition("/")[2]


def _phase(plan: TargetedPlanShown, now: datetime) -> int:
    if plan.over(now):
        return ENDED
    return NOT_YET if now < plan.starts_at else VALID


def _product(plan: TargetedPlanShown, good: PlanGood, one: Listed) -> dict[str, Any]:
    shown = goods.product(one)["product"]
    rate = good.next_bps if good.bps is None else good.bps
    return {
        "planId": plan.invite_code,
        "productId": str(good.product.product_id),
        "productStatus": shown["status"],
        "commissionRatio": rate,
        "productDetailInfo": {name: shown["info"][name] for name in DETAIL} | {"skus": shown["skus"]},
        "leagueExInfo": {
            "hasCommission": int(rate > 0),
            "commissionRatio": rate,
            "commissionValue": good.fen,
            "banBizuin": 0,
            "banCategory": int(one.product.restricted),
            "banProduct": int(one.product.excluded),
        },
        "couponInfo": goods.coupon_info(one.coupon) | {"discount": one.minus_fen},
    }


DETAIL = {
    name: goods.INFO[name]
    for name in (
        "title", "subTitle", "headImg", "category", "brand", "model", "detail", "param", "minPrice", "totalStockNum",
        "totalSoldNum",
    )
}  # fmt: skip
_PLAN = {
    "planId": TEXT,
    "planStatus": OneOf((NOT_YET, VALID, ENDED)),
    "planName": TEXT,
    "planDesc": TEXT,
    "planStartTime": WHOLE,
    "planEndTime": WHOLE,
    "extInfo": {"bizBasicInfo": {"headimgurl": TEXT, "nickname": TEXT, "appid": TEXT}},
}
_PRODUCT = {
    "planId": TEXT,
    "productId": TEXT,
    "productStatus": OneOf((goods.ON_SALE, goods.OFF_SALE)),
    "commissionRatio": WHOLE,
    "productDetailInfo": {**DETAIL, "skus": [goods.SKU]},
    "leagueExInfo": {
        **goods.LEAGUE,
        "banBizuin": goods.YES_NO,
        "banCategory": goods.YES_NO,
        "banProduct": goods.YES_NO,
    },
    "couponInfo": {**goods.COUPON, "discount": WHOLE},
}
_READ = (PartyKind.PROMOTER, Scope.PLANS_READ)

CALLS = (
    Call(
        "GET", "/union/promoter/target/plan_info", *_READ, "查询定向计划", "the plan of an invite link",
        (Ask("planInvitationUrl", Text(500, 1)),), {"targetPlanInfo": _PLAN, "productListInfo": [_PRODUCT]}, plan_info,
    ),
    Call(
        "POST", "/union/promoter/target/apply_target", PartyKind.PROMOTER, Scope.PLANS_WRITE, "申请加入定向计划",
        "ask to be taken into a plan", (Ask("planId", PLAN_ID), Ask("applyReason", Text(500), "")), {}, apply_target,
    ),
    Call(
        "GET", "/union/promoter/target/apply_status", *_READ, "查询申请状态", "where the caller stands in a plan",
        (Ask("planId", PLAN_ID),),
        {
            "data": {
                "planId": TEXT,
                "promoterStatus": OneOf(tuple(STATES.values())),
                "applyReason": TEXT,
                "applyTime": WHOLE,
                "joinTime": WHOLE,
                "rejectTime": WHOLE,
                "removeTime": WHOLE,
            }
        },
        apply_status,
    ),
)  # fmt: skip
