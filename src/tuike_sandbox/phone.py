"""A page that plays a phone: a few people who log in, scan, open mini-program paths, confirm money, read messages."""

import json
from dataclasses import dataclass
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import aiohttp
from aiohttp import web

from tuike_sandbox import app_keys, people, phone_scan, transfers
from tuike_sandbox.errors import ControlError
from tuike_sandbox.html import Html, Say, join, language, page, render, yuan
from tuike_sandbox.pages import facts, table, when
from tuike_sandbox.store import Row
from tuike_sandbox.world import World, is_loopback

READ_AT_MOST = 64 * 1024


@dataclass(frozen=True)
class Scanned:
    """What a scanned text leads to: a mini-program page, an address of this machine, or nothing that opens."""

    kind: str  # "page" | "address" | "foreign" | "expired" | "text"
    text: str
    path: str = ""
    query: str = ""
    scene: str = ""


def read_text(world: World, text: str, *, as_path: bool = False) -> Scanned:
    """Understand a scanned text as a phone would."""
    text = text.strip()
    if as_path:
        path, _, query = text.partition("?")
        return Scanned("page", text, path=path.lstrip("/"), query=query)
    link = _link_code(world, text)
    if link:
        row = world.store.one("select * from links where code = ?", link)
        if not row or (row["expires"] is not None and float(str(row["expires"])) <= world.clock.now()):
            return Scanned("expired", text)
        return Scanned("page", text, path=str(row["path"]), query=str(row["query"]))
    if text.startswith(world.base + "/sandbox/code?"):
        asked = parse_qs(urlsplit(text).query)
        return Scanned("page", text, path=asked.get("page", [""])[0], scene=asked.get("scene", [""])[0])
    if is_loopback(text):
        return Scanned("address", text)
    return Scanned("foreign" if "://" in text else "text", text)


def _link_code(world: World, text: str) -> str:
    for start in (world.base + "/sandbox/l/", "weixin://dl/business/?t="):
        if text.startswith(start):
            return text.removeprefix(start)
    return text.rsplit("/", 1)[-1] if text.startswith("#小程序://") else ""


def shop_address(world: World, found: Scanned) -> str:
    """Where the shop's own pages show a mini-program page on H5."""
    query = found.query or (f"scene={found.scene}" if found.scene else "")
    return f"{world.shop_base}/{found.path}" + (f"?{query}" if query else "")


def _person(request: web.Request) -> Row:
    try:
        return people.person(request.app[app_keys.WORLD].store, request.match_info["openid"])
    except ControlError as problem:
        raise web.HTTPNotFound(text=problem.message) from problem


async def first(request: web.Request) -> web.Response:
    """GET /sandbox/phone: the first person's phone; with ``?text=…`` that text waits there to be scanned."""
    someone = people.everyone(request.app[app_keys.WORLD].store)[0]
    raise web.HTTPSeeOther(Say(language(request)).link(_phone_of(someone, _carried(request))))


def _carried(request: web.Request) -> str:
    """Return the text that somebody came with to have it scanned by whoever they choose."""
    return request.query.get("text", "")[:500]


def _phone_of(person: Row, text: str) -> str:
    return f"/sandbox/phone/{person['openid']}" + (f"?{urlencode({'text': text})}" if text else "")


async def show(request: web.Request, *, shown: Html | None = None) -> web.Response:
    """GET /sandbox/phone/{openid}: one person's phone."""
    world, say, person = request.app[app_keys.WORLD], Say(language(request)), _person(request)
    here = f"/sandbox/phone/{person['openid']}"
    entries = [
        render(
            "person.html",
            href=say.link(_phone_of(row, _carried(request))),
            current=Html('aria-current="page"') if row["openid"] == person["openid"] else Html(""),
            name=row["name"],
            phone=row["phone"],
        )
        for row in people.everyone(world.store)
    ]
    body = render(
        "phone.html",
        peopletitle=say("谁的手机", "Whose phone"),
        people=join(entries),
        hint=say("号码与姓名均为虚构。", "Names and numbers are made up."),
        name=person["name"],
        facts=facts(
            [
                (say("手机号", "Phone number"), person["phone"]),
                ("openid", person["openid"]),
                ("unionid", person["unionid"]),
            ]
        ),
        shown=shown or Html(""),
        action=say.link(here),
        login=say("登录（取得 code）", "Log in (get a code)"),
        phonecode=say("授权手机号（取得 code）", "Share phone number (get a code)"),
        scantitle=say("扫一扫", "Scan"),
        scanlabel=say("二维码或小程序码里的文字", "The text in the QR or mini-program code"),
        text=_carried(request),
        scanexample="http://127.0.0.1:8000/…",
        scan=say("扫描", "Scan"),
        scanaction=here + "/scan",
        langfield=Html('<input type="hidden" name="lang" value="en">') if say.lang == "en" else Html(""),
        opentitle=say("打开小程序页面", "Open a mini-program page"),
        openlabel=say("路径与参数", "Path and query"),
        open=say("打开", "Open"),
        transfers=_waiting(world, say, person, here),
        messages=_messages(world, say, person),
    )
    return page(say, title=say("手机", "Phone"), body=body, path=here)


