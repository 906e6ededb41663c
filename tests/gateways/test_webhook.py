"""Calls to addresses that strangers gave: what may be called, that the call goes where was looked, and its bounds.

Real sockets on this machine, which the operator's leave (`private`) allows; where that leave is not given, what would
be the outside is a connection that is led here by hand.
"""

import contextlib
import datetime
import gzip
import re
import socket
import ssl
import threading
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tuike.gateways import webhook
from tuike.gateways.webhook import BadTarget, Target, post, public, target
from tuike.kit import clock

OUTSIDE = "93.184.215.14"
NAME = "shop.example.com"
OK = b"HTTP/1.1 204 No Content\r\n\r\n"


@contextlib.contextmanager
def listening(speak, context=None):
    """Listen on a free port of this machine; `speak(connection, request)` answers. Yields (port, requests, names)."""
    server = socket.create_server(("127.0.0.1", 0))
    requests, names = [], []

    def talk(link):
        with contextlib.suppress(OSError), contextlib.ExitStack() as stack:
            stack.callback(link.close)
            if context is not None:
                link = context.wrap_socket(link, server_side=True)
                stack.callback(link.close)
            request = b""
            while b"\r\n\r\n" not in request:
                if not (piece := link.recv(65536)):
                    return
                request += piece
            # Who closes with something unread takes the answer back.
            head, _, body = request.partition(b"\r\n\r\n")
            length = int(re.search(rb"Content-Length: (\d+)", head)[1])
            while len(body) < min(length, 100_000):
                body += link.recv(65536)
            requests.append(head + b"\r\n\r\n" + body)
            speak(link, request)

    def serve():
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=talk, args=(server.accept()[0],), daemon=True).start()

    if context is not None:
        context.sni_callback = lambda _link, name, _context: names.append(name)
    threading.Thread(target=serve, daemon=True).start()
    try:
        yield server.getsockname()[1], requests, names
    finally:
        server.close()


def say(answer):
    return lambda link, _: link.sendall(answer)


def local(port, path="/", **more):
    given = {"private": True, "body": b'{"a":1}', "headers": {"Webhook-Id": "evt_1"}}
    return post(url=f"http://127.0.0.1:{port}{path}", **(given | more))


def resolver(*answers):
    """Return a resolver that gives one answer after the other, the last one ever after, and what it was asked."""
    asked = []

    def resolve(host, port):
        asked.append((host, port))
        return answers[min(len(asked), len(answers)) - 1]

    return resolve, asked


@pytest.fixture
def outside(monkeypatch):
    """Return the addresses that were connected to; each connection to one outside is led to `outside.port` here."""

    class Outside(list):
        port = 0

    seen = Outside()
    really = socket.create_connection

    def connect(address, timeout=None):
        seen.append(address)
        return really(("127.0.0.1", seen.port), timeout=timeout)

    monkeypatch.setattr(webhook.socket, "create_connection", connect)
    return seen


# ---------------------------------------------------------------- what may be called


