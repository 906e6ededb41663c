"""Shapes of what is sent and what comes back, written from the API's description by the product's `tools/client.py`."""

from datetime import date, datetime
from typing import Any, Literal, NotRequired, TypedDict

Instant = datetime | str
"""An instant with its offset."""
Day = date | str
"""A day in Shanghai."""


class Accrual(TypedDict):
    """What one order line earns the promoter in one role."""

    order_no: str | None
    booked_at: str
    paid_at: str
    product: str | None
    shop: str | None
    place: str | None
    role: str | None
    source: str | None
    paid_fen: int
    rate_bps: int | None
    estimated_fen: int | None
    final_fen: int
    state: str | None
    due_at: str | None
    no: str | None


class AccrualPage(TypedDict):
    """A page of rows: What one order line earns the promoter in one role."""

    items: list["Accrual"]
    next: str


class ActivityEnrolment(TypedDict):
    """A product in an activity. `gross_orders` counts paid orders, `net_orders` those not refunded whole; `reached`:
    the gross count has reached the base. `answer_until`: the last instant for the shop's answer to an extension.
    """

    no: str
    activity_no: str
    activity: str
    leader: str
    shop: str
    product_no: str
    product: str
    rate_bps: int
    service_bps: int
    starts_at: str
    ends_at: str
    base_orders: int
    gross_orders: int
    net_orders: int
    reached: bool
    label: str
    notes: list["EnrolmentNote"]
    shown_to: str
    contact: str
    state: str
    end_cause: str | None
    reason: str
    applied_at: str
    decided_at: str | None
    ended_at: str | None
    cancel: str | None
    extension: str | None
    extension_ends_at: str | None
    answer_until: str | None


class ActivityProduct(TypedDict):
    """A product of a leader's activity that the promoter may promote. `no` is the enrolment's number."""

    product: str | None
    activity: str | None
    kind: str | None
    price_fen: int
    rate_bps: int
    earn_fen: int | None
    ends_at: str
    no: str | None
    product_no: str | None
    shop: str | None
    activity_no: str | None
    leader: str | None


class ActivityProductDetail(TypedDict):
    """A product of an activity with its terms. Make material for `product_no` with the activity's number. `contact`
    is the shop's, where it shows it to promoters.
    """

    no: str
    product_no: str
    product: str
    shop: str
    price_fen: int
    rate_bps: int
    earn_fen: int
    activity_no: str
    activity: str
    kind: str
    leader: str
    sample: str
    note: str
    starts_at: str
    ends_at: str
    contact: str
    leader_contact: str


class ActivityProductPage(TypedDict):
    """A page of rows: A product of a leader's activity that the promoter may promote. `no` is the enrolment's
    number.
    """

    items: list["ActivityProduct"]
    next: str


class ActivityText(TypedDict):
    """An activity as it shall be; without a start it starts now. `promoters`: numbers, for an exclusive one."""

    title: str
    kind: NotRequired[Literal["ordinary", "exclusive"]]
    starts_at: NotRequired[Instant | None]
    ends_at: Instant
    min_rate_bps: int
    min_service_bps: int
    floors: NotRequired[list["NewCategoryFloor"]]
    promoters: NotRequired[list[str]]
    sample: NotRequired[str]
    contact: NotRequired[str]
    note: NotRequired[str]


class Answer(TypedDict):
    """The answer to an invitation."""

    accept: bool


class Application(TypedDict):
    """What the promoter says to the shop."""

    message: NotRequired[str]


class BatchDetail(TypedDict):
    """A batch and how far it is: `fresh` = `waiting` + `done` + `refused`."""

    no: str
    at: str
    reports: int
    fresh: int
    waiting: int
    done: int
    refused: int
    items: list["RefusedReport"]


class Booking(TypedDict):
    """A booking on one of the party's accounts."""

    posted_at: str
    account: str | None
    kind: str | None
    source: str | None
    amount_fen: int
    balance_fen: int | None
    key: str | None


class BookingPage(TypedDict):
    """A page of rows: A booking on one of the party's accounts."""

    items: list["Booking"]
    next: str


