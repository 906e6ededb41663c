"""Where to look at the story. Django must be set up before this is imported."""

from django.conf import settings

from tuike.attribution import queries as attribution
from tuike.doors.cli.story.password import demo_password
from tuike.doors.cli.story.people import BY_KEY
from tuike.parties import queries as parties
from tuike.parties.types import PartyKind
from tuike.people import queries as people
from tuike.runtime.words import say


def where_to_look() -> list[tuple[str, str]]:
    """Return pairs of what there is to see and its address."""
    base, seen = settings.PUBLIC_BASE, []
    seen.append((say("产品", "product"), f"{base}/"))
    seen.append((say("工作台（用手机号和密码登录）", "consoles (sign in by phone and password)"), f"{base}/sign-in"))
    seen.append((say("以上人物的密码", "the password of all of them"), demo_password()))
    for code in _codes():
        seen.append((say("推客的短链接", "a promoter's short link"), f"{base}/s/{code}"))
    if settings.SANDBOX_BASE:
        words = say(
            "沙箱里的手机（以上人物在此登录、扫码、收款）", "the sandbox's phone (these people sign in, scan, confirm)"
        )
        seen.append((words, f"{settings.SANDBOX_BASE}/sandbox/phone"))
    return seen


def _codes() -> list[str]:
    """Return the first promoter's newest links: one for the shop, one for a product."""
    person = people.find_by_phone(BY_KEY["p1"].phone)
    seats = parties.seats_of(person.id) if person else []
    own = [seat.party.id for seat in seats if seat.party.kind is PartyKind.PROMOTER]
    links = attribution.links_of(promoter_id=own[0]) if own else []
    shop = next((link.code for link in links if link.product_id is None), None)
    product = next((link.code for link in links if link.product_id is not None), None)
    return [code for code in (shop, product) if code]
