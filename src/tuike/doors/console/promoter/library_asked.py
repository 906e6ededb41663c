"""What the library's address asks for: filters, sort and page out of a query string, and the way back into one."""

import re
from dataclasses import dataclass, field
from urllib.parse import urlencode

from django.http import QueryDict

from tuike.kit.errors import Invalid
from tuike.library.types import Range, Sort, Wanted
from tuike.parties import queries as parties
from tuike.parties.types import PartyRef, Source

SORTS = (Sort.NEWEST, Sort.COMMISSION, Sort.RATE, Sort.SALES, Sort.PRICE)
RANGES = ("price", "earn", "rate")
"""Fields of the form that are bounds; all have two decimals: yuan, yuan, per cent."""
Plain = dict[str, str | list[str]]
MOST_CATEGORIES = 50


@dataclass(frozen=True, slots=True)
class Asked:
    """A query string, read. `plain` are its fields as they were typed, without the page."""

    wanted: Wanted
    plain: Plain
    mark: str
    grid: bool
    shop: PartyRef | None
    narrowed: bool = field(default=False)

    def query(self, **changes: str) -> str:
        """Return the query string with some fields changed (empty: without them)."""
        fields = {name: value for name, value in (self.plain | changes).items() if value}
        return urlencode(fields, doseq=True)


def read(query: QueryDict) -> Asked:
    """Read what is asked for.

    Raises:
        Invalid: a bound that is no number, or a field that knows no such value.
        NotFound: the shop.
    """
    plain: Plain = {}
    for name in ("q", "shop", "source", "coupon", "tab", "sort", "dir", "view"):
        if value := query.get(name):
            plain[name] = value[:60]
    for name in ("cat", "not"):
        if found := [str(value) for value in query.getlist(name) if value][:MOST_CATEGORIES]:
            plain[name] = found
    for name in RANGES:
        for end in ("low", "high"):
            if value := query.get(f"{name}_{end}", "").strip():
                plain[f"{name}_{end}"] = value[:12]
    shop_no = str(plain.get("shop", ""))
    shop = parties.shop(shop_no) if shop_no else None
    wanted = _wanted(plain, shop)
    plain_view = plain.get("view") != "list"
    narrowing = set(plain) - {"tab", "sort", "dir", "view"}
    return Asked(wanted, plain, query.get("page", "")[:60], plain_view, shop, bool(narrowing))


def _wanted(plain: Plain, shop: PartyRef | None) -> Wanted:
    curated = plain.get("tab") == "picked"
    sort = _sort(str(plain.get("sort", "")), curated)
    source = str(plain.get("source", ""))
    if source and source not in {one.value for one in Source}:
        raise Invalid(field="source", reason_zh="没有这个来源", reason_en="no such source")
    return Wanted(
        keyword=str(plain.get("q", "")),
        category_ids=_ids("cat", plain),
        without_category_ids=_ids("not", plain),
        coupon=plain.get("coupon") == "1",
        merchant_id=shop.id if shop else None,
        source=source,
        curated=curated,
        sort=sort,
        descending=plain.get("dir", "asc" if sort is Sort.PICKED else "desc") == "desc",
        price_fen=_range("price", plain),
        commission_fen=_range("earn", plain),
        rate_bps=_range("rate", plain),
    )


def _sort(text: str, curated: bool) -> Sort:
    if not text:
        return Sort.PICKED if curated else Sort.NEWEST
    if text not in {one.value for one in Sort}:
        raise Invalid(field="sort", reason_zh="没有这种排序", reason_en="no such order")
    # Only the curated list has the operator's order.
    return Sort.NEWEST if text == Sort.PICKED and not curated else Sort(text)


def _range(name: str, plain: Plain) -> Range:
    return Range(_hundredths(name, "low", plain), _hundredths(name, "high", plain))


def _hundredths(name: str, end: str, plain: Plain) -> int | None:
    text = str(plain.get(f"{name}_{end}", ""))
    if not text:
        return None
    found = re.fullmatch(r"(\d{1,8})(?:\.(\d{1,2}))?", text)
    if found is None:
        raise Invalid(
            field=f"{name}_{end}", reason_zh="请输入数字，最多两位小数", reason_en="a number, two decimals at most"
        )
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))


def _ids(name: str, plain: Plain) -> tuple[int, ...]:
    values = plain.get(name, [])
    if not all(value.isdecimal() and len(value) < 16 for value in values):
        raise Invalid(field=name, reason_zh="没有这个类目", reason_en="no such category")
    return tuple(int(value) for value in values)
