"""What each page of the phone asks the database: how many questions, and whether one of them has no index to go by.

`python -m bench.storefront_plans [--again] [--only REGEX]`: the demo alliance, every GET of the storefront's API asked by
the one who has most of what it shows. Plans are taken with sequential scans forbidden: one that remains on a table that
grows with buyers, products or orders has no index at all, however small the table is today. Ends with 1 when a page
is refused, asks more than 15 questions or scans such a table.
"""

import argparse
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from unittest import mock

import psycopg

from bench import demo, ground

LIMIT = 15
GROWS = re.compile(
    r"^(catalog_(product|sku|stock_move)|orders_|attribution_|commission_|ledger_|library_(item|click)|figures_"
    r"|marketing_(voucher|points_|bargain|red_packet|balance)|members_(address|favourite|footprint|growth)"
    r"|messages_|content_(post|review|talk|reply|picture)|payments_|people_|parties_party|parties_promoter|settlement_"
    r"|plans_rate|outbox_|idempotency_)"
)
_SEAT = "JOIN parties_seat s ON s.party_id = {party} AND s.role = 'super_admin'"
_LINK = (
    "SELECT l.code FROM attribution_link l JOIN parties_merchant m ON m.party_id = l.merchant_id"
    " WHERE m.source = 'mini_store' AND l.product_id IS NOT NULL AND l.promoter_id = %(promoter)s ORDER BY l.id LIMIT 1"
)
FILLED = {
    "orders/{no}": "SELECT no FROM orders_order WHERE buyer_id = %(buyer)s ORDER BY id DESC LIMIT 1",
    "refunds/{no}": "SELECT a.no FROM orders_after_sale a JOIN orders_order o ON o.id = a.order_id"
    " WHERE o.buyer_id = %(buyer)s LIMIT 1",
    "checkouts/{no}": "SELECT no FROM orders_checkout WHERE buyer_id = %(buyer)s LIMIT 1",
    "products/{no}": "SELECT no FROM catalog_product WHERE state = 'on_sale' ORDER BY sold DESC LIMIT 1",
    "library/{no}": "SELECT no FROM catalog_product WHERE state = 'on_sale' ORDER BY sold DESC LIMIT 1",
    "shops/{no}": "SELECT p.no FROM parties_party p JOIN catalog_product c ON c.merchant_id = p.id LIMIT 1",
    "posts/{no}": "SELECT no FROM content_post ORDER BY id LIMIT 1",
    "points/goods/{no}": "SELECT no FROM marketing_points_good LIMIT 1",
    "bargain-offers/{no}": "SELECT no FROM marketing_bargain_offer LIMIT 1",
    "bargains/{code}": "SELECT code FROM marketing_bargain LIMIT 1",
    "landing/{code}": "SELECT code FROM attribution_link LIMIT 1",
    "earnings/{accrual_id}": "SELECT id FROM commission_accrual WHERE payee_id = %(promoter)s LIMIT 1",
    "favourites/{kind}/{no}": "SELECT 'product', p.no, f.person_id FROM members_favourite f"
    " JOIN catalog_product p ON p.id = f.object_id WHERE f.kind = 'product' LIMIT 1",
    "finance/withdrawals": "SELECT s.person_id FROM parties_seat s JOIN parties_party p ON p.id = s.party_id"
    " WHERE p.kind = 'operator' AND s.role = 'finance' LIMIT 1",
    "joining/{no}": "SELECT p.no, s.person_id FROM files_file f JOIN parties_party p ON p.id = f.party_id"
    f" {_SEAT.format(party='p.id')} LIMIT 1",
    "joining/{no}/documents/{file_no}": "SELECT p.no, f.no, s.person_id FROM files_file f"
    f" JOIN parties_party p ON p.id = f.party_id {_SEAT.format(party='p.id')} LIMIT 1",
    "me/talks/{no}": "SELECT no, asker_id FROM content_talk LIMIT 1",
    "promoter/materials/{code}": _LINK,
    "promoter/materials/{code}/image": _LINK,
    "promoter/materials/{code}/poster": _LINK,
    "promoter/withdrawals/{no}/confirmation": "SELECT w.no, s.person_id FROM settlement_withdrawal w"
    f" {_SEAT.format(party='w.party_id')} WHERE w.state = 'waiting_user' LIMIT 1",
    "red-packets/open/{code}": "SELECT p.code, s.person_id FROM marketing_packet p"
    " JOIN marketing_packet_share s ON s.packet_id = p.id WHERE s.person_id IS NOT NULL ORDER BY p.shares DESC LIMIT 1",
    "red-packets/sent/{no}": "SELECT no, buyer_id FROM marketing_packet WHERE buyer_id > 0 ORDER BY shares DESC LIMIT 1",
}
"""What an address is about: a column for each of its parts, then, where only one person may ask, who that is."""


_ASKED = {"search": "?words=茶", "search/suggestions": "?words=茶"}


