"""Login by WeChat, and the phone number."""

from django.http import HttpRequest
from ninja import Router, Status
from pydantic import Field

from tuike.doors.storefront import answers
from tuike.doors.storefront.answers import REFUSED
from tuike.doors.storefront.callers import person, signed_in, visitor_of
from tuike.doors.storefront.kinds import Body, Code, IdempotencyKey, Name, Visitor
from tuike.flows import sign_in
from tuike.kit import clock
from tuike.people import service as people

router = Router(tags=["sessions"])


class Login(Body):
    """The code of `wx.login`, and what the session shall be called in lists."""

    code: Code
    device: Name = Field(default="mini-program")


class PhoneCode(Body):
    """The code of a phone button."""

    code: Code


@router.post("", response=answers.answers(answers.Session, 201), auth=None)
def login(request: HttpRequest, body: Login, visitor: Visitor = "") -> object:
    """Log in. What the visitor had seen becomes the buyer's. The code is the key: WeChat takes it once."""
    signed = sign_in.sign_in(code=body.code, visitor=visitor_of(request, visitor), device=body.device, now=clock.now())
    return Status(201, signed)


@router.delete("/current", response={204: None, **REFUSED}, auth=signed_in)
def logout(request: HttpRequest) -> object:
    """Sign out: the token is dead."""
    token = request.headers["Authorization"].partition(" ")[2]
    people.revoke_token(token=token, now=clock.now())
    return Status(204, None)


@router.post("/phone", response=answers.answers(answers.Phone), auth=signed_in)
def phone(request: HttpRequest, body: PhoneCode, key: IdempotencyKey) -> object:
    """Bind the phone number that WeChat has verified."""
    bound = sign_in.bind_phone(person_id=person(request).id, code=body.code, key=key, now=clock.now())
    return {"phone": bound.number}
