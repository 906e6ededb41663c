"""Addresses of the pages of this folder."""

from tuike.doors.console.guard import page
from tuike.doors.console.review import rules

urlpatterns = [
    page(kind, f"review-{name}", f"review-rules/{route}", view)
    for kind in ("merchant", "operator")
    for name, route, view in (
        ("rules", "", rules.page),
        ("rule-new", "new/", rules.new),
        ("dry-run", "dry-run", rules.tried),
        ("rule", "<slug:no>/", rules.one),
        ("rule-edit", "<slug:no>/edit/", rules.edit),
        ("rule-set", "<slug:no>/set/<slug:verb>/", rules.put),
    )
]
