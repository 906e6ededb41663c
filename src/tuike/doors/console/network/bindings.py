"""Buyers who are bound to promoters: a shop's page, which gives a binding up, and a promoter's own, both masked."""

from typing import Any

from django.http import HttpResponse

from tuike.attribution import queries as attribution
from tuike.attribution.types import BindingShown, NotBound
from tuike.doors.console import lists
from tuike.doors.console.merchant.policy import BINDING
from tuike.doors.console.operator.drawn import Field, Form, asked
from tuike.doors.console.text import T
from tuike.flows import release_bindings
from tuike.insight.lists.network import BOUND_HERE, BOUND_TO_ME
from tuike.kit.names import masked_name
from tuike.parties import queries as parties
from tuike.parties.types import BindingMode, PartyKind
from tuike.people import queries as people


def page(request: Any) -> HttpResponse:
    """List who is or was bound: to whom, until when, released by whom."""
    asker = request.asker
    if asker.party.kind is PartyKind.PROMOTER:
        return lists.show(
            request,
            BOUND_TO_ME,
            scope={"promoter": asker.party_id, "now": asker.now.isoformat()},
            title=T("绑定客户", "Bound buyers"),
            lead=T(
                "保护期内，客户在该店铺下单且没有其他推广来源时，订单归属您。",
                "Until then an order of theirs at that shop is yours where no other promotion led there.",
            ),
            empty=(
                T("还没有绑定的客户", "Nobody is bound to you yet"),
                T(
                    "店铺开启客户绑定后，由您的推广带来的客户会出现在这里。",
                    "Shops that bind buyers bind those you bring.",
                ),
            ),
        )
    shop = parties.merchant_facts([asker.party_id])[asker.party_id]
    return lists.show(
        request,
        BOUND_HERE,
        scope={"merchant": asker.party_id, "now": asker.now.isoformat()},
        title=T("客户绑定", "Bound buyers"),
        lead=T(
            "保护期内，客户下单且没有其他推广来源时，订单归属所绑定的推客；订单的归属说明会写明。",
            "Until then an order that no other promotion led to is the promoter's; the order's receipt says so.",
        ),
        top="console/network/bindings_top.html",
        row_acts="console/network/binding_acts.html",
        empty=(
            T("还没有绑定的客户", "Nobody is bound yet"),
            T(
                "开启客户绑定后，由推客带来的客户会出现在这里。",
                "With binding on, buyers whom promoters bring appear here.",
            ),
        ),
        extra={
            "mode": BINDING[shop.binding_mode],
            "on": shop.binding_mode is not BindingMode.OFF,
            "days": shop.binding_days,
            "may_release": asker.may("merchant-binding-release", "POST"),
        },
    )


def release(request: Any, *, id_: int) -> HttpResponse:
    """Ask why, and give a buyer's binding up."""
    asker = request.asker
    found = _held(request, id_)
    known = parties.refs([found.promoter_id])
    buyer = people.refs([found.buyer_id]).get(found.buyer_id)
    form = Form(
        T("解除客户绑定", "Release the buyer"),
        request.path,
        T("解除", "Release"),
        fields=[Field("reason", T("原因", "Reason"), "area", hint=T("推客会看到原因。", "The promoter reads it."))],
        facts=[
            (T("买家", "Buyer"), masked_name(buyer.nickname if buyer else ""), "text"),
            (T("推客", "Promoter"), known[found.promoter_id].name, "text"),
            (T("保护期至", "Until"), found.until, "when"),
        ],
        note=T(
            "立即生效：此后的订单不再因绑定归属该推客，已成交订单不变。",
            "At once: no later order is the promoter's by this binding; orders that were made stay as they are.",
        ),
        danger=True,
    )

    def work() -> T:
        release_bindings.release_by_merchant(
            merchant_id=asker.party_id,
            binding_id=id_,
            reason=request.POST.get("reason", ""),
            actor=asker.actor,
            now=asker.now,
        )
        return T("已解除绑定", "Released")

    return asked(request, form, work)


def _held(request: Any, id_: int) -> BindingShown:
    """Return a binding of the shop's that holds.

    Raises:
        NotBound: none of this number, or it holds no more.
    """
    asker = request.asker
    found = attribution.bindings(at=asker.now, merchant_id=asker.party_id, before_id=id_ + 1, limit=1)
    if not found or found[0].binding_id != id_ or not found[0].holds:
        raise NotBound
    return found[0]