class Campaign(TypedDict):
    """A campaign of the shop."""

    name: str | None
    rate_bps: int | None
    bonus_fen: int | None
    once_fen: int | None
    first_fen: int | None
    starts_at: str | None
    ends_at: str | None
    budget_fen: int | None
    reserved_fen: int | None
    state: str | None
    no: str | None


class CampaignPage(TypedDict):
    """A page of rows: A campaign of the shop."""

    items: list["Campaign"]
    next: str


class CanCancelNow(TypedDict):
    """Whether the shop can cancel now: `answer` is `at_once`, `leader_for_now`, `leader`, `under_review`, `withdraw`
    or `over`; `text` says it in words. `after`: behind this instant it could be at once, as counts stand.
    """

    answer: str
    text: str
    leader_decides: bool
    after: str | None


class CancelDecision(TypedDict):
    """Whether the leader agrees to the end."""

    agree: bool


class CancelFiled(TypedDict):
    """What filing a cancel did, and how the enrolment stands by it."""

    text: str
    at_once: bool
    enrolment: "ActivityEnrolment"


class CategoryFloor(TypedDict):
    """The least rates in a category and all below it, where no nearer one says otherwise."""

    category_id: int
    min_rate_bps: int
    min_service_bps: int


class CategoryRateShown(TypedDict):
    """A category as the shop prices it. `own_bps`: the shop's own rate here; `rate_bps`, `layer`: what holds now,
    and `coming_…` from the next midnight on; `floor_bps`: what a new rate must be above.
    """

    category_id: int
    name: str
    name_en: str
    level: int
    restricted: bool
    sold: bool
    benchmark_bps: int
    floor_bps: int
    own_bps: int | None
    rate_bps: int
    layer: str
    coming_own_bps: int | None
    coming_rate_bps: int
    coming_layer: str
    lifted_from_bps: int | None


class CategoryRateWish(TypedDict):
    """A category's rate; null takes the shop's own rate away."""

    category_id: int
    rate_bps: int | None


class CategoryRates(TypedDict):
    """The whole tree, parents before children."""

    items: list["CategoryRateShown"]


class CategoryRatesWish(TypedDict):
    """Rates of categories; they hold from the next midnight on."""

    rates: list["CategoryRateWish"]


class CategoryShown(TypedDict):
    """A category."""

    id: int
    name: str
    name_en: str


class Change(TypedDict):
    """A place in the feed: which object changed, and how it stands now.

    `object` is null where it is nobody's to see any more.
    """

    seq: int
    kind: str
    no: str
    at: str
    object: dict[str, Any] | None


class ChangedPlan(TypedDict):
    """What a plan shall be. Changed rates hold from the next midnight on."""

    name: str
    note: NotRequired[str]
    ends_at: Instant
    rates: list["ProductRate"]


class ComingShown(TypedDict):
    """Pending commission by when it settles: within 7 days, within 30, later; unreceived; held up by a review."""

    week_fen: int
    month_fen: int
    later_fen: int
    unreceived_fen: int
    halted_fen: int


class DebtShown(TypedDict):
    """What is owed since a refund or a correction (`cause`) came after the money had gone."""

    cause: str
    order_no: str
    title: str
    amount_fen: int
    repaid_fen: int
    left_fen: int
    at: str


class Decision(TypedDict):
    """Applicants to take in, or to turn away with a reason."""

    promoters: list[str]
    accept: bool
    reason: NotRequired[str]


class Deleted(TypedDict):
    """The number of what was deleted."""

    no: str


class DiscountIn(TypedDict):
    """What lowers a price: its kind in the shop's words, its number, its fen for all pieces together."""

    kind: str
    source: NotRequired[str]
    amount_fen: int


class EnrolmentDecision(TypedDict):
    """Applications to pass, or to turn away with a reason; all or none."""

    enrolments: list[str]
    accept: bool
    reason: NotRequired[str]


class EnrolmentNote(TypedDict):
    """A sentence beside an enrolment, in the caller's language; `red` ones say that something was refused."""

    text: str
    red: bool


