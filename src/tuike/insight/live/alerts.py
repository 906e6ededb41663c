"""What needs somebody now: cases that wait at the operator's desk; urgent news of today that every seat may see."""

from collections.abc import Collection
from datetime import datetime

from tuike.insight.lists.operator_queues import CASES
from tuike.insight.live.types import ALERTS, Alert, Alerts, Room
from tuike.messages import queries as messages
from tuike.messages.types import MessageShown
from tuike.risk import queries as risk
from tuike.risk.types import CaseShown


def read(rooms: Collection[Room], *, first: datetime) -> dict[Room, Alerts]:
    """Return what needs somebody in each room; news are those since `first`."""
    if not rooms:
        return {}
    news = messages.urgent_since(party_ids={room.party_id for room in rooms}, since=first, limit=ALERTS)
    found = {}
    for room in rooms:
        alerts = [_of_news(one) for one in news.get(room.party_id, [])]
        count = len(alerts)
        if room.kind == "operator":
            waiting, newest = risk.newest_open(limit=ALERTS)
            alerts, count = alerts + [_of_case(one) for one in newest], count + waiting
        alerts.sort(key=lambda one: one.at, reverse=True)
        found[room] = Alerts(count, tuple(alerts[:ALERTS]))
    return found


def _of_news(one: MessageShown) -> Alert:
    path_args = {name: str(value) for name, value in one.path_args.items()}
    return Alert(one.kind, one.zh, one.en, one.at, one.page, path_args)


def _of_case(one: CaseShown) -> Alert:
    zh, en, _ = CASES.get(one.kind.value, (one.kind.value, one.kind.value, ""))
    return Alert(one.kind.value, f"{zh}（{one.no}）", f"{en} ({one.no})", one.opened_at, "case", {"no": one.no})
