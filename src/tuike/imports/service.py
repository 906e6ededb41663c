"""Writes of imports: staged rows, the documents and matches that they make, and how far a file has come."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime

from django.db import connection, transaction

from tuike.db import rows
from tuike.imports import queries, rules
from tuike.imports.rules import Cancel, Reader, Sold
from tuike.imports.types import FileRef, ImportRunning, MappingChanged, Reason, Row, RowKind
from tuike.imports.types import Mapping as Said
from tuike.kit.ids import number

SHIFT = 32
"""A row's (a document's) id is its file's id times 2³² plus its line (its place in time)."""

_LOCK = 7_301
_ROW = {
    "id": "bigint",
    "file_id": "bigint",
    "merchant_id": "bigint",
    "kind": "text",
    "document_no": "text",
    "no": "smallint",
    "code": "text",
    "title": "text",
    "quantity": "int",
    "price_micros": "bigint",
    "amount_fen": "bigint",
    "at": "timestamptz",
    "customer": "bigint",
    "spread": "int",
    "reason": "text",
    "matched": "int",
}
_KNOWN = """
    UPDATE imports_row r SET reason = 'known_before', kind = 'nothing'
    FROM imports_order o JOIN imports_file f ON f.id = o.file_id
    WHERE r.file_id = %(file)s AND r.kind IN ('goods', 'freight', 'cancel') AND o.merchant_id = %(merchant)s
      AND o.file_id <> r.file_id AND o.seq <= f.booked AND o.no = r.document_no
      AND o.kind = CASE r.kind WHEN 'cancel' THEN 'cancel' ELSE 'goods' END
"""
_FREIGHT_ALONE = """
    UPDATE imports_row r SET reason = 'freight_without_goods', kind = 'nothing'
    WHERE r.file_id = %(file)s AND r.kind = 'freight' AND NOT EXISTS (
        SELECT 1 FROM imports_row g
        WHERE g.file_id = r.file_id AND g.document_no = r.document_no AND g.kind = 'goods'
    )
"""
# Only keys that this file cancels; what it may take from stands in this file or in one that is booked to the end.
_EVENTS = """
    WITH keys AS (
        SELECT DISTINCT customer, code, price_micros FROM imports_row WHERE file_id = %(file)s AND kind = 'cancel'
    )
    SELECT r.customer, r.code, r.price_micros, r.kind = 'cancel', r.id, r.quantity, r.amount_fen,
           coalesce((SELECT sum(m.quantity) FROM imports_match m WHERE m.taken_from_id = r.id), 0)::int
    FROM imports_row r JOIN keys USING (customer, code, price_micros) JOIN imports_file f ON f.id = r.file_id
    WHERE r.merchant_id = %(merchant)s AND (f.id = %(file)s OR f.state = 'booked')
      AND (r.kind IN ('goods', 'freight') OR r.kind = 'cancel' AND r.file_id = %(file)s)
    ORDER BY 1, 2, 3, r.at, r.id
"""
# An order stands where its first row stands, a cancellation where its last one does: whatever it takes from is before.
_DOCUMENTS = """
    INSERT INTO imports_order (id, file_id, merchant_id, seq, kind, no, at, lines)
    SELECT (%(file)s::bigint << 32) + seq, %(file)s, %(merchant)s, seq, kind, no, at, lines
    FROM (
        SELECT kind, no, at, lines, row_number() OVER (ORDER BY at, line) AS seq
        FROM (
            SELECT 'goods' AS kind, document_no AS no, min(at) AS at, min(id) AS line, count(*) AS lines
            FROM imports_row WHERE file_id = %(file)s AND kind IN ('goods', 'freight') GROUP BY document_no
            UNION ALL
            SELECT 'cancel', document_no, max(at), max(id), count(*)
            FROM imports_row WHERE file_id = %(file)s AND kind = 'cancel' AND matched > 0 GROUP BY document_no
        ) found
    ) numbered
"""


