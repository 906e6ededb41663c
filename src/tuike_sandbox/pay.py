"""Orders of WeChat Pay v3: place (JSAPI, Native, H5), query, close; and what the payer does at the cashier.

Source: WeChat Pay merchant documentation, "JSAPI支付", "Native支付", "H5支付".
"""

import json
import secrets
import time

from tuike_sandbox import balance, fields, notices, people
from tuike_sandbox.clock import from_rfc3339, rfc3339
from tuike_sandbox.errors import ControlError, PayError
from tuike_sandbox.store import Row
from tuike_sandbox.world import Answer, Call, Endpoint, World, canonical

OUT_TRADE_NO = r"[0-9A-Za-z_\-|*]+"
TYPES = {"jsapi": "JSAPI", "native": "NATIVE", "h5": "MWEB"}
STATES = {
    "SUCCESS": "支付成功",
    "REFUND": "转入退款",
    "NOTPAY": "订单未支付",
    "CLOSED": "订单已关闭",
}
DEFAULT_LIFE = 7 * 86_400  # an order without time_expire lives 7 days
PREPAY_LIFE = 2 * 3600


def digits(count: int) -> str:
    """A random decimal number of that many digits."""
    return "".join(str(secrets.randbelow(10)) for _ in range(count))


def _expires(body: fields.Body, now: float) -> float:
    wanted = fields.text(body, "time_expire", most=64, optional=True)
    if not wanted:
        return now + DEFAULT_LIFE
    try:
        expires = from_rfc3339(wanted)
    except ValueError as wrong:
        raise fields.wrong("time_expire", "应为rfc3339格式") from wrong
    if expires <= now:
        raise fields.wrong("time_expire", "应晚于当前时间")
    return expires


def _check(world: World, kind: str, body: fields.Body) -> tuple[str, int, str]:
    """Returns (out_trade_no, total in fen, payer's openid or "")."""
    fields.own_ids(world, body, with_mchid=True, web=kind == "jsapi")
    number = fields.text(body, "out_trade_no", least=6, most=32, pattern=OUT_TRADE_NO)
    fields.text(body, "description", most=127)
    fields.text(body, "attach", most=128, optional=True)
    fields.notify_url(body)
    amount = fields.part(body, "amount")
    total = fields.fen(amount, "total", path="amount.total")
    if amount.get("currency", "CNY") != "CNY":
        raise fields.wrong("amount.currency", "只支持CNY")
    payer = ""
    if kind == "jsapi":
        payer = fields.text(fields.part(body, "payer"), "openid", most=128, path="payer.openid")
        if not people.knows(world, payer, appid=str(body["appid"])):
            raise PayError(400, "PARAM_ERROR", "无效的openid")
    if kind == "h5":
        scene = fields.part(body, "scene_info")
        fields.text(scene, "payer_client_ip", most=45, path="scene_info.payer_client_ip")
        fields.text(fields.part(scene, "h5_info"), "type", most=32, path="scene_info.h5_info.type")
    return number, total, payer


def _placed(world: World, kind: str, prepay_id: str) -> Answer:
    cashier = f"{world.base}/sandbox/cashier/{prepay_id}"
    if kind == "jsapi":
        return Answer({"prepay_id": prepay_id})
    if kind == "native":
        return Answer({"code_url": cashier})
    # Merchants append "&redirect_url=" to an H5 address, so it has a query from the start.
    return Answer({"h5_url": f"{cashier}?package={digits(10)}"})


def place(world: World, call: Call) -> Answer:
    """POST /v3/pay/transactions/{jsapi,native,h5}: the same number with the same content gives the same answer."""
    kind = call.params["kind"]
    body, now = call.pay_json(), world.clock.now()
    content = canonical(body)
    number = fields.text(body, "out_trade_no", least=6, most=32, pattern=OUT_TRADE_NO)
    old = world.store.one("select * from orders where out_trade_no = ?", number)
    if old:
        if old["state"] in ("SUCCESS", "REFUND"):
            raise PayError(400, "ORDERPAID", "该订单已支付")
        if old["state"] == "CLOSED":
            raise PayError(400, "ORDER_CLOSED", "该订单已关闭")
        if old["request"] != content or old["trade_type"] != TYPES[kind]:
            raise PayError(403, "OUT_TRADE_NO_USED", "商户订单号重复，且参数与首次请求时不一致")
        return _placed(world, kind, str(old["prepay_id"]))
    number, total, payer = _check(world, kind, body)
    expires = _expires(body, now)
    stamp = time.strftime("%Y%m%d%H%M%S", time.gmtime(now + 8 * 3600))
    prepay_id = f"wx{stamp}{secrets.token_hex(9)}0000"
    world.store.run(
        "insert into orders (out_trade_no, trade_type, prepay_id, request, total_fen, payer, state, created, expires)"
        " values (?, ?, ?, ?, ?, ?, 'NOTPAY', ?, ?)",
        *(number, TYPES[kind], prepay_id, content, total, payer or None, now, expires),
    )
    return _placed(world, kind, prepay_id)


