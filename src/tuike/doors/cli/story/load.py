"""Loads the story once; a load that was cut off goes on where it was. Django must be set up before this is imported."""

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path

from django.conf import settings
from django.db import transaction

from tuike.audit.types import SYSTEM
from tuike.checkups import service as checkups
from tuike.db import rows
from tuike.doors.cli.story import marker
from tuike.doors.cli.story.banners import draw_banners
from tuike.doors.cli.story.clicks import tell_clicks
from tuike.doors.cli.story.goods import CAMELLIA, HILLSIDE, SOUTHERN
from tuike.doors.cli.story.opening import open_parties
from tuike.doors.cli.story.pictures import draw_all
from tuike.doors.cli.story.progress import Progress
from tuike.doors.cli.story.scene import Scene
from tuike.doors.cli.story.shares import tell_shares
from tuike.doors.cli.story.shelf import fill_library
from tuike.doors.cli.story.shelves import fill_shelves
from tuike.doors.cli.story.told import Story
from tuike.doors.cli.story.watched import watch
from tuike.flows.close_month import close_ended_months
from tuike.flows.count_buyers import count_buyers
from tuike.flows.refresh_figures import rebuild_figures, refresh_figures
from tuike.flows.seal_audit import seal_audit
from tuike.flows.target_promoters import count_cards

HEARTBEAT_SECONDS = 30  # Procrastinate writes one every 10 s and takes a worker for dead after 30 s
_LOCK = 7_901
"""Advisory lock of a session: one load at a time."""


class Outcome(StrEnum):
    """What a load came to."""

    LOADED = "loaded"
    THERE = "there"
    OTHER = "other"
    """An alliance of somebody's own is here: nothing was loaded."""
    BUSY = "busy"
    WORKING = "working"
    """The worker runs, whose jobs would act on the history while it is being told."""


def load_here(*, now: datetime, media: Path, report: Callable[[int, int], None]) -> Outcome:
    """Load the story into the configured database, if no worker runs on it."""
    if not (marker.told() or marker.others()):
        until = time.monotonic() + HEARTBEAT_SECONDS
        while _worker_runs():  # one that was killed is taken for alive for a while
            if time.monotonic() > until:
                return Outcome.WORKING
            time.sleep(1)
    appid, mchid = settings.WECHAT_APPID or "wxdemo00000000", os.environ.get("WECHATPAY_MCHID", "1900000000")
    return load(now=now, media=media, appid=appid, mchid=mchid, report=report)


def load(
    *,
    now: datetime,
    media: Path,
    appid: str,
    mchid: str,
    report: Callable[[int, int], None] = lambda _done, _all: None,
    step: Callable[[str], None] = lambda _: None,
) -> Outcome:
    """Load the story with `now` as its present, unless it is there; `report` is told the acts done and all there are.

    A load that goes on keeps the present of the first one. `step` is told each step's name before it is run.
    """
    if marker.told():
        return Outcome.THERE
    if marker.others():
        return Outcome.OTHER
    with _alone() as mine:
        if not mine:
            return Outcome.BUSY
        began = _began(now)
        scene = Scene(Progress(began=began, report=step), began, appid, mchid)
        pictures = draw_all(CAMELLIA + HILLSIDE + SOUTHERN, media)
        draw_banners(media)
        open_parties(scene)
        fill_shelves(scene, pictures)
        Story(scene).tell(report)
        tell_clicks(scene)
        tell_shares(scene)
        fill_library(scene)
        close_ended_months(now=began)
        checkups.ask(actor=SYSTEM, now=began)
        with transaction.atomic():
            marker.note_told(now=began)
        seal_audit()
        rebuild_figures(now=began)  # clicks of days that were counted already
        refresh_figures(now=began)
        count_cards(before=began, now=began)  # levels stand on the figures
        count_buyers(now=began)
        watch(scene)
    return Outcome.LOADED


def _worker_runs() -> bool:
    found = rows.query(
        "SELECT 1 FROM procrastinate_workers WHERE last_heartbeat > clock_timestamp() - make_interval(secs => %s)",
        [HEARTBEAT_SECONDS],
    )
    return bool(found)


def _began(now: datetime) -> datetime:
    """Return the story's present, kept by whoever began it."""
    begun = marker.began()
    if begun is None:
        with transaction.atomic():
            marker.note_begun(now=now)
    return begun or now


@contextlib.contextmanager
def _alone() -> Iterator[bool]:
    mine = rows.query("SELECT pg_try_advisory_lock(%s)", [_LOCK])[0][0]
    try:
        yield mine
    finally:
        if mine:
            rows.query("SELECT pg_advisory_unlock(%s)", [_LOCK])
