"""Nothing happened: for requests that are refused, or that only look."""

import contextlib
import re
from collections.abc import Iterator
from typing import Any

from tests.make.refusals import _rows

CHINESE = re.compile(r"[一-鿿]")


@contextlib.contextmanager
def unchanged(*prefixes: str) -> Iterator[None]:
    """Nothing in the tables that begin with `prefixes`, no act and no event changes inside."""
    before = _rows(prefixes)
    yield
    assert _rows(prefixes) == before


def words_of(answer: Any) -> str:
    """Return the words of a page or a piece of one that aren't data."""
    page = answer.content.decode()
    if "<main" in page:
        page = page[page.index("<main") : page.index("</main>")]
    page = re.sub(r"<(\w+)[^>]*\bdata-data\b[^>]*>.*?</\1>", "", page, flags=re.DOTALL)
    page = re.sub(r"<option[^>]*\bdata-data\b.*?</option>|<datalist.*?</datalist>", "", page, flags=re.DOTALL)
    return re.sub(r"<[^>]+>", " ", page)