def main() -> None:
    """Ask every page and print what it asks."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--only", default="")
    given = parser.parse_args()
    os.environ.setdefault("TUIKE_LOG_LEVEL", "WARNING")
    with _wechat(), ground.database(again=given.again):
        from django.conf import settings

        settings.ALLOWED_HOSTS = ["testserver"]
        if not given.again:
            demo.tell()
        _complete()
        over = [_measure(path, url, token) for path, url, token in _calls() if re.search(given.only, path)]
    if any(over):
        raise SystemExit(f"{sum(over)} pages are refused or ask too much")


def _complete() -> None:
    """Add what the demo has no WeChat for: what opens its confirmation of a transfer."""
    with psycopg.connect(ground.owner_url(), autocommit=True) as link:
        link.execute("UPDATE settlement_withdrawal SET confirm_package = 'package' WHERE state = 'waiting_user'")


@contextmanager
def _wechat() -> Iterator[None]:
    """Run the sandbox in WeChat's place: codes, posters and the page of signing in ask it."""
    from tests.sandbox_process import sandbox_process

    with sandbox_process(ground.HOME / "wechat") as sandbox:
        os.environ.update(sandbox.env)
        yield


def _calls() -> Iterator[tuple[str, str, str]]:
    """Yield each GET: its path, the address with what the busiest buyer and promoter have, and a token."""
    from tuike.db import rows
    from tuike.doors.storefront.api import api
    from tuike.kit import clock
    from tuike.people import service as people
    from tuike.people.types import SessionKind

    buyer = rows.query("SELECT buyer_id FROM orders_order WHERE buyer_id > 0 GROUP BY 1 ORDER BY count(*) DESC LIMIT 1")
    promoter = rows.query(
        "SELECT payee_id, person_id FROM commission_accrual a JOIN parties_seat s ON s.party_id = a.payee_id"
        " WHERE payee_kind = 'promoter' GROUP BY 1, 2 ORDER BY count(*) DESC LIMIT 1"
    )
    known = {"buyer": buyer[0][0], "promoter": promoter[0][0]}
    now = clock.now()

    def token(person_id: int) -> str:
        return people.open_session(person_id=person_id, kind=SessionKind.STOREFRONT, now=now)

    for path, said in sorted(api.get_openapi_schema()["paths"].items()):
        short = path.removeprefix("/api/storefront/")
        if "get" not in said or short == path:
            continue
        name = max((one for one in FILLED if one in short), key=len, default="")
        found = rows.query(FILLED[name], known) if name else [()]
        parts = re.findall(r"{\w+}", path)
        if not found or len(found[0]) < len(parts):
            raise SystemExit(f"{short}: there is nothing to ask it about")
        url, (values, others) = path, (found[0][: len(parts)], found[0][len(parts) :])
        for part, value in zip(parts, values, strict=True):
            url = url.replace(part, str(value), 1)
        own = promoter[0][1] if short.startswith(("promoter/", "materials")) else buyer[0][0]
        yield short, url + _ASKED.get(short, ""), token(others[0] if others else own)


@contextmanager
def _heard() -> Iterator[list[tuple[str, object]]]:
    """Keep every statement that is asked, with its parameters."""
    heard: list[tuple[str, object]] = []
    execute = psycopg.Cursor.execute

    def kept(self: psycopg.Cursor, query: object, params: object = None, **more: object) -> object:
        heard.append((str(query), params))
        return execute(self, query, params, **more)  # type: ignore[arg-type]

    with mock.patch.object(psycopg.Cursor, "execute", kept):
        yield heard


def _measure(path: str, url: str, token: str) -> bool:
    """Ask a page twice, print what the second time asked, return whether that was too much."""
    from django.test import Client

    client = Client(headers={"authorization": f"Bearer {token}", "tuike-browser": "b" * 32})
    client.get(url)
    with _heard() as heard:
        answer = client.get(url)
    asked = [(query, params) for query, params in heard if not re.match(r"\s*(BEGIN|COMMIT|SET|SAVEPOINT)", query)]
    scanned = sorted({table for query, params in asked for table in _scanned(query, params) if GROWS.match(table)})
    print(f"{path:<44} {answer.status_code}  {len(asked):>2} questions  {' '.join(scanned)}", flush=True)
    if answer.status_code >= HTTPStatus.BAD_REQUEST:
        print(f"    {answer.content[:200].decode(errors='replace')}", flush=True)
    return len(asked) > LIMIT or bool(scanned) or answer.status_code >= HTTPStatus.BAD_REQUEST


def _scanned(query: str, params: object) -> list[str]:
    """Return the tables that a question can only read from one end to the other."""
    if not re.match(r"\s*(SELECT|WITH)", query):
        return []
    with psycopg.connect(ground.owner_url()) as link:
        link.execute("SET enable_seqscan = off")
        plan = link.execute(f"EXPLAIN {query}", params).fetchall()  # type: ignore[arg-type]
    return [found[1] for (line,) in plan if (found := re.search(r"Seq Scan on (\w+)", line))]


if __name__ == "__main__":
    main()
