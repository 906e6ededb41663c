"""Who may do what: routes and table are equal, and every route keeps to its row, whoever asks for whatever."""

import hashlib
from importlib import import_module
from typing import Any

import pytest
from django.test import Client
from django.urls import get_resolver

from tests.console.conftest import Sitting
from tests.console.routes import routes
from tests.make import cooperation as make_cooperation
from tests.make import parties as make_parties
from tuike.db import rows
from tuike.doors.console import access, looking, nav
from tuike.kit import clock
from tuike.parties.rules import ROLES
from tuike.parties.types import PartyKind, PartyRef, Role

PROVEN = (PartyKind.MERCHANT, PartyKind.PROMOTER, PartyKind.LEADER)
"""Kinds of party that are certified."""
KINDS = (*PROVEN, PartyKind.OPERATOR)
SEATS = [(kind, role) for kind in KINDS for role in Role if role in ROLES[kind]]
METHODS = ("GET", "POST")

NO_THINGS = {"rail"}
"""What stands in addresses and names no thing that could be missing."""

HTMX = {"hx-request": "true"}


def party_of(kind: PartyKind, **more: Any) -> PartyRef:
    """Return a party of the kind that may do everything; what opens gradually is open to all."""
    make_cooperation.open_to_all()
    if kind is PartyKind.OPERATOR:
        return make_parties.operator()
    makers = {
        PartyKind.MERCHANT: make_parties.merchant,
        PartyKind.PROMOTER: make_parties.promoter,
        PartyKind.LEADER: make_parties.leader,
    }
    return makers[kind](**more)


def ask(client: Client, method: str, url: str) -> int:
    """Return the status of an answer to htmx: refusals are a sentence then, which is quick to make."""
    return client.generic(method, url, headers=HTMX).status_code


def test_routes_and_rows_are_equal():
    named = [route.name for route in routes()]
    assert len(named) == len(set(named)), "two routes share a name"
    assert set(named) - set(access.ACCESS) == set(), "routes without a row"
    assert set(access.ACCESS) - set(named) == set(), "rows without a route"


def test_every_address_of_the_console_passes_the_guard():
    bare = []

    def walk(resolver: Any, inside: bool = False) -> None:
        for pattern in resolver.url_patterns:
            if hasattr(pattern, "url_patterns"):
                walk(pattern, inside or getattr(pattern, "app_name", None) == "console")
            elif inside and not hasattr(pattern.callback, "console_page"):
                bare.append(str(pattern.pattern))

    walk(get_resolver())
    assert bare == []


def test_rows_name_methods_and_roles_that_there_are():
    for route in routes():
        for method, allowed in route.row.items():
            assert method in METHODS, route.name
            if route.kind in set(KINDS):
                assert allowed & ROLES[PartyKind(route.kind)], f"nobody may {method} {route.name}"
            else:
                assert allowed in (access.ANYBODY, access.SIGNED_IN), route.name


def test_no_row_stands_in_two_files():
    names = ("shared", "alerts", "behaviour", "buyers", "boards", "live", "promoter", "merchant", "leader", "operator")
    files = [import_module(f"{access.__name__}.{name}").ROWS for name in names]
    assert sum(map(len, files)) == len(access.ACCESS)


def test_what_is_named_elsewhere_exists():
    named = {route.name for route in routes()}
    assert access.OPEN_UNCERTIFIED - named == set()
    assert access.NOT_LOOKED_AT - named == set()
    lines = {f"{kind}-{item.name}" for kind, groups in nav.NAV.items() for group in groups for item in group.items}
    assert lines - named == set(), "lines of the navigation that lead nowhere"


@pytest.mark.parametrize(("kind", "role"), SEATS, ids=str)
def test_a_seat_gets_what_its_role_may_and_nothing_of_others(sit, kind, role):
    own = party_of(kind)
    others = [party_of(other) for other in KINDS if other is not PartyKind.OPERATOR]
    sitting: Sitting = sit(own, role)
    before, wrong = digest(), []
    for route in routes(*KINDS):
        at_home = route.kind == kind
        for method in METHODS:
            allowed = route.row.get(method)
            if allowed is None:
                continue  # a method that nobody has: below
            for other in others:
                if other.kind == route.kind and (status := ask(sitting.client, method, route.url(other.no))) != 404:
                    wrong.append(f"{method} {route.name} of somebody else's: {status}")
            if (status := ask(sitting.client, method, route.url("M26000000000000"))) != 404:
                wrong.append(f"{method} {route.name} of nobody's: {status}")
            if at_home and role not in allowed and (status := ask(sitting.client, method, route.url(own.no))) != 403:
                wrong.append(f"{method} {route.name} without the role: {status}")
        for method in {*METHODS, "PUT", "DELETE"} - set(route.row):
            if at_home and (status := ask(sitting.client, method, route.url(own.no))) != 405:
                wrong.append(f"{method} {route.name}: {status}")
    assert not wrong, "\n".join(wrong)
    assert digest() == before, "a refusal changed something"


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_nobody_gets_nothing(db, kind):
    party, client, wrong = party_of(kind), Client(), []
    before = digest()
    for route in routes(kind):
        for method in route.row:
            answer = client.generic(method, route.url(party.no), headers=HTMX)
            if answer.status_code != 401 or not answer.headers["HX-Redirect"].startswith("/sign-in"):
                wrong.append(f"{method} {route.name}: {answer.status_code}")
    assert not wrong, "\n".join(wrong)
    assert digest() == before


