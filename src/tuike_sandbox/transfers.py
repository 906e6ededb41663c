"""Transfers to a user's change, confirmed by the user: apply, query, cancel, and how they end.

ACCEPTED → WAIT_USER_CONFIRM → TRANSFERING → SUCCESS or FAIL; CANCELING → CANCELLED; 24 hours unconfirmed → FAIL.
Source: WeChat Pay merchant documentation, "商家转账" (user confirmation mode).
"""

import base64
import hashlib
import json
import secrets
import time

from tuike_sandbox import balance, fields, notices, signing
from tuike_sandbox.clock import rfc3339
from tuike_sandbox.errors import ControlError, PayError
from tuike_sandbox.pay import digits
from tuike_sandbox.store import Row
from tuike_sandbox.world import Answer, Call, Endpoint, World, canonical

LEAST_FEN = 10
MOST_FEN = 2_000_000  # one transfer; setting transfer_max_fen
NAME_FROM_FEN = 30  # a name below ¥0.30 is refused
NAME_NEEDED_FEN = 200_000  # from ¥2,000 on a name is needed
CONFIRM_WITHIN = 86_400
REPORTS = {  # scene → the report infos that it must carry, and what the user may be shown
    "1000": (("活动名称", "奖励说明"), ("活动奖励", "现金奖励")),
    "1005": (("岗位类型", "报酬说明"), ("劳务报酬", "报销款", "企业补贴", "开工利是")),
}
FINAL = ("SUCCESS", "FAIL", "CANCELLED")


def _check_scene(body: fields.Body) -> None:
    scene = fields.text(body, "transfer_scene_id", most=36)
    if scene not in REPORTS:
        raise PayError(400, "INVALID_REQUEST", "转账场景未开通")
    wanted, shown = REPORTS[scene]
    seen = fields.text(body, "user_recv_perception", most=32, optional=True)
    if seen and seen not in shown:
        raise fields.wrong("user_recv_perception", f"该场景只能为{'、'.join(shown)}")
    infos = body.get("transfer_scene_report_infos")
    if not isinstance(infos, list) or not all(isinstance(info, dict) for info in infos):
        raise fields.wrong("transfer_scene_report_infos", "必填对象缺失")
    types = [fields.text(info, "info_type", most=15) for info in infos]
    for info in infos:
        fields.text(info, "info_content", most=32)
    if sorted(types) != sorted(wanted):
        raise fields.wrong("transfer_scene_report_infos", f"该场景须报备{'、'.join(wanted)}")


def _open_name(world: World, call: Call, body: fields.Body) -> str:
    """The payee's name in clear, or "" when none was sent."""
    sealed = fields.text(body, "user_name", most=1024, optional=True)
    if not sealed:
        return ""
    serial = call.headers.get("Wechatpay-Serial", "")
    return signing.open_field(world.identity, serial=serial, sealed=sealed)


def _check(world: World, body: fields.Body, name: str) -> Row:
    """Check everything but the number; returns the payee."""
    fields.own_ids(world, body, with_mchid=False)
    amount = fields.fen(body, "transfer_amount")
    fields.text(body, "transfer_remark", most=32)
    fields.notify_url(body, optional=True)
    _check_scene(body)
    if amount < LEAST_FEN:
        raise PayError(400, "INVALID_REQUEST", "转账金额低于最低限额0.10元")
    if amount > int(str(world.store.setting("transfer_max_fen", MOST_FEN))):
        raise PayError(400, "INVALID_REQUEST", "转账金额超过单笔限额")
    if name and amount < NAME_FROM_FEN:
        raise fields.wrong("user_name", "转账金额小于0.3元时不允许填写")
    if not name and amount >= NAME_NEEDED_FEN:
        raise fields.wrong("user_name", "转账金额大于等于2000元时必填")
    openid = fields.text(body, "openid", most=64)
    payee = world.store.one("select * from people where openid = ?", openid)
    if not payee:
        raise PayError(400, "PARAM_ERROR", "无效的openid")
    return payee


