"""Every operation of the API for leaders, written from its description by the product's `tools/client.py`."""

from typing import Literal, cast

from tuike_client.core import Client, address, given
from tuike_client.paging import Pages
from tuike_client.shapes import (
    ActivityEnrolment,
    Booking,
    Day,
    Deleted,
    Enrolments,
    Funds,
    Instant,
    LeaderAccrual,
    LeaderActivity,
    LeaderLine,
    LeaderLinePage,
    NewCategoryFloor,
    PartyShown,
    PoolProduct,
    Receipts,
    ReceiptShown,
    StatementDetail,
    Statements,
    Withdrawal,
    WithdrawalDetail,
)


class LeaderCalls(Client):
    """What a leader's software calls."""

    kind = "leader"

    def party(self) -> PartyShown:
        """Show who the caller is.

        Scope `party:read`.
        """
        return cast(PartyShown, self._read("/party"))

    def list_own_activities(
        self, *, state: Literal["draft", "published", "closed"] | None = None, limit: int | None = None, after: str = ""
    ) -> Pages[LeaderActivity]:
        """List the leader's activities, newest first.

        Scope `cooperation:read`.
        """
        return self._pages("/leader/activities", given(state=state, limit=limit), after)

    def add_activity(
        self,
        *,
        title: str,
        ends_at: Instant,
        min_rate_bps: int,
        min_service_bps: int,
        kind: Literal["ordinary", "exclusive"] | None = None,
        starts_at: Instant | None = None,
        floors: list[NewCategoryFloor] | None = None,
        promoters: list[str] | None = None,
        sample: str | None = None,
        contact: str | None = None,
        note: str | None = None,
        key: str | None = None,
    ) -> LeaderActivity:
        """Write a draft of an activity.

        Scope `cooperation:write`.
        """
        return cast(
            LeaderActivity,
            self._write(
                "POST",
                "/leader/activities",
                given(
                    title=title,
                    kind=kind,
                    starts_at=starts_at,
                    ends_at=ends_at,
                    min_rate_bps=min_rate_bps,
                    min_service_bps=min_service_bps,
                    floors=floors,
                    promoters=promoters,
                    sample=sample,
                    contact=contact,
                    note=note,
                ),
                key=key,
            ),
        )

    def show_own_activity(self, no: str) -> LeaderActivity:
        """Show one of the leader's activities.

        Scope `cooperation:read`.
        """
        return cast(LeaderActivity, self._read(address("/leader/activities/{}", no)))

    def update_activity(
        self,
        no: str,
        *,
        title: str,
        ends_at: Instant,
        min_rate_bps: int,
        min_service_bps: int,
        kind: Literal["ordinary", "exclusive"] | None = None,
        starts_at: Instant | None = None,
        floors: list[NewCategoryFloor] | None = None,
        promoters: list[str] | None = None,
        sample: str | None = None,
        contact: str | None = None,
        note: str | None = None,
        key: str | None = None,
    ) -> LeaderActivity:
        """Write a draft anew, or change a published activity: its kind and start stay, its end may be later.

        Scope `cooperation:write`.
        """
        return cast(
            LeaderActivity,
            self._write(
                "PUT",
                address("/leader/activities/{}", no),
                given(
                    title=title,
                    kind=kind,
                    starts_at=starts_at,
                    ends_at=ends_at,
                    min_rate_bps=min_rate_bps,
                    min_service_bps=min_service_bps,
                    floors=floors,
                    promoters=promoters,
                    sample=sample,
                    contact=contact,
                    note=note,
                ),
                key=key,
            ),
        )

    def delete_own_activity(self, no: str, *, key: str | None = None) -> Deleted:
        """Take a draft or a closed activity off the list.

        Scope `cooperation:write`.
        """
        return cast(Deleted, self._write("DELETE", address("/leader/activities/{}", no), key=key))

    def publish_own_activity(self, no: str, *, key: str | None = None) -> LeaderActivity:
        """Open a draft for shops' products.

        Scope `cooperation:write`.
        """
        return cast(LeaderActivity, self._write("POST", address("/leader/activities/{}/publish", no), key=key))

    def close_own_activity(self, no: str, *, key: str | None = None) -> LeaderActivity:
        """Close an activity at once, with every cooperation in it.

        Scope `cooperation:write`.
        """
        return cast(LeaderActivity, self._write("POST", address("/leader/activities/{}/close", no), key=key))

    def list_enrolled(
        self,
        *,
        activity: str | None = None,
        state: Literal["applied", "active", "rejected", "withdrawn", "ended"] | None = None,
        limit: int | None = None,
        after: str = "",
    ) -> Pages[ActivityEnrolment]:
        """List what is enrolled in the leader's activities, newest first.

        Scope `cooperation:read`.
        """
        return self._pages("/leader/enrolments", given(activity=activity, state=state, limit=limit), after)

    def decide_enrolments(
        self, *, enrolments: list[str], accept: bool, reason: str | None = None, key: str | None = None
    ) -> Enrolments:
        """Pass products, or turn them away with a reason; the shops are told.

        Scope `cooperation:write`.
        """
        return cast(
            Enrolments,
            self._write(
                "POST",
                "/leader/enrolments/decisions",
                given(enrolments=enrolments, accept=accept, reason=reason),
                key=key,
            ),
        )

    def show_enrolled(self, no: str) -> ActivityEnrolment:
        """Show a product that is enrolled with the leader.

        Scope `cooperation:read`.
        """
        return cast(ActivityEnrolment, self._read(address("/leader/enrolments/{}", no)))

    def decide_cancel(self, no: str, *, agree: bool, key: str | None = None) -> ActivityEnrolment:
        """Agree to the end of a cooperation, or refuse: then it goes on, and the shop may file again.

        Scope `cooperation:write`.
        """
        return cast(
            ActivityEnrolment,
            self._write("POST", address("/leader/enrolments/{}/cancel-decision", no), given(agree=agree), key=key),
        )

    def ask_extension(self, no: str, *, ends_at: Instant, key: str | None = None) -> ActivityEnrolment:
        """Ask the shop for a later end; no answer within three days is a refusal.

        Scope `cooperation:write`.
        """
        return cast(
            ActivityEnrolment,
            self._write("POST", address("/leader/enrolments/{}/extension", no), given(ends_at=ends_at), key=key),
        )

    def list_pool_for_leaders(
        self,
        *,
        q: str | None = None,
        category: str | None = None,
        price_fen_min: int | None = None,
        price_fen_max: int | None = None,
        limit: int | None = None,
        after: str = "",
    ) -> Pages[PoolProduct]:
        """List the curated pool (好物联盟), the latest first.

        Scope `cooperation:read`.
        """
        return self._pages(
            "/leader/pool",
            given(q=q, category=category, price_fen_min=price_fen_min, price_fen_max=price_fen_max, limit=limit),
            after,
        )

    def list_leader_lines(
        self,
        *,
        order_no: str | None = None,
        title: str | None = None,
        shop_no: str | None = None,
        state: Literal["unpaid", "paid", "shipped", "completed", "closed"] | None = None,
        paid_at_from: Day | None = None,
        paid_at_to: Day | None = None,
        sort: Literal["booked_at", "-booked_at"] | None = None,
        limit: int | None = None,
        after: str = "",
    ) -> Pages[LeaderLine]:
        """List the lines of orders that the leader's activities carried, the latest first.

        Scope `orders:read`.
        """
        return self._pages(
            "/leader/orders",
            given(
                order_no=order_no,
                title=title,
                shop_no=shop_no,
                state=state,
                paid_at_from=paid_at_from,
                paid_at_to=paid_at_to,
                sort=sort,
                limit=limit,
            ),
            after,
        )

    def show_leader_order(self, no: str) -> LeaderLinePage:
        """Show one order: those of its lines that earn the leader a service fee.

        Scope `orders:read`.
        """
        return cast(LeaderLinePage, self._read(address("/leader/orders/{}", no)))

    def explain_leader_order(self, no: str) -> Receipts:
        """Explain each service fee that the leader has in an order.

        Scope `orders:read`.
        """
        return cast(Receipts, self._read(address("/leader/orders/{}/explain", no)))

    def list_leader_accruals(
        self,
        *,
        order_no: str | None = None,
        paid_at_from: Day | None = None,
        paid_at_to: Day | None = None,
        product: str | None = None,
        shop: str | None = None,
        source: Literal["mini_store", "mini_program"] | None = None,
        detail: Literal[
            "waiting", "unreceived", "pending", "after_sale", "held", "settled", "refunded", "rejected", "cancelled"
        ]
        | None = None,
        due_from: Day | None = None,
        due_to: Day | None = None,
        paid_fen_min: int | None = None,
        paid_fen_max: int | None = None,
        final_fen_min: int | None = None,
        final_fen_max: int | None = None,
        rate_bps_min: int | None = None,
        rate_bps_max: int | None = None,
        state: Literal["open", "settled", "cancelled"] | None = None,
        sort: Literal[
            "booked_at", "-booked_at", "paid_at", "-paid_at", "paid_fen", "-paid_fen", "final_fen", "-final_fen"
        ]
        | None = None,
        limit: int | None = None,
        after: str = "",
    ) -> Pages[LeaderAccrual]:
        """List the service fees, the latest first.

        Scope `orders:read`.
        """
        return self._pages(
            "/leader/accruals",
            given(
                order_no=order_no,
                paid_at_from=paid_at_from,
                paid_at_to=paid_at_to,
                product=product,
                shop=shop,
                source=source,
                detail=detail,
                due_from=due_from,
                due_to=due_to,
                paid_fen_min=paid_fen_min,
                paid_fen_max=paid_fen_max,
                final_fen_min=final_fen_min,
                final_fen_max=final_fen_max,
                rate_bps_min=rate_bps_min,
                rate_bps_max=rate_bps_max,
                state=state,
                sort=sort,
                limit=limit,
            ),
            after,
        )

    def explain_leader_accrual(self, no: str) -> ReceiptShown:
        """Explain one service fee (`A…`).

        Scope `orders:read`.
        """
        return cast(ReceiptShown, self._read(address("/leader/accruals/{}/explain", no)))

    def funds(self) -> Funds:
        """Show what the party has, owes and can withdraw.

        Scope `funds:read`.
        """
        return cast(Funds, self._read("/leader/funds"))

    def ledger(
        self,
        *,
        posted_at_from: Day | None = None,
        posted_at_to: Day | None = None,
        kind: Literal[
            "payment",
            "payment_mismatched",
            "payment_late",
            "sale",
            "top_up",
            "accrual",
            "refund",
            "refund_funding",
            "refund_out",
            "reward_fund",
            "reward_return",
            "reject",
            "adjustment",
            "mature",
            "withdrawal",
            "withdrawal_back",
            "payout",
            "payout_return",
            "red_packet",
            "red_packet_open",
            "red_packet_return",
            "red_packet_refund",
            "balance_hold",
            "balance_release",
            "balance_spend",
            "balance_refund",
        ]
        | None = None,
        source: str | None = None,
        amount_fen_min: int | None = None,
        amount_fen_max: int | None = None,
        account: str | None = None,
        sort: Literal["posted_at", "-posted_at", "amount_fen", "-amount_fen"] | None = None,
        limit: int | None = None,
        after: str = "",
    ) -> Pages[Booking]:
        """List every booking on the party's accounts, the latest first.

        Scope `funds:read`.
        """
        return self._pages(
            "/leader/ledger",
            given(
                posted_at_from=posted_at_from,
                posted_at_to=posted_at_to,
                kind=kind,
                source=source,
                amount_fen_min=amount_fen_min,
                amount_fen_max=amount_fen_max,
                account=account,
                sort=sort,
                limit=limit,
            ),
            after,
        )

    def statements(self, *, since: Day | None = None) -> Statements:
        """List the closed months, the latest first.

        Scope `funds:read`.
        """
        return cast(Statements, self._read("/leader/statements", given(since=since)))

    def statement(self, month: str) -> StatementDetail:
        """Show a closed month (`2026-03`) with its bookings.

        Scope `funds:read`.
        """
        return cast(StatementDetail, self._read(address("/leader/statements/{}", month)))

    def withdrawals(
        self,
        *,
        no: str | None = None,
        asked_at_from: Day | None = None,
        asked_at_to: Day | None = None,
        source: Literal["mini_store", "mini_program"] | None = None,
        amount_fen_min: int | None = None,
        amount_fen_max: int | None = None,
        state: Literal["open", "paid", "ended"] | None = None,
        sort: Literal["asked_at", "-asked_at", "amount_fen", "-amount_fen"] | None = None,
        limit: int | None = None,
        after: str = "",
    ) -> Pages[Withdrawal]:
        """List the withdrawals, the latest first.

        Scope `funds:read`.
        """
        return self._pages(
            "/leader/withdrawals",
            given(
                no=no,
                asked_at_from=asked_at_from,
                asked_at_to=asked_at_to,
                source=source,
                amount_fen_min=amount_fen_min,
                amount_fen_max=amount_fen_max,
                state=state,
                sort=sort,
                limit=limit,
            ),
            after,
        )

    def withdrawal(self, no: str) -> WithdrawalDetail:
        """Show one withdrawal with its steps.

        Scope `funds:read`.
        """
        return cast(WithdrawalDetail, self._read(address("/leader/withdrawals/{}", no)))
