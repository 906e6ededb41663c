"""Pages for people: the overview, the cashier, the bank. Each says that it is a sandbox."""

import json

from aiohttp import web

from tuike_sandbox import app_keys, bank, pay, people
from tuike_sandbox.clock import rfc3339
from tuike_sandbox.errors import ControlError
from tuike_sandbox.html import HERE, Html, Say, join, language, page, render, yuan
from tuike_sandbox.store import Row
from tuike_sandbox.world import World, is_loopback

STATES = {  # state → Chinese, English, colour
    "NOTPAY": ("待支付", "unpaid", "wait"),
    "SUCCESS": ("成功", "succeeded", "good"),
    "REFUND": ("转入退款", "refunded", ""),
    "CLOSED": ("已关闭", "closed", ""),
    "PROCESSING": ("处理中", "processing", "wait"),
    "ABNORMAL": ("异常", "abnormal", "bad"),
    "ACCEPTED": ("已受理", "accepted", "wait"),
    "WAIT_USER_CONFIRM": ("待用户确认", "waiting for the user", "wait"),
    "TRANSFERING": ("转账中", "transferring", "wait"),
    "FAIL": ("失败", "failed", "bad"),
    "CANCELING": ("撤销中", "cancelling", "wait"),
    "CANCELLED": ("已撤销", "cancelled", ""),
    "pending": ("待送达", "waiting to be delivered", "wait"),
    "held": ("暂扣", "held", "wait"),
    "delivered": ("已送达", "delivered", "good"),
    "given_up": ("已放弃", "given up", "bad"),
}


def badge(say: Say, state: object) -> Html:
    """A state in words and colour."""
    zh, en, colour = STATES.get(str(state), (str(state), str(state), ""))
    return render("badge.html", text=say(zh, en), colour=colour)


def when(seconds: object) -> str:
    """An instant in Shanghai for people: ``2026-11-20 09:30:00``."""
    return rfc3339(float(str(seconds)))[:19].replace("T", " ")


def facts(pairs: list[tuple[str, object]]) -> Html:
    """Names and values."""
    return join([render("fact.html", name=name, value=value) for name, value in pairs])


def table(say: Say, title: str, heads: list[str], rows: list[list[object]]) -> Html:
    """A card with a table; numbers (of type int or ¥) stand right."""
    if not rows:
        content = render("empty.html", text=say("还没有记录。", "Nothing yet."))
    else:
        head = join([render("th.html", text=text) for text in heads])
        body = join([render("tr.html", cells=join([render("td.html", text=cell) for cell in row])) for row in rows])
        content = render("grid.html", head=head, body=body)
    return render("table.html", title=title, count=len(rows) or "", content=content)


async def home(request: web.Request) -> web.Response:
    """GET /: what this is, how it is set, what happened lately."""
    world, say = request.app[app_keys.WORLD], Say(language(request))
    offset = world.clock.offset()
    config = facts(
        [
            (say("接口地址", "Base address"), world.base),
            (say("小程序 AppID", "Mini-program AppID"), world.identity.appid),
            (say("商户号", "Merchant number"), world.identity.mchid),
            (say("当前签名公钥", "Key that signs now"), _signing(world)),
            (say("通知重试加速", "Notices repeated faster by"), f"{world.notify_factor:g} ×"),
            (say("业务时钟", "Business clock"), f"{when(world.clock.now())} ({offset:+d} s)"),
        ]
    )
    body = render(
        "home.html",
        lead=say(
            "这里代替微信支付、微信开放接口和银行：线上地址、签名与报文格式都相同，只是没有真钱。",
            "This stands in for WeChat Pay, WeChat's open API and a bank: same paths, signatures, messages; no money.",
        ),
        configtitle=say("配置", "Configuration"),
        facts=config,
        secrets=say("密钥保存在沙箱目录中，不在页面上显示。", "Keys stay in the sandbox's folder and are never shown."),
        tables=join([_orders(world, say), _refunds(world, say), _transfers(world, say), _notices(world, say)]),
    )
    return page(say, title=say("推客沙箱", "Tuike sandbox"), body=body, path="/")


def _signing(world: World) -> str:
    chosen = world.store.setting("signing_key", 1)
    return "follow" if chosen == "follow" else world.identity.key_ids[1 if chosen == 2 else 0]


def _orders(world: World, say: Say) -> Html:
    rows = world.store.all("select * from orders order by created desc limit 20")
    cells: list[list[object]] = [
        [
            render("a.html", href=say.link(f"/sandbox/cashier/{row['prepay_id']}"), text=row["out_trade_no"]),
            row["trade_type"],
            yuan(row["total_fen"]),
            badge(say, row["state"]),
            when(row["created"]),
        ]
        for row in rows
    ]
    heads = [say("商户订单号", "Order"), say("方式", "Kind"), say("金额", "Amount"), say("状态", "State")]
    return table(say, say("最近订单", "Recent orders"), [*heads, say("时间", "Time")], cells)


