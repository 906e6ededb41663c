"""What should have happened by now is named once its job's time has passed, and not before."""

from datetime import timedelta

import pytest

from tests.make import commission as make_commission
from tests.make import parties as make_parties
from tests.make import payments as make_payments
from tests.make import settlement as make
from tests.make.settlement import NOW
from tuike.audit import service as audit
from tuike.commission import service as commission
from tuike.db import rows
from tuike.insight import verify
from tuike.insight.verify import overdue
from tuike.parties.types import Rail as AccountRail
from tuike.payments import service as payments
from tuike.risk import service as risk
from tuike.risk.types import CaseFacts, CaseKind
from tuike.settlement import service as settlement
from tuike.settlement.types import Rail

pytestmark = pytest.mark.usefixtures("db")
MINUTE = timedelta(minutes=1)


def found(name, now):
    (result,) = verify.run(names=[name], now=now)
    return [f"{one.object} {one.what}" for one in result.findings]


def test_without_an_instant_nothing_is_overdue():
    assert {one.name for one in verify.run()} == set(verify.NAMES) - {one.name for one in overdue.CHECKS}
    assert {one.name for one in verify.run(now=NOW)} == set(verify.NAMES)


def test_a_sale_that_could_be_settled_for_an_hour():
    make_commission.paid([make_commission.sale(1), make_commission.sale(2)])
    commission.mark_received(sale_ids=[1, 2], received_at=make_commission.NOW, settle_days=27)
    rows.run("UPDATE commission_sale SET open_after_sales = 1 WHERE id = 2")
    due = make_commission.NOW + timedelta(days=27)
    assert found("overdue", due + 60 * MINUTE) == []
    (said,) = found("overdue", due + 61 * MINUTE)
    assert said.startswith("sale 1 of order O1 is due since")
    make_commission.settled(days=28)
    assert found("overdue", due + 61 * MINUTE) == []


def test_a_notice_that_nobody_worked_on():
    about = make_payments.fact(make_payments.intent().no)
    payments.keep_notice(channel="wechatpay", notice=make_payments.notice(about), now=NOW)
    at, no = rows.query("SELECT received_at, object_no FROM payments_notice")[0]
    assert found("notices", at + 15 * MINUTE) == []
    assert "after 0 attempts" in found("notices", at + 16 * MINUTE)[0]
    risk.open_cases(cases=[CaseFacts(CaseKind.STUCK_NOTICE, no)], now=at)
    assert found("notices", at + 16 * MINUTE) == []


def test_payouts_that_were_not_handed_over_or_asked_for():
    party = make.payee(2_000, rail=AccountRail.WECHAT, number="o" + "x" * 27)
    no = make.approved(party, 1_000)
    assert found("asked", NOW + 15 * MINUTE) == []
    assert found("asked", NOW + 16 * MINUTE)[0].startswith(f"withdrawal {no} is approved since")
    settlement.take_to_send(rail=Rail.WECHAT, limit=9, now=NOW)
    assert found("asked", NOW + 16 * MINUTE) == []
    assert found("asked", NOW + 17 * MINUTE)[0].startswith(f"withdrawal {no} was to be asked for at")
    make.sending(make.payee(500), 500)
    assert len(found("asked", NOW + timedelta(days=9))) == 1, "a bank's file has no time to be asked for"


def test_an_act_outside_the_chain():
    make_parties.operator()
    rows.run("UPDATE parties_party SET admins = admins")
    at = rows.query("SELECT max(at) FROM audit_act")[0][0]
    assert found("unsealed", at + 15 * MINUTE) == []
    assert "party.open" in found("unsealed", at + 16 * MINUTE)[0]
    audit.seal()
    assert found("unsealed", at + 16 * MINUTE) == []
