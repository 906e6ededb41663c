"""What the manual shows with curl, and the Postman collection: run against the product, not believed."""

import json
import re
import shutil
import subprocess
import time
import uuid
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.doors.product import call
from tests.make import apps as make_apps
from tools import postman
from tuike.apps import rules

MANUAL = Path(__file__).resolve().parents[2] / "docs" / "user" / "api.md"


def test_the_collection_is_that_of_the_description(client):
    text = postman.written(client.get("/api/v1/openapi.json").json())
    assert postman.FILE.read_text(encoding="utf-8") == text, "write it anew with python -m tools.postman"


def test_the_examples_and_a_folder_of_the_collection_do_what_they_say(host):
    the_manuals_calls(host)
    the_collections_calls(host)


def the_manuals_calls(env):
    blocks = re.findall(r"```bash\n(.*?)```", MANUAL.read_text(encoding="utf-8"), re.DOTALL)
    assert len(blocks) == 8
    marked = "".join(f"echo '--- {number}'\n{block}" for number, block in enumerate(blocks))
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", marked], env=env, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    answers = [
        [json.loads(line) for line in part.strip().splitlines()] for part in re.split(r"--- \d\n", done.stdout)[1:]
    ]
    [], [party], [first, again], [refused], [library, accruals], [changes], [kept], [places] = answers
    assert party["kind"] == "promoter" and party["appid"] == env["TUIKE_APPID"]
    assert first == again and first["name"] == "茶友群"
    assert refused["code"] == "idempotency_key_reused" and refused["detail"].isascii()
    assert library["items"] and accruals["items"]
    assert {one["kind"] for one in changes["items"]} == {"order"}
    assert (kept["reports"], kept["fresh"]) == (1, 1)
    assert len(places["items"]) == 1


def the_collections_calls(env):
    """Run the promoter's places in order, and every list of the promoter that asks for nothing."""
    kept = json.loads(postman.FILE.read_text(encoding="utf-8"))
    app = env["TUIKE_APPID"], env["TUIKE_SECRET"]
    known = {"base": env["TUIKE_BASE"]}
    [folder] = [one for one in kept["item"] if one["name"] == postman.OWNERS["promoter"]]
    subjects = {one["name"]: one["item"] for one in folder["item"]}
    places = subjects["places"]
    assert [one["request"]["method"] for one in places] == ["GET", "POST", "PUT", "DELETE"]
    assert [sent(one["request"], known, app).status for one in places] == [200, 201, 200, 200]
    assert len(known["pid"]) > 3
    lists = [
        one["request"]
        for calls in subjects.values()
        for one in calls
        if one["request"]["method"] == "GET"
        and not one["request"]["url"]["variable"]
        and all(asked["disabled"] for asked in one["request"]["url"]["query"])
    ]
    assert len(lists) >= 9
    for request in lists:
        assert sent(request, known, app).status == 200, request["url"]["raw"]


def sent(request, known, app):
    """Send a request of the collection as Postman does: variables filled, signed, what it made kept in `known`."""
    fresh = {"$guid": str(uuid.uuid4()), "$timestamp": str(int(time.time()))}
    now = datetime.fromtimestamp(time.time(), UTC)
    fresh["$isoTimestamp"] = now.isoformat()

    def filled(text):
        return re.sub(r"{{([^}]+)}}", lambda found: (known | fresh)[found[1]], text)

    names = {one["key"]: filled(one["value"]) for one in request["url"]["variable"]}
    path = "/" + "/".join(names.get(part.removeprefix(":"), part) for part in request["url"]["path"])
    body = filled(request["body"]["raw"]).encode() if "body" in request else None
    headers = {one["key"]: filled(one["value"]) for one in request["header"]}
    proof = {"appid": app[0], "secret": app[1]}
    headers |= make_apps.signed(
        type("App", (), proof), method=request["method"], path=path, body=body or b"", now=now
    )  # fmt: skip
    answer = call(request["method"], known["base"] + path, raw=body, headers=headers)
    if answer.status < 300:
        known.update({name: value for name, value in answer.json().items() if name in postman._CAPTURED and value})
    return answer


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_the_collections_script_signs_as_the_manual_says():
    """The script itself, with the parts of Postman that it uses."""
    stage = """
    const crypto = require("node:crypto");
    const variables = JSON.parse(process.argv[1]);
    const hash = (text) => crypto.createHash("sha256").update(text).digest("hex");
    global.CryptoJS = {
      lib: { WordArray: { random: (n) => crypto.randomBytes(n).toString("hex") } },
      SHA256: hash,
      HmacSHA256: (text, key) => crypto.createHmac("sha256", key).update(text).digest("hex"),
    };
    const sent = {};
    const fill = (text) => text.replace(/{{(\\w+)}}/g, (_, name) => variables[name]);
    global.pm = {
      variables: { get: (name) => variables[name], replaceIn: fill },
      request: {
        method: "POST",
        headers: { upsert: ({ key, value }) => (sent[key] = value) },
        url: { getPath: () => "/api/v1/promoter/places",
               query: [{ key: "b", value: "2" }, { key: "x", value: "", disabled: true },
                       { key: "a", value: "茶 1!*" }, { key: "a", value: "" }] },
        body: { raw: '{"name":"{{who}}"}', update(fresh) { this.raw = fresh.raw; } },
      },
    };
    """
    out = "\nconsole.log(JSON.stringify([sent, pm.request.body.raw]));"
    given = {"appid": "tk1", "secret": "s3cret", "who": "茶友群"}
    for variables in (given, given | {"token": "abc"}):
        ran = subprocess.run(
            ["node", "-e", stage + postman.PROOF + out, json.dumps(variables)],
            capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
        headers, body = json.loads(ran.stdout)
        if "token" in variables:
            assert headers == {"Authorization": "Bearer abc"}
            continue
        assert body == '{"name":"茶友群"}' and len(headers["Tuike-Nonce"]) == 32
        text = rules.signed_text(
            method="POST", path="/api/v1/promoter/places", query="b=2&a=%E8%8C%B6%201%21%2A&a=", body=body.encode(),
            timestamp=headers["Tuike-Timestamp"], nonce=headers["Tuike-Nonce"],
        )  # fmt: skip
        assert headers["Tuike-Signature"] == rules.signature(secret="s3cret", text=text)
