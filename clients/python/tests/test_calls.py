"""How calls are made, against a server that answers by script: tries, waits, keys, nonces, problems."""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from tuike_client import ApiError, Merchant, Promoter, Unreachable
from tuike_client.signing import signature, signed_text


@dataclass
class Script:
    """Answers to give, one a call (status, headers, body; None: hang up), and the calls that came."""

    answers: list[tuple[int, dict[str, str], Any] | None]
    base: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)
    waited: list[float] = field(default_factory=list)


@pytest.fixture
def scripted() -> Iterator[Callable[..., Script]]:
    servers: list[ThreadingHTTPServer] = []

    def made(*answers: tuple[int, dict[str, str], Any] | None) -> Script:
        script = Script(list(answers))

        class Handler(BaseHTTPRequestHandler):
            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                script.calls.append(
                    {"method": self.command, "path": self.path, "headers": dict(self.headers), "body": body}
                )
                said = script.answers.pop(0)
                if said is None:
                    self.close_connection = True
                    return
                status, headers, content = said
                data = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(data))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(data)

            do_GET = do_POST = do_PUT = do_DELETE = answer

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        servers.append(server)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        script.base = f"http://127.0.0.1:{server.server_port}"
        return script

    yield made
    for server in servers:
        server.shutdown()
        server.server_close()


def promoter(script: Script, **more: Any) -> Promoter:
    proof = {"token": "t"} if "appid" not in more else {}
    return Promoter(script.base, **proof, sleep=script.waited.append, **more)


PLACE = {"pid": "P1", "name": "群"}
BUSY = (429, {"Retry-After": "7"}, {"code": "too_many_calls"})
DOWN = (503, {}, {"code": "unavailable"})


def test_a_busy_server_is_asked_again_after_as_long_as_it_said(scripted):
    script = scripted(BUSY, DOWN, (200, {}, PLACE))
    with promoter(script) as tuike:
        assert tuike.add_place(name="群") == PLACE
    assert script.waited[0] == 7 and 0.25 <= script.waited[1] <= 1
    assert len({call["headers"]["Idempotency-Key"] for call in script.calls}) == 1
    assert len({call["body"] for call in script.calls}) == 1


def test_each_call_has_a_key_of_its_own_unless_one_is_given(scripted):
    script = scripted(*[(200, {}, PLACE)] * 3)
    with promoter(script) as tuike:
        tuike.add_place(name="群")
        tuike.add_place(name="群")
        tuike.add_place(name="群", key="mine")
    keys = [call["headers"]["Idempotency-Key"] for call in script.calls]
    assert len(set(keys)) == 3 and keys[2] == "mine"


def test_a_try_is_signed_anew(scripted):
    script = scripted(DOWN, (200, {}, {"items": [], "next": ""}))
    with promoter(script, appid="tk1", secret="s", clock=lambda: 1_772_424_000.9) as tuike:
        assert list(tuike.list_places(name="茶 群+", limit=2)) == []
    nonces = [call["headers"]["Tuike-Nonce"] for call in script.calls]
    assert len(set(nonces)) == 2 and all(len(one) == 32 for one in nonces)
    for call, nonce in zip(script.calls, nonces, strict=True):
        assert call["path"] == "/api/v1/promoter/places?name=%E8%8C%B6%20%E7%BE%A4%2B&limit=2"
        text = signed_text(
            method="GET", path="/api/v1/promoter/places", query=[("name", "茶 群+"), ("limit", "2")],
            timestamp="1772424000", nonce=nonce, body=b"",
        )  # fmt: skip
        assert call["headers"]["Tuike-Signature"] == signature("s", text)
        assert call["headers"]["Tuike-App"] == "tk1" and "Authorization" not in call["headers"]


def test_the_manuals_example_has_the_manuals_signature():
    text = signed_text(
        method="post", path="/api/v1/promoter/places", query=[("b", "2"), ("a", "茶 1"), ("a", "")],
        timestamp="1772424000", nonce="4f1c0c9d6f5b4e7aa0c3d2e1f0a9b8c7", body='{"name":"茶友群"}'.encode(),
    )  # fmt: skip
    shown = "8078ade79765da3f2fc869ba93bedb3d0e9b2b2b5753e78d51eb0f32f0f5aabc"
    assert signature("s3cretOfTheExample0123456789abcdef", text) == shown


def test_a_no_is_not_asked_again_and_says_everything(scripted):
    wrong = {"in": "body", "pointer": "/name", "detail": "too long"}
    script = scripted(
        (422, {}, {"code": "invalid", "detail": "no", "title": "t", "type": "/x", "request_id": "r", "errors": [wrong]})
    )
    with promoter(script) as tuike, pytest.raises(ApiError) as refused:
        tuike.add_place(name="群")
    problem = refused.value
    assert (problem.status, problem.code, problem.type, problem.request_id) == (422, "invalid", "/x", "r")
    assert list(problem.errors) == [wrong] and str(problem) == "422 invalid: no; /name: too long (request r)"
    assert len(script.calls) == 1 and script.waited == []