@pytest.mark.parametrize(
    ("url", "parts"),
    [
        ("https://shop.example.com", Target(True, NAME, 443, "/")),
        ("https://SHOP.Example.com./a/b?c=d&e", Target(True, NAME, 443, "/a/b?c=d&e")),
        ("https://shop.example.com:8443/x", Target(True, NAME, 8443, "/x")),
        ("https://商店.example.com/x", Target(True, "xn--yet84a.example.com", 443, "/x")),
    ],
)
def test_a_public_name_by_https_may_be_called(url, parts):
    found = target(url)
    assert (found.secure, found.port, found.path) == (parts.secure, parts.port, parts.path)
    assert found.host == parts.host or found.host.startswith("xn--")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "shop.example.com",
        "ftp://shop.example.com/",
        "http://shop.example.com/",
        "file:///etc/passwd",
        "https:///x",
        "https://shop.example.com:22/",
        "https://shop.example.com:80/",
        "https://shop.example.com:0/",
        "https://shop.example.com:99999/",
        "https://user@shop.example.com/",
        "https://user:pass@shop.example.com/",
        "https://shop.example.com@127.0.0.1/",
        "https://shop.example.com\\@127.0.0.1/",
        "https://@shop.example.com/",
        "https://shop.example.com/#x",
        "https://shop.example.com/a b",
        "https://shop.example.com/a\r\nX: y",
        "https://shop.example.com/\tx",
        "https://shop.example.com/\0",
        "https://shop.example.com/商品",
        "https://localhost/",
        "https://shop/",
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://0x7f.1/",
        "https://１２７.０.０.１/",
        "https://127。0。0。1/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[::ffff:7f00:1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://[fe80::1%25eth0]/",
        "https://8.8.8.8/",
        "https://db.internal/",
        "https://printer.local/",
        "https://a.localhost/",
        "https://1.0.0.127.in-addr.arpa/",
        "https://a..example.com/",
        "https://-a.example.com/",
        f"https://{'a' * 64}.example.com/",
        f"https://shop.example.com/{'a' * 500}",
    ],
)
def test_anything_else_may_not(url):
    with pytest.raises(BadTarget) as info:
        target(url)
    assert info.value.why_zh and info.value.why_en
    # And whoever has it called nevertheless is told the same, without a look-up.
    resolve, asked = resolver([OUTSIDE])
    assert post(url=url, body=b"", headers={}, resolve=resolve).error == "target"
    assert asked == []


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "93.184.215.14", "2606:4700:4700::1111", "240e:3b4:38a2::1", "192.0.1.1"]
)
def test_public_addresses(address):
    assert public(address)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.8.9.10",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::7f00:1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::7f00:1",
        "64:ff9b::808:808",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "2002:808:808::1",
        "3fff::1",
        "5f00::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "not an address",
        "127.1",
        "0x7f.0.0.1",
    ],
)
def test_addresses_that_are_none_of_ours_to_call(address):
    assert not public(address)
    resolve, _ = resolver([address])
    assert post(url=f"https://{NAME}/", body=b"", headers={}, resolve=resolve).error == "address"


def test_one_private_answer_among_public_ones_is_enough(outside):
    for answers in ([OUTSIDE, "127.0.0.1"], ["10.0.0.1", OUTSIDE], [OUTSIDE, "::ffff:127.0.0.1"]):
        resolve, _ = resolver(answers)
        assert post(url=f"https://{NAME}/", body=b"", headers={}, resolve=resolve).error == "address"
    assert outside == []


def test_a_name_nobody_knows():
    def unknown(_host, _port):
        raise socket.gaierror(-2, "Name or service not known")

    assert post(url=f"https://{NAME}/", body=b"", headers={}, resolve=unknown).error == "unresolved"
    assert post(url=f"https://{NAME}/", body=b"", headers={}, resolve=lambda *_: []).error == "unresolved"


def test_a_look_up_has_its_end():
    over = threading.Event()
    heard = post(
        url=f"https://{NAME}/", body=b"", headers={}, resolve=lambda *_: over.wait(20) and [], whole_seconds=0.3
    )
    over.set()
    assert heard.error == "timeout"


# ---------------------------------------------------------------- the call goes where was looked


