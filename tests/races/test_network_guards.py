"""Links, the form, applications and bans under two hands at once, each guard with its control (docs/rules.md §1, §11).

The second one always begins when the first has done its work and not committed it (`overlap`).
"""

import threading

import pytest

from tests.make import network as make_network
from tests.make import parties as make_parties
from tests.make.alliance import NOON
from tests.make.racers import at_once, overlap, wait_till_waited_for, without
from tests.races.test_activities import acts, codes, dropped
from tuike.audit.types import OPERATOR_SHELL
from tuike.db import rows
from tuike.files import service as files
from tuike.flows import govern_network
from tuike.network import queries, service
from tuike.network.service import publishing
from tuike.network.service.links import MOST_LINKS
from tuike.network.types import ApplicationState
from tuike.parties import queries as parties_of
from tuike.parties import service as parties
from tuike.parties.types import PromoterState
from tuike.people import service as people
from tuike.settings import service as settings

pytestmark = pytest.mark.usefixtures("committed_db")
HAD = {"actor": OPERATOR_SHELL, "now": NOON}
UNLOCKED = {"within": "pg_advisory_xact_lock(", "instead": ""}


# Links


def last_link_twice():
    party = make_parties.promoter()
    make = {"owner_id": party.id, "note": ""} | HAD
    for _ in range(MOST_LINKS - 1):
        service.make_link(**make)
    said = codes(overlap(lambda: service.make_link(**make), lambda: service.make_link(**make)))
    return said, queries.open_links(party.id)


def test_the_fiftieth_link_is_the_last():
    assert last_link_twice() == ([None, "too_many_recruit_links"], MOST_LINKS)


def test_control_without_the_owners_lock_there_are_fifty_one(monkeypatch):
    without(monkeypatch, "pg_advisory_xact_lock(%s, %s)", instead="%s, %s")
    assert last_link_twice() == ([None, None], MOST_LINKS + 1)


def closed_twice():
    party = make_parties.promoter()
    close = {"code": service.make_link(owner_id=party.id, note="", **HAD).code, "owner_id": party.id} | HAD
    return codes(overlap(lambda: service.close_link(**close), lambda: service.close_link(**close)))


def test_a_link_is_closed_once():
    assert (closed_twice(), acts("network.close_link")) == ([None, "unknown_recruit_link"], 1)


def test_control_without_the_clause_a_link_is_closed_twice(monkeypatch):
    without(monkeypatch, "AND closed_at IS NULL", within="UPDATE network_recruit_link")
    assert (closed_twice(), acts("network.close_link")) == ([None, None], 2)


# The form and the tiers


def pay_tiers() -> None:
    """Let two tiers be paid, as the operator's setting does."""
    service.check_paid_tiers(most=2)
    settings.change(name="max_paid_tiers", value=2, **HAD)


def ask_deposit() -> None:
    make_network.form(deposit_fen=20_000)


WORKS = pytest.mark.parametrize(
    "works", [(pay_tiers, ask_deposit), (ask_deposit, pay_tiers)], ids=["tiers_first", "form_first"]
)


@WORKS
def test_a_deposit_and_several_tiers_never_pass_each_other(works):
    settings.change(name="max_paid_tiers", value=1, **HAD)
    assert overlap(*works) == [None, "tiers_with_threshold"]


@WORKS
def test_control_without_the_lock_they_stand_side_by_side(monkeypatch, works):
    settings.change(name="max_paid_tiers", value=1, **HAD)
    monkeypatch.setattr(publishing, "_lock", lambda: None)
    assert overlap(*works) == [None, None]
    assert (settings.get("max_paid_tiers"), queries.form_in_force().form.deposit_fen) == (2, 20_000)


def test_editions_of_two_are_two():
    assert codes(overlap(make_network.form, make_network.form)) == [None, None]
    assert queries.form_in_force().edition == 2


def test_control_without_the_lock_an_edition_fails_without_a_name(monkeypatch):
    monkeypatch.setattr(publishing, "_lock", lambda: None)
    assert codes(overlap(make_network.form, make_network.form)) == [None, "IntegrityError"]