def _refunds(world: World, say: Say) -> Html:
    rows = world.store.all("select * from refunds order by created desc limit 20")
    cells: list[list[object]] = [
        [
            row["out_refund_no"],
            row["out_trade_no"],
            yuan(row["amount_fen"]),
            badge(say, row["state"]),
            when(row["created"]),
        ]
        for row in rows
    ]
    heads = [say("商户退款单号", "Refund"), say("订单", "Order"), say("金额", "Amount"), say("状态", "State")]
    return table(say, say("最近退款", "Recent refunds"), [*heads, say("时间", "Time")], cells)


def _transfers(world: World, say: Say) -> Html:
    rows = world.store.all("select * from transfers t join people p using (openid) order by created desc limit 20")
    cells: list[list[object]] = [
        [
            row["out_bill_no"],
            render("a.html", href=say.link(f"/sandbox/phone/{row['openid']}"), text=row["name"]),
            yuan(row["amount_fen"]),
            badge(say, row["state"]),
            row["reason"],
            when(row["created"]),
        ]
        for row in rows
    ]
    heads = [say("商户单号", "Transfer"), say("收款人", "Payee"), say("金额", "Amount"), say("状态", "State")]
    return table(say, say("最近转账", "Recent transfers"), [*heads, say("原因", "Reason"), say("时间", "Time")], cells)


def _notices(world: World, say: Say) -> Html:
    rows = world.store.all("select * from notices order by seq desc limit 20")
    cells: list[list[object]] = [
        [
            row["event"],
            row["about"],
            badge(say, row["state"]),
            row["attempts"],
            row["last_status"],
            when(row["created"]),
        ]
        for row in rows
    ]
    heads = [say("通知", "Notice"), say("单号", "Number"), say("状态", "State"), say("次数", "Attempts")]
    return table(
        say, say("最近通知", "Recent notices"), [*heads, say("最近应答", "Last answer"), say("时间", "Time")], cells
    )


def _order(world: World, prepay_id: str) -> Row:
    order = world.store.one("select * from orders where prepay_id = ?", prepay_id)
    if not order:
        raise web.HTTPNotFound(text="no such order / 订单不存在")
    return order


def _back(request: web.Request) -> str:
    """Where the merchant wants the payer afterwards; only this machine."""
    target = request.query.get("redirect_url", "")
    return target if is_loopback(target) else ""


async def cashier(request: web.Request) -> web.Response:
    """GET /sandbox/cashier/{prepay_id}: what is to be paid, and by whom."""
    world, say = request.app[app_keys.WORLD], Say(language(request))
    order = _order(world, request.match_info["prepay_id"])
    asked = json.loads(str(order["request"]))
    actions = _cashier_actions(request, world, say, order)
    body = render(
        "cashier.html",
        description=asked["description"],
        amount=yuan(order["total_fen"]),
        state=say(*STATES[str(order["state"])][:2]),
        stateclass=STATES[str(order["state"])][2],
        facts=facts(
            [
                (say("商户订单号", "Order number"), order["out_trade_no"]),
                (say("商户号", "Merchant number"), world.identity.mchid),
                (say("须在此前支付", "To be paid before"), when(order["expires"])),
            ]
        ),
        actions=actions,
    )
    return page(say, title=say("收银台", "Cashier"), body=body, path=request.path)


def _cashier_actions(request: web.Request, world: World, say: Say, order: Row) -> Html:
    back = _back(request)
    link = render("button.html", href=back, text=say("返回商家", "Back to the shop")) if back else Html("")
    if order["state"] != "NOTPAY":
        return link
    if request.query.get("left"):
        left = say("你没有支付，订单仍待支付。", "You didn't pay; the order is still unpaid.")
        link = join([render("empty.html", text=left), link])
    asked = order["payer"]
    able = [
        row
        for row in people.everyone(world.store)
        if not asked or asked in (row["openid"], people.web_openid(str(row["openid"])))
    ]
    options = join([render("option.html", value=row["openid"], text=row["name"]) for row in able])
    payer = render("select.html", name="openid", label=say("付款人", "Payer"), options=options)
    form = render(
        "cashier_actions.html",
        action=request.rel_url.without_query_params("left"),
        payer=payer,
        pay=say(f"支付 {yuan(order['total_fen'])}", f"Pay {yuan(order['total_fen'])}"),
        abandon=say("放弃支付", "Leave without paying"),
    )
    return join([form, link])


