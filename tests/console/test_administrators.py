"""Seats and the party's account in its console: offered, taken, changed, handed on; the secret shown once."""

import re

import pytest

from tests.make import parties as make
from tests.make import people as make_people
from tuike.db import rows
from tuike.kit import clock
from tuike.parties import queries as parties
from tuike.parties import service
from tuike.parties.types import Role
from tuike.people import service as people


@pytest.fixture
def party(db):
    return make.promoter()


def text(answer):
    return answer.content.decode()


def ticket_in(answer, name="ticket"):
    return re.search(rf'name="{name}" value="([^"]+)"', text(answer))[1]


def scanned(ticket, person_id):
    people.scan(ticket=ticket, person_id=person_id, now=clock.now())
    people.confirm_scan(ticket=ticket, person_id=person_id, now=clock.now())


def no_of(person_id):
    return rows.query("SELECT no FROM people_person WHERE id = %s", [person_id])[0][0]


def role(party, person_id):
    seat = parties.seat_of(person_id, party.id)
    return seat and seat.role


def test_a_seat_is_offered_to_a_phone_and_taken_by_its_owner(party, sit):
    boss, phone = sit(party), make_people.phone()
    assert "0 / 100" in text(boss.get("administrators"))
    answer = boss.post("administrator-invite", {"phone": phone, "role": "admin"})
    assert answer.headers["HX-Redirect"] == boss.url("administrators")
    page = text(boss.get("administrators"))
    assert f"{phone[:3]}****{phone[-4:]}" in page
    assert phone not in page
    guest = sit(None, person_id=make_people.person(phone=phone).id)
    piece = text(guest.get("/account/invitations/", htmx=True))
    assert "推客小李" in piece
    url = re.search(r'action="(/account/invitations/\w+/accept)"', piece)[1]
    stranger = sit(None)
    assert stranger.post(url, htmx=False).status_code == 404
    answer = guest.post(url, htmx=False)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/seats")
    assert role(party, guest.person_id) is Role.ADMIN
    assert "1 / 100" in text(boss.get("administrators"))
    assert guest.post(url, htmx=False).status_code == 404


def test_an_offer_is_withdrawn_or_declined(party, sit):
    boss, phone = sit(party, english=True), make_people.phone()
    boss.post("administrator-invite", {"phone": phone, "role": "admin"})
    again = boss.post("administrator-invite", {"phone": phone, "role": "admin"})
    assert again.status_code == 422
    assert "waits for an answer" in text(again)
    code = parties.invitations_of(party.id, now=clock.now())[0].code
    assert boss.post("invitation-withdraw", code=code).status_code == 200
    assert parties.invitations_of(party.id, now=clock.now()) == []
    boss.post("administrator-invite", {"phone": phone, "role": "admin"})
    code = parties.invitations_of(party.id, now=clock.now())[0].code
    guest = sit(None, person_id=make_people.person(phone=phone).id)
    assert guest.post(f"/account/invitations/{code}/decline", htmx=False).status_code == 303
    assert role(party, guest.person_id) is None


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"phone": "12", "role": "admin"}, "手机号格式不正确"),
        ({"phone": "13800138000", "role": "finance"}, "请选择角色"),
    ],
)
def test_a_wrong_invitation_is_refused_beside_its_field(party, sit, typed, said):
    answer = sit(party).post("administrator-invite", typed)
    assert answer.status_code == 422
    assert said in text(answer)
    assert parties.invitations_of(party.id, now=clock.now()) == []


def test_somebody_joins_by_scan(party, sit):
    boss, guest = sit(party), make_people.person()
    shown = boss.post("administrator-scan", {"role": "admin"})
    ticket = ticket_in(shown)
    waiting = {"role": "admin", "ticket": ticket}
    assert 'id="scan"' in text(boss.post("administrator-scan-state", waiting))
    scanned(ticket, guest.id)
    answer = boss.post("administrator-scan-state", waiting)
    assert answer.headers["HX-Redirect"] == boss.url("administrators")
    assert role(party, guest.id) is Role.ADMIN
    other = sit(make.promoter(name="别人"))
    assert other.post("administrator-scan-state", waiting).status_code == 404


