"""`tuike doctor`: what is wrong with this installation, and what to do."""

import os
from collections.abc import Iterator
from pathlib import Path

import typer
from rich.console import Console
from rich.text import Text

from tuike.config import env
from tuike.gateways import config as wechat
from tuike.runtime import checks
from tuike.runtime import home as homes
from tuike.runtime.checks import Finding, Level
from tuike.runtime.words import say

_SIGNS = {Level.OK: ("✓", "green"), Level.HINT: ("•", "yellow"), Level.WRONG: ("✗", "bold red")}


def doctor() -> None:
    """Print each finding; exit 1 when something is wrong."""
    console, wrong = Console(highlight=False, soft_wrap=True), 0
    for found in _findings():
        sign, colour = _SIGNS[found.level]
        console.print(Text.assemble((f"{sign} {found.name}", colour), say("：", ": "), found.words))
        if found.advice:
            console.print(Text(f"    → {found.advice}"))
        wrong += found.level is Level.WRONG
    if wrong:
        console.print(Text(say(f"{wrong} 处需要处理", f"{wrong} to be put right"), "bold red"))
        raise typer.Exit(1)
    console.print(Text(say("一切正常", "all is well"), "green"))


def _findings() -> Iterator[Finding]:
    where = homes.find()
    yield checks.python()
    yield checks.packages()
    yield checks.home(where)
    env.read()  # from here on the environment holds what the sandbox filled in
    key_file = os.environ.get("WECHATPAY_PRIVATE_KEY_FILE")
    yield checks.secrets(where, {"WECHATPAY_PRIVATE_KEY_FILE": Path(key_file)} if key_file else {})
    host = os.environ.get("TUIKE_HOST", "127.0.0.1")
    try:
        yield checks.port(env.port(), host=host, where=where)
    except ValueError:
        yield Finding(
            name="PORT", level=Level.WRONG, words=os.environ["PORT"], advice=say("写一个数字", "give it a number")
        )
    found = checks.database(where, url=os.environ.get("DATABASE_URL"))
    yield from found
    if found[-1].level is Level.OK:
        yield checks.migrations(os.environ)
    yield checks.clock(where.clock_file, production=env.production())
    yield _wechat(where)
    if env.production():
        yield checks.deployment(os.environ)


def _wechat(where: homes.Home) -> Finding:
    """Look whether WeChat's ids and keys are there and can be read; no value is ever shown."""
    name = say("微信", "WeChat")
    if env.sandbox_on() and not (where.sandbox / "sandbox.env").exists():
        words = say("沙箱还没有初始化", "the sandbox isn't set up yet")
        return Finding(name=name, level=Level.HINT, words=words, advice=say("`tuike up` 会做", "`tuike up` does it"))
    try:
        wechat.load(os.environ)
    except wechat.ConfigError as problem:
        advice = say("在环境变量里设置它们", "set them in the environment")
        return Finding(name=name, level=Level.WRONG, words="; ".join(problem.problems), advice=advice)
    words = (
        say("沙箱代替微信，只在本机", "the sandbox plays WeChat, on this machine")
        if env.sandbox_on()
        else say("配置齐全", "complete")
    )
    return Finding(name=name, level=Level.OK, words=words)
