"""Reading the network: links, the form, applications, agents, deposits and what is decided about them."""

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tuike.db import rows
from tuike.network import rules
from tuike.network.types import (
    DECIDED_WITHIN,
    ApplicationClosed,
    ApplicationShown,
    ApplicationState,
    DecisionClosed,
    DecisionKind,
    DecisionShown,
    DecisionState,
    DepositNotHere,
    DepositShown,
    DepositState,
    FormShown,
    RecruitLinkShown,
    ToJudge,
    UnknownLink,
)
from tuike.parties.types import PartyKind

_FORM_KEPT = (
    "needed", "title", "fields", "rules", "real_name", "deposit_fen", "purchases_fen", "reapply_days", "auto_pass",
    "law_noted",
)  # fmt: skip
_FORM = "f.id, f.edition, f.published_at, " + ", ".join(
    f"f.{name}::text" if name in ("fields", "rules") else f"f.{name}" for name in _FORM_KEPT
)
_APPLICATION = (
    "a.id, a.no, a.person_id, a.promoter_id, a.form_id, a.state, a.by_hand, a.filed_at, a.decided_at, a.decided_by,"
    " a.reason"
)
_DEPOSIT = (
    "id, no, promoter_id, person_id, amount_fen, forfeited_fen, returned_fen, state, made_at, pay_by, paid_at,"
    " intent_no, due_at, refund_no, ended_at"
)
_LINK = """
    SELECT l.id, l.code, l.owner_id, p.no, p.name, p.kind, l.note, l.made_at, l.closed_at
    FROM network_recruit_link l JOIN parties_party p ON p.id = l.owner_id
"""
_DECISION = """
    SELECT k.id, d.no, d.promoter_id, k.kind, k.amount_fen, k.reason, k.reference, k.state, k.asked_by, k.asked_at,
        k.decided_by, k.decided_at, k.note
    FROM network_decision k JOIN network_deposit d ON d.id = k.deposit_id
"""


def form_in_force() -> FormShown | None:
    """Return the edition of the form that is in force; None where none was ever published, or nobody must apply."""
    found = rows.query(f"SELECT {_FORM} FROM network_form f ORDER BY edition DESC LIMIT 1")
    return _form(found[0]) if found else None


def form_needed() -> FormShown | None:
    """Return the form by which one has to apply now; None where anybody comes in."""
    found = form_in_force()
    return found if found is not None and found.form.needed else None


def editions(*, limit: int = 100) -> list[FormShown]:
    """Return the form's editions, the last first."""
    return [
        _form(row) for row in rows.query(f"SELECT {_FORM} FROM network_form f ORDER BY edition DESC LIMIT %s", [limit])
    ]


def forms(form_ids: Iterable[int]) -> dict[int, FormShown]:
    """Return editions of the form by id."""
    found = rows.query(f"SELECT {_FORM} FROM network_form f WHERE f.id = ANY(%s)", [sorted(set(form_ids))])
    return {row[0]: _form(row) for row in found}


def link_by_code(code: str) -> RecruitLinkShown:
    """Return a recruiting link, a closed one, too.

    Raises:
        UnknownLink: there is none with this code.
    """
    found = rows.query(f"{_LINK} WHERE l.code = %s", [code])
    if not found:
        raise UnknownLink
    return _link(found[0])


def good_link(code: str) -> RecruitLinkShown:
    """Return a link by which somebody may come in now.

    Raises:
        UnknownLink: none, a closed one, or one of a party that is suspended or was never certified.
    """
    found = rows.query(
        f"{_LINK} LEFT JOIN parties_promoter r ON r.party_id = p.id"
        " WHERE l.code = %s AND l.closed_at IS NULL AND p.suspended_at IS NULL AND p.certified_at IS NOT NULL"
        " AND coalesce(r.standing, 'active') = 'active'",
        [code],
    )
    if not found:
        raise UnknownLink
    return _link(found[0])


def links_of(*, owner_id: int, before_id: int | None = None, limit: int = 50) -> list[RecruitLinkShown]:
    """Return a party's recruiting links, newest first, after the row `before_id`."""
    found = rows.query(
        f"{_LINK} WHERE l.owner_id = %s AND (%s::bigint IS NULL OR l.id < %s) ORDER BY l.id DESC LIMIT %s",
        [owner_id, before_id, before_id, limit],
    )
    return [_link(row) for row in found]


def open_links(owner_id: int) -> int:
    """Return how many links of a party are open."""
    return rows.query(
        "SELECT count(*) FROM network_recruit_link WHERE owner_id = %s AND closed_at IS NULL", [owner_id]
    )[0][0]


