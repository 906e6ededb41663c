"""Writing what was counted: rows that stand as they were aren't written, what changed is said."""

from collections.abc import Mapping, Sequence
from typing import Any

from tuike.db import rows
from tuike.figures.service.sources import CLICKS, KEYS, SALES

MEASURES = (*CLICKS, *SALES)
_MEMORY = "64MB"
Moved = tuple[Any, ...]
"""The keys of a row that changed, and by how much each of its measures did."""


def take_time() -> None:
    """Let the caller's transaction take as long and as much memory as counting many days does."""
    rows.run("SET LOCAL statement_timeout = 0")
    rows.run(f"SET LOCAL work_mem = '{_MEMORY}'")


def put(counted: str, params: Mapping[str, Any], columns: Sequence[str]) -> list[Moved]:
    """Write the rows of a statement that counts; of those that changed return by how much. `columns` is what it counts.

    A row's other columns stay as they are.
    """
    keys, names = ", ".join(KEYS), ", ".join(columns)
    same = " AND ".join(f"c.{key} = f.{key}" for key in KEYS)
    excluded = ", ".join(f"excluded.{one}" for one in columns)
    moved = ", ".join(
        f"(p.{one} - coalesce(w.{one}, 0))::bigint" if one in columns else "0::bigint" for one in MEASURES
    )
    return rows.query(
        f"""
        WITH c AS MATERIALIZED (SELECT * FROM ({counted}) AS counted), w AS MATERIALIZED (
            SELECT f.* FROM c JOIN figures_day f ON {same}
        ), p AS (
            INSERT INTO figures_day AS f ({keys}, {names}) SELECT {keys}, {names} FROM c ORDER BY {keys}
            ON CONFLICT (merchant_id, day, promoter_id, place_id, product_id, leader_id, campaign_id)
            DO UPDATE SET ({names}) = ROW({excluded})
            WHERE ({", ".join(f"f.{one}" for one in columns)}) IS DISTINCT FROM ({excluded}) RETURNING f.*
        )
        SELECT {", ".join(f"p.{key}" for key in KEYS)}, {moved} FROM p LEFT JOIN w ON w.id = p.id
        """,
        params,
    )


_PLAIN = {
    "clicks": "sum(clicks)",
    "visitors": "sum(visitors)",
    "shares": "sum(shares)",
    "paid_fen": "coalesce(sum(paid_fen) FILTER (WHERE promoter_id > 0), 0)",
    "refunded_fen": "coalesce(sum(refunded_fen) FILTER (WHERE promoter_id > 0), 0)",
    "all_paid_fen": "sum(paid_fen)",
    "all_refunded_fen": "sum(refunded_fen)",
    "estimated_fen": "sum(estimated_fen)",
    "settled_fen": "sum(settled_fen)",
    "all_estimated_fen": "sum(estimated_fen)",
    "all_settled_fen": "sum(settled_fen)",
}
_SUMS: dict[str, tuple[str, dict[str, str], str]] = {
    "merchant": (
        "merchant_id",
        _PLAIN
        | {
            "orders": "sum(promoted_orders)",
            "all_orders": "sum(all_orders)",
            "received_orders": "sum(promoted_received)",
            "settled_orders": "sum(promoted_settled)",
            "estimated_fen": "sum(shop_estimated_fen)",
            "settled_fen": "sum(shop_settled_fen)",
        },
        "true",
    ),
    "promoter": (
        "promoter_id",
        _PLAIN
        | {
            "orders": "sum(orders)",
            "all_orders": "sum(orders)",
            "received_orders": "sum(received_orders)",
            "settled_orders": "sum(settled_orders)",
        },
        "f.commission[i][1] %% 1000 < 200",
    ),
    "leader": (
        "leader_id",
        _PLAIN
        | {
            "orders": "sum(led_orders)",
            "all_orders": "sum(led_orders)",
            "received_orders": "sum(led_received)",
            "settled_orders": "sum(led_settled)",
            "estimated_fen": "sum(led_estimated_fen)",
            "settled_fen": "sum(led_settled_fen)",
        },
        "f.commission[i][1] %% 1000 BETWEEN 200 AND 299",
    ),
}
"""By kind of owner: its column, how each measure is summed up, and which commission is its own (see rules)."""
NAMES = (*_PLAIN, "orders", "all_orders", "received_orders", "settled_orders")

_WHOLE = {"estimated_fen": "all_estimated_fen", "settled_fen": "all_settled_fen"}
"""Of whose columns in merchants' sums those of all are made, where it isn't the same one."""


def sum_up(*, where: str, params: Mapping[str, Any], ids: Mapping[str, Sequence[int]] | None = None) -> None:
    """Sum days up for each owner of their rows, or only for owners with `ids` (kind → ids), and for all of them.

    Without `ids` the days have no sums yet. `where` narrows the days, as a condition on `f.day`.
    """
    for kind, (column, sums, own) in _SUMS.items():
        if ids is not None and not ids.get(kind):
            continue
        chosen = f"{where} AND f.{column} " + (
            "= ANY(%(ids)s)" if ids is not None else ">= 0" if kind == "merchant" else "> 0"
        )
        values = ", ".join(f"{sums[name]}::bigint AS {name}" for name in NAMES)
        _put_sums(
            f"""
            SELECT '{kind}' AS kind, {column} AS owner_id, day, {values} FROM figures_day f WHERE {chosen}
            GROUP BY 2, 3
            """,
            _commission(f"figures_day f, generate_subscripts(f.commission, 1) i WHERE {chosen} AND {own}", column),
            params if ids is None else {**params, "ids": sorted(ids[kind])},
            fresh=ids is None,
        )
    values = ", ".join(f"sum({_WHOLE.get(name, name)})::bigint AS {name}" for name in NAMES)
    _put_sums(
        f"SELECT 'all' AS kind, 0::bigint AS owner_id, day, {values} FROM figures_sum f WHERE kind = 'merchant'"
        f" AND {where} GROUP BY day",
        _commission(f"figures_sum f, generate_subscripts(f.commission, 1) i WHERE kind = 'merchant' AND {where}", "0"),
        params,
        fresh=ids is None,
    )


def _commission(source: str, column: str) -> str:
    return f"""
        SELECT owner_id, day, array_agg(ARRAY[code, many, fen] ORDER BY code) AS commission FROM (
            SELECT {column}::bigint AS owner_id, day, f.commission[i][1] AS code,
                sum(f.commission[i][2])::bigint AS many, sum(f.commission[i][3])::bigint AS fen
            FROM {source} GROUP BY 1, 2, 3
        ) AS coded GROUP BY 1, 2
    """


def _put_sums(summed: str, commission: str, params: Mapping[str, Any], *, fresh: bool) -> None:
    names = ", ".join((*NAMES, "commission"))
    excluded = ", ".join(f"excluded.{one}" for one in (*NAMES, "commission"))
    stored = ", ".join(f"f.{one}" for one in (*NAMES, "commission"))
    changed = f"""
        ON CONFLICT (kind, owner_id, day) DO UPDATE SET ({names}) = ROW({excluded})
        WHERE ({stored}) IS DISTINCT FROM ({excluded})
    """
    rows.run(
        f"""
        INSERT INTO figures_sum AS f (kind, owner_id, day, {names})
        SELECT s.kind, s.owner_id, s.day, {", ".join(f"s.{one}" for one in NAMES)}, c.commission
        FROM ({summed}) s LEFT JOIN ({commission}) c ON c.owner_id = s.owner_id AND c.day = s.day
        ORDER BY s.owner_id, s.day {"" if fresh else changed}
        """,
        params,
    )
