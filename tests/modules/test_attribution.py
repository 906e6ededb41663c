"""Attribution's verbs against the database: places, material, tickets, touches, bindings, claims."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.make import attribution as make
from tuike.attribution import queries, service
from tuike.attribution.models import Binding, Link, Place, PlaceCount, Touch
from tuike.attribution.models import Claim as ClaimRow
from tuike.attribution.types import (
    BadCustomizeInfo,
    BadPlaceName,
    BadTicket,
    BadVisitor,
    BindingPolicy,
    Claim,
    Kind,
    LeaderTerms,
    Led,
    LinkDress,
    LinkNotFound,
    NothingToPromote,
    PlaceNameTaken,
    PlaceNotFound,
    PromoterStanding,
    Reason,
    Scope,
    Target,
    TicketFault,
    TooManyPlaces,
)
from tuike.audit.types import OPERATOR_SHELL
from tuike.idempotency.types import KeyUsedForOther
from tuike.parties.types import BindingMode
from tuike.settings import service as settings

NOON, HOUR, DAY = make.NOON, timedelta(hours=1), timedelta(days=1)
TICK = timedelta(microseconds=1)
BUYER = 501

pytestmark = pytest.mark.usefixtures("db")


@pytest.fixture
def promoter(db) -> int:
    return make.bare_promoter()


@pytest.fixture
def merchant(db) -> int:
    return make.bare_merchant()


def _count(promoter_id: int) -> int:
    return PlaceCount.objects.get(pk=promoter_id).places


def test_a_place_is_added_renamed_and_deleted(promoter):
    added = service.add_place(promoter_id=promoter, name="  朋友圈 ", key="a", now=NOON)
    assert (added.name, len(added.pid), added.deleted_at) == ("朋友圈", 16, None)
    renamed = service.rename_place(promoter_id=promoter, pid=added.pid, name="视频号", key="b", now=NOON)
    assert (renamed.pid, renamed.name) == (added.pid, "视频号")
    assert [p.name for p in queries.places_of(promoter_id=promoter)] == ["视频号"]
    gone = service.delete_place(promoter_id=promoter, pid=added.pid, key="c", now=NOON + HOUR)
    assert gone.deleted_at == NOON + HOUR
    assert queries.places_of(promoter_id=promoter) == []
    assert _count(promoter) == 0


def test_a_name_is_free_again_after_deleting_and_the_pid_is_another(promoter):
    first = service.add_place(promoter_id=promoter, name="群", key="a", now=NOON)
    service.delete_place(promoter_id=promoter, pid=first.pid, key="b", now=NOON)
    second = service.add_place(promoter_id=promoter, name="群", key="c", now=NOON)
    assert second.pid != first.pid


def test_each_place_verb_answers_the_second_call_with_the_first_answer(promoter):
    added = [service.add_place(promoter_id=promoter, name="群", key="a", now=NOON) for _ in range(2)]
    assert added[0] == added[1] and _count(promoter) == 1
    for _ in range(2):
        service.rename_place(promoter_id=promoter, pid=added[0].pid, name="群二", key="b", now=NOON)
    gone = [service.delete_place(promoter_id=promoter, pid=added[0].pid, key="c", now=NOON) for _ in range(2)]
    assert gone[0] == gone[1] and _count(promoter) == 0
    with pytest.raises(KeyUsedForOther):
        service.add_place(promoter_id=promoter, name="别的", key="a", now=NOON)
    assert Place.objects.count() == 1


@pytest.mark.parametrize("name", ["", "   ", "推" * 21, "a\nb", "零宽\u200b"])
def test_a_bad_place_name_is_refused(promoter, name):
    place = make.place(promoter_id=promoter, name="原名")
    with pytest.raises(BadPlaceName):
        service.add_place(promoter_id=promoter, name=name, key="x", now=NOON)
    with pytest.raises(BadPlaceName):
        service.rename_place(promoter_id=promoter, pid=place.pid, name=name, key="y", now=NOON)
    assert [p.name for p in queries.places_of(promoter_id=promoter)] == ["原名"]


def test_twenty_characters_are_a_name(promoter):
    assert service.add_place(promoter_id=promoter, name="推" * 20, key="x", now=NOON).name == "推" * 20


def test_a_taken_name_is_refused_and_takes_no_seat(promoter):
    make.place(promoter_id=promoter, name="群")
    other = make.place(promoter_id=promoter, name="别的群")
    with pytest.raises(PlaceNameTaken):
        service.add_place(promoter_id=promoter, name="群", key="x", now=NOON)
    with pytest.raises(PlaceNameTaken):
        service.rename_place(promoter_id=promoter, pid=other.pid, name="群", key="y", now=NOON)
    assert _count(promoter) == 2
    assert {p.name for p in queries.places_of(promoter_id=promoter)} == {"群", "别的群"}
    stranger = make.bare_promoter()
    assert make.place(promoter_id=stranger, name="群").name == "群"


def test_the_limit_is_the_settings_and_a_deleted_place_makes_room(promoter):
    settings.change(name="places_per_promoter", value=2, actor=OPERATOR_SHELL, now=NOON)
    places = [make.place(promoter_id=promoter) for _ in range(2)]
    with pytest.raises(TooManyPlaces) as refused:
        make.place(promoter_id=promoter)
    assert "2" in refused.value.sentence() and _count(promoter) == 2 and Place.objects.count() == 2
    service.delete_place(promoter_id=promoter, pid=places[0].pid, key="d", now=NOON)
    make.place(promoter_id=promoter)
    assert _count(promoter) == 2


def test_anothers_place_is_not_found(promoter, merchant):
    place = make.place(promoter_id=promoter, name="群")
    stranger = make.bare_promoter()
    with pytest.raises(PlaceNotFound):
        service.rename_place(promoter_id=stranger, pid=place.pid, name="抢", key="x", now=NOON)
    with pytest.raises(PlaceNotFound):
        service.delete_place(promoter_id=stranger, pid=place.pid, key="y", now=NOON)
    with pytest.raises(PlaceNotFound):
        make.link(promoter_id=stranger, merchant_id=merchant, place_=place)
    assert queries.places_of(promoter_id=promoter) == [place]
    assert Link.objects.count() == 0


def test_a_deleted_place_takes_no_second_deletion_and_no_new_material_but_earns(promoter, merchant):
    place = make.place(promoter_id=promoter)
    link = make.link(promoter_id=promoter, merchant_id=merchant, place_=place)
    service.delete_place(promoter_id=promoter, pid=place.pid, key="d", now=NOON)
    with pytest.raises(PlaceNotFound):
        service.delete_place(promoter_id=promoter, pid=place.pid, key="d2", now=NOON)
    with pytest.raises(PlaceNotFound):
        make.link(promoter_id=promoter, merchant_id=merchant, place_=place)
    assert Link.objects.count() == 1
    make.touch(link_=link, buyer_id=BUYER)
    [claim] = make.claim(make.ask(merchant_id=merchant), buyer_id=BUYER)
    assert (claim.promoter_id, claim.place_id) == (promoter, place.place_id)


def test_material_has_a_code_a_ticket_and_thirty_natural_days(promoter, merchant):
    place = make.place(promoter_id=promoter)
    leader = LeaderTerms(leader_id=77, activity_no="A1")
    targets = [Target(merchant_id=merchant, product_id=5, leader=leader), Target(merchant_id=merchant)]
    made = service.make_links(
        promoter_id=promoter, pid=place.pid, targets=targets, key="k", now=NOON, customize_info="双11"
    )
    assert [len(x.code) >= 10 and x.code.isalnum() for x in made] == [True, True]
    assert made[0].code != made[1].code and all(len(x.ticket) <= 300 for x in made)
    # 1 March + 30 natural days: good until the end of 31 March in Shanghai
    assert {x.expires_at for x in made} == {datetime(2026, 3, 31, 16, 0, tzinfo=UTC)}
    assert (made[0].leader_id, made[0].activity_no) == (77, "A1")
    assert (made[1].product_id, made[1].leader_id, made[1].customize_info) == (None, None, "双11")
    again = service.make_links(
        promoter_id=promoter, pid=place.pid, targets=targets, key="k", now=NOON + DAY, customize_info="双11"
    )
    assert again == made and Link.objects.count() == 2
    assert [x.code for x in queries.links_of(promoter_id=promoter)] == [made[1].code, made[0].code]
    assert [x.code for x in queries.links_of(promoter_id=promoter, before_id=made[1].link_id)] == [made[0].code]


def test_links_are_dressed_later_and_empty_parts_change_nothing(promoter, merchant):
    link = make.link(promoter_id=promoter, merchant_id=merchant)
    service.dress_links(dresses=[LinkDress(link_id=link.link_id, wording="好物", url_link="https://x.example/1")])
    service.dress_links(dresses=[LinkDress(link_id=link.link_id, tag="#小程序://店/abc")])
    row = Link.objects.get(pk=link.link_id)
    assert (row.wording, row.url_link, row.tag) == ("好物", "https://x.example/1", "#小程序://店/abc")


@pytest.mark.parametrize(
    ("targets", "info", "refusal"),
    [
        (0, "", NothingToPromote),
        (201, "", NothingToPromote),
        (1, "长" * 81, BadCustomizeInfo),
        (1, "a\x00b", BadCustomizeInfo),
    ],
)
def test_bad_material_is_refused(promoter, merchant, targets, info, refusal):
    place = make.place(promoter_id=promoter)
    with pytest.raises(refusal):
        service.make_links(
            promoter_id=promoter,
            pid=place.pid,
            targets=[Target(merchant_id=merchant, product_id=n + 1) for n in range(targets)],
            key="k",
            now=NOON,
            customize_info=info,
        )
    assert Link.objects.count() == 0


def test_a_ticket_says_what_it_is_for_until_the_first_instant_after(promoter, merchant):
    link = make.link(promoter_id=promoter, merchant_id=merchant, product_id=9)
    good = service.read_ticket(link.ticket, now=link.expires_at - TICK)
    assert good.fault is None and good.facts is not None
    assert (good.facts.code, good.facts.scope, good.facts.target) == (link.code, Scope.PRODUCT, 9)
    assert (good.facts.issued_at, good.facts.expires_at) == (NOON, link.expires_at)
    late = service.read_ticket(link.ticket, now=link.expires_at)
    assert late.fault == TicketFault.EXPIRED and late.facts == good.facts
    shop = make.link(promoter_id=promoter, merchant_id=merchant)
    read = service.read_ticket(shop.ticket, now=NOON).facts
    assert read is not None and (read.scope, read.target) == (Scope.MERCHANT, merchant)


def test_a_ticket_with_any_character_changed_is_no_ticket(promoter, merchant):
    link = make.link(promoter_id=promoter, merchant_id=merchant, product_id=9)
    for i, character in enumerate(link.ticket):
        changed = link.ticket[:i] + ("A" if character != "A" else "B") + link.ticket[i + 1 :]
        assert service.read_ticket(changed, now=NOON).facts is None, i
    for garbage in ("", ".", "a.b", "x" * 301, "中文.签名", link.ticket + "=", link.ticket.split(".")[0]):
        assert service.read_ticket(garbage, now=NOON).fault in {TicketFault.MALFORMED, TicketFault.FORGED}


def test_a_link_is_found_by_code_or_ticket(promoter, merchant):
    link = make.link(promoter_id=promoter, merchant_id=merchant, product_id=9)
    assert queries.link_of(link.code, now=NOON) == queries.link_of(link.ticket, now=NOON) == link
    assert queries.link_of(link.ticket, now=link.expires_at) == link
    for code in ("nothere12345", "", "'; --", "码"):
        with pytest.raises(LinkNotFound):
            queries.link_of(code, now=NOON)
    with pytest.raises(BadTicket):
        queries.link_of(link.ticket[:-1] + ("A" if link.ticket[-1] != "A" else "B"), now=NOON)


@pytest.mark.parametrize("visitor", ["", "short", "x" * 33, "with space 0123456789", "quote'0123456789ab"])
def test_a_touch_needs_a_buyer_or_a_well_formed_visitor(promoter, merchant, visitor):
    link = make.link(promoter_id=promoter, merchant_id=merchant)
    with pytest.raises(BadVisitor):
        service.touch(link=link, now=NOON, visitor=visitor)
    with pytest.raises(BadVisitor):
        service.merge_visitor(visitor=visitor, buyer_id=BUYER, policies={})
    assert Touch.objects.count() == 0


def test_an_expired_touch_is_recorded_and_binds_nobody(promoter, merchant):
    link = make.link(promoter_id=promoter, merchant_id=merchant)
    policy = BindingPolicy(mode=BindingMode.LAST, days=30)
    touched = make.touch(link_=link, buyer_id=BUYER, now=link.expires_at, policy=policy)
    assert touched.expired and Touch.objects.count() == 1 and Binding.objects.count() == 0
    [claim] = make.claim(
        make.ask(merchant_id=merchant),
        buyer_id=BUYER,
        placed_at=link.expires_at + HOUR,
        binding={merchant: BindingMode.LAST},
    )
    assert claim.reason == Reason.TICKET_EXPIRED


def test_login_moves_the_visitors_touches_once_and_to_one_buyer(promoter, merchant):
    link = make.link(promoter_id=promoter, merchant_id=merchant)
    make.touch(link_=link)
    make.touch(link_=link, now=NOON + HOUR)
    make.touch(link_=link, visitor="another0123456789")
    assert queries.merchants_touched(visitor=make.VISITOR) == {merchant}
    assert service.merge_visitor(visitor=make.VISITOR, buyer_id=BUYER, policies={}) == 2
    assert service.merge_visitor(visitor=make.VISITOR, buyer_id=BUYER + 1, policies={}) == 0
    assert queries.merchants_touched(visitor=make.VISITOR) == set()
    assert sorted(Touch.objects.values_list("buyer_id", flat=True), key=str) == [BUYER, BUYER, None]


def test_touches_of_a_visitor_count_before_login(promoter, merchant):
    make.touch(link_=make.link(promoter_id=promoter, merchant_id=merchant))
    ask = make.ask(merchant_id=merchant)
    assert make.claim(ask, buyer_id=BUYER, visitor="another0123456789")[0].reason == Reason.NO_TOUCH
    assert make.claim(make.ask(merchant_id=merchant), buyer_id=BUYER, visitor=make.VISITOR)[0].promoter_id == promoter


def _bound(buyer_id: int = BUYER) -> list[tuple]:
    return list(Binding.objects.filter(buyer_id=buyer_id).values_list("promoter_id", "until"))


def test_first_binds_until_its_protection_has_passed(promoter, merchant):
    policy, rival = BindingPolicy(mode=BindingMode.FIRST, days=10), make.bare_promoter()
    mine = make.link(promoter_id=promoter, merchant_id=merchant)
    theirs = make.link(promoter_id=rival, merchant_id=merchant)
    make.touch(link_=mine, buyer_id=BUYER, policy=policy)
    assert _bound() == [(promoter, NOON + 10 * DAY)]
    make.touch(link_=theirs, buyer_id=BUYER, policy=policy, now=NOON + 10 * DAY)  # the last protected instant
    assert _bound() == [(promoter, NOON + 10 * DAY)]
    make.touch(link_=theirs, buyer_id=BUYER, policy=policy, now=NOON + 10 * DAY + TICK)
    assert _bound() == [(rival, NOON + 20 * DAY + TICK)]


def test_last_binds_to_the_latest_touch_also_when_it_comes_to_light_late(promoter, merchant):
    policy, rival = BindingPolicy(mode=BindingMode.LAST, days=10), make.bare_promoter()
    mine = make.link(promoter_id=promoter, merchant_id=merchant)
    theirs = make.link(promoter_id=rival, merchant_id=merchant)
    make.touch(link_=mine, visitor=make.VISITOR, now=NOON)
    make.touch(link_=theirs, buyer_id=BUYER, policy=policy, now=NOON + HOUR)
    service.merge_visitor(visitor=make.VISITOR, buyer_id=BUYER, policies={merchant: policy})
    assert _bound() == [(rival, NOON + HOUR + 10 * DAY)]
    make.touch(link_=mine, buyer_id=BUYER, policy=policy, now=NOON + HOUR)  # the same instant: the sequence decides
    assert _bound() == [(promoter, NOON + HOUR + 10 * DAY)]


def test_off_and_a_visitor_bind_nobody(promoter, merchant):
    link = make.link(promoter_id=promoter, merchant_id=merchant)
    make.touch(link_=link, buyer_id=BUYER, policy=BindingPolicy(mode=BindingMode.OFF, days=10))
    make.touch(link_=link, buyer_id=BUYER)
    make.touch(link_=link, policy=BindingPolicy(mode=BindingMode.LAST, days=10))
    assert Binding.objects.count() == 0


def test_a_binding_earns_where_no_touch_does_and_only_while_the_merchant_binds(promoter, merchant):
    policy = BindingPolicy(mode=BindingMode.LAST, days=60)
    link = make.link(promoter_id=promoter, merchant_id=merchant, product_id=3)
    make.touch(link_=link, buyer_id=BUYER, policy=policy)
    late = NOON + 60 * DAY
    on = {merchant: BindingMode.LAST}
    [claim] = make.claim(make.ask(merchant_id=merchant, product_id=8), buyer_id=BUYER, placed_at=late, binding=on)
    assert (claim.kind, claim.promoter_id, claim.link_id) == (Kind.BINDING, promoter, link.link_id)
    [off] = make.claim(make.ask(merchant_id=merchant, product_id=3), buyer_id=BUYER, placed_at=late)
    assert (off.kind, off.reason) == (Kind.NONE, Reason.WINDOW_PASSED)
    [over] = make.claim(make.ask(merchant_id=merchant, product_id=8), buyer_id=BUYER, placed_at=late + TICK, binding=on)
    assert over.reason == Reason.OTHER_PRODUCT


def test_a_claim_carries_the_winning_link(promoter, merchant):
    leader = LeaderTerms(leader_id=77, activity_no="A1")
    link = make.link(
        promoter_id=promoter, merchant_id=merchant, product_id=3, leader=leader, customize_info="直播间二号"
    )
    touched = make.touch(link_=link, buyer_id=BUYER)
    led = {("A1", 3): Led(enrolment_id=11, leader_id=77, service_bps=300)}
    [claim] = make.claim(make.ask(merchant_id=merchant, product_id=3), buyer_id=BUYER, led=led)
    assert (claim.kind, claim.touch_id, claim.link_id, claim.place_id) == (
        Kind.MATERIAL,
        touched.touch_id,
        link.link_id,
        link.place_id,
    )
    assert (claim.leader_id, claim.activity_no, claim.service_bps, claim.enrolment_id) == (77, "A1", 300, 11)
    assert claim.customize_info == "直播间二号"
    [ended] = make.claim(make.ask(merchant_id=merchant, product_id=3), buyer_id=BUYER, led={})
    assert (ended.promoter_id, ended.leader_id, ended.activity_no, ended.service_bps) == (promoter, None, "", 0)


def test_the_second_claim_of_a_line_is_the_first(promoter, merchant):
    link = make.link(promoter_id=promoter, merchant_id=merchant)
    make.touch(link_=link, buyer_id=BUYER)
    ask = make.ask(merchant_id=merchant)
    first = make.claim(ask, buyer_id=BUYER)
    rival = make.bare_promoter()
    make.touch(link_=make.link(promoter_id=rival, merchant_id=merchant), buyer_id=BUYER, now=NOON + HOUR)
    assert make.claim(ask, buyer_id=BUYER) == first
    assert queries.claims_of([ask.line_id]) == {ask.line_id: first[0]}
    assert ClaimRow.objects.count() == 1


def test_several_lines_have_each_their_own_answer(promoter, merchant):
    other = make.bare_merchant()
    link = make.link(promoter_id=promoter, merchant_id=merchant, product_id=3)
    make.touch(link_=link, buyer_id=BUYER)
    claims = make.claim(
        make.ask(merchant_id=merchant, product_id=3),
        make.ask(merchant_id=merchant, product_id=4),
        make.ask(merchant_id=other, product_id=5),
        make.ask(merchant_id=merchant, product_id=3, not_promotable="no_picture"),
        buyer_id=BUYER,
    )
    assert [c.reason for c in claims] == [None, Reason.OTHER_PRODUCT, Reason.NO_TOUCH, Reason.NOT_PROMOTABLE]
    assert claims[3].facts["not_promotable"] == "no_picture"
    assert claims[0].promoter_id == promoter


def test_imported_claims_are_kept_as_such(promoter, merchant):
    claim = Claim(
        line_id=5,
        order_no="EXT-1",
        merchant_id=merchant,
        kind=Kind.IMPORTED,
        made_at=NOON,
        promoter_id=promoter,
        facts={"import": "2025.csv"},
    )
    assert service.add_claims(claims=[claim]) == [claim] == service.add_claims(claims=[claim])
    assert queries.claims_of([5])[5].facts == {"import": "2025.csv"}


def test_why_not_shows_each_asker_their_own(promoter, merchant):
    rival, stranger, other = make.bare_promoter(), make.bare_promoter(), make.bare_merchant()
    make.touch(link_=make.link(promoter_id=promoter, merchant_id=merchant), buyer_id=BUYER)
    make.touch(link_=make.link(promoter_id=rival, merchant_id=merchant), buyer_id=BUYER, now=NOON + HOUR / 2)
    ask = make.ask(merchant_id=merchant)
    make.claim(ask, buyer_id=BUYER)
    no = ask.order_no

    def seen(asker, party_id):
        return [
            (line.outcome, [(t["promoter"], t["verdict"]) for t in line.verdicts])
            for line in queries.why_not(asker=asker, party_id=party_id, order_no=no)
        ]

    both = [(rival, "won"), (promoter, "later_touch_won")]
    assert seen("promoter", promoter) == [("earned_by_another", [(promoter, "later_touch_won")])]
    assert seen("promoter", rival) == [("won", [(rival, "won")])]
    assert seen("promoter", stranger) == [] == seen("merchant", other)
    assert seen("merchant", merchant) == [("material", both)] == seen("operator", None)


def test_evidence_keeps_what_covers_when_there_is_too_much(promoter, merchant, monkeypatch):
    monkeypatch.setattr(queries, "MOST_TOUCHES", 2)
    mine = make.link(promoter_id=promoter, merchant_id=merchant, product_id=3)
    make.touch(link_=mine, buyer_id=BUYER)
    noise = make.link(promoter_id=make.bare_promoter(), merchant_id=merchant, product_id=4)
    for minute in range(5):
        make.touch(link_=noise, buyer_id=BUYER, now=NOON + timedelta(minutes=minute))
    [claim] = make.claim(make.ask(merchant_id=merchant, product_id=3), buyer_id=BUYER)
    assert claim.promoter_id == promoter


def test_a_suspended_promoters_touch_gives_way_to_the_one_before(promoter, merchant):
    rival = make.bare_promoter()
    make.touch(link_=make.link(promoter_id=promoter, merchant_id=merchant), buyer_id=BUYER)
    make.touch(link_=make.link(promoter_id=rival, merchant_id=merchant), buyer_id=BUYER, now=NOON + HOUR / 2)
    suspended = {rival: PromoterStanding(promoter_id=rival, suspended=True)}
    [claim] = make.claim(make.ask(merchant_id=merchant), buyer_id=BUYER, promoters=suspended)
    assert claim.promoter_id == promoter
    assert [t["verdict"] for t in claim.facts["touches"]] == ["promoter_suspended", "won"]
