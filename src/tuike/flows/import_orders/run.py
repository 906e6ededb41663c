"""The journey of an import: look, stage, put in order, prepare, book; each step is committed by itself."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.flows.import_orders import batches, ground, reading
from tuike.flows.import_orders.batches import Setting
from tuike.imports import queries as staged
from tuike.imports import service as imports
from tuike.imports.types import FileRef, FileState, Mapping, Planned, Reason
from tuike.parties.types import MerchantFacts

CHUNK = 10_000
"""Rows staged in one transaction."""

Report = Callable[[str, int, int], None]
"""Told how far a step (`read`, `sort`, `prepare`, `book`) has come: its name, how much is done, of how much."""

Told = Callable[[Iterable[tuple[int, str, Reason, int, int]]], None]
"""Given (line, document, reason, quantity, matched) of every row that wasn't taken."""


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import is, and whether this call had anything to do."""

    file: FileRef
    planned: Planned
    changed: bool


def import_orders(
    *,
    path: Path,
    mapping: Mapping,
    merchant_no: str,
    actor: Actor,
    now: datetime,
    report: Report = lambda *_: None,
    rejected: Told = lambda _: None,
) -> Imported:
    """Import a file of orders for a shop with a mini-program of its own (docs/user/import-orders.md).

    The same file again goes on where the last run was cut off; once done it changes nothing. Every batch is one
    transaction, so a run that is killed anywhere leaves whole batches.

    Raises:
        NotFound, NotAnExternalShop: the merchant.
        BadImportPromoter: a promoter of the mapping.
        FileUnreadable: the file.
        MappingChanged: the file was begun with another mapping.
        ImportRunning: another import runs for this merchant.
        WrittenOutOfOrder, IntentReused and others: what the mapping asks for can't be written; see `ground.prepare`.
    """
    merchant, promoters = ground.shop(merchant_no), ground.promoters(mapping)
    content = reading.look(path, mapping)
    with imports.hold(merchant_id=merchant.id):
        file = _open(merchant, content, mapping, actor, now)
        changed = file.state is not FileState.BOOKED
        if file.state is FileState.READING:
            file = _stage(file, path, mapping, content.lines, report)
            report("sort", 0, 1)
            _plan(file)
            report("sort", 1, 1)
            file = staged.file_by_id(file.id)
        if file.state is FileState.READ:
            report("prepare", 0, 1)
            _prepare(file, merchant, mapping, actor, now)
            report("prepare", 1, 1)
        if changed:
            goods = ground.goods(merchant.id, staged.codes_of(file.id))
            _book(Setting(file, mapping, goods, promoters, actor, now), report)
        rejected(staged.rejected(file.id))
        return Imported(staged.file_by_id(file.id), staged.planned(file.id), changed)


def try_import(
    *,
    path: Path,
    mapping: Mapping,
    merchant_no: str,
    actor: Actor,
    now: datetime,
    report: Report = lambda *_: None,
    rejected: Told = lambda _: None,
) -> Imported:
    """Do everything up to the booking and take all of it back: what the file holds, and what would be refused.

    Raises:
        The same as `import_orders`.
    """
    merchant = ground.shop(merchant_no)
    ground.promoters(mapping)
    content = reading.look(path, mapping)
    with imports.hold(merchant_id=merchant.id), transaction.atomic():
        file = imports.open_file(merchant_id=merchant.id, digest=content.digest, mapping_digest=mapping.digest, now=now)
        state = file.state
        if state is FileState.READING:
            after = file.staged
            for chunk in _chunks(path, mapping, file):
                after = imports.stage(file=file, after=after, batch=chunk)
                report("read", after, content.lines)
            imports.plan(file=file)
        if state in (FileState.READING, FileState.READ):
            ground.prepare(file=file, merchant=merchant, mapping=mapping, actor=actor, now=now)
        rejected(staged.rejected(file.id))
        found = Imported(staged.file_by_id(file.id), staged.planned(file.id), state is not FileState.BOOKED)
        transaction.set_rollback(True)
    return found


@retry
def _open(merchant: MerchantFacts, content: reading.Content, mapping: Mapping, actor: Actor, now: datetime) -> FileRef:
    with transaction.atomic(durable=True):
        before = staged.file_of(merchant_id=merchant.id, digest=content.digest)
        file = imports.open_file(merchant_id=merchant.id, digest=content.digest, mapping_digest=mapping.digest, now=now)
        if before is None:
            facts = {"merchant": merchant.no, "file": content.digest.hex(), "mapping": mapping.digest.hex()}
            audit.record(actor=actor, action="import.begin", object_=file.no, facts=facts, now=now)
        return file


def _stage(file: FileRef, path: Path, mapping: Mapping, lines: int, report: Report) -> FileRef:
    after = file.staged
    for chunk in _chunks(path, mapping, file):
        with transaction.atomic(durable=True):
            after = imports.stage(file=file, after=after, batch=chunk)
        report("read", after, max(lines, after))
    return staged.file_by_id(file.id)


def _chunks(path: Path, mapping: Mapping, file: FileRef) -> Iterable[list]:
    """Yield the rows that aren't staged yet. Those before are read once more: they count the lines of orders."""
    rows = reading.rows(path, mapping, merchant_id=file.merchant_id)
    for _ in islice(rows, file.staged):
        pass
    while chunk := list(islice(rows, CHUNK)):
        yield chunk


@retry
def _plan(file: FileRef) -> None:
    with transaction.atomic(durable=True):
        imports.plan(file=file)


@retry
def _prepare(file: FileRef, merchant: MerchantFacts, mapping: Mapping, actor: Actor, now: datetime) -> None:
    with transaction.atomic(durable=True):
        ground.prepare(file=file, merchant=merchant, mapping=mapping, actor=actor, now=now)
        imports.mark_ready(file=file)


def _book(setting: Setting, report: Report) -> None:
    file = staged.file_by_id(setting.file.id)
    after = file.booked
    report("book", after, file.documents)
    while after < file.documents:
        after = _book_next(setting, after)
        report("book", after, file.documents)
    _finish(setting)


@retry
def _book_next(setting: Setting, after: int) -> int:
    with transaction.atomic(durable=True):
        return batches.book_next(setting, after=after)


@retry
def _finish(setting: Setting) -> None:
    with transaction.atomic(durable=True):
        imports.finish(file=setting.file, now=setting.now)
        facts = dict(staged.file_by_id(setting.file.id).figures)
        audit.record(actor=setting.actor, action="import.end", object_=setting.file.no, facts=facts, now=setting.now)
