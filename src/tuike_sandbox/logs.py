"""One line of JSON per event on stderr. Callers pass names, numbers, states; never secrets, tokens, phone numbers."""

import json
import logging
import sys
import time
import traceback


def event(name: str, **facts: object) -> None:
    """Write one line: time (UTC), event name and the given facts."""
    line = {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "event": name, **facts}
    sys.stderr.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
    sys.stderr.flush()


class _OneLine(logging.Handler):
    """What libraries log, as one line; of an error the kind and the places, not the values."""

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        places = traceback.extract_tb(record.exc_info[2]) if record.exc_info else []
        trace = [f"{place.filename.rsplit('/', 1)[-1]}:{place.lineno}" for place in places]
        event("library", logger=record.name, level=record.levelname, about=record.msg, problem=kind, trace=trace)


def capture() -> None:
    """Take over what libraries log from WARNING on."""
    logging.basicConfig(level=logging.WARNING, handlers=[_OneLine()], force=True)
