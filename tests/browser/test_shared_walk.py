"""Every page of every console, full of the demo alliance and empty: both languages, wide and narrow, both themes."""

from pathlib import Path

import pytest
from django.conf import settings
from playwright.sync_api import expect

from tests.console.routes import routes
from tests.make import cooperation as make_cooperation
from tests.make import parties as make_parties
from tuike.apps import service as apps
from tuike.apps.types import CallFacts, Door, Scope
from tuike.doors.cli.story import load
from tuike.doors.cli.story.people import BY_KEY
from tuike.flows.refresh_library import refresh_library
from tuike.kit import clock
from tuike.parties import queries as parties
from tuike.parties.types import PartyRef, Role
from tuike.people import queries as people

PIECES = {
    *(f"{kind}-live-data" for kind in ("promoter", "merchant", "leader", "operator")),
    *(f"{kind}-alert-preview-picture" for kind in ("promoter", "merchant", "leader", "operator")),
    "bell-menu",
    "seats-menu",
    "merchant-product-sku",
    "merchant-main-search",
    "merchant-pick",
    "operator-pick",
    "operator-open-data-state",
    "merchant-rate-set",
    "operator-audit-chain",
    "promoter-hierarchy-branch",
    "merchant-hierarchy-branch",
    "operator-hierarchy-branch",
    "merchant-freight-places",
    "merchant-freight-row",
    "operator-grade-tonight",
    "operator-join-form-row",
    "leader-activity-floor",
}
"""Addresses that answer a piece of a page only."""
PRESSED = {
    "hierarchy-tree": ("[data-branch]",),
    "freight": ("#province",),
    "freight-new": ('[hx-target="#freight-rows"]',),
    "grades": ('[hx-target="#tonight"]',),
    "join-form-edit": ('[data-add="fields"]', '[data-add="rules"]'),
}
"""What asks for a piece on a page, by the page's name without the kind: the piece is looked at where it belongs."""
ASKED = {
    "merchant-freight-regions": "?at=a1",
    "leader-enrolments-reject": "?nos=E1",
    "operator-pool-decide": "?ids=1",
    "operator-pool-remove": "?ids=1",
}
"""What the address of a page about ticked rows says further; the page asks why before it looks the rows up."""
OWN = {"merchant-alliance-appid", "merchant-reports"}
"""Pages of a shop that sells in a mini-program of its own; nobody else has them."""
MANNERS = [(False, 1440, False), (True, 390, True), (True, 1024, False)]
KINDS = {"promoter": "p1", "merchant": "shop", "leader": "leader", "operator": "operator"}
"""Whose pages are looked at, by the name of the demo's person."""


def _pages(kind: str) -> list[str]:
    """Return the names without the kind of pages that take nothing but the party."""
    found = [one for one in routes(kind) if not one.takes and "GET" in one.row]
    names = [
        one.name for one in found if one.name not in PIECES and not one.name.endswith(("-menu", "-state", "-template"))
    ]
    return [name.removeprefix(f"{kind}-") for name in names]


def _told() -> None:
    assert (
        load.load(now=clock.now(), media=Path(settings.MEDIA_ROOT), appid="wxdemo00000000", mchid="1900000000")
        == "loaded"
    )
    make_cooperation.open_to_all(now=clock.now())
    refresh_library(now=clock.now())
    for kind in ("promoter", "merchant", "leader"):
        _integrated(_party(kind, KINDS[kind])[0])


def _integrated(party: PartyRef) -> None:
    """Give a party a token and calls that its software made."""
    now, actor = clock.now(), make_parties.super_admin_of(party)
    apps.make_token(party_id=party.id, name="ERP", scopes=[Scope.PARTY_READ], days=30, actor=actor, now=now)
    for door, status, code in ((Door.API, 200, ""), (Door.UNION, 200, "40001"), (Door.API, 422, "invalid")):
        apps.count_call(party_id=party.id, door=door, now=now)
        apps.record_calls([CallFacts(party.id, now, door, "GET", "/api/v1/party", status, code, 12, "r" * 32, "ab12")])


def _party(kind: str, who: str) -> tuple[PartyRef, int]:
    """Return the party of a kind at which somebody of the demo sits, and the person."""
    found = people.find_by_phone(BY_KEY[who].phone)
    assert found is not None
    return next(one.party for one in parties.seats_of(found.id) if one.party.kind == kind), found.id


def _sitting(as_person, kind: str, who: str, **manner):
    """Seat somebody of the demo at their party of a kind."""
    party, person_id = _party(kind, who)
    return as_person(party, person_id=person_id, **manner)


def _shared(names: list[str]) -> list[str]:
    """Return the pages that every party of a kind has."""
    return [name for name in names if f"merchant-{name}" not in OWN]


