"""Blocks of the mall's home page and of shops' pages."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class LinkKind(StrEnum):
    """Where a banner leads; `PAGE` is a page of the mini-program's own."""

    NONE = "none"
    PRODUCT = "product"
    CATEGORY = "category"
    SHOP = "shop"
    PAGE = "page"


@dataclass(frozen=True, slots=True)
class Banner:
    """A picture that leads somewhere during a window; None leaves an end open."""

    picture: str
    link: LinkKind = LinkKind.NONE
    to: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def stands(self, at: datetime) -> bool:
        """Return whether it is shown at an instant; the start belongs to the window, the end doesn't."""
        return (self.starts_at is None or self.starts_at <= at) and (self.ends_at is None or at < self.ends_at)


@dataclass(frozen=True, slots=True)
class Banners:
    """Pictures that take turns."""

    banners: tuple[Banner, ...]


@dataclass(frozen=True, slots=True)
class CategoryRow:
    """A row of categories; none named: those at the top of the tree."""

    category_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Picks:
    """Products under a title, in order; none named: what sells best (`newest` False) or is newest."""

    title: str
    title_en: str = ""
    product_nos: tuple[str, ...] = ()
    newest: bool = False


@dataclass(frozen=True, slots=True)
class CouponStrip:
    """The coupons that anybody may take now."""


@dataclass(frozen=True, slots=True)
class Notice:
    """A line of text."""

    text: str
    text_en: str = ""


Block = Banners | CategoryRow | Picks | CouponStrip | Notice


@dataclass(frozen=True, slots=True)
class PageShown:
    """A page: its blocks as edited and as seen, and for a shop its picture and what it says of itself."""

    draft: tuple[Block, ...]
    published: tuple[Block, ...]
    edition: int
    published_at: datetime | None
    picture: str
    description: str
