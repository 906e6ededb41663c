"""The address inside a QR code, opened in a browser: says that the mini-program's scanner is meant."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def page(request: HttpRequest, ticket: str) -> HttpResponse:
    """Say how the code is scanned; nothing of the challenge is shown to a browser that only knows its address."""
    return render(request, "console/account/scan_address.html")
