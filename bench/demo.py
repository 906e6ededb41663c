"""The demo alliance as data of a benchmark: its shops, buyers and promoters, their pictures beside the database."""

from pathlib import Path


def tell() -> None:
    """Load the demo alliance into the benchmark's database, its pictures into the data home."""
    from django.conf import settings

    from tuike.doors.cli.story import load
    from tuike.kit import clock

    media = Path(settings.MEDIA_ROOT)
    media.mkdir(parents=True, exist_ok=True)
    load.load(now=clock.real_now(), media=media, appid="wxbench", mchid="1900000000")