def transaction(world: World, order: Row) -> dict[str, object]:
    """An order as the query answers it and the notice carries it."""
    request = json.loads(str(order["request"]))
    state = str(order["state"])
    found: dict[str, object] = {
        "appid": request["appid"],
        "mchid": world.identity.mchid,
        "out_trade_no": order["out_trade_no"],
        "trade_state": state,
        "trade_state_desc": STATES[state],
        "attach": request.get("attach", ""),
        "amount": {"total": order["total_fen"], "currency": "CNY"},
        "payer": {"openid": order["payer"]} if order["payer"] else {},
    }
    if order["transaction_id"]:
        found |= {
            "transaction_id": order["transaction_id"],
            "trade_type": order["trade_type"],
            "bank_type": "OTHERS",
            "success_time": rfc3339(float(str(order["success"]))),
            "amount": {
                "total": order["total_fen"],
                "payer_total": order["total_fen"],
                "currency": "CNY",
                "payer_currency": "CNY",
            },
        }
    return found


def query(world: World, call: Call) -> Answer:
    """GET …/out-trade-no/{no} and …/id/{transaction_id}."""
    fields.query_mchid(world, call)
    if "number" in call.params:
        order = world.store.one("select * from orders where out_trade_no = ?", call.params["number"])
    else:
        order = world.store.one("select * from orders where transaction_id = ?", call.params["transaction"])
    if not order:
        raise PayError(404, "ORDER_NOT_EXIST", "订单不存在")
    return Answer(transaction(world, order))


def close(world: World, call: Call) -> Answer:
    """POST …/out-trade-no/{no}/close: 204; a paid one is refused, a closed one stays closed."""
    if call.pay_json().get("mchid") != world.identity.mchid:
        raise PayError(400, "PARAM_ERROR", "参数错误：mchid 缺失或与签名的商户号不一致")
    order = world.store.one("select * from orders where out_trade_no = ?", call.params["number"])
    if not order:
        raise PayError(404, "ORDER_NOT_EXIST", "订单不存在")
    if order["state"] in ("SUCCESS", "REFUND"):
        raise PayError(400, "ORDERPAID", "订单已支付，不能关闭")
    world.store.run("update orders set state = 'CLOSED' where out_trade_no = ?", order["out_trade_no"])
    return Answer(None, status=204)


def advance(world: World) -> None:
    """Close what has expired unpaid."""
    world.store.run("update orders set state = 'CLOSED' where state = 'NOTPAY' and expires <= ?", world.clock.now())


def pay(world: World, number: str, *, openid: str = "", notify: bool = True) -> dict[str, object]:
    """The payer pays an order; paying a paid one again changes nothing and tells nobody.

    Raises:
        ControlError: no such order, closed, or the payer isn't the one that the order names.
    """
    order = world.store.one("select * from orders where out_trade_no = ?", number)
    if not order:
        raise ControlError(f"no order {number}", status=404)
    if order["state"] == "CLOSED":
        raise ControlError(f"order {number} is closed")
    if order["state"] != "NOTPAY":
        return transaction(world, order)
    appid = json.loads(str(order["request"]))["appid"]
    if order["payer"] and openid and order["payer"] not in (openid, people.web_openid(openid)):
        raise ControlError("this order can only be paid by the openid that it names")
    payer = str(order["payer"] or openid or _anyone(world))
    if not people.knows(world, payer, appid=appid):
        raise ControlError(f"no person {payer}", status=404)
    now = world.clock.now()
    with world.store.transaction():
        world.store.run(
            "update orders set state = 'SUCCESS', payer = ?, success = ?, transaction_id = ? where out_trade_no = ?",
            *(payer, now, "4200" + time.strftime("%Y%m%d", time.gmtime(now + 8 * 3600)) + digits(16), number),
        )
        paid = world.store.one("select * from orders where out_trade_no = ?", number)
        assert paid is not None
        found = transaction(world, paid)
        balance.give_back(world, int(str(paid["total_fen"])))
        if notify:
            url = str(json.loads(str(paid["request"]))["notify_url"])
            notices.enqueue(world, event="TRANSACTION.SUCCESS", about=number, url=url, plain=found)
    return found


def _anyone(world: World) -> str:
    row = world.store.one("select openid from people order by seq limit 1")
    return str(row["openid"]) if row else ""


_BASE = "/v3/pay/transactions"
ENDPOINTS = [
    Endpoint("POST", _BASE + "/{kind:jsapi|native|h5}", "pay.order", place, "pay"),
    Endpoint("GET", _BASE + "/out-trade-no/{number}", "pay.query", query, "pay"),
    Endpoint("GET", _BASE + "/id/{transaction}", "pay.query", query, "pay"),
    Endpoint("POST", _BASE + "/out-trade-no/{number}/close", "pay.close", close, "pay"),
]
