"""No page offers what the one who looks at it may not do: neither a link nor a button nor a form ends in a 403.

The empty pages are asked every day; the demo alliance's, with plenty on them and dialogs behind them, in the long run.
"""

from collections import Counter
from datetime import UTC, datetime
from typing import Any

import pytest
from django.urls import resolve

from tests.console.conftest import Sitting
from tests.console.offered import Offer, offers, refused
from tests.console.routes import routes
from tests.console.test_access import SEATS, party_of
from tests.make import cooperation as make_cooperation
from tests.make import parties as make_parties
from tuike.doors.cli.story import load
from tuike.doors.cli.story.people import BY_KEY
from tuike.kit import clock
from tuike.parties import queries as parties
from tuike.parties.types import PartyRef, Role
from tuike.people import queries as people

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
OF_A_PAGE = 5
"""How many addresses of the same page are opened: things in different states offer different acts."""
OWNERS = {"promoter": "p1", "merchant": "shop", "leader": "leader", "operator": "operator"}
LEAST = {"promoter": 30, "merchant": 50, "leader": 15, "operator": 50}
"""How many different pages an administrator's walk finds at least."""


def offered(answer: Any, at: str, sitting: Sitting) -> list[Offer]:
    """Return what an answer offers, when it is a page or a piece of one."""
    if not answer.headers.get("Content-Type", "").startswith("text/html"):
        return []
    assert sitting.party is not None
    return list(offers(answer.content.decode(), at=at, party_no=sitting.party.no))


def dead_ends(found: list[Offer], page: str, role: Role) -> set[str]:
    """Return what the role is offered and may not do."""
    return {f"{page} offers {one.method} {one.name}" for one in found if refused(one, role)}


@pytest.mark.parametrize(("kind", "role"), SEATS, ids=str)
def test_an_empty_page_offers_nothing_that_is_refused(sit, kind, role):
    party = party_of(kind)
    sitting: Sitting = sit(party, role)
    wrong: set[str] = set()
    for route in routes(kind):
        if role in route.row.get("GET", ()) and not route.takes:
            at = route.url(party.no)
            wrong |= dead_ends(offered(sitting.client.get(at), at, sitting), route.name, role)
    assert not wrong, "\n".join(sorted(wrong))


def test_what_leads_nowhere_is_found(sit):
    shop = make_parties.merchant()
    sitting: Sitting = sit(shop)
    add, stop = sitting.url("coupon-new"), sitting.url("coupon-stop", no="K1")
    html = (
        f'<a href="{add}?of=1#top">+</a><button hx-post="{stop}"></button><a href="https://example.com{add}">-</a>'
        f'<form method="post"><input></form><form method="post"><button formaction="{stop}"></button></form>'
        f'<form><input type="text"><button type="button"></button></form><p data-move="{stop}"></p>'
        '<form method="dialog"><button></button></form><form method="post"><input type="hidden"></form>'
    )
    at = sitting.url("coupons")
    found = list(offers(html, at=at, party_no=shop.no))
    assert [(one.method, one.name) for one in found] == [
        ("GET", "merchant-coupon-new"),
        ("POST", "merchant-coupon-stop"),
        ("POST", "merchant-coupons"),
        ("POST", "merchant-coupon-stop"),
        ("GET", "merchant-coupons"),
        ("POST", "merchant-coupon-stop"),
    ]
    assert dead_ends(found, "x", Role.FINANCE) == {
        "x offers GET merchant-coupon-new",
        "x offers POST merchant-coupon-stop",
        "x offers POST merchant-coupons",
    }
    assert dead_ends(found, "x", Role.PRODUCT_MANAGER) == {"x offers POST merchant-coupons"}


def walked(sitting: Sitting, role: Role) -> tuple[set[str], set[str]]:
    """Walk a console from page to page; return the pages that were seen, and what they offer in vain."""
    waiting, known = [sitting.url("home")], set()
    opened: Counter[str] = Counter()
    wrong: set[str] = set()
    while waiting:
        at = waiting.pop(0)
        page = resolve(at.partition("?")[0]).url_name or ""
        if at in known or opened[page] >= OF_A_PAGE:
            continue
        known.add(at)
        opened[page] += 1
        answer = sitting.client.get(at)
        if answer.status_code == 403:
            wrong.add(f"{page} answers 403 at {at}")
        found = offered(answer, at, sitting)
        wrong |= dead_ends(found, page, role)
        waiting += [one.address for one in found if one.method == "GET" and not refused(one, role)]
    return set(opened), wrong


@pytest.mark.slow
@pytest.mark.timeout(1500)
def test_no_page_of_the_demo_offers_what_is_refused(sit, tmp_path, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    load.load(now=NOON, media=tmp_path, appid="wxdemo00000000", mchid="1900000000")
    make_cooperation.open_to_all(now=NOON)
    wrong = []
    for kind, role in SEATS:
        seen, vain = walked(sit(_party(kind), role), role)
        wrong += [f"{kind} {role}: {one}" for one in sorted(vain)]
        assert role is not Role.SUPER_ADMIN or len(seen) >= LEAST[kind], f"{kind}: {sorted(seen)}"
    assert not wrong, "\n".join(wrong)


def _party(kind: str) -> PartyRef:
    person = people.find_by_phone(BY_KEY[OWNERS[kind]].phone)
    assert person is not None
    return next(seat.party for seat in parties.seats_of(person.id) if seat.party.kind == kind)
