"""A small load of our own, for machines without wrk: keep-alive connections, counts only whole answers."""

import asyncio
import json
import sys
import time


async def _client(port: int, request: bytes, until: float, seen: list[tuple[int, float]], broken: list[int]) -> None:
    while time.monotonic() < until:
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            while time.monotonic() < until:
                began = time.perf_counter()
                writer.write(request)
                head = await reader.readuntil(b"\r\n\r\n")
                length = next((int(x[15:]) for x in head.split(b"\r\n") if x[:15].lower() == b"content-length:"), 0)
                await reader.readexactly(length)
                seen.append((int(head[9:12]), time.perf_counter() - began))
            writer.close()
        except (OSError, asyncio.IncompleteReadError):
            broken[0] += 1
            await asyncio.sleep(0.02)


async def _run(port: int, path: str, clients: int, seconds: float) -> None:
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    seen: list[tuple[int, float]] = []
    broken = [0]
    began = time.monotonic()
    await asyncio.gather(*(_client(port, request, began + seconds, seen, broken) for _ in range(clients)))
    took = time.monotonic() - began
    waits = sorted(wait for _, wait in seen) or [0.0]
    figures = {
        "requests": len(seen),
        "micros": int(took * 1e6),
        "p50": int(waits[len(waits) // 2] * 1e6),
        "p99": int(waits[len(waits) * 99 // 100] * 1e6),
        "most": int(waits[-1] * 1e6),
        "status": sum(status >= 400 for status, _ in seen),
        "socket": broken[0],
    }
    print(json.dumps(figures, separators=(",", ":")))


if __name__ == "__main__":
    asyncio.run(_run(int(sys.argv[1]), sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))
