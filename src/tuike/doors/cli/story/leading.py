"""The leader's activity of the story, and the products that the mall's shop has enrolled in it."""

from datetime import datetime, timedelta

from tuike.cooperation import service as cooperation
from tuike.cooperation.types import ActivityKind, Floor, NewActivity, NewEnrolment
from tuike.doors.cli.story.goods import shop_of
from tuike.doors.cli.story.progress import Answer
from tuike.doors.cli.story.scene import Scene
from tuike.plans import service as plans

RATE_BPS, SERVICE_BPS = 2_000, 300
PERIOD = timedelta(days=150)


def activity_with(scene: Scene, no: str, at: datetime) -> str:
    """Return the number of the leader's activity, the product `no` enrolled in it and passed by `at`."""
    activity = scene.progress.once("activity", _publish, scene, at)["no"]
    scene.progress.once(f"enrol:{no}", _enrol, scene, activity, no, at)
    return activity


def _publish(scene: Scene, at: datetime) -> Answer:
    leader_id, deed = scene.parties["leader"], {"actor": scene.shell, "now": at}
    wanted = NewActivity(
        title="春茶季招商",
        kind=ActivityKind.ORDINARY,
        starts_at=at,
        ends_at=at + PERIOD,
        floor=Floor(1_000, 200),
        floors={},
        sample="每款寄样一件，七天内回传试用图文",
        note="茶器与茶点优先，发货 48 小时内",
    )
    made = cooperation.create_activity(leader_id=leader_id, activity=wanted, **deed)
    cooperation.publish_activity(leader_id=leader_id, no=made.no, **deed)
    return {"no": made.no}


def _enrol(scene: Scene, activity: str, no: str, at: datetime) -> Answer:
    shop_id, product_id, ends_at = scene.parties[shop_of(no)], scene.products[no], at + PERIOD - timedelta(days=30)
    terms = NewEnrolment(
        product_id=product_id, rate_bps=RATE_BPS, service_bps=SERVICE_BPS, ends_at=ends_at, base_orders=3
    )
    deed = {"actor": scene.shell, "now": at}
    [made] = cooperation.enrol(merchant_id=shop_id, activity_no=activity, wanted=[terms], **deed)
    cooperation.pass_enrolments(leader_id=scene.parties["leader"], nos=[made.no], **deed)
    plans.open_enrolment(
        enrolment_id=made.enrolment_id,
        merchant_id=shop_id,
        product_id=product_id,
        rate_bps=RATE_BPS,
        service_bps=SERVICE_BPS,
        starts_at=at,
        ends_at=ends_at,
        **deed,
    )
    return {"no": made.no}
