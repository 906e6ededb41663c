"""Logs: one line an event on stderr, JSON in production, readable in development; nothing secret in either.

Events of structlog and of the standard library (Django, Procrastinate) go through the same processors, so a library
that logs a request's headers is masked as well.
"""

import logging
from typing import Any

import structlog
from structlog.typing import Processor

from tuike.config import masking

_BEFORE: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def setting(*, production: bool, level: str = "INFO") -> dict[str, Any]:
    """Return Django's LOGGING and let structlog write through it."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_BEFORE,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": {"()": formatter, "production": production}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Each request has its own line already; the trace of a failed one still comes from here.
            "django.request": {"level": "ERROR"},
            "django.server": {"level": "ERROR"},
            "django": {"handlers": [], "propagate": True},
            "procrastinate": {"level": "WARNING"},
        },
    }


def formatter(*, production: bool) -> logging.Formatter:
    """Return what turns a record into a line: traces first become text, then all is masked, then it is rendered."""
    render: list[Processor] = (
        [structlog.processors.JSONRenderer(ensure_ascii=False)] if production else [_plain_time, _console()]
    )
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=[*_BEFORE, structlog.stdlib.ExtraAdder(allow=_EXTRA)],
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.format_exc_info,
            masking.mask,
            *render,
        ],
    )


# Of what libraries attach to a record, only this is shown: Django attaches whole requests, Procrastinate whole jobs.
_EXTRA = ("status_code", "action")


def _console() -> Processor:
    return structlog.dev.ConsoleRenderer(
        colors=False, pad_event_to=24, exception_formatter=structlog.dev.plain_traceback
    )


def _plain_time(_logger: object, _method: str, event: Any) -> Any:
    """Show the time of day alone: a person at the terminal knows the date."""
    event["timestamp"] = event["timestamp"][11:23]
    return event
