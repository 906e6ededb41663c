"""That material was copied or downloaded in the console: told by the page's script when its button was pressed."""

from typing import Any

from django.http import HttpResponse

from tuike.attribution import service as attribution
from tuike.attribution.types import ShareKind, Surface
from tuike.kit.errors import Invalid


def share(request: Any, *, code: str) -> HttpResponse:
    """Note a share; answers with nothing to draw."""
    try:
        kind = ShareKind(request.POST.get("kind", ""))
    except ValueError as error:
        raise Invalid(field="kind", reason_zh="未知的分享类型", reason_en="no kind of share") from error
    attribution.record_share(
        promoter_id=request.asker.party_id,
        code=code,
        kind=kind,
        surface=Surface.CONSOLE,
        key=request.POST.get("key", ""),
        now=request.asker.now,
    )
    return HttpResponse(status=204)
