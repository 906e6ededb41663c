"""Reading places, links, evidence and claims. What a person sees starts from who asks."""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from django.conf import settings as configured

from tuike.attribution.tickets import read_ticket
from tuike.attribution.types import (
    WON,
    BadTicket,
    BindingFacts,
    BindingShown,
    BlockShown,
    Claim,
    ClaimAsk,
    Evidence,
    Kind,
    LinkDress,
    LinkFacts,
    LinkNotFound,
    PlaceFacts,
    Reason,
    TicketFault,
    TouchFacts,
    WhyNot,
)
from tuike.db import rows
from tuike.db.wire import Wire
from tuike.kit import crypto
from tuike.settings import service as settings

LOOK_BACK = timedelta(days=180)
"""How far evidence reaches back: enough to name a passed window or an expired ticket."""
MOST_TOUCHES = 500

_LINK = (
    "id, code, ticket, place_id, promoter_id, merchant_id, product_id, leader_id, activity_no,"
    " customize_info, issued_at, expires_at"
)
_TOUCH = (
    "t.id, t.touched_at, l.id, l.place_id, l.promoter_id, l.merchant_id, l.product_id, l.expires_at,"
    " l.activity_no, l.customize_info"
)
_BLOCKED = (
    "EXISTS (SELECT FROM attribution_block k"
    " WHERE k.promoter_id = {of}.promoter_id AND k.merchant_id = {of}.merchant_id"
    " AND k.blocked_at <= %(at)s AND (k.lifted_at IS NULL OR k.lifted_at > %(at)s))"
)
BOUND = "SELECT account, bound_at FROM attribution_open_account WHERE promoter_id = %s ORDER BY id DESC"
"""A promoter's open-platform accounts, the last one first."""
_EVIDENCE = f"""
    (SELECT l.merchant_id, l.promoter_id, NULL::timestamptz, NULL::timestamptz, '', {_BLOCKED.format(of="l")},
        {_TOUCH}
     FROM attribution_touch t JOIN attribution_link l ON l.id = t.link_id
     WHERE (t.buyer_id = %(buyer)s OR (t.buyer_id IS NULL AND t.visitor = nullif(%(visitor)s, '')))
       AND t.touched_at >= %(since)s AND l.merchant_id = ANY(%(merchants)s)
     ORDER BY (l.product_id IS NULL OR l.product_id = ANY(%(products)s)) DESC, t.touched_at DESC, t.id DESC
     LIMIT %(most)s)
    UNION ALL
    SELECT b.merchant_id, b.promoter_id, b.bound_at, least(b.until, b.released_at - interval '1 microsecond'),
        b.released_by, {_BLOCKED.format(of="b")}, {_TOUCH}
    FROM attribution_binding b JOIN attribution_touch t ON t.id = b.touch_id JOIN attribution_link l ON l.id = t.link_id
    WHERE b.buyer_id = %(buyer)s AND b.merchant_id = ANY(%(merchants)s)
"""

_CLAIM_PLAIN = (
    "order_no",
    "merchant_id",
    "made_at",
    "promoter_id",
    "place_id",
    "link_id",
    "touch_id",
    "leader_id",
    "activity_no",
    "service_bps",
    "enrolment_id",
    "self_purchase",
    "customize_info",
)
_CLAIM = "id, kind, reason, facts::text, " + ", ".join(_CLAIM_PLAIN)


def places_of(*, promoter_id: int) -> list[PlaceFacts]:
    """Return the promoter's places that are not deleted, the newest first."""
    found = rows.query(
        "SELECT id, promoter_id, pid, name, created_at, deleted_at FROM attribution_place"
        " WHERE promoter_id = %s AND deleted_at IS NULL ORDER BY id DESC",
        [promoter_id],
    )
    return [PlaceFacts(*row) for row in found]


def links_of(*, promoter_id: int, before_id: int | None = None, limit: int = 50) -> list[LinkFacts]:
    """Return a page of the promoter's links, the newest first; `before_id` is the last link of the page before."""
    found = rows.query(
        f"SELECT {_LINK} FROM attribution_link WHERE promoter_id = %s AND id < %s ORDER BY id DESC LIMIT %s",
        [promoter_id, before_id or 2**62, limit],
    )
    return [LinkFacts(*row) for row in found]


def links_by_code(codes: Iterable[str]) -> dict[str, LinkFacts]:
    """Return links by code; unknown codes are missing."""
    found = rows.query(f"SELECT {_LINK} FROM attribution_link WHERE code = ANY(%s)", [list(codes)])
    return {row[1]: LinkFacts(*row) for row in found}