# Applications


def decided_twice():
    """Pass and reject one application at once; return both, where it stands, and how often it was decided."""
    make_network.form()
    no = make_network.applied(make_network.opened()).no
    passed, rejected = (
        lambda to=to: service.decide_application(no=no, to=to, reason="资料不全", **HAD)
        for to in (ApplicationState.PASSED, ApplicationState.REJECTED)
    )
    return codes(overlap(passed, rejected)), queries.application(no).state, acts("network.decide")


def test_an_application_is_decided_once():
    assert decided_twice() == ([None, "application_closed"], ApplicationState.PASSED, 1)


def test_control_without_its_old_state_it_is_decided_twice(monkeypatch):
    without(monkeypatch, "AND state = 'filed'", within="UPDATE network_application SET state = %(to)s")
    assert decided_twice() == ([None, None], ApplicationState.REJECTED, 2)


def banned_and_admitted():
    party = make_network.opened()
    rows.run("UPDATE parties_promoter SET standing = 'joining' WHERE party_id = %s", [party.id])
    said = overlap(
        lambda: parties.ban_promoter(promoter_id=party.id, reason="刷单", **HAD),
        lambda: parties.admit_promoter(promoter_id=party.id, now=NOON),
    )
    return said, parties_of.promoter_facts([party.id])[party.id].state


def test_who_is_banned_isnt_let_in():
    assert banned_and_admitted() == ([None, "promoter_not_this_state"], PromoterState.BANNED)


def test_control_without_the_old_standing_who_is_banned_is_let_in(monkeypatch):
    clause = "AND standing = ANY(%(from)s)"
    without(monkeypatch, clause, within="parties_promoter", instead="AND %(from)s::text[] IS NOT NULL")
    said, state = banned_and_admitted()
    assert (said, state is PromoterState.BANNED) == ([None, None], False)


def banned_while_filing(monkeypatch):
    """File when nobody was banned yet, and be banned before it is written; return both and the application's state."""
    make_network.form()
    party, judge = make_network.opened(), make_parties.operator_seat()
    looked, banned, use = threading.Event(), threading.Event(), files.use

    def use_later(**what):
        looked.set()
        wait_till_waited_for(banned)
        return use(**what)

    def ban():
        looked.wait(60)
        try:
            govern_network.ban_promoter(promoter_no=party.no, reason="刷单", actor=judge, now=NOON)
        finally:
            banned.set()

    monkeypatch.setattr(files, "use", use_later)
    said = codes(at_once([lambda: make_network.applied(party), ban]))
    found = queries.last_application(party.id)
    return said, found and found.state


def test_who_is_banned_while_filing_has_nothing_under_review(monkeypatch):
    said, state = banned_while_filing(monkeypatch)
    assert (said, state) == ([None, None], ApplicationState.REJECTED)


def test_control_without_the_hold_a_banned_promoter_has_an_application_under_review(monkeypatch):
    monkeypatch.setattr(people, "hold_living", lambda *, person_ids: set(person_ids))
    assert banned_while_filing(monkeypatch) == ([None, None], ApplicationState.FILED)


def test_control_without_the_index_a_person_is_banned_twice_for_one(owner_sql, monkeypatch):
    party = make_parties.promoter()
    ban = {"person_ids": [make_network.head(party)], "promoter_id": party.id, "reason": "刷单", "now": NOON}

    def banned():
        said = overlap(lambda: service.ban_people(**ban), lambda: service.ban_people(**ban))
        return said, rows.query("SELECT count(*) FROM network_ban")[0][0]

    assert banned() == ([None, None], 1)
    owner_sql("TRUNCATE network_ban")
    without(monkeypatch, "ON CONFLICT DO NOTHING")
    assert banned() == ([None, "IntegrityError"], 1)
    with dropped(owner_sql, "network_ban", "network_ban_once"):
        assert banned()[1] == 3