async def cashier_act(request: web.Request) -> web.Response:
    """POST /sandbox/cashier/{prepay_id}: pay, or leave; then back to the shop if it said where."""
    world = request.app[app_keys.WORLD]
    order, form = _order(world, request.match_info["prepay_id"]), await request.post()
    paid = form.get("do") == "pay"
    if paid:
        try:
            pay.pay(world, str(order["out_trade_no"]), openid=str(form.get("openid", "")))
        except ControlError as problem:
            raise web.HTTPConflict(text=problem.message) from problem
    here = request.rel_url if paid else request.rel_url.update_query(left="1")
    raise web.HTTPSeeOther(_back(request) or str(here))


async def bank_page(request: web.Request, problem: str = "") -> web.Response:
    """GET /sandbox/bank: upload a payout file, fetch outcome files."""
    world, say = request.app[app_keys.WORLD], Say(language(request))
    rows: list[list[object]] = [
        [
            row["name"],
            row["paid"],
            row["returned"],
            when(row["created"]),
            render("a.html", href=f"/sandbox/bank/{row['id']}.csv", text=say("下载结果", "Download")),
        ]
        for row in world.store.all("select * from bank_files order by id desc limit 50")
    ]
    heads = [say("文件", "File"), say("已付", "Paid"), say("退回", "Returned"), say("时间", "Time"), ""]
    body = render(
        "bank.html",
        lead=say(
            "上传付款文件，选择结果，下载银行回单。同一付款单号只处理一次，重复上传得到同样的结果。",
            "Upload a payout file, choose what happens, download the outcome. A payout number is decided once; "
            "uploading it again gives the same answer.",
        ),
        uploadtitle=say("上传付款文件", "Upload a payout file"),
        problem=render("problem.html", text=problem) if problem else Html(""),
        action=say.link("/sandbox/bank"),
        filelabel=say("CSV 文件（UTF-8）", "CSV file (UTF-8)"),
        modelabel=say("结果", "Outcome"),
        paid=say("全部付款成功", "All are paid"),
        returned=say("部分退回", "Some are returned"),
        random=say("随机", "Random"),
        numberslabel=say("退回的付款单号，每行一个，留空为全部", "Payout numbers to return, one a line; empty = all"),
        reasonlabel=say("退回原因", "Reason"),
        seedlabel=say("随机种子", "Seed"),
        percentlabel=say("退回比例 %", "Returned %"),
        upload=say("上传并处理", "Upload"),
        files=table(say, say("已处理的文件", "Files worked through"), heads, rows),
    )
    return page(say, title=say("沙箱银行", "Sandbox bank"), body=body, path="/sandbox/bank")


async def bank_upload(request: web.Request) -> web.Response:
    """POST /sandbox/bank: work through the file, or say what is wrong with it."""
    world, form = request.app[app_keys.WORLD], await request.post()
    upload = form.get("file")
    if not isinstance(upload, web.FileField):
        return await bank_page(request, "no file / 没有文件")
    try:
        plan = bank.Plan(
            mode=str(form.get("mode", "paid")),
            payout_nos=frozenset(str(form.get("payout_nos", "")).split()),
            reason=str(form.get("reason", "")).strip(),
            seed=int(str(form.get("seed") or 0)),
            percent=int(str(form.get("percent") or 0)),
        )
        bank.work(world, upload.filename, upload.file.read(), plan)
    except ControlError as problem:
        return await bank_page(request, problem.message)
    except ValueError:
        return await bank_page(request, "seed and percent are whole numbers / 种子和比例应为整数")
    raise web.HTTPSeeOther(str(request.rel_url))


async def bank_download(request: web.Request) -> web.Response:
    """GET /sandbox/bank/{id}.csv: an outcome file."""
    number = request.match_info["id"]
    row = request.app[app_keys.WORLD].store.one("select * from bank_files where id = ?", int(number))
    if not row:
        raise web.HTTPNotFound(text="no such file / 没有这个文件")
    name = f'attachment; filename="outcome-{number}.csv"'
    headers = {"Content-Disposition": name}
    return web.Response(
        body=str(row["outcome"]).encode("utf-8-sig"), content_type="text/csv", charset="utf-8", headers=headers
    )


def add_routes(app: web.Application) -> None:
    """Put the pages into the application."""
    app.router.add_get("/", home)
    app.router.add_get("/sandbox/cashier/{prepay_id}", cashier)
    app.router.add_post("/sandbox/cashier/{prepay_id}", cashier_act)
    app.router.add_get("/sandbox/bank", bank_page)
    app.router.add_post("/sandbox/bank", bank_upload)
    app.router.add_get(r"/sandbox/bank/{id:\d{1,9}}.csv", bank_download)
    app.router.add_static("/sandbox/static", HERE / "static")
