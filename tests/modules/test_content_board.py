"""The board: what is seen, who talks with whom, what is reported."""

from datetime import timedelta

import pytest

from tests.make import content as make
from tests.make import people as make_people
from tests.make.refusals import refused
from tuike.audit.types import OPERATOR_SHELL
from tuike.content import queries, service
from tuike.content.types import AlreadySaid, NotShown, PostKind, Seen, ShutOut, TooManyPosts, TooManyRemarks
from tuike.db import rows
from tuike.kit.errors import Invalid, NotFound
from tuike.settings import service as settings

NOON = make.NOON
pytestmark = pytest.mark.django_db


def decide(*nos, shown=True, reason=""):
    return service.decide_posts(nos=nos, shown=shown, reason=reason, actor=OPERATOR_SHELL, now=NOON)


def seen(**rest):
    """Return a post that everybody sees."""
    no = make.post(**rest)
    decide(no)
    return no


def found(**asked):
    return [one.no for one in queries.posts_found(now=asked.pop("now", NOON), **asked)]


def test_a_post_is_seen_when_it_passed_and_its_writer_is_told():
    person = make_people.person().id
    no = make.post(person_id=person)
    assert found() == []
    assert queries.post_shown(no=no, person_id=person, now=NOON).state is Seen.PENDING
    with pytest.raises(NotFound):
        queries.post_shown(no=no, person_id=None, now=NOON)
    assert decide(no) == 1
    assert decide(no) == 0
    assert found() == [no]
    assert rows.query("SELECT kind FROM messages_personal WHERE person_id = %s", [person]) == [("post_approved",)]


def test_a_rejected_post_comes_back_changed():
    person = make_people.person().id
    no = make.post(person_id=person)
    with refused(Invalid, "content", "messages"):
        decide(no, shown=False)
    decide(no, shown=False, reason="含广告")
    assert queries.my_posts(person_id=person)[0].reason == "含广告"
    later = NOON + timedelta(days=3)
    with refused(NotFound, "content"):
        service.change_post(person_id=make_people.person().id, no=no, post=make.new_post(), now=later)
    service.change_post(person_id=person, no=no, post=make.new_post(title="供应红茶"), now=later)
    [post] = queries.my_posts(person_id=person)
    assert (post.state, post.reason, post.title) == (Seen.PENDING, "", "供应红茶")
    assert post.expires_at == later + timedelta(days=30)


def test_thirty_days_and_no_longer():
    no = seen()
    last = NOON + timedelta(days=30)
    assert found(now=last) == [no]
    assert found(now=last + timedelta(seconds=1)) == []
    assert service.expire_posts(now=last) == 0
    assert service.expire_posts(now=last + timedelta(seconds=1)) == 1
    assert [one[0] for one in rows.query("SELECT state FROM content_post")] == ["closed"]


def test_it_is_found_by_words_kind_and_city():
    tea = seen()
    bowl = seen(title="求购陶瓷碗", text="一千只", kind=PostKind.DEMAND, city="广州")
    assert found(words="龙井") == [tea]
    assert found(words="井龙") == []
    assert found(words="陶瓷碗 广州") == [bowl]
    assert found(kind=PostKind.DEMAND) == [bowl]
    assert found(city="杭州") == [tea]
    assert found(before=bowl) == [tea]


def test_twenty_posts_at_once():
    person = make_people.person().id
    numbers = [make.post(person_id=person) for _ in range(20)]
    with refused(TooManyPosts, "content"):
        make.post(person_id=person)
    service.change_post(person_id=person, no=numbers[0], post=make.new_post(), now=NOON)
    service.close_post(person_id=person, no=numbers[0])
    make.post(person_id=person)
    with refused(TooManyPosts, "content"):
        service.change_post(person_id=person, no=numbers[0], post=make.new_post(), now=NOON)


def test_by_setting_a_clean_post_passes_by_itself():
    settings.change(name="post_auto_pass", value=1, actor=OPERATOR_SHELL, now=NOON)
    service.change_blocked_words(words=["发票"], actor=OPERATOR_SHELL, now=NOON)
    clean = make.post()
    make.post(text="代开发 票")
    assert found() == [clean]


