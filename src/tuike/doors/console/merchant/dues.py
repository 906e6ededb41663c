"""Commission that is due, by date."""

from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from tuike.doors.console.merchant.reading import who
from tuike.insight import merchant_standing
from tuike.insight.merchant_standing import Due

SECONDS = 3
"""What is due is read over every sale that isn't settled; one that takes longer is not waited for."""


def page(request: HttpRequest) -> HttpResponse:
    """Show the frame; what is due comes after it (`part=days`)."""
    if request.GET.get("part") != "days":
        return render(request, "console/merchant/dues.html", {})
    found = _found(who(request).party_id)
    if found is None:
        return render(request, "console/merchant/dues_days.html", {"late": True})
    most = max((one.commission_fen for one in found), default=0)
    context = {
        "rows": [(one, one.commission_fen * 100 // most if most else 0) for one in found],
        "commission": sum(one.commission_fen for one in found),
        "released": sum(one.released_fen for one in found),
        "lines": sum(one.lines for one in found),
    }
    return render(request, "console/merchant/dues_days.html", context)


def _found(merchant_id: int) -> list[Due] | None:
    """Return what is due, or None when it takes too long to read."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL statement_timeout = {round(SECONDS * 1000)}")
            return merchant_standing.dues(merchant_id=merchant_id)
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", None) != "57014":
            raise
        return None
