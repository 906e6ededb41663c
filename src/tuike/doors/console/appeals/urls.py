"""Addresses of appeals and of the evidence."""

from tuike.doors.console.appeals import desk, evidence, own
from tuike.doors.console.guard import page, party_page

_PAYEES = ("promoter", "leader")

urlpatterns = [
    *party_page("appeals", "appeals/", own.page, kinds=_PAYEES),
    *party_page("appeal-picture", "appeals/pictures/<str:file_no>", own.picture, kinds=_PAYEES),
    *party_page("appeal-new", "appeals/of/<int:accrual_id>", own.new, kinds=_PAYEES),
    *party_page("appeal", "appeals/<slug:no>", own.one, kinds=_PAYEES),
    *party_page("appeal-reply", "appeals/<slug:no>/reply", own.reply, kinds=_PAYEES),
    *party_page("appeal-withdraw", "appeals/<slug:no>/withdraw", own.withdraw, kinds=_PAYEES),
    page("operator", "appeals", "appeals/", desk.page),
    page("operator", "appeal-picture", "appeals/pictures/<str:signed>", desk.picture),
    page("operator", "appeal", "appeals/<slug:no>", desk.one),
    page("operator", "appeal-look", "appeals/<slug:no>/look", desk.look),
    page("operator", "appeal-release", "appeals/<slug:no>/release", desk.release),
    page("operator", "appeal-pay", "appeals/<slug:no>/pay", desk.pay),
    page("operator", "appeal-refuse", "appeals/<slug:no>/refuse", desk.refuse),
    page("operator", "evidence", "evidence/<int:accrual_id>", evidence.page),
    page("operator", "evidence-note", "evidence/<int:accrual_id>/note", evidence.note),
]
