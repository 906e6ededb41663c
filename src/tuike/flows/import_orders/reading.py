"""Files of orders as they come: gzip or plain, with or without a byte order mark, any line ends; never held whole."""

import codecs
import csv
import gzip
import hashlib
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from tuike.imports.service import reader
from tuike.imports.types import FileUnreadable, Mapping, Row
from tuike.kit import crypto

_CHUNK = 1 << 20
_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Content:
    """What a file holds: the digest of its content (the same for gzip and plain), and about how many lines."""

    digest: bytes
    lines: int


def look(path: Path, mapping: Mapping) -> Content:
    """Read the file once, keeping nothing, so that an unreadable one is refused before anything is written.

    Raises:
        FileUnreadable: it can't be opened, is cut off, or isn't of the mapping's encoding.
    """
    digest, lines = hashlib.sha256(), 0
    decoder = codecs.getincrementaldecoder(mapping.encoding)()
    try:
        with _opened(path) as stream:
            while chunk := stream.read(_CHUNK):
                digest.update(chunk)
                lines += chunk.count(b"\n")
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        why = f"{mapping.encoding}, line {lines + 1}"
        raise FileUnreadable(reason_zh=f"不是 {why}", reason_en=f"not {why}") from error
    except (OSError, EOFError, gzip.zlib.error) as error:  # type: ignore[attr-defined]
        raise FileUnreadable(reason_zh=str(error), reason_en=str(error)) from error
    return Content(digest.digest(), lines)


def rows(path: Path, mapping: Mapping, *, merchant_id: int) -> Iterator[Row]:
    """Yield every row of the file in its order; `line` is where its record begins.

    Raises:
        FileUnreadable: no header, a column that the mapping names is missing, or no CSV.
    """
    purpose, keys = f"imports.customer|{merchant_id}", settings.FIELD_KEYS

    def customer_key(text: str) -> int:
        return int.from_bytes(crypto.blind_index(text, purpose=purpose, keys=keys)[:8], "big", signed=True)

    with _opened(path) as stream, io.TextIOWrapper(stream, mapping.encoding, newline="") as text:
        records = csv.reader(text, delimiter=mapping.delimiter)
        try:
            read = reader(mapping, _header(records), customer_key=customer_key).read
            line = records.line_num + 1
            for record in records:
                if record:
                    yield read(line, record)
                line = records.line_num + 1
        except csv.Error as error:
            why = f"{error} (line {records.line_num})"
            raise FileUnreadable(reason_zh=why, reason_en=why) from error


def _header(records: Iterator[list[str]]) -> Sequence[str]:
    found = next(records, None)
    if not found:
        raise FileUnreadable(reason_zh="文件没有表头", reason_en="the file has no header")
    return [name.strip() for name in found]


def _opened(path: Path) -> BinaryIO:
    with path.open("rb") as plain:
        zipped = plain.read(2) == _GZIP
    return gzip.open(path, "rb") if zipped else path.open("rb")  # type: ignore[return-value]