def _press(person, asking) -> None:
    """Ask for a piece as a person does, if there is what asks for it, and look at the page with the piece in it."""
    if not asking.count():
        return
    with person.page.expect_response(lambda answer: answer.request.headers.get("hx-request") == "true") as answered:
        if asking.evaluate("one => one.localName") == "select":
            asking.select_option(index=1)
        else:
            asking.click()
    assert "<html" not in answered.value.text(), f"{answered.value.url} is a page, and no piece of one"
    person.check()


def _walk(person, names: list[str]) -> None:
    """Open each page, then the first row of its list; everything wrong is told together."""
    wrong = []
    for name in names:
        try:
            page = person.go(name, ASKED.get(f"{person.party.kind}-{name}", ""))
            for asking in PRESSED.get(name, ()):
                _press(person, page.locator(asking).first)
            row = page.locator("#list a.open").first
            if row.count() and row.get_attribute("hx-get"):
                row.click()
                person.settle()
                page.locator("dialog[open]").first.wait_for()
                person.check()
        except AssertionError as problem:
            wrong.append(str(problem))
    assert not wrong, "\n\n".join(wrong)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(("english", "width", "dark"), MANNERS)
def test_every_page_holds_when_full(living, as_person, english, width, dark):
    _told()
    manner = {"english": english, "width": width, "height": 844 if width == 390 else 900, "dark": dark}
    for kind, who in KINDS.items():
        _walk(_sitting(as_person, kind, who, **manner), _shared(_pages(kind)))
    _walk(_sitting(as_person, "merchant", "tea", **manner), [name.removeprefix("merchant-") for name in sorted(OWN)])


def _empty(kind: str) -> tuple[PartyRef, Role]:
    if kind == "operator":
        return make_parties.operator(), Role.SUPER_ADMIN
    made = {"promoter": make_parties.promoter, "merchant": make_parties.merchant, "leader": make_parties.leader}
    return made[kind](), Role.SUPER_ADMIN


WITHOUT = {
    "promoter": (Role.ADMIN, ("bank", "secret", "administrator-invite", "hand-over")),
    "merchant": (Role.PRODUCT_MANAGER, ("funds", "ledger", "withdrawals", "statements", "bank", "ship-file")),
    "leader": (Role.ADMIN, ("bank", "secret", "administrator-invite", "hand-over")),
    "operator": (Role.AUDITOR, ("library-curated-add", "grade-add", "adjustment-ask", "category-add")),
}
"""Pages of a kind that a role of the party itself may not open."""


@pytest.mark.parametrize("english", [False, True])
@pytest.mark.parametrize("kind", WITHOUT)
def test_who_has_no_business_on_a_page_is_told_so(living, as_person, kind, english):
    party, _ = _empty(kind)
    names = _pages(kind)
    stranger_of = make_parties.promoter() if kind != "promoter" else make_parties.merchant()
    stranger, nobody = as_person(stranger_of, english=english), as_person(None, english=english)
    for name in names:
        asked = stranger.context.request.get(stranger.url(name, of=party))
        assert (name, asked.status) == (name, 404)
        sent = nobody.context.request.get(nobody.url(name, of=party), max_redirects=0)
        assert (name, sent.status) == (name, 303)
        assert sent.headers["location"].startswith("/sign-in?next=")
    with stranger.expecting(404):
        stranger.go(names[0], of=party)
    role, closed = WITHOUT[kind]
    seated = as_person(party, role, english=english)
    for name in closed:
        with seated.expecting(403):
            page = seated.go(name, check=name == closed[0])
        said = "takes: super administrator" if english else "需要：超级管理员"
        expect(page.locator("main")).to_contain_text(said if kind != "operator" else said[:3])


@pytest.mark.parametrize("kind", ["promoter", "merchant"])
def test_before_certification_only_this_and_help_are_open(living, as_person, kind):
    make = make_parties.promoter if kind == "promoter" else make_parties.merchant
    party = make(certified=False)
    person = as_person(party, english=kind == "merchant")
    open_ = {"certification", "bell", "help"}
    for name in _pages(kind):
        asked = person.context.request.get(person.url(name), max_redirects=0)
        assert (name, asked.status) == (name, 200 if name in open_ else 303)
    page = person.go("certification")
    assert page.locator("#side a").count() == 1


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("kind", KINDS)
def test_every_page_holds_when_empty(living, as_person, kind):
    party, role = _empty(kind)
    make_cooperation.open_to_all(now=clock.now())
    names = [name for name in _shared(_pages(kind)) if name != "certification"]  # the maker's papers have no pictures
    for english, width in ((False, 390), (True, 1440)):
        _walk(as_person(party, role, english=english, width=width), names)
