"""What the pages of the contract share: closed to whom it isn't open, who acts, an enrolment in a drawer."""

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from django.http.response import HttpResponseBase

from tuike.catalog import queries as catalog
from tuike.cooperation import queries as cooperation_of
from tuike.cooperation import service as cooperation
from tuike.cooperation.types import ActivityShown, CancelState, EnrolmentShown, ExtensionState
from tuike.doors.console.keys import asker_key
from tuike.doors.console.text import T, Tag, chinese
from tuike.flows.target_promoters import By
from tuike.insight.lists import contract
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind

KINDS = {key: Tag(T(zh, en), colour) for key, (zh, en, colour) in contract.KINDS.items()}
PHASES = {key: Tag(T(zh, en), colour) for key, (zh, en, colour) in contract.PHASES.items()}
STATES = {key: Tag(T(zh, en), colour) for key, (zh, en, colour) in contract.STATES.items()}


def opened(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Return the page as one that is there only for parties to whom the contract's functions are open.

    Raises:
        CooperationClosed: (by the page) they aren't open to the asker's.
    """

    @wraps(view)
    def page(request: Any, **path_args: Any) -> HttpResponseBase:
        cooperation.check_open(request.asker.party_id)
        return view(request, **path_args)

    return page


def by(request: Any) -> By:
    """Return who acts, under the form's key."""
    return By(request.asker.party_id, request.asker.actor, request.asker.now, asker_key(request))


def phase(activity: ActivityShown, request: Any) -> Tag:
    """Return where an activity stands, as a page shows it."""
    now = request.asker.now
    if activity.state.value != "published":
        return PHASES[activity.state.value]
    return PHASES["over" if now >= activity.ends_at else "coming" if now < activity.starts_at else "running"]


def state(one: EnrolmentShown, request: Any) -> Tag:
    """Return where an enrolment stands, as a page shows it; over with its period, noted or not."""
    now = request.asker.now
    if one.state.value in ("applied", "active") and now >= one.ends_at:
        return STATES["ended" if one.state.value == "active" else "rejected"]
    return STATES["coming" if one.state.value == "active" and now < one.starts_at else one.state.value]


def floors(activity: ActivityShown) -> list[tuple[T, int, int]]:
    """Return what an activity asks for by category: its name, least commission, least service fee."""
    names = catalog.category_nodes(activity.floors)
    return [
        (T(names[id_].name, names[id_].name_en or names[id_].name), floor.min_rate_bps, floor.min_service_bps)
        for id_, floor in activity.floors.items()
        if id_ in names
    ]


def shown(request: Any, one: EnrolmentShown) -> dict[str, Any]:
    """Return what the drawer of an enrolment shows either of its two sides."""
    now = request.asker.now
    names = parties.refs([one.merchant_id, one.leader_id])
    product = catalog.product_facts([one.product_id])[one.product_id]
    wish, over = one.extension, one.over(now)
    label = cooperation_of.label(one)
    until = cooperation_of.lapses_at(wish.asked_at) if wish and wish.state is ExtensionState.OPEN else None
    leads = request.asker.party.kind is PartyKind.LEADER
    return {
        "one": one,
        "product": product,
        "picture": next((one for one in product.pictures[:1] if one.startswith("/media/")), ""),
        "shop": names[one.merchant_id].name,
        "leader": names[one.leader_id].name,
        "state": state(one, request),
        "label": Tag(T(label.zh, label.en), "red" if label.red else "green")
        if one.state.value in ("active", "ended")
        else None,
        "notes": [(T(note.zh, note.en), note.red, "" if chinese() else note.zh) for note in cooperation_of.notes(one)],
        "contact": cooperation_of.contact_of_enrolment(no=one.no, promoter=False, now=now)
        if leads
        else cooperation_of.contact_of_activity(no=one.activity_no),
        "over": over,
        "cancelling": not over and one.cancel is not None and one.cancel.state is CancelState.OPEN,
        "until": until if until and now <= until and not over else None,
        "writes": not request.asker.looking,
    }


def numbers(values: Sequence[str]) -> list[int]:
    """Return the whole numbers among what a form sent."""
    return [int(one) for one in values[:200] if one.isascii() and one.isdecimal() and len(one) < 19]
