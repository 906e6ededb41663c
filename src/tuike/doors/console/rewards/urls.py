"""Addresses of the pages of this folder."""

from tuike.doors.console.guard import page
from tuike.doors.console.rewards import climbing, tiers

urlpatterns = [
    page("operator", "tiers", "tiers/", tiers.page),
    page("operator", "tiers-set", "tiers/set", tiers.change),
    page("operator", "grade-rules", "grades/rules", climbing.rules),
    page("operator", "grade-tonight", "grades/tonight", climbing.tonight),
    page("operator", "grade-moves", "grades/moves/", climbing.moves),
]
