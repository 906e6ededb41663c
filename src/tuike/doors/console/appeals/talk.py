"""What was said in an appeal, drawn for whoever reads it; words and fields that both sides share."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tuike.appeals import queries
from tuike.appeals.types import MOST_PICTURES, MOST_TEXT, AppealShown, AppealState, SaidKind
from tuike.doors.console.operator.drawn import Field, tags
from tuike.doors.console.text import T, Tag
from tuike.files.service import MOST_BYTES
from tuike.files.types import TooLarge
from tuike.insight.lists.appeals import ABOUT, STATES, TIMERS
from tuike.people import queries as people

TAGS, MATTERS, LEFT = tags(STATES), tags(ABOUT), tags(TIMERS)
_KINDS = {
    SaidKind.APPEAL: T("申诉", "Appeal"),
    SaidKind.REPLY: T("补充说明", "Reply"),
    SaidKind.ACCEPTED: T("平台答复：通过", "Answer: accepted"),
    SaidKind.REFUSED: T("平台答复：不通过", "Answer: refused"),
    SaidKind.WITHDRAWN: T("已撤回", "Withdrawn"),
}
SOON = timedelta(hours=12)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that was said; `pictures` are addresses, or as many as there are where nobody has looked yet."""

    kind: T
    text: str
    who: str
    at: datetime
    pictures: Sequence[str]
    hidden: int


def entries(one: AppealShown, *, address: Callable[[str], str] | None, names: bool, desk: bool) -> list[Entry]:
    """Return what was said in an appeal, the oldest first.

    `address` gives the addresses of pictures, None while they aren't looked at. The payee reads that it was agreed to
    once that is so for good, and of the desk's people no names.
    """
    said = queries.said(one.appeal_id)
    if not desk and one.state is not AppealState.ACCEPTED:
        said = [each for each in said if each.kind is not SaidKind.ACCEPTED]
    ids = [each.person_id for each in said if each.person_id]
    known = people.refs(ids) if names and ids else {}
    return [
        Entry(
            _KINDS[each.kind],
            each.text,
            known[each.person_id].called if each.person_id in known else "",
            each.at,
            [address(no) for no in each.pictures] if address else [],
            0 if address else len(each.pictures),
        )
        for each in said
    ]


def left(due_at: datetime, now: datetime) -> Tag:
    """Return what is left of the time to answer, coloured."""
    return LEFT["overdue" if due_at <= now else "soon" if due_at <= now + SOON else "in_time"]


def fields() -> list[Field]:
    """Return the fields of an appeal and of a reply."""
    return [
        Field(
            "text",
            T("说明", "What you say"),
            "area",
            most=MOST_TEXT,
            hint=T("请写明订单情况和依据，不超过 1000 字。", "What happened and what shows it, in 1,000 characters."),
        ),
        Field(
            "pictures",
            T("图片凭证", "Pictures"),
            "files",
            required=False,
            accept="image/jpeg,image/png,image/webp",
            hint=T("可不传，最多 {n} 张。", "May be left out, {n} at most.").fill(n=MOST_PICTURES),
        ),
    ]


def pictures(request: Any) -> list[tuple[str, bytes]]:
    """Return the pictures that were handed in.

    Raises:
        TooLarge: one of them has too many bytes to be read at all.
    """
    given = request.FILES.getlist("pictures")[: MOST_PICTURES + 1]
    if any(one.size > MOST_BYTES for one in given):
        raise TooLarge(megabytes=MOST_BYTES // 1024**2, megapixels=40)
    return [(one.name or "", one.read()) for one in given]