def links_by_tag(tags: Iterable[str]) -> dict[str, LinkFacts]:
    """Return links by the tag (`#小程序://…`) that WeChat made for them; unknown tags are missing."""
    wanted = sorted({tag for tag in tags if tag})
    found = rows.query(f"SELECT tag, {_LINK} FROM attribution_link WHERE tag = ANY(%s) AND tag <> ''", [wanted])
    return {tag: LinkFacts(*row) for tag, *row in found}


def link_of(ticket_or_code: str, *, now: datetime) -> LinkFacts:
    """Return the link that a ticket or a short code belongs to, expired or not.

    Raises:
        BadTicket: something with a signature that isn't ours.
        LinkNotFound: nothing has this code.
    """
    code = text = ticket_or_code.strip()
    if "." in text or len(text) > 16:
        reading = read_ticket(text, now=now)
        if reading.facts is None:
            raise BadTicket(fault=reading.fault or TicketFault.MALFORMED)
        code = reading.facts.code
    found = links_by_code([code]) if code.isalnum() and code.isascii() else {}
    if code not in found:
        raise LinkNotFound
    return found[code]


def dress_of(*, link_id: int) -> LinkDress:
    """Return what a link is handed out with."""
    return LinkDress(*rows.query("SELECT id, wording, url_link, tag FROM attribution_link WHERE id = %s", [link_id])[0])


def dresses_of(link_ids: Iterable[int]) -> dict[int, LinkDress]:
    """Return what links are handed out with, by id."""
    ids = sorted(set(link_ids))
    found = rows.query("SELECT id, wording, url_link, tag FROM attribution_link WHERE id = ANY(%s)", [ids])
    return {row[0]: LinkDress(*row) for row in found}


def wordings_of(*, promoter_id: int, product_ids: Iterable[int], shop_ids: Iterable[int]) -> dict[tuple, str]:
    """Return a promoter's own wordings by (merchant, product) and (merchant, None): of products, and of whole shops."""
    found = rows.query(
        "SELECT merchant_id, product_id, text FROM attribution_wording WHERE promoter_id = %s"
        " AND (product_id = ANY(%s) OR (product_id IS NULL AND merchant_id = ANY(%s)))",
        [promoter_id, sorted(set(product_ids)), sorted(set(shop_ids))],
    )
    return {(merchant_id, product_id): text for merchant_id, product_id, text in found}


def link_marks(*, wire: Wire, codes: Iterable[str]) -> dict[str, tuple[int, int, int, str]]:
    """Return (link id, merchant id, promoter id, ticket) by code over a raw connection: the short link's lookup.

    `codes` must be letters and digits.
    """
    found = wire.run(
        "tuike_links",
        b"SELECT code, id, merchant_id, promoter_id, ticket FROM attribution_link WHERE code = ANY($1::text[])",
        [b"{" + ",".join(codes).encode() + b"}"],
    )
    texts = [[(value or b"").decode() for value in row] for row in found]
    return {code: (int(i), int(merchant), int(promoter), ticket) for code, i, merchant, promoter, ticket in texts}


def merchants_touched(*, visitor: str) -> set[int]:
    """Return the merchants whose material a visitor has seen and that `merge_visitor` would move."""
    found = rows.query(
        "SELECT DISTINCT l.merchant_id FROM attribution_touch t JOIN attribution_link l ON l.id = t.link_id"
        " WHERE t.visitor = %s AND t.buyer_id IS NULL",
        [visitor],
    )
    return {merchant_id for (merchant_id,) in found}


def touched_links(*, since: datetime, limit: int = 10_000) -> list[tuple[int, int, int, datetime]]:
    """Return the touches since an instant, the first one first: link, merchant, promoter, when."""
    return rows.query(
        "SELECT l.id, l.merchant_id, l.promoter_id, t.touched_at FROM attribution_touch t"
        " JOIN attribution_link l ON l.id = t.link_id WHERE t.touched_at >= %s ORDER BY t.id LIMIT %s",
        [since, limit],
    )


