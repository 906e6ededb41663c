"""Refunds of WeChat Pay v3: apply, query, and how they end.

Source: WeChat Pay merchant documentation, "申请退款", "查询单笔退款", "退款结果通知".
"""

import json
import time

from tuike_sandbox import balance, fields, notices
from tuike_sandbox.clock import rfc3339
from tuike_sandbox.errors import ControlError, PayError
from tuike_sandbox.pay import digits
from tuike_sandbox.store import Row
from tuike_sandbox.world import Answer, Call, Endpoint, World, canonical

OUT_REFUND_NO = r"[0-9A-Za-z_\-|*@]+"
OUTCOMES = {"success": "SUCCESS", "abnormal": "ABNORMAL", "closed": "CLOSED"}
MOST_PER_ORDER = 50
YEAR = 365 * 86_400


def _find_order(world: World, body: fields.Body) -> Row:
    """The paid order that the request names by one of its two numbers."""
    transaction = fields.text(body, "transaction_id", most=32, optional=True)
    number = fields.text(body, "out_trade_no", most=32, optional=True)
    if bool(transaction) == bool(number):
        raise PayError(400, "PARAM_ERROR", "transaction_id与out_trade_no二选一")
    order = world.store.one(
        "select * from orders where transaction_id = ?1 or out_trade_no = ?2",
        *(transaction, number),
    )
    if not order:
        raise PayError(404, "RESOURCE_NOT_EXISTS", "订单不存在")
    if order["state"] not in ("SUCCESS", "REFUND"):
        raise PayError(400, "INVALID_REQUEST", "订单未支付，不能退款")
    return order


def _check_room(world: World, order: Row, wanted: int) -> None:
    """The order has that much left to refund, and may be refunded at all."""
    taken = world.store.one(
        "select coalesce(sum(amount_fen), 0) as fen, count(*) as times from refunds"
        " where out_trade_no = ? and state <> 'CLOSED'",
        order["out_trade_no"],
    )
    assert taken is not None
    if int(str(taken["fen"])) + wanted > int(str(order["total_fen"])):
        raise PayError(400, "INVALID_REQUEST", "申请退款金额大于订单可退金额")
    if int(str(taken["times"])) >= MOST_PER_ORDER:
        raise PayError(400, "INVALID_REQUEST", "订单退款次数超过限制")
    if world.clock.now() > float(str(order["success"])) + YEAR:
        raise PayError(403, "REFUND_EXPIRED", "订单已超过退款期限")


def apply(world: World, call: Call) -> Answer:
    """POST /v3/refund/domestic/refunds: answers PROCESSING; the end comes by notice and query."""
    body = call.pay_json()
    content = canonical(body)
    number = fields.text(body, "out_refund_no", most=64, pattern=OUT_REFUND_NO)
    old = world.store.one("select * from refunds where out_refund_no = ?", number)
    if old:
        if old["request"] != content:
            raise PayError(400, "INVALID_REQUEST", "订单金额或退款金额与之前请求不一致，请核实后再试")
        return Answer(_shown(world, old))
    fields.text(body, "reason", most=80, optional=True)
    fields.notify_url(body, optional=True)
    amount = fields.part(body, "amount")
    wanted = fields.fen(amount, "refund", path="amount.refund")
    total = fields.fen(amount, "total", path="amount.total")
    if amount.get("currency") != "CNY":
        raise fields.wrong("amount.currency", "只支持CNY")
    order = _find_order(world, body)
    if total != order["total_fen"]:
        raise PayError(400, "INVALID_REQUEST", "订单金额与支付时的订单金额不一致")
    _check_room(world, order, wanted)
    balance.take(world, wanted)
    outcome, now = _planned(world, number), world.clock.now()
    due = None if outcome == "hold" else now + world.speed("refund_seconds", 0.5)
    refund_id = "503" + time.strftime("%Y%m%d", time.gmtime(now + 8 * 3600)) + digits(18)
    world.store.run(
        "insert into refunds (out_refund_no, refund_id, out_trade_no, request, amount_fen, state, outcome, created,"
        " due) values (?, ?, ?, ?, ?, 'PROCESSING', ?, ?, ?)",
        *(number, refund_id, order["out_trade_no"], content, wanted, outcome, now, due),
    )
    made = world.store.one("select * from refunds where out_refund_no = ?", number)
    assert made is not None
    return Answer(_shown(world, made))


def _planned(world: World, number: str) -> str:
    """How this refund will end: its own plan, else the general one, else success."""
    plans = world.store.setting("refund_plans", {})
    assert isinstance(plans, dict)
    return str(plans.get(number) or world.store.setting("refund_default", "success"))