class EnrolmentOwedShown(TypedDict):
    """What one piece at the product's lowest price would owe through the activity, and what is left to the shop at
    worst.
    """

    product_no: str
    public_bps: int
    public_fen: int
    bps: int
    direct_fen: int
    highest_fen: int
    tiers_fen: int
    service_bps: int
    service_fen: int
    left_fen: int


class EnrolmentPage(TypedDict):
    """A page of enrolments."""

    items: list["ActivityEnrolment"]
    next: str


class EnrolmentPreview(TypedDict):
    """What enrolling would owe. Nothing of it has happened."""

    products: list["EnrolmentOwedShown"]


class EnrolmentTerms(TypedDict):
    """A product to enrol and its terms; without a start it starts now, or with the activity."""

    product_no: str
    rate_bps: int
    service_bps: int
    starts_at: NotRequired[Instant | None]
    ends_at: Instant
    base_orders: NotRequired[int]


class Enrolments(TypedDict):
    """Several enrolments."""

    items: list["ActivityEnrolment"]


class ExtensionAnswer(TypedDict):
    """Whether the shop agrees to the later end."""

    agree: bool


class Funds(TypedDict):
    """What a party has and owes. `held_fen` and `prepaid_fen` are a shop's; `coming` is null for shops."""

    available_fen: int
    pending_fen: int
    held_fen: int
    leaving_fen: int
    prepaid_fen: int
    owed_fen: int
    deposit_fen: int
    purses: list["PurseShown"]
    debts: list["DebtShown"]
    coming: "ComingShown | None"


class Invitation(TypedDict):
    """Promoters to invite, by number."""

    promoters: list[str]
    message: NotRequired[str]


class LaterEnd(TypedDict):
    """The end that the leader asks for."""

    ends_at: Instant


class LeaderAccrual(TypedDict):
    """What one order line earns the leader."""

    order_no: str | None
    booked_at: str
    paid_at: str
    product: str | None
    shop: str | None
    source: str | None
    paid_fen: int
    rate_bps: int | None
    estimated_fen: int | None
    final_fen: int
    state: str | None
    due_at: str | None
    no: str | None


class LeaderAccrualPage(TypedDict):
    """A page of rows: What one order line earns the leader."""

    items: list["LeaderAccrual"]
    next: str


class LeaderActivity(TypedDict):
    """A leader's activity. `promoters` are those that an exclusive one is open to, for its leader to see."""

    no: str
    leader: str
    title: str
    kind: str
    state: str
    starts_at: str
    ends_at: str
    min_rate_bps: int
    min_service_bps: int
    floors: list["CategoryFloor"]
    promoters: list[str]
    sample: str
    contact: str
    note: str
    published_at: str | None
    closed_at: str | None


class LeaderActivityPage(TypedDict):
    """A page of activities."""

    items: list["LeaderActivity"]
    next: str


class LeaderLine(TypedDict):
    """An order line that the leader's activity carried."""

    order_no: str | None
    line: int | None
    state: str | None
    product_no: str | None
    title: str | None
    spec: str | None
    quantity: int | None
    shop_no: str | None
    shop: str | None
    source: str | None
    paid_at: str | None
    received_at: str | None
    due_at: str | None
    paid_fen: int | None
    refunded_fen: int | None
    placed_at: str | None
    booked_at: str
    activity_no: str | None
    promoter_no: str | None
    promoter: str | None
    rate_bps: int | None
    commission_fen: int | None


class LeaderLinePage(TypedDict):
    """A page of rows: An order line that the leader's activity carried."""

    items: list["LeaderLine"]
    next: str


class LibraryPage(TypedDict):
    """A page of the library."""

    items: list["LibraryProduct"]
    next: str


class LibraryProduct(TypedDict):
    """A product of the library. `rate_bps` and `commission_fen` are the promoter's own, for one piece of the
    cheapest choice; `public_…` what everybody gets, null where the product doesn't stand in the library now;
    `why_not` says why it can't be promoted, null if it can.
    """

    no: str
    title: str
    subtitle: str
    picture: str
    price_fen: int
    shop: "ShopShown"
    category_ids: list[int]
    rate_bps: int
    commission_fen: int
    bonus_fen: int
    layer: str
    public_rate_bps: int | None
    public_commission_fen: int | None
    coupons: list[str]
    sold: int | None
    why_not: str | None


