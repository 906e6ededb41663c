"""What crosses the border of imports: a mapping, rows and documents as they were read, and the named noes."""

from collections.abc import Mapping as Map
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from zoneinfo import ZoneInfo

from tuike.kit.errors import Refusal


class FileState(StrEnum):
    """How far a file has come."""

    READING = "reading"
    """Rows are being staged."""
    READ = "read"
    """Every row is staged, documents and matches are made."""
    READY = "ready"
    """Products, rates and prepaid money are there."""
    BOOKED = "booked"
    """Everything is booked."""

    @property
    def exits(self) -> "frozenset[FileState]":
        """Where it may go from here."""
        return {
            FileState.READING: frozenset({FileState.READ}),
            FileState.READ: frozenset({FileState.READY}),
            FileState.READY: frozenset({FileState.BOOKED}),
            FileState.BOOKED: frozenset[FileState](),
        }[self]


class RowKind(StrEnum):
    """What a row is."""

    GOODS = "goods"
    FREIGHT = "freight"
    CANCEL = "cancel"
    """Takes goods or freight of earlier rows back."""
    NOTHING = "nothing"
    """Rejected before it was anything."""


class Reason(StrEnum):
    """Why a row (or the rest of a cancellation) was not taken, in the order in which the reasons are looked at."""

    COLUMNS = "columns"
    UNREADABLE = "unreadable"
    ADJUSTMENT = "adjustment"
    NO_CUSTOMER = "no_customer"
    PRICE_NOT_POSITIVE = "price_not_positive"
    NO_QUANTITY = "no_quantity"
    NEGATIVE_WITHOUT_CANCELLATION = "negative_without_cancellation"
    CANCELLATION_NOT_NEGATIVE = "cancellation_not_negative"
    TOO_LARGE = "too_large"
    OTHER_CUSTOMER = "other_customer"
    TOO_MANY_LINES = "too_many_lines"
    FREIGHT_WITHOUT_GOODS = "freight_without_goods"
    KNOWN_BEFORE = "known_before"
    AHEAD = "ahead"
    UNMATCHED = "unmatched"
    PARTLY_UNMATCHED = "partly_unmatched"
    NOTHING_LEFT = "nothing_left"

    def sentence(self, language: str = "zh-hans") -> str:
        """Return the reason as a person reads it (`zh…`, anything else is English)."""
        return _SENTENCES[self][0 if language.lower().startswith("zh") else 1]


