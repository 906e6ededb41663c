"""Makes the files that persons asked for: small ones while they wait, the others by a job.

Which maker makes a kind of file is said here; a maker writes to a path and says what it wrote. It reads within one
transaction of its own, so how far it is is told from another connection: the making runs in a thread.
"""

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor, wait
from pathlib import Path

import structlog
from django.conf import settings
from django.db import connection

from tuike.exports.types import ExportShown, Made
from tuike.flows import make_exports
from tuike.flows.pack_materials import pack_materials
from tuike.insight.explorer import slices
from tuike.insight.lists import files
from tuike.kit import clock

AT_ONCE = 5_000
"""Rows up to which a file is made while the person waits."""
TOLD_SECONDS = 1.0
log = structlog.get_logger(__name__)

Progress = Callable[[int, int], None]
Maker = Callable[[ExportShown, Path, Progress], Made]


def list_file(export: ExportShown, path: Path, progress: Progress) -> Made:
    """Write a list: `what` names the listing, its scope and what was asked, of the explorer also the slice."""
    what = export.what
    write = files.write_csv if export.kind == "csv" else files.write_xlsx
    wrote = write(path, slices.resolved(what), what["scope"], what["asked"], zh=what["zh"], progress=progress)
    return Made(wrote.rows, wrote.sums, wrote.sha256, wrote.size)


def material_file(export: ExportShown, path: Path, progress: Progress) -> Made:
    """Write the material of a selection set: `what` names the place and the products."""
    what = export.what
    packed = pack_materials(
        promoter_id=export.party_id,
        pid=what["pid"],
        product_ids=what["products"],
        key=export.no,
        zh=what["zh"],
        path=path,
        progress=progress,
        now=clock.now(),
    )
    return Made(packed.made, {}, packed.sha256, packed.size)


MAKERS: dict[str, Maker] = {"csv": list_file, "xlsx": list_file, "zip": material_file}
"""A file's ending → who makes it. Others add theirs where their job is."""


def place(export: ExportShown) -> Path:
    """Return where a file lies."""
    return Path(settings.EXPORTS_ROOT) / export.file


def make_now(export: ExportShown) -> None:
    """Make a small file and record it, while somebody waits."""
    _record(export, lambda: _made(export, lambda _done, _whole: None))


def make_next() -> bool:
    """Make the next file that waits, telling how far it is; return whether there was one."""
    export = make_exports.take_export(now=clock.now())
    if export is None:
        return False
    _record(export, lambda: _made_aside(export))
    return True


def remove(names: Iterable[str]) -> None:
    """Remove files from the disk."""
    for name in names:
        (Path(settings.EXPORTS_ROOT) / name).unlink(missing_ok=True)


def _record(export: ExportShown, work: Callable[[], Made]) -> None:
    try:
        made, problem = work(), ""
    except Exception as error:  # whatever it is, the person must hear of it, and the next file be made
        log.exception("export_failed", export=export.no, kind=export.kind)
        made, problem = None, f"{type(error).__name__}: {error}"
        place(export).with_suffix(".part").unlink(missing_ok=True)
    make_exports.record_export(no=export.no, made=made, problem=problem, now=clock.now())


def _made(export: ExportShown, progress: Progress) -> Made:
    """Write the file whole or not at all, for nobody's eyes but the product's."""
    path = place(export)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    part.touch(mode=0o600)
    made = MAKERS[export.kind](export, part, progress)
    part.rename(path)
    return made


def _made_aside(export: ExportShown) -> Made:
    """Make it in a thread, and tell from this one how far it is (also that its maker lives)."""
    far = [0, 0]

    def told(done: int, whole: int) -> None:
        far[:] = done, whole

    def work() -> Made:
        try:
            return _made(export, told)
        finally:
            connection.close()

    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="export") as pool:
        making = pool.submit(work)
        while not wait([making], timeout=TOLD_SECONDS).done:
            make_exports.tell_progress(no=export.no, done=far[0], whole=far[1], now=clock.now())
        return making.result()
