"""Makers of the promoters' network: forms, people who apply, deposits that were paid."""

from datetime import datetime
from typing import Any

from tests.make import parties as make_parties
from tests.make import payments as make_payments
from tests.make import people as make_people
from tests.make.alliance import NOON
from tuike.audit.types import OPERATOR_SHELL
from tuike.flows import apply_to_network, deposit_money, open_party
from tuike.flows.confirm_payments import confirm_answers
from tuike.network import queries, service
from tuike.network.types import (
    ApplicationShown,
    DepositShown,
    Field,
    FieldKind,
    FormShown,
    NewForm,
    Rule,
    RuleTest,
    Then,
)
from tuike.parties.types import PartyRef, SubjectKind

FIELDS = (
    Field("why", FieldKind.TEXT, "为什么加入", "Why"),
    Field("fans", FieldKind.NUMBER, "粉丝数", "Followers", low=0),
    Field("born", FieldKind.DATE, "出生日期", "Born", required=False),
    Field("where", FieldKind.CHOICE, "渠道", "Where", required=False, choices=("朋友圈", "视频号")),
)
RULES = (
    Rule("fans", RuleTest.AT_MOST, "9", Then.REJECT, "粉丝不足 10 人"),
    Rule("born", RuleTest.YEARS_UNDER, "18", Then.REJECT, "未满 18 周岁"),
    Rule("fans", RuleTest.AT_LEAST, "1000", Then.ADMIT),
    Rule("where", RuleTest.IS, "视频号", Then.REVIEW),
)
ANSWERS: dict[str, Any] = {"why": "喜欢分享好物", "fans": 100}


def form(now: datetime = NOON, **changes: object) -> FormShown:
    """Put a form in force: four questions, rules, no thresholds; what no rule decides is for a person."""
    facts: dict = {"needed": True, "title": "推客申请", "fields": FIELDS, "rules": RULES, "real_name": False}
    return service.publish_form(form=NewForm(**facts | changes), actor=OPERATOR_SHELL, now=now)


def opened(person_id: int | None = None, *, link: str = "", recruiter_no: str = "", now: datetime = NOON) -> PartyRef:
    """Return a promoter that a (new) person opened by themselves."""
    return open_party.open_promoter(
        person_id=person_id or make_people.person().id,
        name="新推客",
        subject_kind=SubjectKind.INDIVIDUAL,
        recruiter_no=recruiter_no,
        link=link,
        key=None,
        actor=OPERATOR_SHELL,
        now=now,
    )


def head(party: PartyRef) -> int:
    """Return the person who is a party's super administrator."""
    person_id = make_parties.super_admin_of(party).person_id
    assert person_id is not None
    return person_id


def applied(party: PartyRef, *, now: datetime = NOON, **answers: object) -> ApplicationShown:
    """File an application of a promoter."""
    return apply_to_network.file_application(
        person_id=head(party),
        promoter_id=party.id,
        answers=ANSWERS | answers,
        actor=make_parties.super_admin_of(party),
        now=now,
    )


def asked(party: PartyRef, fen: int = 20_000, *, now: datetime = NOON) -> tuple[DepositShown, Any]:
    """Return a promoter's deposit that waits to be paid, and its intent."""
    deposit = service.keep_deposit(promoter_id=party.id, person_id=head(party), amount_fen=fen, now=now)
    intent = make_payments.intent(purpose=deposit_money.purpose(deposit.no), amount_fen=fen, now=now)
    return deposit, intent


def come_in(intent: Any, *, fen: int | None = None, now: datetime = NOON) -> Any:
    """Let the provider say that an intent was paid."""
    amount_fen = intent.amount_fen if fen is None else fen
    fact = make_payments.fact(intent.no, amount_fen=amount_fen, success_at=now, payer_openid="nobody-known")
    return confirm_answers(facts=[fact], now=now)


def paid(party: PartyRef, fen: int = 20_000, *, now: datetime = NOON) -> DepositShown:
    """Return a deposit of a promoter that was paid."""
    deposit, intent = asked(party, fen, now=now)
    come_in(intent, now=now)
    return queries.deposit(deposit.no)
