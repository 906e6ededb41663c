"""Who is signed in: name, language, phone, consent, and the parties that they act for."""

from typing import Annotated, Literal

from django.http import HttpRequest
from ninja import Router, Schema
from pydantic import Field, StringConstraints

from tuike.doors.storefront import answers
from tuike.doors.storefront.callers import person, signed_in
from tuike.doors.storefront.kinds import Body
from tuike.doors.web.kinds import PLAIN
from tuike.doors.web.said import chinese
from tuike.kit import clock
from tuike.messages import queries as messages
from tuike.parties import queries as parties
from tuike.people import queries as persons
from tuike.people import service as people

router = Router(auth=signed_in, tags=["me"])


class MySeat(Schema):
    """A party that the person acts for. `kind`: promoter, merchant, leader, operator."""

    no: str
    name: str
    kind: str
    role: str


class Me(Schema):
    """The person who is signed in. `phone` is masked and empty for none; `agreed_edition` is that of the privacy terms,
    0 for none; `unread` counts messages, 99 at most."""

    no: str
    nickname: str
    language: str
    phone: str
    agreed_edition: int
    has_password: bool
    unread: int
    seats: list[MySeat]


class MyWishes(Body):
    """A new nickname, another language, or both."""

    nickname: Annotated[str, StringConstraints(strip_whitespace=True, max_length=40, pattern=PLAIN)] | None = None
    language: Literal["zh-hans", "en"] | None = None


class Agreed(Body):
    """The edition of the privacy terms that the person has read."""

    edition: Annotated[int, Field(strict=True, ge=1, le=10_000)]


@router.get("", response=answers.answers(Me))
def me(request: HttpRequest) -> object:
    """Show who is signed in."""
    return _me(person(request).id)


@router.put("", response=answers.answers(Me))
def change(request: HttpRequest, body: MyWishes) -> object:
    """Change nickname or language; what is left out stays."""
    who = person(request).id
    people.rename(person_id=who, nickname=body.nickname, language=body.language)
    return _me(who)


@router.post("/consent", response=answers.answers(Me))
def agree(request: HttpRequest, body: Agreed) -> object:
    """Keep that the person agreed to the privacy terms in force; again is no matter."""
    who = person(request).id
    language = "zh-hans" if chinese() else "en"
    people.agree(person_id=who, edition=body.edition, language=language, now=clock.now())
    return _me(who)


def _me(who: int) -> dict[str, object]:
    found, phone = persons.refs([who])[who], persons.phone_of(who)
    return {
        "no": found.no,
        "nickname": found.nickname,
        "language": found.language,
        "phone": phone.number if phone else "",
        "agreed_edition": persons.edition_agreed(who),
        "has_password": persons.has_password(who),
        "unread": messages.unread_of(who),
        "seats": [
            {"no": one.party.no, "name": one.party.name, "kind": one.party.kind.value, "role": one.role.value}
            for one in parties.seats_of(who)
        ],
    }