def evidence(*, buyer_id: int, visitor: str, asks: Iterable[ClaimAsk], placed_at: datetime) -> Evidence:
    """Return the touches and bindings of a buyer (and of the visitor they still are) at the shops that are asked for,
    and which of these promoters a shop had blocked by then: all that `claim` asks of this module, in one query.

    Touches of the last 180 days, at most 500: those that cover an asked product first, then the latest.
    """
    asks = list(asks)
    found = rows.planned(
        _EVIDENCE,
        {
            "buyer": buyer_id,
            "visitor": visitor,
            "since": placed_at - LOOK_BACK,
            "at": placed_at,
            "merchants": list({ask.merchant_id for ask in asks}),
            "products": list({ask.product_id for ask in asks}),
            "most": MOST_TOUCHES,
        },
    )
    touches, bindings, pairs = [], {}, set()
    for merchant_id, promoter_id, bound_at, until, released_by, is_blocked, *rest in found:
        touch = TouchFacts(*rest)
        if bound_at is None:
            touches.append(touch)
        else:
            bindings[merchant_id] = BindingFacts(merchant_id, promoter_id, bound_at, until, touch, released_by)
        if is_blocked:
            pairs.add((merchant_id, promoter_id))
    return Evidence(touches=touches, bindings=bindings, blocked=frozenset(pairs))


def bindings(
    *,
    at: datetime,
    promoter_id: int | None = None,
    merchant_id: int | None = None,
    buyer_id: int | None = None,
    before_id: int | None = None,
    limit: int = 50,
) -> list[BindingShown]:
    """Return a page of the bindings of a promoter, a merchant or a buyer, newest first, after the row `before_id`;
    those that were released or have run out, too.

    At least one of the three is said: who asks.
    """
    whose = {"promoter_id": promoter_id, "merchant_id": merchant_id, "buyer_id": buyer_id}
    said = {name: id_ for name, id_ in whose.items() if id_ is not None}
    if not said:
        raise ValueError("say whose bindings")
    where = " AND ".join(f"{name} = %({name})s" for name in said)
    found = rows.query(
        "SELECT id, merchant_id, buyer_id, promoter_id, bound_at, until, released_at, released_by,"
        " released_at IS NULL AND until >= %(at)s AND bound_at <= %(at)s FROM attribution_binding"
        f" WHERE {where} AND (%(before)s::bigint IS NULL OR id < %(before)s) ORDER BY id DESC LIMIT %(limit)s",
        said | {"at": at, "before": before_id, "limit": limit},
    )
    return [BindingShown(*row) for row in found]


def blocked(*, promoter_ids: Iterable[int], at: datetime) -> frozenset[tuple[int, int]]:
    """Return (merchant id, promoter id) of the blocks that held at `at`, for these promoters."""
    found = rows.planned(
        "SELECT merchant_id, promoter_id FROM attribution_block"
        " WHERE promoter_id = ANY(%s) AND blocked_at <= %s AND (lifted_at IS NULL OR lifted_at > %s)",
        [sorted(promoter_ids), at, at],
    )
    return frozenset(found)


def has_dealt(*, merchant_id: int, promoter_id: int) -> bool:
    """Return whether a promoter has ever earned, or been blocked, at a shop: only then does the shop know of it."""
    found = rows.query(
        "SELECT EXISTS (SELECT FROM attribution_claim WHERE promoter_id = %(promoter)s AND merchant_id = %(merchant)s)"
        " OR EXISTS (SELECT FROM attribution_block WHERE promoter_id = %(promoter)s AND merchant_id = %(merchant)s)",
        {"promoter": promoter_id, "merchant": merchant_id},
    )
    return bool(found[0][0])


def blocks_of(*, merchant_id: int) -> list[BlockShown]:
    """Return a merchant's blocks, lifted ones too, the latest first; at most 500."""
    found = rows.query(
        "SELECT promoter_id, reason, blocked_at, blocked_by, lifted_at FROM attribution_block"
        " WHERE merchant_id = %s ORDER BY id DESC LIMIT 500",
        [merchant_id],
    )
    return [BlockShown(*row) for row in found]


def touch_marks(touch_ids: Iterable[int]) -> dict[int, tuple[datetime, str]]:
    """Return when touches were, and by which visitor's mark (empty where a buyer had logged in), by id."""
    found = rows.query("SELECT id, touched_at, visitor FROM attribution_touch WHERE id = ANY(%s)", [[*touch_ids]])
    return {id_: (touched_at, visitor) for id_, touched_at, visitor in found}


