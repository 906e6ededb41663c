"""Operations whose bodies may be larger than everybody else's."""

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest

from tuike.apps.types import App, Scope
from tuike.doors.openapi.callers import Needs
from tuike.parties.types import PartyKind


class NeedsLarge(Needs):
    """What an operation asks of its caller, with bodies of up to `most_bytes`."""

    def __init__(self, scope: Scope, *kinds: PartyKind, most_bytes: int) -> None:
        super().__init__(scope, *kinds)
        self.most_bytes = most_bytes

    def __call__(self, request: HttpRequest) -> App:
        """Read the body under its own limit, then do what `Needs` does.

        Raises:
            RequestDataTooBig: it says that it is larger, or goes on behind the limit. And what `Needs` raises.
        """
        if not hasattr(request, "_body"):
            said = request.META.get("CONTENT_LENGTH") or "0"
            if not said.isdigit() or int(said) > self.most_bytes:
                raise RequestDataTooBig
            body = request.read(self.most_bytes + 1)
            if len(body) > self.most_bytes:
                raise RequestDataTooBig
            request._body = body  # where HttpRequest.body looks first: its own limit is for all addresses
        return super().__call__(request)
