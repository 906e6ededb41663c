"""Clicks: many in one statement over a raw connection, because the short link's door goes without Django's."""

from collections.abc import Sequence

from tuike.attribution.types import ClickFacts
from tuike.db import rows
from tuike.db.wire import Wire

PREPARED = "tuike_clicks"
STATEMENT = b"""
    INSERT INTO attribution_click (id, link_id, merchant_id, promoter_id, at, visitor, ip_hash, agent)
    SELECT * FROM unnest($1::bigint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::text[],
                         $7::bytea[], $8::text[])
    ON CONFLICT (id) DO NOTHING
"""


def record_clicks(*, wire: Wire, clicks: Sequence[ClickFacts]) -> None:
    """Write clicks with one statement: when this returns they are on disk. Safe to repeat: a click's id is its own.

    Everything but the agent is made by us and needs no quoting inside the array.
    """
    wire.run(
        PREPARED,
        STATEMENT,
        [
            _numbers([c.click_id for c in clicks]),
            _numbers([c.link_id for c in clicks]),
            _numbers([c.merchant_id for c in clicks]),
            _numbers([c.promoter_id for c in clicks]),
            b"{" + ",".join([f'"{c.at.isoformat()}"' for c in clicks]).encode() + b"}",
            b"{" + ",".join([c.visitor for c in clicks]).encode() + b"}",
            b"{" + ",".join([f'"\\\\x{c.ip_hash.hex()}"' for c in clicks]).encode() + b"}",
            b"{" + ",".join([_quoted(c.agent) for c in clicks]).encode() + b"}",
        ],
    )


def add_clicks(*, clicks: Sequence[ClickFacts]) -> None:
    """Write clicks in the caller's transaction: those that are told afterwards, not the ones that somebody waits on."""
    types = {
        "id": "bigint",
        "link_id": "bigint",
        "merchant_id": "bigint",
        "promoter_id": "bigint",
        "at": "timestamptz",
        "visitor": "text",
        "ip_hash": "bytea",
        "agent": "text",
    }
    told = [(c.click_id, c.link_id, c.merchant_id, c.promoter_id, c.at, c.visitor, c.ip_hash, c.agent) for c in clicks]
    rows.insert("attribution_click", types, told)


def _numbers(values: list[int]) -> bytes:
    return b"{" + ",".join(map(str, values)).encode() + b"}"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