def _waiting(world: World, say: Say, person: Row, here: str) -> Html:
    rows = world.store.all(
        "select * from transfers where openid = ? and state = 'WAIT_USER_CONFIRM' order by created", person["openid"]
    )
    items = [
        render(
            "transfer_row.html",
            action=say.link(here),
            number=row["out_bill_no"],
            amount=yuan(row["amount_fen"]),
            remark=json.loads(str(row["request"]))["transfer_remark"],
            created=when(row["created"]),
            confirm=say("确认收款", "Accept"),
            refuse=say("拒绝", "Refuse"),
        )
        for row in rows
    ]
    nothing = render("empty.html", text=say("没有待确认的收款。", "No money is waiting."))
    title = say("待确认收款", "Money to confirm")
    return render("table.html", title=title, count=len(rows) or "", content=join(items) if items else nothing)


def _messages(world: World, say: Say, person: Row) -> Html:
    rows = world.store.all("select * from messages where openid = ? order by id desc limit 10", person["openid"])
    cells: list[list[object]] = []
    for row in rows:
        data = json.loads(str(row["body"]))["data"]
        cells.append([when(row["created"]), "，".join(str(part["value"]) for part in data.values())])
    return table(say, say("服务通知", "Messages"), [say("时间", "Time"), say("内容", "Content")], cells)


async def act(request: web.Request) -> web.Response:
    """POST /sandbox/phone/{openid}: take a code, or answer a waiting transfer."""
    world, say, person = request.app[app_keys.WORLD], Say(language(request)), _person(request)
    form = await request.post()
    wish = str(form.get("do", ""))
    if wish in ("login", "phone"):
        code = people.mint(world, wish, str(person["openid"]))
        shown = render(
            "code.html",
            label=say("一次有效，5 分钟内使用：", "Good once, for five minutes:"),
            code=code,
        )
        return await show(request, shown=shown)
    number = str(form.get("out_bill_no", ""))
    own = world.store.one(
        "select 1 as own from transfers where out_bill_no = ? and openid = ?", number, person["openid"]
    )
    if not own:
        raise web.HTTPNotFound(text="no such transfer / 没有这笔转账")
    try:
        with world.store.transaction():
            transfers.decide(world, number, wish)
    except ControlError as problem:
        raise web.HTTPConflict(text=problem.message) from problem
    raise web.HTTPSeeOther(str(request.rel_url))


async def scan(request: web.Request) -> web.Response:
    """GET /sandbox/phone/{openid}/scan?text=…: show where the text leads and what would be confirmed there."""
    world, say, person = request.app[app_keys.WORLD], Say(language(request)), _person(request)
    found = read_text(world, request.query.get("text", ""), as_path=request.query.get("kind") == "path")
    pairs: list[tuple[str, object]] = [(say("扫到的内容", "Scanned"), found.text)]
    action = Html("")
    if found.kind == "page":
        pairs.append((say("小程序页面", "Mini-program page"), found.path or say("首页", "home page")))
        if found.scene:
            pairs.append(("scene", found.scene))
        pairs += [(name, value) for name, value in parse_qsl(found.query)]
        action = render("button.html", href=shop_address(world, found), text=say("在网页中打开", "Open as a web page"))
    elif found.kind == "address" and phone_scan.is_challenge(found.text):
        told, action = await phone_scan.look(world, say, person, found.text)
        pairs += told
    elif found.kind == "address":
        status, told = await _call(found.text, None)
        pairs += [(say("对方应答", "Answer"), status), *told]
        action = render(
            "confirm.html",
            action=say.link(f"/sandbox/phone/{person['openid']}/scan"),
            text=found.text,
            confirm=say(f"以{person['name']}的身份确认", f"Confirm as {person['name']}"),
            href=found.text,
            open=say("只打开网页", "Just open the page"),
        )
    else:
        why = {
            "foreign": say("沙箱只打开本机地址。", "The sandbox opens addresses of this machine only."),
            "expired": say("链接不存在或已过期。", "This link doesn't exist or has expired."),
            "text": say("只是一段文字，不会打开任何页面。", "Just a text; it opens nothing."),
        }[found.kind]
        action = render("empty.html", text=why)
    return _result(say, person, pairs, action)


