"""The people whose phones the sandbox plays: openid, union id, Chinese name, phone number."""

import hashlib
import secrets

from tuike_sandbox.errors import ControlError
from tuike_sandbox.store import Row, Store
from tuike_sandbox.world import World

# Made-up people; the numbers are of a range that belongs to nobody.
FIRST = ["林小满", "周建国", "陈思远", "王雨桐", "赵一鸣", "何秀兰", "郑晓燕", "孙立新"]
CODE_LIFE = 300


def seed(store: Store, appid: str) -> None:
    """Put the first people on the phone if nobody is there yet; same appid, same people."""
    if store.one("select 1 as any from people"):
        return
    for seq, name in enumerate(FIRST, start=1):
        mark = hashlib.sha256(f"{appid}:{seq}".encode()).hexdigest()
        store.run(
            "insert into people values (?, ?, ?, ?, ?)",
            *("oSBX" + mark[:24], "uSBX" + mark[24:48], name, f"1990000{seq:04d}", seq),
        )


def web_openid(openid: str) -> str:
    """The openid at the official account of who has this one in the mini-program."""
    return "oWEB" + hashlib.sha256(f"web:{openid}".encode()).hexdigest()[:24]


def knows(world: World, openid: str, *, appid: str) -> bool:
    """Whether somebody has that openid in that app."""
    if appid == world.identity.appid:
        return world.store.one("select 1 as known from people where openid = ?", openid) is not None
    return any(web_openid(str(row["openid"])) == openid for row in everyone(world.store))


def everyone(store: Store) -> list[Row]:
    """All people in order."""
    return store.all("select * from people order by seq")


def person(store: Store, openid: str) -> Row:
    """One person.

    Raises:
        ControlError: 404, nobody has that openid.
    """
    row = store.one("select * from people where openid = ?", openid)
    if not row:
        raise ControlError(f"no person {openid}", status=404)
    return row


def put(world: World, wish: dict[str, object]) -> Row:
    """Add a person or change one: ``openid`` (made if absent), ``name``, ``phone``, ``unionid``.

    Raises:
        ControlError: a value isn't text, or the phone isn't 11 digits.
    """
    if any(not isinstance(value, str) for value in wish.values()):
        raise ControlError("openid, unionid, name and phone are text")
    openid = str(wish.get("openid") or "oSBX" + secrets.token_hex(12))
    old = world.store.one("select * from people where openid = ?", openid) or {}
    last = world.store.one("select coalesce(max(seq), 0) as seq from people")
    assert last is not None
    seq = int(str(old.get("seq") or int(str(last["seq"])) + 1))
    phone = str(wish.get("phone") or old.get("phone") or f"1990001{seq % 10000:04d}")
    if not (phone.isdigit() and len(phone) == 11):
        raise ControlError("a phone number has 11 digits")
    world.store.run(
        "insert into people values (?, ?, ?, ?, ?) on conflict (openid) do update"
        " set unionid = excluded.unionid, name = excluded.name, phone = excluded.phone",
        openid,
        str(wish.get("unionid") or old.get("unionid") or "uSBX" + secrets.token_hex(12)),
        str(wish.get("name") or old.get("name") or f"用户{seq}"),
        phone,
        seq,
    )
    return person(world.store, openid)


def mint(world: World, kind: str, openid: str) -> str:
    """A fresh one-use code of `kind` ("login" or "phone") for a person, good for five minutes.

    Raises:
        ControlError: 404, nobody has that openid.
    """
    person(world.store, openid)
    code = "0" + secrets.token_hex(15)
    expires = world.clock.now() + CODE_LIFE
    world.store.run("insert into codes (code, kind, openid, expires) values (?, ?, ?, ?)", code, kind, openid, expires)
    return code


def redeem(world: World, kind: str, code: str) -> Row | None:
    """The person behind a code, which is used up; None when it is unknown, used, of the other kind or too old."""
    taken = world.store.run(
        "update codes set used = 1 where code = ? and kind = ? and used = 0 and expires > ?",
        *(code, kind, world.clock.now()),
    )
    if not taken:
        return None
    return world.store.one("select p.* from people p join codes c using (openid) where c.code = ?", code)
