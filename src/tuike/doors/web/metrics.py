"""What the web process counts of itself. With several processes the counts meet in `PROMETHEUS_MULTIPROC_DIR`."""

from prometheus_client import Counter, Histogram

REQUESTS = Counter("tuike_http_requests_total", "Answered requests", ["route", "method", "status"])
SECONDS = Histogram(
    "tuike_http_request_seconds",
    "Seconds until the answer began",
    ["route", "method"],
    buckets=(0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
_METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def count(*, route: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request. `route` is a route's name, never a path: the number of series stays bounded."""
    method = method if method in _METHODS else "OTHER"
    REQUESTS.labels(route, method, str(status)).inc()
    SECONDS.labels(route, method).observe(seconds)
