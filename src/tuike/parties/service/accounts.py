"""Where a party's withdrawals go (docs/rules.md §8)."""

import json
from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from tuike.audit import service as audit
from tuike.audit.types import SYSTEM, Actor
from tuike.db import rows
from tuike.kit import crypto, days, ids
from tuike.kit.errors import Invalid
from tuike.messages import service as messages
from tuike.outbox import service as outbox
from tuike.parties import rules
from tuike.parties.models import BankAccount
from tuike.parties.service import guards
from tuike.parties.types import (
    AccountDetails,
    BankAccountCooling,
    BankAccountGone,
    BankAccountNotVerified,
    BankAccountRef,
    NoBankAccount,
    NotSuperAdmin,
    Rail,
    Role,
)
from tuike.people import queries as persons
from tuike.people import service as people
from tuike.settings import service as limits

BIND = "bind_account"
"""Purpose of the scan challenge before an account is bound; its subject is the party's number."""

VERIFY = """
    UPDATE parties_bank_account SET verified_at = %s
    WHERE id = %s AND verified_at IS NULL AND replaced_at IS NULL RETURNING party_id, tail
"""


@transaction.atomic
def bind_bank_account(
    *, party_id: int, rail: Rail, holder: str, number: str, bank: str = "", actor: Actor, now: datetime
) -> BankAccountRef:
    """Bind the account that withdrawals go to; it must be verified before it is used.

    An account that takes another's place waits `bank_cool_down_hours` from now on; running withdrawals keep the one
    they were asked with. The door has asked the person to prove again who they are. Everybody with a seat is told by
    the event `bank_account.bound`. `number` is an openid on the WeChat rail.

    Raises:
        UnknownParty: no such party.
        NotSuperAdmin: only the super administrator binds.
        NotCertified: the party isn't certified.
        Suspended: the party is suspended.
        Invalid: holder, number or bank; or the sandbox in production.
    """
    rail = Rail(rail)
    party = guards.lock(party_id)
    guards.require_super_admin(party, actor)
    guards.require_certified(party)
    if rail is Rail.SANDBOX and settings.PRODUCTION:
        raise Invalid(field="rail", reason_zh="生产环境不能使用沙箱", reason_en="there is no sandbox in production")
    rules.check_holder(holder, bank, rail)
    number = rules.account_number(rail, number)
    replaced = BankAccount.objects.filter(party=party, replaced_at=None).update(replaced_at=now)
    wait = timedelta(hours=limits.get("bank_cool_down_hours")) if replaced else timedelta(0)
    row_key = ids.random_code(20)
    details = json.dumps({"holder": holder.strip(), "number": number}, ensure_ascii=False)
    account = BankAccount.objects.create(
        party=party,
        rail=rail,
        row_key=row_key,
        sealed=crypto.seal(details, place=_place(row_key), keys=settings.FIELD_KEYS),
        tail=number[-4:],
        bank=bank.strip(),
        usable_from=now + wait,
        created_at=now,
    )
    facts = {"rail": rail.value, "tail": account.tail, "replaces": bool(replaced)}
    audit.record(actor=actor, action="bank_account.bind", object_=party.no, facts=facts, now=now)
    told = {"tail": account.tail, "usable_at": account.usable_from.isoformat()}
    messages.tell(party_id=party_id, kind="bank_account_changed", facts=told, now=now)
    outbox.put(topic="bank_account.bound", events=[(party.no, facts | {"party_id": party.id})], now=now)
    return _ref(account)


def check_account(*, rail: Rail, holder: str, number: str = "", bank: str = "") -> None:
    """Refuse an account that can't be bound, before anybody is asked to prove who they are.

    Raises:
        Invalid: holder, number or bank; or the sandbox in production.
    """
    rail = Rail(rail)
    if rail is Rail.SANDBOX and settings.PRODUCTION:
        raise Invalid(field="rail", reason_zh="生产环境不能使用沙箱", reason_en="there is no sandbox in production")
    rules.check_holder(holder, bank, rail)
    if rail is not Rail.WECHAT:
        rules.account_number(rail, number)


@transaction.atomic
def ask_to_bind(*, party_id: int, asker: str, place: str, actor: Actor, now: datetime) -> str:
    """Open the scan challenge by which the super administrator proves anew who they are; return its ticket.

    Raises:
        UnknownParty: no such party.
        NotSuperAdmin: only the super administrator binds.
        NotCertified, Suspended: the party may not act.
    """
    party = guards.find(party_id)
    guards.require_super_admin(party, actor)
    guards.require_certified(party)
    return people.ask_scan(purpose=BIND, subject=party.no, place=place, asker=asker, now=now)


