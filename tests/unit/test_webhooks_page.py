"""The page about webhooks: its code runs, its example is signed as it says, its tables are those of the code."""

import json
import re
import shutil
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from tuike.webhooks import rules
from tuike.webhooks.types import EventType

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "user" / "webhooks.md").read_text()
SECRET = re.search(r"The secret is `(whsec_[^`]+)`", PAGE)[1]
HEAD, BODY = re.search(r"```http\n(.*?)\n\n(.*?)\n```", PAGE, re.DOTALL).groups()
HEADERS = dict(line.split(": ", 1) for line in HEAD.splitlines()[1:])
SENT = int(HEADERS["Webhook-Timestamp"])

CASES = [
    ({}, BODY, SECRET, SENT, True),
    ({}, BODY, SECRET, SENT + 300, True),
    ({"Webhook-Signature": f"v1,AAAA {HEADERS['Webhook-Signature']}"}, BODY, SECRET, SENT, True),
    ({}, BODY, SECRET, SENT + 301, False),
    ({}, BODY, SECRET, SENT - 301, False),
    ({}, f"{BODY} ", SECRET, SENT, False),
    ({}, BODY, "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", SENT, False),
    ({"Webhook-Id": "evt_other"}, BODY, SECRET, SENT, False),
    ({"Webhook-Timestamp": str(SENT + 1)}, BODY, SECRET, SENT, False),
    ({"Webhook-Signature": "v1,AAAA"}, BODY, SECRET, SENT, False),
]
"""What is other than in the example, body, secret, when; whether it is genuine."""


def code(language):
    return re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)[1]


def test_the_example_is_signed_as_we_sign():
    made = rules.signed_headers(secrets=[SECRET], event_no=HEADERS["Webhook-Id"], timestamp=SENT, body=BODY.encode())
    assert {name: made[name] for name in HEADERS} == HEADERS
    said = json.loads(BODY)
    assert said["id"] == HEADERS["Webhook-Id"]
    assert said.keys() == set(re.findall(r"^\| `(\w+)` \|", PAGE, re.MULTILINE))


@pytest.mark.parametrize(("changed", "body", "secret", "now", "expected"), CASES)
def test_the_check_in_python(changed, body, secret, now, expected):
    names = {}
    exec(code("python"), names)
    assert names["genuine"](HEADERS | changed, body.encode(), secret, now) is expected


@pytest.mark.skipif(shutil.which("node") is None, reason="Node.js is not installed")
def test_the_check_in_node():
    asked = [
        [{name.lower(): value for name, value in (HEADERS | changed).items()}, body, secret, now]
        for changed, body, secret, now, _ in CASES
    ]
    script = f"{code('js')}\nconsole.log(JSON.stringify({json.dumps(asked)}.map((one) => genuine(...one))));"
    ran = subprocess.run([shutil.which("node"), "-e", script], capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout) == [expected for *_, expected in CASES]


def test_the_tables_are_those_of_the_code():
    types = {one.value for one in EventType}
    rows = [line for line in PAGE.splitlines() if re.match(r"^\| `\w+\.\w+`", line)]
    assert {name for line in rows for name in re.findall(r"`(\w+\.\w+)`", line.split("|")[1])} == types
    units = {"second": 1, "minute": 60, "hour": 3600}
    said = [
        timedelta(seconds=int(n) * units[unit])
        for n, unit in re.findall(r"^\| \d+ \| (\d+) (second|minute|hour)s? \|", PAGE, re.MULTILINE)
    ]
    assert tuple(said) == rules.WAITS