def test_pages_of_a_person_need_one(db):
    client = Client()
    signed_in = [(route, m) for route in routes("account", "open") for m in route.row if route.row[m] != access.ANYBODY]
    assert len(signed_in) > 10
    wrong = [f"{method} {route.name}" for route, method in signed_in if ask(client, method, route.url()) != 401]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(("kind", "role"), SEATS, ids=str)
def test_every_page_of_a_role_opens(sit, kind, role):
    """A page without things in its address answers with a page; one with things that aren't there finds nothing."""
    party = party_of(kind)
    sitting: Sitting = sit(party, role)
    wrong = []
    for route in routes(kind):
        if role not in route.row.get("GET", ()):
            continue
        status = sitting.client.get(route.url(party.no)).status_code
        things = {name for name, _ in route.takes} - NO_THINGS
        good = status in {404, 422} if things else status in {200, 303, 404, 422}
        if not good:
            wrong.append(f"{route.name}: {status}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_an_empty_form_is_no_mishap(sit, kind):
    party = party_of(kind)
    role = Role.SUPER_ADMIN
    wrong = []
    for route in routes(kind, "account", "open"):
        if "POST" not in route.row or route.name == "sign-out":
            continue
        allowed = route.row["POST"]
        sitter = sit(party, role if role in allowed or allowed & {"anybody", "signed_in"} else _one_of(kind, allowed))
        status = sitter.client.post(route.url(party.no), headers=HTMX).status_code
        if status >= 500 or status == 403:
            wrong.append(f"POST {route.name}: {status}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_no_write_without_the_token_of_our_own_pages(sit, kind):
    party = party_of(kind)
    sitting: Sitting = sit(party)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = sitting.client.cookies
    writes = [route for route in routes(kind, "account", "open") if "POST" in route.row]
    before = digest()
    answers = {route.name: strict.post(route.url(party.no)).status_code for route in writes}
    # Whoever has the signed link at the end of a mail may end such mails; any other link finds nothing.
    assert {name: status for name, status in answers.items() if status != 403} == {"mail-stop": 404}
    assert digest() == before


@pytest.mark.parametrize("kind", PROVEN, ids=str)
def test_before_certification_nothing_but_its_pages_and_help_is_open(sit, kind):
    party = party_of(kind, certified=False)
    sitting: Sitting = sit(party)
    before, wrong = digest(), []
    for route in routes(kind):
        for method in route.row:
            if Role.SUPER_ADMIN in route.row[method] and route.name not in access.OPEN_UNCERTIFIED:
                status = ask(sitting.client, method, route.url(party.no))
                if status != 403:
                    wrong.append(f"{method} {route.name}: {status}")
    assert not wrong, "\n".join(wrong)
    assert digest() == before
    home = sitting.client.get(sitting.url("help"))
    assert home.status_code == 200


@pytest.mark.parametrize("kind", PROVEN, ids=str)
def test_an_operator_who_looks_reads_and_writes_nothing(sit, kind):
    party, other, operator = party_of(kind), party_of(kind), make_parties.operator()
    sitting: Sitting = sit(operator, Role.AUDITOR)
    _look(sitting, party)
    before, wrong = digest(), []
    for route in routes(kind):
        for method in route.row:
            status = ask(sitting.client, method, route.url(party.no))
            if method == "POST" and status != 403:
                wrong.append(f"POST {route.name}: {status}")
            if method == "GET" and (status >= 500 or (route.name in access.NOT_LOOKED_AT and status != 404)):
                wrong.append(f"GET {route.name}: {status}")
            if ask(sitting.client, method, route.url(other.no)) != 404:
                wrong.append(f"{method} {route.name} of a party that isn't looked at")
    assert not wrong, "\n".join(wrong)
    assert digest() == before
    stranger: Sitting = sit(None)
    stranger.client.cookies[looking.COOKIE] = sitting.client.cookies[looking.COOKIE].value
    assert stranger.get("help", of=party).status_code == 404


def test_a_seat_that_was_taken_away_is_gone_with_the_next_request(sit):
    from tuike.parties import service

    party = make_parties.merchant()
    sitting: Sitting = sit(party, Role.ADMIN)
    assert sitting.get("help").status_code == 200
    actor = make_parties.super_admin_of(party)
    service.remove_seat(party_id=party.id, person_id=sitting.person_id, actor=actor, now=clock.now())
    assert sitting.get("help").status_code == 404


def _look(sitting: Sitting, party: PartyRef) -> None:
    from django.http import HttpResponse

    answer = looking.begin(HttpResponse(), person_id=sitting.person_id, party=party, now=clock.now())
    sitting.client.cookies[looking.COOKIE] = answer.cookies[looking.COOKIE].value


def _one_of(kind: PartyKind, allowed: frozenset) -> Role:
    return next(role for role in Role if role in allowed and role in ROLES[kind] and role is not Role.SUPER_ADMIN)


def digest() -> str:
    """Return a digest of every row in the database; when a session was last seen doesn't count."""
    tables = rows.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
    whole = hashlib.sha256()
    for (table,) in tables:
        row = "to_jsonb(t) - 'seen_at'" if table == "people_session" else "to_jsonb(t)"
        found = rows.query(
            f"SELECT md5(coalesce(string_agg(({row})::text, chr(10) ORDER BY t::text), '')) FROM \"{table}\" t"
        )
        whole.update(f"{table} {found[0][0]}\n".encode())
    return whole.hexdigest()
