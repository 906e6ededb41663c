"""Addresses of the pages of this folder."""

from django.urls import URLPattern

from tuike.doors.console.guard import page, party_page
from tuike.doors.console.party import (
    account,
    administrators,
    bank,
    certification,
    exports,
    funds,
    invitations,
    statements,
    withdrawals,
)

EVERY = ("promoter", "merchant", "leader", "operator")
CERTIFIED = ("promoter", "merchant", "leader")
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
    *party_page("administrators", "administrators/", administrators.page, kinds=EVERY),
    *party_page("administrator-invite", "administrators/invite", administrators.invite, kinds=EVERY),
    *party_page("invitation-withdraw", "administrators/invited/<slug:code>", administrators.withdraw, kinds=EVERY),
    *party_page("administrator-scan", "administrators/scan", administrators.scan, kinds=EVERY),
    *party_page("administrator-scan-state", "administrators/scan/state", administrators.scan_state, kinds=EVERY),
    *party_page("administrator-role", "administrators/<slug:person_no>/role", administrators.change, kinds=EVERY),
    *party_page("administrator-remove", "administrators/<slug:person_no>/remove", administrators.remove, kinds=EVERY),
    *party_page("hand-over", "administrators/hand-over", administrators.hand_over, kinds=EVERY),
    *party_page("hand-over-state", "administrators/hand-over/state", administrators.hand_over_state, kinds=EVERY),
    *party_page("funds", "funds/", funds.page, kinds=CERTIFIED),
    *party_page("ledger", "funds/ledger/", funds.ledger, kinds=CERTIFIED),
    *party_page("withdrawals", "funds/withdrawals/", withdrawals.page, kinds=CERTIFIED),
    *party_page("withdraw", "funds/withdrawals/ask", withdrawals.ask, kinds=CERTIFIED),
    *party_page("withdrawal", "funds/withdrawals/<slug:no>", withdrawals.one, kinds=CERTIFIED),
    *party_page("withdrawal-cancel", "funds/withdrawals/<slug:no>/cancel", withdrawals.cancel, kinds=CERTIFIED),
    *party_page("statements", "funds/statements/", statements.page, kinds=CERTIFIED),
    *party_page("statement-pdf", "funds/statements/<slug:month>.pdf", statements.as_pdf, kinds=CERTIFIED),
    *party_page("statement-csv", "funds/statements/<slug:month>.csv", statements.as_csv, kinds=CERTIFIED),
    *party_page("bank", "funds/account", bank.form, kinds=CERTIFIED),
    *party_page("bank-state", "funds/account/state", bank.state, kinds=CERTIFIED),
    *party_page("account", "account/", account.page, kinds=CERTIFIED),
    *party_page("notices", "account/notices", account.notices, kinds=CERTIFIED),
    *party_page("secret", "account/secret", account.secret, kinds=CERTIFIED),
    *party_page("secret-state", "account/secret/state", account.secret_state, kinds=CERTIFIED),
    page("account", "invitations", "invitations/", invitations.page),
    page("account", "invitation-accept", "invitations/<slug:code>/accept", invitations.accept),
    page("account", "invitation-decline", "invitations/<slug:code>/decline", invitations.decline),
]