def reader(mapping: Said, header: Sequence[str], *, customer_key: Callable[[str], int]) -> Reader:
    """Return what turns the records of a file into rows; `customer_key` makes a keyed number of a customer's own.

    Raises:
        FileUnreadable: a column that the mapping names isn't in the header, or is there twice.
    """
    return Reader(mapping, header, customer_key=customer_key)


def read_mapping(content: bytes) -> Said:
    """Return what a mapping file says (docs/user/import-orders.md).

    Raises:
        MappingInvalid: a fault, with its line and key.
    """
    return rules.read_mapping(content)


@contextmanager
def hold(*, merchant_id: int) -> Iterator[None]:
    """Keep every other import of this merchant out, in this database session, until the block ends.

    Raises:
        ImportRunning: another session holds it.
    """
    if not rows.query("SELECT pg_try_advisory_lock(%s, hashint8(%s))", [_LOCK, merchant_id])[0][0]:
        raise ImportRunning
    try:
        yield
    finally:
        # A session that was cut has given it back by itself.
        if connection.connection is not None and not connection.connection.closed:
            rows.query("SELECT pg_advisory_unlock(%s, hashint8(%s))", [_LOCK, merchant_id])


@transaction.atomic
def open_file(*, merchant_id: int, digest: bytes, mapping_digest: bytes, now: datetime) -> FileRef:
    """Return the merchant's file with this content, made if it wasn't there.

    Raises:
        MappingChanged: it was begun with another mapping.
    """
    found = queries.file_of(merchant_id=merchant_id, digest=digest)
    if found is None:
        id_ = rows.query("SELECT nextval(pg_get_serial_sequence('imports_file', 'id'))")[0][0]
        rows.run(
            "INSERT INTO imports_file (id, no, merchant_id, digest, mapping_digest, state, staged, documents, booked,"
            " figures, begun_at) VALUES (%s, %s, %s, %s, %s, 'reading', 0, 0, 0, '{}', %s)"
            " ON CONFLICT (merchant_id, digest) DO NOTHING",
            [id_, number("I", id_, now), merchant_id, digest, mapping_digest, now],
        )
        found = queries.file_of(merchant_id=merchant_id, digest=digest)
        assert found is not None
    if found.mapping_digest != mapping_digest:
        raise MappingChanged(no=found.no)
    return found


@transaction.atomic
def stage(*, file: FileRef, after: int, batch: Sequence[Row]) -> int:
    """Add the next rows of a file, of which `after` are in, and return how many are now; all or none."""
    first = file.id << SHIFT
    rows.insert(
        "imports_row",
        _ROW,
        [
            (
                first + row.line,
                file.id,
                file.merchant_id,
                row.kind,
                row.document_no,
                row.no,
                row.code,
                row.title,
                row.quantity,
                row.price_micros,
                row.amount_fen,
                row.at,
                row.customer,
                row.spread,
                row.reason or "",
                0,
            )
            for row in batch
        ],
    )
    staged = after + len(batch)
    _move(
        "UPDATE imports_file SET staged = %s WHERE id = %s AND staged = %s AND state = 'reading'",
        [staged, file.id, after],
    )
    return staged


@transaction.atomic
def plan(*, file: FileRef) -> None:
    """Make of a file's rows what is to be booked: reject what can't be, match cancellations, put documents in order."""
    said = {"file": file.id, "merchant": file.merchant_id}
    # Rows that came in a moment ago are not analysed yet, and the product's role can't have it done: without figures
    # the planner takes half a million rows for a few and loops over them.
    for setting in ("statement_timeout = 0", "enable_nestloop = off", "cursor_tuple_fraction = 1"):
        rows.run(f"SET LOCAL {setting}")
    rows.run(_KNOWN, said)
    rows.run(_FREIGHT_ALONE, said)
    _match(file)
    documents = rows.run(_DOCUMENTS, said)
    _move(
        "UPDATE imports_file SET state = 'read', documents = %s WHERE id = %s AND state = 'reading'",
        [documents, file.id],
    )
    rows.run("SET LOCAL enable_nestloop = on")