def create(world: World, call: Call) -> Answer:
    """POST …/transfer-bills: the same number with the same content answers where that transfer stands now."""
    body = call.pay_json()
    number = fields.text(body, "out_bill_no", most=32, pattern=r"[0-9A-Za-z]+")
    name = _open_name(world, call, body)
    # The sealed name differs at each try, so what is compared and kept is a digest of the clear one.
    content = canonical({**body, "user_name": hashlib.sha256(name.encode()).hexdigest() if name else ""})
    old = world.store.one("select * from transfers where out_bill_no = ?", number)
    if old:
        if old["request"] != content:
            raise PayError(400, "ALREADY_EXISTS", "商户单号已存在，且参数与首次请求时不一致")
        return Answer(_made(old))
    payee = _check(world, body, name)
    amount, now = fields.fen(body, "transfer_amount"), world.clock.now()
    balance.take(world, amount)
    accept = world.speed("transfer_accept_seconds", 0.0)
    world.store.run(
        "insert into transfers (out_bill_no, transfer_bill_no, request, amount_fen, openid, name_matches, state,"
        " package, created, updated, due) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        *(number, "1330" + time.strftime("%Y%m%d", time.gmtime(now + 8 * 3600)) + digits(25), content, amount),
        *(payee["openid"], int(not name or name == payee["name"]), "ACCEPTED" if accept else "WAIT_USER_CONFIRM"),
        *(base64.b64encode(secrets.token_bytes(48)).decode(), now, now),
        now + (accept or CONFIRM_WITHIN),
    )
    made = world.store.one("select * from transfers where out_bill_no = ?", number)
    assert made is not None
    return Answer(_made(made))


def _made(transfer: Row) -> dict[str, object]:
    found = {
        "out_bill_no": transfer["out_bill_no"],
        "transfer_bill_no": transfer["transfer_bill_no"],
        "create_time": rfc3339(float(str(transfer["created"]))),
        "state": transfer["state"],
    }
    if transfer["state"] == "WAIT_USER_CONFIRM":
        found["package_info"] = transfer["package"]
    if transfer["state"] == "FAIL":
        found["fail_reason"] = transfer["reason"]
    return found


def _shown(world: World, transfer: Row) -> dict[str, object]:
    """A transfer as the query answers it."""
    request = json.loads(str(transfer["request"]))
    found = {
        "mch_id": world.identity.mchid,
        "out_bill_no": transfer["out_bill_no"],
        "transfer_bill_no": transfer["transfer_bill_no"],
        "appid": world.identity.appid,
        "state": transfer["state"],
        "transfer_amount": transfer["amount_fen"],
        "transfer_remark": request["transfer_remark"],
        "openid": transfer["openid"],
        "create_time": rfc3339(float(str(transfer["created"]))),
        "update_time": rfc3339(float(str(transfer["updated"]))),
    }
    if transfer["state"] == "FAIL":
        found["fail_reason"] = transfer["reason"]
    return found


def query(world: World, call: Call) -> Answer:
    """GET …/out-bill-no/{no} and …/transfer-bill-no/{no}."""
    if "number" in call.params:
        transfer = world.store.one("select * from transfers where out_bill_no = ?", call.params["number"])
    else:
        transfer = world.store.one("select * from transfers where transfer_bill_no = ?", call.params["bill"])
    if not transfer:
        raise PayError(404, "NOT_FOUND", "记录不存在")
    return Answer(_shown(world, transfer))


def cancel(world: World, call: Call) -> Answer:
    """POST …/out-bill-no/{no}/cancel: possible until the user confirms; the end comes by notice and query."""
    number = call.params["number"]
    transfer = world.store.one("select * from transfers where out_bill_no = ?", number)
    if not transfer:
        raise PayError(404, "NOT_FOUND", "记录不存在")
    if transfer["state"] in ("ACCEPTED", "WAIT_USER_CONFIRM"):
        _move(world, transfer, "CANCELING", due=world.clock.now() + world.speed("transfer_cancel_seconds", 0.3))
        transfer = world.store.one("select * from transfers where out_bill_no = ?", number)
        assert transfer is not None
    elif transfer["state"] not in ("CANCELING", "CANCELLED"):
        raise PayError(400, "INVALID_REQUEST", "当前单据状态不支持撤销")
    return Answer(
        {
            "out_bill_no": number,
            "transfer_bill_no": transfer["transfer_bill_no"],
            "state": transfer["state"],
            "update_time": rfc3339(float(str(transfer["updated"]))),
        }
    )