def test_tries_come_to_an_end(scripted):
    script = scripted(*[DOWN] * 3)
    with promoter(script, tries=3) as tuike, pytest.raises(ApiError) as refused:
        tuike.party()
    assert refused.value.code == "unavailable" and len(script.calls) == 3 and len(script.waited) == 2
    script = scripted(None, None)
    with promoter(script, tries=2) as tuike, pytest.raises(Unreachable):
        tuike.party()
    assert len(script.calls) == 2


def test_what_isnt_an_api_is_a_problem_too(scripted):
    script = scripted(*[(status, {}, b"<html>nginx</html>") for status in (404, 200)])
    for status in (404, 200):
        with promoter(script) as tuike, pytest.raises(ApiError) as refused:
            tuike.party()
        assert (refused.value.status, refused.value.code) == (status, "")
        assert refused.value.detail == "<html>nginx</html>"


def test_a_redirect_takes_no_credentials_elsewhere(scripted):
    script = scripted((302, {"Location": "http://127.0.0.1:9/"}, b""))
    with promoter(script) as tuike, pytest.raises(ApiError) as refused:
        tuike.party()
    assert refused.value.status == 302


def test_lists_are_walked_page_by_page(scripted):
    pages = [{"items": [1, 2], "next": "b"}, {"items": [], "next": "c"}, {"items": [3], "next": ""}]
    script = scripted(*[(200, {}, page) for page in pages * 2])
    with promoter(script) as tuike:
        listed = tuike.list_accruals(limit=2)
        assert list(listed) == [1, 2, 3]
        assert list(listed.pages()) == [[1, 2], [3]]
    paths = [call["path"].partition("?")[2] for call in script.calls]
    assert paths[:3] == ["limit=2", "limit=2&after=b", "limit=2&after=c"] and paths[3:] == paths[:3]


def test_a_feeds_cursor_stands_behind_what_was_worked_off(scripted):
    changes = [{"seq": seq, "kind": "order"} for seq in (3, 5, 9)]
    first = {"items": changes[:2], "next": 5, "more": True}
    script = scripted((200, {}, first), (200, {}, {"items": changes[2:], "next": 9, "more": False}), (200, {}, first))
    with promoter(script) as tuike:
        feed = tuike.changes(kinds=["order", "accrual"], after=1)
        assert [change["seq"] for change in feed] == [3, 5, 9] and feed.cursor == 9
        asked = [call["path"].partition("?")[2] for call in script.calls]
        assert asked[0] == "kinds=order%2Caccrual&limit=500&after=1" and asked[1].endswith("after=5")
        stopped = tuike.changes()
        for change in stopped:
            if change["seq"] == 5:
                break  # not worked off: it comes again
        assert stopped.cursor == 3


def test_values_go_as_the_api_reads_them(scripted):
    script = scripted((200, {}, {"items": [], "next": ""}), (200, {}, {"items": [], "next": ""}), (202, {}, {}))
    with promoter(script) as tuike:
        list(tuike.search_library(coupon=True, category=[1, 2]))
        list(tuike.list_accruals(paid_at_from=date(2026, 3, 2)))
    assert script.calls[0]["path"].endswith("category=1&category=2&coupon=true")
    assert script.calls[1]["path"].endswith("paid_at_from=2026-03-02")
    at = datetime(2026, 3, 2, 12, tzinfo=UTC)
    with Merchant(script.base, token="t") as shop:
        order = {"external_no": "A", "placed_at": at, "lines": [{"item": "x", "quantity": 1, "price_fen": 1}]}
        list(shop.report_orders([order]))
    assert json.loads(script.calls[2]["body"])["orders"][0]["placed_at"] == "2026-03-02T12:00:00+00:00"


def test_reports_go_in_batches_with_keys_that_come_again(scripted):
    kept = (202, {}, {"no": "B", "reports": 2, "fresh": 2})
    script = scripted(*[kept] * 8)
    orders = [{"external_no": str(n), "placed_at": "2026-03-02T12:00:00Z", "lines": []} for n in range(5)]
    with Merchant(script.base, token="t") as shop:
        for _ in range(2):
            assert len(list(shop.report_orders(orders, key="k", chunk=2))) == 3
        large = [{**order, "link": "x" * 4_000_000} for order in orders[:2]]
        list(shop.report_orders(large, key="l"))
        with pytest.raises(ValueError, match="chunk"):
            shop.report_orders(orders, chunk=1_001)
    said = [(call["headers"]["Idempotency-Key"], len(json.loads(call["body"])["orders"])) for call in script.calls]
    assert said == [("k-1", 2), ("k-2", 2), ("k-3", 1)] * 2 + [("l-1", 1), ("l-2", 1)]


@pytest.mark.parametrize("proof", [{}, {"appid": "a"}, {"secret": "s"}, {"token": "t", "appid": "a", "secret": "s"}])
def test_who_calls_is_said_in_one_way(proof):
    with pytest.raises(ValueError, match="token"):
        Promoter("http://127.0.0.1:9", **proof)