def _match(file: FileRef) -> None:
    """Decide and keep what every cancellation of the file takes back, and reject what finds nothing."""
    found: list[tuple[int, int, int, int]] = []
    cancels: list[tuple[int, int, str]] = []
    with connection.chunked_cursor() as cursor:
        cursor.cursor.itersize = 5_000
        cursor.execute(_EVENTS, {"file": file.id, "merchant": file.merchant_id})
        events = (
            ((customer, code, price), Cancel(id_, pieces) if cancels else Sold(id_, pieces, amount, taken))
            for customer, code, price, cancels, id_, pieces, amount, taken in cursor
        )
        for one in rules.match(events):
            found.extend((one.row_id, *part) for part in one.parts)
            matched = sum(part[1] for part in one.parts)
            reason = (Reason.PARTLY_UNMATCHED if matched else Reason.UNMATCHED) if one.missing else ""
            cancels.append((one.row_id, matched, reason))
    types = {"row_id": "bigint", "taken_from_id": "bigint", "quantity": "int", "amount_fen": "bigint"}
    rows.insert("imports_match", types, found)
    rows.run(
        "UPDATE imports_row r SET matched = f.matched, reason = f.reason"
        " FROM unnest(%s::bigint[], %s::int[], %s::text[]) f (id, matched, reason) WHERE r.id = f.id",
        rows.columns(cancels, 3),
    )


def mark_ready(*, file: FileRef) -> None:
    """Note in the caller's transaction that everything is there that the file's orders stand on."""
    _move("UPDATE imports_file SET state = 'ready' WHERE id = %s AND state = 'read'", [file.id])


def reject(*, file: FileRef, document_nos: Sequence[str], kind: RowKind, reason: Reason) -> int:
    """Reject all rows of documents, and return how many; in the caller's transaction."""
    kinds = [RowKind.CANCEL] if kind is RowKind.CANCEL else [RowKind.GOODS, RowKind.FREIGHT]
    return rows.run(
        "UPDATE imports_row SET reason = %s WHERE file_id = %s AND document_no = ANY(%s) AND kind = ANY(%s)",
        [reason, file.id, list(document_nos), kinds],
    )


def reject_rows(*, row_ids: Sequence[int], reason: Reason) -> None:
    """Reject rows (of cancellations that found less than was planned), in the caller's transaction."""
    rows.run("UPDATE imports_row SET reason = %s WHERE id = ANY(%s)", [reason, list(row_ids)])


def advance(*, file: FileRef, after: int, to: int, booked: Mapping[str, int]) -> None:
    """Note in the caller's transaction that the documents after `after` up to `to` are booked, and what they came to.

    Whoever comes second changes nothing: the statement compares where the file stands.
    """
    summed = {name: booked.get(name, 0) for name in sorted(booked)}
    _move(
        """
        UPDATE imports_file SET booked = %(to)s, figures = (
            SELECT coalesce(jsonb_object_agg(name, fen), '{}') FROM (
                SELECT key AS name, sum(value::bigint)::bigint AS fen
                FROM (SELECT * FROM jsonb_each_text(figures)
                      UNION ALL SELECT * FROM unnest(%(names)s::text[], %(values)s::text[])) both_ (key, value)
                GROUP BY key
            ) summed
        )
        WHERE id = %(file)s AND booked = %(after)s AND state = 'ready'
        """,
        {
            "file": file.id,
            "after": after,
            "to": to,
            "names": list(summed),
            "values": [str(value) for value in summed.values()],
        },
    )


def finish(*, file: FileRef, now: datetime) -> None:
    """Note that everything of a file is booked."""
    _move(
        "UPDATE imports_file SET state = 'booked', ended_at = %s"
        " WHERE id = %s AND state = 'ready' AND booked = documents",
        [now, file.id],
    )


def _move(statement: str, params: Sequence[object] | Mapping[str, object]) -> None:
    if rows.run(statement, params) != 1:
        raise ImportRunning
