"""The leader's contract as the demo's shop and leader live it: opened by name, a product that waits, one that runs and
shall go on longer, one that the shop wants to take out, an activity still being written, and the curated pool."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from tuike.cooperation import queries as cooperation_of
from tuike.cooperation.types import ActivityKind, Floor, NewActivity, NewEnrolment, ShownTo
from tuike.doors.cli.story.progress import Answer
from tuike.doors.cli.story.scene import Scene
from tuike.flows import (
    cancel_cooperation,
    curate_pool,
    enrol_products,
    extend_cooperation,
    open_cooperation,
    run_activity,
)
from tuike.flows.target_promoters import By

RUNNING, LEAVING, WAITING, POOLED, ASKED = "CM03", "CM06", "CM04", "CM05", "CM01"
RATE_BPS, SERVICE_BPS = 2_200, 300


class Telling(Protocol):
    """What this chapter needs of the story."""

    scene: Scene

    def on(self, days_ago: int, clock: str, act: Callable[[datetime], None]) -> None:
        """Let something happen at a time of a day."""

    def then(self, at: datetime, act: Callable[[datetime], None]) -> None:
        """Let something happen at an instant."""


def agree(story: Telling) -> None:
    """One cooperation that runs and shall go on longer, one whose cancel the leader has to decide on, one that waits, a
    draft; one product in the pool, one asked."""
    scene = story.scene
    story.on(10, "09:00", partial(_open, scene))
    story.on(9, "10:00", partial(_enrol, scene, RUNNING))
    story.on(9, "10:30", partial(_enrol, scene, LEAVING))
    story.on(9, "15:00", partial(_pass, scene, RUNNING, LEAVING))
    story.on(8, "10:00", partial(_pool, scene))
    story.then(scene.ago(110), partial(_enrol, scene, WAITING))
    story.then(scene.ago(105), partial(_longer, scene))
    story.then(scene.ago(102), partial(_leave, scene))
    story.then(scene.ago(100), partial(_draft, scene))


def _by(scene: Scene, key: str, name: str, at: datetime) -> By:
    return By(scene.parties[key], scene.shell, at, f"demo:{name}")


def _open(scene: Scene, at: datetime) -> None:
    def work() -> Answer:
        named = [scene.parties["shop"], scene.parties["leader"]]
        open_cooperation.open_access(party_ids=named, actor=scene.running, now=at, key="demo:open")
        return {}

    scene.progress.flow("contract:open", work)


def _enrol(scene: Scene, no: str, at: datetime) -> None:
    def work() -> Answer:
        [activity] = cooperation_of.activities_of(leader_id=scene.parties["leader"], limit=1)
        terms = NewEnrolment(
            product_id=scene.products[no],
            rate_bps=RATE_BPS,
            service_bps=SERVICE_BPS,
            ends_at=at + timedelta(days=20),
            base_orders=5,
            shown_to=ShownTo.LEADER_AND_PROMOTERS,
            contact="电话 0571-8800 0000",
        )
        by = _by(scene, "shop", f"enrol:{no}", at)
        [made] = enrol_products.enrol_products(activity_no=activity.no, wanted=[terms], by=by)
        return {"no": made.no}

    scene.progress.flow(f"contract:enrol:{no}", work)


def _enrolled(scene: Scene, no: str) -> str:
    return scene.progress.flow(f"contract:enrol:{no}", lambda: None)["no"]


def _pass(scene: Scene, first: str, second: str, at: datetime) -> None:
    def work() -> Answer:
        enrol_products.pass_enrolments(
            nos=[_enrolled(scene, no) for no in (first, second)], by=_by(scene, "leader", "pass", at)
        )
        return {}

    scene.progress.flow("contract:pass", work)


def _longer(scene: Scene, at: datetime) -> None:
    def work() -> Answer:
        ends_at = at + timedelta(days=40)
        extend_cooperation.ask_extension(
            no=_enrolled(scene, RUNNING), ends_at=ends_at, by=_by(scene, "leader", "longer", at)
        )
        return {}

    scene.progress.flow("contract:longer", work)


def _leave(scene: Scene, at: datetime) -> None:
    def work() -> Answer:
        cancel_cooperation.ask_cancel(no=_enrolled(scene, LEAVING), by=_by(scene, "shop", "leave", at))
        return {}

    scene.progress.flow("contract:leave", work)


def _draft(scene: Scene, at: datetime) -> None:
    def work() -> Answer:
        wanted = NewActivity(
            title="年货节专场",
            kind=ActivityKind.EXCLUSIVE,
            starts_at=at + timedelta(days=7),
            ends_at=at + timedelta(days=60),
            floor=Floor(1_500, 300),
            floors={scene.categories["bed"]: Floor(2_000, 300)},
            promoter_ids=(scene.parties["p1"],),
            contact="微信 afang888",
        )
        return {"no": run_activity.create_activity(activity=wanted, by=_by(scene, "leader", "draft", at)).no}

    scene.progress.flow("contract:draft", work)


def _pool(scene: Scene, at: datetime) -> None:
    def work() -> Answer:
        products = [scene.products[POOLED], scene.products[ASKED]]
        curate_pool.apply_to_pool(product_ids=products, by=_by(scene, "shop", "pool", at))
        asked = cooperation_of.pool_of_merchant(merchant_id=scene.parties["shop"])
        ids = [one.application_id for one in asked if one.product_id == products[0]]
        curate_pool.decide_pool(
            application_ids=ids, accept=True, reason="", actor=scene.running, now=at, key="demo:pool"
        )
        return {}

    scene.progress.flow("contract:pool", work)
