"""What crosses the border of messages: a kind of news, and one piece of news as a person sees it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tuike.kit.errors import Refusal

ALL = frozenset({"super_admin", "admin", "product_manager", "finance", "operator", "auditor"})
ADMINS = frozenset({"super_admin", "admin"})
SUPER = frozenset({"super_admin"})
PRODUCTS = frozenset({"super_admin", "admin", "product_manager"})
MONEY = frozenset({"super_admin", "admin", "finance"})


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of news: its sentences with `{facts}`, whom of the party it concerns, and where it leads.

    Facts whose names end in `_fen`, `_bps`, `_at` are shown as money, rate and time. `page` is the name of a page of
    the party's console without its kind (`withdrawals`), empty for none; `path_args` names facts that its address
    takes. `urgent` ones are drawn so that they aren't overlooked.
    """

    zh: str
    en: str
    roles: frozenset[str] = ALL
    page: str = ""
    path_args: tuple[str, ...] = ()
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class MessageShown:
    """One piece of news for one person: `zh` and `en` are filled sentences."""

    id: int
    kind: str
    zh: str
    en: str
    page: str
    path_args: Mapping[str, Any]
    object: str
    urgent: bool
    at: datetime
    seen: bool


class UnknownMessage(Refusal):
    """No such news for this person in this party."""

    code = "unknown_message"
    status = 404
    zh = "没有找到该通知"
    en = "There is no such notice."
