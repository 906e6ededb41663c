"""Addresses of the pages of this folder."""

from django.urls import URLPattern

from tuike.doors.console.guard import party_page
from tuike.doors.console.party import certification, exports

EVERY = ("promoter", "merchant", "operator")
CERTIFIED = ("promoter", "merchant")
"""Kinds of party that prove who they are, have seats and money."""

urlpatterns: list[URLPattern] = [
    *party_page("exports", "exports/", exports.page, kinds=EVERY),
    *party_page("exports-start", "exports/start", exports.start, kinds=EVERY),
    *party_page("exports-state", "exports/<str:no>/state", exports.state, kinds=EVERY),
    *party_page("exports-file", "exports/<str:no>/file", exports.file, kinds=EVERY),
    *party_page("certification", "certification/", certification.page, kinds=CERTIFIED),
    *party_page("certification-documents", "certification/documents", certification.documents, kinds=CERTIFIED),
    *party_page(
        "certification-document-remove",
        "certification/documents/<slug:file_no>/remove",
        certification.remove,
        kinds=CERTIFIED,
    ),
    *party_page(
        "certification-picture", "certification/documents/<slug:file_no>", certification.picture, kinds=CERTIFIED
    ),
]