class LibraryProductDetail(TypedDict):
    """A product in full."""

    no: str
    title: str
    subtitle: str
    picture: str
    price_fen: int
    shop: "ShopShown"
    category_ids: list[int]
    rate_bps: int
    commission_fen: int
    bonus_fen: int
    layer: str
    public_rate_bps: int | None
    public_commission_fen: int | None
    coupons: list[str]
    sold: int | None
    why_not: str | None
    pictures: list[str]
    skus: list["SkuShown"]
    categories: list["CategoryShown"]
    listed_from: str | None
    rules: "TermsShown"


class LiftShown(TypedDict):
    """A rate that a risen floor lifts."""

    layer: str
    category_id: int | None
    product_no: str | None
    from_bps: int
    to_bps: int


class LineIn(TypedDict):
    """A line: the shop's own product number (`item`) or our SKU id, pieces, the price of one before discounts."""

    item: NotRequired[str]
    sku_id: NotRequired[int | None]
    quantity: int
    price_fen: int
    discounts: NotRequired[list["DiscountIn"]]


class MainProduct(TypedDict):
    """A main product: its rate in force, the one from the next midnight on, what the shop wrote if it was lifted."""

    title: str | None
    price_fen: int | None
    rate_bps: int | None
    coming_bps: int | None
    lifted_bps: int | None
    state: str | None
    no: str | None


class MainProductPage(TypedDict):
    """A page of rows: A main product: its rate in force, the one from the next midnight on, what the shop wrote if
    it was lifted.
    """

    items: list["MainProduct"]
    next: str


class MainRateWish(TypedDict):
    """A main product's rate; null removes it from the main products."""

    product_no: str
    rate_bps: int | None


class MainRatesWish(TypedDict):
    """Rates of main products; they hold from the next midnight on."""

    rates: list["MainRateWish"]


class MaterialShown(TypedDict):
    """Material for one target. `url_link` and `tag` are WeChat's, empty where it hasn't made them or never does."""

    code: str
    ticket: str
    short_link: str
    path: str
    url_link: str
    tag: str
    wording: str
    title: str
    shop: str
    source: str
    appid: str
    price_fen: int | None
    picture: str
    expires_at: str


class Materials(TypedDict):
    """Material, and by name what WeChat couldn't give now (`url_link`, `tag`): show it again later."""

    items: list["MaterialShown"]
    missing: list[str]


class MyTargetedPlan(TypedDict):
    """A targeted plan that the promoter has to do with, and where it stands in it."""

    name: str | None
    state: str | None
    best_bps: int | None
    products: int | None
    phase: str | None
    ends_at: str | None
    reason: str | None
    since: str
    no: str | None
    shop: str | None


class MyTargetedPlanPage(TypedDict):
    """A page of rows: A targeted plan that the promoter has to do with, and where it stands in it."""

    items: list["MyTargetedPlan"]
    next: str


class NewCategoryFloor(TypedDict):
    """The least rates in a category and all below it."""

    category_id: int
    min_rate_bps: int
    min_service_bps: int


class NewEnrolments(TypedDict):
    """Products to enrol, all or none. `contact` is shown to the leader, or to promoters of the activity, too."""

    products: list["EnrolmentTerms"]
    shown_to: NotRequired[Literal["leader", "leader_and_promoters"]]
    contact: NotRequired[str]


class NewPlan(TypedDict):
    """A plan to make; without a start it starts now."""

    name: str
    note: NotRequired[str]
    starts_at: NotRequired[Instant | None]
    ends_at: Instant
    rates: list["ProductRate"]


class Opportunity(TypedDict):
    """A shop's request for promoters, as long as it takes applications."""

    title: str | None
    best_bps: int | None
    products: int | None
    wanted: str | None
    min_level: str | None
    open_until: str
    mine: str | None
    no: str | None
    shop: str | None


