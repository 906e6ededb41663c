"""`tuike doctor`: what is wrong with this installation, and what to do."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.text import Text

from tuike.config import env
from tuike.doors.cli import product
from tuike.gateways import config as wechat
from tuike.gateways import roundtrip
from tuike.gateways.wechat import WeChat
from tuike.gateways.wechatpay import WeChatPay
from tuike.kit.crypto import Unreadable
from tuike.runtime import checks
from tuike.runtime import home as homes
from tuike.runtime.checks import Finding, Level
from tuike.runtime.words import say

_SIGNS = {Level.OK: ("✓", "green"), Level.HINT: ("•", "yellow"), Level.WRONG: ("✗", "bold red")}


_TRIAL = say("向这个地址发一封测试邮件", "send a trial mail to this address")


def doctor(trial_mail: Annotated[str, typer.Option(help=_TRIAL)] = "") -> None:
    """Print each finding; exit 1 when something is wrong."""
    console, wrong = Console(highlight=False, soft_wrap=True), 0
    for found in _findings(trial_mail):
        sign, colour = _SIGNS[found.level]
        console.print(Text.assemble((f"{sign} {found.name}", colour), say("：", ": "), found.words))
        if found.advice:
            console.print(Text(f"    → {found.advice}"))
        wrong += found.level is Level.WRONG
    if wrong:
        console.print(Text(say(f"{wrong} 处需要处理", f"{wrong} to be put right"), "bold red"))
        raise typer.Exit(1)
    console.print(Text(say("一切正常", "all is well"), "green"))


def _findings(trial_mail: str) -> Iterator[Finding]:
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
    there = found[-1].level is Level.OK
    if there:
        schema = checks.migrations(os.environ)
        there = schema.level is Level.OK
        yield schema
    yield checks.clock(where.clock_file, production=env.production())
    yield from _wechat(where, database=there)
    yield mails(trial_mail, database=there)
    if env.production():
        yield checks.deployment(os.environ)


def _wechat(where: homes.Home, *, database: bool) -> Iterator[Finding]:
    """Look whether WeChat's ids and keys are there, and make a round trip with them; no value is ever shown."""
    name = say("微信", "WeChat")
    if env.sandbox_on() and not (where.sandbox / "sandbox.env").exists():
        words = say("沙箱还没有初始化", "the sandbox isn't set up yet")
        yield Finding(name=name, level=Level.HINT, words=words, advice=say("`tuike up` 会做", "`tuike up` does it"))
        return
    try:
        read = wechat.load(wechat.with_kept(os.environ, _kept() if database else {}))
    except wechat.ConfigError as problem:
        advice = say(
            "设置这些环境变量，或由平台超级管理员在“微信接入”页填写",
            "set these variables, or let the operator's super administrator fill in the page of the access to WeChat",
        )
        yield Finding(name=name, level=Level.WRONG, words="; ".join(problem.problems), advice=advice)
        return
    except Unreadable:
        words = say("保存的密钥无法解密", "what is kept can't be opened")
        advice = say("检查 TUIKE_FIELD_KEYS，或重新填写", "look at TUIKE_FIELD_KEYS, or enter it anew")
        yield Finding(name=name, level=Level.WRONG, words=words, advice=advice)
        return
    words = (
        say("沙箱代替微信，只在本机", "the sandbox plays WeChat, on this machine")
        if env.sandbox_on()
        else say("配置齐全", "complete")
    )
    yield Finding(name=name, level=Level.OK, words=words)
    for outcome in (roundtrip.try_pay(WeChatPay(read)), roundtrip.try_wechat(WeChat(read))):
        yield tried(outcome, sandbox=env.sandbox_on())


def mails(trial: str, *, database: bool) -> Finding:
    """Look whether mails can leave: reach the server with its encryption and password, or send a trial mail."""
    name = say("邮件", "mail")
    try:
        read = env.mail()
    except (env.Missing, ValueError) as problem:
        return Finding(name=name, level=Level.WRONG, words=str(problem), advice=say("改正环境变量", "put it right"))
    if not read.host:
        words = (
            say("没有邮件服务器，预警和报告只发站内通知", "no server: alerts and reports come under the bell only")
            if env.production()
            else say("打印在后台任务的输出里", "printed where the worker writes")
        )
        advice = say("设置 TUIKE_SMTP_HOST 等变量后发送", "set TUIKE_SMTP_HOST and what belongs to it")
        return Finding(name=name, level=Level.HINT, words=words, advice=advice)
    if not database:
        return Finding(name=name, level=Level.HINT, words=say("数据库运行后再检查", "looked at when the database runs"))
    product.use()
    from tuike.gateways import mail  # noqa: PLC0415 Django is set up by now

    problem = mail.trial(trial) if trial else mail.greet()
    words = f"{read.host}:{read.port} ({read.tls})"
    if problem:
        advice = say("检查地址、端口、加密、用户和密码", "look at host, port, encryption, user and password")
        return Finding(name=name, level=Level.WRONG, words=f"{words}: {problem}", advice=advice)
    return Finding(
        name=name, level=Level.OK, words=words + (say("，测试邮件已发出", ", a trial mail left") if trial else "")
    )


def tried(outcome: roundtrip.Outcome, *, sandbox: bool) -> Finding:
    """Return what a round trip told as a finding; a sandbox that isn't running is no fault."""
    name = {"wechatpay": say("微信支付连接", "WeChat Pay's answer"), "wechat": say("微信连接", "WeChat's answer")}
    words = say(outcome.zh, outcome.en)
    if outcome.good:
        return Finding(name=name[outcome.name], level=Level.OK, words=words)
    if sandbox and not outcome.reached:
        advice = say("`tuike up` 会启动沙箱", "`tuike up` runs the sandbox")
        return Finding(name=name[outcome.name], level=Level.HINT, words=words, advice=advice)
    advice = say("在“微信接入”页或环境变量中改正", "put it right on the page of the access, or in the environment")
    return Finding(name=name[outcome.name], level=Level.WRONG, words=words, advice=advice)


def _kept() -> dict[str, str]:
    """Return the access that was entered in the console, empty where the environment says everything."""
    if wechat.complete(os.environ):
        return {}
    product.use()
    from tuike.settings import service as settings  # noqa: PLC0415 Django is set up by now

    return settings.access()
