"""Addresses of the pages of this folder."""

from tuike.doors.console.guard import page, party_page
from tuike.doors.console.network import applications, bindings, deposits, form, governing, hierarchy, recruiting

_RECRUITERS = ("promoter", "merchant", "operator")

urlpatterns = [
    *party_page("hierarchy", "hierarchy/", hierarchy.page, kinds=_RECRUITERS),
    *party_page("hierarchy-tree", "hierarchy/tree/", hierarchy.tree, kinds=_RECRUITERS),
    *party_page("hierarchy-branch", "hierarchy/tree/branch/", hierarchy.branch, kinds=_RECRUITERS),
    *party_page("hierarchy-one", "hierarchy/<str:no>/", hierarchy.one, kinds=_RECRUITERS),
    page("operator", "hierarchy-ban", "hierarchy/<str:no>/ban/", governing.ban),
    page("operator", "hierarchy-move", "hierarchy/<str:no>/move/", governing.move),
    *party_page("recruiting", "recruiting/", recruiting.page, kinds=_RECRUITERS),
    *party_page("recruiting-new", "recruiting/new/", recruiting.new, kinds=_RECRUITERS),
    *party_page("recruiting-link", "recruiting/<str:code>/", recruiting.link, kinds=_RECRUITERS),
    *party_page("recruiting-poster", "recruiting/<str:code>/poster/", recruiting.poster, kinds=_RECRUITERS),
    *party_page("recruiting-close", "recruiting/<str:code>/close/", recruiting.close, kinds=_RECRUITERS),
    page("operator", "join-form", "network/form/", form.page),
    page("operator", "join-form-edit", "network/form/edit/", form.edit),
    page("operator", "join-form-row", "network/form/edit/row/", form.row),
    page("operator", "join-form-edition", "network/form/<int:edition>/", form.edition),
    page("operator", "applications", "network/applications/", applications.page),
    page("operator", "application", "network/applications/<str:no>/", applications.one),
    page("operator", "application-look", "network/applications/<str:no>/look/", applications.look),
    page("operator", "application-picture", "network/pictures/<str:signed>/", applications.picture),
    page("operator", "application-pass", "network/applications/<str:no>/pass/", applications.passed),
    page("operator", "application-reject", "network/applications/<str:no>/reject/", applications.rejected),
    page("operator", "deposits", "network/deposits/", deposits.page),
    page("operator", "deposit", "network/deposits/<str:no>/", deposits.one),
    page("operator", "deposit-forfeit", "network/deposits/<str:no>/forfeit/", deposits.forfeit),
    page("operator", "deposit-by-hand", "network/deposits/<str:no>/by-hand/", deposits.by_hand),
    page("operator", "deposit-approve", "network/deposits/<str:no>/approve/", deposits.approve),
    page("operator", "deposit-reject", "network/deposits/<str:no>/reject/", deposits.reject),
    *party_page("bindings", "bindings/", bindings.page, kinds=("merchant", "promoter")),
    page("merchant", "binding-release", "bindings/<int:id_>/release/", bindings.release),
]
