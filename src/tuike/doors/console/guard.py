"""Every request of the consoles passes here: who asks, in which seat, may this seat do it, is the party certified."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from functools import wraps
from typing import Any

import structlog
from django.http import HttpRequest, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils import translation

from tuike.audit.types import Actor
from tuike.doors.console import access, answers, looking, sessions
from tuike.kit import clock
from tuike.kit.errors import Forbidden, Invalid, NotFound, Refusal
from tuike.parties import queries as parties
from tuike.parties.types import NotCertified, PartyKind, PartyRef, Role, SeatShown, Standing
from tuike.people.types import PersonRef

View = Callable[..., HttpResponseBase]

PLACES = {
    "promoter": "promoter/<str:party_no>/",
    "merchant": "merchant/<str:party_no>/",
    "leader": "leader/<str:party_no>/",
    "operator": "operator/<str:party_no>/",
    "account": "account/",
    "open": "",
}
"""Where pages of a kind lie. `account` belongs to the person, `open` has no kind: its row says who may."""

PARTIES = ("promoter", "merchant", "leader", "operator")


class RoleNeeded(Forbidden):
    """The seat's role doesn't reach this; says which roles do."""

    code = "role_needed"
    zh = "您的角色不能进行此操作，需要：{roles_zh}"
    en = "Your role does not allow this; it takes: {roles_en}"


class OnlyLooking(Forbidden):
    """An operator looks at somebody else's party: reading only."""

    code = "only_looking"
    zh = "您正在以只读方式查看该主体，不能进行操作"
    en = "You look at this party read-only; nothing can be done here."


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who asks. `seat` and `standing` are there on a party's pages only; reading them elsewhere is a mistake."""

    person: PersonRef
    now: datetime
    zh: bool
    token: str
    request_id: str = ""
    maybe_seat: SeatShown | None = None
    maybe_standing: Standing | None = None
    operator_seat: SeatShown | None = None

    @property
    def seat(self) -> SeatShown:
        """Return the seat in which the person asks."""
        assert self.maybe_seat is not None, "this page belongs to no party"
        return self.maybe_seat

    @property
    def party(self) -> PartyRef:
        """Return the party whose page it is."""
        return self.seat.party

    @property
    def party_id(self) -> int:
        """Return the party's id."""
        return self.seat.party.id

    @property
    def owner_id(self) -> int | None:
        """Return the party as the owner of rules, coupons and offers; None at the operator's desk: the platform's."""
        return None if self.party.kind is PartyKind.OPERATOR else self.party_id

    @property
    def role(self) -> Role:
        """Return the seat's role."""
        return self.seat.role

    @property
    def standing(self) -> Standing:
        """Return whether the party is certified, and whether it is suspended."""
        assert self.maybe_standing is not None, "this page belongs to no party"
        return self.maybe_standing

    @property
    def looking(self) -> bool:
        """Return whether an operator looks at somebody else's party, read-only."""
        return self.operator_seat is not None

    @property
    def actor(self) -> Actor:
        """Return the asker as verbs and the audit log know one."""
        seat = self.operator_seat or self.maybe_seat
        if seat is None:
            return Actor("person", self.person.id, request_id=self.request_id)
        return Actor("person", self.person.id, seat.party.id, seat.role.value, self.request_id)

    def may(self, name: str, method: str = "GET") -> bool:
        """Return whether this seat may use a route: for showing a button only to whom it serves."""
        allowed = access.ACCESS.get(name, {}).get(method)
        if allowed is None or (self.looking and method != "GET"):
            return False
        return bool(allowed & {"anybody", "signed_in"}) or (self.maybe_seat is not None and self.role in allowed)


@dataclass(frozen=True, slots=True)
class _Mounted:
    kind: str
    name: str
    view: View


def page(kind: str, name: str, route: str, view: View) -> URLPattern:
    """Mount a page: `page("promoter", "orders", "orders/", orders.page)` is `console:promoter-orders`.

    The view is `(request, **path_args) -> HttpResponse` and finds `request.asker`. Names of kind `open` have no prefix.
    """
    full = name if kind == "open" else f"{kind}-{name}"
    return path(PLACES[kind] + route, _guarded(kind, full, view), name=full)


def party_page(name: str, route: str, view: View, *, kinds: Collection[str]) -> list[URLPattern]:
    """Mount the same view for several kinds of party: `console:merchant-funds`, `console:promoter-funds`."""
    return [page(kind, name, route, view) for kind in kinds]


def _guarded(kind: str, name: str, view: View) -> View:
    @wraps(view)
    def guarded(request: Any, *, party_no: str = "", **path_args: Any) -> HttpResponseBase:
        mounted = _Mounted(kind, name, view)
        return answers.sealed(answers.whole(request, _answer(request, mounted, party_no, path_args)))

    guarded.console_page = (kind, name)  # type: ignore[attr-defined]
    return guarded