def test_roles_change_and_seats_are_taken_away(db, sit):
    shop = make.merchant()
    boss = sit(shop)
    clerk = make.seated(shop, Role.PRODUCT_MANAGER)
    no = no_of(clerk.person_id)
    assert "商品管理员" in text(boss.get("administrators"))
    assert boss.post("administrator-role", {"role": "finance"}, person_no=no).status_code == 200
    assert role(shop, clerk.person_id) is Role.FINANCE
    assert boss.post("administrator-remove", person_no=no).status_code == 200
    assert role(shop, clerk.person_id) is None
    assert boss.post("administrator-remove", person_no=no).status_code == 404
    assert boss.post("administrator-remove", person_no=no_of(boss.person_id)).status_code == 409


def test_administrators_look_and_touch_nothing(party, sit):
    admin = sit(party, Role.ADMIN)
    page = text(admin.get("administrators"))
    assert "扫码加入" not in page
    assert "仅超级管理员可以邀请" in page
    me = no_of(admin.person_id)
    for name, where in (
        ("administrator-invite", {}),
        ("administrator-scan", {}),
        ("administrator-remove", {"person_no": me}),
        ("hand-over", {}),
        ("secret", {}),
    ):
        assert admin.post(name, {"phone": "13800138000", "role": "admin"}, **where).status_code == 403
    stranger = sit(make.promoter(name="别人"))
    assert stranger.get("administrators", of=party).status_code == 404
    assert stranger.post("administrator-remove", of=party, person_no=me).status_code == 404
    assert role(party, admin.person_id) is Role.ADMIN


def test_the_role_is_handed_on_by_two_scans(party, sit):
    boss, heir = sit(party), make.seated(party, Role.ADMIN)
    shown = boss.post("hand-over")
    tickets = {name: ticket_in(shown, name) for name in ("give", "take")}
    scanned(tickets["give"], boss.person_id)
    assert 'id="scan"' in text(boss.post("hand-over-state", tickets))
    assert role(party, boss.person_id) is Role.SUPER_ADMIN
    scanned(tickets["take"], heir.person_id)
    assert boss.post("hand-over-state", tickets).headers["HX-Redirect"] == boss.url("administrators")
    assert role(party, heir.person_id) is Role.SUPER_ADMIN
    assert role(party, boss.person_id) is Role.ADMIN
    assert boss.post("hand-over").status_code == 403


def test_a_new_secret_is_shown_once(party, sit):
    boss = sit(party, english=True)
    page = text(boss.get("account"))
    assert parties.appid_of(party.id) in page
    assert "none yet" in page
    ticket = ticket_in(boss.post("secret"))
    scanned(ticket, boss.person_id)
    answer = boss.post("secret-state", {"ticket": ticket})
    assert answer.headers["HX-Retarget"] == "#dialog"
    secret = re.search(r'id="s-secret" value="([0-9a-f]{64})"', text(answer))[1]
    assert service.secret_of(appid=parties.appid_of(party.id)).secret == secret
    assert boss.post("secret-state", {"ticket": ticket}).status_code in (200, 409)
    assert secret not in text(boss.get("account"))
    assert secret not in text(boss.post("secret-state", {"ticket": ticket}))


def test_the_operator_has_administrators_too(db, sit):
    desk = make.operator()
    boss = sit(desk)
    assert "财务" in text(boss.get("administrators"))
    guest = make_people.person()
    ticket = ticket_in(boss.post("administrator-scan", {"role": "finance"}))
    scanned(ticket, guest.id)
    boss.post("administrator-scan-state", {"role": "finance", "ticket": ticket})
    assert role(desk, guest.id) is Role.FINANCE


def test_everybody_chooses_what_the_bell_shows_them(party, sit):
    boss, admin = sit(party), sit(party, Role.ADMIN)
    assert "成为管理员" in text(boss.get("bell"))
    page = text(boss.get("account"))
    assert "通知设置" in page
    assert "优惠券" not in page  # a shop's
    chosen = [name for name in re.findall(r'name="kind" value="(\w+)" checked>', page) if name != "seat_added"]
    assert boss.post("notices", {"kind": chosen}).status_code == 200
    assert "成为管理员" not in text(boss.get("bell"))
    assert "成为管理员" in text(admin.get("bell"))
    make.bank_account(party, now=clock.now())
    assert boss.post("notices", {"kind": []}).status_code == 200
    assert "收款账户已变更" in text(boss.get("bell"))  # important ones can't be silenced
    assert boss.post("notices", {"kind": [*chosen, "seat_added"]}).status_code == 200
    assert "成为管理员" in text(boss.get("bell"))
