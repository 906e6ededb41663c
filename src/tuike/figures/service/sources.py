"""What days are counted from: sales with their claims and accruals, clicks, shares; as statements."""

from tuike.attribution.types import Kind
from tuike.commission.types import AccrualState, Funder, Review, Role
from tuike.figures.types import PAYEES, ROLES, STATUSES, Status

KEYS = ("day", "merchant_id", "promoter_id", "place_id", "product_id", "leader_id", "campaign_id")
"""What a row of figures_day is of."""
SALES = (
    "orders",
    "promoted_orders",
    "led_orders",
    "all_orders",
    "received_orders",
    "promoted_received",
    "led_received",
    "settled_orders",
    "promoted_settled",
    "led_settled",
    "paid_fen",
    "refunded_fen",
    "estimated_fen",
    "settled_fen",
    "shop_estimated_fen",
    "shop_settled_fen",
    "led_estimated_fen",
    "led_settled_fen",
)
CLICKS = ("clicks", "visitors", "shares")
OWN_ROLES = tuple(role.value for role in (Role.DIRECT, Role.SELF, Role.BONUS))
DAY = "(s.paid_at AT TIME ZONE 'Asia/Shanghai')::date"

PARAMS = {
    "own": list(OWN_ROLES),
    "none": Kind.NONE.value,
    "cancelled": AccrualState.CANCELLED.value,
    "settled": AccrualState.SETTLED.value,
    "payees": list(PAYEES),
    "roles": list(ROLES),
    "statuses": list(STATUSES),
    "platform": Funder.PLATFORM.value,
    "held": Review.HELD.value,
    "held_status": Status.HELD.value,
    "open": [AccrualState.WAITING.value, AccrualState.PENDING.value],
}
_CODE = (
    "CASE WHEN a.funder = %(platform)s THEN 1000 ELSE 0 END"
    " + array_position(%(payees)s::text[], a.payee_kind::text) * 100"
    " + array_position(%(roles)s::text[], a.role::text) * 10"
    " + array_position(%(statuses)s::text[], CASE WHEN a.review = %(held)s AND a.state = ANY(%(open)s)"
    " THEN %(held_status)s ELSE a.state END::text)"
)
_FLAGS = """
    (promoter_id > 0 AND of_promoter = 1)::int AS orders, (promoter_id > 0 AND of_claimed = 1)::int AS promoted_orders,
    (leader_id > 0 AND of_leader = 1)::int AS led_orders, (of_order = 1)::int AS all_orders,
    (promoter_id > 0 AND of_promoter = 1 AND received)::int AS received_orders,
    (promoter_id > 0 AND of_claimed = 1 AND received)::int AS promoted_received,
    (leader_id > 0 AND of_leader = 1 AND received)::int AS led_received,
    (promoter_id > 0 AND of_promoter = 1 AND promoter_matured)::int AS settled_orders,
    (promoter_id > 0 AND of_claimed = 1 AND claimed_matured)::int AS promoted_settled,
    (leader_id > 0 AND of_leader = 1 AND leader_matured)::int AS led_settled
"""


