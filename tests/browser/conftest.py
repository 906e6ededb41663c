"""The product running, and people before it with a real browser.

`living` is web and sandbox on this test's database (the worker when `living.worker()` is called); `as_person(...)`
gives somebody a browser of their own. Whatever goes wrong in a browser that no test expected fails the test.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from PIL import Image
from playwright.sync_api import Browser, expect

from tests import chromium
from tests.browser.watched import Watched
from tests.doors.product import Product, product
from tests.make import parties as make_parties
from tests.make.mailing import Post, smtp_server
from tests.sandbox_process import Sandbox, sandbox_process
from tuike.doors.console import frame, sessions
from tuike.kit import clock
from tuike.parties import queries as parties
from tuike.parties.types import PartyRef, Role
from tuike.people import service as people
from tuike.people.types import SessionKind

LONGEST_MS = 30_000
EVERYDAY = {
    "test_alerts.py::test_an_alert_is_set_crossed_and_opens_its_rows[merchant-zh-wide]",
    "test_boards.py::test_a_chart_changes_with_the_data",
    "test_appeals.py::test_an_appeal_is_filed_weighed_and_accepted[False-1440-False]",
    "test_entering.py::test_a_scan_with_the_phone_leads_to_the_seats",
    "test_entering.py::test_password_and_code_after_they_were_set[1440]",
    "test_finding_promoters.py::test_from_the_invite_link_into_the_plan",
    "test_library.py::test_from_the_library_to_the_material[False-1440]",
    "test_lists.py::test_a_list_is_filtered_sorted_paged_and_written_to_a_file[False]",
    "test_lists.py::test_home_pages_show_figures_and_the_best[True-390]",
    "test_merchant.py::test_rates_are_seen_before_they_are_published[False-1440]",
    "test_operator.py::test_every_page_is_right_in_both_languages_sizes_and_themes[False-1440-False]",
    "test_promoter.py::test_an_order_is_explained_and_why_it_was_not_me[False-1440]",
    "test_promoter.py::test_a_dialog_answers_whoever_is_quicker_than_its_settling",
    "test_shared_walk.py::test_who_has_no_business_on_a_page_is_told_so[merchant-True]",
}
"""What the everyday run walks through: once through each console. All other walks are slow ones."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is in this folder; where there is no browser it is skipped before a product is started for it."""
    here = os.path.dirname(__file__)
    for item in items:
        if str(item.path).startswith(here):
            for mark in chromium.MARKS:
                item.add_marker(mark)
            if item.nodeid.rpartition("/")[2] not in EVERYDAY:
                item.add_marker(pytest.mark.slow)


@dataclass
class Living:
    """The product as it runs: its address, its processes, its sandbox."""

    product: Product
    sandbox: Sandbox
    post: Post
    """What its mail server got."""

    @property
    def base(self) -> str:
        """The web's address."""
        return self.product.base

    def worker(self) -> None:
        """Start the worker, until the test ends."""
        self.product.start("worker")


@pytest.fixture(scope="session")
def _house(django_db_setup: None, test_database: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Living]:
    folder = tmp_path_factory.mktemp("browser")
    Path(settings.MEDIA_ROOT).mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (640, 400), "teal").save(Path(settings.MEDIA_ROOT) / "a.jpg")  # the makers' products show it
    env = dict(test_database.server.environment(test_database.name))
    env["TUIKE_PROCESS"] = "test"  # not `web`, which keeps connections: the tests' database cuts them between two tests
    env["TUIKE_WEBHOOK_PRIVATE"] = "1"  # receivers of the tests listen on this machine
    with (
        smtp_server() as post,
        sandbox_process(folder / "sandbox", notify_factor=300) as sandbox,
        product(env | _mailing(post), sandbox, folder, worker=False) as running,
    ):
        running.start("live")
        yield Living(running, sandbox, post)


def _mailing(post: Post) -> dict[str, str]:
    return {
        "TUIKE_SMTP_HOST": "127.0.0.1",
        "TUIKE_SMTP_PORT": str(post.port),
        "TUIKE_SMTP_TLS": "none",
        "TUIKE_MAIL_FROM": "推客 <no-reply@tuike.example.com>",
    }


@pytest.fixture
def living(committed_db: None, _house: Living) -> Iterator[Living]:
    """Return the running product, its database and sandbox empty."""
    _house.sandbox.reset()
    _house.post.raw.clear()
    yield _house
    if "worker" in _house.product.processes:
        _house.product.stop("worker")


@pytest.fixture
def as_person(living: Living, browser: Browser) -> Iterator[Callable[..., Watched]]:
    """Return `as_person(party, role=super_admin, english=False, width=1440, height=900, dark=False)`.

    `as_person(None)` is nobody, `as_person(None, person_id=…)` a person, `as_person(party, person_id=…)` one in a seat.
    """
    watched: list[Watched] = []

    def make(
        party: PartyRef | None,
        role: Role = Role.SUPER_ADMIN,
        *,
        person_id: int | None = None,
        english: bool = False,
        width: int = 1440,
        height: int = 900,
        dark: bool = False,
    ) -> Watched:
        if person_id is None and party is not None:
            person_id = _seated(party, role)
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale="en" if english else "zh-CN",
            timezone_id="Asia/Shanghai",
            reduced_motion="reduce",
            permissions=["clipboard-read", "clipboard-write"],
        )
        context.set_default_timeout(LONGEST_MS)
        expect.set_options(timeout=LONGEST_MS)
        cookies = {frame.THEME_COOKIE: "dark" if dark else "light"}
        if person_id is not None:
            people.rename(person_id=person_id, language="en" if english else "zh-hans")
            cookies[sessions.COOKIE] = people.open_session(
                person_id=person_id, kind=SessionKind.CONSOLE, device="Chrome", now=clock.now()
            )
        context.add_cookies([{"name": name, "value": value, "url": living.base} for name, value in cookies.items()])
        made = Watched(context.new_page(), context, living.base, party, english)
        watched.append(made)
        return made

    yield make
    problems = [problem for one in watched for problem in one.problems]
    for one in watched:
        one.context.close()
    assert problems == []


def _seated(party: PartyRef, role: Role) -> int:
    if role is Role.SUPER_ADMIN:
        return parties.administrators_of([party.id])[party.id][0].person_id
    person_id = make_parties.seated(party, role).person_id
    assert person_id is not None
    return person_id
