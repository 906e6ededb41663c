"""A file is asked for, taken by whoever makes it, and recorded: asking leaves an act, since data leaves the product."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db.retry import retry
from tuike.exports import queries
from tuike.exports import service as exports
from tuike.exports.types import ExportShown, Made
from tuike.idempotency import service as idempotency


@retry
def ask_export(
    *,
    actor: Actor,
    party_id: int,
    person_id: int,
    kind: str,
    title: tuple[str, str],
    what: Mapping[str, Any],
    at_once: bool,
    key: str,
    now: datetime,
) -> ExportShown:
    """Note a file to be made and who asked for it; with a used key, return the file that it made (docs/rules.md §11).

    `at_once`: the caller makes it now; otherwise a job does, which the caller asks for once this has committed.

    Raises:
        TooManyExports: five of the person's are still to come.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> dict[str, Any]:
        asked = exports.ask(
            party_id=party_id, person_id=person_id, kind=kind, title=title, what=what, now=now, at_once=at_once
        )
        facts = {"kind": kind, "what": what}
        audit.record(actor=actor, action="export.ask", object_=asked.no, facts=facts, now=now)
        return {"no": asked.no}

    with transaction.atomic(durable=True):
        answer = idempotency.once(
            scope=f"person:{person_id}:ask_export",
            key=key,
            content={"party": party_id, "kind": kind, "what": what},
            now=now,
            work=work,
        )
        return queries.one(no=answer["no"], party_id=party_id, person_id=person_id)


@retry
def take_export(*, now: datetime) -> ExportShown | None:
    """Take the next file to make; None when there is none."""
    with transaction.atomic(durable=True):
        return exports.take(now=now)


@retry
def tell_progress(*, no: str, done: int, whole: int, now: datetime) -> None:
    """Say how far it is."""
    with transaction.atomic(durable=True):
        exports.progress(no=no, done=done, whole=whole, now=now)


@retry
def record_export(*, no: str, made: Made | None, problem: str = "", now: datetime) -> None:
    """Record what was made, or that it could not be."""
    with transaction.atomic(durable=True):
        if made is None:
            exports.fail(no=no, problem=problem, now=now)
        else:
            exports.finish(no=no, made=made, now=now)


@retry
def forget_exports(*, now: datetime) -> Sequence[str]:
    """Let go of files that were kept long enough; return the names of what is to be removed from the disk."""
    with transaction.atomic(durable=True):
        return exports.forget_old(now=now)
