"""Addresses of alerts and reports."""

from tuike.doors.console.alerts import pages, reports, stopping
from tuike.doors.console.guard import PARTIES, page, party_page

urlpatterns = [
    *party_page("alerts", "alerts/", pages.page, kinds=PARTIES),
    *party_page("alert-new", "alerts/new", pages.new, kinds=PARTIES),
    *party_page("alert-reports", "alerts/reports/", reports.page, kinds=PARTIES),
    *party_page("alert-trial", "alerts/reports/trial", reports.trial, kinds=PARTIES),
    *party_page("alert-preview", "alerts/reports/preview", reports.preview, kinds=PARTIES),
    *party_page("alert-preview-picture", "alerts/reports/preview.png", reports.preview_picture, kinds=PARTIES),
    *party_page("alert-subscribe", "alerts/reports/subscribe", reports.subscribe, kinds=PARTIES),
    *party_page("alert-unsubscribe", "alerts/reports/unsubscribe", reports.unsubscribe, kinds=PARTIES),
    *party_page("alert-mail-again", "alerts/reports/mails/<int:sending_id>", reports.again, kinds=PARTIES),
    *party_page("alert-report", "alerts/reports/<slug:no>", reports.one, kinds=PARTIES),
    *party_page("alert-picture", "alerts/reports/<slug:no>.png", reports.picture, kinds=PARTIES),
    *party_page("alert-edit", "alerts/<slug:no>/edit", pages.edit, kinds=PARTIES),
    *party_page("alert-switch", "alerts/<slug:no>/switch", pages.switch, kinds=PARTIES),
    *party_page("alert-delete", "alerts/<slug:no>/delete", pages.delete, kinds=PARTIES),
    *party_page("alert-follow", "alerts/<slug:no>/follow", pages.follow, kinds=PARTIES),
    page("open", "mail-stop", "mails/stop/<str:token>", stopping.page),
]
