"""Purchases as orders say they stand, the growth that they give, and the ladder of levels."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import Actor
from tuike.db import rows
from tuike.members import rules
from tuike.members.queries import levels as queries
from tuike.members.types.facts import LevelTerms, PurchaseFacts, Risen

# What stood before is read by the statement that replaces it, so that growth changes by the difference, once.
_NOTE = """
    WITH before AS (SELECT growth FROM members_purchase WHERE order_no = %(order)s), noted AS (
        INSERT INTO members_purchase
            (order_no, merchant_id, person_id, paid_fen, refunded_fen, paid_at, completed, growth)
        VALUES (%(order)s, %(merchant)s, %(person)s, %(paid)s, %(refunded)s, %(at)s, %(completed)s, %(growth)s)
        ON CONFLICT (order_no) DO UPDATE SET refunded_fen = EXCLUDED.refunded_fen, completed = EXCLUDED.completed,
            growth = EXCLUDED.growth
        RETURNING growth
    )
    SELECT (SELECT growth FROM noted) - coalesce((SELECT growth FROM before), 0)
"""


@transaction.atomic
def note_purchases(*, purchases: Sequence[PurchaseFacts]) -> list[Risen]:
    """Keep paid orders as they stand now, and let their members grow or shrink by the difference; return who reached a
    higher level (docs/rules.md §10).

    Told the same again nothing changes. Purchases of one order come one after the other: by one reader of events.
    """
    ladder = queries.ladder()
    risen: dict[int, LevelTerms] = {}
    for one in sorted(purchases, key=lambda purchase: (purchase.person_id, purchase.order_no)):
        growth = rules.growth_of(paid_fen=one.paid_fen, refunded_fen=one.refunded_fen, completed=one.completed)
        change = rows.query(
            _NOTE,
            {
                "order": one.order_no,
                "merchant": one.merchant_id,
                "person": one.person_id,
                "paid": one.paid_fen,
                "refunded": one.refunded_fen,
                "at": one.paid_at,
                "completed": one.completed,
                "growth": growth,
            },
        )[0][0]
        if not change:
            continue
        rows.run(
            "INSERT INTO members_member (person_id, growth) VALUES (%s, 0) ON CONFLICT DO NOTHING", [one.person_id]
        )
        after = rows.query(
            "UPDATE members_member SET growth = growth + %s WHERE person_id = %s RETURNING growth",
            [change, one.person_id],
        )[0][0]
        level = rules.standing(after, ladder).level
        if level.growth_needed > rules.standing(after - change, ladder).level.growth_needed:
            risen[one.person_id] = level
    return [Risen(person_id, level) for person_id, level in sorted(risen.items())]


@transaction.atomic
def set_ladder(*, levels: Sequence[LevelTerms], actor: Actor, now: datetime) -> None:
    """Put another ladder in force at once: each member stands where their growth reaches (docs/rules.md §10).

    Raises:
        Invalid: a ladder that makes no sense.
    """
    wanted = sorted(levels, key=lambda one: one.growth_needed)
    rules.check_ladder(wanted)
    rows.run("LOCK TABLE members_level IN SHARE ROW EXCLUSIVE MODE")
    rows.run("DELETE FROM members_level")
    types = {
        "name_zh": "text",
        "name_en": "text",
        "growth_needed": "bigint",
        "multiplier_bps": "int",
        "benefits_zh": "text",
        "benefits_en": "text",
    }
    rows.insert(
        "members_level",
        types,
        [
            (
                *(one.name_zh.strip(), one.name_en.strip(), one.growth_needed, one.multiplier_bps),
                *(one.benefits_zh.strip(), one.benefits_en.strip()),
            )
            for one in wanted
        ],
    )
    facts = {"levels": [[one.name_zh, one.growth_needed, one.multiplier_bps] for one in wanted]}
    audit.record(actor=actor, action="members.set_ladder", object_="levels", facts=facts, now=now)
