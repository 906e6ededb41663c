"""Every kind of news leads each seat that hears it to a page of its console that opens, or nowhere it may not go."""

from datetime import timedelta

import pytest
from django.db import transaction
from django.urls import resolve

from tests.make import alerts as make_alerts
from tests.make import alliance as make
from tests.make import cooperation as make_cooperation
from tests.make import matching as make_matching
from tests.make import parties as make_parties
from tests.make import rewards as make_rewards
from tests.make.appeals import appeal, review
from tuike.alerts import rules
from tuike.alerts import service as alerts
from tuike.alerts.types import Rhythm
from tuike.kit import clock
from tuike.messages import queries
from tuike.messages import service as messages
from tuike.messages.kinds import KINDS
from tuike.parties.rules import ROLES
from tuike.parties.types import PartyKind, Role

EVERYBODY = ("merchant", "promoter", "leader")
HEARD_BY = {
    **dict.fromkeys(KINDS, EVERYBODY),
    **dict.fromkeys(
        (
            "prepaid_short",
            "rate_lifted",
            "product_not_promotable",
            "campaign_budget_used",
            "coupon_out",
            "after_sale_asked",
            "after_sale_sent",
            "after_sale_disputed",
            "after_sale_decided",
            "ship_reminder",
            "plan_applied",
            "plan_joined",
            "plan_declined",
        ),
        ("merchant",),
    ),
    **dict.fromkeys(("plan_invited", "plan_accepted", "plan_rejected", "plan_changed", "plan_removed"), ("promoter",)),
    **dict.fromkeys((kind for kind in KINDS if KINDS[kind].page in {"bonus", "grade"}), ("promoter",)),
    "binding_released": ("promoter",),
    "webhook_off": ("merchant", "promoter"),
    **dict.fromkeys((kind for kind in KINDS if KINDS[kind].page == "enrolment"), ("merchant", "leader")),
    **dict.fromkeys(("cooperation_opened", "cooperation_closed"), ("merchant", "leader")),
    **dict.fromkeys(("pool_listed", "pool_rejected", "pool_removed"), ("merchant",)),
    **dict.fromkeys(("appeal_accepted", "appeal_refused"), ("promoter", "leader")),
    **dict.fromkeys(("held_overdue", "appeals_overdue"), ("operator",)),
    **dict.fromkeys(("threshold_crossed", "report_daily", "report_weekly"), (*EVERYBODY, "operator")),
}
"""Which consoles hear a kind: all three, unless it is about what only one has."""


@pytest.fixture
def parties(db):
    one = make.alliance()
    make_cooperation.open_to_all()
    return {
        "operator": make_parties.operator(),
        "merchant": one.shop,
        "promoter": one.promoter,
        "leader": one.leader,
        "alliance": one,
    }


@pytest.fixture
def facts(parties):
    """What a kind's address takes: the number of a targeted plan of the shop, of its enrolment with a leader, of an
    offer that is open."""
    one = parties["alliance"]
    make_rewards.fund(one.shop.id, 10_000)
    open_now = clock.now() - timedelta(minutes=5)
    offer = make_rewards.offer(one.shop.id, now=open_now)
    make.touch(one, leader=True)
    of = make.accruals(make.bought(one))
    for role in ("direct", "leader"):
        review("hold", of[role])
    appeals = {"promoter": appeal(one.promoter, of["direct"]), "leader": appeal(one.leader, of["leader"])}
    by_page = {"enrolment": make_cooperation.agreed(one).no, "bonus": offer.no}
    plan = make_matching.plan(one)
    return lambda kind, party: (
        by_page.get(KINDS[kind].page, appeals.get(party, "")) if (KINDS[kind].page in {*by_page, "appeal"}) else plan.no
    )


@pytest.mark.parametrize("party", [*EVERYBODY, "operator"])
def test_every_kind_leads_to_a_page_that_opens(parties, facts, sit, party):
    seats = {role: sit(parties[party], role) for role in Role if role.value in _roles(party)}
    kinds = [kind for kind, heard in HEARD_BY.items() if party in heard]
    led, wrong = set(), []
    for kind in kinds:
        given = {name: facts(kind, party) for name in KINDS[kind].path_args}
        personal = KINDS[kind].page == "alert-report"
        if not personal:
            messages.tell(party_id=parties[party].id, kind=kind, facts=given, now=make.NOON)
        for role, who in seats.items():
            if personal:
                report_of(parties[party].id, who.person_id, kind)
            if role.value not in KINDS[kind].roles:
                continue
            newest = queries.of_party(party_id=parties[party].id, person_id=who.person_id, role=role.value, limit=1)[0]
            assert newest.kind == kind
            answer = who.post("bell-seen", {"message": str(newest.id)})
            leads = answer.headers.get("HX-Redirect") or answer.headers["Location"]
            if who.get(leads).status_code != 200:
                wrong.append(f"{kind} as {role}: {leads}")
            name = resolve(leads.partition("?")[0]).url_name
            if name == f"{party}-{KINDS[kind].page}":
                led.add(kind)
            elif name != f"{party}-bell" or role is Role.SUPER_ADMIN:
                wrong.append(f"{kind} as {role}: leads to {name}")
    assert not wrong, "\n".join(wrong)
    assert led == set(kinds)


def report_of(party_id, person_id, kind):
    """Write a report for one person and tell that person of it."""
    held = make_alerts.subscribed(party_id, person_id, rhythm=Rhythm(kind.removeprefix("report_")), mail=False)
    first, last = rules.period(held.rhythm, held.next_at)
    with transaction.atomic():
        _, no = alerts.make_edition(one=held, first=first, last=last, content=make_alerts.content(), now=held.next_at)
        messages.tell_one(party_id=party_id, person_id=person_id, kind=kind, facts={"no": no}, now=make.NOON)


def _roles(party: str) -> set[str]:
    return {role.value for role in ROLES[PartyKind(party)]}
