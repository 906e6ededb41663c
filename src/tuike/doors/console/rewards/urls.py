"""Addresses of the pages of this folder."""

from tuike.doors.console.guard import page
from tuike.doors.console.rewards import climbing, offers, reaching, scoping, tiers

urlpatterns = [
    page("operator", "tiers", "tiers/", tiers.page),
    page("operator", "tiers-set", "tiers/set", tiers.change),
    page("operator", "grade-rules", "grades/rules", climbing.rules),
    page("operator", "grade-tonight", "grades/tonight", climbing.tonight),
    page("operator", "grade-moves", "grades/moves/", climbing.moves),
    *(
        page(kind, name, f"offers/{route}", view)
        for kind in ("merchant", "operator")
        for name, route, view in (
            ("offers", "", offers.page),
            ("offer-new", "new/", offers.new),
            ("offer", "<slug:no>/", offers.one),
            ("offer-publish", "<slug:no>/publish/", offers.publish),
            ("offer-delete", "<slug:no>/delete/", offers.delete),
            ("offer-close", "<slug:no>/close/", offers.close),
            ("offer-promoter", "<slug:no>/promoters/<slug:promoter>/", offers.promoter),
        )
    ),
    page("operator", "pick", "pick/", scoping.pick),
    page("promoter", "grade", "grade/", reaching.grade),
    page("promoter", "bonuses", "bonuses/", reaching.page),
    page("promoter", "bonus", "bonuses/<slug:no>/", reaching.one),
]