def sold(window: str) -> str:
    """Return the statement that counts the days of all sales within `window`, a condition on `s`."""
    keys = ", ".join(KEYS)
    sums = ", ".join(f"sum({one})::bigint AS {one}" for one in SALES)
    return f"""
        WITH sold AS MATERIALIZED (
            SELECT s.id, s.kind, {DAY} AS day, s.merchant_id, s.order_no, coalesce(s.product_id, 0) AS product_id,
                s.paid_fen, s.refunded_fen, s.received_at IS NOT NULL AS received,
                s.matured_batch_id IS NOT NULL AS matured, coalesce(c.promoter_id, 0) AS promoter_id,
                CASE WHEN c.promoter_id > 0 THEN coalesce(c.place_id, 0) ELSE 0 END AS place_id,
                CASE WHEN c.promoter_id > 0 THEN coalesce(c.leader_id, 0) ELSE 0 END AS leader_id,
                coalesce((s.terms->>'campaign_id')::bigint, 0) AS campaign_id
            FROM commission_sale s LEFT JOIN attribution_claim c ON c.id = s.id AND c.kind <> %(none)s
            WHERE s.kind <> 'freight' AND {window}
        ), numbered AS (
            SELECT *, row_number() OVER of_promoter AS of_promoter, row_number() OVER of_claimed AS of_claimed,
                row_number() OVER of_leader AS of_leader, row_number() OVER of_order AS of_order,
                bool_and(matured) OVER (PARTITION BY order_no, promoter_id) AS promoter_matured,
                bool_and(matured) OVER (PARTITION BY order_no, promoter_id > 0) AS claimed_matured,
                bool_and(matured) OVER (PARTITION BY order_no, leader_id) AS leader_matured
            FROM sold WHERE kind = 'goods'
            WINDOW of_promoter AS (PARTITION BY order_no, promoter_id ORDER BY id),
                of_claimed AS (PARTITION BY order_no, promoter_id > 0 ORDER BY id),
                of_leader AS (PARTITION BY order_no, leader_id ORDER BY id),
                of_order AS (PARTITION BY order_no ORDER BY id)
        ), parts AS (
            SELECT {keys}, NULL::int AS code, 0::bigint AS amount_fen, {_FLAGS}, paid_fen, refunded_fen,
                0::bigint AS estimated_fen, 0::bigint AS settled_fen, 0::bigint AS shop_estimated_fen,
                0::bigint AS shop_settled_fen, 0::bigint AS led_estimated_fen, 0::bigint AS led_settled_fen
            FROM numbered
            UNION ALL
            SELECT s.day, s.merchant_id, CASE a.payee_kind WHEN 'promoter' THEN a.payee_id ELSE 0 END,
                CASE WHEN a.payee_kind = 'promoter' AND a.role = ANY(%(own)s) THEN s.place_id ELSE 0 END, s.product_id,
                CASE a.payee_kind WHEN 'leader' THEN a.payee_id ELSE s.leader_id END, s.campaign_id, {_CODE},
                a.amount_fen, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                CASE WHEN a.state <> %(cancelled)s THEN a.amount_fen ELSE 0 END,
                CASE WHEN a.state = %(settled)s THEN a.amount_fen ELSE 0 END,
                CASE WHEN a.funder <> %(platform)s AND a.state <> %(cancelled)s THEN a.amount_fen ELSE 0 END,
                CASE WHEN a.funder <> %(platform)s AND a.state = %(settled)s THEN a.amount_fen ELSE 0 END,
                CASE WHEN a.payee_kind = 'leader' AND a.state <> %(cancelled)s THEN a.amount_fen ELSE 0 END,
                CASE WHEN a.payee_kind = 'leader' AND a.state = %(settled)s THEN a.amount_fen ELSE 0 END
            FROM sold s JOIN commission_accrual a ON a.sale_id = s.id
        ), coded AS (
            SELECT {keys}, code, count(*) AS many, sum(amount_fen)::bigint AS amount_fen, {sums}
            FROM parts GROUP BY {keys}, code
        )
        SELECT {keys}, {sums}, array_agg(ARRAY[code, many, amount_fen] ORDER BY code) FILTER (WHERE code IS NOT NULL)
            AS commission
        FROM coded GROUP BY {keys}
    """


_KEYS_OF = {
    "click": "(k.at AT TIME ZONE 'Asia/Shanghai')::date AS day, k.merchant_id, k.promoter_id, l.place_id,"
    " coalesce(l.product_id, 0) AS product_id, coalesce(l.leader_id, 0) AS leader_id, 0 AS campaign_id",
    "share": "(k.at AT TIME ZONE 'Asia/Shanghai')::date AS day, k.merchant_id, k.promoter_id, k.place_id,"
    " coalesce(k.product_id, 0) AS product_id, coalesce(l.leader_id, 0) AS leader_id, 0 AS campaign_id",
}
_COUNTED = {
    "click": "count(*) AS clicks, count(DISTINCT k.visitor) AS visitors, 0 AS shares",
    "share": "0 AS clicks, 0 AS visitors, count(*) AS shares",
}


_FRESH = " UNION ".join(
    f"""SELECT l.promoter_id, l.place_id, l.merchant_id, l.product_id, l.leader_id
        FROM attribution_{kind} k JOIN attribution_link l ON l.id = k.link_id
        WHERE k.at >= %(since)s AND k.at < %(end)s"""
    for kind in _KEYS_OF
)


def visited(*, only_fresh: bool) -> str:
    """Return the statement that counts clicks, visitors and shares from `begin` until `end`.

    `only_fresh`: of that one day only rows to which something came from `since` on.
    """
    parts = " UNION ALL ".join(_visited(kind, only_fresh) for kind in _KEYS_OF)
    keys = ", ".join(KEYS)
    sums = ", ".join(f"sum({one})::bigint AS {one}" for one in CLICKS)
    fresh = f"WITH fresh AS MATERIALIZED ({_FRESH})" if only_fresh else ""
    return f"{fresh} SELECT {keys}, {sums} FROM ({parts}) AS counted GROUP BY {keys}"


def _visited(kind: str, only_fresh: bool) -> str:
    source, keys = f"attribution_{kind}", f"SELECT {_KEYS_OF[kind]}, {_COUNTED[kind]}"
    if not only_fresh:
        return f"""
            {keys} FROM {source} k JOIN attribution_link l ON l.id = k.link_id
            WHERE k.at >= %(begin)s AND k.at < %(end)s GROUP BY 1, 2, 3, 4, 5, 6, 7
        """
    # Where material was made anew, several links lead to one row; the place's index finds them.
    return f"""
        {keys} FROM fresh JOIN attribution_link l ON l.place_id = fresh.place_id AND l.merchant_id = fresh.merchant_id
            AND l.product_id IS NOT DISTINCT FROM fresh.product_id AND l.leader_id IS NOT DISTINCT FROM fresh.leader_id
        JOIN {source} k ON k.link_id = l.id AND k.promoter_id = l.promoter_id
        WHERE k.at >= %(begin)s AND k.at < %(end)s GROUP BY 1, 2, 3, 4, 5, 6, 7
    """
