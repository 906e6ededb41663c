"""Where a shop stands: what it has done to be promoted, its prepaid balance and what waits for it, what is due when."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from tuike.db import rows
from tuike.ledger import chart
from tuike.ledger import service as ledger

PACE = timedelta(days=7)
"""The span over which spending is looked at to say how long a balance lasts."""
TOP_UPS = 20


class Step(StrEnum):
    """What a shop does to be promoted, in order."""

    CERTIFIED = "certified"
    ACCOUNT = "account"
    PRODUCTS = "products"
    PREPAID = "prepaid"
    OPENED = "opened"


@dataclass(frozen=True, slots=True)
class TopUp:
    """Money paid in for commission. `state` is the payment's."""

    no: str
    amount_fen: int
    state: str
    created_at: datetime
    paid_at: datetime | None


@dataclass(frozen=True, slots=True)
class Prepaid:
    """An external shop's prepaid balance: what is there, how many sales wait for money and what they need, what the
    last seven days took, and how many days the balance lasts at that pace (None: nothing was taken)."""

    balance_fen: int
    owed_fen: int
    waiting_sales: int
    waiting_fen: int
    spent_fen: int
    days_left: int | None
    top_ups: tuple[TopUp, ...]


@dataclass(frozen=True, slots=True)
class Due:
    """Commission that settles on a day (None: not received yet, so no day is known), by how many lines."""

    day: date | None
    lines: int
    commission_fen: int
    released_fen: int


def steps(*, merchant_id: int, now: datetime) -> list[tuple[Step, bool]]:
    """Return what the shop has to do to be promoted, and whether it has."""
    found = rows.query(
        """
        SELECT p.certified_at IS NOT NULL, m.source,
            EXISTS (SELECT 1 FROM parties_bank_account a WHERE a.party_id = p.id AND a.replaced_at IS NULL),
            EXISTS (SELECT 1 FROM catalog_product q WHERE q.merchant_id = p.id AND q.state = 'on_sale'),
            m.opened_from IS NOT NULL AND (m.closed_from IS NULL OR m.closed_from > %s)
        FROM parties_party p JOIN parties_merchant m ON m.party_id = p.id WHERE p.id = %s
        """,
        [now, merchant_id],
    )
    certified, source, account, products, opened = found[0]
    external = source == "mini_program"
    money = (Step.PREPAID, _balance(merchant_id, "prepaid") > 0) if external else (Step.ACCOUNT, account)
    return [(Step.CERTIFIED, certified), money, (Step.PRODUCTS, products), (Step.OPENED, opened)]


def prepaid(*, merchant_id: int, now: datetime) -> Prepaid:
    """Return an external shop's prepaid balance and what concerns it (docs/rules.md §5)."""
    waiting = rows.query(
        "SELECT count(DISTINCT s.id), coalesce(sum(a.amount_fen), 0)::bigint FROM commission_sale s"
        " JOIN commission_accrual a ON a.sale_id = s.id WHERE s.merchant_id = %s AND s.waiting",
        [merchant_id],
    )
    spent = rows.query(
        "SELECT coalesce(-sum(e.amount_fen), 0)::bigint FROM ledger_account c"
        " JOIN ledger_entry e ON e.account_id = c.id JOIN ledger_transfer t ON t.id = e.transfer_id"
        " WHERE c.path = %s AND e.amount_fen < 0 AND t.happened_at > %s",
        [chart.merchant(merchant_id, "prepaid").path, now - PACE],
    )[0][0]
    balance = _balance(merchant_id, "prepaid")
    return Prepaid(
        balance_fen=balance,
        owed_fen=-_balance(merchant_id, "owed"),
        waiting_sales=waiting[0][0],
        waiting_fen=waiting[0][1],
        spent_fen=spent,
        days_left=None if not spent else balance * PACE.days // spent,
        top_ups=tuple(TopUp(*row) for row in _top_ups(merchant_id)),
    )


def dues(*, merchant_id: int, days: int = 60) -> list[Due]:
    """Return what is still to be settled of a merchant's sales, by the day on which it is due: commission that goes to
    promoters and leaders, and what is released to the merchant; what isn't received yet comes last, without a day.

    Lines that wait for prepaid money or have an open after-sale are in it: they settle on their day or when that ends
    (docs/rules.md §6). What lies beyond `days` days is added to the last one.
    """
    found = rows.query(
        """
        SELECT (s.due_at AT TIME ZONE 'Asia/Shanghai')::date AS day, count(*), coalesce(sum(a.fen), 0)::bigint,
            coalesce(sum(s.paid_fen - s.refunded_fen - coalesce(a.own, 0) + s.subsidy_fen
                - CASE WHEN s.paid_fen > 0 THEN s.subsidy_fen * s.refunded_fen / s.paid_fen ELSE 0 END)
                FILTER (WHERE s.source = 'mini_store'), 0)::bigint
        FROM commission_sale s LEFT JOIN LATERAL (
            SELECT sum(amount_fen) AS fen, sum(amount_fen) FILTER (WHERE funder = 'merchant') AS own
            FROM commission_accrual WHERE sale_id = s.id AND state IN ('pending', 'waiting')
        ) a ON true
        WHERE s.merchant_id = %s AND s.matured_batch_id IS NULL AND s.paid_fen > s.refunded_fen
        GROUP BY 1 ORDER BY 1 NULLS LAST
        """,
        [merchant_id],
    )
    made = [Due(*row) for row in found]
    dated = [one for one in made if one.day is not None]
    rest = [one for one in made if one.day is None]
    if len(dated) > days:
        late = dated[days - 1 :]
        summed = Due(
            late[0].day,
            *(sum(getattr(one, name) for one in late) for name in ("lines", "commission_fen", "released_fen")),
        )
        dated = [*dated[: days - 1], summed]
    return [*dated, *rest]


def _balance(merchant_id: int, purpose: str) -> int:
    ref = chart.merchant(merchant_id, purpose)
    return ledger.balances(refs=[ref]).get(ref.path, 0)


def _top_ups(merchant_id: int) -> list[tuple]:
    return rows.query(
        "SELECT no, amount_fen, state, created_at, paid_at FROM payments_intent"
        " WHERE purpose LIKE %s ORDER BY id DESC LIMIT %s",
        [f"top_up:{merchant_id}:%", TOP_UPS],
    )
