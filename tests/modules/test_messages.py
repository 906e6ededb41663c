"""News of parties: told, filled, seen by each person alone."""

from datetime import timedelta

import pytest

from tests.make.people import EARLY
from tuike.messages import queries, service
from tuike.messages.kinds import KINDS
from tuike.messages.types import UnknownMessage

pytestmark = pytest.mark.django_db
PARTY, OTHER, PERSON = 11, 12, 5


def seen_by(person_id: int = PERSON, role: str = "super_admin", party_id: int = PARTY, **more):
    return queries.of_party(party_id=party_id, person_id=person_id, role=role, **more)


def test_news_say_what_happened_in_both_languages():
    facts = {"no": "W1", "amount_fen": 123456}
    service.tell(party_id=PARTY, kind="withdrawal_paid", facts=facts, object_="W1", now=EARLY)
    [news] = seen_by()
    assert (news.zh, news.en) == ("提现 W1 已到账：¥1,234.56", "Withdrawal W1 was paid: ¥1,234.56")
    assert (news.page, news.object, news.seen, news.at) == ("funds", "W1", False, EARLY)
    assert seen_by(party_id=OTHER) == []


def test_times_and_rates_are_shown_as_people_read_them():
    facts = {"name_zh": "茶叶", "name_en": "Tea", "rate_bps": 1250, "from_at": EARLY.isoformat()}
    service.tell(party_id=PARTY, kind="rate_lifted", facts=facts, now=EARLY)
    assert "2026-01-01 12:00 起为 12.5%" in seen_by()[0].zh


def test_a_fact_that_was_not_told_is_a_dash():
    service.tell(party_id=PARTY, kind="certification_rejected", now=EARLY)
    assert seen_by()[0].zh == "认证未通过：—"


def test_news_of_money_are_not_for_everybody():
    service.tell(party_id=PARTY, kind="withdrawal_paid", now=EARLY)
    assert queries.unseen(party_id=PARTY, person_id=PERSON, role="product_manager") == 0
    assert queries.unseen(party_id=PARTY, person_id=PERSON, role="finance") == 1
    assert seen_by(role="product_manager") == []


def test_each_person_sees_for_themselves():
    for _ in range(3):
        service.tell(party_id=PARTY, kind="certification_approved", now=EARLY)
    first = seen_by()[0]
    service.see(party_id=PARTY, person_id=PERSON, message_id=first.id, now=EARLY)
    service.see(party_id=PARTY, person_id=PERSON, message_id=first.id, now=EARLY)
    assert [one.seen for one in seen_by()] == [True, False, False]
    assert queries.unseen(party_id=PARTY, person_id=6, role="admin") == 3
    service.see(party_id=PARTY, person_id=PERSON, now=EARLY)
    assert queries.unseen(party_id=PARTY, person_id=PERSON, role="admin") == 0


def test_news_of_somebody_elses_party_are_unknown():
    service.tell(party_id=OTHER, kind="certification_approved", now=EARLY)
    [theirs] = seen_by(party_id=OTHER)
    with pytest.raises(UnknownMessage):
        service.see(party_id=PARTY, person_id=PERSON, message_id=theirs.id, now=EARLY)
    assert queries.unseen(party_id=OTHER, person_id=PERSON, role="admin") == 1


def test_older_news_come_by_the_id_of_the_last():
    service.tell_many(kind="export_ready", told=[(PARTY, {"name": f"{n}"}, "") for n in range(5)], now=EARLY)
    first = seen_by(limit=2)
    assert [one.zh for one in seen_by(limit=2, before=first[-1].id)] == ["导出文件“2”已生成", "导出文件“1”已生成"]


def test_old_news_are_forgotten_with_their_marks():
    service.tell(party_id=PARTY, kind="certification_approved", now=EARLY)
    service.see(party_id=PARTY, person_id=PERSON, now=EARLY)
    assert service.forget_old(now=EARLY + timedelta(days=180)) == 0
    assert service.forget_old(now=EARLY + timedelta(days=180, seconds=1)) == 1


def test_what_is_no_kind_of_news_is_a_mistake():
    with pytest.raises(ValueError, match="no such kind"):
        service.tell(party_id=PARTY, kind="weather", now=EARLY)


def test_every_kind_has_the_same_facts_in_both_languages():
    import re

    for name, kind in KINDS.items():
        holes = [set(re.findall(r"\{(\w+?)(?:_zh|_en)?\}", text)) for text in (kind.zh, kind.en)]
        assert holes[0] == holes[1], name
        assert not re.search(r"[\u4e00-\u9fff]", kind.en), name
