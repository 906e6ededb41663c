"""The HTTP side: routes, signatures, faults, and the two tasks that move time along."""

import asyncio
import contextlib
import json
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web

from tuike_sandbox import (
    certificates,
    control,
    faults,
    logs,
    notices,
    pages,
    pay,
    people,
    phone,
    refunds,
    signing,
    tokens,
    transfers,
    web_login,
    wxa,
)
from tuike_sandbox.app_keys import WORLD
from tuike_sandbox.errors import ControlError, PayError, WxError
from tuike_sandbox.world import Answer, Call, Endpoint, World, is_loopback

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
ENDPOINTS: list[Endpoint] = [
    *pay.ENDPOINTS,
    *refunds.ENDPOINTS,
    *transfers.ENDPOINTS,
    *certificates.ENDPOINTS,
    *tokens.ENDPOINTS,
    *wxa.ENDPOINTS,
    *web_login.ENDPOINTS,
]
LIVING = [pay.advance, refunds.advance, transfers.advance]
SECRET_QUERY = ("/cgi-bin/token", "/cgi-bin/stable_token", "/sns/oauth2/access_token")


def advance(world: World) -> None:
    """Let everything happen that is due by now."""
    for step in LIVING:
        step(world)


def _refusal(endpoint: Endpoint, problem: PayError | WxError) -> Answer:
    if isinstance(problem, PayError):
        return Answer({"code": problem.code, "message": problem.message}, status=problem.status)
    return Answer({"errcode": problem.errcode, "errmsg": f"{problem.errmsg} rid: {secrets.token_hex(4)}"})


def work(world: World, endpoint: Endpoint, call: Call) -> Answer:
    """Verify the caller and do the work, whole or not at all."""
    try:
        if endpoint.side == "pay":
            signing.verify_request(
                world.identity,
                authorization=call.headers.get("Authorization", ""),
                method=call.method,
                path=call.path,
                body=call.raw,
                real_now=world.clock.real(),
            )
        elif endpoint.needs_token:
            tokens.check_token(world, call.query.get("access_token", ""))
        with world.store.transaction():
            advance(world)
            return endpoint.run(world, call)
    except (PayError, WxError) as problem:
        return _refusal(endpoint, problem)


def _failing(endpoint: Endpoint, fault: faults.Fault) -> Answer:
    code, message = fault.detail["code"], str(fault.detail["message"])
    if endpoint.side == "pay":
        return Answer({"code": code, "message": message}, status=fault.number("status"))
    if isinstance(code, int):
        return Answer({"errcode": code, "errmsg": message})
    return Answer({"errcode": -1, "errmsg": "system error"}, status=fault.number("status"))


def _signing_key(world: World, call: Call) -> int:
    chosen = world.store.setting("signing_key", 1)
    if chosen == "follow":
        named = call.headers.get("Wechatpay-Serial", "")
        return world.identity.key_ids.index(named) + 1 if named in world.identity.key_ids else 1
    return 2 if chosen == 2 else 1


def dress(world: World, endpoint: Endpoint, call: Call, answer: Answer, fault: faults.Fault | None) -> web.Response:
    """The answer on the wire: signed where WeChat signs, damaged where a fault says so."""
    action = fault.action if fault else ""
    if fault and action == "alter" and isinstance(answer.content, dict):
        changes = fault.detail["set"]
        assert isinstance(changes, dict)
        answer = Answer(faults.alter(answer.content, changes), answer.status, answer.content_type)
    body = faults.GARBAGE if action == "garbage" else answer.body()
    status = 200 if action == "garbage" else answer.status
    headers: dict[str, str] = {"Request-ID": secrets.token_hex(12).upper()}
    if endpoint.side == "pay":
        skew = fault.number("seconds") if fault and action == "stale" else 0
        key = _signing_key(world, call)
        if action != "unsigned":
            headers |= signing.sign(world.identity, key=key, body=body, real_now=world.clock.real() + skew)
        if fault and action == "wrong_serial":
            headers["Wechatpay-Serial"] = str(fault.detail["serial"])
    if action == "flip":
        body = faults.flip(body)
    if status != 204:
        headers["Content-Type"] = answer.content_type
    return web.Response(status=status, body=body if status != 204 else None, headers=headers)


