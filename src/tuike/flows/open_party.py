"""A person opens a promoter, a shop or a leader of their own; its certification is what they do next."""

from collections.abc import Callable
from datetime import datetime

from tuike.audit.types import Actor
from tuike.catalog import queries as catalog
from tuike.flows.keyed import keyed
from tuike.kit.errors import Invalid, Refusal
from tuike.network import queries as network_of
from tuike.network import service as network
from tuike.network.types import RecruitLinkShown
from tuike.parties import queries as parties
from tuike.parties import service
from tuike.parties.types import PartyKind, PartyRef, Role, Source, SubjectKind
from tuike.people import service as people
from tuike.settings import service as settings

MOST = 5
"""Parties of one kind that a person may open alone; more are opened by the operator (docs/rules.md §1)."""


class TooManyParties(Refusal):
    """The person is super administrator of as many parties of the kind as one opens alone."""

    code = "too_many_parties"
    status = 409
    zh = "您已开通 {most} 个同类主体，如需更多请联系平台运营"
    en = "You opened {most} of this kind; ask the operator for more."


class OnboardingOff(Refusal):
    """The mall takes no applications of shops now."""

    code = "onboarding_off"
    status = 409
    zh = "商城暂未开放商家入驻"
    en = "The mall takes no new shops now."


class UnknownRecruiter(Refusal):
    """The recruiter's number belongs to no promoter."""

    code = "unknown_recruiter"
    status = 422
    zh = "没有找到该上级推客编号"
    en = "There is no promoter with this number."


def open_promoter(
    *,
    person_id: int,
    name: str,
    subject_kind: SubjectKind,
    recruiter_no: str,
    link: str = "",
    key: str | None,
    actor: Actor,
    now: datetime,
) -> PartyRef:
    """Open a promoter with the person as super administrator, under a recruiter if one is named (docs/rules.md §1).

    `link`: the code of a recruiting link by which the person came; its owner is the recruiter, or the merchant whose
    agent the promoter is. While an application is needed the promoter waits to be let in.

    Raises:
        TooManyParties: more than a person opens alone.
        UnknownRecruiter: `recruiter_no` is nobody's. UnknownLink: the link isn't good.
        PersonBanned: the person was shut out of the network.
        Invalid: the name. UnknownPerson: no such person.
        KeyMalformed, KeyUsedForOther: the key.
    """
    subject_kind = SubjectKind(subject_kind)

    def work() -> PartyRef:
        network.check_free_to_join(person_id=person_id, form=None, now=now)
        came_by = network_of.good_link(link) if link else None
        made = service.open_promoter(
            name=name,
            subject_kind=subject_kind,
            super_admin=person_id,
            recruiter_id=_recruiter(recruiter_no, came_by),
            joining=network_of.form_needed() is not None,
            actor=actor,
            now=now,
        )
        if came_by is not None:
            network.recruited(promoter_id=made.id, link=came_by, now=now)
        return made

    content = {"name": name, "subject_kind": subject_kind.value, "recruiter": recruiter_no}
    if link:
        content["link"] = link
    return _once(person_id=person_id, kind=PartyKind.PROMOTER, content=content, key=key, now=now, work=work)


def open_merchant(
    *,
    person_id: int,
    name: str,
    source: Source,
    subject_kind: SubjectKind,
    appid: str,
    category_id: int | None = None,
    key: str | None,
    actor: Actor,
    now: datetime,
) -> PartyRef:
    """Open a shop with the person as super administrator (docs/rules.md §1); `category_id` is what it mainly sells.

    Raises:
        OnboardingOff: the mall takes no shops of its own now.
        TooManyParties: more than a person opens alone.
        Invalid: the name, the category, or the AppID of a shop with its own mini-program. AppidTaken: another shop's.
        UnknownPerson: no such person.
        KeyMalformed, KeyUsedForOther: the key.
    """
    source, subject_kind = Source(source), SubjectKind(subject_kind)

    def work() -> PartyRef:
        return service.open_merchant(
            name=name,
            source=source,
            subject_kind=subject_kind,
            super_admin=person_id,
            appid=appid,
            main_category_id=category_id,
            actor=actor,
            now=now,
        )

    if source is Source.MINI_STORE and settings.get("mall_onboarding") != 1:
        raise OnboardingOff
    if category_id is not None and category_id not in catalog.category_nodes([category_id]):
        raise Invalid(field="category", reason_zh="没有这个类目", reason_en="there is no such category")
    content = {"name": name, "source": source.value, "subject_kind": subject_kind.value, "appid": appid}
    if category_id is not None:
        content["category"] = str(category_id)
    return _once(person_id=person_id, kind=PartyKind.MERCHANT, content=content, key=key, now=now, work=work)


def open_leader(*, person_id: int, name: str, key: str | None, actor: Actor, now: datetime) -> PartyRef:
    """Open a leader with the person as super administrator (docs/rules.md §1).

    Raises:
        TooManyParties: more than a person opens alone.
        Invalid: the name. UnknownPerson: no such person.
        KeyMalformed, KeyUsedForOther: the key.
    """

    def work() -> PartyRef:
        return service.open_leader(name=name, super_admin=person_id, actor=actor, now=now)

    return _once(person_id=person_id, kind=PartyKind.LEADER, content={"name": name}, key=key, now=now, work=work)


def _recruiter(recruiter_no: str, came_by: RecruitLinkShown | None) -> int | None:
    """Return who stands above: the owner of a promoter's link, else whose number was said; nobody of a merchant's."""
    if came_by is not None:
        return came_by.owner_id if came_by.owner_kind is PartyKind.PROMOTER else None
    if not recruiter_no:
        return None
    found = parties.find(recruiter_no)
    if found is None or found.kind is not PartyKind.PROMOTER:
        raise UnknownRecruiter
    if parties.promoter_facts([found.id])[found.id].suspended:
        raise UnknownRecruiter
    return found.id


def _once(
    *,
    person_id: int,
    kind: PartyKind,
    content: dict[str, str],
    key: str | None,
    now: datetime,
    work: Callable[[], PartyRef],
) -> PartyRef:
    def checked() -> PartyRef:
        people.hold_person(person_id=person_id)  # two at once queue here, so that both see what is there
        own = _own(person_id, kind)
        if len(own) >= MOST:
            raise TooManyParties(most=MOST)
        return work()

    def again() -> PartyRef:
        return next(party for party in reversed(_own(person_id, kind)) if party.name == content["name"].strip())

    scope = f"person:{person_id}:open_{kind.value}"
    return keyed(scope=scope, key=key, content=content, now=now, work=checked, again=again)


def _own(person_id: int, kind: PartyKind) -> list[PartyRef]:
    """Return the parties of a kind of which a person is super administrator, the oldest seat first."""
    seats = parties.seats_of(person_id)
    return [seat.party for seat in seats if seat.party.kind is kind and seat.role is Role.SUPER_ADMIN]
