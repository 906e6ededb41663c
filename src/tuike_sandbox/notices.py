"""Notices to the merchant: sealed, signed, posted, and repeated on the documented schedule until answered with 2xx.

Source: WeChat Pay merchant documentation, "支付成功回调通知" (schedule and the 5 seconds for an answer).
"""

import asyncio
import contextlib
import json
import uuid
from fnmatch import fnmatchcase
from itertools import groupby

import aiohttp

from tuike_sandbox import faults, logs, signing
from tuike_sandbox.clock import rfc3339
from tuike_sandbox.store import Row
from tuike_sandbox.world import World

# Seconds between an attempt and the next, on the real clock, before division by the notify factor.
SCHEDULE = (15, 15, 30, 180, 600, 1200, 1800, 1800, 1800, 3600, 10800, 10800, 10800, 21600, 21600)
ANSWER_WITHIN = 5.0
JOURNAL_KEEPS = 5000
KINDS = {  # event → (original_type and associated_data, summary)
    "TRANSACTION.SUCCESS": ("transaction", "支付成功"),
    "REFUND.SUCCESS": ("refund", "退款成功"),
    "REFUND.ABNORMAL": ("refund", "退款异常"),
    "REFUND.CLOSED": ("refund", "退款关闭"),
    "MCHTRANSFER.BILL.FINISHED": ("mch_payment", "商家转账单据终态通知"),
}


def enqueue(world: World, *, event: str, about: str, url: str, plain: dict[str, object]) -> str | None:
    """Plan a notice of `plain` about the number `about`; an empty `url` means that the merchant wants none.

    Returns the notice's id.
    """
    if not url:
        return None
    notice_id = str(uuid.uuid4())
    row = world.store.one("select coalesce(max(seq), 0) + 1 as seq from notices")
    assert row is not None
    seq = row["seq"]
    held = _held_by_reorder(world, event, int(str(seq)))
    world.store.run(
        "insert into notices (id, seq, event, about, url, nonce, plain, created, state, attempts, chain, next_at)"
        " values (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?)",
        *(notice_id, seq, event, about, url, signing.nonce(12), json.dumps(plain, ensure_ascii=False)),
        *(world.clock.now(), "held" if held else "pending", seq, None if held else world.clock.real()),
    )
    _release_if_full(world)
    world.wake.set()
    return notice_id


def _held_by_reorder(world: World, event: str, seq: int) -> bool:
    """Whether a reorder fault takes this notice; remembers how many it waits for."""
    group = world.store.setting("reorder_group")
    if isinstance(group, dict) and fnmatchcase(f"notice:{event}", str(group["target"])):
        world.store.set("reorder_group", {**group, "seqs": [*group["seqs"], seq]})
        return True
    for row in world.store.all("select * from faults where action = 'reorder' and remaining > 0 order by id"):
        if fnmatchcase(f"notice:{event}", str(row["target"])):
            count = int(json.loads(str(row["detail"]))["count"])
            world.store.run("update faults set remaining = remaining - 1 where id = ?", row["id"])
            world.store.set("reorder_group", {"target": row["target"], "count": count, "seqs": [seq]})
            return True
    return False


def _release_if_full(world: World) -> None:
    group = world.store.setting("reorder_group")
    if isinstance(group, dict) and len(group["seqs"]) >= int(group["count"]):
        release(world)


def release(world: World) -> int:
    """Send what is held, last first, one after the other; returns how many."""
    held = world.store.all("select id from notices where state = 'held' order by seq desc")
    world.store.set("reorder_group", None)
    now = world.clock.real()  # once: the same chain = strictly in this order
    for place, row in enumerate(held):
        world.store.run(
            "update notices set state = 'pending', chain = ?, next_at = ? where id = ?",
            -int(now * 1000),
            now + place * 1e-6,
            row["id"],
        )
    world.wake.set()
    return len(held)


def resend(world: World, notice_id: str, *, copies: int = 1) -> bool:
    """Send a notice again, delivered or not; False when there is no such notice."""
    done = world.store.run(
        "update notices set state = 'pending', next_at = ?, copies = ? where id = ?",
        world.clock.real(),
        copies - 1,
        notice_id,
    )
    world.wake.set()
    return bool(done)


def build(world: World, notice: Row, changes: dict[str, object] | None = None) -> bytes:
    """The body of a notice; the same bytes at each attempt unless `changes` alters what is sealed in it."""
    kind, summary = KINDS[str(notice["event"])]
    plain, word = str(notice["plain"]), str(notice["nonce"])
    if changes:
        plain, word = json.dumps(faults.alter(json.loads(plain), changes), ensure_ascii=False), signing.nonce(12)
    body = {
        "id": notice["id"],
        "create_time": rfc3339(float(str(notice["created"]))),
        "resource_type": "encrypt-resource",
        "event_type": notice["event"],
        "summary": summary,
        "resource": {
            "original_type": kind,
            "algorithm": "AEAD_AES_256_GCM",
            "ciphertext": signing.seal(world.identity, plain=plain.encode(), word=word, associated=kind),
            "associated_data": kind,
            "nonce": word,
        },
    }
    return json.dumps(body, ensure_ascii=False, separators=(",", ":")).encode()


