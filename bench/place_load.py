"""The clients of `bench.place_order`: each keeps one connection and places one order after another, as its own buyer.

Reads `{"port", "seconds", "tokens", "bodies", "vouchers"}` from standard input; prints the waits, statuses and how many
vouchers each used as one line of JSON. Three of ten orders use a voucher and 100 points.
"""

import asyncio
import json
import sys
import time
import uuid

_HEAD = (
    "POST /api/storefront/orders HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n"
    "Content-Type: application/json\r\nIdempotency-Key: {key}\r\nContent-Length: {length}\r\n\r\n"
)


async def _client(
    told: dict, token: str, bodies: list[dict], vouchers: list[str], seen: list[tuple[int, float]]
) -> int:
    """Place until the time is over; return how many vouchers were used."""
    reader, writer = await asyncio.open_connection("127.0.0.1", told["port"])
    until, turn, used = time.monotonic() + told["seconds"], 0, 0
    while time.monotonic() < until:
        wanted = bodies[turn % len(bodies)]
        if turn % 10 in (0, 3, 6):
            wanted = wanted | {"vouchers": [vouchers[used]], "points": 100}
            used += 1
        body = json.dumps(wanted).encode()
        turn += 1
        head = _HEAD.format(port=told["port"], token=token, key=uuid.uuid4().hex, length=len(body))
        began = time.perf_counter()
        writer.write(head.encode() + body)
        answer = await reader.readuntil(b"\r\n\r\n")
        length = next(int(line[15:]) for line in answer.split(b"\r\n") if line[:15].lower() == b"content-length:")
        said = await reader.readexactly(length)
        seen.append((int(answer[9:12]), time.perf_counter() - began))
        if seen[-1][0] != 201:
            sys.stderr.write(f"{seen[-1][0]} {said.decode(errors='replace')[:200]}\n")
    writer.close()
    return used


async def _run(told: dict) -> None:
    seen: list[tuple[int, float]] = []
    bodies = told["bodies"]
    began = time.monotonic()
    count = len(told["tokens"])
    used = await asyncio.gather(
        *(_client(told, token, bodies[i::count], told["vouchers"][i], seen) for i, token in enumerate(told["tokens"]))
    )
    took = time.monotonic() - began
    waits = sorted(wait * 1000 for status, wait in seen if status == 201)
    figures = {
        "placed": len(waits),
        "refused": len(seen) - len(waits),
        "seconds": took,
        "used": used,
        "p50": waits[len(waits) // 2],
        "p99": waits[len(waits) * 99 // 100],
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    asyncio.run(_run(json.load(sys.stdin)))
