"""What crosses the border of appeals: states and their exits, what is shown of them, and the refusals."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from tuike.kit.errors import Refusal

PURPOSE = "appeal"
"""Of the pictures that come with an appeal."""
MOST_PICTURES = 4
"""That one appeal, or one reply, may bring."""
MOST_TEXT = 1000
"""Characters of an appeal, an answer, a note."""


class About(StrEnum):
    """Against what an appeal is."""

    HELD = "held"
    REJECTED = "rejected"


class AppealState(StrEnum):
    """Where an appeal stands (docs/rules.md §6)."""

    OPEN = "open"
    """The desk is to answer it."""
    APPROVING = "approving"
    """Agreed to: a second person decides on the correction."""
    ACCEPTED = "accepted"
    REFUSED = "refused"
    """Answered with a no, to which its payee may reply once."""
    WITHDRAWN = "withdrawn"


EXITS: dict[AppealState, set[AppealState]] = {
    AppealState.OPEN: {
        AppealState.APPROVING,
        AppealState.ACCEPTED,
        AppealState.REFUSED,
        AppealState.WITHDRAWN,
    },
    AppealState.APPROVING: {AppealState.ACCEPTED, AppealState.OPEN},
    AppealState.REFUSED: {AppealState.OPEN},
    AppealState.ACCEPTED: set(),
    AppealState.WITHDRAWN: set(),
}


class SaidKind(StrEnum):
    """Which side says what."""

    APPEAL = "appeal"
    REPLY = "reply"
    ACCEPTED = "accepted"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Waiting(StrEnum):
    """What of the desk's may be overdue."""

    HELD = "held"
    APPEAL = "appeal"


@dataclass(frozen=True, slots=True)
class AppealFacts:
    """What a flow hands in: whose accrual was held or rejected when, what is at stake, until when it is answered."""

    accrual_id: int
    party_id: int
    about: About
    since: datetime
    amount_fen: int
    due_at: datetime


@dataclass(frozen=True, slots=True)
class AppealShown:
    """An appeal as it stands. `round` is 2 once the payee has replied."""

    appeal_id: int
    no: str
    accrual_id: int
    party_id: int
    about: About
    since: datetime
    amount_fen: int
    state: AppealState
    round: int
    opened_at: datetime
    due_at: datetime
    answered_at: datetime | None
    answered_by: int | None
    adjustment_no: str


@dataclass(frozen=True, slots=True)
class SaidShown:
    """What was said in an appeal; `pictures` are numbers of kept files."""

    kind: SaidKind
    text: str
    pictures: tuple[str, ...]
    person_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class NoteShown:
    """A note of the desk."""

    text: str
    person_id: int
    at: datetime


class AppealOpen(Refusal):
    """One appeal at a time."""

    code = "appeal_open"
    status = 409
    zh = "该佣金已有申诉正在处理，请等待答复"
    en = "An appeal about this commission is being looked at; wait for its answer."


class AppealAnswered(Refusal):
    """The same hold or rejection was appealed and answered before."""

    code = "appeal_answered"
    status = 409
    zh = "该佣金的申诉已有答复，不能再次申诉"
    en = "An appeal about this was answered before; there is no second one."


class NothingToAppeal(Refusal):
    """The accrual is neither held nor was it rejected."""

    code = "nothing_to_appeal"
    status = 409
    zh = "该佣金未被冻结或驳回，无需申诉"
    en = "This commission is neither held nor rejected: there is nothing to appeal."


class AppealTooLate(Refusal):
    """The days after the rejection are over."""

    code = "appeal_too_late"
    status = 409
    zh = "已超过驳回后 {days} 天的申诉期限"
    en = "It was rejected more than {days} days ago; the time to appeal is over."


class AppealNotOpen(Refusal):
    """Somebody answered it, or it was withdrawn."""

    code = "appeal_not_open"
    status = 409
    zh = "该申诉已答复或已撤回，请刷新查看"
    en = "This appeal was answered or withdrawn meanwhile; load it again."


class NoReplyLeft(Refusal):
    """A reply goes to the first answer alone, while what it is about stands."""

    code = "appeal_no_reply"
    status = 409
    zh = "该申诉不能再补充说明"
    en = "There is no further reply to this appeal."