class OpportunityDetail(TypedDict):
    """A request for promoters with its plan. `level` is the promoter's own."""

    no: str
    title: str
    text: str
    open: bool
    open_until: str
    min_level: int
    level: int
    category_ids: list[int]
    plan: "PlanForPromoter"


class OpportunityPage(TypedDict):
    """A page of rows: A shop's request for promoters, as long as it takes applications."""

    items: list["Opportunity"]
    next: str


class OrderIn(TypedDict):
    """An order. The sale never changes; instants, refunds and `cancelled` come when they are known, each for ever."""

    external_no: str
    placed_at: Instant
    lines: list["LineIn"]
    freight_fen: NotRequired[int]
    discounts: NotRequired[list["DiscountIn"]]
    paid_at: NotRequired[Instant | None]
    shipped_at: NotRequired[Instant | None]
    received_at: NotRequired[Instant | None]
    cancelled: NotRequired[bool]
    refunds: NotRequired[list["RefundIn"]]
    link: NotRequired[str]
    touched_at: NotRequired[Instant | None]
    openid: NotRequired[str]


class OrderReport(TypedDict):
    """One report of an order, and what became of it."""

    batch_no: str
    state: str
    code: str
    detail: str
    at: str
    ended_at: str | None


class OutlookShown(TypedDict):
    """A product's direct rate at that instant, without and with the change."""

    product_no: str
    title: str
    before_bps: int
    after_bps: int


class OwedShown(TypedDict):
    """What one piece at the product's lowest price would owe, and what is left to the shop at worst."""

    product_no: str
    public_bps: int
    public_fen: int
    bps: int
    direct_fen: int
    highest_fen: int
    tiers_fen: int
    left_fen: int


class PartyShown(TypedDict):
    """The caller: its party, what it may do, and how many calls it has left in this minute."""

    no: str
    kind: str
    name: str
    appid: str
    scopes: list[str]
    quota: "Quota"


class Place(TypedDict):
    """A promotion place with what came by it in the last 30 natural days."""

    name: str
    pid: str | None
    links: int | None
    clicks_30d: int | None
    orders_30d: int | None
    paid_30d_fen: int | None
    estimated_30d_fen: int | None
    created_at: str


class PlaceName(TypedDict):
    """The name of a place: 1 to 20 visible characters, unique among the promoter's."""

    name: str


class PlacePage(TypedDict):
    """A page of rows: A promotion place with what came by it in the last 30 natural days."""

    items: list["Place"]
    next: str


class PlaceShown(TypedDict):
    """A place. `pid` stays when it gets another name."""

    pid: str
    name: str
    created_at: str
    deleted_at: str | None


class PlanDetail(TypedDict):
    """A plan with its products and invite link."""

    no: str
    name: str
    note: str
    phase: str
    starts_at: str
    ends_at: str
    stopped_at: str | None
    invite_link: str
    products: list["PlanProduct"]


class PlanForPromoter(TypedDict):
    """A targeted plan, its products, where the promoter stands; `state` is null where it has nothing to do with it."""

    no: str
    name: str
    note: str
    shop: str
    phase: str
    starts_at: str
    ends_at: str
    products: list["PlanProduct"]
    state: str | None
    since: str | None
    message: str
    reason: str


class PlanMember(TypedDict):
    """A promoter in a plan, or on the way into or out of it."""

    name: str | None
    state: str | None
    level: str | None
    conversion_bps: int | None
    message: str | None
    reason: str | None
    since: str
    no: str | None


class PlanMemberPage(TypedDict):
    """A page of rows: A promoter in a plan, or on the way into or out of it."""

    items: list["PlanMember"]
    next: str


class PlanPreview(TypedDict):
    """What a plan would owe from `from_at` on. Nothing of it has happened."""

    from_at: str
    products: list["OwedShown"]


class PlanProduct(TypedDict):
    """A product of a plan: its rate in the plan, what everybody gets, and the rate that comes next (0: none)."""

    no: str
    title: str
    price_fen: int
    rate_bps: int | None
    public_rate_bps: int
    commission_fen: int
    next_rate_bps: int | None
    next_at: str | None


