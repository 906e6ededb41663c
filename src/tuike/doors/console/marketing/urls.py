"""Addresses of the pages of this folder."""

from tuike.doors.console.guard import page
from tuike.doors.console.marketing import cooperating, coupons, picking, requests, targeted

urlpatterns = [
    page("open", "join", "join/<str:code>/", cooperating.join),
    page("merchant", "pick", "pick/", picking.pick),
    page("merchant", "coupons", "coupons/", coupons.page),
    page("merchant", "coupon-new", "coupons/new/", coupons.new),
    page("merchant", "coupon", "coupons/<str:no>/", coupons.drawer),
    page("merchant", "coupon-stock", "coupons/<str:no>/stock/", coupons.stock),
    page("merchant", "coupon-stop", "coupons/<str:no>/stop/", coupons.stop),
    page("merchant", "targeted", "targeted/", targeted.page),
    page("merchant", "targeted-new", "targeted/new/", targeted.new),
    page("merchant", "targeted-preview", "targeted/preview/", targeted.preview),
    page("merchant", "targeted-plan", "targeted/<str:no>/", targeted.plan),
    page("merchant", "targeted-edit", "targeted/<str:no>/edit/", targeted.edit),
    page("merchant", "targeted-edit-preview", "targeted/<str:no>/edit/preview/", targeted.edit_preview),
    page("merchant", "plan-decide", "targeted/<str:no>/decide/", targeted.decide),
    page("merchant", "plan-invite", "targeted/<str:no>/invite/", targeted.invite),
    page("merchant", "plan-remove", "targeted/<str:no>/remove/", targeted.remove),
    page("merchant", "plan-stop", "targeted/<str:no>/stop/", targeted.stop),
    page("merchant", "requests", "requests/", requests.page),
    page("merchant", "request-new", "requests/new/", requests.new),
    page("merchant", "request", "requests/<str:no>/", requests.drawer),
    page("merchant", "request-close", "requests/<str:no>/close/", requests.close),
    page("merchant", "directory", "directory/", requests.directory),
    page("merchant", "directory-card", "directory/<int:promoter_id>/", requests.card),
    page("merchant", "directory-invite", "directory/<int:promoter_id>/invite/", requests.invite),
    page("promoter", "opportunities", "opportunities/", cooperating.page),
    page("promoter", "opportunity", "opportunities/<str:no>/", cooperating.opportunity),
    page("promoter", "opportunity-apply", "opportunities/<str:no>/apply/", cooperating.apply),
    page("promoter", "cooperations", "cooperations/", cooperating.cooperations),
    page("promoter", "cooperation", "cooperations/<str:no>/", cooperating.cooperation_drawer),
    page("promoter", "cooperation-answer", "cooperations/<str:no>/answer/", cooperating.answer),
    page("promoter", "join", "join/<str:code>/", cooperating.join_plan),
    page("promoter", "card", "card/", cooperating.card),
]
