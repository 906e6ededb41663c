"""Material: links of a place for products and shops."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tuike.attribution import queries, rules
from tuike.attribution.tickets import issue_ticket
from tuike.attribution.types import (
    BadCustomizeInfo,
    BlockedByShop,
    LinkDress,
    LinkFacts,
    NothingToPromote,
    PlaceNotFound,
    Scope,
    Target,
    TicketFacts,
)
from tuike.db import rows
from tuike.idempotency import service as idempotency
from tuike.kit import days, ids
from tuike.settings import service as settings

CODE_LENGTH = 12
MOST_AT_ONCE = 200

_LINK = {
    "code": "text",
    "place_id": "bigint",
    "promoter_id": "bigint",
    "merchant_id": "bigint",
    "product_id": "bigint",
    "leader_id": "bigint",
    "activity_no": "text",
    "ticket": "text",
    "customize_info": "text",
    "wording": "text",
    "url_link": "text",
    "tag": "text",
    "issued_at": "timestamptz",
    "expires_at": "timestamptz",
}

_DRESS = """
    UPDATE attribution_link l SET wording = coalesce(nullif(d.wording, ''), l.wording),
        url_link = coalesce(nullif(d.url_link, ''), l.url_link), tag = coalesce(nullif(d.tag, ''), l.tag)
    FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS d (id, wording, url_link, tag) WHERE l.id = d.id
"""


@transaction.atomic
def make_links(
    *,
    promoter_id: int,
    pid: str,
    targets: Sequence[Target],
    key: str,
    now: datetime,
    customize_info: str = "",
    expires_at: datetime | None = None,
) -> list[LinkFacts]:
    """Make one link per target and return them in order; the same `key` again returns the same links.

    Good until `expires_at`, by default the end of the last of `material_days` natural days (docs/rules.md §4). Whether
    the targets may be promoted is asked before, by the flow.

    Raises:
        PlaceNotFound: no such place of this promoter, or it was deleted.
        NothingToPromote: no target, or more than 200.
        BadCustomizeInfo: longer than 80 characters, or invisible ones.
        BlockedByShop: a target's shop has blocked the promoter.
        KeyUsedForOther: the key was used for other material.
    """
    if not 1 <= len(targets) <= MOST_AT_ONCE:
        raise NothingToPromote(most=MOST_AT_ONCE)
    customize_info = customize_info.strip()
    infos = [customize_info if one.customize_info is None else one.customize_info.strip() for one in targets]
    if not all(map(rules.is_customize_info, infos)):
        raise BadCustomizeInfo

    def work() -> dict:
        until = expires_at or days.end_of_natural_days(now, settings.get("material_days"))
        found = rows.query(
            "SELECT id FROM attribution_place WHERE pid = %s AND promoter_id = %s AND deleted_at IS NULL FOR SHARE",
            [pid, promoter_id],
        )
        if not found:
            raise PlaceNotFound
        blocked = queries.blocked(promoter_ids=[promoter_id], at=now)
        if any((target.merchant_id, promoter_id) in blocked for target in targets):
            raise BlockedByShop
        made = [
            _row(target, place_id=found[0][0], pid=pid, promoter_id=promoter_id, info=info, now=now, end=until)
            for target, info in zip(targets, infos, strict=True)
        ]
        rows.insert("attribution_link", _LINK, made)
        return {"codes": [row[0] for row in made]}

    content: dict[str, object] = {
        "pid": pid,
        "info": customize_info,
        "targets": [[t.merchant_id, t.product_id, t.leader.activity_no if t.leader else ""] for t in targets],
    }
    if set(infos) != {customize_info}:
        content["infos"] = infos
    answer = idempotency.once(scope=f"promoter:{promoter_id}:make_links", key=key, content=content, now=now, work=work)
    found = queries.links_by_code(answer["codes"])
    return [found[code] for code in answer["codes"]]


@transaction.atomic
def dress_links(*, dresses: Sequence[LinkDress]) -> None:
    """Keep what links are handed out with: wording, and the addresses that WeChat made. Empty parts change nothing."""
    for start in range(0, len(dresses), rows.CHUNK):
        part = dresses[start : start + rows.CHUNK]
        values = [
            [d.link_id for d in part],
            [d.wording for d in part],
            [d.url_link for d in part],
            [d.tag for d in part],
        ]
        rows.run(_DRESS, values)


def _row(
    target: Target, *, place_id: int, pid: str, promoter_id: int, info: str, now: datetime, end: datetime
) -> tuple:
    code = ids.random_code(CODE_LENGTH)
    leader = target.leader
    ticket = issue_ticket(
        TicketFacts(
            code=code,
            pid=pid,
            scope=Scope.MERCHANT if target.product_id is None else Scope.PRODUCT,
            target=target.product_id or target.merchant_id,
            activity_no=leader.activity_no if leader else "",
            issued_at=now,
            expires_at=end,
        )
    )
    led = (leader.leader_id, leader.activity_no) if leader else (None, "")
    whose = (code, place_id, promoter_id, target.merchant_id, target.product_id)
    return (*whose, *led, ticket, info, "", "", "", now, end)
