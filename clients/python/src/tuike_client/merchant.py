"""Every operation of the API for merchants, written from its description by the product's `tools/client.py`."""

from typing import Literal, cast

from tuike_client.core import Client, address, given
from tuike_client.paging import Pages
from tuike_client.shapes import (
    ActivityEnrolment,
    BatchDetail,
    Booking,
    Campaign,
    CanCancelNow,
    CancelFiled,
    CategoryRates,
    CategoryRateWish,
    Day,
    EnrolmentPreview,
    Enrolments,
    EnrolmentTerms,
    Funds,
    Instant,
    LeaderActivity,
    MainProduct,
    MainRateWish,
    PartyShown,
    PlanDetail,
    PlanMember,
    PlanPreview,
    PrepaidShown,
    PreviewShown,
    ProductRate,
    PublishedShown,
    ReceiptShown,
    Report,
    ReportedOrderShown,
    SellingPromoter,
    ShopOrder,
    ShopOrderDetail,
    ShopProduct,
    ShopProductDetail,
    ShopPromotedLine,
    StatementDetail,
    Statements,
    TargetedPlan,
    Withdrawal,
    WithdrawalDetail,
)


class MerchantCalls(Client):
    """What a merchant's software calls."""

    kind = "merchant"

    def party(self) -> PartyShown:
        """Show who the caller is.

        Scope `party:read`.
        """
        return cast(PartyShown, self._read("/party"))

    def list_shop_products(
        self,
        *,
        q: str | None = None,
        category: str | None = None,
        state: Literal["draft", "on_sale", "off_sale"] | None = None,
        why: Literal[
            "merchant_not_opened",
            "merchant_not_certified",
            "merchant_suspended",
            "off_sale",
            "out_of_stock",
            "restricted_category",
            "no_picture",
            "below_price_floor",
            "excluded",
            "prepaid_short",
        ]
        | None = None,
        price_fen_min: int | None = None,
        price_fen_max: int | None = None,
        promotion: Literal["yes", "no", "excluded"] | None = None,
        sort: Literal["price_fen", "-price_fen"] | None = None,
        limit: int | None = None,
        after: str = "",
    ) -> Pages[ShopProduct]:
        """List the shop's products, newest first.

        Scope `products:read`.
        """
        return self._pages(
            "/merchant/products",
            given(
                q=q,
                category=category,
                state=state,
                why=why,
                price_fen_min=price_fen_min,
                price_fen_max=price_fen_max,
                promotion=promotion,
                sort=sort,
                limit=limit,
            ),
            after,
        )

    def show_shop_product(self, no: str) -> ShopProductDetail:
        """Show one of the shop's products.

        Scope `products:read`.
        """
        return cast(ShopProductDetail, self._read(address("/merchant/products/{}", no)))

    def list_category_rates(self, *, sold: bool | None = None) -> CategoryRates:
        """Show the tree of categories with the shop's rates; `sold`: only categories that the shop has products in.

        Scope `plans:read`.
        """
        return cast(CategoryRates, self._read("/merchant/category-rates", given(sold=sold)))

    def publish_category_rates(self, *, rates: list[CategoryRateWish], key: str | None = None) -> PublishedShown:
        """Publish rates of categories, or take own ones away.

        Scope `plans:write`.
        """
        return cast(PublishedShown, self._write("PUT", "/merchant/category-rates", given(rates=rates), key=key))

    def preview_category_rates(self, *, rates: list[CategoryRateWish]) -> PreviewShown:
        """Show what publishing these rates would do.

        Scope `plans:write`.
        """
        return cast(PreviewShown, self._preview("/merchant/category-rates/preview", given(rates=rates)))

    def list_main_products(
        self,
        *,
        q: str | None = None,
        sort: Literal["rate_bps", "-rate_bps"] | None = None,
        limit: int | None = None,
        after: str = "",
    ) -> Pages[MainProduct]:
        """List the main products, in force or coming.

        Scope `plans:read`.
        """
        return self._pages("/merchant/main-products", given(q=q, sort=sort, limit=limit), after)

    def publish_main_products(self, *, rates: list[MainRateWish], key: str | None = None) -> PublishedShown:
        """Set rates of main products, or remove them.

        Scope `plans:write`.
        """
        return cast(PublishedShown, self._write("PUT", "/merchant/main-products", given(rates=rates), key=key))

    def preview_main_products(self, *, rates: list[MainRateWish]) -> PreviewShown:
        """Show what publishing these rates would do.

        Scope `plans:write`.
        """
        return cast(PreviewShown, self._preview("/merchant/main-products/preview", given(rates=rates)))

    def list_campaigns(
        self,
        *,
        q: str | None = None,
        state: Literal["coming", "running", "stopping", "spent", "ended", "stopped"] | None = None,
        limit: int | None = None,
        after: str = "",
    ) -> Pages[Campaign]:
        """List the shop's campaigns, newest first.

        Scope `plans:read`.
        """
        return self._pages("/merchant/campaigns", given(q=q, state=state, limit=limit), after)

    def list_targeted_plans(
        self,
        *,
        q: str | None = None,
        phase: Literal["coming", "running", "stopping", "stopped", "over"] | None = None,
        sort: Literal["starts_at", "-starts_at", "ends_at", "-ends_at"] | None = None,
        limit: int | None = None,
        after: str = "",
    ) -> Pages[TargetedPlan]:
        """List the shop's targeted plans, newest first.

        Scope `plans:read`.
        """
        return self._pages("/merchant/targeted-plans", given(q=q, phase=phase, sort=sort, limit=limit), after)

    def add_targeted_plan(
        self,
        *,
        name: str,
        ends_at: Instant,
        rates: list[ProductRate],
        note: str | None = None,
        starts_at: Instant | None = None,
        key: str | None = None,
    ) -> PlanDetail:
        """Make a targeted plan.

        Scope `plans:write`.
        """
        return cast(
            PlanDetail,
            self._write(
                "POST",
                "/merchant/targeted-plans",
                given(name=name, note=note, starts_at=starts_at, ends_at=ends_at, rates=rates),
                key=key,
            ),
        )

    def preview_targeted_plan(
        self,
        *,
        name: str,
        ends_at: Instant,
        rates: list[ProductRate],
        note: str | None = None,
        starts_at: Instant | None = None,
    ) -> PlanPreview:
        """Show what a plan would owe, without making it.

        Scope `plans:write`.
        """
        return cast(
            PlanPreview,
            self._preview(
                "/merchant/targeted-plans/preview",
                given(name=name, note=note, starts_at=starts_at, ends_at=ends_at, rates=rates),
            ),
        )

    def show_targeted_plan(self, no: str) -> PlanDetail:
        """Show one plan.

        Scope `plans:read`.
        """
        return cast(PlanDetail, self._read(address("/merchant/targeted-plans/{}", no)))

    def update_targeted_plan(
        self,
        no: str,
        *,
        name: str,
        ends_at: Instant,
        rates: list[ProductRate],
        note: str | None = None,
        key: str | None = None,
    ) -> PlanDetail:
        """Change a plan; who is in it is told.

        Scope `plans:write`.
        """
        return cast(
            PlanDetail,
            self._write(
                "PUT",
                address("/merchant/targeted-plans/{}", no),
                given(name=name, note=note, ends_at=ends_at, rates=rates),
                key=key,
            ),
        )

    def preview_targeted_plan_change(
        self, no: str, *, name: str, ends_at: Instant, rates: list[ProductRate], note: str | None = None
    ) -> PlanPreview:
        """Show what a changed plan would owe, without changing it.

        Scope `plans:write`.
        """
        return cast(
            PlanPreview,
            self._preview(
                address("/merchant/targeted-plans/{}/preview", no),
                given(name=name, note=note, ends_at=ends_at, rates=rates),
            ),
        )

    def stop_targeted_plan(self, no: str, *, key: str | None = None) -> PlanDetail:
        """Stop a plan from the next midnight on.

        Scope `plans:write`.
        """
        return cast(PlanDetail, self._write("POST", address("/merchant/targeted-plans/{}/stop", no), key=key))

    def list_plan_promoters(
        self,
        no: str,
        *,
        q: str | None = None,
        state: Literal["applied", "invited", "accepted", "rejected", "declined", "removed"] | None = None,
        sort: Literal["since", "-since"] | None = None,
        limit: int | None = None,
        after: str = "",
    ) -> Pages[PlanMember]:
        """List who is in a plan, who asks, who is invited.

        Scope `plans:read`.
        """
        return self._pages(
            address("/merchant/targeted-plans/{}/promoters", no), given(q=q, state=state, sort=sort, limit=limit), after
        )

    def invite_promoters(
        self, no: str, *, promoters: list[str], message: str | None = None, key: str | None = None
    ) -> PlanDetail:
        """Invite promoters; those who are new to the plan are told.

        Scope `plans:write`.
        """
        return cast(
            PlanDetail,
            self._write(
                "POST",
                address("/merchant/targeted-plans/{}/invitations", no),
                given(promoters=promoters, message=message),
                key=key,
            ),
        )

    def decide_applications(
        self, no: str, *, promoters: list[str], accept: bool, reason: str | None = None, key: str | None = None
    ) -> PlanDetail:
        """Take applicants in, or turn them away; they are told.

        Scope `plans:write`.
        """
        return cast(
            PlanDetail,
            self._write(
                "POST",
                address("/merchant/targeted-plans/{}/decisions", no),
                given(promoters=promoters, accept=accept, reason=reason),
                key=key,
            ),
        )

    def remove_promoter(self, no: str, *, promoter: str, reason: str, key: str | None = None) -> PlanDetail:
        """Take a promoter out of a plan from the next midnight on; it is told.

        Scope `plans:write`.
        """
        return cast(
            PlanDetail,
            self._write(
                "POST",
                address("/merchant/targeted-plans/{}/removals", no),
                given(promoter=promoter, reason=reason),
                key=key,
            ),
        )

    def list_open_activities(
        self,
        *,
        words: str | None = None,
        kind: Literal["ordinary", "exclusive"] | None = None,
        limit: int | None = None,
        after: str = "",
    ) -> Pages[LeaderActivity]:
        """List the activities that take products now, newest first; `words`: in the title, or the number.

        Scope `cooperation:read`.
        """
        return self._pages("/merchant/activities", given(words=words, kind=kind, limit=limit), after)

    def show_open_activity(self, no: str) -> LeaderActivity:
        """Show an activity that takes products now.

        Scope `cooperation:read`.
        """
        return cast(LeaderActivity, self._read(address("/merchant/activities/{}", no)))

    def enrol_in_activity(
        self,
        no: str,
        *,
        products: list[EnrolmentTerms],
        shown_to: Literal["leader", "leader_and_promoters"] | None = None,
        contact: str | None = None,
        key: str | None = None,
    ) -> Enrolments:
        """Enrol products, each at its own terms, all or none; the leader decides. A no points at the product.

        Scope `cooperation:write`.
        """
        return cast(
            Enrolments,
            self._write(
                "POST",
                address("/merchant/activities/{}/enrolments", no),
                given(products=products, shown_to=shown_to, contact=contact),
                key=key,
            ),
        )

    def preview_enrolments(
        self,
        no: str,
        *,
        products: list[EnrolmentTerms],
        shown_to: Literal["leader", "leader_and_promoters"] | None = None,
        contact: str | None = None,
    ) -> EnrolmentPreview:
        """Show what enrolling would owe, without doing it.

        Scope `cooperation:write`.
        """
        return cast(
            EnrolmentPreview,
            self._preview(
                address("/merchant/activities/{}/enrolments/preview", no),
                given(products=products, shown_to=shown_to, contact=contact),
            ),
        )

    def list_enrolments(
        self,
        *,
        activity: str | None = None,
        state: Literal["applied", "active", "rejected", "withdrawn", "ended"] | None = None,
        limit: int | None = None,
        after: str = "",
    ) -> Pages[ActivityEnrolment]:
        """List the shop's enrolled products, newest first.

        Scope `cooperation:read`.
        """
        return self._pages("/merchant/enrolments", given(activity=activity, state=state, limit=limit), after)

    def show_enrolment(self, no: str) -> ActivityEnrolment:
        """Show one of the shop's enrolled products.

        Scope `cooperation:read`.
        """
        return cast(ActivityEnrolment, self._read(address("/merchant/enrolments/{}", no)))

    def can_cancel_now(self, no: str) -> CanCancelNow:
        """Say whether the shop can cancel now; if not, from when on, or who decides.

        Scope `cooperation:read`.
        """
        return cast(CanCancelNow, self._read(address("/merchant/enrolments/{}/can-cancel", no)))

    def withdraw_enrolment(self, no: str, *, key: str | None = None) -> ActivityEnrolment:
        """Take an application back that the leader hasn't decided on.

        Scope `cooperation:write`.
        """
        return cast(ActivityEnrolment, self._write("POST", address("/merchant/enrolments/{}/withdrawal", no), key=key))

    def cancel_enrolment(self, no: str, *, key: str | None = None) -> CancelFiled:
        """File a cancel: it takes effect at once, or the leader decides.

        Scope `cooperation:write`.
        """
        return cast(CancelFiled, self._write("POST", address("/merchant/enrolments/{}/cancel", no), key=key))

    def answer_extension(self, no: str, *, agree: bool, key: str | None = None) -> ActivityEnrolment:
        """Agree to the later end that the leader asks for, or refuse it.

        Scope `cooperation:write`.
        """
        return cast(
            ActivityEnrolment,
            self._write("POST", address("/merchant/enrolments/{}/extension-answer", no), given(agree=agree), key=key),
        )

    def list_shop_orders(
        self,
        *,
        q: str | None = None,
        goods: str | None = None,
        placed_from: Day | None = None,
        placed_to: Day | None = None,
        promoted: Literal["yes", "no"] | None = None,
        refund: Literal["requested"] | None = None,
        payable_fen_min: int | None = None,
        payable_fen_max: int | None = None,
        state: Literal["unpaid", "paid", "shipped", "completed", "closed"] | None = None,
        sort: Literal["placed_at", "-placed_at"] | None = None,
        limit: int | None = None,
        after: str = "",
    ) -> Pages[ShopOrder]:
        """List the shop's orders, the latest first.

        Scope `orders:read`.
        """
        return self._pages(
            "/merchant/orders",
            given(
                q=q,
                goods=goods,
                placed_from=placed_from,
                placed_to=placed_to,
                promoted=promoted,
                refund=refund,
                payable_fen_min=payable_fen_min,
                payable_fen_max=payable_fen_max,
                state=state,
                sort=sort,
                limit=limit,
            ),
            after,
        )

    def show_shop_order(self, no: str) -> ShopOrderDetail:
        """Show one of the shop's orders.

        Scope `orders:read`.
        """
        return cast(ShopOrderDetail, self._read(address("/merchant/orders/{}", no)))

    def explain_shop_order(self, no: str) -> ReceiptShown:
        """Explain an order's commission: who is owed what, by which rule, and every step.

        Scope `orders:read`.
        """
        return cast(ReceiptShown, self._read(address("/merchant/orders/{}/explain", no)))

    def list_shop_promoted_lines(
        self,
        *,
        q: str | None = None,
        goods: str | None = None,
        promoter: str | None = None,
        placed_from: Day | None = None,
        placed_to: Day | None = None,
        paid_fen_min: int | None = None,
        paid_fen_max: int | None = None,
        state: Literal["unpaid", "closed", "nobody", "waiting", "pending", "settled", "cancelled"] | None = None,
        sort: Literal["placed_at", "-placed_at"] | None = None,
        limit: int | None = None,
        after: str = "",
    ) -> Pages[ShopPromotedLine]:
        """List the lines that promoters brought, the latest first.

        Scope `orders:read`.
        """
        return self._pages(
            "/merchant/promoted-lines",
            given(
                q=q,
                goods=goods,
                promoter=promoter,
                placed_from=placed_from,
                placed_to=placed_to,
                paid_fen_min=paid_fen_min,
                paid_fen_max=paid_fen_max,
                state=state,
                sort=sort,
                limit=limit,
            ),
            after,
        )

    def list_selling_promoters(
        self,
        *,
        q: str | None = None,
        state: Literal["working", "blocked"] | None = None,
        sort: Literal[
            "clicks", "-clicks", "orders", "-orders", "paid_fen", "-paid_fen", "estimated_fen", "-estimated_fen"
        ]
        | None = None,
        limit: int | None = None,
        after: str = "",
        span: Literal["7", "30", "90", "3650"] | None = None,
    ) -> Pages[SellingPromoter]:
        """List the promoters who brought buyers in the last 7, 30, 90 or 3650 natural days.

        Scope `orders:read`.
        """
        return self._pages("/merchant/promoters", given(q=q, state=state, sort=sort, limit=limit, span=span), after)

    def show_prepaid(self) -> PrepaidShown:
        """Show an external shop's prepaid balance; a shop of the mall has none.

        Scope `funds:read`.
        """
        return cast(PrepaidShown, self._read("/merchant/prepaid"))

    def list_reports(
        self,
        *,
        external_no: str | None = None,
        batch_no: str | None = None,
        code: Literal[
            "reported_goods_unknown",
            "external_order_changed",
            "external_order_instants",
            "reported_refund_impossible",
            "nothing_left_to_refund",
            "unshipped_refund_in_full",
            "bad_amount",
            "bad_quantity",
            "discount_too_large",
            "too_many_lines",
            "order_text_too_long",
            "not_an_external_shop",
            "report_not_taken",
        ]
        | None = None,
        at_from: Day | None = None,
        at_to: Day | None = None,
        state: Literal["waiting", "done", "refused"] | None = None,
        sort: Literal["place", "-place"] | None = None,
        limit: int | None = None,
        after: str = "",
    ) -> Pages[Report]:
        """List reports, the latest first; `state=refused` those that couldn't be taken.

        Scope `orders:read`.
        """
        return self._pages(
            "/merchant/reports",
            given(
                external_no=external_no,
                batch_no=batch_no,
                code=code,
                at_from=at_from,
                at_to=at_to,
                state=state,
                sort=sort,
                limit=limit,
            ),
            after,
        )

    def show_reports(self, no: str) -> BatchDetail:
        """Show how far a batch is, and which of its reports were refused.

        Scope `orders:read`.
        """
        return cast(BatchDetail, self._read(address("/merchant/reports/{}", no)))

    def show_reported_order(self, *, external_no: str) -> ReportedOrderShown:
        """Show what was reported of an order, and how it stands.

        Scope `orders:read`.
        """
        return cast(ReportedOrderShown, self._read("/merchant/reported-order", given(external_no=external_no)))

    def funds(self) -> Funds:
        """Show what the party has, owes and can withdraw.

        Scope `funds:read`.
        """
        return cast(Funds, self._read("/merchant/funds"))

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
            "/merchant/ledger",
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
        return cast(Statements, self._read("/merchant/statements", given(since=since)))

    def statement(self, month: str) -> StatementDetail:
        """Show a closed month (`2026-03`) with its bookings.

        Scope `funds:read`.
        """
        return cast(StatementDetail, self._read(address("/merchant/statements/{}", month)))

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
            "/merchant/withdrawals",
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
        return cast(WithdrawalDetail, self._read(address("/merchant/withdrawals/{}", no)))
