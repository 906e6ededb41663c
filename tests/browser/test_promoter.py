"""A promoter's console with a real browser: certification, places, orders, administrators, funds, account."""

import io
import re

import pytest
from PIL import Image
from playwright.sync_api import expect

from tests.make import alliance as make
from tests.make import parties as make_parties
from tests.make import people as make_people
from tests.make import settlement as make_settlement
from tuike.attribution import queries as attribution
from tuike.audit.types import OPERATOR_SHELL
from tuike.flows.close_month import close_ended_months
from tuike.kit import clock
from tuike.parties import queries as parties
from tuike.parties import service
from tuike.parties.types import Role
from tuike.people import service as people
from tuike.settlement import queries as settlement

BOTH = pytest.mark.parametrize(("english", "width"), [(False, 1440), pytest.param(True, 390, marks=pytest.mark.slow)])


def photo(name):
    out = io.BytesIO()
    Image.new("RGB", (640, 400), "teal").save(out, "JPEG")
    return {"name": name, "mimeType": "image/jpeg", "buffer": out.getvalue()}


def scan(page, name, person_id):
    """Confirm the code that a dialog shows, as the phone of a person does."""
    ticket = page.locator(f"#scan input[name={name}]").get_attribute("value")
    people.scan(ticket=ticket, person_id=person_id, now=clock.now())
    people.confirm_scan(ticket=ticket, person_id=person_id, now=clock.now())


def boss_of(party):
    return make_parties.super_admin_of(party).person_id


