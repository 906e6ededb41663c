"""What crosses the border of messages: kinds of news and messages, how a person sees them, templates of WeChat."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
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


class Thread(StrEnum):
    """Where a message to a person is found: what they bought, gifts and games, the board, promoting and selling."""

    ORDERS = "orders"
    GIFTS = "gifts"
    BOARD = "board"
    WORK = "work"


@dataclass(frozen=True, slots=True)
class PersonalKind:
    """A kind of message to a person: its thread, its sentences with `{facts}`, and which screen shows more of it.

    What a message is about is what its screen asks for: the order's number for `order` and `review`, the after-sale's
    for `refund`, the bargain's code, the packet's, talk's, shop's or target's (`bonus`) number, the party's for `work`;
    without one, no screen of `work` and `withdrawal` shows more.
    """

    thread: Thread
    zh: str
    en: str
    page: str


@dataclass(frozen=True, slots=True)
class PersonalShown:
    """One message as its person reads it: `zh` and `en` are filled sentences; `page` and `object` lead further."""

    id: int
    kind: str
    thread: Thread
    zh: str
    en: str
    page: str
    object: str
    at: datetime
    read: bool


@dataclass(frozen=True, slots=True)
class ThreadShown:
    """A thread with its latest message and how many are unread (99 at most)."""

    thread: Thread
    unread: int
    latest: PersonalShown | None


@dataclass(frozen=True, slots=True)
class TemplateShown:
    """WeChat's template for a kind: `fields` says which keyword shows which fact (`sentence`: the whole message)."""

    kind: str
    template_id: str
    fields: Mapping[str, str]
    page: str
    changed_at: datetime


@dataclass(frozen=True, slots=True)
class DueSending:
    """A message that is to be shown on a phone now: `zh` and `en` by the template's keywords, as WeChat takes
    them."""

    message_id: int
    person_id: int
    template_id: str
    zh: Mapping[str, str]
    en: Mapping[str, str]
    page: str
    tries: int


class UnknownKind(Refusal):
    """No kind of message to persons has this name."""

    code = "unknown_message_kind"
    status = 404
    zh = "没有这种消息"
    en = "There is no such kind of message."


class BadTemplate(Refusal):
    """The template's id or one of its fields can't be WeChat's."""

    code = "bad_template"
    status = 422
    zh = "模板 ID 或字段不正确：{what}"
    en = "The template's id or a field is wrong: {what}"


class UnknownTemplate(Refusal):
    """The operator has registered no such template."""

    code = "unknown_template"
    status = 404
    zh = "没有登记该订阅消息模板"
    en = "There is no such template."