class PoolProduct(TypedDict):
    """A product that the operator took into the curated pool."""

    product: str | None
    price_fen: int | None
    category: str | None
    since: str | None
    no: str | None
    shop: str | None


class PoolProductPage(TypedDict):
    """A page of rows: A product that the operator took into the curated pool."""

    items: list["PoolProduct"]
    next: str


class PrepaidShown(TypedDict):
    """An external shop's prepaid balance: what is there, what waits for money, and how many days it lasts at the
    pace of the last seven days (null: nothing was taken).
    """

    balance_fen: int
    owed_fen: int
    waiting_sales: int
    waiting_fen: int
    spent_fen: int
    days_left: int | None
    top_ups: list["TopUpShown"]


class PreviewShown(TypedDict):
    """What publishing would do. Nothing of it has happened."""

    effective_at: str
    lifts: list["LiftShown"]
    outlooks: list["OutlookShown"]
    samples: list["SampleShown"]


class ProductRate(TypedDict):
    """A product's rate in the plan."""

    product_no: str
    rate_bps: int


class PromotedLine(TypedDict):
    """An order line that the promoter brought, paid or not; `commission_fen` is all that the promoter gets of it."""

    order_no: str | None
    line: int | None
    state: str | None
    product_no: str | None
    title: str | None
    spec: str | None
    quantity: int | None
    shop_no: str | None
    shop: str | None
    source: str | None
    paid_at: str | None
    received_at: str | None
    due_at: str | None
    paid_fen: int | None
    refunded_fen: int | None
    placed_at: str
    pid: str | None
    place: str | None
    customize_info: str | None
    claimed_by: str | None
    rate_bps: int | None
    estimated_fen: int | None
    commission_fen: int | None
    commission_state: str | None


class PromotedLinePage(TypedDict):
    """A page of rows: An order line that the promoter brought, paid or not; `commission_fen` is all that the
    promoter gets of it.
    """

    items: list["PromotedLine"]
    next: str


class PublishedShown(TypedDict):
    """What was published: from when it holds, and what it lifted."""

    effective_at: str
    lifts: list["LiftShown"]


class PurseShown(TypedDict):
    """What was earned from a source and can be withdrawn now."""

    source: str
    available_fen: int
    minimum_fen: int
    fee_fen: int
    settle_days: int


class Quota(TypedDict):
    """Calls of this minute: how many there may be, how many are left, seconds until the next minute."""

    limit: int
    left: int
    resets_in: int


class ReceiptLine(TypedDict):
    """A label with an amount in fen or a text, and how it came about. `tone`: plain, sum, aside, good, bad."""

    label: str
    amount_fen: int | None
    text: str
    formula: str
    tone: str


class ReceiptSection(TypedDict):
    """Lines that answer one question."""

    title: str
    lines: list["ReceiptLine"]


class ReceiptShown(TypedDict):
    """What a number stands for, from what was bought to where each fen stands now, in the reader's language."""

    no: str
    title: str
    holds: bool
    sections: list["ReceiptSection"]


class Receipts(TypedDict):
    """Receipts: one for each share that the caller has in it."""

    items: list["ReceiptShown"]


class RefundIn(TypedDict):
    """What has gone back of a line until now, all refunds together; `line_no` counts from 1, 0 is freight.

    No amount: by quantity.
    """

    line_no: int
    quantity: NotRequired[int]
    amount_fen: NotRequired[int | None]


class RefusedReport(TypedDict):
    """A report that couldn't be taken: where it stood in its batch (from 0), which order, why."""

    batch_no: str
    place: int
    external_no: str
    code: str
    detail: str
    details: dict[str, Any]
    at: str


class Removal(TypedDict):
    """A promoter to take out, with a reason."""

    promoter: str
    reason: str


class Report(TypedDict):
    """A report and what became of it."""

    external_no: str | None
    batch_no: str | None
    at: str
    state: str | None
    code: str | None
    reason: str | None
    reason_en: str | None
    ended_at: str | None
    order_no: str | None
    place: int


