"""The consoles' addresses: each folder mounts its own pages."""

from django.urls import include, path

app_name = "console"

urlpatterns = [
    path("", include("tuike.doors.console.account.urls")),
    path("", include("tuike.doors.console.promoter.urls")),
    path("", include("tuike.doors.console.merchant.urls")),
    path("", include("tuike.doors.console.alerts.urls")),
    path("", include("tuike.doors.console.behaviour.urls")),
    path("", include("tuike.doors.console.buyers.urls")),
    path("", include("tuike.doors.console.boards.urls")),
    path("", include("tuike.doors.console.freight.urls")),
    path("", include("tuike.doors.console.explorer.urls")),
    path("", include("tuike.doors.console.leader.urls")),
    path("", include("tuike.doors.console.live.urls")),
    path("", include("tuike.doors.console.operator.urls")),
    path("", include("tuike.doors.console.party.urls")),
    path("", include("tuike.doors.console.marketing.urls")),
    path("", include("tuike.doors.console.cooperation.urls")),
    path("", include("tuike.doors.console.integration.urls")),
    path("", include("tuike.doors.console.mall.urls")),
    path("", include("tuike.doors.console.content.urls")),
    path("", include("tuike.doors.console.members.urls")),
    path("", include("tuike.doors.console.network.urls")),
    path("", include("tuike.doors.console.rewards.urls")),
    path("", include("tuike.doors.console.review.urls")),
    path("", include("tuike.doors.console.appeals.urls")),
]