def _answer(request: Any, mounted: _Mounted, party_no: str, path_args: dict[str, Any]) -> HttpResponseBase:
    """Return the view's answer, or the no that comes before it."""
    name, kind = mounted.name, mounted.kind
    request.asker, request.page_name = None, name
    try:
        row = access.ACCESS.get(name)
        if row is None:
            raise NotFound
        method = "GET" if request.method == "HEAD" else request.method
        allowed = row.get(method)
        if allowed is None:
            return HttpResponseNotAllowed(sorted(row))
        request.asker = _who(request)
        if request.asker is None and allowed != access.ANYBODY:
            return answers.to_sign_in(request)
        if kind in PARTIES:
            request.asker = _seated(request, request.asker, PartyKind(kind), party_no)
            _check(request.asker, name, method, allowed)
        _readable(request, path_args)
        return mounted.view(request, **path_args)
    except NotCertified as refusal:
        return answers.to_certification(request, refusal)
    except Refusal as refusal:
        return answers.refused(request, refusal)


def admitted(request: HttpRequest, *, kind: str, name: str, party_no: str) -> Asker | None:
    """Return who asks in which seat, where the page `name` of a party may be read; None when nobody is signed in.

    For what stands beside the pages and shows what one of them does.

    Raises:
        NotFound, OnlyLooking, RoleNeeded, NotCertified: see `_seated` and `_check`.
    """
    row = access.ACCESS.get(f"{kind}-{name}")
    asker = _who(request)
    if asker is None:
        return None
    if row is None or kind not in PARTIES:
        raise NotFound
    asker = _seated(request, asker, PartyKind(kind), party_no)
    _check(asker, f"{kind}-{name}", "GET", row["GET"])
    return asker


def _readable(request: HttpRequest, path_args: dict[str, Any]) -> None:
    """Refuse the one character that no text of the database can hold, before a query is made of it.

    Raises:
        NotFound: it stands in the address. Invalid: it was typed.
    """
    if any("\0" in one for one in path_args.values() if isinstance(one, str)):
        raise NotFound
    typed = request.GET.lists() if request.method != "POST" else [*request.GET.lists(), *request.POST.lists()]
    for name, values in typed:
        if any("\0" in one for one in values):
            raise Invalid(field=name, reason_zh="含有无法保存的字符", reason_en="a character that can't be kept")


def _who(request: HttpRequest) -> Asker | None:
    now = clock.now()
    token = request.COOKIES.get(sessions.COOKIE, "")
    person = sessions.person_of(token, now=now)
    if person is None:
        return None
    zh = person.language.lower().startswith("zh")
    translation.activate("zh-hans" if zh else "en")
    structlog.contextvars.bind_contextvars(person_id=person.id)
    return Asker(person=person, now=now, zh=zh, token=token, request_id=getattr(request, "request_id", ""))


def _seated(request: HttpRequest, asker: Asker, kind: PartyKind, party_no: str) -> Asker:
    """Return the asker in a seat of the party; nobody's party and somebody else's look the same.

    Raises:
        NotFound: no such party of the kind, or no seat in it.
    """
    standing = parties.standing(person_id=asker.person.id, party_no=party_no)
    if standing is None or standing.party.kind is not kind:
        raise NotFound
    structlog.contextvars.bind_contextvars(party_id=standing.party.id)
    seat, operator_seat = standing.seat, None
    if seat is None:
        operator_seat = looking.seat_of_looker(request, asker.person.id, standing.party, now=asker.now)
        if operator_seat is None:
            raise NotFound
        seat = SeatShown(standing.party, asker.person.id, Role.ADMIN, operator_seat.since)
    return Asker(
        person=asker.person,
        now=asker.now,
        zh=asker.zh,
        token=asker.token,
        request_id=asker.request_id,
        maybe_seat=seat,
        maybe_standing=standing,
        operator_seat=operator_seat,
    )


def _check(asker: Asker, name: str, method: str, allowed: frozenset) -> None:
    """Refuse what the seat may not do, and what waits for the certification.

    Raises:
        OnlyLooking, RoleNeeded, NotFound, NotCertified: see each.
    """
    if asker.looking:
        if method != "GET":
            raise OnlyLooking
        if name in access.NOT_LOOKED_AT:
            raise NotFound
    elif asker.role not in allowed:
        words = [answers.ROLES[role] for role in Role if role in allowed]
        raise RoleNeeded(roles_zh="、".join(w.zh for w in words), roles_en=", ".join(w.en for w in words))
    if not asker.standing.certified and name not in access.OPEN_UNCERTIFIED and not asker.looking:
        raise NotCertified
