"""Who sits in the party: roles, invitations by phone and by scan, and the super administrator's role handed on."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.doors.console import answers
from tuike.doors.console.party import scanning
from tuike.doors.console.problems import beside
from tuike.doors.console.text import T
from tuike.kit.errors import Invalid, NotFound, Refusal
from tuike.parties import queries as parties
from tuike.parties import service
from tuike.parties.service import MAX_ADMINS, ROLES
from tuike.parties.types import (
    AlreadySeated,
    InvitationOpen,
    Role,
    RoleNotOfKind,
    SeatShown,
    TooManyAdministrators,
    TooManyInvitations,
)
from tuike.people import queries as people
from tuike.people.types import BadPhone

MEANING = {
    Role.SUPER_ADMIN: T("全部权限；管理成员、收款账户和密钥", "Everything; seats, payout account and secret"),
    Role.ADMIN: T("除成员、收款账户和密钥外的全部功能", "Everything but seats, payout account and secret"),
    Role.PRODUCT_MANAGER: T("商品、推广方案", "Products and promotion plans"),
    Role.FINANCE: T("资金、账单、提现和导出", "Funds, statements, withdrawals and exports"),
    Role.OPERATOR: T("审核、规则与主体管理", "Reviews, rules and parties"),
    Role.AUDITOR: T("只读查看全部", "Reads everything"),
}
_PHONE = {BadPhone: "phone", InvitationOpen: "phone", AlreadySeated: "phone", RoleNotOfKind: "role"}


def page(request: Any) -> HttpResponse:
    """Show who sits here and who is invited."""
    asker = request.asker
    seats = parties.administrators_of([asker.party_id])[asker.party_id]
    invitations = parties.invitations_of(asker.party_id, now=asker.now)
    manages = asker.role is Role.SUPER_ADMIN and not asker.looking
    phones = people.phones_of(seat.person_id for seat in seats)
    persons = people.refs(seat.person_id for seat in seats)
    context = {
        "rows": [
            {
                "seat": seat,
                "person": persons.get(seat.person_id),
                "phone": phones[seat.person_id].number if seat.person_id in phones else "",
                "me": seat.person_id == asker.person.id,
                "super": seat.role is Role.SUPER_ADMIN,
            }
            for seat in seats
        ],
        "invitations": invitations,
        "roles": answers.ROLES,
        "meaning": [(answers.ROLES[role], MEANING[role]) for role in Role if role in ROLES[asker.party.kind]],
        "used": len(seats) - 1,
        "most": MAX_ADMINS,
        "manages": manages,
        "several": len(_given(request)) > 1,
    }
    return render(request, "console/party/administrators.html", context)


def invite(request: Any) -> HttpResponse:
    """Ask for a phone number and a role, and offer the seat."""
    typed = {"phone": request.POST.get("phone", "").strip()[:40], "role": request.POST.get("role", "")}
    if request.method == "GET":
        return _invite_form(request, typed)
    asker = request.asker
    try:
        service.invite(
            party_id=asker.party_id, phone=typed["phone"], role=_role(request), actor=asker.actor, now=asker.now
        )
    except (BadPhone, InvitationOpen, RoleNotOfKind, TooManyInvitations, Invalid) as refusal:
        return _invite_form(request, typed, refusal)
    said = T(
        "邀请已发出：对方用该手机号登录后，在“我的席位”中接受",
        "Invited: whoever signs in with this number accepts it under My seats",
    )
    return answers.to(request, answers.url(request, "administrators"), toast=said)


def withdraw(request: Any, *, code: str) -> HttpResponse:
    """Take an invitation back."""
    service.withdraw_invitation(
        party_id=request.asker.party_id, code=code, actor=request.asker.actor, now=request.asker.now
    )
    return answers.to(
        request, answers.url(request, "administrators"), toast=T("邀请已撤回", "The invitation was withdrawn")
    )


def scan(request: Any) -> HttpResponse:
    """Choose a role, and show the code by which somebody beside takes the seat."""
    if request.method == "GET":
        return answers.dialog(request, "console/party/seat_scan.html", {"choices": _choices(request)})
    asker, role = request.asker, _role(request)
    ticket = service.ask_to_join(
        party_id=asker.party_id,
        role=role,
        asker=scanning.asker_of(request),
        place=scanning.place_of(request),
        actor=asker.actor,
        now=asker.now,
    )
    return _joining(request, ticket, role)


def scan_state(request: Any) -> HttpResponse:
    """Say where the code stands; seat whoever confirmed it."""
    asker, role, ticket = request.asker, _role(request), scanning.ticket_in(request)
    if not scanning.box(request, ticket).confirmed:
        return _joining(request, ticket, role)
    try:
        service.seat_scanned(
            party_id=asker.party_id,
            role=role,
            ticket=ticket,
            asker=scanning.asker_of(request),
            actor=asker.actor,
            now=asker.now,
        )
    except (AlreadySeated, TooManyAdministrators) as refusal:
        sentence = T(refusal.sentence("zh"), refusal.sentence("en"))
        return answers.to(request, answers.url(request, "administrators"), toast=sentence, kind="bad")
    return answers.to(request, answers.url(request, "administrators"), toast=T("成员已加入", "The seat was taken"))


def change(request: Any, *, person_no: str) -> HttpResponse:
    """Choose another role for a seat, and give it."""
    seat = _seat(request, person_no)
    if request.method == "GET":
        context = {"choices": _choices(request, seat.role), "person_no": person_no, "name": _name(seat)}
        return answers.dialog(request, "console/party/seat_role.html", context)
    asker = request.asker
    service.change_role(
        party_id=asker.party_id, person_id=seat.person_id, role=_role(request), actor=asker.actor, now=asker.now
    )
    return answers.to(request, answers.url(request, "administrators"), toast=T("角色已更改", "The role was changed"))


def remove(request: Any, *, person_no: str) -> HttpResponse:
    """Take a seat away."""
    seat, asker = _seat(request, person_no), request.asker
    service.remove_seat(party_id=asker.party_id, person_id=seat.person_id, actor=asker.actor, now=asker.now)
    return answers.to(request, answers.url(request, "administrators"), toast=T("成员已移除", "The seat was taken away"))


def hand_over(request: Any) -> HttpResponse:
    """Explain the hand-over; on POST show both codes."""
    if request.method == "GET":
        return answers.dialog(request, "console/party/hand_over.html", {})
    asker = request.asker
    give, take = service.ask_to_hand_over(
        party_id=asker.party_id,
        asker=scanning.asker_of(request),
        place=scanning.place_of(request),
        actor=asker.actor,
        now=asker.now,
    )
    return _handing(request, give, take)


def hand_over_state(request: Any) -> HttpResponse:
    """Say where both codes stands; hand the role on when both are confirmed."""
    asker, give, take = request.asker, scanning.ticket_in(request, "give"), scanning.ticket_in(request, "take")
    if not (scanning.box(request, give).confirmed and scanning.box(request, take).confirmed):
        return _handing(request, give, take)
    try:
        service.hand_over(
            party_id=asker.party_id,
            give=give,
            take=take,
            asker=scanning.asker_of(request),
            actor=asker.actor,
            now=asker.now,
        )
    except Refusal as refusal:
        sentence = T(refusal.sentence("zh"), refusal.sentence("en"))
        return answers.to(request, answers.url(request, "administrators"), toast=sentence, kind="bad")
    said = T("超级管理员已转让，您现在是管理员", "The role was handed on; you are an administrator now")
    return answers.to(request, answers.url(request, "administrators"), toast=said)


def _joining(request: Any, ticket: str, role: Role) -> HttpResponse:
    return scanning.waiting(
        request,
        scanning.box(request, ticket),
        poll=answers.url(request, "administrator-scan-state"),
        again=answers.url(request, "administrator-scan"),
        title=T("扫码加入", "Join by scan"),
        lead=T(
            "请对方用小程序扫码并确认，将以“{role}”加入。",
            "Let them scan it with the mini-program: they join as {role}.",
        ).fill(role=answers.ROLES[role]),
        role=role.value,
    )


def _handing(request: Any, give: str, take: str) -> HttpResponse:
    return scanning.waiting(
        request,
        scanning.box(request, give, who=T("现任超级管理员扫码", "The super administrator scans"), name="give"),
        scanning.box(request, take, who=T("接任人扫码", "The successor scans"), name="take"),
        poll=answers.url(request, "hand-over-state"),
        again=answers.url(request, "hand-over"),
        title=T("转让超级管理员", "Hand the role on"),
        lead=T(
            "两人分别扫码确认后立即生效。接任人须已是本主体的成员。",
            "It holds at once when both have confirmed. The successor must have a seat here already.",
        ),
    )


def _given(request: Any) -> list[Role]:
    """Return the roles that seats of this kind of party can be given."""
    return [role for role in Role if role in ROLES[request.asker.party.kind] and role is not Role.SUPER_ADMIN]


def _choices(request: Any, chosen: Role | str = "") -> list[tuple[str, T, T, bool]]:
    given = _given(request)
    wanted = chosen if chosen in set(given) else given[0]
    return [(role.value, answers.ROLES[role], MEANING[role], role == wanted) for role in given]


def _role(request: Any) -> Role:
    text = request.POST.get("role", "")
    if text not in {role.value for role in _given(request)}:
        raise Invalid(field="role", reason_zh="请选择角色", reason_en="choose a role")
    return Role(text)


def _seat(request: Any, person_no: str) -> SeatShown:
    """Return the seat of a person of this party by their public number.

    Raises:
        NotFound: nobody here has that number.
    """
    seats = parties.administrators_of([request.asker.party_id])[request.asker.party_id]
    persons = people.refs(seat.person_id for seat in seats)
    for seat in seats:
        if seat.person_id in persons and persons[seat.person_id].no == person_no:
            return seat
    raise NotFound


def _name(seat: SeatShown) -> str:
    person = people.refs([seat.person_id])[seat.person_id]
    return person.called


def _invite_form(request: Any, typed: dict[str, str], problem: Refusal | None = None) -> HttpResponse:
    context = {
        "choices": _choices(request, typed["role"]),
        "typed": typed,
        "errors": beside(problem, _PHONE) if problem else {},
    }
    return answers.dialog(request, "console/party/seat_invite.html", context, status=422 if problem else 200)
