"""The form by which a shop enrols products, each in a row with its own terms: read, weighed, drawn again as typed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from tuike.cooperation.types import ActivityShown, NewEnrolment, PeriodInPast, PeriodOutsideActivity, ShownTo
from tuike.doors.console.cooperation import shared
from tuike.doors.console.marketing import picking
from tuike.doors.console.marketing.picking import Picked
from tuike.doors.console.merchant import reading
from tuike.flows import enrol_products
from tuike.flows.enrol_products import EnrolmentOwed
from tuike.insight.own_products import OwnProductFound
from tuike.kit import days
from tuike.kit.errors import Invalid, Refusal

COMMON = ("starts_at", "ends_at", "shown_to", "contact", "all_rate", "all_service", "all_base")
"""What is typed once: what holds for every product, and what a press fills the columns with."""


@dataclass(frozen=True, slots=True)
class Row:
    """A product in the form, its terms as typed; `said` is what is wrong with them, `field` which of them is, and
    `owed` what they would owe where somebody asked."""

    product: OwnProductFound
    public_bps: int
    rate: str = ""
    service: str = ""
    base: str = ""
    said: str = ""
    field: str = ""
    owed: EnrolmentOwed | None = None


@dataclass(frozen=True, slots=True)
class Read:
    """What a form says: the rows, what can be enrolled by product, and by field what is wrong with the rest."""

    rows: Sequence[Row]
    wanted: Mapping[int, NewEnrolment]
    errors: Mapping[str, str]

    @property
    def fit(self) -> bool:
        """Return whether everything could be read."""
        return not self.errors and bool(self.rows) and len(self.wanted) == len(self.rows)


def typed(request: Any) -> dict[str, str]:
    """Return what was typed once for all products."""
    return {name: request.POST.get(name, "") for name in COMMON}


def row(request: Any, one: Picked) -> Row:
    """Return a chosen product with its terms as the form sent them."""
    no = one.product.no
    return Row(
        one.product,
        one.public_bps,
        rate=one.rate,
        service=request.POST.get(f"service_{no}", ""),
        base=request.POST.get(f"base_{no}", ""),
    )


def read(request: Any, found: ActivityShown) -> Read:
    """Return what the form says; each row keeps what can't be read in it."""
    errors: dict[str, str] = {}
    common = _common(typed(request), found, errors)
    read_rows, wanted = [], {}
    for one in (row(request, chosen) for chosen in picking.chosen(request)):
        try:
            terms = _terms(one)
        except Invalid as refusal:
            read_rows.append(refused(one, refusal))
            continue
        read_rows.append(one)
        if common is not None:
            wanted[one.product.product_id] = NewEnrolment(product_id=one.product.product_id, **terms, **common)
    if not read_rows:
        problem = Invalid(field="products", reason_zh="请选择商品", reason_en="choose products")
        errors |= reading.problems(problem)
    return Read(read_rows, wanted, errors)


def weighed(request: Any, no: str, found: Read) -> list[Row]:
    """Return the rows with what each alone would owe, or why it alone would be refused."""
    if not found.wanted:
        return list(found.rows)
    wanted = list(found.wanted.values())
    known = enrol_products.weigh_enrolments(activity_no=no, wanted=wanted, by=shared.by(request))
    return [_weighed(one, known.get(one.product.product_id)) for one in found.rows]


def problems(refusal: Refusal, asked: Mapping[str, str]) -> dict[str, str]:
    """Return a verb's no by field where it is about what was typed once, or about the whole; {}: about one product."""
    if isinstance(refusal, PeriodInPast | PeriodOutsideActivity):
        field = "starts_at" if _begins_wrong(refusal, asked) else "ends_at"
        return {field: reading.problems(refusal)["form"]}
    if isinstance(refusal, Invalid) and refusal.details["field"] in COMMON:
        return reading.problems(refusal)
    return {} if refusal.about else reading.problems(refusal)


def refused(one: Row, refusal: Refusal) -> Row:
    """Return a row that says why it is refused, and in which field."""
    field = _FIELDS.get(str(refusal.details.get("field", "")), "")
    return replace(one, said=next(iter(reading.problems(refusal).values())), field=field)


_FIELDS = {"rate_bps": "rate", "service_bps": "service", "base_orders": "base"}


def _weighed(one: Row, known: EnrolmentOwed | Refusal | None) -> Row:
    if isinstance(known, Refusal):
        return refused(one, known)
    return one if known is None else replace(one, owed=known)


def _terms(one: Row) -> dict[str, int]:
    """Return a row's own terms.

    Raises:
        Invalid: rate_bps, service_bps, base_orders: it can't be read.
    """
    return {
        "rate_bps": reading.bps(one.rate, field="rate_bps"),
        "service_bps": reading.bps(one.service, field="service_bps"),
        "base_orders": reading.whole(one.base or "0", field="base_orders"),
    }


def _common(asked: Mapping[str, str], found: ActivityShown, errors: dict[str, str]) -> dict[str, Any] | None:
    """Return what holds for every product, None with what is wrong put into `errors`. An end as the activity's was
    shown is that, to the second."""
    ends: dict[str, datetime | None] = {"starts_at": None, "ends_at": found.ends_at}
    for field, until in (("starts_at", ""), ("ends_at", days.shown(found.ends_at)[:16])):
        if asked[field].strip() == until:
            continue
        try:
            ends[field] = reading.instant(asked[field], field=field)
        except Invalid as refusal:
            errors |= reading.problems(refusal)
    if errors:
        return None
    both = asked["shown_to"] == ShownTo.LEADER_AND_PROMOTERS.value
    shown_to = ShownTo.LEADER_AND_PROMOTERS if both else ShownTo.LEADER
    return ends | {"shown_to": shown_to, "contact": asked["contact"]}


def _begins_wrong(refusal: Refusal, asked: Mapping[str, str]) -> bool:
    """Return whether a period is refused for its beginning: where one was typed, and the end isn't before it."""
    begins, ends = asked["starts_at"].strip(), asked["ends_at"].strip()
    if not begins or begins >= ends:
        return False
    if isinstance(refusal, PeriodOutsideActivity):
        return begins < str(refusal.details["from_"])[:16]
    return True
