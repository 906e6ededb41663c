"""Draw the app's icons from the strokes below: `.venv/bin/python miniprogram/scripts/icons.py`.

Writes `src/components/icons.ts` (used by `<t-icon>`) and the PNG files of the tab bar, which takes no SVG, drawn by
Chromium. What is written is kept.
"""

import base64
import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

HERE = Path(__file__).resolve().parent.parent
TAB_PX = 81
GREY, GREEN = "#8a9099", "#07c160"
TABS = {"home": "home", "category": "grid", "cart": "cart", "me": "person"}

STROKES = {
    "home": "M3.5 11 12 4l8.5 7M5.5 9.6V20h13V9.6M10 20v-6h4v6",
    "grid": "M4 4h6.5v6.5H4zM13.5 4H20v6.5h-6.5zM4 13.5h6.5V20H4zM13.5 13.5H20V20h-6.5z",
    "cart": "M2.5 4H5l2.6 11.2h9.9L20 7.5H6M9 20a1 1 0 1 0 0-.01M16.5 20a1 1 0 1 0 0-.01",
    "person": "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4.5 20.5c.6-4 3.6-6 7.5-6s6.9 2 7.5 6",
    "search": "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13M15.3 15.3 20 20",
    "right": "M9 5l7 7-7 7",
    "left": "M15 5l-7 7 7 7",
    "down": "M5 9l7 7 7-7",
    "close": "M6 6l12 12M18 6 6 18",
    "plus": "M12 5v14M5 12h14",
    "minus": "M5 12h14",
    "check": "M5 12.5l4.8 4.8L19 7.5",
    "share": "M12 15V4M8 7.5 12 3.5l4 4M5 12v8h14v-8",
    "heart": "M12 20s-8-4.7-8-10.5A4.3 4.3 0 0 1 12 7a4.3 4.3 0 0 1 8 2.5C20 15.3 12 20 12 20z",
    "pin": "M12 21s7-6.3 7-11.5a7 7 0 1 0-14 0C5 14.7 12 21 12 21zM12 12a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5",
    "bag": "M5 8h14l1 12H4zM8.5 8V7a3.5 3.5 0 0 1 7 0v1",
    "bell": "M6 17V11a6 6 0 0 1 12 0v6l1.5 1.5h-15zM10 21h4",
    "ticket": "M3.5 7h17v3.5a1.5 1.5 0 0 0 0 3V17h-17v-3.5a1.5 1.5 0 0 0 0-3zM14 7.5v9",
    "gift": "M4 9h16v4H4zM5.5 13v7.5h13V13M12 9v11.5M12 9S8 9 7.5 6.5 11 3.5 12 9M12 9s4 0 4.5-2.5S13 3.5 12 9",
    "wallet": "M4 7.5V19h16V8H5.5A1.5 1.5 0 0 1 4 6.5 1.5 1.5 0 0 1 5.5 5H17M16 13.5h.5",
    "box": "M12 3.5l8 4v9l-8 4-8-4v-9zM4 7.5l8 4 8-4M12 11.5v9",
    "truck": "M2.5 6h11v10.5h-11zM13.5 10H18l3.5 3.5v3h-8zM7 19a1.5 1.5 0 1 0 0-.01M17.5 19a1.5 1.5 0 1 0 0-.01",
    "back": "M4.5 12a7.5 7.5 0 1 0 2.5-5.6M4 4v4.5h4.5",
    "star": "M12 4l2.5 5.2 5.7.8-4.1 4 1 5.7L12 17l-5.1 2.7 1-5.7-4.1-4 5.7-.8z",
    "chat": "M4 5h16v11.5H10L6 20v-3.5H4z",
    "camera": "M4 8h4l1.5-2.5h5L16 8h4v11H4zM12 16.5a3 3 0 1 0 0-6 3 3 0 0 0 0 6",
    "scan": "M4 8V4h4M16 4h4v4M20 16v4h-4M8 20H4v-4M4 12h16",
    "copy": "M8 8h12v12H8zM16 8V4H4v12h4",
    "warn": "M12 4 2.5 20h19zM12 10v5M12 17.5v.01",
    "trash": "M4.5 7h15M9 7V4.5h6V7M6.5 7l1 13.5h9l1-13.5M10 11v6M14 11v6",
    "edit": "M4 20h4L19 9l-4-4L4 16zM13 7l4 4",
    "clock": "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17M12 7.5V12l3 2",
    "horn": "M4 9.5v5h3L16 19V5L7 9.5zM19 9.5a4 4 0 0 1 0 5M7.5 15l1 5h2",
    "people": (
        "M9 11.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M2.5 20c.5-3.6 3-5.5 6.5-5.5s6 1.9 6.5 5.5"
        "M15.5 4.8a3.5 3.5 0 0 1 0 6.5M18 15c2 .8 3.2 2.5 3.5 5"
    ),
    "coin": "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17M8.5 8l3.5 4.5L15.5 8M12 12.5V17M9 13h6",
    "cut": (
        "M6.5 9a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M6.5 20a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M8.5 8 20 17M8.5 16 20 7"
    ),
    "envelope": "M5 4h14v16.5H5zM5 9c4 3.5 10 3.5 14 0M12 13a1.8 1.8 0 1 0 0-3.6 1.8 1.8 0 0 0 0 3.6",
    "cloud": "M7 18.5a4.5 4.5 0 0 1-.5-9 6 6 0 0 1 11.3 1A4 4 0 0 1 17.5 18.5zM4 4l16 17",
    "globe": "M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17M3.5 12h17M12 3.5c-5 5-5 12 0 17M12 3.5c5 5 5 12 0 17",
    "list": "M5 4h14v16.5H5zM8.5 9h7M8.5 13h7M8.5 17h4",
    "gear": (
        "M12 15.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7M12 3v3M12 18v3M3 12h3M18 12h3M5.6 5.6l2.1 2.1"
        "M16.3 16.3l2.1 2.1M5.6 18.4l2.1-2.1M16.3 7.7l2.1-2.1"
    ),
    "shop": "M4 9.5 5.5 4h13L20 9.5a2.7 2.7 0 0 1-5.3 0 2.7 2.7 0 0 1-5.4 0 2.7 2.7 0 0 1-5.3 0zM5.5 12.5V20h13v-7.5",
    "phone": "M7 3h10v18H7zM11 18h2",
    "link": "M10 14a4 4 0 0 0 6 .5l3-3a4 4 0 0 0-5.7-5.7l-1 1M14 10a4 4 0 0 0-6-.5l-3 3a4 4 0 0 0 5.7 5.7l1-1",
    "board": "M4 5h16v10H4zM8 20l2-5M16 20l-2-5M8 9h8M8 12h5",
    "chart": "M4 20V4M4 20h16M8 16v-4M12 16V8M16 16v-6",
}


