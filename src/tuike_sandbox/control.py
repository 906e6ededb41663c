"""The sandbox's own controls under /sandbox/control: what a person, a bank or the weather would do.

Each verb takes and returns a JSON object. They are described for users in docs/user/sandbox.md.
"""

import json
from collections.abc import Callable

from tuike_sandbox import bank, faults, notices, pay, people, refunds, transfers
from tuike_sandbox.errors import ControlError
from tuike_sandbox.world import World

Wish = dict[str, object]
Reply = dict[str, object]


def _text(wish: Wish, name: str, default: str | None = None) -> str:
    value = wish.get(name, default)
    if not isinstance(value, str) or (default is None and not value):
        raise ControlError(f"{name} is needed, as text")
    return value


def _whole(wish: Wish, name: str, default: int | None = None) -> int:
    value = wish.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ControlError(f"{name} is needed, as a whole number")
    return value


def login_code(world: World, wish: Wish) -> Reply:
    """Mint a login code: ``openid`` (default: the first person)."""
    openid = _text(wish, "openid", str(people.everyone(world.store)[0]["openid"]))
    return {"code": people.mint(world, "login", openid), "openid": openid}


def phone_code(world: World, wish: Wish) -> Reply:
    """Mint a phone code: ``openid`` (default: the first person)."""
    openid = _text(wish, "openid", str(people.everyone(world.store)[0]["openid"]))
    return {"code": people.mint(world, "phone", openid), "openid": openid}


def list_people(world: World, wish: Wish) -> Reply:
    """Everybody on the phone."""
    return {"people": people.everyone(world.store)}


def person(world: World, wish: Wish) -> Reply:
    """Add or change a person: ``openid, unionid, name, phone``, all optional."""
    return {"person": people.put(world, wish)}


def pay_order(world: World, wish: Wish) -> Reply:
    """Pay: ``out_trade_no``, ``openid`` (Native and H5), ``notify`` (false: paid, but no notice goes out)."""
    notify = wish.get("notify", True)
    if not isinstance(notify, bool):
        raise ControlError("notify is true or false")
    found = pay.pay(world, _text(wish, "out_trade_no"), openid=_text(wish, "openid", ""), notify=notify)
    return {"transaction": found}


def refund(world: World, wish: Wish) -> Reply:
    """Choose how a refund ends: ``out_refund_no``, ``outcome`` success, abnormal, closed or hold (stays PROCESSING).

    Without ``out_refund_no`` it is the plan for all refunds that have none of their own.
    """
    outcome = _text(wish, "outcome")
    if "out_refund_no" in wish:
        return refunds.decide(world, _text(wish, "out_refund_no"), outcome)
    if outcome not in (*refunds.OUTCOMES, "hold"):
        raise ControlError(f"outcome is one of {', '.join(refunds.OUTCOMES)}, hold")
    world.store.set("refund_default", outcome)
    return {"planned": outcome}


def transfer(world: World, wish: Wish) -> Reply:
    """What the user does: ``out_bill_no``, ``action`` confirm or refuse, ``reason`` (a confirmed one then fails)."""
    reason = _text(wish, "reason", "")
    return transfers.decide(world, _text(wish, "out_bill_no"), _text(wish, "action"), reason=reason)


SPEEDS = ("refund_seconds", "transfer_accept_seconds", "transfer_seconds", "transfer_cancel_seconds")


def settings(world: World, wish: Wish) -> Reply:
    """Set what the names say; null takes a setting back to its default. Answers with all that are set.

    Names: ``balance_fen, transfer_max_fen, published_pages, refused_messages`` and the speeds in seconds
    ``refund_seconds, transfer_accept_seconds, transfer_seconds, transfer_cancel_seconds``.
    """
    kinds: dict[str, type | tuple[type, ...]] = {
        "balance_fen": int,
        "transfer_max_fen": int,
        "published_pages": list,
        "refused_messages": list,
        **dict.fromkeys(SPEEDS, (int, float)),
    }
    for name, value in wish.items():
        if name not in kinds:
            raise ControlError(f"unknown setting {name!r}; known: {', '.join(kinds)}")
        if value is None:
            world.store.run("delete from settings where name = ?", name)
        elif isinstance(value, bool) or not isinstance(value, kinds[name]):
            raise ControlError(f"{name} has the wrong type")
        else:
            world.store.set(name, value)
    return {"settings": {name: world.store.setting(name) for name in kinds}}


def messages(world: World, wish: Wish) -> Reply:
    """Subscribe messages that arrived, oldest first: ``openid`` narrows."""
    rows = world.store.all("select * from messages where ? in ('', openid) order by id", _text(wish, "openid", ""))
    return {"messages": [{**row, "body": json.loads(str(row["body"]))} for row in rows]}