def ticketed(
    *,
    buyer_id: int | None,
    visitor: str,
    merchant_ids: Iterable[int],
    now: datetime,
    window_days: int | None = None,
) -> set[tuple[int, int | None]]:
    """Return what a buyer (or the visitor they still are) has come to by a ticket that could earn an order now: pairs
    of merchant and product, no product where the material was for the whole shop; a promoter whom the shop blocked
    brings nothing (docs/rules.md §4). `window_days` is the setting `touch_window_days`, if the caller has read it."""
    days = settings.get("touch_window_days") if window_days is None else window_days
    found = rows.query(
        f"""
        SELECT DISTINCT l.merchant_id, l.product_id FROM attribution_touch t JOIN attribution_link l ON l.id = t.link_id
        WHERE (t.buyer_id = %(buyer)s OR (t.buyer_id IS NULL AND t.visitor = nullif(%(visitor)s, '')))
          AND t.touched_at BETWEEN %(since)s AND %(at)s AND l.expires_at > %(at)s AND l.merchant_id = ANY(%(merchants)s)
          AND NOT {_BLOCKED.format(of="l")}
        """,
        {
            "buyer": buyer_id,
            "visitor": visitor,
            "since": now - timedelta(days=days),
            "at": now,
            "merchants": sorted(set(merchant_ids)),
        },
    )
    return set(found)


def led_lines(order_nos: Iterable[str]) -> dict[tuple[int, str], list[int]]:
    """Return the lines of orders that came by an enrolment in a leader's activity, by (enrolment, order number)."""
    found: dict[tuple[int, str], list[int]] = {}
    for enrolment_id, order_no, line_id in rows.query(
        "SELECT enrolment_id, order_no, id FROM attribution_claim"
        " WHERE order_no = ANY(%s) AND enrolment_id IS NOT NULL ORDER BY id",
        [sorted(set(order_nos))],
    ):
        found.setdefault((enrolment_id, order_no), []).append(line_id)
    return found


def claims_of(line_ids: Iterable[int]) -> dict[int, Claim]:
    """Return the claims of order lines by line id."""
    return {c.line_id: c for c in _claims("id = ANY(%s)", [list(line_ids)])}


def claimants_of(order_nos: Iterable[str]) -> list[tuple[str, int | None, int | None]]:
    """Return who claims something of which order: its number, a promoter, the leader whose activity carried it."""
    return rows.query(
        "SELECT DISTINCT order_no, promoter_id, leader_id FROM attribution_claim"
        " WHERE order_no = ANY(%s) AND promoter_id IS NOT NULL",
        [sorted(set(order_nos))],
    )


def open_account_of(*, promoter_id: int) -> str:
    """Return the account that a promoter's software is bound to, empty where there is none."""
    bound = rows.query(f"{BOUND} LIMIT 1", [promoter_id])
    return bound[0][0] if bound else ""


def user_infos(*, promoter_id: int, unionids: Iterable[str]) -> dict[str, str]:
    """Return what a promoter knows its users by, by unionid; users without one are missing."""
    wanted = {unionid_index(one): one for one in unionids if one}
    if not wanted:
        return {}
    found = rows.query(
        "SELECT unionid_index, text FROM attribution_user_info WHERE promoter_id = %s AND unionid_index = ANY(%s)",
        [promoter_id, list(wanted)],
    )
    return {wanted[bytes(index)]: text for index, text in found}


def unionid_index(unionid: str) -> bytes:
    """Return what a unionid is found by."""
    return crypto.blind_index(unionid, purpose="unionid", keys=configured.FIELD_KEYS)


def why_not(*, asker: Literal["promoter", "merchant", "operator"], party_id: int | None, order_no: str) -> list[WhyNot]:
    """Return why an order's lines went to whom they went, as far as the asker may know.

    A promoter sees the lines that it touched and its own touches' verdicts, never who won instead; a merchant the lines
    of its own shop; the operator everything. Nothing to see looks like an order that doesn't exist.
    """
    shown = []
    for found in _claims("order_no = %s", [order_no]):
        touches: list[Mapping[str, Any]] = list(found.facts.get("touches", []))
        if asker == "merchant" and found.merchant_id != party_id:
            continue
        outcome = str(found.reason) if found.reason else str(found.kind)
        if asker == "promoter":
            touches = [t for t in touches if t["promoter"] == party_id]
            if not touches and found.promoter_id != party_id:
                continue
            mine = found.promoter_id == party_id
            outcome = WON if mine else str(found.reason or "earned_by_another")
        shown.append(WhyNot(line_id=found.line_id, outcome=outcome, verdicts=touches))
    return shown


def _claims(condition: str, params: list[Any]) -> list[Claim]:
    statement = f"SELECT {_CLAIM} FROM attribution_claim WHERE {condition} ORDER BY id"
    return [
        Claim(
            line_id=line_id,
            kind=Kind(kind),
            reason=Reason(reason) if reason else None,
            facts=json.loads(facts),
            **dict(zip(_CLAIM_PLAIN, plain, strict=True)),
        )
        for line_id, kind, reason, facts, *plain in rows.query(statement, params)
    ]
