"""Spans that are kept summed up, of all and of owners with many rows. They follow what moved."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from tuike.db import rows
from tuike.figures.service.sources import KEYS
from tuike.figures.service.writing import MEASURES, Moved, take_time
from tuike.figures.spans import OWNERS, SPANNED, STORED, sources, summed, whose
from tuike.figures.types import By, Owner, Span

MANY = 3_000
"""Rows in the longest span from which on an owner's spans are kept."""


def keep_spans(*, today: date) -> None:
    """Choose anew whose spans are kept, and sum all of them up for the day that is today."""
    first, _ = Span.QUARTER.of(today)
    rows.run("DELETE FROM figures_span")
    rows.run("DELETE FROM figures_kept")
    rows.run("INSERT INTO figures_kept (kind, owner_id, day) VALUES ('all', 0, %s)", [today])
    for owner, column in OWNERS.items():
        rows.run(
            f"INSERT INTO figures_kept (kind, owner_id, day) SELECT %s, {column}, %s FROM figures_day"
            f" WHERE day BETWEEN %s AND %s AND {column} > 0 GROUP BY {column} HAVING count(*) > %s",
            [owner.value, today, first, today, MANY],
        )
    for (kind,) in rows.query("SELECT DISTINCT kind FROM figures_kept"):
        for span in Span:
            _keep(Owner(kind), span, today)


def _keep(owner: Owner, span: Span, today: date) -> None:
    """Sum one span up for the kept owners of a kind, by everything that has the same orders in one statement."""
    first, last = span.of(today)
    mine = whose(owner)
    kept = "" if owner is Owner.ALL else f" JOIN figures_kept k ON k.kind = '{owner.value}' AND k.owner_id = f.{mine}"
    groups: dict[tuple[str, ...], list[By]] = defaultdict(list)
    for by in STORED:
        if by.value != owner.value:
            groups[sources(owner, by)].append(by)
    for bys in groups.values():
        columns = [f"{by.value}_id" for by in bys]
        sets = ", ".join(f"({'' if owner is Owner.ALL else 'f.' + mine + ', '}f.{column})" for column in columns)
        which = "CASE " + " ".join(
            f"WHEN grouping(f.{c}) = 0 THEN '{by.value}'" for c, by in zip(columns, bys, strict=True)
        )
        one = "CASE " + " ".join(f"WHEN grouping(f.{c}) = 0 THEN f.{c}" for c in columns)
        rows.run(
            f"""
            INSERT INTO figures_span (kind, owner_id, by, span, object_id, {", ".join(SPANNED)})
            SELECT * FROM (
                SELECT '{owner.value}', {"0::bigint" if owner is Owner.ALL else "f." + mine}, {which} END AS by,
                    {int(span)}, {one} END AS object_id, {summed(owner, bys[0])}
                FROM figures_day f{kept} WHERE f.day BETWEEN %s AND %s GROUP BY GROUPING SETS ({sets})
            ) AS summed WHERE object_id > 0
            """,
            [first, last],
        )


def follow_spans(*, moved: Sequence[Moved], today: date) -> None:
    """Bring kept spans up to rows that moved; when the day has turned, all of them anew."""
    kept = rows.query("SELECT kind, owner_id, day FROM figures_kept")
    if {day for *_, day in kept} != {today}:
        take_time()
        keep_spans(today=today)
        return
    owners = {(kind, owner_id) for kind, owner_id, _ in kept}
    changes: dict[tuple[str, int, str, int, int], list[int]] = {}
    places = {name: number for number, name in enumerate((*KEYS, *MEASURES))}
    for one in moved:
        spans = [span for span in Span if span.of(today)[0] <= one[0] <= today]
        if not spans:
            continue
        for owner in Owner:
            owner_id = 0 if owner is Owner.ALL else one[places[whose(owner)]]
            if (owner.value, owner_id) not in owners:
                continue
            for by in STORED:
                object_id = one[places[f"{by.value}_id"]]
                if by.value == owner.value or not object_id:
                    continue
                values = [
                    0
                    if name in ("paid_fen", "refunded_fen") and not one[places["promoter_id"]]
                    else one[places[source]]
                    for name, source in zip(SPANNED, sources(owner, by), strict=True)
                ]
                for span in spans:
                    key = (owner.value, owner_id, by.value, int(span), object_id)
                    changes[key] = [a + b for a, b in zip(changes.get(key, [0] * len(values)), values, strict=True)]
    _add(changes)


def _add(changes: dict[tuple[str, int, str, int, int], list[int]]) -> None:
    types = {"kind": "text", "owner_id": "bigint", "by": "text", "span": "smallint", "object_id": "bigint"}
    types |= dict.fromkeys(SPANNED, "bigint")
    # Rows are brought in by arrays, never by COPY: the suffix decides.
    rows.insert(
        "figures_span AS f",
        types,
        [(*key, *values) for key, values in sorted(changes.items())],
        suffix="ON CONFLICT (kind, owner_id, by, span, object_id) DO UPDATE SET "
        + ", ".join(f"{name} = f.{name} + excluded.{name}" for name in SPANNED),
    )