@transaction.atomic
def bind_scanned(
    *,
    party_id: int,
    rail: Rail,
    holder: str,
    number: str = "",
    bank: str = "",
    ticket: str,
    asker: str,
    actor: Actor,
    now: datetime,
) -> BankAccountRef:
    """Bind an account through a challenge that the super administrator confirmed with the phone (docs/rules.md §8).

    On the WeChat rail the number is the openid of who confirmed, in the installation's own mini-program: WeChat itself
    says whose it is, and holds the holder's name against it at each transfer, so that account needs no other proof.

    Raises:
        UnknownScan, ScanExpired, ScanNotOpen: not confirmed, over, or used.
        NotSuperAdmin: somebody else confirmed, or asks.
        Invalid: no openid is known on the WeChat rail; and what `bind_bank_account` refuses.
    """
    rail = Rail(rail)
    party = guards.lock(party_id)
    confirmed_by = people.use_scan(ticket=ticket, asker=asker, purpose=BIND, subject=party.no, now=now)
    if guards.role_in(party_id, confirmed_by) is not Role.SUPER_ADMIN:
        raise NotSuperAdmin
    if rail is Rail.WECHAT:
        number = persons.openids_of([confirmed_by], appid=limits.mall_appid()).get(confirmed_by, "")
    bound = bind_bank_account(
        party_id=party_id, rail=rail, holder=holder, number=number, bank=bank, actor=actor, now=now
    )
    if rail is not Rail.WECHAT:
        return bound
    BankAccount.objects.filter(id=bound.id).update(verified_at=now)
    facts = {"tail": bound.tail, "by": "wechat"}
    audit.record(actor=SYSTEM, action="bank_account.verify", object_=party.no, facts=facts, now=now)
    return replace(bound, verified_at=now)


@transaction.atomic
def verify_bank_account(*, bank_account_id: int, actor: Actor, now: datetime) -> None:
    """Note that an account was verified: by the operator's look at its proof, or by a job after a test transfer.

    Raises:
        NotOperator: the actor has no deciding seat of the operator.
        BankAccountGone: no such account, verified before, or replaced.
    """
    guards.require_operator(actor)
    done = rows.query(VERIFY, [now, bank_account_id])
    if not done:
        raise BankAccountGone
    party_id, tail = done[0]
    party = guards.find(party_id)
    audit.record(actor=actor, action="bank_account.verify", object_=party.no, facts={"tail": tail}, now=now)


def account_for_payout(*, party_id: int, now: datetime) -> BankAccountRef:
    """Return the account that a withdrawal asked for at `now` goes to.

    Raises:
        NoBankAccount: none is bound.
        BankAccountNotVerified: not verified yet.
        BankAccountCooling: changed a short while ago; at exactly `usable_from` it is good.
    """
    account = BankAccount.objects.filter(party_id=party_id, replaced_at=None).first()
    if account is None:
        raise NoBankAccount
    if account.verified_at is None:
        raise BankAccountNotVerified
    if now < account.usable_from:
        raise BankAccountCooling(until=account.usable_from, until_shown=days.shown(account.usable_from))
    return _ref(account)


def open_accounts(*, bank_account_ids: Iterable[int]) -> dict[int, AccountDetails]:
    """Return accounts in clear by id, for a payout file or call; the caller audits the batch (docs/rules.md §11).

    Replaced accounts open, too: a withdrawal keeps the account it was asked with.
    """
    opened = {}
    for account in BankAccount.objects.filter(id__in=list(bank_account_ids)):
        text = crypto.open_sealed(bytes(account.sealed), place=_place(account.row_key), keys=settings.FIELD_KEYS)
        details = json.loads(text)
        opened[account.id] = AccountDetails(
            account.id, account.party_id, Rail(account.rail), account.bank, details["holder"], details["number"]
        )
    return opened


def open_account_details(*, bank_account_id: int) -> AccountDetails:
    """Return one account in clear; the caller audits it.

    Raises:
        BankAccountGone: no such account.
    """
    details = open_accounts(bank_account_ids=[bank_account_id]).get(bank_account_id)
    if details is None:
        raise BankAccountGone
    return details


def _ref(account: BankAccount) -> BankAccountRef:
    return BankAccountRef(
        account.id,
        account.party_id,
        Rail(account.rail),
        account.bank,
        account.tail,
        account.verified_at,
        account.usable_from,
    )


def _place(row_key: str) -> str:
    return f"parties_bank_account|sealed|{row_key}"
