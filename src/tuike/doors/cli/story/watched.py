"""What the story's people watch: thresholds on their boards, one of them crossed, and a daily report."""

from datetime import timedelta

from tuike.alerts import queries
from tuike.alerts.types import Compare, Rhythm, Wish
from tuike.doors.cli.story.scene import Scene
from tuike.flows import keep_alerts, make_reports, watch_thresholds
from tuike.insight import reports

CROSSED = Wish("paid", 30, Compare.ABOVE, 100_00)
QUIET = Wish("refund_rate", 30, Compare.ABOVE, 90_00, quiet_from=22, quiet_until=8)


def watch(scene: Scene) -> None:
    """Set thresholds for the mall's shop, look at them, and write its first report; again nothing is added."""
    person_id, party_id = scene.persons["shop"], scene.parties["shop"]
    for number, wish in enumerate((CROSSED, QUIET)):
        keep_alerts.set_threshold(
            party_id=party_id, person_id=person_id, wish=wish, mail=False, key=f"demo-threshold-{number}",
            now=scene.began,
        )  # fmt: skip
    watch_thresholds.watch_thresholds(read=reports.measured, now=scene.began)
    if not queries.subscriptions_of(person_id=person_id, party_id=party_id):
        keep_alerts.subscribe(
            party_id=party_id, person_id=person_id, rhythm=Rhythm.DAILY, weekday=None, hour=8, mail=False,
            now=scene.began - timedelta(days=1),
        )  # fmt: skip
    make_reports.make_reports(write=reports.content, now=scene.began)