@BOTH
def test_certification_from_the_first_picture_to_the_yes(living, as_person, english, width):
    party = make_parties.promoter(certified=False)
    me = as_person(party, english=english, width=width)
    page = me.go("places")  # nothing else is open
    expect(page).to_have_url(re.compile("/certification/$"))
    with me.expecting(422):
        page.locator("button[form=certification]").click()
        expect(page.locator(".err").first).to_be_visible()
    with me.expecting(422):
        page.locator("input[type=file]").set_input_files(
            {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": b"no picture"}
        )
        expect(page.locator("#documents .err")).to_be_visible()
    page.locator("input[type=file]").set_input_files([photo("front.jpg"), photo("back.jpg")])
    expect(page.locator("#documents input[name=document]")).to_have_count(2)
    page.locator("#c-name").fill("李雷")
    page.locator("#c-phone").fill("13900000000")
    page.locator("#c-id").fill(make_parties.ID_NUMBER)
    me.check()
    page.locator("button[form=certification]").click()
    expect(page.get_by_text("under review, please wait" if english else "审核中，请耐心等待")).to_be_visible()
    me.check()
    no = parties.certifications_of(party.id)[0].no
    service.decide_certification(no=no, approve=False, reason="照片不清晰", actor=OPERATOR_SHELL, now=clock.now())
    me.go("certification")
    expect(page.get_by_text("照片不清晰").first).to_be_visible()
    expect(page.locator("#documents input[type=checkbox]")).to_have_count(2)
    page.locator("#c-name").fill("李雷")
    page.locator("#c-phone").fill("13900000000")
    page.locator("#c-id").fill(make_parties.ID_NUMBER)
    page.locator("button[form=certification]").click()
    expect(page.locator("button[form=certification]")).to_have_count(0)
    no = parties.certifications_of(party.id)[0].no
    service.decide_certification(no=no, approve=True, actor=OPERATOR_SHELL, now=clock.now())
    me.go("certification")
    expect(page.locator(".thumbs img")).to_have_count(2)
    me.go("places")
    expect(page).to_have_url(re.compile("/places/$"))


@BOTH
def test_places_are_added_renamed_and_deleted(living, as_person, english, width):
    party = make_parties.promoter()
    me = as_person(party, Role.ADMIN, english=english, width=width)
    page = me.go("places")
    for name in ("Tea lovers", "Readers"):
        page.get_by_role("button", name="Add a place" if english else "新建推广位").click()
        page.locator("#place-name").fill(name)
        me.check()
        page.locator("#dialog .btn.pri").click()
        expect(page.locator("#list").get_by_text(name)).to_be_visible()
    with me.expecting(422):
        page.get_by_role("button", name="Add a place" if english else "新建推广位").click()
        page.locator("#place-name").fill("Readers")
        page.locator("#dialog .btn.pri").click()
        expect(page.locator("#dialog .err")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#dialog")).not_to_be_visible()
    row = page.locator("#list tbody tr").filter(has_text="Readers")
    row.get_by_role("button", name="Rename" if english else "改名").click()
    page.locator("#place-name").fill("Writers")
    page.locator("#dialog .btn.pri").click()
    expect(page.locator("#list").get_by_text("Writers")).to_be_visible()
    row = page.locator("#list tbody tr").filter(has_text="Writers")
    row.get_by_role("button", name="Delete" if english else "删除").click()
    me.check()
    page.locator("#dialog .btn.danger").click()
    expect(page.locator("#list").get_by_text("Writers")).to_have_count(0)
    assert [one.name for one in attribution.places_of(promoter_id=party.id)] == ["Tea lovers"]
    pid = attribution.places_of(promoter_id=party.id)[0].pid
    page.locator(f'#list button[data-copy="{pid}"]').click()
    expect(page.locator(".toast").last).to_contain_text("Copied" if english else "已复制")
    assert page.evaluate("navigator.clipboard.readText()") == pid


@BOTH
def test_an_order_is_explained_and_why_it_was_not_me(living, as_person, english, width):
    one = make.alliance()
    make.touch(one)
    mine = make.bought(one)
    rival = make.of(one, make_parties.promoter(name="推客对手", phone="13900000009"))
    make.touch(rival, now=make.NOON + make.timedelta(hours=1))
    theirs = make.bought(rival, now=make.NOON + make.timedelta(hours=2))
    me = as_person(one.promoter, english=english, width=width)
    page = me.go("orders")
    expect(page.locator("#list").get_by_text(mine.no)).to_be_visible()
    expect(page.locator("#list").get_by_text(theirs.no)).to_have_count(0)
    page.locator("#list a.open", has_text=mine.no).click()
    expect(page.locator("#drawer")).to_contain_text("5990 × 12%")
    me.check()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Why not me?" if english else "为什么不是我？").click()
    page.locator("#why-q").fill(theirs.no)
    page.locator("#why-q").press("Enter")
    expect(page.locator("#dialog")).to_contain_text(
        "another promoter's later good touch" if english else "由其他推客获得"
    )
    expect(page.locator("#dialog")).not_to_contain_text("推客对手")
    me.check()
    page.locator("#why-q").fill(f"{living.base}/s/{make.link(one).code}")
    page.locator("#why-q").press("Enter")
    expect(page.locator("#dialog")).to_contain_text(mine.no)
    with me.expecting(422):
        page.locator("#why-q").fill("O0000")
        page.locator("#why-q").press("Enter")
        expect(page.locator("#dialog .err")).to_be_visible()


def test_a_dialog_answers_whoever_is_quicker_than_its_settling(living, as_person):
    one = make.alliance()
    me = as_person(one.promoter)
    page = me.go("orders")
    page.evaluate("htmx.config.defaultSettleDelay = 2000")
    page.get_by_role("button", name="为什么不是我？").click()
    with me.expecting(422):
        page.locator("#why-q").fill("O0000")
        page.locator("#why-q").press("Enter")
        expect(page.locator("#dialog .err")).to_be_visible()


@BOTH
def test_money_is_withdrawn_and_taken_back(living, as_person, english, width):
    party = make_settlement.payee(100_00)
    me = as_person(party, english=english, width=width)
    page = me.go("funds")
    ask = page.get_by_role("button", name="Withdraw" if english else "申请提现")
    ask.click()
    me.check()
    with me.expecting(422):
        page.locator("#w-amount").fill("100.01")
        page.locator("#dialog .btn.pri").click()
        expect(page.locator("#dialog .err")).to_be_visible()
    page.locator("#w-amount").fill("60")
    page.locator("#dialog .btn.pri").click()
    page.wait_for_url("**/funds/withdrawals/")
    no = settlement.withdrawals_of(party.id)[0].no
    me.check()
    page.locator("#list a.open", has_text=no).click()
    expect(page.locator("#drawer .steps li")).to_have_count(2)
    me.check()
    page.locator("#drawer .btn.danger").click()
    page.locator("#confirm [data-yes]").click()
    expect(page.locator("#list").get_by_text("Taken back" if english else "已撤销").first).to_be_visible()
    me.go("ledger")
    expect(page.locator("#list").get_by_text(no).first).to_be_visible()


@BOTH
def test_statements_are_saved_as_pdf_and_csv(living, as_person, tmp_path, english, width):
    party = make_settlement.payee(0)
    make_settlement.fund(party, 80_00, now=make_settlement.NOW)
    close_ended_months(now=clock.now())
    me = as_person(party, english=english, width=width)
    page = me.go("statements")
    for kind in ("PDF", "CSV"):
        with page.expect_download() as saved:
            page.get_by_role("link", name=kind).first.click()
        saved.value.save_as(tmp_path / kind)
        assert (tmp_path / kind).stat().st_size > 100
    assert (tmp_path / "PDF").read_bytes().startswith(b"%PDF")


@BOTH
def test_an_account_is_bound_by_a_scan(living, as_person, english, width):
    party = make_parties.promoter()
    me = as_person(party, english=english, width=width)
    page = me.go("funds")
    page.get_by_role("button", name="Bind an account" if english else "绑定收款账户").click()
    page.locator("#b-holder").fill("李雷")
    page.locator("#b-bank").fill("招商银行")
    with me.expecting(422):
        page.locator("#b-number").fill("12")
        page.locator("#dialog .btn.pri").click()
        expect(page.locator("#dialog .err")).to_be_visible()
    page.locator("#b-number").fill("6225880100001234")
    me.check()
    page.locator("#dialog .btn.pri").click()
    expect(page.locator("#scan .qr img")).to_be_visible()
    me.check()
    scan(page, "ticket", boss_of(party))
    expect(page.get_by_text("•••• 1234")).to_be_visible()


@BOTH
def test_a_seat_is_taken_by_scan_and_the_role_handed_on(living, as_person, english, width):
    party, guest = make_parties.promoter(), make_people.person()
    me = as_person(party, english=english, width=width)
    page = me.go("administrators")
    page.get_by_role("button", name="Join by scan" if english else "扫码加入").click()
    me.check()
    page.locator("#dialog .btn.pri").click()
    expect(page.locator("#scan .qr img")).to_be_visible()
    scan(page, "ticket", guest.id)
    expect(page.locator("main")).to_contain_text(guest.no)
    page.get_by_role("button", name="Hand on" if english else "转让").click()
    me.check()
    page.locator("#dialog .btn.danger").click()
    expect(page.locator("#scan .qr img")).to_have_count(2)
    scan(page, "give", boss_of(party))
    expect(page.locator("#scan")).to_contain_text("Confirmed" if english else "已确认")
    scan(page, "take", guest.id)
    expect(page.get_by_role("button", name="Join by scan" if english else "扫码加入")).to_have_count(0)
    assert parties.seat_of(guest.id, party.id).role is Role.SUPER_ADMIN


@BOTH
def test_an_invitation_waits_under_my_seats(living, as_person, english, width):
    party, phone = make_parties.promoter(), make_people.phone()
    me = as_person(party, english=english, width=width)
    page = me.go("administrators")
    page.get_by_role("button", name=me.say("手机号邀请", "Invite by phone")).click()
    page.locator("#i-phone").fill(phone)
    me.check()
    page.locator("#dialog .btn.pri").click()
    expect(page.get_by_text(me.say("待接受的邀请", "Invitations that wait"))).to_be_visible()
    invited = make_people.person(phone=phone)
    guest = as_person(None, person_id=invited.id, english=english, width=width)
    seats = guest.go("/seats")
    seats.get_by_role("button", name=me.say("接受", "Accept")).click()
    expect(seats.get_by_text("推客小李")).to_be_visible()
    guest.check()
    assert parties.seat_of(invited.id, party.id) is not None
    me.go("administrators")
    row = page.locator("main tr, main li").filter(has_text=invited.no)
    row.get_by_role("button", name=me.say("移除", "Remove")).click()
    page.locator("#confirm [value=yes]").click()
    expect(page.locator("main")).not_to_contain_text(invited.no)
    assert parties.seat_of(invited.id, party.id) is None


@BOTH
def test_a_secret_is_made_by_a_scan_and_shown_once(living, as_person, english, width):
    party = make_parties.promoter()
    me = as_person(party, english=english, width=width)
    page = me.go("credentials")
    page.get_by_role("button", name="Make an AppSecret" if english else "生成 AppSecret").click()
    me.check()
    page.locator("#dialog .btn.danger").click()
    expect(page.locator("#scan .qr img")).to_be_visible()
    scan(page, "ticket", boss_of(party))
    expect(page.locator("#s-secret")).to_be_visible()
    secret = page.locator("#s-secret").input_value()
    me.check()
    assert service.secret_of(appid=parties.appid_of(party.id)).secret == secret
    page.locator("#dialog .btn.pri").click()
    me.go("credentials")
    assert secret not in page.content()


@BOTH
def test_whoever_has_no_business_here_is_told_so(living, as_person, english, width):
    shop = make_parties.merchant()
    clerk = as_person(shop, Role.PRODUCT_MANAGER, english=english, width=width)
    with clerk.expecting(403, 404):
        for name in ("funds", "withdrawals", "statements", "ledger"):
            page = clerk.go(name)
            expect(page.locator("#main")).to_contain_text(
                clerk.say("您的角色不能进行此操作", "Your role does not allow this")
            )
        other = make_parties.merchant(name="别家")
        clerk.go("administrators", of=other)
    page = clerk.go("administrators")
    expect(page.get_by_role("button", name=clerk.say("扫码加入", "Join by scan"))).to_have_count(0)
