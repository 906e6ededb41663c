"""Addresses of the pages of this folder."""

from django.urls import URLPattern

from tuike.doors.console.guard import party_page
from tuike.doors.console.integration import calls, credentials, deliveries, webhooks

SOFTWARE = ("promoter", "merchant", "leader")
"""Kinds of party that have software."""

urlpatterns: list[URLPattern] = [
    *party_page("credentials", "credentials/", credentials.page, kinds=SOFTWARE),
    *party_page("token-add", "credentials/add", credentials.add, kinds=SOFTWARE),
    *party_page("token", "credentials/<int:token_id>", credentials.token, kinds=SOFTWARE),
    *party_page("token-revoke", "credentials/<int:token_id>/revoke", credentials.revoke, kinds=SOFTWARE),
    *party_page("calls", "calls/", calls.page, kinds=SOFTWARE),
    *party_page("call", "calls/<int:call_id>", calls.one, kinds=SOFTWARE),
    *party_page("limits", "limits/", calls.limits, kinds=SOFTWARE),
    *party_page("webhooks", "webhooks/", webhooks.page, kinds=SOFTWARE),
    *party_page("webhook-add", "webhooks/add", webhooks.add, kinds=SOFTWARE),
    *party_page("webhook-deliveries", "webhooks/deliveries/", deliveries.page, kinds=SOFTWARE),
    *party_page("webhook-delivery", "webhooks/deliveries/<int:delivery_id>", deliveries.one, kinds=SOFTWARE),
    *party_page(
        "webhook-redeliver", "webhooks/deliveries/<int:delivery_id>/again", deliveries.redeliver, kinds=SOFTWARE
    ),
    *party_page("webhook", "webhooks/<slug:no>", webhooks.one, kinds=SOFTWARE),
    *party_page("webhook-edit", "webhooks/<slug:no>/edit", webhooks.edit, kinds=SOFTWARE),
    *party_page("webhook-switch", "webhooks/<slug:no>/switch", webhooks.switch, kinds=SOFTWARE),
    *party_page("webhook-rotate", "webhooks/<slug:no>/secret", webhooks.rotate, kinds=SOFTWARE),
    *party_page("webhook-test", "webhooks/<slug:no>/test", webhooks.test, kinds=SOFTWARE),
    *party_page("webhook-redeliver-failed", "webhooks/<slug:no>/again", webhooks.redeliver_failed, kinds=SOFTWARE),
    *party_page("webhook-delete", "webhooks/<slug:no>/delete", webhooks.delete, kinds=SOFTWARE),
]
