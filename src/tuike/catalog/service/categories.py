"""The category tree: the operator's."""

from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.catalog.models import Category
from tuike.catalog.rules import MAX_LEVEL
from tuike.catalog.service.telling import tell_category
from tuike.catalog.types import TooDeep
from tuike.kit.errors import Invalid, NotFound


@transaction.atomic
def add_category(
    *,
    name: str,
    parent_id: int | None = None,
    name_en: str = "",
    restricted: bool = False,
    position: int = 0,
    actor: Actor,
    now: datetime,
) -> int:
    """Add a category under `parent_id` (None: at the top) and return its id (docs/rules.md §2).

    Raises:
        NotFound: no such parent.
        TooDeep: the parent is on the third level.
        Invalid: name.
    """
    name = _name(name)
    # Locked so that a parent can't be restricted or renamed in between unseen; categories don't move.
    parent = Category.objects.select_for_update().filter(id=parent_id).first() if parent_id is not None else None
    if parent_id is not None and parent is None:
        raise NotFound
    level = parent.level + 1 if parent else 1
    if level > MAX_LEVEL:
        raise TooDeep
    made = Category.objects.create(
        parent=parent, name=name, name_en=name_en.strip(), level=level, restricted=restricted, position=position
    )
    made.path = [*(parent.path if parent else []), made.id]
    made.save(update_fields=["path"])
    facts = {"name": name, "parent": parent_id, "restricted": restricted}
    audit.record(actor=actor, action="category.add", object_=str(made.id), facts=facts, now=now)
    return made.id


@transaction.atomic
def change_category(
    *,
    category_id: int,
    name: str | None = None,
    name_en: str | None = None,
    restricted: bool | None = None,
    position: int | None = None,
    picture: str | None = None,
    actor: Actor,
    now: datetime,
) -> None:
    """Rename, restrict, reorder a category or give it a picture (an address below /media/, "" for none).

    None leaves a value as it is. Its place in the tree stays.

    Raises:
        NotFound: no such category.
        Invalid: name.
    """
    category = Category.objects.select_for_update().filter(id=category_id).first()
    if category is None:
        raise NotFound
    wanted = {
        "name": None if name is None else _name(name),
        "name_en": None if name_en is None else name_en.strip(),
        "restricted": restricted,
        "position": position,
        "picture": picture,
    }
    facts = {
        key: {"from": getattr(category, key), "to": value}
        for key, value in wanted.items()
        if value is not None and value != getattr(category, key)
    }
    if not facts:
        return
    Category.objects.filter(id=category_id).update(**{key: change["to"] for key, change in facts.items()})
    audit.record(actor=actor, action="category.change", object_=str(category_id), facts=facts, now=now)
    if "restricted" in facts:
        tell_category(category_id, now)


def _name(name: str) -> str:
    name = name.strip()
    if not 1 <= len(name) <= 40:
        raise Invalid(field="name", reason_zh="名称须为 1 到 40 个字符", reason_en="a name has 1 to 40 characters")
    return name
