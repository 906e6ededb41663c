"""Help: how each console is used, open before certification, too."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def page(request: HttpRequest) -> HttpResponse:
    """Show the help of the party's console."""
    kind = request.asker.party.kind.value  # type: ignore[attr-defined]
    return render(request, "console/account/help.html", {"part": f"console/account/help_{kind}.html"})
