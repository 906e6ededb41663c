"""The least that the server can do for a redirect: the measure of what the short link's door adds."""

from collections.abc import Callable


def application(environ: dict, start_response: Callable) -> list[bytes]:
    """Answer every request with the same 302."""
    start_response("302 Found", [("Location", "/l/x"), ("Cache-Control", "private, no-store"), ("Content-Length", "0")])
    return [b""]