class ReportPage(TypedDict):
    """A page of rows: A report and what became of it."""

    items: list["Report"]
    next: str


class ReportedOrderShown(TypedDict):
    """What was reported of an order, the latest first, and the order as it stands; null while nothing was taken."""

    external_no: str
    order_no: str | None
    state: str | None
    placed_at: str | None
    paid_at: str | None
    shipped_at: str | None
    received_at: str | None
    closed_at: str | None
    paid_fen: int | None
    refunded_fen: int | None
    reports: list["OrderReport"]


class ReportsIn(TypedDict):
    """Orders to report, in the order in which they are to be worked off; an order may come more than once."""

    orders: list["OrderIn"]


class ReportsKept(TypedDict):
    """A batch that was kept. `fresh` of its reports are news, the others said what had been said before."""

    no: str
    reports: int
    fresh: int


class Rules(TypedDict):
    """The rules of each source."""

    items: list["TermsShown"]


class SampleShown(TypedDict):
    """One piece of a product sold: who would be owed what before and after, and at worst (highest grade, all tiers)."""

    product_no: str
    price_fen: int
    before: list["ShareShown"]
    usual: list["ShareShown"]
    worst: list["ShareShown"]


class SellingPromoter(TypedDict):
    """A promoter who brought buyers, with figures of the span of days."""

    name: str | None
    clicks: int
    orders: int
    paid_fen: int
    refunded_fen: int | None
    estimated_fen: int
    settled_fen: int | None
    state: str | None
    no: str | None


class SellingPromoterPage(TypedDict):
    """A page of rows: A promoter who brought buyers, with figures of the span of days."""

    items: list["SellingPromoter"]
    next: str


class ShareShown(TypedDict):
    """What somebody would be owed."""

    role: str
    rate_bps: int
    amount_fen: int


class ShopLine(TypedDict):
    """A line of an order."""

    no: int
    title: str
    spec: str
    quantity: int
    price_fen: int
    paid_fen: int
    refunded_fen: int


class ShopOrder(TypedDict):
    """An order of the shop; `commission_fen` is what the shop owes for it."""

    no: str | None
    placed_at: str
    paid_at: str | None
    title: str | None
    payable_fen: int | None
    commission_fen: int | None
    state: str | None
    refund: str | None
    received_at: str | None
    external_no: str | None


class ShopOrderDetail(TypedDict):
    """An order with its lines. Whom it goes to is in the console only."""

    no: str
    external_no: str
    state: str
    source: str
    placed_at: str
    paid_at: str | None
    received_at: str | None
    payable_fen: int
    freight_fen: int
    lines: list["ShopLine"]


class ShopOrderPage(TypedDict):
    """A page of rows: An order of the shop; `commission_fen` is what the shop owes for it."""

    items: list["ShopOrder"]
    next: str


class ShopProduct(TypedDict):
    """A product of the shop; `promotion` is `promotable`, or why it can't be promoted."""

    title: str | None
    external_no: str | None
    category: str | None
    price_fen: int
    free: int | None
    sold: int | None
    state: str | None
    promotion: str | None
    created_at: str | None
    no: str | None


class ShopProductDetail(TypedDict):
    """A product in full: `why_not` is the stable name of what is in the way of promoting it, null if nothing is;
    `rate_bps` and `commission_fen` are what everybody gets now, `coming_rate_bps` from the next midnight on.
    """

    no: str
    external_no: str
    title: str
    subtitle: str
    pictures: list[str]
    category_ids: list[int]
    state: str
    excluded: bool
    price_fen: int
    free: int
    skus: list["ShopSkuShown"]
    listed_from: str | None
    why_not: str | None
    why_not_said: str
    rate_bps: int
    coming_rate_bps: int
    commission_fen: int


class ShopProductPage(TypedDict):
    """A page of rows: A product of the shop; `promotion` is `promotable`, or why it can't be promoted."""

    items: list["ShopProduct"]
    next: str


