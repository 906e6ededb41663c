"""The label and the notes that both sides read beside an enrolment, word for word (docs/rules.md §9). Pure."""

from tuike.cooperation.types import CancelState, EnrolmentShown, EnrolmentState, ExtensionState, Note

CANCELLED_AT_ONCE = ("取消推广成功", "Promotion was cancelled.")
"""What a cancel that needs no consent says."""
CANCEL_UNDER_REVIEW = ("已发起取消合作，团长审核中", "Cancelling was asked for; the leader is reviewing it.")
OVER = ("商品合作已失效", "The cooperation has ended.")


def filed(enrolment: EnrolmentShown) -> Note:
    """Return what a shop is told that has just filed a cancel."""
    return Note(*(CANCELLED_AT_ONCE if enrolment.state is EnrolmentState.ENDED else CANCEL_UNDER_REVIEW))


def label(enrolment: EnrolmentShown) -> Note:
    """Return whether the base is reached, the way the shop's list says it: green, or red."""
    if enrolment.reached:
        return Note("团长已达成", "Base reached")
    return Note("团长未达成", "Base not reached", red=True)


def notes(enrolment: EnrolmentShown) -> tuple[Note, ...]:
    """Return what is said beside an enrolment: how it stands, the last cancel, the last extension."""
    found = [Note(*OVER)] if enrolment.state is EnrolmentState.ENDED else []
    if enrolment.cancel is not None and enrolment.cancel.state in _CANCEL:
        found.append(_CANCEL[enrolment.cancel.state])
    if enrolment.extension is not None and enrolment.extension.state in _EXTENSION:
        found.append(_EXTENSION[enrolment.extension.state])
    return tuple(found)


_CANCEL = {
    CancelState.OPEN: Note(*CANCEL_UNDER_REVIEW),
    CancelState.AGREED: Note("团长同意取消合作", "The leader agreed to end the cooperation."),
    CancelState.REFUSED: Note("团长拒绝取消合作", "The leader refused to end the cooperation.", red=True),
}
_REFUSED = Note("已拒绝团长延长推广时间", "The leader's wish to promote longer was refused.", red=True)
_EXTENSION = {
    ExtensionState.OPEN: Note("团长申请延长推广时间", "The leader asks to promote longer."),
    ExtensionState.AGREED: Note("已同意团长延长推广时间", "The leader may promote longer."),
    ExtensionState.REFUSED: _REFUSED,
    ExtensionState.LAPSED: _REFUSED,
}
