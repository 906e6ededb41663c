"""What freight costs, and what a template may be (docs/rules.md §5). Pure."""

import re
from collections.abc import Iterable, Sequence

from tuike.freight.types import (
    CARRIERS,
    Basis,
    Carrier,
    FreightPart,
    FreightQuote,
    FreightWhy,
    NewTemplate,
    OddTrackingNo,
    Row,
    UnknownCarrier,
)
from tuike.kit.errors import Invalid

MAX_FREIGHT_FEN = 10_000_000
MAX_UNITS = 1_000_000
MAX_ROWS = 60
MAX_TEMPLATES = 50
_BY_NAME = {
    name.lower(): carrier
    for carrier in CARRIERS
    for name in (carrier.code, carrier.zh, carrier.en, carrier.zh.replace(" ", ""), *carrier.also)
}


def around(code: str) -> tuple[str, str, str]:
    """Return the codes of the province and city that a code lies in, and itself."""
    return f"{code[:2]}0000", f"{code[:4]}00", code


def delivered(terms: NewTemplate, code: str) -> bool:
    """Return whether a template delivers to a region. "" is a region that nobody has chosen yet: it does."""
    return not code or not set(around(code)) & set(terms.not_to)


def row_for(rows: Sequence[Row], code: str) -> Row:
    """Return the row that holds for a region: the one that names its city, else its province, else everywhere else."""
    for wanted in reversed(around(code)) if code else ():
        for row in rows:
            if wanted in row.regions:
                return row
    return next(row for row in rows if not row.regions)


def charge(basis: Basis, row: Row, *, units: int, pieces: int, amount_fen: int) -> tuple[int, FreightWhy]:
    """Return what a row charges for `units` (pieces or grams) of goods worth `amount_fen`, in fen, and why.

    A unit begun is charged as a whole one: the shop, which pays the carrier, keeps the fraction (docs/rules.md §5).
    """
    if row.free_from_fen is not None and amount_fen >= row.free_from_fen:
        return 0, FreightWhy.FREE_FROM
    if row.free_from_pieces is not None and pieces >= row.free_from_pieces:
        return 0, FreightWhy.FREE_FROM
    if basis is Basis.FLAT or units <= row.first_units:
        return row.first_fen, FreightWhy.CHARGED
    further = -(-(units - row.first_units) // row.next_units)
    return row.first_fen + further * row.next_fen, FreightWhy.CHARGED


def part(terms: NewTemplate, code: str, goods: Iterable[tuple[int, int, int]]) -> FreightPart:
    """Return what (pieces, grams of one, fen of all) goods cost under one template, together."""
    pieces = grams = amount = 0
    for quantity, weight_g, fen in goods:
        pieces, grams, amount = pieces + quantity, grams + quantity * weight_g, amount + fen
    units = grams if terms.basis is Basis.WEIGHT else pieces
    fen, why = charge(terms.basis, row_for(terms.rows, code), units=units, pieces=pieces, amount_fen=amount)
    return FreightPart(
        template=terms.name,
        basis=terms.basis,
        units=units,
        pieces=pieces,
        amount_fen=amount,
        fen=min(fen, MAX_FREIGHT_FEN),
        why=why,
    )


def summed(parts: Sequence[FreightPart]) -> FreightQuote:
    """Return a shop's freight: what its templates charge, added up; goods of no template are sent free."""
    why = FreightWhy.NO_TEMPLATE
    if parts:
        charged = any(one.why is FreightWhy.CHARGED for one in parts)
        why = FreightWhy.CHARGED if charged else FreightWhy.FREE_FROM
    fen = min(sum(one.fen for one in parts), MAX_FREIGHT_FEN)
    return FreightQuote(fen=fen, why=why, parts=tuple(parts))


def check(terms: NewTemplate, known: Iterable[str]) -> None:
    """Refuse a template that makes no sense; `known` are the codes of provinces and cities.

    Raises:
        Invalid: name, rows, regions, not_to, units, fees, free_from.
    """
    if not 1 <= len(terms.name.strip()) <= 40 or not terms.name.isprintable():
        raise Invalid(field="name", reason_zh="名称须为 1–40 字", reason_en="a name has 1 to 40 characters")
    if len([row for row in terms.rows if not row.regions]) != 1 or len(terms.rows) > MAX_ROWS:
        raise Invalid(
            field="rows",
            reason_zh=f"须恰有一行“其他地区”，最多 {MAX_ROWS} 行",
            reason_en=f"exactly one row for everywhere else, {MAX_ROWS} rows at most",
        )
    named = [code for row in terms.rows for code in row.regions]
    _check_regions("regions", named, known)
    _check_regions("not_to", terms.not_to, known)
    if set(named) & set(terms.not_to):
        raise Invalid(
            field="not_to", reason_zh="不配送的地区不能再设运费", reason_en="a region not delivered to has no fee"
        )
    for row in terms.rows:
        _check_row(row)


def carrier_named(text: str) -> Carrier | None:
    """Return the carrier that a code or a name means, None for one that the list doesn't have."""
    return _BY_NAME.get(text.strip().lower()) or _BY_NAME.get(text.strip().lower().replace(" ", ""))


def check_parcel(carrier: str, tracking_no: str) -> Carrier:
    """Return the carrier of a parcel, having looked at its number: a guard against columns mixed up in a file.

    Raises:
        UnknownCarrier: the list has none of that code or name.
        OddTrackingNo: the number looks like none of theirs.
    """
    found = carrier_named(carrier)
    if found is None:
        raise UnknownCarrier(carrier=carrier[:40])
    if not re.fullmatch(found.pattern, tracking_no.strip().upper()):
        raise OddTrackingNo(tracking_no=tracking_no[:60], carrier_zh=found.zh, carrier_en=found.en)
    return found


def _check_regions(field: str, codes: Sequence[str], known: Iterable[str]) -> None:
    if len(set(codes)) < len(codes) or not set(codes) <= set(known):
        raise Invalid(
            field=field,
            reason_zh="地区不存在或重复",
            reason_en="a region that doesn't exist, or the same one twice",
        )


def _check_row(row: Row) -> None:
    units = (row.first_units, row.next_units)
    fees = (row.first_fen, row.next_fen)
    if any(not 1 <= one <= MAX_UNITS for one in units):
        raise Invalid(field="units", reason_zh="首件（重）与续件（重）须为正数", reason_en="units start at 1")
    if any(not 0 <= one <= MAX_FREIGHT_FEN for one in fees):
        raise Invalid(field="fees", reason_zh="运费须在 0–100,000 元之间", reason_en="fees are 0 to 100,000 yuan")
    free = (row.free_from_fen, row.free_from_pieces)
    if any(one is not None and not 1 <= one <= 10**11 for one in free):
        raise Invalid(field="free_from", reason_zh="包邮条件须大于 0", reason_en="free from more than nothing")
