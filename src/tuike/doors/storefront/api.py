"""The API: its parts and its description."""

from importlib.metadata import version

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI

from tuike.doors.storefront import (
    addresses,
    after_sales,
    bargains,
    board,
    cart,
    checkouts,
    coupons,
    finance,
    joining,
    kept,
    landing,
    library,
    mall,
    me,
    members,
    network,
    news,
    orders_buyer,
    points,
    problems,
    promoter_home,
    reaching,
    red_packets,
    reviews,
    scans,
    selling,
    sending,
    sessions,
    shop,
    start,
    team,
)
from tuike.doors.web.described import Json, Pages

api = NinjaAPI(
    title="Tuike · 推客",
    version=version("tuike"),
    description=(
        "商城、推客与资金接口。金额均为整数分（`_fen`），比例均为万分之一整数（`_bps`），时间为 UTC。\n\n"
        "The mall's, promoters' and money's API. Amounts are whole fen (`_fen`), rates whole ten-thousandths (`_bps`),"
        " instants UTC.\n\n"
        "Writes carry an `Idempotency-Key`: the same key with the same content does nothing a second time and answers"
        " with what was made, or with how it stands now; with other content it is refused. Refusals are"
        ' `{"code", "message"}`; the message follows `Accept-Language` (zh, en).'
    ),
    docs=Pages(),
    docs_url="/docs",
    openapi_url="/openapi.json",
    urls_namespace="api",
    parser=Json(),
)
problems.install(api)
api.add_router("/storefront/sessions", sessions.router)
api.add_router("/storefront", start.router)
api.add_router("/storefront", landing.router)
api.add_router("/storefront", joining.router)
api.add_router("/storefront/me", me.router)
api.add_router("/storefront", news.router)
api.add_router("/storefront", mall.router)
api.add_router("/storefront", shop.router)
api.add_router("/storefront", cart.router)
api.add_router("/storefront", reviews.router)
api.add_router("/storefront", board.router)
api.add_router("/storefront", checkouts.router)  # before /checkouts/{no}
api.add_router("/storefront", orders_buyer.router)
api.add_router("/storefront", after_sales.router)
api.add_router("/storefront", coupons.router)
api.add_router("/storefront", sending.router)
api.add_router("/storefront", bargains.router)
api.add_router("/storefront", red_packets.router)
api.add_router("/storefront", members.router)
api.add_router("/storefront", addresses.router)
api.add_router("/storefront", kept.router)
api.add_router("/storefront", points.router)
api.add_router("/storefront/scans", scans.router)
api.add_router("/storefront/merchant", selling.router)
api.add_router("/storefront/network", network.router)
api.add_router("/storefront/promoter", promoter_home.router)  # that of `promoting`: the two share addresses
api.add_router("/storefront/promoter", team.router)
api.add_router("/storefront/promoter", reaching.router)
api.add_router("/storefront/me", team.buyers)
api.add_router("/storefront/promoter", library.router)
api.add_router("/storefront/finance", finance.router)


def missing(request: HttpRequest, rest: str) -> HttpResponse:
    """Answer for addresses below /api/ that don't exist."""
    return problems.by_status(404)
