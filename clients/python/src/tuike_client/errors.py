"""What can go wrong, by kind."""

from collections.abc import Sequence
from dataclasses import dataclass


class TuikeError(Exception):
    """Everything that this package raises."""


@dataclass(eq=False)
class ApiError(TuikeError):
    """The server's no, an RFC 9457 problem. `code` is stable; what it means stands at the address in `type`."""

    status: int
    code: str
    title: str
    detail: str
    type: str = ""
    request_id: str = ""
    errors: Sequence[dict[str, str]] = ()
    """Values that are wrong: `in` (body, query, header), `pointer`, `detail`."""
    retry_after: float | None = None
    """Seconds after which the server takes the call again, where it said so."""

    def __str__(self) -> str:
        wrong = "".join(f"; {one.get('pointer', '')}: {one.get('detail', '')}" for one in self.errors)
        return f"{self.status} {self.code}: {self.detail}{wrong} (request {self.request_id})"


class Unreachable(TuikeError):
    """No answer came, in all the tries. Writes may be made again with their key: they happen once."""


class BadWebhook(TuikeError):
    """What came isn't from Tuike, or is too old, or isn't what webhooks look like."""
