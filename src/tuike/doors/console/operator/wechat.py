"""The mall's access to WeChat: what is in force and where it comes from, entering it, a round trip; and which of
WeChat's templates shows which message on a phone."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render

from tuike.doors.console import answers
from tuike.doors.console.operator.drawn import Field, Form, asked
from tuike.doors.console.text import T
from tuike.flows import change_access, register_template
from tuike.gateways.config import ConfigError
from tuike.kit import clock
from tuike.kit.errors import Invalid, NotFound
from tuike.messages import queries as messages
from tuike.messages.types import PersonalKind
from tuike.people import queries as people
from tuike.settings import queries as settings
from tuike.settings.types import PLAIN_ACCESS

CLEAR = "-"
"""What is typed to take a kept part away."""
WORDS = {
    "WECHAT_APPID": T("小程序 AppID", "Mini-program AppID"),
    "WECHAT_APPSECRET": T("小程序 AppSecret", "Mini-program AppSecret"),
    "WECHATPAY_MCHID": T("微信支付商户号", "WeChat Pay merchant number"),
    "WECHATPAY_CERT_SERIAL": T("商户证书序列号", "Certificate serial number"),
    "WECHATPAY_PRIVATE_KEY": T("商户私钥（apiclient_key.pem）", "Private key (apiclient_key.pem)"),
    "WECHATPAY_APIV3_KEY": T("APIv3 密钥", "APIv3 key"),
    "WECHATPAY_PUBLIC_KEY_ID": T("微信支付公钥 ID", "WeChat Pay public key ID"),
    "WECHATPAY_PUBLIC_KEY": T("微信支付公钥（pub_key.pem）", "WeChat Pay public key (pub_key.pem)"),
    "WECHAT_WEB_APPID": T("公众号 AppID（网页登录）", "Official account AppID (web sign-in)"),
    "WECHAT_WEB_APPSECRET": T("公众号 AppSecret", "Official account AppSecret"),
}
_AREAS = ("WECHATPAY_PRIVATE_KEY", "WECHATPAY_PUBLIC_KEY")
_REFRESH = "wechat-changed"
_FIELDS = re.compile(r"\s*([a-z_]+[0-9]+)\s*=\s*([a-z_]+)\s*")


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the access: itself or its fingerprint, and where it comes from (environment, console, nowhere)."""

    name: str
    words: T
    shown: str
    secret: bool
    source: str


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """A kind of message and the template that shows it, if any."""

    kind: str
    words: T
    template_id: str
    fields: str
    at: datetime | None


def page(request: Any) -> HttpResponse:
    """Show what is in force, by parts and templates; secrets by their fingerprints."""
    kept = settings.access_shown()
    names = people.refs([kept.person_id]) if kept and kept.person_id else {}
    who = names.get(kept.person_id or 0) if kept else None
    parts = _parts()
    context = {
        "parts": parts,
        "missing": [one.words for one in parts if not one.source and not one.name.startswith("WECHAT_WEB_")],
        "kept": kept,
        "by": who.called if who else "—",
        "problems": [one for one in change_access.problems() if " is not set" not in one],
        "templates": _templates(),
        "may": request.asker.may("operator-wechat-change", "POST"),
        "may_templates": request.asker.may("operator-wechat-template", "POST"),
    }
    return render(request, "console/operator/wechat.html", context)


def change(request: Any) -> HttpResponse:
    """Ask for parts of the access and a code of the second factor, and put them in force."""
    form = Form(
        T("修改微信接入", "Change the access to WeChat"),
        request.path,
        T("保存并生效", "Put in force"),
        fields=[*(_field(name) for name in WORDS), _code()],
        lead=T(
            "只填写要修改的项，留空表示不变，填“-”表示清除。保存后所有进程立即使用新值。",
            'Fill in what changes; empty stays as it is, "-" takes a part away. Every process uses it at once.',
        ),
        note=T(
            "密钥加密保存，保存后不再显示，只显示指纹；修改记入审计日志。",
            "Secrets are sealed and never shown again, only their fingerprints; changes go into the audit log.",
        ),
    )

    def work() -> T:
        values = {}
        for name in WORDS:
            typed = request.POST.get(name, "").strip()[:8000]
            if typed:
                values[name] = "" if typed == CLEAR else typed
        change_access.change_access(
            values=values,
            code=request.POST.get("code", "")[:16],
            actor=request.asker.actor,
            real_now=clock.real_now(),
            now=request.asker.now,
        )
        return T("已保存并生效，请测试连接", "In force; now try the connection")

    return asked(request, form, work, refresh=_REFRESH)


