"""Addresses of the pages of this folder."""

from tuike.doors.console.guard import page
from tuike.doors.console.members import goods, groups, ladder, sendings, shop

urlpatterns = [
    page("merchant", "members", "members/", shop.page),
    page("merchant", "member-groups", "members/groups/", groups.page),
    page("merchant", "segment-new", "members/segments/new/", groups.segment_new),
    page("merchant", "segment-edit", "members/segments/<str:no>/edit/", groups.segment_edit),
    page("merchant", "segment-remove", "members/segments/<str:no>/remove/", groups.segment_remove),
    page("merchant", "tag-remove", "members/tags/<str:no>/remove/", groups.tag_remove),
    page("merchant", "sendings", "members/sendings/", sendings.page),
    page("merchant", "sending-new", "members/sendings/new/", sendings.new),
    page("merchant", "member", "members/<int:id>/", shop.drawer),
    page("merchant", "member-phone", "members/<int:id>/phone/", shop.phone),
    page("merchant", "member-tag", "members/<int:id>/tag/", shop.tag),
    page("merchant", "member-untag", "members/<int:id>/untag/", shop.untag),
    page("merchant", "points-goods", "points-goods/", goods.page),
    page("merchant", "points-good-new", "points-goods/new/", goods.new),
    page("merchant", "points-good", "points-goods/<str:no>/", goods.drawer),
    page("merchant", "points-good-stop", "points-goods/<str:no>/stop/", goods.stop),
    page("operator", "members", "members/", ladder.page),
    page("operator", "levels", "levels/", ladder.levels),
    page("operator", "level-add", "levels/new/", ladder.add),
    page("operator", "level-change", "levels/<int:growth>/", ladder.change),
    page("operator", "level-remove", "levels/<int:growth>/remove/", ladder.remove),
]