def _hang_up(request: web.Request) -> web.Response:
    """Cut the connection without an answer."""
    if request.transport:
        request.transport.abort()
    return web.Response()


def endpoint_handler(world: World, endpoint: Endpoint) -> Handler:
    """The web handler of one of WeChat's addresses."""

    async def handle(request: web.Request) -> web.StreamResponse:
        started, raw = time.perf_counter(), await request.read()
        call = Call(request.method, request.raw_path, request.match_info, request.query, request.headers, raw)
        fault = faults.take(world.store, endpoint.name)
        action = fault.action if fault else ""
        if fault and fault.number("delay_ms"):
            await asyncio.sleep(fault.number("delay_ms") / 1000)
        body = b"" if request.path in SECRET_QUERY else raw

        def note(status: str) -> None:
            notices.journal(
                world,
                direction="received",
                endpoint=endpoint.name,
                method=request.method,
                path=request.path,
                status=status,
                fault=action,
                body=body,
            )
            spent = round((time.perf_counter() - started) * 1000)
            logs.event("call", endpoint=endpoint.name, status=status, ms=spent, fault=action)

        if action == "drop":
            note("dropped")
            return _hang_up(request)
        answer = _failing(endpoint, fault) if fault and action == "fail" else work(world, endpoint, call)
        world.wake.set()
        note(_short(answer))
        if fault and action == "timeout_after":
            await asyncio.sleep(fault.number("hold_ms") / 1000)
            return _hang_up(request)
        return dress(world, endpoint, call, answer, fault)

    return handle


def _short(answer: Answer) -> str:
    """The status for logs: HTTP status with the refusal's code, if any."""
    content = answer.content if isinstance(answer.content, dict) else {}
    code = content.get("code") if answer.status >= 400 else content.get("errcode")
    return f"{answer.status} {code}" if code else str(answer.status)


async def _control(request: web.Request) -> web.Response:
    world = request.app[WORLD]
    try:
        if request.method == "POST" and request.content_type != "application/json":
            raise ControlError("send Content-Type: application/json", status=415)
        raw = await request.read()
        wish = json.loads(raw) if raw else {}
        advance(world)
        reply = control.run(world, request.match_info["verb"], wish)
    except ValueError:
        return web.json_response({"error": "the body isn't JSON"}, status=400)
    except ControlError as problem:
        return web.json_response({"error": problem.message}, status=problem.status)
    logs.event("control", verb=request.match_info["verb"])
    return web.json_response(reply)


@web.middleware
async def own_host_only(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Refuse other sites' pages: a foreign Host (a rebound name) or a foreign Origin."""
    origin = request.headers.get("Origin", "")
    own = request.path.startswith(("/v3/", "/cgi-bin/", "/sns/", "/wxa/"))
    if not is_loopback(f"http://{request.host}") or (not own and origin and not is_loopback(origin)):
        return web.json_response({"error": "the sandbox answers this machine only"}, status=403)
    return await handler(request)


async def _ticker(world: World) -> None:
    """Move what is due also when nobody calls."""
    while True:
        try:
            with world.store.transaction():
                advance(world)
        except Exception as problem:
            logs.event("tick_failed", problem=repr(problem))
        await asyncio.sleep(0.1)


async def _background(app: web.Application) -> AsyncIterator[None]:
    world = app[WORLD]
    tasks = [asyncio.create_task(notices.courier(world)), asyncio.create_task(_ticker(world))]
    yield
    for task in tasks:
        task.cancel()
    for task in tasks:
        with contextlib.suppress(asyncio.CancelledError):
            await task
    world.store.close()


def create(world: World) -> web.Application:
    """The whole application around a world."""
    people.seed(world.store, world.identity.appid)
    app = web.Application(client_max_size=8 * 1024 * 1024, middlewares=[own_host_only])
    app[WORLD] = world
    for endpoint in ENDPOINTS:
        app.router.add_route(endpoint.method, endpoint.path, endpoint_handler(world, endpoint))
    app.router.add_post("/sandbox/control/{verb}", _control)
    pages.add_routes(app)
    phone.add_routes(app)
    web_login.add_routes(app)
    app.cleanup_ctx.append(_background)
    return app
