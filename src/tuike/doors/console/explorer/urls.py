"""Addresses of the explorer of accruals."""

from tuike.doors.console.explorer import keeping, pages
from tuike.doors.console.guard import PARTIES, party_page

urlpatterns = [
    *party_page("explorer", "explorer/", pages.page, kinds=PARTIES),
    *party_page("explorer-row", "explorer/rows/<int:accrual_id>", pages.row, kinds=PARTIES),
    *party_page("explorer-columns", "explorer/columns", keeping.columns, kinds=PARTIES),
    *party_page("explorer-view-save", "explorer/views/save", keeping.save, kinds=PARTIES),
    *party_page("explorer-views", "explorer/views/", keeping.manage, kinds=PARTIES),
    *party_page("explorer-view", "explorer/views/<int:view_id>", keeping.change, kinds=PARTIES),
]
