"""The password of the story's people. Django must be set up before this is imported."""

import hmac

from django.conf import settings


def demo_password() -> str:
    """Return the password of everybody in the story who signs in to a console: this installation's own."""
    return f"demo-{hmac.digest(settings.SECRET_KEY.encode(), b'demo password', 'sha256').hex()[:10]}"
