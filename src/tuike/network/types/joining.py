"""Coming in: links, the form with its rules, applications."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from tuike.parties.types import PartyKind


class FieldKind(StrEnum):
    """What an answer is: words, a whole number, one of several choices, a natural day, a picture that was handed in."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    DATE = "date"
    PICTURE = "picture"


class RuleTest(StrEnum):
    """What a rule asks of an answer. `years_*` is of dates: how old it is, in whole years, when it was filed."""

    IS = "is"
    IS_NOT = "is_not"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    YEARS_AT_LEAST = "years_at_least"
    YEARS_UNDER = "years_under"


class Then(StrEnum):
    """What a rule decides of an application that it holds for."""

    ADMIT = "admit"
    REJECT = "reject"
    REVIEW = "review"


class ApplicationState(StrEnum):
    """Where an application stands. Exits: filed → passed | rejected | withdrawn."""

    FILED = "filed"
    PASSED = "passed"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"

    @property
    def exits(self) -> "frozenset[ApplicationState]":
        """Where it may go from here."""
        if self is ApplicationState.FILED:
            return frozenset({ApplicationState.PASSED, ApplicationState.REJECTED, ApplicationState.WITHDRAWN})
        return frozenset()


@dataclass(frozen=True, slots=True)
class Field:
    """A question of the form. `low` and `high` bound a number; `most` characters of a text; `choices` of a choice."""

    key: str
    kind: FieldKind
    zh: str
    en: str = ""
    required: bool = True
    choices: tuple[str, ...] = ()
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """What is decided of an application by itself, where `field`'s answer meets `test` against `value`.

    A rejection says `reason` to who applied.
    """

    field: str
    test: RuleTest
    value: str
    then: Then
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewForm:
    """A form to publish. `needed` off: nobody has to apply. `law_noted`: the operator has read what the law says about
    thresholds of money beside several paid tiers, and answers for it. `reapply_days` after a rejection."""

    needed: bool
    title: str
    fields: tuple[Field, ...] = ()
    rules: tuple[Rule, ...] = ()
    real_name: bool = True
    deposit_fen: int = 0
    purchases_fen: int = 0
    reapply_days: int = 7
    auto_pass: bool = False
    law_noted: bool = False


@dataclass(frozen=True, slots=True)
class FormShown:
    """An edition of the form."""

    form_id: int
    edition: int
    published_at: datetime
    form: NewForm


@dataclass(frozen=True, slots=True)
class Thresholds:
    """What is known of who applies: certified, the fen of a deposit that stand, own purchases net of refunds in fen."""

    proven: bool
    deposit_fen: int
    purchases_fen: int


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the rules say: `then` decides, or nothing yet: `missing` thresholds, else it is for a person."""

    then: Then | None
    reason: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RecruitLinkShown:
    """A recruiting link."""

    link_id: int
    code: str
    owner_id: int
    owner_no: str
    owner_name: str
    owner_kind: PartyKind
    note: str
    made_at: datetime
    closed_at: datetime | None


@dataclass(frozen=True, slots=True)
class ApplicationShown:
    """An application. `answers` only where somebody may read them."""

    application_id: int
    no: str
    person_id: int
    promoter_id: int
    form_id: int
    state: ApplicationState
    by_hand: bool
    filed_at: datetime
    decided_at: datetime | None
    decided_by: int | None
    reason: str
    answers: Mapping[str, Any] = field(default_factory=dict, repr=False)


@dataclass(frozen=True, slots=True)
class ToJudge:
    """An application that the rules are to look at, with the form that it was filed by."""

    application: ApplicationShown
    form: NewForm
