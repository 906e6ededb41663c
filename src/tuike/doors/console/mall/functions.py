"""Which functions of the mall a shop offers."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tuike.doors.console import answers
from tuike.doors.console.merchant.reading import who
from tuike.doors.console.text import T
from tuike.kit.errors import NotFound
from tuike.parties import queries as parties
from tuike.parties import service as parties_of
from tuike.parties.types import MallFunction
from tuike.settings import service as settings

WORDS = {
    MallFunction.COUPONS: (
        T("优惠券", "Coupons"),
        T(
            "买家领取并在结算时使用；由店铺承担优惠。",
            "Buyers take them and use them at checkout; the shop pays for them.",
        ),
    ),
    MallFunction.POINTS: (
        T("积分", "Points"),
        T(
            "本店订单完成后得积分，结算时可用积分抵扣；抵扣由店铺承担。",
            "Completed orders of the shop earn points, and points lower what is paid here; the shop pays for that.",
        ),
    ),
    MallFunction.POINTS_MALL: (
        T("积分商城", "Points mall"),
        T("用积分，或积分加现金兑换本店商品。", "Goods of the shop for points, or for points and money."),
    ),
    MallFunction.BARGAINS: (
        T("砍价", "Bargains"),
        T("买家邀请好友砍价，以砍到的价格购买。", "Friends cut the price, the buyer pays what is reached."),
    ),
    MallFunction.RED_PACKETS: (
        T("店铺红包", "The shop's red packets"),
        T("店铺用可提现余额发红包，在商城内当钱用。", "Sent out of what the shop could withdraw; spent in the mall."),
    ),
    MallFunction.BOARD: (
        T("供求", "Supply and demand"),
        T("在店铺页显示供求信息入口。", "The board is entered from the shop's page."),
    ),
    MallFunction.REVIEWS: (
        T("评价", "Reviews"),
        T("买家在订单完成后评价，审核后显示。", "Buyers review what they received; shown once it is passed."),
    ),
}


def page(request: HttpRequest) -> HttpResponse:
    """Show each function: what it does, who pays for it, whether the shop has it on."""
    asker = who(request)
    on = parties.merchant_facts([asker.party_id])[asker.party_id].functions
    mall = settings.read([f"mall_{one.value}" for one in WORDS])
    context = {
        "functions": [(one.value, *words, one in on, bool(mall[f"mall_{one.value}"])) for one, words in WORDS.items()],
        "may": asker.may("merchant-function-switch", "POST"),
    }
    return render(request, "console/mall/functions.html", context)


def switch(request: HttpRequest, *, function: str) -> HttpResponse:
    """Switch a function on (`on` is 1) or off, at once."""
    asker = who(request)
    try:
        named = MallFunction(function)
    except ValueError as error:
        raise NotFound from error
    on = request.POST.get("on") == "1"
    parties_of.switch_function(merchant_id=asker.party_id, function=named, on=on, actor=asker.actor, now=asker.now)
    words = T("{name}已开启", "{name}: on") if on else T("{name}已关闭", "{name}: off")
    return answers.to(request, answers.url(request, "functions"), toast=words.fill(name=WORDS[named][0]))