_SENTENCES = {
    Reason.COLUMNS: ("列数与表头不符", "The row has more or fewer columns than the header."),
    Reason.UNREADABLE: ("有读不懂的值", "A value can't be read."),
    Reason.ADJUSTMENT: ("是调整，不是商品", "This is an adjustment, not goods."),
    Reason.NO_CUSTOMER: ("没有客户", "The row has no customer."),
    Reason.PRICE_NOT_POSITIVE: ("单价不大于 0", "The price is not above 0."),
    Reason.NO_QUANTITY: ("数量为 0", "The quantity is 0."),
    Reason.NEGATIVE_WITHOUT_CANCELLATION: (
        "数量为负，但单据不是取消单",
        "The quantity is negative, but the document is no cancellation.",
    ),
    Reason.CANCELLATION_NOT_NEGATIVE: (
        "取消单的数量须为负",
        "A cancellation's quantity must be negative.",
    ),
    Reason.TOO_LARGE: ("数量或金额过大", "The quantity or the amount is too large."),
    Reason.OTHER_CUSTOMER: ("与本单其他行的客户不同", "The customer is not that of the order's other rows."),
    Reason.TOO_MANY_LINES: ("本单行数过多", "The order has too many lines."),
    Reason.FREIGHT_WITHOUT_GOODS: ("本单只有运费，没有商品", "The order has freight and no goods."),
    Reason.KNOWN_BEFORE: ("本单此前已上报或导入", "This document was reported or imported before."),
    Reason.AHEAD: ("时间晚于现在", "The time lies ahead of now."),
    Reason.UNMATCHED: ("找不到可取消的购买记录", "There is no earlier purchase that this could cancel."),
    Reason.PARTLY_UNMATCHED: ("只有一部分找到了购买记录", "Earlier purchases cover only a part of this."),
    Reason.NOTHING_LEFT: ("可退的数量已被退完", "What this would cancel was given back already."),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """The names of the columns in the file's header; `title` and `customer` may be the same for files without."""

    order: str
    code: str
    title: str
    quantity: str
    placed_at: str
    price: str
    customer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Rates:
    """Rates as a merchant would have written them at `written_at`; in force from the next midnight on."""

    written_at: datetime
    default_bps: int | None = None
    category_bps: int | None = None
    tier_bps: Map[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class TopUp:
    """Money that the merchant paid in before: how much, when, and the bank's number for it."""

    amount_fen: int
    paid_at: datetime
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mapping:
    """How a file is read (docs/user/import-orders.md names every key)."""

    encoding: str
    delimiter: str
    columns: Columns
    time_format: str
    zone: ZoneInfo
    currency: str
    rate: tuple[int, int]
    """Fen a whole unit of the file's currency is worth, as numerator and denominator."""
    cancel_prefixes: tuple[str, ...]
    cancel_negative: bool
    adjust_prefixes: tuple[str, ...]
    adjust_codes: frozenset[str]
    adjust_patterns: tuple[str, ...]
    freight_codes: frozenset[str]
    fold_codes: bool
    received_after_days: int
    category: tuple[str, ...]
    rates: Rates | None
    promoters: tuple[str, ...]
    nobody_bps: int
    seed: str
    top_up: TopUp | None
    digest: bytes


@dataclass(frozen=True, slots=True)
class Row:
    """A row as it was read; see `models.StagedRow`."""

    line: int
    kind: RowKind
    document_no: str
    no: int | None = None
    code: str = ""
    title: str = ""
    quantity: int = 0
    price_micros: int = 0
    amount_fen: int = 0
    at: datetime | None = None
    customer: int | None = None
    spread: int | None = None
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class FileRef:
    """A file and how far it has come."""

    id: int
    no: str
    merchant_id: int
    mapping_digest: bytes
    state: FileState
    staged: int
    documents: int
    booked: int
    figures: Map[str, int]


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """A line of an order that is to be booked: `row_id`, its number in the order, and what it comes to."""

    row_id: int
    no: int
    code: str
    title: str
    quantity: int
    amount_fen: int


@dataclass(frozen=True, slots=True)
class OrderDocument:
    """An order that is to be booked; freight is the sum of its postage rows, `spread` the first row's."""

    seq: int
    no: str
    at: datetime
    spread: int
    freight_fen: int
    lines: Sequence[DocumentLine]


@dataclass(frozen=True, slots=True)
class CancelPart:
    """What a cancellation takes from one earlier row. `line_no` is None where that was freight; `rejected` where the
    row's order wasn't taken after all."""

    seq: int
    no: str
    at: datetime
    row_id: int
    order_no: str
    line_no: int | None
    quantity: int
    amount_fen: int
    rejected: bool


@dataclass(frozen=True, slots=True)
class Planned:
    """What is in a file: documents, lines, freight, what cancellations find, and rejected rows by reason."""

    orders: int
    lines: int
    goods_fen: int
    freight_fen: int
    refunds: int
    refund_fen: int
    rejected: Map[str, int]


class MappingInvalid(Refusal):
    """The mapping file can't be used; carries the line and the key."""

    code = "import_mapping_invalid"
    status = 422
    zh = "映射文件第 {line} 行（{key}）：{reason_zh}"
    en = "Mapping file, line {line} ({key}): {reason_en}"

    def __init__(self, *, line: int, key: str, reason_zh: str, reason_en: str) -> None:
        super().__init__(line=line, key=key, reason_zh=reason_zh, reason_en=reason_en)


class FileUnreadable(Refusal):
    """The file is no CSV of the mapping's encoding and columns."""

    code = "import_file_unreadable"
    status = 422
    zh = "无法读取文件：{reason_zh}"
    en = "The file can't be read: {reason_en}"

    def __init__(self, *, reason_zh: str, reason_en: str) -> None:
        super().__init__(reason_zh=reason_zh, reason_en=reason_en)


class MappingChanged(Refusal):
    """The same file was begun with another mapping."""

    code = "import_mapping_changed"
    status = 409
    zh = "该文件已按另一份映射开始导入（{no}），不能更换映射"
    en = "The import of this file was begun with another mapping ({no})."


class ImportRunning(Refusal):
    """Somebody imports for this merchant at this moment."""

    code = "import_running"
    status = 409
    zh = "该商家正在进行另一次导入，请稍后再试"
    en = "Another import runs for this merchant; try again later."


class BadImportPromoter(Refusal):
    """A promoter of the mapping doesn't exist, isn't certified, or is suspended."""

    code = "import_promoter_unusable"
    status = 422
    zh = "推客 {no} 不存在、未认证或已暂停"
    en = "Promoter {no} doesn't exist, isn't certified, or is suspended."