def _dress(world: World, notice: Row, fault: faults.Fault | None) -> tuple[bytes, dict[str, str]]:
    """Body and headers of one attempt, damaged as the fault says."""
    action = fault.action if fault else ""
    changes = fault.detail["set"] if fault and action == "alter" else None
    body = faults.GARBAGE if action == "garbage" else build(world, notice, changes)  # type: ignore[arg-type]
    key = 2 if world.store.setting("signing_key", 1) == 2 else 1
    skew = fault.number("seconds") if fault and action == "stale" else 0
    headers = signing.sign(world.identity, key=key, body=body, real_now=world.clock.real() + skew)
    if fault and action == "unsigned":
        headers = {}
    if fault and action == "wrong_serial":
        headers["Wechatpay-Serial"] = str(fault.detail["serial"])
    if action == "flip":
        body = faults.flip(body)
    return body, {**headers, "Content-Type": "application/json", "User-Agent": "Mozilla/4.0"}


async def _post(session: aiohttp.ClientSession, url: str, body: bytes, headers: dict[str, str]) -> str:
    """The answer's status, or the name of what went wrong."""
    try:
        async with session.post(url, data=body, headers=headers, allow_redirects=False) as answer:
            await answer.content.read(4096)
            return str(answer.status)
    except TimeoutError:
        return "timeout"
    except (aiohttp.ClientError, OSError) as problem:
        return type(problem).__name__


async def _attempt(world: World, session: aiohttp.ClientSession, notice: Row) -> None:
    """Send one notice once, write down what came of it, plan the next attempt."""
    if not world.store.one("select 1 as due from notices where id = ? and state = 'pending'", notice["id"]):
        return  # forgotten by a reset since it was picked up
    event = str(notice["event"])
    fault = faults.take(world.store, f"notice:{event}")
    action = fault.action if fault else ""
    if fault and fault.number("delay_ms"):
        await asyncio.sleep(fault.number("delay_ms") / 1000)
    sent = b""
    if action == "drop":
        status = "dropped"
    else:
        sent, headers = _dress(world, notice, fault)
        status = await _post(session, str(notice["url"]), sent, headers)
    acknowledged = status.startswith("2")
    copies = int(str(notice["copies"])) + (fault.number("copies") if fault and action == "duplicate" else 0)
    attempts = int(str(notice["attempts"])) + 1
    state, next_at = "delivered", None
    if acknowledged and copies > 0:
        state, next_at, copies = "pending", world.clock.real(), copies - 1
    elif not acknowledged:
        left = attempts <= len(SCHEDULE)
        state = "pending" if left else "given_up"
        next_at = world.clock.real() + SCHEDULE[attempts - 1] / world.notify_factor if left else None
    with world.store.transaction():
        world.store.run(
            "update notices set state = ?, attempts = ?, copies = ?, next_at = ?, last_status = ? where id = ?",
            *(state, attempts, copies, next_at, status, notice["id"]),
        )
        journal(
            world,
            direction="sent",
            endpoint=f"notice:{event}",
            method="POST",
            path=str(notice["url"]),
            status=status,
            fault=action,
            body=sent,
        )
    logs.event("notice", kind=event, about=notice["about"], attempt=attempts, status=status, fault=action)


def journal(
    world: World, *, direction: str, endpoint: str, method: str, path: str, status: str, fault: str, body: bytes
) -> None:
    """Keep one line of what came in or went out, body included (at most 4,000 bytes)."""
    world.store.run(
        "insert into journal (at, direction, endpoint, method, path, status, fault, body)"
        " values (?, ?, ?, ?, ?, ?, ?, ?)",
        *(world.clock.real(), direction, endpoint, method, path, status, fault, body[:4000].decode("utf-8", "replace")),
    )
    world.store.run("delete from journal where id <= (select max(id) from journal) - ?", JOURNAL_KEEPS)


async def courier(world: World) -> None:
    """Deliver what is due, for as long as the sandbox lives."""
    timeout = aiohttp.ClientTimeout(total=ANSWER_WITHIN)
    flying: dict[int, asyncio.Task[None]] = {}
    async with aiohttp.ClientSession(timeout=timeout, trust_env=False) as session:
        try:
            while True:
                world.wake.clear()
                _start_due(world, session, flying)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(world.wake.wait(), 0.1)
        finally:
            for task in flying.values():
                task.cancel()
            await asyncio.gather(*flying.values(), return_exceptions=True)


def _start_due(world: World, session: aiohttp.ClientSession, flying: dict[int, asyncio.Task[None]]) -> None:
    """Start one task for each chain that has due notices and isn't under way."""
    for chain in [chain for chain, task in flying.items() if task.done()]:
        task = flying.pop(chain)
        if not task.cancelled() and task.exception():
            logs.event("courier_failed", problem=repr(task.exception()))
    due = world.store.all(
        "select * from notices where state = 'pending' and next_at <= ? order by chain, next_at limit 200",
        world.clock.real(),
    )
    for chain, rows in groupby(due, key=lambda row: int(str(row["chain"]))):
        if chain not in flying:
            flying[chain] = asyncio.create_task(_chain(world, session, list(rows)))
            flying[chain].add_done_callback(lambda _: world.wake.set())


async def _chain(world: World, session: aiohttp.ClientSession, rows: list[Row]) -> None:
    for row in rows:
        await _attempt(world, session, row)
