"""A promoter appeals twice: against a rejection, which stays, and against a hold, which waits for its answer."""

from datetime import datetime

from tuike.appeals import queries as appeals
from tuike.commission import queries as accruals
from tuike.commission.types import Role
from tuike.doors.cli.story.progress import Answer
from tuike.doors.cli.story.scene import Scene
from tuike.flows.answer_appeals import note_accrual, refuse_appeal
from tuike.flows.appeal_commission import appeal_commission
from tuike.orders import queries as orders


def appeal(scene: Scene, order_no: str, text: str, at: datetime) -> None:
    """Let the promoter of an order appeal for its direct commission."""

    def work() -> Answer:
        no = appeal_commission(
            party_id=scene.parties["p1"],
            accrual_id=_direct(order_no),
            text=text,
            actor=scene.actor("p1", "p1"),
            now=at,
            key=f"demo-appeal-{order_no}",
        )
        return {"no": no}

    scene.progress.flow(f"appeal:{order_no}", work)


def refuse(scene: Scene, order_no: str, reason: str, at: datetime) -> None:
    """Let the operator refuse what was appealed about an order."""
    no = appeals.of_accrual(_direct(order_no))[0].no

    def work() -> None:
        refuse_appeal(no=no, reason=reason, actor=scene.running, now=at, key=f"demo-refuse-{no}")

    scene.progress.flow(f"refuse:{no}", work)


def note(scene: Scene, order_no: str, text: str, at: datetime) -> None:
    """Let the operator write a note beside an order's direct commission."""
    accrual_id = _direct(order_no)

    def work() -> None:
        note_accrual(accrual_id=accrual_id, text=text, actor=scene.running, now=at, key=f"demo-note-{accrual_id}")

    scene.progress.flow(f"note:{order_no}", work)


def _direct(order_no: str) -> int:
    order = orders.orders_by_no([order_no])[order_no]
    found = accruals.accruals_of([line.id for line in order.lines])
    return next(one.accrual_id for one in found if one.role is Role.DIRECT)
