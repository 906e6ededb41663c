"""The shop's mini-program as far as scanning goes: it logs in, asks what a code would confirm, and says yes or no."""

import json
import re
from urllib.parse import urlsplit

import aiohttp

from tuike_sandbox import people
from tuike_sandbox.html import Html, Say, render
from tuike_sandbox.store import Row
from tuike_sandbox.world import World

_CHALLENGE = re.compile(r"/scan/([0-9A-Za-z]{24})")
READ_AT_MOST = 64 * 1024
Told = list[tuple[str, object]]


def is_challenge(address: str) -> bool:
    """Return whether the address is a code of the shop that its mini-program confirms."""
    return _CHALLENGE.fullmatch(urlsplit(address).path) is not None


async def look(world: World, say: Say, person: Row, address: str) -> tuple[Told, Html]:
    """Scan as `person` and return what confirming would do, with the buttons that say yes and no."""
    status, answer = await _as_person(world, person, address, "", say.lang)
    if status != 200:
        return [(say("应答", "Answer"), answer.get("message") or status)], Html("")
    party = answer.get("party")
    told: Told = [(say("请您确认", "You are asked to confirm"), answer.get("title"))]
    if isinstance(party, dict):
        told.append((say("主体", "Party"), party.get("name")))
    told.append((say("来自", "Asked from"), answer.get("place")))
    buttons = render(
        "scan_buttons.html",
        action=say.link(f"/sandbox/phone/{person['openid']}/scan"),
        text=address,
        yes=say("确认", "Confirm"),
        no=say("拒绝", "Decline"),
    )
    return told, buttons


async def decide(world: World, say: Say, person: Row, address: str, wish: str) -> Told:
    """Say yes (or no, for the wish `decline`) as `person`, and return what came back."""
    verb = "refusal" if wish == "decline" else "confirmation"
    status, answer = await _as_person(world, person, address, verb, say.lang)
    if status != 200:
        return [(say("应答", "Answer"), answer.get("message") or status)]
    done = {"confirmed": say("已确认", "Confirmed"), "declined": say("已拒绝", "Declined")}
    state = str(answer.get("state"))
    return [(say("结果", "Result"), done.get(state, state))]


async def _as_person(world: World, person: Row, address: str, verb: str, lang: str) -> tuple[int, dict[str, object]]:
    """Log in at the code's shop, scan, and call the verb if there is one; the last answer that came."""
    where = urlsplit(address)
    api = f"{where.scheme}://{where.netloc}/api/storefront"
    ticket = where.path.rsplit("/", 1)[-1]
    code = people.mint(world, "login", str(person["openid"]))
    headers = {"Accept": "application/json", "Accept-Language": "en" if lang == "en" else "zh-Hans"}
    async with aiohttp.ClientSession(
        timeout=aiohttp.ClientTimeout(total=5), trust_env=False, headers=headers
    ) as session:
        status, answer = await _call(session, "GET", f"{api}/config")
        if status != 200:
            return status, answer
        # Whoever holds the phone has read the shop's privacy terms in the mini-program, and says yes to them here.
        login = {"code": code, "device": "mini-program", "consent": answer.get("privacy_edition")}
        status, answer = await _call(session, "POST", f"{api}/sessions", login)
        if status != 201:
            return status, answer
        token = str(answer.get("token"))
        status, answer = await _call(session, "POST", f"{api}/scans/{ticket}", {}, token)
        if verb and status == 200:
            status, answer = await _call(session, "POST", f"{api}/scans/{ticket}/{verb}", {}, token)
        await session.delete(f"{api}/sessions/current", headers={"Authorization": f"Bearer {token}"})
        return status, answer


async def _call(
    session: aiohttp.ClientSession, method: str, url: str, body: dict[str, object] | None = None, token: str = ""
) -> tuple[int, dict[str, object]]:
    said = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        async with session.request(method, url, json=body, headers=said, allow_redirects=False) as answer:
            raw = await answer.content.read(READ_AT_MOST)
            status = answer.status
    except (aiohttp.ClientError, TimeoutError, OSError) as problem:
        return 0, {"message": type(problem).__name__}
    try:
        told = json.loads(raw)
    except ValueError:
        told = {}
    return status, told if isinstance(told, dict) else {}
