"""What crosses the border of views: whose they are, how one looks, and the refusals."""

from collections.abc import Mapping
from dataclasses import dataclass

from tuike.kit.errors import Refusal


@dataclass(frozen=True, slots=True)
class Keeper:
    """Whose views of which page: a person in a party's seat."""

    party_id: int
    person_id: int
    page: str


@dataclass(frozen=True, slots=True)
class ViewShown:
    """A named view. `asked` is what the page's address asks for; `first`: the page opens with it."""

    id: int
    name: str
    asked: Mapping[str, str]
    first: bool


class BadViewName(Refusal):
    """Not 1 to 30 visible characters."""

    code = "bad_view_name"
    status = 422
    zh = "视图名称须为 1–30 个字符"
    en = "A view's name has 1 to 30 characters."


class ViewNameTaken(Refusal):
    """The seat has a view of this name for the page."""

    code = "view_name_taken"
    zh = "已有同名视图，请换一个名称"
    en = "You already have a view of this name; choose another."


class TooManyViews(Refusal):
    """The seat has as many views of the page as it may."""

    code = "too_many_views"
    zh = "每个席位最多保存 {most} 个视图，请先删除不用的"
    en = "A seat keeps {most} views; delete one first."
