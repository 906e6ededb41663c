"""Rich text made harmless: a few tags, pictures of one's own, no program, no foreign host."""

from html import escape
from html.parser import HTMLParser

_KEPT = frozenset(
    {"p", "br", "b", "strong", "i", "em", "u", "s", "ul", "ol", "li", "h2", "h3", "h4", "blockquote", "hr"}
)
_TABLE = frozenset({"table", "thead", "tbody", "tr", "th", "td"})
_EMPTY = frozenset({"br", "hr", "img"})
_SILENT = frozenset({"script", "style", "iframe", "object", "template", "noscript", "title", "svg", "math"})
_OWN = "/media/"


class _Kept(HTMLParser):
    """Writes down what may stay."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.out: list[str] = []
        self.open: list[str] = []
        self.silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _SILENT:
            self.silent += 1
        elif self.silent:
            return
        elif tag == "img":
            self._picture(dict(attrs))
        elif tag in _KEPT | _TABLE:
            self.out.append(f"<{tag}>")
            if tag not in _EMPTY:
                self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag in _SILENT:
            self.silent = max(0, self.silent - 1)
        elif tag in self.open and not self.silent:
            while True:
                last = self.open.pop()
                self.out.append(f"</{last}>")
                if last == tag:
                    break

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.out.append(escape(data, quote=False))

    def _picture(self, attrs: dict[str, str | None]) -> None:
        address = attrs.get("src") or ""
        if address.startswith(_OWN) and ".." not in address and "\\" not in address:
            text = escape(attrs.get("alt") or "")
            self.out.append(f'<img src="{escape(address)}" alt="{text}">')


def harmless(text: str) -> str:
    """Return rich text with nothing in it but simple tags without attributes and pictures below /media/.

    Text without any tag comes back as paragraphs, one a line.
    """
    if "<" not in text:
        lines = (line.strip() for line in text.splitlines())
        return "".join(f"<p>{escape(line, quote=False)}</p>" for line in lines if line)
    reader = _Kept()
    reader.feed(text)
    reader.close()
    return "".join([*reader.out, *(f"</{tag}>" for tag in reversed(reader.open))])