def test_two_persons_talk_without_numbers():
    owner, asker, third = (make_people.person().id for _ in range(3))
    no = seen(person_id=owner)
    talk = service.remark(person_id=asker, post_no=no, text="还有货吗", now=NOON)
    assert service.remark(person_id=asker, post_no=no, text="在吗", now=NOON) == talk
    assert queries.unread_of(owner) == 2
    service.remark(person_id=owner, talk_no=talk, text="有", now=NOON)
    service.seen_talk(person_id=owner, talk_no=talk)
    assert (queries.unread_of(owner), queries.unread_of(asker)) == (0, 1)
    shown = queries.talk_of(person_id=owner, no=talk)
    texts = [(one.mine, one.text) for one in queries.remarks_of(person_id=owner, talk_id=shown.id)]
    assert texts == [(True, "有"), (False, "在吗"), (False, "还有货吗")]
    with pytest.raises(NotFound):
        queries.talk_of(person_id=third, no=talk)
    with refused(NotFound, "content", "messages"):
        service.remark(person_id=third, talk_no=talk, text="偷看", now=NOON)
    with refused(NotFound, "content", "messages"):
        service.remark(person_id=owner, post_no=no, text="自言自语", now=NOON)
    told = rows.query("SELECT person_id, kind FROM messages_personal WHERE kind = 'board_message' ORDER BY id")
    assert [person for person, _ in told] == [owner, owner, asker]


def test_who_is_shut_out_says_nothing_more():
    owner, asker = make_people.person().id, make_people.person().id
    no = seen(person_id=owner)
    talk = service.remark(person_id=asker, post_no=no, text="还有货吗", now=NOON)
    service.shut(person_id=owner, talk_no=talk, out=True, now=NOON)
    service.shut(person_id=owner, talk_no=talk, out=True, now=NOON)
    for person in (owner, asker):
        with refused(ShutOut, "content", "messages"):
            service.remark(person_id=person, talk_no=talk, text="喂", now=NOON)
    another = seen(person_id=owner)
    with refused(ShutOut, "content", "messages"):
        service.remark(person_id=asker, post_no=another, text="换个帖子", now=NOON)
    service.shut(person_id=owner, talk_no=talk, out=False, now=NOON)
    service.remark(person_id=asker, talk_no=talk, text="谢谢", now=NOON)


def test_thirty_remarks_in_ten_minutes():
    owner, asker = make_people.person().id, make_people.person().id
    talk = service.remark(person_id=asker, post_no=seen(person_id=owner), text="1", now=NOON)
    for number in range(29):
        service.remark(person_id=asker, talk_no=talk, text=str(number), now=NOON)
    with refused(TooManyRemarks, "content", "messages"):
        service.remark(person_id=asker, talk_no=talk, text="31", now=NOON)
    service.remark(person_id=asker, talk_no=talk, text="31", now=NOON + timedelta(minutes=10))


def test_twenty_new_talks_a_day():
    asker = make_people.person().id
    posts = [seen() for _ in range(21)]
    for number, no in enumerate(posts[:20]):
        service.remark(person_id=asker, post_no=no, text="?", now=NOON + timedelta(minutes=number))
    later = NOON + timedelta(minutes=40)
    with refused(TooManyRemarks, "content", "messages"):
        service.remark(person_id=asker, post_no=posts[20], text="?", now=later)
    service.remark(person_id=asker, post_no=posts[0], text="!", now=later)


def test_a_report_is_decided_once():
    no, person = seen(), make_people.person().id
    service.complain(person_id=person, post_no=no, reason="虚假", now=NOON)
    with refused(AlreadySaid, "content"):
        service.complain(person_id=person, post_no=no, reason="虚假", now=NOON)
    [complaint] = queries.complaints_waiting()
    assert (complaint.reason, complaint.post.no) == ("虚假", no)
    decision = {"complaint_id": complaint.id, "actor": OPERATOR_SHELL, "now": NOON}
    with refused(Invalid, "content", "messages"):
        service.decide_complaint(upheld=True, **decision)
    service.decide_complaint(upheld=True, reason="核实为虚假", **decision)
    assert found() == []
    with refused(NotShown, "content", "messages"):
        service.decide_complaint(upheld=False, **decision)
    assert queries.complaints_waiting() == []


def test_a_hidden_post_cant_be_written_anew():
    person = make_people.person().id
    no = seen(person_id=person)
    decide(no, shown=False, reason="违规")
    with refused(NotShown, "content"):
        service.change_post(person_id=person, no=no, post=make.new_post(), now=NOON)
