"""The pages that the short link's door shows itself, in both languages, ready as bytes."""

_PAGE = """<!doctype html><html lang="{lang}"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="robots" content="noindex"><title>{title}</title><style>
body{{margin:0;min-height:100vh;display:grid;place-items:center;background:#f6f7f9;color:#1f2329;
font:16px/1.6 "PingFang SC","Microsoft YaHei",sans-serif}}
main{{max-width:22rem;margin:1.5rem;padding:2.5rem 2rem;background:#fff;border-radius:16px;text-align:center;
box-shadow:0 1px 2px #0001,0 8px 32px #0000000f}}
h1{{font-size:1.25rem;margin:.25rem 0 .5rem}}p{{margin:0;color:#646a73}}
b{{display:inline-grid;place-items:center;width:3.25rem;height:3.25rem;margin-bottom:.75rem;border-radius:50%;
background:#fdeceb;color:#d9352b;font-size:1.5rem}}</style>
<main><b aria-hidden="true">{sign}</b><h1>{title}</h1><p>{text}</p></main></html>
"""

_TEXTS = {
    404: (
        "?",
        ("链接不存在", "请检查链接是否完整，或请分享者重新发送。"),
        ("This link does not exist", "Check that it is complete, or ask for it to be sent again."),
    ),
    405: (
        "!",
        ("不支持的请求方式", "请直接在浏览器或微信中打开链接。"),
        ("This method is not supported", "Open the link in a browser or in WeChat."),
    ),
    503: (
        "…",
        ("系统繁忙", "请等几秒后重新打开链接。"),
        ("Busy for a moment", "Please open the link again in a few seconds."),
    ),
}
STATUS = {404: "404 Not Found", 405: "405 Method Not Allowed", 503: "503 Service Unavailable"}
_PAGES = {
    (status, lang): _PAGE.format(lang=lang, sign=sign, title=title, text=text).encode()
    for status, (sign, chinese, english) in _TEXTS.items()
    for lang, (title, text) in (("zh-Hans", chinese), ("en", english))
}


def page(status: int, accept_language: str) -> bytes:
    """Return the page for a status: in English for readers who ask for it before Chinese, else in Chinese."""
    asked = accept_language.lower()
    chinese, english = asked.find("zh"), asked.find("en")
    return _PAGES[status, "en" if english >= 0 and (chinese < 0 or english < chinese) else "zh-Hans"]
