"""Why a payout didn't arrive, in words that say what to do: to its party in the console and on the phone, to finance
with the provider's code."""

import re

import pytest
from django.test import Client

from tests.make import parties as make_parties
from tests.make import settlement as make_settlement
from tuike.insight import payout_words
from tuike.kit import clock
from tuike.parties import queries as parties
from tuike.parties.types import Role
from tuike.people import service as people
from tuike.people.types import SessionKind
from tuike.settlement import service
from tuike.settlement.types import Heard, WithdrawalState

RETURNED = WithdrawalState.RETURNED
CHINESE = re.compile(r"[\u4e00-\u9fff]")
WECHATS = [
    "ACCOUNT_FROZEN",
    "ACCOUNT_NOT_EXIST",
    "BANK_CARD_ACCOUNT_ABNORMAL",
    "BANK_CARD_BANK_INFO_WRONG",
    "BANK_CARD_CARD_INFO_WRONG",
    "BANK_CARD_COLLECTIONS_ABOVE_QUOTA",
    "BANK_CARD_PARAM_ERROR",
    "BANK_CARD_STATUS_ABNORMAL",
    "BLOCK_B2C_USERLIMITAMOUNT_BSRULE_MONTH",
    "BLOCK_B2C_USERLIMITAMOUNT_MONTH",
    "DAY_RECEIVED_COUNT_EXCEED",
    "DAY_RECEIVED_QUOTA_EXCEED",
    "ID_CARD_NOT_CORRECT",
    "MCH_CANCEL",
    "MERCHANT_REJECT",
    "MERCHANT_NOT_CONFIRM",
    "NAME_NOT_CORRECT",
    "OPENID_INVALID",
    "OVERDUE_CLOSE",
    "PAYEE_ACCOUNT_ABNORMAL",
    "PAYER_ACCOUNT_ABNORMAL",
    "PRODUCT_AUTH_CHECK_FAIL",
    "REALNAME_ACCOUNT_RECEIVED_QUOTA_EXCEED",
    "REAL_NAME_CHECK_FAIL",
    "RECEIVE_ACCOUNT_NOT_CONFIGURE",
    "TRANSFER_QUOTA_EXCEED",
    "TRANSFER_RISK",
]
"""The reasons that WeChat names for a merchant transfer that failed."""


@pytest.mark.parametrize("code", WECHATS)
def test_every_reason_of_wechats_has_its_own_words(code):
    said = payout_words.why(state=RETURNED, reason=code)
    assert said is not None and said != payout_words.why(state=RETURNED, reason="OTHER_FAIL_REASON_TYPE")
    assert CHINESE.search(said.zh) and not CHINESE.search(said.en)
    assert code not in said.zh + said.en
    assert payout_words.code_of(state=RETURNED, reason=code) == code


@pytest.mark.parametrize("code", ["OTHER_FAIL_REASON_TYPE", "SOMETHING_NEW", "FREQUENCY_LIMITED", "timeout", "PARAM"])
def test_a_code_that_nobody_knows_is_said_in_general_words(code):
    said = payout_words.why(state=RETURNED, reason=code)
    assert said is not None and "请稍后重新申请" in said.zh and code not in said.zh + said.en


def test_a_code_that_nobody_knows_stands_behind_the_general_words_where_nothing_else_shows_it():
    said = payout_words.in_full(state=RETURNED, reason="SOMETHING_NEW")
    assert said is not None
    assert said.zh == "付款未成功；请稍后重新申请，仍未成功请联系平台（返回码 SOMETHING_NEW）"
    assert said.en.endswith("tell the platform if it fails again (code SOMETHING_NEW)")
    for state, reason in ((RETURNED, "OVERDUE_CLOSE"), (RETURNED, "户名不符"), (WithdrawalState.SENDING, "NEW_ONE")):
        assert payout_words.in_full(state=state, reason=reason) == payout_words.why(state=state, reason=reason)
    assert payout_words.in_full(state=RETURNED, reason="") is None


def test_while_it_is_underway_there_is_nothing_to_do():
    for state in (WithdrawalState.APPROVED, WithdrawalState.SENDING, WithdrawalState.WAITING_USER):
        assert payout_words.why(state=state, reason="NOT_ENOUGH") == payout_words.UNDERWAY


def test_what_a_person_wrote_stays_as_it_is():
    for state, reason in ((WithdrawalState.REJECTED, "KYC"), (RETURNED, "户名不符"), (RETURNED, "account closed")):
        said = payout_words.why(state=state, reason=reason)
        assert said is not None and said.zh == said.en == reason
        assert payout_words.code_of(state=state, reason=reason) == ""
    assert payout_words.why(state=RETURNED, reason="") is None
    assert payout_words.why(state=WithdrawalState.PAID, reason="OVERDUE_CLOSE") is None


def _returned(party, code: str) -> str:
    payout = make_settlement.sending(party, 1_000)
    said = make_settlement.outcome(payout.no, Heard.RETURNED, reason=code)
    service.record_outcomes(outcomes=[said], now=make_settlement.NOW)
    return payout.no


def _plain(answer) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.content.decode()))


def test_its_party_reads_what_to_do_and_finance_the_code(db, sit):
    party = make_settlement.payee()
    no = _returned(party, "OVERDUE_CLOSE")
    assert make_settlement.shown(no).state == RETURNED
    drawer = sit(party).get("withdrawal", no=no, htmx=True)
    assert "未在 24 小时内确认收款" in _plain(drawer)
    assert re.findall(r"<small[^>]*>[^<]*<span[^>]*>OVERDUE_CLOSE</span>", drawer.content.decode())
    assert drawer.content.decode().count("OVERDUE_CLOSE") == 1, "in small print, and nowhere else"
    english = _plain(sit(party, english=True).get("withdrawal", no=no, htmx=True))
    assert "not confirmed within 24 hours" in english and not CHINESE.search(english.split("Steps")[1])
    finance = sit(make_parties.operator(), Role.FINANCE)
    details = _plain(finance.get("withdrawal", no=no, htmx=True))
    assert "未在 24 小时内确认收款" in details and "通道返回码 OVERDUE_CLOSE" in details


@pytest.mark.parametrize(
    ("language", "code", "words", "shown"),
    [
        ("zh-CN", "OVERDUE_CLOSE", "未在 24 小时内确认收款", False),
        ("en", "OVERDUE_CLOSE", "not confirmed within 24 hours", False),
        ("zh-CN", "SOMETHING_NEW", "付款未成功", True),
        ("en", "SOMETHING_NEW", "It could not be paid", True),
    ],
)
def test_the_phone_says_it_in_words_with_the_code_only_where_they_are_general(db, language, code, words, shown):
    party = make_settlement.payee()
    _returned(party, code)
    person_id = parties.administrators_of([party.id])[party.id][0].person_id
    token = people.open_session(person_id=person_id, kind=SessionKind.STOREFRONT, now=clock.now())
    said = {"authorization": f"Bearer {token}", "accept-language": language}
    (item,) = Client().get("/api/storefront/promoter/withdrawals", headers=said).json()["items"]
    assert words in item["reason"] and (code in str(item)) is shown
    assert bool(CHINESE.search(item["reason"])) is (language == "zh-CN")
