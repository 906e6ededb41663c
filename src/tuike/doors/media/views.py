"""`GET /media/<name>`: one picture."""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe
from django.views.static import serve


@require_safe
def picture(request: HttpRequest, name: str) -> HttpResponseBase:
    """Return the picture, 304 to whoever has it, 404 when there is none."""
    answer = serve(request, name, document_root=settings.MEDIA_ROOT)
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer
