"""Commission that is due, by date."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tuike.doors.console.merchant.reading import who
from tuike.insight import merchant_standing


def page(request: HttpRequest) -> HttpResponse:
    """Show the frame; what is due is read after it (`part=days`), for it looks at every sale that isn't settled."""
    asker = who(request)
    if request.GET.get("part") != "days":
        return render(request, "console/merchant/dues.html", {})
    found = merchant_standing.dues(merchant_id=asker.party_id)
    most = max((one.commission_fen for one in found), default=0)
    context = {
        "rows": [(one, one.commission_fen * 100 // most if most else 0) for one in found],
        "commission": sum(one.commission_fen for one in found),
        "released": sum(one.released_fen for one in found),
        "lines": sum(one.lines for one in found),
    }
    return render(request, "console/merchant/dues_days.html", context)
