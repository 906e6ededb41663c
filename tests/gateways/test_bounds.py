"""Bounds of a call: a server that misbehaves below HTTP's level can't hold, fill or redirect the product."""

import contextlib
import socket
import threading
import time
from dataclasses import replace

import pytest

from tests.gateways.notices import CONFIG
from tests.ports import take_port
from tuike.gateways import http
from tuike.gateways.types import Unreachable
from tuike.gateways.wechatpay import WeChatPay


@contextlib.contextmanager
def server(behave):
    """A listener that hands each connection, after the request's head, to `behave`; yields address and heads."""
    listening = socket.create_server(("127.0.0.1", 0))
    heads = []

    def serve():
        while True:
            try:
                peer, _ = listening.accept()
            except OSError:
                return
            with peer, contextlib.suppress(OSError):
                head = b""
                while b"\r\n\r\n" not in head and (more := peer.recv(65536)):
                    head += more
                heads.append(head)
                behave(peer)

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}", heads
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join(5)


def failing(base):
    """Why the call failed, and how long it took."""
    started = time.monotonic()
    with pytest.raises(Unreachable) as unknown:
        http.send(operation="test", method="GET", url=f"{base}/v3?secret=hush")
    assert "hush" not in str(unknown.value)
    assert unknown.value.__context__ is None
    return unknown.value.why, time.monotonic() - started


def test_the_bounds_are_those_of_the_documents():
    assert (http.CONNECT_SECONDS, http.READ_SECONDS, http.WHOLE_SECONDS) == (3, 5, 10)


def test_nobody_listens():
    assert failing(f"http://127.0.0.1:{take_port()}")[0] == "ConnectionError"


def test_silence_ends_after_the_read_time(monkeypatch):
    monkeypatch.setattr(http, "READ_SECONDS", 0.3)
    with server(lambda peer: peer.recv(1)) as (base, _):  # nothing more is said; it ends when the caller hangs up
        why, seconds = failing(base)
    assert why == "ReadTimeout"
    assert seconds < 4  # the documents' five seconds would be more


def test_a_dripping_answer_ends_after_the_whole_time(monkeypatch):
    monkeypatch.setattr(http, "WHOLE_SECONDS", 0.4)

    def drip(peer):
        peer.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        for _ in range(100):
            peer.sendall(b"1\r\nx\r\n")
            time.sleep(0.02)

    with server(drip) as (base, _):
        assert failing(base)[0] == "answer too slow"


def test_a_large_answer_is_not_read_to_its_end():
    def flood(peer):
        peer.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000000\r\n\r\n")
        for _ in range(1000):
            peer.sendall(b"x" * 65536)

    with server(flood) as (base, _):
        assert failing(base)[0] == "answer too large"


@pytest.mark.parametrize(
    "raw",
    [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nshort", b"HTTP/1.1 abc\r\n\r\n"],
)
def test_a_broken_answer_is_an_unknown_outcome(raw):
    with server(lambda peer: peer.sendall(raw)) as (base, _):
        failing(base)


def test_no_redirect_is_followed_and_no_proxy_or_netrc_is_used(monkeypatch, tmp_path):
    def move(peer):
        peer.sendall(b"HTTP/1.1 307 Moved\r\nLocation: http://127.0.0.1:9/else\r\nContent-Length: 0\r\n\r\n")

    (tmp_path / "netrc").write_text("machine 127.0.0.1 login someone password else\n")
    monkeypatch.setenv("NETRC", str(tmp_path / "netrc"))
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv("NO_PROXY", "")
    with server(move) as (base, heads):
        answer = http.send(operation="test", method="POST", url=base, body=b"{}", headers={"Authorization": "ours"})
    assert answer.status == 307
    assert len(heads) == 1
    assert b"Authorization: ours\r\n" in heads[0]


def test_a_redirect_of_a_payment_call_is_an_unknown_outcome():
    def move(peer):
        peer.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:9/\r\nContent-Length: 0\r\n\r\n")

    with server(move) as (base, heads):
        with pytest.raises(Unreachable):
            WeChatPay(replace(CONFIG, pay_base=base)).query("P26112200000001")
        assert len(heads) == 1
