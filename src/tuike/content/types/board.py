"""The board of supply and demand: posts, talks, complaints."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tuike.content.types.states import Seen


class PostKind(StrEnum):
    """Whether somebody offers or looks for something."""

    SUPPLY = "supply"
    DEMAND = "demand"

    def sentence(self, language: str = "zh-hans") -> str:
        """Return the word for the reader's language."""
        zh, en = {"supply": ("供应", "Supply"), "demand": ("求购", "Demand")}[self.value]
        return zh if language.lower().startswith("zh") else en


class PostCategory(StrEnum):
    """What a post is about."""

    GOODS = "goods"
    STOCK = "stock"
    SERVICE = "service"
    EQUIPMENT = "equipment"
    PARTNERS = "partners"
    JOBS = "jobs"
    OTHER = "other"

    def sentence(self, language: str = "zh-hans") -> str:
        """Return the word for the reader's language."""
        zh, en = CATEGORIES[self]
        return zh if language.lower().startswith("zh") else en


CATEGORIES = {
    PostCategory.GOODS: ("货源", "Goods"),
    PostCategory.STOCK: ("库存尾货", "Remaining stock"),
    PostCategory.SERVICE: ("服务", "Services"),
    PostCategory.EQUIPMENT: ("设备", "Equipment"),
    PostCategory.PARTNERS: ("招商合作", "Partners"),
    PostCategory.JOBS: ("用工", "Jobs"),
    PostCategory.OTHER: ("其他", "Other"),
}

MY_POSTS = 20
"""Posts of a person that may be seen or wait at once."""


@dataclass(frozen=True, slots=True)
class NewPost:
    """What is offered or looked for: a title (40 characters), a text (1,000), nine of the person's pictures."""

    kind: PostKind
    category: PostCategory
    title: str
    text: str
    pictures: tuple[str, ...] = ()
    city: str = ""


@dataclass(frozen=True, slots=True)
class PostShown:
    """A post; `talks` is how many persons asked about it."""

    id: int
    no: str
    person_id: int
    nickname: str
    kind: PostKind
    category: PostCategory
    title: str
    text: str
    pictures: tuple[str, ...]
    city: str
    state: Seen
    reason: str
    talks: int
    posted_at: datetime
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class TalkShown:
    """A talk as one of its two persons sees it: with whom, about what, and what they haven't read."""

    id: int
    no: str
    post_no: str
    title: str
    with_id: int
    with_name: str
    mine: bool
    last_text: str
    last_at: datetime
    unread: int
    shut: bool


@dataclass(frozen=True, slots=True)
class RemarkShown:
    """A message of a talk; `mine` tells the reader's own."""

    id: int
    mine: bool
    text: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ComplaintShown:
    """A report about a post."""

    id: int
    post: PostShown
    nickname: str
    reason: str
    at: datetime