def issued(name, *, days=30):
    """Return (server's context, client's context) of a certificate for `name` that the client trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = clock.real_now()
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=60))
        .not_valid_after(now + datetime.timedelta(days=days))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    pem = made.public_bytes(serialization.Encoding.PEM)
    form = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return pem, key.private_bytes(*form)


@pytest.fixture
def certified(tmp_path):
    """Return `certified(name, days=30)`: a server with that certificate, a client that trusts it."""

    def make(name, **more):
        pem, key = issued(name, **more)
        (tmp_path / "cert.pem").write_bytes(pem + key)
        server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        server.load_cert_chain(tmp_path / "cert.pem")
        return server, lambda: ssl.create_default_context(cadata=pem.decode())

    return make


def test_a_name_that_leads_elsewhere_a_moment_later_is_called_where_it_led_first(outside, certified):
    """DNS rebinding: public when it is looked at, this machine when it is called. It is asked once: no later."""
    server, tls = certified(NAME)
    with listening(say(OK), server) as (port, requests, names):
        outside.port = port
        resolve, asked = resolver([OUTSIDE], ["127.0.0.1"])
        heard = post(url=f"https://{NAME}/hooks?a=b", body=b"{}", headers={"Webhook-Id": "e"}, resolve=resolve, tls=tls)
    assert (heard.status, heard.error) == (204, "")
    assert asked == [(NAME, 443)]
    assert outside == [(OUTSIDE, 443)]
    assert names == [NAME]
    head = requests[0].decode()
    assert head.startswith("POST /hooks?a=b HTTP/1.1\r\n")
    assert f"Host: {NAME}\r\n" in head
    assert "Webhook-Id: e\r\n" in head


def test_the_second_time_the_name_is_looked_at_again(outside):
    resolve, asked = resolver(["127.0.0.1"])
    for _ in range(2):
        assert post(url=f"https://{NAME}/", body=b"", headers={}, resolve=resolve).error == "address"
    assert (len(asked), outside) == (2, [])


@pytest.mark.parametrize(("name", "days"), [("other.example.com", 30), (NAME, -1)])
def test_a_certificate_of_another_name_or_time_is_none(outside, certified, name, days):
    server, tls = certified(name, days=days)
    with listening(say(OK), server) as (port, requests, _):
        outside.port = port
        heard = post(url=f"https://{NAME}/", body=b"", headers={}, resolve=lambda *_: [OUTSIDE], tls=tls)
    assert (heard.status, heard.error, requests) == (None, "tls", [])


def test_a_certificate_of_nobody_is_none(outside, certified):
    server, _ = certified(NAME)
    with listening(say(OK), server) as (port, requests, _):
        outside.port = port
        heard = post(url=f"https://{NAME}/", body=b"", headers={}, resolve=lambda *_: [OUTSIDE])
    assert (heard.status, heard.error, requests) == (None, "tls", [])


def test_no_proxy_of_the_environment_is_asked(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with listening(say(OK)) as (port, _, _):
        assert local(port).status == 204


def test_the_next_address_is_tried_where_one_does_not_answer():
    with listening(say(OK)) as (port, _, _):
        heard = post(
            url=f"http://shop.test:{port}/", body=b"", headers={}, private=True,
            resolve=lambda *_: ["127.0.0.2", "127.0.0.1"],
        )  # fmt: skip
    assert heard.status == 204


# ---------------------------------------------------------------- what comes back


def test_two_hundreds_are_success_and_the_answer_is_kept():
    with listening(say(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n\xe5\xa5\xbd\x00ok")) as (port, requests, _):
        heard = local(port)
    assert (heard.status, heard.error, heard.answer) == (200, "", "好\ufffdok")
    assert requests[0].endswith(b'\r\n\r\n{"a":1}')


@pytest.mark.parametrize("status", [400, 404, 410, 429, 500, 503])
def test_another_status_is_a_failure(status):
    with listening(say(b"HTTP/1.1 %d No\r\nContent-Length: 4\r\n\r\nbusy" % status)) as (port, _, _):
        heard = local(port)
    assert (heard.status, heard.error, heard.answer) == (status, "status", "busy")


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(status):
    with listening(say(OK)) as (inner, reached, _):
        head = b"HTTP/1.1 %d Go\r\nLocation: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n" % (status, inner)
        with listening(say(head)) as (port, _, _):
            heard = local(port)
    assert (heard.status, heard.error, reached) == (status, "redirect", [])


def test_ten_megabytes_are_not_read():
    sent = []

    def flood(link, _):
        link.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10485760\r\n\r\n")
        for _ in range(160):
            link.sendall(b"x" * 65536)
            sent.append(65536)

    with listening(flood) as (port, _, _):
        heard = local(port)
        time.sleep(0.2)
    assert (heard.status, heard.error, heard.answer) == (200, "too_large", "x" * 1024)
    assert sum(sent) < 10_485_760


def test_exactly_one_megabyte_is():
    body = b"x" * webhook.ANSWER_LIMIT
    for more, error in ((b"", ""), (b"x", "too_large")):
        answer = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body + more) + body + more
        with listening(say(answer)) as (port, _, _):
            assert local(port).error == error


def test_nothing_is_unpacked():
    """A gzip bomb stays as small as it is."""
    bomb = gzip.compress(b"\0" * 50_000_000)
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(bomb)
    with listening(say(head + bomb)) as (port, requests, _):
        heard = local(port)
    assert (heard.status, heard.error) == (200, "")
    assert len(heard.answer) <= 1024
    assert b"Accept-Encoding: identity\r\n" in requests[0]


def drip(pieces, wait=0.1):
    def speak(link, _):
        for piece in pieces:
            link.sendall(piece)
            time.sleep(wait)

    return speak


@pytest.mark.parametrize(
    "speak",
    [
        drip([b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n", *[b"x"] * 100]),
        drip([b"H", b"T", b"T", b"P", *[b"/"] * 100]),
        drip([b"HTTP/1.1 200 OK\r\n", *[b"X: y\r\n"] * 90]),
        drip([b"HTTP/1.1 100 Continue\r\n\r\n"] * 100),
        drip([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", *[b"1\r\nx\r\n"] * 100]),
        lambda link, _: time.sleep(8),
    ],
    ids=["body", "status line", "headers", "continue", "chunks", "silence"],
)
def test_a_byte_now_and_then_is_cut_off_at_the_deadline(speak):
    began = time.monotonic()
    with listening(speak) as (port, _, _):
        heard = local(port, whole_seconds=0.7)
    assert heard.error == "timeout"
    assert 0.6 < time.monotonic() - began < 5
    assert 600 < heard.took_ms < 5000


def test_a_handshake_that_never_ends_is_cut_off():
    def silent(link, _):
        time.sleep(8)

    with listening(silent) as (port, _, _):
        heard = post(
            url=f"https://shop.test:{port}/", body=b"", headers={}, private=True, resolve=lambda *_: ["127.0.0.1"],
            whole_seconds=0.5,
        )  # fmt: skip
    assert (heard.status, heard.error) == (None, "timeout")


def test_a_receiver_that_does_not_read_is_cut_off():
    with listening(lambda link, _: time.sleep(8)) as (port, _, _):
        heard = local(port, body=b"x" * 30_000_000, whole_seconds=0.5)
    assert (heard.status, heard.error) == (None, "timeout")


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (b"", "protocol"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "protocol"),
        (b"HTTP/1.1 banana\r\n\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "protocol"),
        (b"HTTP/1.1 200 OK\r\nX: " + b"y" * 70_000 + b"\r\n\r\n", "protocol"),
        (b"HTTP/1.1 99 Low\r\n\r\n", "protocol"),
    ],
)
def test_what_is_no_answer_is_a_failure(answer, error):
    with listening(say(answer)) as (port, _, _):
        assert local(port).error == error


def test_nobody_listens():
    with socket.socket() as held:  # bound, so that nobody else takes the port, and deaf
        held.bind(("127.0.0.1", 0))
        assert local(held.getsockname()[1]).error == "connect"


def test_the_leave_for_development_is_needed_for_this_machine():
    with listening(say(OK)) as (port, requests, _):
        assert post(url=f"http://127.0.0.1:{port}/", body=b"", headers={}).error == "target"
        assert post(url=f"http://127.0.0.1:{port}/", body=b"", headers={}, private=True).error == ""
        assert len(requests) == 1


def test_every_error_has_words():
    assert set(webhook.ERRORS) >= {
        "address", "unresolved", "connect", "tls", "timeout", "too_large", "protocol", "redirect", "status", "target",
    }  # fmt: skip