def attempt(request: Any) -> HttpResponse:
    """Make a round trip with what is in force, and say what came out."""
    context: dict[str, Any] = {"names": {"wechatpay": T("微信支付", "WeChat Pay"), "wechat": T("微信", "WeChat")}}
    try:
        context["outcomes"] = change_access.try_access(actor=request.asker.actor, now=request.asker.now)
    except ConfigError as error:
        context["problems"] = error.problems
    return answers.dialog(request, "console/operator/wechat_tried.html", context)


def template(request: Any, *, message: str) -> HttpResponse:
    """Ask for the template of a kind of message, and register it; an empty id takes it away."""
    known, now = _kind(message), messages.templates().get(message)
    facts = "、".join([*messages.facts_of(known), "sentence"])
    form = Form(
        T("订阅消息模板", "Template"),
        request.path,
        T("保存", "Save"),
        fields=[
            Field(
                "template_id",
                T("模板 ID", "Template ID"),
                value=now.template_id if now else "",
                hint=T("小程序后台 → 订阅消息；留空即停用", "Mini-program console, subscribe messages; empty: none"),
                required=False,
                most=64,
            ),
            Field(
                "fields",
                T("关键词 = 内容，每行一个", "Keyword = content, one a line"),
                "area",
                value="\n".join(f"{key}={fact}" for key, fact in now.fields.items()) if now else "thing1=sentence",
                hint=T("可用内容：{facts}", "Contents: {facts}").fill(facts=facts),
                required=False,
                most=400,
            ),
            Field(
                "page",
                T("点击后打开的页面", "Page that a tap opens"),
                value=now.page if now else "member/messages/messages",
                hint=T("{object} 会换成对应编号", "{object} becomes the number of what it is about"),
                required=False,
            ),
        ],
        facts=[(T("消息", "Message"), T(*messages.sample(known)), "text")],
    )

    def work() -> T:
        template_id = request.POST.get("template_id", "").strip()[:80]
        given = {"kind": message, "actor": request.asker.actor, "now": request.asker.now}
        if not template_id:
            register_template.remove_template(**given)
            return T("已停用", "No template any more")
        register_template.register_template(
            template_id=template_id,
            fields=_typed_fields(request.POST.get("fields", "")),
            page=request.POST.get("page", "").strip()[:200],
            **given,
        )
        return T("模板已登记", "The template is registered")

    return asked(request, form, work, refresh=_REFRESH)


def _parts() -> list[Part]:
    kept = settings.access_shown()
    outside, parts = change_access.by_environment(), kept.parts if kept else {}
    return [
        Part(
            name=name,
            words=words,
            shown=parts.get(name, "") if not outside[name] else "",
            secret=name not in PLAIN_ACCESS,
            source="environment" if outside[name] else "console" if name in parts else "",
        )
        for name, words in WORDS.items()
    ]


def _templates() -> list[TemplateRow]:
    registered, found = messages.templates(), []
    for name, kind in messages.personal_kinds().items():
        one = registered.get(name)
        fields = ", ".join(f"{key}={fact}" for key, fact in one.fields.items()) if one else ""
        words = T(*messages.sample(kind))
        found.append(TemplateRow(name, words, one.template_id if one else "", fields, one.changed_at if one else None))
    return found


def _field(name: str) -> Field:
    kind = "secret-area" if name in _AREAS else "text" if name in PLAIN_ACCESS else "secret"
    return Field(name, WORDS[name], kind, required=False, most=8000 if name in _AREAS else 200)


def _code() -> Field:
    hint = T("您的身份验证器中的 6 位数字", "six digits of your authenticator")
    return Field("code", T("动态验证码", "Authenticator code"), hint=hint, most=8)


def _kind(name: str) -> PersonalKind:
    found = messages.personal_kinds().get(name)
    if found is None:
        raise NotFound
    return found


def _typed_fields(text: str) -> dict[str, str]:
    """Return keyword → fact out of lines.

    Raises:
        Invalid: a line that is none.
    """
    fields = {}
    for line in filter(str.strip, text[:400].splitlines()):
        found = _FIELDS.fullmatch(line)
        if found is None:
            raise Invalid(field="fields", reason_zh="每行应为 thing1=no", reason_en="lines such as thing1=no")
        fields[found[1]] = found[2]
    return fields