def _amounts(world: World, refund: Row) -> tuple[Row, dict[str, object]]:
    order = world.store.one("select * from orders where out_trade_no = ?", refund["out_trade_no"])
    assert order is not None
    total, part = order["total_fen"], refund["amount_fen"]
    return order, {"total": total, "refund": part, "payer_total": total, "payer_refund": part}


def _shown(world: World, refund: Row) -> dict[str, object]:
    """A refund as application and query answer it."""
    order, amounts = _amounts(world, refund)
    found = {
        "refund_id": refund["refund_id"],
        "out_refund_no": refund["out_refund_no"],
        "transaction_id": order["transaction_id"],
        "out_trade_no": order["out_trade_no"],
        "channel": "ORIGINAL",
        "user_received_account": "支付用户零钱",
        "create_time": rfc3339(float(str(refund["created"]))),
        "status": refund["state"],
        "funds_account": "AVAILABLE",
        "amount": {
            **amounts,
            "settlement_refund": amounts["refund"],
            "settlement_total": amounts["total"],
            "discount_refund": 0,
            "currency": "CNY",
        },
    }
    if refund["state"] == "SUCCESS":
        found["success_time"] = rfc3339(float(str(refund["finished"])))
    return found


def query(world: World, call: Call) -> Answer:
    """GET /v3/refund/domestic/refunds/{out_refund_no}."""
    refund = world.store.one("select * from refunds where out_refund_no = ?", call.params["number"])
    if not refund:
        raise PayError(404, "RESOURCE_NOT_EXISTS", "退款单不存在")
    return Answer(_shown(world, refund))


def _finish(world: World, refund: Row, state: str) -> None:
    """Write the end of a refund and tell the merchant."""
    now = world.clock.now()
    world.store.run(
        "update refunds set state = ?, finished = ?, due = null where out_refund_no = ?",
        *(state, now, refund["out_refund_no"]),
    )
    if state == "SUCCESS":
        world.store.run("update orders set state = 'REFUND' where out_trade_no = ?", refund["out_trade_no"])
    if state == "CLOSED":
        balance.give_back(world, int(str(refund["amount_fen"])))
    order, amounts = _amounts(world, refund)
    plain = {
        "mchid": world.identity.mchid,
        "out_trade_no": order["out_trade_no"],
        "transaction_id": order["transaction_id"],
        "out_refund_no": refund["out_refund_no"],
        "refund_id": refund["refund_id"],
        "refund_status": state,
        "user_received_account": "支付用户零钱",
        "amount": amounts,
    }
    if state == "SUCCESS":
        plain["success_time"] = rfc3339(now)
    url = str(json.loads(str(refund["request"])).get("notify_url") or "")
    notices.enqueue(world, event=f"REFUND.{state}", about=str(refund["out_refund_no"]), url=url, plain=plain)


def advance(world: World) -> None:
    """End the refunds that are due."""
    due = "select * from refunds where state = 'PROCESSING' and due <= ? order by due"
    for refund in world.store.all(due, world.clock.now()):
        _finish(world, refund, OUTCOMES[str(refund["outcome"])])


def decide(world: World, number: str, outcome: str) -> dict[str, object]:
    """Choose how a refund ends: at once when it is open, else as a plan for one still to come.

    An ABNORMAL one may still succeed or be closed.

    Raises:
        ControlError: unknown outcome, or the refund has ended already.
    """
    if outcome not in (*OUTCOMES, "hold"):
        raise ControlError(f"outcome is one of {', '.join(OUTCOMES)}, hold")
    refund = world.store.one("select * from refunds where out_refund_no = ?", number)
    if not refund:
        plans = world.store.setting("refund_plans", {})
        assert isinstance(plans, dict)
        world.store.set("refund_plans", {**plans, number: outcome})
        return {"planned": outcome}
    open_for = {"PROCESSING": {"success", "abnormal", "closed", "hold"}, "ABNORMAL": {"success", "closed"}}
    if outcome not in open_for.get(str(refund["state"]), set()):
        raise ControlError(f"refund {number} is {refund['state']} and can't become {outcome}")
    if outcome == "hold":
        world.store.run("update refunds set outcome = 'hold', due = null where out_refund_no = ?", number)
    else:
        _finish(world, refund, OUTCOMES[outcome])
    now = world.store.one("select * from refunds where out_refund_no = ?", number)
    assert now is not None
    return {"refund": _shown(world, now)}


ENDPOINTS = [
    Endpoint("POST", "/v3/refund/domestic/refunds", "refund.create", apply, "pay"),
    Endpoint("GET", "/v3/refund/domestic/refunds/{number}", "refund.query", query, "pay"),
]