class ShopPromotedLine(TypedDict):
    """An order line that a promoter brought, with what it costs the shop by role."""

    order_no: str | None
    placed_at: str
    paid_at: str | None
    title: str | None
    promoter: str | None
    promoter_no: str | None
    place: str | None
    paid_fen: int | None
    refunded_fen: int | None
    rate_bps: int | None
    direct_fen: int | None
    bonus_fen: int | None
    tiers_fen: int | None
    leader_fen: int | None
    commission_fen: int | None
    state: str | None
    due_at: str | None
    external_no: str | None
    spec: str | None


class ShopPromotedLinePage(TypedDict):
    """A page of rows: An order line that a promoter brought, with what it costs the shop by role."""

    items: list["ShopPromotedLine"]
    next: str


class ShopShown(TypedDict):
    """A shop."""

    no: str
    name: str
    source: str


class ShopSkuShown(TypedDict):
    """A choice of a product; order reports name it by `sku_id`."""

    sku_id: int
    spec: str
    price_fen: int
    free: int
    on_sale: bool


class SkuShown(TypedDict):
    """A choice of a product."""

    spec: str
    price_fen: int
    free: int
    on_sale: bool


class Statement(TypedDict):
    """A party's closed month, from the entries of its available account; `by_kind` adds up each kind of booking."""

    month: str
    opening_fen: int
    in_fen: int
    out_fen: int
    closing_fen: int
    by_kind: dict[str, int]
    entries: int
    digest: str
    closed_at: str


class StatementBooking(TypedDict):
    """A booking that a statement was closed from."""

    at: str
    kind: str
    source: str
    amount_fen: int
    balance_fen: int


class StatementDetail(TypedDict):
    """A month with its bookings, in order."""

    month: str
    opening_fen: int
    in_fen: int
    out_fen: int
    closing_fen: int
    by_kind: dict[str, int]
    entries: int
    digest: str
    closed_at: str
    bookings: list["StatementBooking"]


class Statements(TypedDict):
    """Closed months."""

    items: list["Statement"]


class StepShown(TypedDict):
    """Something that happened to a withdrawal."""

    at: str
    said: str
    note: str


class TargetedPlan(TypedDict):
    """A targeted plan of the shop."""

    name: str | None
    phase: str | None
    products: int | None
    best_bps: int | None
    accepted: int | None
    applied: int | None
    starts_at: str
    ends_at: str
    no: str | None


class TargetedPlanPage(TypedDict):
    """A page of rows: A targeted plan of the shop."""

    items: list["TargetedPlan"]
    next: str


class TermsShown(TypedDict):
    """How a source settles and pays (docs/rules.md §8), and whether the promoter has accepted it."""

    source: str
    edition: int
    accepted: bool
    settle_days: int
    withdraw_min_fen: int
    withdraw_fee_fen: int
    tax_bps: int
    platform_fee_bps: int
    material_days: int
    touch_window_days: int


class TopUpShown(TypedDict):
    """Money that was paid in."""

    no: str
    amount_fen: int
    state: str
    created_at: str
    paid_at: str | None


class Wish(TypedDict):
    """What material is wanted: products and whole shops by number, at most 20 together, at one place."""

    pid: str
    products: NotRequired[list[str]]
    shops: NotRequired[list[str]]
    activity: NotRequired[str]
    customize_info: NotRequired[str]


class Withdrawal(TypedDict):
    """A withdrawal, and where it stands."""

    no: str | None
    asked_at: str
    source: str | None
    amount_fen: int
    fee_fen: int | None
    tax_fen: int | None
    net_fen: int | None
    rail: str | None
    account: str | None
    state: str | None
    ended_at: str | None


class WithdrawalDetail(TypedDict):
    """A withdrawal with its steps, in order."""

    no: str | None
    asked_at: str
    source: str | None
    amount_fen: int
    fee_fen: int | None
    tax_fen: int | None
    net_fen: int | None
    rail: str | None
    account: str | None
    state: str | None
    ended_at: str | None
    steps: list["StepShown"]


class WithdrawalPage(TypedDict):
    """A page of rows: A withdrawal, and where it stands."""

    items: list["Withdrawal"]
    next: str
