"""What one party's pages lead to, asked by another: every thing of somebody else's looks as if it weren't there.

The demo alliance gives both sides plenty; the pages of one are walked for every address of a thing, and the other asks
for the same thing in its own console.
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape

import pytest
from django.urls import Resolver404, resolve, reverse

from tests.console.conftest import Sitting
from tests.console.test_access import digest
from tests.make import cooperation as make_cooperation
from tests.make import parties as make_parties
from tuike.doors.cli.story import load
from tuike.doors.cli.story.people import BY_KEY
from tuike.kit import clock
from tuike.parties import queries as parties
from tuike.people import queries as people

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
ADDRESS = re.compile(r'(?:href|hx-get|hx-post|action)="(/[^"#]*)"')
MOST_PAGES = 260

EVERYBODYS = {
    "promoter": {"library", "opportunit", "bonus", "led-"},  # what merchants offer, they offer to every promoter
    "merchant": {"directory", "activit"},  # who agreed to be found is found by every merchant, as leaders' offers are
    "leader": frozenset(),
}
"""First words of pages whose things belong to no party."""
NO_THINGS = {"rail", "source", "month", "format", "tab", "day", "kind", "function", "place"}
"""What stands in addresses and names no thing that somebody could own."""


def walked(sitting: Sitting) -> Iterator[str]:
    """Yield every address that a party's pages lead to, each once, from page to page."""
    waiting, known = [sitting.url("home")], set()
    while waiting and len(known) < 2000:
        address = waiting.pop(0)
        path = address.partition("?")[0]
        if path in known:
            continue
        known.add(path)
        yield path
        if len(known) > MOST_PAGES:
            continue
        answer = sitting.client.get(address)
        if answer.status_code == 200 and answer.headers.get("Content-Type", "").startswith("text/html"):
            found = [unescape(one) for one in ADDRESS.findall(answer.content.decode())]
            waiting += [one for one in found if one.startswith(sitting.url("home"))]


@pytest.fixture
def story(db, tmp_path, monkeypatch):
    """Tell the demo alliance's story."""
    monkeypatch.setattr(clock, "now", lambda: NOON)
    load.load(now=NOON, media=tmp_path, appid="wxdemo00000000", mchid="1900000000")
    make_cooperation.open_to_all(now=NOON)


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("kind", "owner", "least"), [("promoter", "p1", 6), ("merchant", "shop", 6), ("leader", "leader", 2)]
)
def test_what_is_somebody_elses_is_not_there(story, sit, kind, owner, least):
    mine = _sitting(owner, kind)
    theirs = sit(getattr(make_parties, kind)())
    asked: dict[tuple[str, tuple], str] = {}
    for path in walked(mine):
        try:
            match = resolve(path)
        except Resolver404:
            continue
        given = dict(match.kwargs)
        things = {name for name in given if name not in NO_THINGS} - {"party_no"}
        if given.get("party_no") == mine.party.no and things and not _everybodys(kind, match.url_name):
            given["party_no"] = theirs.party.no
            asked[match.url_name, tuple(sorted(given.items()))] = reverse(match.view_name, kwargs=given)
    names = {name for name, _ in asked}
    assert len(names) >= least, "the walk found hardly anything"
    before, wrong = digest(), []
    for (name, _), address in asked.items():
        for method in ("GET", "POST"):
            said = {"data": {"key": f"{method} {address}"[-80:], "reason": "—"}} if method == "POST" else {}
            status = getattr(theirs.client, method.lower())(address, headers={"hx-request": "true"}, **said).status_code
            if status not in {404, 405}:
                wrong.append(f"{method} {name} {address}: {status}")
    assert not wrong, "\n".join(wrong)
    assert digest() == before


def _everybodys(kind: str, name: str) -> bool:
    return any(name.startswith(f"{kind}-{word}") for word in EVERYBODYS[kind])


def _sitting(key: str, kind: str) -> Sitting:
    person = people.find_by_phone(BY_KEY[key].phone)
    assert person is not None
    seat = next(seat for seat in parties.seats_of(person.id) if seat.party.kind == kind)
    return Sitting(person.id, seat.party)
