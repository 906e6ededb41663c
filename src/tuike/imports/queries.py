"""Reads of imports: a file, the next documents to book, what was rejected."""

import json
from collections.abc import Iterator, Sequence

from tuike.db import rows
from tuike.imports.types import CancelPart, DocumentLine, FileRef, FileState, OrderDocument, Planned, Reason

_LINE = 2**32 - 1
PAGE = 10_000

_FILE = "SELECT id, no, merchant_id, mapping_digest, state, staged, documents, booked, figures::text FROM imports_file"
_ROWS = """
    SELECT document_no, id, no, code, title, quantity, amount_fen, spread FROM imports_row
    WHERE file_id = %s AND document_no = ANY(%s) AND kind IN ('goods', 'freight') ORDER BY id
"""
_PARTS = """
    SELECT c.document_no, c.id, s.document_no, s.no, m.quantity, m.amount_fen, s.reason <> ''
    FROM imports_row c JOIN imports_match m ON m.row_id = c.id JOIN imports_row s ON s.id = m.taken_from_id
    WHERE c.file_id = %s AND c.document_no = ANY(%s) AND c.kind = 'cancel' ORDER BY c.id, m.id
"""


def file_of(*, merchant_id: int, digest: bytes) -> FileRef | None:
    """Return a merchant's file by the digest of its content."""
    return _file("WHERE merchant_id = %s AND digest = %s", [merchant_id, digest])


def file_by_id(file_id: int) -> FileRef:
    """Return a file as it stands now."""
    found = _file("WHERE id = %s", [file_id])
    assert found is not None
    return found


def next_documents(
    *, file: FileRef, after: int, orders: int, lines: int
) -> tuple[int, list[OrderDocument], list[CancelPart]]:
    """Return the documents after `after` in the order of time, at most `orders` with about `lines` rows: the last one's
    number, the orders with their lines, and what the cancellations among them take. No more: the number is `after`.
    """
    found = rows.query(
        "SELECT seq, kind, no, at, lines FROM imports_order WHERE id > %s AND id < %s ORDER BY id LIMIT %s",
        [(file.id << 32) + after, (file.id + 1) << 32, orders],
    )
    taken: list[tuple] = []
    count = 0
    for one in found:
        if taken and count + one[4] > lines:
            break
        taken.append(one)
        count += one[4]
    if not taken:
        return after, [], []
    sold = {no: (seq, at) for seq, kind, no, at, _ in taken if kind == "goods"}
    cancelled = {no: (seq, at) for seq, kind, no, at, _ in taken if kind == "cancel"}
    parts = rows.query(_PARTS, [file.id, list(cancelled)]) if cancelled else []
    return (
        taken[-1][0],
        _orders(file, sold),
        sorted((CancelPart(cancelled[no][0], no, cancelled[no][1], *part) for no, *part in parts), key=lambda p: p.seq),
    )


def booked_elsewhere(*, file: FileRef, nos: Sequence[str]) -> set[str]:
    """Return which of these cancellations another file of the merchant held, and is booked that far."""
    found = rows.query(
        "SELECT o.no FROM imports_order o JOIN imports_file f ON f.id = o.file_id WHERE o.merchant_id = %s"
        " AND o.kind = 'cancel' AND o.no = ANY(%s) AND o.file_id <> %s AND o.seq <= f.booked",
        [file.merchant_id, list(nos), file.id],
    )
    return {no for (no,) in found}


def rejected(file_id: int) -> Iterator[tuple[int, str, Reason, int, int]]:
    """Yield (line, document, reason, quantity, matched) of every row that wasn't taken, in the order of the file."""
    last = 0
    while True:
        page = rows.query(
            "SELECT id, document_no, reason, quantity, matched FROM imports_row"
            " WHERE file_id = %s AND reason <> '' AND id > %s ORDER BY id LIMIT %s",
            [file_id, last, PAGE],
        )
        for id_, document, reason, quantity, matched in page:
            yield id_ & _LINE, document, Reason(reason), quantity, matched
        if len(page) < PAGE:
            return
        last = page[-1][0]


def planned(file_id: int) -> Planned:
    """Return what a file that was read to its end holds."""
    orders = rows.query("SELECT count(*) FROM imports_order WHERE file_id = %s AND kind = 'goods'", [file_id])[0][0]
    kinds = {
        kind: (count, amount)
        for kind, count, amount in rows.query(
            "SELECT kind, count(*), sum(amount_fen)::bigint FROM imports_row"
            " WHERE file_id = %s AND kind IN ('goods', 'freight') GROUP BY kind",
            [file_id],
        )
    }
    lines, goods_fen = kinds.get("goods", (0, 0))
    refunds, refund_fen = rows.query(
        "SELECT count(DISTINCT m.row_id), coalesce(sum(m.amount_fen), 0)::bigint"
        " FROM imports_match m JOIN imports_row r ON r.id = m.row_id WHERE r.file_id = %s",
        [file_id],
    )[0]
    reasons = rows.query(
        "SELECT reason, count(*) FROM imports_row WHERE file_id = %s AND reason <> '' GROUP BY reason", [file_id]
    )
    counted = dict(reasons)
    return Planned(
        orders=orders,
        lines=lines,
        goods_fen=goods_fen,
        freight_fen=kinds.get("freight", (0, 0))[1],
        refunds=refunds,
        refund_fen=refund_fen,
        rejected={reason.value: counted[reason.value] for reason in Reason if reason.value in counted},
    )


def goods_of(file_id: int) -> list[tuple[str, str, int]]:
    """Return (code, title, price in fen) of everything that a file sells, as its first row says."""
    return rows.query(
        "SELECT DISTINCT ON (code) code, title, greatest(1, amount_fen / quantity) FROM imports_row"
        " WHERE file_id = %s AND kind = 'goods' ORDER BY code, id",
        [file_id],
    )


def codes_of(file_id: int) -> list[str]:
    """Return the codes of everything that a file sells."""
    found = rows.query("SELECT code FROM imports_row WHERE file_id = %s AND kind = 'goods' GROUP BY code", [file_id])
    return [code for (code,) in found]


def _orders(file: FileRef, sold: dict[str, tuple[int, object]]) -> list[OrderDocument]:
    lines: dict[str, list[DocumentLine]] = {no: [] for no in sold}
    freight: dict[str, int] = dict.fromkeys(sold, 0)
    spreads: dict[str, int] = {}
    for document, id_, no, code, title, quantity, amount_fen, spread in rows.query(_ROWS, [file.id, list(sold)]):
        spreads.setdefault(document, spread)
        if no is None:
            freight[document] += amount_fen
        else:
            lines[document].append(DocumentLine(id_, no, code, title, quantity, amount_fen))
    return [
        OrderDocument(seq, no, at, spreads[no], freight[no], lines[no])  # type: ignore[arg-type]
        for no, (seq, at) in sold.items()
    ]


def _file(condition: str, params: Sequence[object]) -> FileRef | None:
    found = rows.query(f"{_FILE} {condition}", params)
    if not found:
        return None
    id_, no, merchant_id, mapping_digest, state, staged, documents, booked, figures = found[0]
    digest = bytes(mapping_digest)
    return FileRef(id_, no, merchant_id, digest, FileState(state), staged, documents, booked, json.loads(figures))