def _move(world: World, transfer: Row, state: str, *, due: float | None = None, reason: str = "") -> None:
    """Go to the next state; at the end give unpaid money back and tell the merchant."""
    world.store.run(
        "update transfers set state = ?, due = ?, reason = ?, updated = ? where out_bill_no = ?",
        *(state, due, reason, world.clock.now(), transfer["out_bill_no"]),
    )
    if state not in FINAL:
        return
    if state != "SUCCESS":
        balance.give_back(world, int(str(transfer["amount_fen"])))
    now = world.store.one("select * from transfers where out_bill_no = ?", transfer["out_bill_no"])
    assert now is not None
    plain = {name: value for name, value in _shown(world, now).items() if name not in ("appid", "transfer_remark")}
    url = str(json.loads(str(transfer["request"])).get("notify_url") or "")
    notices.enqueue(world, event="MCHTRANSFER.BILL.FINISHED", about=str(now["out_bill_no"]), url=url, plain=plain)


def advance(world: World) -> None:
    """Take every transfer one step on that is due."""
    now = world.clock.now()
    for transfer in world.store.all("select * from transfers where due <= ? order by due", now):
        state = transfer["state"]
        if state == "ACCEPTED":
            _move(world, transfer, "WAIT_USER_CONFIRM", due=float(str(transfer["created"])) + CONFIRM_WITHIN)
        elif state == "WAIT_USER_CONFIRM":
            _move(world, transfer, "FAIL", reason="OVERDUE_CLOSE")
        elif state == "CANCELING":
            _move(world, transfer, "CANCELLED")
        elif state == "TRANSFERING":
            reason = str(transfer["outcome"]) or ("" if transfer["name_matches"] else "NAME_NOT_CORRECT")
            _move(world, transfer, "FAIL" if reason else "SUCCESS", reason=reason)


def decide(world: World, number: str, action: str, *, reason: str = "") -> dict[str, object]:
    """What the user does with a waiting transfer: confirm or refuse; ``reason`` makes a confirmed one fail.

    Raises:
        ControlError: 404 no such transfer; unknown action; it isn't waiting for the user.
    """
    if action not in ("confirm", "refuse"):
        raise ControlError("action is confirm or refuse")
    transfer = world.store.one("select * from transfers where out_bill_no = ?", number)
    if not transfer:
        raise ControlError(f"no transfer {number}", status=404)
    if transfer["state"] != "WAIT_USER_CONFIRM":
        raise ControlError(f"transfer {number} is {transfer['state']}, not waiting for the user")
    if action == "refuse":
        _move(world, transfer, "FAIL", reason=reason or "OTHER_FAIL_REASON_TYPE")
    else:
        world.store.run("update transfers set outcome = ? where out_bill_no = ?", reason, number)
        _move(world, transfer, "TRANSFERING", due=world.clock.now() + world.speed("transfer_seconds", 0.3))
    now = world.store.one("select * from transfers where out_bill_no = ?", number)
    assert now is not None
    return {"transfer": _shown(world, now)}


_BASE = "/v3/fund-app/mch-transfer/transfer-bills"
ENDPOINTS = [
    Endpoint("POST", _BASE, "transfer.create", create, "pay"),
    Endpoint("GET", _BASE + "/out-bill-no/{number}", "transfer.query", query, "pay"),
    Endpoint("GET", _BASE + "/transfer-bill-no/{bill}", "transfer.query", query, "pay"),
    Endpoint("POST", _BASE + "/out-bill-no/{number}/cancel", "transfer.cancel", cancel, "pay"),
]
