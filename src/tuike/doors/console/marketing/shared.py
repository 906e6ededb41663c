"""What the pages of this folder share: who acts, categories to choose from, words for states and levels."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from tuike.catalog import queries as catalog
from tuike.doors.console.keys import asker_key
from tuike.doors.console.text import T, Tag
from tuike.flows.target_promoters import By
from tuike.insight.lists import cooperation
from tuike.plans.types import TargetedPlanShown

STATES = {key: Tag(T(zh, en), colour) for key, (zh, en, colour) in cooperation.STATES.items()}
PHASES = {key: Tag(T(zh, en), colour) for key, (zh, en, colour) in cooperation.PHASES.items()}
LEVELS = {int(key): Tag(T(zh, en), colour) for key, (zh, en, colour) in cooperation.LEVEL_WORDS.items()}


def asked(level: int) -> Tag:
    """Return the level that a request asks for, as a page shows it."""
    return LEVELS[level] if level else Tag(T("不限", "any"))


def by(request: Any) -> By:
    """Return who acts, under the form's key."""
    return By(request.asker.party_id, request.asker.actor, request.asker.now, asker_key(request))


def phase(plan: TargetedPlanShown, now: datetime) -> Tag:
    """Return where a plan stands, as a page shows it."""
    if plan.over(now):
        return PHASES["over" if plan.stopped_at is None else "stopped"]
    if plan.stopped_at is not None:
        return PHASES["stopping"]
    return PHASES["coming" if now < plan.starts_at else "running"]


def categories(ticked: Collection[int] = (), *, roots: bool = False) -> list[tuple[str, list[T], bool]]:
    """Return the categories as choices: id, the names from its root, whether it is ticked; or the roots alone."""
    tree = catalog.categories()
    names = {node.category_id: T(node.name, node.name_en or node.name) for node in tree}
    return [
        (str(node.category_id), [names[id_] for id_ in node.path], node.category_id in ticked)
        for node in tree
        if not roots or len(node.path) == 1
    ]


def category_names(ids: Collection[int]) -> list[T]:
    """Return the names of categories."""
    return [T(n.name, n.name_en or n.name) for n in catalog.categories() if n.category_id in ids]


def filtered_by() -> list[tuple[int, str, str]]:
    """Return the root categories as a list's filter takes them."""
    return [(n.category_id, n.name, n.name_en or n.name) for n in catalog.categories() if len(n.path) == 1]


def ids(request: Any, name: str, most: int = 200) -> list[int]:
    """Return the whole numbers that a form sent under a name."""
    return [int(one) for one in request.POST.getlist(name)[:most] if one.isdecimal() and len(one) < 19]
