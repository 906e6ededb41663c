"""What `/metrics` shows: what the processes counted, and what is looked up at the moment of asking."""

import os
from collections.abc import Callable, Iterator

import structlog
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector

from tuike.doors.ops import state

log = structlog.get_logger(__name__)
_looked_up: dict[str, tuple[str, Callable[[], float]]] = {}


def gauge(name: str, text: str) -> Callable[[Callable[[], float]], Callable[[], float]]:
    """Show what the decorated function returns under `name` each time somebody asks.

    One that fails is left out of that answer and logged; the others are shown all the same.
    """

    def keep(function: Callable[[], float]) -> Callable[[], float]:
        _looked_up[name] = (text, function)
        return function

    return keep


def text() -> bytes:
    """Return all figures in Prometheus' text format."""
    registry = CollectorRegistry()
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        MultiProcessCollector(registry)
        registry.register(_Now())
        return generate_latest(registry)
    registry.register(_Now())
    return generate_latest(REGISTRY) + generate_latest(registry)


class _Now:
    def collect(self) -> Iterator[GaugeMetricFamily]:
        found = state.checks()
        for check in found:
            shown = GaugeMetricFamily(f"tuike_{check.name}_up", f"1 when {check.name} is well")
            shown.add_metric([], float(check.ok))
            yield shown
        if not found[0].ok:
            return  # what is looked up stands in the database
        for name, (words, function) in _looked_up.items():
            try:
                value = function()
            except Exception:
                log.exception("gauge_failed", gauge=name)
                continue
            yield GaugeMetricFamily(name, words, value=value)