async def confirm(request: web.Request) -> web.Response:
    """POST /sandbox/phone/{openid}/scan: log in at the scanned address with a fresh code, which confirms."""
    world, say, person = request.app[app_keys.WORLD], Say(language(request)), _person(request)
    form = await request.post()
    text = str(form.get("text", ""))
    if read_text(world, text).kind != "address":
        raise web.HTTPBadRequest(text="not an address of this machine / 不是本机地址")
    if phone_scan.is_challenge(text):
        return _result(say, person, await phone_scan.decide(world, say, person, text, str(form.get("do"))), Html(""))
    code = people.mint(world, "login", str(person["openid"]))
    status, told = await _call(text, {"code": code})
    pairs: list[tuple[str, object]] = [
        (say("已确认", "Confirmed"), text),
        (say("对方应答", "Answer"), status),
        *told,
    ]
    return _result(say, person, pairs, Html(""))


def _result(say: Say, person: Row, pairs: list[tuple[str, object]], action: Html) -> web.Response:
    here = f"/sandbox/phone/{person['openid']}"
    body = render(
        "scan.html",
        name=person["name"],
        facts=facts(pairs),
        action=action,
        href=say.link(here),
        back=say("返回手机", "Back to the phone"),
    )
    return page(say, title=say("扫描结果", "Scanned"), body=body, path=here)


async def _call(url: str, body: dict[str, str] | None) -> tuple[str, list[tuple[str, object]]]:
    """Ask (or with a body: confirm at) an address of this machine; its status and the plain values of its JSON."""
    timeout = aiohttp.ClientTimeout(total=5)
    headers = {"Accept": "application/json"}
    async with aiohttp.ClientSession(timeout=timeout, trust_env=False, headers=headers) as session:
        try:
            method = "GET" if body is None else "POST"
            async with session.request(method, url, json=body, allow_redirects=False) as answer:
                raw, status = await answer.content.read(READ_AT_MOST), str(answer.status)
        except (aiohttp.ClientError, TimeoutError, OSError) as problem:
            return type(problem).__name__, []
    try:
        told = json.loads(raw)
    except ValueError:
        return status, []
    if not isinstance(told, dict):
        return status, []
    plain: list[tuple[str, object]] = [(name, value) for name, value in told.items() if isinstance(value, str | int)]
    return status, plain[:20]


async def outside_link(request: web.Request) -> web.Response:
    """GET /sandbox/l/{code} and /sandbox/code: the first person scans what was opened in a browser."""
    world, say = request.app[app_keys.WORLD], Say(language(request))
    someone = people.everyone(world.store)[0]
    target = request.rel_url.join(request.rel_url).with_path(f"/sandbox/phone/{someone['openid']}/scan")
    raise web.HTTPSeeOther(say.link(str(target.with_query(text=world.base + request.raw_path))))


def add_routes(app: web.Application) -> None:
    """Put the phone into the application."""
    app.router.add_get("/sandbox/phone", first)
    app.router.add_get("/sandbox/phone/{openid}", show)
    app.router.add_post("/sandbox/phone/{openid}", act)
    app.router.add_get("/sandbox/phone/{openid}/scan", scan)
    app.router.add_post("/sandbox/phone/{openid}/scan", confirm)
    app.router.add_get("/sandbox/l/{code}", outside_link)
    app.router.add_get("/sandbox/code", outside_link)