def banned(person_ids: Iterable[int]) -> set[int]:
    """Return which of these persons are shut out of the network."""
    found = rows.query(
        "SELECT DISTINCT person_id FROM network_ban WHERE person_id = ANY(%s) AND lifted_at IS NULL",
        [sorted(set(person_ids))],
    )
    return {one for (one,) in found}


def last_rejection(person_id: int) -> datetime | None:
    """Return when a person's last application was rejected; None where the last one wasn't, or there is none."""
    found = rows.query(
        "SELECT state, decided_at FROM network_application WHERE person_id = %s ORDER BY id DESC LIMIT 1", [person_id]
    )
    return found[0][1] if found and found[0][0] == ApplicationState.REJECTED else None


def application(no: str) -> ApplicationShown:
    """Return an application.

    Raises:
        ApplicationClosed: there is none of this number.
    """
    found = rows.query(f"SELECT {_APPLICATION} FROM network_application a WHERE a.no = %s", [no])
    if not found:
        raise ApplicationClosed
    return _application(found[0])


def last_application(promoter_id: int, *, lock: bool = False) -> ApplicationShown | None:
    """Return a promoter's last application; with `lock` nobody decides it until the caller's transaction ends."""
    found = rows.query(
        f"SELECT {_APPLICATION} FROM network_application a WHERE a.promoter_id = %s ORDER BY a.id DESC LIMIT 1"
        + (" FOR SHARE" if lock else ""),
        [promoter_id],
    )
    return _application(found[0]) if found else None


def filed_by(person_ids: Iterable[int]) -> list[ApplicationShown]:
    """Return what is under review of persons, whatever promoter of theirs it is for, by number."""
    found = rows.query(
        f"SELECT {_APPLICATION} FROM network_application a WHERE a.person_id = ANY(%s) AND a.state = 'filed'"
        " ORDER BY a.id",
        [sorted(set(person_ids))],
    )
    return [_application(row) for row in found]


def applications(
    *, state: ApplicationState | None = None, before_id: int | None = None, limit: int = 50
) -> list[ApplicationShown]:
    """Return applications for the operator, newest first, after the row `before_id`."""
    found = rows.query(
        f"SELECT {_APPLICATION} FROM network_application a"
        " WHERE (%(state)s::text IS NULL OR a.state = %(state)s) AND (%(before)s::bigint IS NULL OR a.id < %(before)s)"
        " ORDER BY a.id DESC LIMIT %(limit)s",
        {"state": state.value if state else None, "before": before_id, "limit": limit},
    )
    return [_application(row) for row in found]


def to_judge(*, nos: Iterable[str] | None = None, after_id: int = 0, limit: int = 200) -> list[ToJudge]:
    """Return applications under review that no rule has left to people yet, oldest first, with their form."""
    found = rows.query(
        f"SELECT {_APPLICATION} FROM network_application a"
        " WHERE a.state = 'filed' AND NOT a.by_hand AND a.id > %(after)s"
        " AND (%(nos)s::text[] IS NULL OR a.no = ANY(%(nos)s)) ORDER BY a.id LIMIT %(limit)s",
        {"nos": sorted(nos) if nos is not None else None, "after": after_id, "limit": limit},
    )
    waiting = [_application(row) for row in found]
    by_id = forms({one.form_id for one in waiting})
    return [ToJudge(one, by_id[one.form_id].form) for one in waiting]


def agents_of(*, merchant_id: int, after_id: int = 0, limit: int = 50) -> list[tuple[int, datetime]]:
    """Return (promoter id, since) of those whom a merchant recruited, by promoter id after `after_id`."""
    return rows.query(
        "SELECT promoter_id, since FROM network_agent WHERE merchant_id = %s AND promoter_id > %s"
        " ORDER BY promoter_id LIMIT %s",
        [merchant_id, after_id, limit],
    )


def agent_ids(merchant_id: int) -> list[int]:
    """Return all whom a merchant recruited."""
    found = rows.query("SELECT promoter_id FROM network_agent WHERE merchant_id = %s", [merchant_id])
    return [one for (one,) in found]


def count_agents(merchant_id: int) -> int:
    """Return how many promoters a merchant recruited."""
    return rows.query("SELECT count(*) FROM network_agent WHERE merchant_id = %s", [merchant_id])[0][0]


def arrived(*, link_id: int) -> int:
    """Return how many promoters were opened by a link."""
    return rows.query("SELECT count(*) FROM network_arrival WHERE link_id = %s", [link_id])[0][0]


def arrivals(promoter_ids: Iterable[int]) -> dict[int, RecruitLinkShown]:
    """Return promoter → the link by which it came; who came by none is missing."""
    came = dict(
        rows.query(
            "SELECT promoter_id, link_id FROM network_arrival WHERE promoter_id = ANY(%s)", [sorted(set(promoter_ids))]
        )
    )
    found = rows.query(f"{_LINK} WHERE l.id = ANY(%s)", [sorted(set(came.values()))]) if came else []
    links = {row[0]: _link(row) for row in found}
    return {promoter_id: links[link_id] for promoter_id, link_id in came.items()}


