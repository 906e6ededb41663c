"""The demo alliance: told whole, once, with every state in it, and with books that balance."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests import books
from tuike.attribution.types import Kind, Reason
from tuike.audit.types import OPERATOR_SHELL
from tuike.commission.types import AccrualState, Funder, Review, Role
from tuike.content.types import PostKind, Seen
from tuike.db import rows
from tuike.doors.cli.story import load, marker
from tuike.doors.cli.story.progress import SCOPE
from tuike.freight.types import Basis
from tuike.kit import days
from tuike.marketing.types import CouponChannel, CouponKind, CouponScope, PacketFunder, PacketState, SplitKind
from tuike.matching import queries as matching
from tuike.members.types import FavouriteKind
from tuike.orders.types import AfterSaleKind, AfterSaleState, CloseReason, OrderState, ReceivedBy
from tuike.parties import service as parties
from tuike.parties.types import CertificationState, MallFunction, PartyKind
from tuike.people import service as people
from tuike.plans.types import MemberState
from tuike.risk.types import CaseKind
from tuike.settlement.types import WithdrawalState

NOON = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
AFTER_MIDNIGHT = datetime(2026, 2, 28, 16, 3, tzinfo=UTC)  # 00:03 on 1 March in Shanghai

SAID = {
    ("orders_order", "state"): set(OrderState),
    ("orders_order", "received_by"): {"", *ReceivedBy} - {ReceivedBy.MERCHANT},
    ("orders_order", "close_reason"): {"", *CloseReason} - {CloseReason.CANCELLED_BY_REPORT},
    ("orders_after_sale", "state"): set(AfterSaleState),
    ("orders_after_sale", "kind"): set(AfterSaleKind),
    ("commission_accrual", "state"): set(AccrualState),
    ("commission_accrual", "review"): set(Review),
    ("commission_accrual", "role"): set(Role),
    ("commission_accrual", "funder"): set(Funder),
    ("settlement_withdrawal", "state"): set(WithdrawalState),
    # Imported history is not told; a binding ends after what made it has left the evidence, which takes half a year.
    ("attribution_claim", "kind"): set(Kind) - {Kind.IMPORTED},
    ("attribution_claim", "reason"): {"", *Reason} - {Reason.BINDING_EXPIRED},
    # Nobody left a targeted plan yet, or declined one.
    ("plans_targeted_member", "state"): set(MemberState) - {MemberState.DECLINED, MemberState.REMOVED},
    ("marketing_coupon", "kind"): set(CouponKind),
    ("parties_certification", "state"): set(CertificationState),
    ("parties_party", "kind"): set(PartyKind),
    ("risk_case", "kind"): {CaseKind.AMOUNT_MISMATCH, CaseKind.REFUND_FAILED},
    ("marketing_coupon", "channel"): set(CouponChannel),
    ("marketing_coupon", "scope"): set(CouponScope) - {CouponScope.PRODUCT},
    ("marketing_packet", "state"): set(PacketState),
    ("marketing_packet", "split"): set(SplitKind),
    ("marketing_packet", "funder"): set(PacketFunder),
    ("freight_template", "basis"): set(Basis),
    ("content_review", "state"): {Seen.SHOWN, Seen.PENDING},
    ("content_post", "state"): {Seen.SHOWN, Seen.PENDING, Seen.REJECTED},
    ("content_post", "kind"): set(PostKind),
    ("members_favourite", "kind"): set(FavouriteKind),
    ("orders_discount", "kind"): {"coupon", "points", "points_good", "bargain"},
}


class CutOff(Exception):
    """The load is killed here."""


def tell(tmp_path, now: datetime, **more: Any) -> load.Outcome:
    return load.load(now=now, media=tmp_path, appid="wxdemo00000000", mchid="1900000000", **more)


def check_whole(now: datetime) -> None:
    books.check()
    for (table, column), wanted in SAID.items():
        found = {value for (value,) in rows.query(f"SELECT DISTINCT {column} FROM {table}")}
        assert found == {str(one) for one in wanted}, (table, column)
    debts = rows.query("SELECT sum(amount_fen - repaid_fen)::bigint FROM commission_debt WHERE payee_kind = 'promoter'")
    assert debts[0][0] > 0
    suspended = rows.query("SELECT count(*) FROM parties_party WHERE kind = 'promoter' AND suspended_at IS NOT NULL")
    assert suspended == [(1,)]
    lines = rows.query("SELECT max(cardinality(line)), count(*) FROM parties_promoter")
    assert lines == [(2, 10)]
    check_network()
    check_contract()
    assert rows.query("SELECT count(*) FROM attribution_block WHERE lifted_at IS NULL") == [(1,)]
    cards = rows.query("SELECT promoter_id, level, conversion_bps FROM matching_card WHERE listed ORDER BY 1")
    assert cards == [(promoter_id, *matching.standing(promoter_id=promoter_id, now=now)) for promoter_id, *_ in cards]
    assert cards and all(level > 0 and conversion for _, level, conversion in cards), cards
    coming = rows.query("SELECT DISTINCT lower(valid) FROM plans_rate WHERE lower(valid) > %s", [now])
    assert coming == [(days.next_midnight(now),)]
    shown = rows.query(
        "SELECT count(*), count(*) FILTER (WHERE coupon), count(*) FILTER (WHERE sold > 0) FROM library_item"
    )
    assert min(shown[0]) > 0
    assert rows.query("SELECT count(*) FROM library_pick") == [(6,)]
    assert rows.query("SELECT count(*) > 0 FROM library_chosen") == [(True,)]
    months = [month for (month,) in rows.query("SELECT DISTINCT month FROM settlement_statement ORDER BY 1")]
    assert months
    assert months[-1] < days.month_of(now)
    check_mall(now)
    sealed = rows.query("SELECT (SELECT count(*) FROM audit_act), (SELECT count(*) FROM audit_link)")[0]
    assert sealed[0] == sealed[1] > 200


def check_network() -> None:
    """Three came by links and applied: one was let in with a deposit, one waits, one was turned down."""
    applied = [state for (state,) in rows.query("SELECT state FROM network_application ORDER BY id")]
    assert applied == ["passed", "filed", "rejected"]
    deposits = rows.query(
        "SELECT d.state, d.amount_fen, a.balance_fen FROM network_deposit d"
        " JOIN ledger_account a ON a.path = 'promoter:' || d.promoter_id || ':deposit'"
    )
    assert deposits == [("paid", 5_000, 5_000)]
    assert rows.query("SELECT count(*), count(DISTINCT link_id) FROM network_arrival") == [(3, 3)]
    assert rows.query("SELECT count(*) FROM network_agent") == [(1,)]
    assert rows.query("SELECT count(*) FROM parties_line_change WHERE taker_id IS NOT NULL") >= [(1,)]


def check_contract() -> None:
    """The leader has to pass a product and to decide on a cancel, the shop to answer a wish for longer."""
    stands = rows.query(
        "SELECT e.state, c.state, x.state FROM cooperation_enrolment e"
        " LEFT JOIN cooperation_cancel c ON c.enrolment_id = e.id"
        " LEFT JOIN cooperation_extension x ON x.enrolment_id = e.id WHERE e.ends_at > e.applied_at ORDER BY 1, 2, 3"
    )
    assert {("active", None, "open"), ("active", "open", None), ("applied", None, None)} <= set(stands), stands


def check_mall(now: datetime) -> None:
    """Every function of the mall is on and has been used; bargains stand at each end."""
    on = rows.query("SELECT functions FROM parties_merchant m JOIN parties_party p ON p.id = m.party_id ORDER BY p.id")
    assert [set(map(MallFunction, functions)) for (functions,) in on if len(functions) > 2] == [set(MallFunction)] * 2
    bargains = rows.query(
        "SELECT used_at IS NOT NULL, upper(time) <= %s, cut_count = cuts_needed FROM marketing_bargain ORDER BY id",
        [now],
    )
    assert bargains == [(False, True, False), (True, True, True), (False, False, False)]
    blocks = rows.query("SELECT jsonb_array_length(published) FROM content_page ORDER BY merchant_id NULLS FIRST")
    assert blocks == [(7,), (4,), (4,)]
    for table, least in (
        ("members_level", 4),
        ("members_address", 5),
        ("members_footprint", 6),
        ("marketing_points_good", 4),
        ("marketing_points_lot", 20),
        ("content_hot_word", 6),
        ("content_remark", 3),
        ("content_complaint", 1),
        ("messages_personal", 40),
    ):
        assert rows.query(f"SELECT count(*) FROM {table}")[0][0] >= least, table
    levels = rows.query(
        "SELECT count(DISTINCT (SELECT max(growth_needed) FROM members_level l"
        " WHERE l.growth_needed <= m.growth)) FROM members_member m"
    )
    assert levels[0][0] >= 2


def everything() -> dict[str, tuple]:
    """Count every table, and name what the sequences would hand out next."""
    tables = [name for (name,) in rows.query("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    return {name: rows.query(f'SELECT count(*) FROM "{name}"')[0] for name in tables}


def test_the_story_has_every_state_and_is_told_once(committed_db, tmp_path):
    assert tell(tmp_path, NOON) is load.Outcome.LOADED
    check_whole(NOON)
    assert rows.query("SELECT min(placed_at), max(placed_at) FROM orders_order")[0][0] < datetime(
        2026, 9, 17, tzinfo=UTC
    )
    pictures = {picture for (picture,) in rows.query("SELECT unnest(pictures) FROM catalog_product")}
    assert len(pictures) == 70
    assert all((tmp_path / picture.removeprefix("/media/")).stat().st_size > 1_000 for picture in pictures)
    before = everything()
    assert marker.told()
    assert not marker.others()
    assert tell(tmp_path, NOON) is load.Outcome.THERE
    assert everything() == before


@pytest.mark.slow
def test_a_load_that_is_cut_off_goes_on(committed_db, tmp_path):
    for lives in (30, 77, 160, 301, 302, 420):
        left = iter(range(lives))

        def killed(_step: str, left=left) -> None:
            if next(left, None) is None:
                raise CutOff

        with pytest.raises(CutOff):
            tell(tmp_path, AFTER_MIDNIGHT, step=killed)
        assert marker.began() == AFTER_MIDNIGHT
        assert not marker.told()
        assert not marker.others()
    # The one that goes on keeps the story's present, however late it comes.
    assert tell(tmp_path, NOON) is load.Outcome.LOADED
    check_whole(AFTER_MIDNIGHT)
    for table, step in (
        ("orders_checkout", "place:"),
        ("orders_after_sale", "ask_back:"),
        ("settlement_withdrawal", "withdraw:"),
        ("attribution_link", "link:"),
        ("parties_party", "party:"),
    ):
        steps = rows.query("SELECT count(*) FROM idempotency_key WHERE scope = %s AND key ^@ %s", [SCOPE, step])
        assert rows.query(f"SELECT count(*) FROM {table}") == steps, table


def test_an_alliance_of_somebodys_own_is_left_alone(db, tmp_path):
    person = people.sign_in_by_wechat(appid="wx1", openid="o-somebody", now=NOON)
    parties.open_operator(name="自家联盟", super_admin=person.id, actor=OPERATOR_SHELL, now=NOON)
    before = everything()
    assert marker.others()
    assert tell(tmp_path, NOON) is load.Outcome.OTHER
    assert everything() == before
    assert not list(tmp_path.iterdir())
