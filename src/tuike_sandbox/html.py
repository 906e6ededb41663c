"""Pages from files in templates/: `$name` is replaced; every value is escaped unless it is HTML made here."""

import html
from pathlib import Path
from string import Template

from aiohttp import web

HERE = Path(__file__).parent


class Html(str):
    """Text that is HTML already."""

    __slots__ = ()


def render(template_name: str, /, **values: object) -> Html:
    """Fill a template; a value that isn't `Html` is escaped."""
    template = Template((HERE / "templates" / template_name).read_text(encoding="utf-8"))
    filled = {
        key: value if isinstance(value, Html) else html.escape("" if value is None else str(value))
        for key, value in values.items()
    }
    return Html(template.substitute(filled))


def join(parts: list[Html]) -> Html:
    """Parts one after the other."""
    return Html("".join(parts))


def language(request: web.Request) -> str:
    """`zh` unless ``?lang=en``."""
    return "en" if request.query.get("lang") == "en" else "zh"


class Say:
    """Chooses between the two languages of a sentence."""

    def __init__(self, lang: str) -> None:
        self.lang = lang

    def __call__(self, zh: str, en: str) -> str:
        """The sentence in the page's language."""
        return en if self.lang == "en" else zh

    def link(self, path: str) -> str:
        """A path that keeps the page's language."""
        if self.lang == "zh":
            return path
        return path + ("&" if "?" in path else "?") + "lang=en"


def yuan(fen: object) -> str:
    """An amount for people: ``¥99.80``."""
    whole = int(str(fen))
    return f"¥{whole // 100:,}.{whole % 100:02d}"


def page(say: Say, *, title: str, body: Html, path: str) -> web.Response:
    """A whole page in the common frame; `path` is where the language switch leads."""
    other = path + ("&" if "?" in path else "?") + "lang=en" if say.lang == "zh" else path
    content = render(
        "layout.html",
        htmllang="zh-Hans" if say.lang == "zh" else "en",
        title=title,
        body=body,
        notice=say("沙箱 · 不涉及真实资金", "Sandbox: no real money"),
        detail=say(
            "本页模拟微信与银行，仅在本机运行。", "This page stands in for WeChat and a bank, on this machine only."
        ),
        home=say("总览", "Overview"),
        phone=say("手机", "Phone"),
        bank=say("银行", "Bank"),
        homelink=say.link("/"),
        phonelink=say.link("/sandbox/phone"),
        banklink=say.link("/sandbox/bank"),
        other=say("English", "中文"),
        otherlink=other,
    )
    return web.Response(text=content, content_type="text/html", headers={"Cache-Control": "no-store"})
