"""Every operation of the API for promoters, written from its description by the product's `tools/client.py`."""

from typing import Literal, cast

from tuike_client.core import Client, address, given
from tuike_client.paging import Pages
from tuike_client.shapes import (
    Accrual,
    ActivityProduct,
    ActivityProductDetail,
    Booking,
    Day,
    Funds,
    LibraryProduct,
    LibraryProductDetail,
    Materials,
    MyTargetedPlan,
    Opportunity,
    OpportunityDetail,
    PartyShown,
    Place,
    PlaceShown,
    PlanForPromoter,
    PoolProduct,
    PromotedLine,
    PromotedLinePage,
    Receipts,
    ReceiptShown,
    Rules,
    StatementDetail,
    Statements,
    TermsShown,
    Withdrawal,
    WithdrawalDetail,
)


class PromoterCalls(Client):
    """What a promoter's software calls."""

    kind = "promoter"

    def party(self) -> PartyShown:
        """Show who the caller is.

        Scope `party:read`.
        """
        return cast(PartyShown, self._read("/party"))

    def list_places(
        self,
        *,
        name: str | None = None,
        pid: str | None = None,
        sort: Literal["name", "-name", "created_at", "-created_at"] | None = None,
        limit: int | None = None,
        after: str = "",
    ) -> Pages[Place]:
        """List the places with their figures.

        Scope `places:read`.
        """
        return self._pages("/promoter/places", given(name=name, pid=pid, sort=sort, limit=limit), after)

    def add_place(self, *, name: str, key: str | None = None) -> PlaceShown:
        """Add a place.

        Scope `places:write`.
        """
        return cast(PlaceShown, self._write("POST", "/promoter/places", given(name=name), key=key))

    def rename_place(self, pid: str, *, name: str, key: str | None = None) -> PlaceShown:
        """Give a place another name; its `pid` and its material stay.

        Scope `places:write`.
        """
        return cast(PlaceShown, self._write("PUT", address("/promoter/places/{}", pid), given(name=name), key=key))

    def delete_place(self, pid: str, *, key: str | None = None) -> PlaceShown:
        """Delete a place: no new material for it; its old material still earns.

        Scope `places:write`.
        """
        return cast(PlaceShown, self._write("DELETE", address("/promoter/places/{}", pid), key=key))

    def search_library(
        self,
        *,
        q: str | None = None,
        shop: str | None = None,
        source: Literal["mini_store", "mini_program"] | None = None,
        category: list[int] | None = None,
        without_category: list[int] | None = None,
        coupon: bool | None = None,
        curated: bool | None = None,
        price_fen_min: int | None = None,
        price_fen_max: int | None = None,
        commission_fen_min: int | None = None,
        commission_fen_max: int | None = None,
        rate_bps_min: int | None = None,
        rate_bps_max: int | None = None,
        sort: Literal["newest", "price", "commission", "rate", "sales", "picked"] | None = None,
        ascending: bool | None = None,
        limit: int | None = None,
        after: str = "",
    ) -> Pages[LibraryProduct]:
        """Search the library.

        Scope `library:read`.
        """
        return self._pages(
            "/promoter/library",
            given(
                q=q,
                shop=shop,
                source=source,
                category=category,
                without_category=without_category,
                coupon=coupon,
                curated=curated,
                price_fen_min=price_fen_min,
                price_fen_max=price_fen_max,
                commission_fen_min=commission_fen_min,
                commission_fen_max=commission_fen_max,
                rate_bps_min=rate_bps_min,
                rate_bps_max=rate_bps_max,
                sort=sort,
                ascending=ascending,
                limit=limit,
            ),
            after,
        )

    def show_library_product(self, no: str) -> LibraryProductDetail:
        """Show a product that is or was listed, with its choices and the rules of its source.

        Scope `library:read`.
        """
        return cast(LibraryProductDetail, self._read(address("/promoter/library/{}", no)))

    def list_rules(self) -> Rules:
        """Show the rules of each source.

        Scope `library:read`.
        """
        return cast(Rules, self._read("/promoter/rules"))

    def accept_rules(self, source: str, *, key: str | None = None) -> TermsShown:
        """Accept how a source settles and pays: needed once before its products are promoted.

        Scope `material:write`.
        """
        return cast(TermsShown, self._write("POST", address("/promoter/rules/{}/acceptance", source), key=key))

    def make_materials(
        self,
        *,
        pid: str,
        products: list[str] | None = None,
        shops: list[str] | None = None,
        activity: str | None = None,
        customize_info: str | None = None,
        key: str | None = None,
    ) -> Materials:
        """Make material at a place. The rules of each product's source must have been accepted.

        Scope `material:write`.
        """
        return cast(
            Materials,
            self._write(
                "POST",
                "/promoter/materials",
                given(pid=pid, products=products, shops=shops, activity=activity, customize_info=customize_info),
                key=key,
            ),
        )

    def show_material(self, code: str) -> Materials:
        """Show material again, with what WeChat couldn't give before.

        Scope `material:write`.
        """
        return cast(Materials, self._read(address("/promoter/materials/{}", code)))

    def show_material_image(self, code: str) -> bytes:
        """Return the mini-program code of material of a shop of the mall.

        Scope `material:write`.
        """
        return self._bytes(address("/promoter/materials/{}/image", code))

    def list_opportunities(
        self,
        *,
        q: str | None = None,
        category: str | None = None,
        rate_bps_min: int | None = None,
        rate_bps_max: int | None = None,
        sort: Literal["best_bps", "-best_bps", "open_until", "-open_until"] | None = None,
        limit: int | None = None,
        after: str = "",
    ) -> Pages[Opportunity]:
        """List the requests that take applications.

        Scope `plans:read`.
        """
        return self._pages(
            "/promoter/opportunities",
            given(q=q, category=category, rate_bps_min=rate_bps_min, rate_bps_max=rate_bps_max, sort=sort, limit=limit),
            after,
        )

    def show_opportunity(self, no: str) -> OpportunityDetail:
        """Show a request: its plan, what it asks for, where the promoter stands.

        Scope `plans:read`.
        """
        return cast(OpportunityDetail, self._read(address("/promoter/opportunities/{}", no)))

    def apply_to_opportunity(self, no: str, *, message: str | None = None, key: str | None = None) -> PlanForPromoter:
        """Apply to a request; the shop decides.

        Scope `plans:write`.
        """
        return cast(
            PlanForPromoter,
            self._write("POST", address("/promoter/opportunities/{}/application", no), given(message=message), key=key),
        )

    def show_invite_link(self, code: str) -> PlanForPromoter:
        """Show the plan behind a shop's invite link (the last part of its address).

        Scope `plans:read`.
        """
        return cast(PlanForPromoter, self._read(address("/promoter/invite-links/{}", code)))

    def apply_by_invite_link(self, code: str, *, message: str | None = None, key: str | None = None) -> PlanForPromoter:
        """Apply by a shop's invite link; the shop decides.

        Scope `plans:write`.
        """
        return cast(
            PlanForPromoter,
            self._write(
                "POST", address("/promoter/invite-links/{}/application", code), given(message=message), key=key
            ),
        )

    def list_my_targeted_plans(
        self,
        *,
        q: str | None = None,
        state: Literal["applied", "invited", "accepted", "rejected", "declined", "removed"] | None = None,
        sort: Literal["since", "-since"] | None = None,
        limit: int | None = None,
        after: str = "",
    ) -> Pages[MyTargetedPlan]:
        """List the plans that the promoter has to do with.

        Scope `plans:read`.
        """
        return self._pages("/promoter/targeted-plans", given(q=q, state=state, sort=sort, limit=limit), after)

    def show_my_targeted_plan(self, no: str) -> PlanForPromoter:
        """Show a plan that the promoter has to do with.

        Scope `plans:read`.
        """
        return cast(PlanForPromoter, self._read(address("/promoter/targeted-plans/{}", no)))

    def answer_invitation(self, no: str, *, accept: bool, key: str | None = None) -> PlanForPromoter:
        """Come in, or decline an invitation.

        Scope `plans:write`.
        """
        return cast(
            PlanForPromoter,
            self._write("POST", address("/promoter/targeted-plans/{}/answer", no), given(accept=accept), key=key),
        )

    def list_activity_products(
        self,
        *,
        q: str | None = None,
        kind: Literal["ordinary", "exclusive"] | None = None,
        category: str | None = None,
        rate_bps_min: int | None = None,
        rate_bps_max: int | None = None,
        sort: Literal["price_fen", "-price_fen", "rate_bps", "-rate_bps", "ends_at", "-ends_at"] | None = None,
        limit: int | None = None,
        after: str = "",
    ) -> Pages[ActivityProduct]:
        """List the products of leaders' activities that are open to the promoter, newest first.

        Scope `library:read`.
        """
        return self._pages(
            "/promoter/activity-products",
            given(
                q=q,
                kind=kind,
                category=category,
                rate_bps_min=rate_bps_min,
                rate_bps_max=rate_bps_max,
                sort=sort,
                limit=limit,
            ),
            after,
        )

    def show_activity_product(self, no: str) -> ActivityProductDetail:
        """Show a product of a leader's activity with its terms, and how its shop and its leader are reached.

        Scope `library:read`.
        """
        return cast(ActivityProductDetail, self._read(address("/promoter/activity-products/{}", no)))

    def list_pool_for_promoters(
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

        Scope `library:read`.
        """
        return self._pages(
            "/promoter/pool",
            given(q=q, category=category, price_fen_min=price_fen_min, price_fen_max=price_fen_max, limit=limit),
            after,
        )

    def list_promoted_lines(
        self,
        *,
        order_no: str | None = None,
        title: str | None = None,
        shop_no: str | None = None,
        state: Literal["unpaid", "paid", "shipped", "completed", "closed"] | None = None,
        paid_at_from: Day | None = None,
        paid_at_to: Day | None = None,
        placed_at_from: Day | None = None,
        placed_at_to: Day | None = None,
        pid: str | None = None,
        sort: Literal["placed_at", "-placed_at"] | None = None,
        limit: int | None = None,
        after: str = "",
    ) -> Pages[PromotedLine]:
        """List the lines of orders that the promoter brought, the latest first.

        Scope `orders:read`.
        """
        return self._pages(
            "/promoter/orders",
            given(
                order_no=order_no,
                title=title,
                shop_no=shop_no,
                state=state,
                paid_at_from=paid_at_from,
                paid_at_to=paid_at_to,
                placed_at_from=placed_at_from,
                placed_at_to=placed_at_to,
                pid=pid,
                sort=sort,
                limit=limit,
            ),
            after,
        )

    def show_promoted_order(self, no: str) -> PromotedLinePage:
        """Show one order: those of its lines that the promoter brought.

        Scope `orders:read`.
        """
        return cast(PromotedLinePage, self._read(address("/promoter/orders/{}", no)))

    def explain_promoted_order(self, no: str) -> Receipts:
        """Explain each share that the promoter has in an order, tiers included.

        Scope `orders:read`.
        """
        return cast(Receipts, self._read(address("/promoter/orders/{}/explain", no)))

    def list_accruals(
        self,
        *,
        order_no: str | None = None,
        paid_at_from: Day | None = None,
        paid_at_to: Day | None = None,
        product: str | None = None,
        shop: str | None = None,
        place: str | None = None,
        role: Literal["direct", "self", "bonus", "tier2", "tier3"] | None = None,
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
    ) -> Pages[Accrual]:
        """List what order lines earn, role by role, the latest first.

        Scope `orders:read`.
        """
        return self._pages(
            "/promoter/accruals",
            given(
                order_no=order_no,
                paid_at_from=paid_at_from,
                paid_at_to=paid_at_to,
                product=product,
                shop=shop,
                place=place,
                role=role,
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

    def explain_accrual(self, no: str) -> ReceiptShown:
        """Explain one accrual (`A…`).

        Scope `orders:read`.
        """
        return cast(ReceiptShown, self._read(address("/promoter/accruals/{}/explain", no)))

    def why_not_me(self, *, q: str) -> ReceiptShown:
        """Say why an order earned the promoter nothing, or what became of one of its links.

        Scope `orders:read`.
        """
        return cast(ReceiptShown, self._read("/promoter/why-not", given(q=q)))

    def funds(self) -> Funds:
        """Show what the party has, owes and can withdraw.

        Scope `funds:read`.
        """
        return cast(Funds, self._read("/promoter/funds"))

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
            "/promoter/ledger",
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
        return cast(Statements, self._read("/promoter/statements", given(since=since)))

    def statement(self, month: str) -> StatementDetail:
        """Show a closed month (`2026-03`) with its bookings.

        Scope `funds:read`.
        """
        return cast(StatementDetail, self._read(address("/promoter/statements/{}", month)))

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
            "/promoter/withdrawals",
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
        return cast(WithdrawalDetail, self._read(address("/promoter/withdrawals/{}", no)))
