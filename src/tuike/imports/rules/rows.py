"""What a row of a file is: goods, freight, a cancellation, or rejected by a named reason."""

import hashlib
import hmac
import re
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import lru_cache

from tuike.imports.rules.amounts import fen, micros
from tuike.imports.types import FileUnreadable, Mapping, Reason, Row, RowKind

MAX_LINES = 2_000
"""Lines of one order: wholesale invoices run to many hundreds; beyond this a file's grouping is wrong."""

MAX_QUANTITY = 1_000_000
MAX_ROW_FEN = 10**10
SPREAD = 2**31 - 1

_QUANTITY = re.compile(r"[+-]?[0-9]{1,9}")
_ISO = "%Y-%m-%d %H:%M:%S"


def spread_of(customer: str, seed: str) -> int:
    """Return where on the promoters' wheel a customer stands: the same for the same seed, on any machine."""
    digest = hmac.new(seed.encode(), customer.encode(), hashlib.sha256).digest()
    return int.from_bytes(digest[:8], "big") % SPREAD


class Reader:
    """Turns records of one file into rows, in the order of the file; remembers how many lines each order has.

    `customer_key` makes a keyed number of a customer's own number, so that none is kept in clear.
    """

    def __init__(self, mapping: Mapping, header: Sequence[str], *, customer_key: Callable[[str], int]) -> None:
        """Find the mapping's columns in the header.

        Raises:
            FileUnreadable: a column isn't there, or twice.
        """
        self._mapping = mapping
        self._width = len(header)
        at = []
        columns = mapping.columns
        for name in (
            columns.order,
            columns.code,
            columns.title,
            columns.quantity,
            columns.placed_at,
            columns.price,
            columns.customer,
        ):
            if list(header).count(name) != 1:
                raise FileUnreadable(
                    reason_zh=f"表头须恰有一列 {name}", reason_en=f"the header needs one column {name}"
                )
            at.append(list(header).index(name))
        self._at = tuple(at)
        self._counted: dict[str, tuple[int, int]] = {}
        self._adjust = re.compile("|".join(f"(?:{one})" for one in mapping.adjust_patterns) or r"(?!)")
        seed = mapping.seed
        self._customer = lru_cache(100_000)(lambda text: (customer_key(text), spread_of(text, seed)))
        self._instant = lru_cache(4_096)(self._parsed)

    def read(self, line: int, record: Sequence[str]) -> Row:
        """Return the row that a record is, with the reason where it is rejected (docs/user/import-orders.md)."""
        if len(record) != self._width:
            return Row(line, RowKind.NOTHING, "", reason=Reason.COLUMNS)
        i = self._at
        document, code, title = record[i[0]].strip(), record[i[1]].strip(), record[i[2]].strip()
        if self._mapping.fold_codes:
            code = code.upper()
        if not document or not code or len(document) > 64 or len(code) > 64 or "\0" in document + code + title:
            return Row(line, RowKind.NOTHING, document[:64].replace("\0", ""), reason=Reason.UNREADABLE)
        quantity_text, price = record[i[3]].strip(), micros(record[i[5]].strip())
        at = self._instant(record[i[4]].strip())
        if _QUANTITY.fullmatch(quantity_text) is None or price is None or at is None:
            return Row(line, RowKind.NOTHING, document, reason=Reason.UNREADABLE)
        quantity, customer = int(quantity_text), record[i[6]].strip()
        reason = self._rejected(record, document, code, quantity, price)
        if reason is not None:
            return Row(line, RowKind.NOTHING, document, None, code, title[:120], quantity, reason=reason)
        cancels = self._cancels(document, quantity)
        pieces = -quantity if cancels and quantity < 0 else quantity
        amount = fen(price, pieces, self._mapping.rate)
        if pieces > MAX_QUANTITY or amount > MAX_ROW_FEN:
            return Row(line, RowKind.NOTHING, document, None, code, title[:120], quantity, reason=Reason.TOO_LARGE)
        who, spread = self._customer(customer)
        kind = RowKind.CANCEL if cancels else RowKind.FREIGHT if code in self._freight else RowKind.GOODS
        row = Row(line, kind, document, None, code, title[:120] or code, pieces, price, amount, at, who, spread)
        return row if cancels else self._numbered(row)

    @property
    def _freight(self) -> frozenset[str]:
        return self._mapping.freight_codes

    def _cancels(self, document: str, quantity: int) -> bool:
        """Return whether a row cancels: by its document's prefix; where there is none, by a negative quantity."""
        prefixes = self._mapping.cancel_prefixes
        return document.startswith(prefixes) if prefixes else self._mapping.cancel_negative and quantity < 0

    def _rejected(self, record: Sequence[str], document: str, code: str, quantity: int, price: int) -> Reason | None:
        """Return the first reason why a readable record is no row, in the order of `Reason`."""
        mapping, title = self._mapping, record[self._at[2]].strip()
        cancels = self._cancels(document, quantity)
        if (
            code in mapping.adjust_codes
            or (mapping.adjust_prefixes and document.startswith(mapping.adjust_prefixes))
            or self._adjust.fullmatch(code)
            or self._adjust.fullmatch(title)
        ):
            reason: Reason | None = Reason.ADJUSTMENT
        elif not record[self._at[6]].strip():
            reason = Reason.NO_CUSTOMER
        elif price <= 0:
            reason = Reason.PRICE_NOT_POSITIVE
        elif quantity == 0:
            reason = Reason.NO_QUANTITY
        elif quantity < 0 and not cancels:
            reason = Reason.NEGATIVE_WITHOUT_CANCELLATION
        elif quantity > 0 and cancels and mapping.cancel_negative:
            reason = Reason.CANCELLATION_NOT_NEGATIVE
        else:
            reason = None
        return reason

    def _numbered(self, row: Row) -> Row:
        """Give a line its number in the order: rows of one order need not stand together."""
        assert row.customer is not None
        owner, count = self._counted.get(row.document_no, (row.customer, 0))
        if owner != row.customer:
            reason = Reason.OTHER_CUSTOMER
        elif row.kind is RowKind.GOODS and count == MAX_LINES:
            reason = Reason.TOO_MANY_LINES
        else:
            if row.kind is RowKind.GOODS:
                count += 1
            self._counted[row.document_no] = owner, count
            no = count if row.kind is RowKind.GOODS else None
            return Row(row.line, row.kind, row.document_no, no, *_values(row))
        return Row(row.line, RowKind.NOTHING, row.document_no, None, row.code, row.title, row.quantity, reason=reason)

    def _parsed(self, text: str) -> datetime | None:
        """Read an instant in the file's zone; of an hour that comes twice the first one is meant."""
        try:
            if self._mapping.time_format == _ISO:
                local = datetime.fromisoformat(text)
            else:
                local = datetime.strptime(text, self._mapping.time_format)  # noqa: DTZ007 the zone comes next
        except ValueError:
            return None
        if local.tzinfo is None:
            local = local.replace(tzinfo=self._mapping.zone)
        return local.astimezone(UTC)


def _values(row: Row) -> tuple:
    return (
        row.code,
        row.title,
        row.quantity,
        row.price_micros,
        row.amount_fen,
        row.at,
        row.customer,
        row.spread,
    )
