"""Addresses of the pages of this folder."""

from tuike.doors.console.content import moderation, pages, reviews
from tuike.doors.console.guard import page

urlpatterns = [
    page("merchant", "reviews", "reviews/", reviews.page),
    page("merchant", "review-answer", "reviews/<str:no>/answer/", reviews.answer),
    page("merchant", "review-hide", "reviews/<str:no>/hide/", reviews.hide),
    page("operator", "moderation", "moderation/", moderation.page),
    page("operator", "moderation-decide", "moderation/<slug:what>/", moderation.decide),
    page("operator", "words", "words/", moderation.words),
    *[
        one
        for kind in ("merchant", "operator")
        for one in (
            page(kind, "mall-page", "mall-page/", pages.page),
            page(kind, "mall-page-block", "mall-page/<int:place>/", pages.block),
            page(kind, "mall-page-move", "mall-page/<int:place>/move/", pages.move),
            page(kind, "mall-page-remove", "mall-page/<int:place>/remove/", pages.remove),
            page(kind, "mall-page-preview", "mall-page/preview/", pages.preview),
            page(kind, "mall-page-publish", "mall-page/publish/", pages.publish),
        )
    ],
    page("merchant", "mall-page-describe", "mall-page/describe/", pages.describe),
]
