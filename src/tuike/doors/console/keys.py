"""The key that a form's write carries, so that sent twice it is done once."""

from django.http import HttpRequest


def asker_key(request: HttpRequest) -> str:
    """Return the key of the form's hidden field; empty (which verbs refuse by name) when none came."""
    return request.POST.get("key", "")[:80]
