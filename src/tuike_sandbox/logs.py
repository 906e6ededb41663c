"""One line of JSON per event on stderr. Callers pass names, numbers, states; never secrets, tokens, phone numbers."""

import json
import sys
import time


def event(name: str, **facts: object) -> None:
    """Write one line: time (UTC), event name and the given facts."""
    line = {"at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "event": name, **facts}
    sys.stderr.write(json.dumps(line, ensure_ascii=False, default=str) + "\n")
    sys.stderr.flush()
