"""A whole selection set as one file: links made, posters drawn, codes fetched, a table of everything; by a job."""

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tuike.attribution import service as attribution
from tuike.attribution.types import ShareKind, Surface, Target
from tuike.catalog import queries as catalog
from tuike.catalog.types import CannotBePromoted
from tuike.flows import draw_poster, make_material
from tuike.flows.make_material import Material
from tuike.kit import days, poster
from tuike.kit.money import yuan

_ENDINGS = {"png": "png", "jpeg": "jpg"}
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_HEAD = {
    True: (
        "序号",
        "商品",
        "店铺",
        "价格",
        "短链",
        "小程序 AppID",
        "小程序路径",
        "URL Link",
        "口令",
        "文案",
        "有效至",
        "说明",
    ),
    False: (
        "No.",
        "Product",
        "Shop",
        "Price",
        "Short link",
        "AppID",
        "Path",
        "URL link",
        "Tag",
        "Wording",
        "Valid until",
        "Note",
    ),
}

Progress = Callable[[int, int], None]
"""Told how many products are done, of how many."""


@dataclass(frozen=True, slots=True)
class Packed:
    """What was packed: products with material, those that were left out, the file's size and SHA-256."""

    made: int
    left_out: int
    size: int
    sha256: str


def pack_materials(
    *,
    promoter_id: int,
    pid: str,
    product_ids: Sequence[int],
    key: str,
    zh: bool,
    path: Path,
    progress: Progress,
    now: datetime,
) -> Packed:
    """Write material for products at one place into a zip at `path`: posters, codes, and a table of links (CSV).

    A product that can't be promoted any more is left out and the table says why. With the same key the same links are
    used again, so that a job that died is simply run once more.

    Raises:
        PlaceNotFound, NotCertified, Suspended: see make_material.
    """
    merchants = catalog.merchants_of(product_ids)
    table: list[Sequence[object]] = [_HEAD[zh]]
    made = 0
    wanted = [id_ for id_ in product_ids if id_ in merchants]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as file:
        for number, product_id in enumerate(wanted, 1):
            target = Target(merchant_id=merchants[product_id], product_id=product_id)
            try:
                [one] = make_material.make_material(
                    promoter_id=promoter_id,
                    pid=pid,
                    targets=[target],
                    customize_info="",
                    key=f"{key}-{product_id}",
                    now=now,
                ).items
            except CannotBePromoted as refusal:
                title = catalog.product_facts([product_id])[product_id].title
                table.append((number, title, *[""] * 9, refusal.sentence("zh" if zh else "en")))
            else:
                _add(file, number, one, zh)
                table.append(_row(number, one))
                made += 1
                # The links are those of this pack alone, so that a pack made again counts once.
                attribution.record_share(
                    promoter_id=promoter_id,
                    code=one.link.code,
                    kind=ShareKind.ZIP,
                    surface=Surface.CONSOLE,
                    key=f"zip-{one.link.code}",
                    now=now,
                )
            progress(number, len(wanted))
        file.writestr("links.csv", _csv(table))
    data = path.read_bytes()
    return Packed(made, len(wanted) - made, len(data), hashlib.sha256(data).hexdigest())


def _add(file: zipfile.ZipFile, number: int, one: Material, zh: bool) -> None:
    code = draw_poster.code_of(one)
    name = f"{number:03d}-{_plain(one.title)}"
    drawn = draw_poster.drawn(one, code=code, zh=zh)
    file.writestr(f"posters/{name}.{_ENDINGS[poster.kind_of(drawn)]}", drawn)
    if code:
        file.writestr(f"codes/{name}.{_ENDINGS[poster.kind_of(code)]}", code)


def _row(number: int, one: Material) -> Sequence[object]:
    price = "" if one.price_fen is None else yuan(one.price_fen)
    told = (one.short_link, one.appid, one.path, one.url_link, one.tag, one.wording)
    return (number, one.title, one.shop, price, *told, days.shown(one.link.expires_at)[:16], "")


def _plain(title: str) -> str:
    """Return a title as a file's name on any system."""
    return re.sub(r"[^\w]+", "_", title).strip("_")[:40] or "product"


def _csv(table: Sequence[Sequence[object]]) -> bytes:
    """Return a table as spreadsheets expect it; no text cell begins a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    for row in table:
        writer.writerow([f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell for cell in row])
    return out.getvalue().encode("utf-8-sig")