def svg(name: str, colour: str, px: int = 24, width: float = 1.7, fill: str = "none") -> str:
    """Return an icon as SVG."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="{px}" height="{px}" fill="{fill}" '
        f'stroke="{colour}" stroke-width="{width}" stroke-linecap="round" stroke-linejoin="round">'
        f'<path d="{STROKES[name]}"/></svg>'
    )


def script() -> str:
    """Return the module that `<t-icon>` reads: a mask for each name."""
    rows = "".join(
        f"  {name}: '{base64.b64encode(svg(name, '#000').encode()).decode()}',\n" for name in sorted(STROKES)
    )
    return (
        "/** Masks of the icons, drawn by `scripts/icons.py`. */\n"
        f"export const icons = {{\n{rows}}} as const\n\nexport type Icon = keyof typeof icons\n"
    )


def main() -> None:
    """Write the files."""
    (HERE / "src/components/icons.ts").write_text(script(), encoding="utf-8")
    folder = HERE / "src/static/tab"
    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as running:
        browser = running.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": TAB_PX, "height": TAB_PX})
        for tab, name in TABS.items():
            for end, colour, width in (("", GREY, 1.5), ("-on", GREEN, 1.7)):
                page.set_content(f"<style>*{{margin:0}}svg{{display:block}}</style>{svg(name, colour, TAB_PX, width)}")
                page.screenshot(path=folder / f"{tab}{end}.png", omit_background=True)
        browser.close()


if __name__ == "__main__":
    main()