def bank_file(world: World, wish: Wish) -> Reply:
    """Let the bank work through a payout file: ``csv`` (text), ``mode`` paid, returned or random, and its details.

    ``payout_nos`` and ``reason`` for returned (no numbers = all), ``seed`` and ``percent`` for random.
    """
    numbers = wish.get("payout_nos", [])
    if not isinstance(numbers, list):
        raise ControlError("payout_nos is a list")
    plan = bank.Plan(
        mode=_text(wish, "mode", "paid"),
        payout_nos=frozenset(map(str, numbers)),
        reason=_text(wish, "reason", ""),
        seed=_whole(wish, "seed", 0),
        percent=_whole(wish, "percent", 20),
    )
    done = bank.work(world, _text(wish, "name", "payouts.csv"), _text(wish, "csv").encode(), plan)
    return {"id": done["id"], "paid": done["paid"], "returned": done["returned"], "csv": done["outcome"]}


def fault(world: World, wish: Wish) -> Reply:
    """Add a fault: ``target, action, times, delay_ms`` and the action's own details."""
    return {"id": faults.add(world.store, wish)}


def list_faults(world: World, wish: Wish) -> Reply:
    """Faults that are still live."""
    live = world.store.all("select * from faults where remaining is null or remaining > 0 order by id")
    return {"faults": [{**row, "detail": json.loads(str(row["detail"]))} for row in live]}


def clear_faults(world: World, wish: Wish) -> Reply:
    """Forget all faults and let held notices go."""
    world.store.run("delete from faults")
    return {"released": notices.release(world)}


def release_notices(world: World, wish: Wish) -> Reply:
    """Let notices go that a reorder fault holds, last first."""
    return {"released": notices.release(world)}


def list_notices(world: World, wish: Wish) -> Reply:
    """Notices, oldest first: ``about`` (a number) narrows."""
    about = _text(wish, "about", "")
    rows = world.store.all("select * from notices where ? in ('', about) order by seq", about)
    return {"notices": [{**row, "plain": json.loads(str(row["plain"]))} for row in rows]}


def resend_notice(world: World, wish: Wish) -> Reply:
    """Send a notice again although it was delivered: ``id``, ``copies``."""
    if not notices.resend(world, _text(wish, "id"), copies=_whole(wish, "copies", 1)):
        raise ControlError("no such notice", status=404)
    return {}


def journal(world: World, wish: Wish) -> Reply:
    """What was received and sent, oldest first: ``endpoint`` (a name), ``direction`` (received, sent), ``limit``."""
    rows = world.store.all(
        "select * from (select * from journal where ? in ('', endpoint) and ? in ('', direction)"
        " order by id desc limit ?) order by id",
        *(_text(wish, "endpoint", ""), _text(wish, "direction", ""), _whole(wish, "limit", 500)),
    )
    return {"journal": rows}


def signing_key(world: World, wish: Wish) -> Reply:
    """Choose who signs: ``key`` 1, 2 or "follow" (answers by the key that the request names, notices by key 1)."""
    key = wish.get("key")
    if key not in (1, 2, "follow"):
        raise ControlError('key is 1, 2 or "follow"')
    world.store.set("signing_key", key)
    return {"key": key, "key_ids": list(world.identity.key_ids)}


def expire_tokens(world: World, wish: Wish) -> Reply:
    """Make all access tokens expired (42001), or with ``forget`` unknown (40001)."""
    if wish.get("forget"):
        return {"tokens": world.store.run("delete from tokens")}
    return {"tokens": world.store.run("update tokens set expires = ?", world.clock.now() - 1)}


def reset(world: World, wish: Wish) -> Reply:
    """Forget everything but keys and ids; the first people come back."""
    world.store.wipe()
    people.seed(world.store, world.identity.appid)
    return {}


VERBS: dict[str, Callable[[World, Wish], Reply]] = {
    "login_code": login_code,
    "phone_code": phone_code,
    "people": list_people,
    "person": person,
    "pay": pay_order,
    "refund": refund,
    "transfer": transfer,
    "settings": settings,
    "messages": messages,
    "bank": bank_file,
    "fault": fault,
    "faults": list_faults,
    "clear_faults": clear_faults,
    "release_notices": release_notices,
    "notices": list_notices,
    "resend_notice": resend_notice,
    "journal": journal,
    "signing_key": signing_key,
    "expire_tokens": expire_tokens,
    "reset": reset,
}


def run(world: World, verb: str, wish: object) -> Reply:
    """Run one control.

    Raises:
        ControlError: 404 unknown verb; 400 the wish isn't a JSON object or names something impossible.
    """
    if verb not in VERBS:
        raise ControlError(f"unknown control {verb!r}; known: {', '.join(sorted(VERBS))}", status=404)
    if not isinstance(wish, dict):
        raise ControlError("a control takes a JSON object")
    with world.store.transaction():
        return VERBS[verb](world, wish)