def agent_merchants(promoter_ids: Iterable[int]) -> dict[int, int]:
    """Return promoter → the merchant that recruited it; others are missing."""
    found = rows.query(
        "SELECT promoter_id, merchant_id FROM network_agent WHERE promoter_id = ANY(%s)", [sorted(set(promoter_ids))]
    )
    return dict(found)


def deposit(no: str) -> DepositShown:
    """Return a deposit.

    Raises:
        DepositNotHere: there is none of this number.
    """
    found = rows.query(f"SELECT {_DEPOSIT} FROM network_deposit WHERE no = %s", [no])
    if not found:
        raise DepositNotHere
    return _deposit(found[0])


def live_deposit(promoter_id: int, *, lock: bool = False) -> DepositShown | None:
    """Return a promoter's deposit that is to be paid, or stays; `lock` until the caller's transaction ends."""
    found = rows.query(
        f"SELECT {_DEPOSIT} FROM network_deposit WHERE promoter_id = %s AND state IN ('unpaid', 'paid')"
        + (" FOR UPDATE" if lock else ""),
        [promoter_id],
    )
    return _deposit(found[0]) if found else None


def deposits_of(promoter_id: int, *, limit: int = 20) -> list[DepositShown]:
    """Return a promoter's deposits, the last one first."""
    found = rows.query(
        f"SELECT {_DEPOSIT} FROM network_deposit WHERE promoter_id = %s ORDER BY id DESC LIMIT %s", [promoter_id, limit]
    )
    return [_deposit(row) for row in found]


def deposits(*, state: DepositState | None = None, before_id: int | None = None, limit: int = 50) -> list[DepositShown]:
    """Return deposits for the operator, newest first, after the row `before_id`."""
    found = rows.query(
        f"SELECT {_DEPOSIT} FROM network_deposit WHERE (%(state)s::text IS NULL OR state = %(state)s)"
        " AND (%(before)s::bigint IS NULL OR id < %(before)s) ORDER BY id DESC LIMIT %(limit)s",
        {"state": state.value if state else None, "before": before_id, "limit": limit},
    )
    return [_deposit(row) for row in found]


def standing_fen(promoter_ids: Iterable[int]) -> dict[int, int]:
    """Return promoter → fen of a deposit that is paid and stays; others are missing."""
    found = rows.query(
        "SELECT promoter_id, amount_fen - forfeited_fen - returned_fen FROM network_deposit"
        " WHERE promoter_id = ANY(%s) AND state = 'paid'",
        [sorted(set(promoter_ids))],
    )
    return dict(found)


def decision(decision_id: int) -> DecisionShown:
    """Return what was asked for about a deposit.

    Raises:
        DecisionClosed: there is no such thing.
    """
    found = rows.query(f"{_DECISION} WHERE k.id = %s", [decision_id])
    if not found:
        raise DecisionClosed
    return _decision(found[0])


def decisions_open(*, now: datetime, limit: int = 100) -> list[DecisionShown]:
    """Return what waits for a second person, oldest first; what has lapsed is left out."""
    found = rows.query(
        f"{_DECISION} WHERE k.state = 'asked' AND k.asked_at >= %s ORDER BY k.id LIMIT %s",
        [now - DECIDED_WITHIN, limit],
    )
    return [_decision(row) for row in found]


def decisions_of(no: str) -> list[DecisionShown]:
    """Return what was asked for about a deposit, the last first."""
    return [_decision(row) for row in rows.query(f"{_DECISION} WHERE d.no = %s ORDER BY k.id DESC", [no])]


def _form(row: tuple[Any, ...]) -> FormShown:
    kept = dict(zip(_FORM_KEPT, row[3:], strict=True))
    kept |= {name: json.loads(kept[name]) for name in ("fields", "rules")}
    return FormShown(row[0], row[1], row[2], rules.form_of(kept))


def _link(row: tuple[Any, ...]) -> RecruitLinkShown:
    return RecruitLinkShown(*row[:5], PartyKind(row[5]), *row[6:])


def _application(row: tuple[Any, ...]) -> ApplicationShown:
    return ApplicationShown(*row[:5], ApplicationState(row[5]), *row[6:])


def _deposit(row: tuple[Any, ...]) -> DepositShown:
    return DepositShown(*row[:7], DepositState(row[7]), *row[8:])


def _decision(row: tuple[Any, ...]) -> DecisionShown:
    return DecisionShown(*row[:3], DecisionKind(row[3]), *row[4:7], DecisionState(row[7]), *row[8:])
