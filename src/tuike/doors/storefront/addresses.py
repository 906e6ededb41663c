"""A member's own addresses."""

from typing import Annotated

from django.http import HttpRequest
from ninja import Router, Schema, Status
from pydantic import StringConstraints

from tuike.doors.storefront import answers
from tuike.doors.storefront.callers import person, signed_in
from tuike.doors.storefront.kinds import Body, IdempotencyKey, Number
from tuike.doors.web.kinds import PLAIN
from tuike.flows import keep_for_member
from tuike.kit import clock
from tuike.members import queries as members_of
from tuike.members import service as members
from tuike.members.types import AddressWanted

router = Router(auth=signed_in, tags=["member"])


class SavedAddress(Schema):
    """An address of the caller; `region` are the names of `region_code`, a district's six digits."""

    no: str
    name: str
    phone: str
    region_code: str
    region: str
    detail: str
    is_default: bool


class SavedAddresses(Schema):
    """The caller's addresses, the default first."""

    items: list[SavedAddress]


class AddressGiven(Body):
    """An address as its person wrote it."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=PLAIN)]
    phone: Annotated[str, StringConstraints(min_length=1, max_length=20, pattern=r"^[0-9+ ]+$")]
    region_code: Annotated[str, StringConstraints(pattern=r"^[0-9]{6}$")]
    detail: Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=PLAIN)]
    is_default: bool = False

    def wanted(self) -> AddressWanted:
        """Return it without its region's names, which the flow looks up."""
        return AddressWanted(
            name=self.name, phone=self.phone, region_code=self.region_code, region="", detail=self.detail
        )


@router.get("/addresses", response=answers.answers(SavedAddresses))
def addresses(request: HttpRequest) -> object:
    """List the caller's addresses."""
    return {"items": members_of.addresses_of(person(request).id)}


@router.post("/addresses", response=answers.answers(SavedAddress, 201))
def add_address(request: HttpRequest, body: AddressGiven, key: IdempotencyKey) -> object:
    """Keep an address; the first one is the default."""
    made = keep_for_member.add_address(
        person_id=person(request).id, wanted=body.wanted(), default=body.is_default, key=key, now=clock.now()
    )
    return Status(201, made)


@router.put("/addresses/{no}", response=answers.answers(SavedAddress))
def change_address(request: HttpRequest, no: Number, body: AddressGiven) -> object:
    """Put other words into an address; orders that were placed keep theirs."""
    return keep_for_member.change_address(
        person_id=person(request).id, no=no, wanted=body.wanted(), default=body.is_default, now=clock.now()
    )


@router.delete("/addresses/{no}", response=answers.answers(None, 204))
def remove_address(request: HttpRequest, no: Number) -> object:
    """Forget an address."""
    members.remove_address(person_id=person(request).id, no=no)
    return Status(204, None)
