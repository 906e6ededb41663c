"""Write the Postman collection from the API's description: `python -m tools.postman`.

The document is kept in docs/user; a test holds it equal to the description.
"""

import json
import re
import uuid
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from tools.client import described

FILE = Path(__file__).resolve().parent.parent / "docs" / "user" / "tuike.postman_collection.json"
OWNERS = {"promoter": "推客 Promoters", "merchant": "商家 Shops", "leader": "团长 Leaders"}
_REF = "#/components/schemas/"
_SAMPLES = {"pid": "{{pid}}", "name": "示例 {{$timestamp}}", "external_no": "EXT-{{$timestamp}}", "item": "A-1"}
_CAPTURED = ("pid", "code", "no")
"""What an answer leaves behind for the calls that follow, by name."""

PROOF = """\
// With a token the call carries it; without one it is signed with AppID and AppSecret (docs/user/api.md, Signing).
const said = (name) => pm.variables.get(name) || "";
if (said("token")) {
  pm.request.headers.upsert({ key: "Authorization", value: "Bearer " + said("token") });
} else if (said("appid") && said("secret")) {
  const encoded = (text) =>
    encodeURIComponent(text).replace(/[!'()*]/g, (one) => "%" + one.charCodeAt(0).toString(16).toUpperCase());
  const filled = (text) => pm.variables.replaceIn(text || "");
  const pairs = pm.request.url.query
    .filter((one) => !one.disabled)
    .map((one) => [filled(one.key), filled(one.value)])
    .sort(([a, x], [b, y]) => (a < b ? -1 : a > b ? 1 : x < y ? -1 : x > y ? 1 : 0));
  const query = pairs.map(([name, value]) => encoded(name) + "=" + encoded(value)).join("&");
  const body = pm.request.body && pm.request.body.raw ? filled(pm.request.body.raw) : "";
  if (body) pm.request.body.update({ mode: "raw", raw: body });
  const timestamp = String(Math.floor(Date.now() / 1000));
  const nonce = CryptoJS.lib.WordArray.random(16).toString();
  const lines = [pm.request.method, filled(pm.request.url.getPath()), query, timestamp, nonce, CryptoJS.SHA256(body)];
  const text = lines.map((line) => line + "\\n").join("");
  const headers = {
    "Tuike-App": said("appid"),
    "Tuike-Timestamp": timestamp,
    "Tuike-Nonce": nonce,
    "Tuike-Signature": CryptoJS.HmacSHA256(text, said("secret")).toString(),
  };
  for (const [key, value] of Object.entries(headers)) pm.request.headers.upsert({ key, value });
}
"""
CAPTURE = """\
// What was made is kept for the calls that follow.
if (pm.response.code < 300 && (pm.response.headers.get("Content-Type") || "").startsWith("application/json")) {
  const found = pm.response.json();
  for (const name of CAPTURED) if (typeof found[name] === "string") pm.collectionVariables.set(name, found[name]);
}
""".replace("CAPTURED", json.dumps(_CAPTURED))


def collection(schema: Mapping[str, Any]) -> dict[str, Any]:
    """Return the collection: a folder a kind of party, in it one for each subject, in it the calls."""
    folders: dict[str, dict[str, list[dict[str, Any]]]] = {}
    for path, item in schema["paths"].items():
        owner = path.split("/")[3]
        for method, operation in item.items():
            subject = folders.setdefault(OWNERS.get(owner, "所有人 Everybody"), {})
            call = _request(method.upper(), path, operation, schema["components"]["schemas"])
            subject.setdefault(operation["tags"][0], []).append(call)
    return {
        "info": {
            "_postman_id": str(uuid.uuid5(uuid.NAMESPACE_URL, "tuike/api/v1")),
            "name": "Tuike · 推客开放接口",
            "description": "Set `base`, and either `token` or `appid` and `secret`. docs/user/api.md says the rest.",
            "schema": "https://schema.getpostman.com/json/collection/v2.1.0/collection.json",
        },
        "variable": [
            {"key": "base", "value": "http://127.0.0.1:8000"},
            *({"key": name, "value": ""} for name in ("token", "appid", "secret", *_CAPTURED)),
        ],
        "event": [_script("prerequest", PROOF), _script("test", CAPTURE)],
        "item": [
            {"name": name, "item": [{"name": tag, "item": calls} for tag, calls in subjects.items()]}
            for name, subjects in folders.items()
        ],
    }


def main() -> None:
    """Write the collection."""
    FILE.write_text(written(described()), encoding="utf-8")
    print(f"docs/user/{FILE.name}: {FILE.stat().st_size} bytes")


def written(schema: Mapping[str, Any]) -> str:
    """Return the collection as the file holds it."""
    return json.dumps(collection(schema), ensure_ascii=False, indent=1) + "\n"


def _script(when: str, text: str) -> dict[str, Any]:
    return {"listen": when, "script": {"type": "text/javascript", "exec": text.splitlines()}}


def _request(method: str, path: str, operation: Mapping[str, Any], known: Mapping[str, Any]) -> dict[str, Any]:
    parameters = operation.get("parameters", [])
    place = re.sub(r"{([a-z_]+)}", r":\1", path)
    query = list(_query(parameters))
    asked = "&".join(f"{one['key']}={one['value']}" for one in query if not one["disabled"])
    headers = [{"key": "Idempotency-Key", "value": "{{$guid}}"}] if _keyed(parameters) else []
    request: dict[str, Any] = {"method": method, "header": headers}
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    if body:
        headers.append({"key": "Content-Type", "value": "application/json"})
        raw = json.dumps(_sample("", body, known), ensure_ascii=False, indent=2)
        if operation["operationId"] == "token":
            raw = json.dumps({"appid": "{{appid}}", "secret": "{{secret}}"}, indent=2)
        request["body"] = {"mode": "raw", "raw": raw, "options": {"raw": {"language": "json"}}}
    request["url"] = {
        "raw": f"{{{{base}}}}{place}" + (f"?{asked}" if asked else ""),
        "host": ["{{base}}"],
        "path": place.strip("/").split("/"),
        "query": query,
        "variable": [_variable(one) for one in parameters if one["in"] == "path"],
    }
    request["description"] = operation["description"].strip()
    return {"name": operation["description"].strip().splitlines()[0].rstrip("."), "request": request, "response": []}


def _keyed(parameters: list[dict[str, Any]]) -> bool:
    return any(one["name"] == "Idempotency-Key" for one in parameters)


def _variable(one: Mapping[str, Any]) -> dict[str, str]:
    name = one["name"]
    return {"key": name, "value": f"{{{{{name}}}}}" if name in _CAPTURED else ""}


def _query(parameters: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    for one in parameters:
        if one["in"] == "query":
            told = one.get("description", "")
            needed = bool(one.get("required"))
            yield {
                "key": one["name"],
                "value": "" if not needed else "{{no}}",
                "description": told,
                "disabled": not needed,
            }


def _sample(name: str, schema: Mapping[str, Any], known: Mapping[str, Any]) -> Any:
    """Return a value as a body has it: what must be there, with names that fit."""
    if "$ref" in schema:
        shape = known[schema["$ref"].removeprefix(_REF)]
        required = shape.get("required") or list(shape["properties"])[:1]
        return {key: _sample(key, shape["properties"][key], known) for key in required}
    if name in _SAMPLES:
        return _SAMPLES[name]
    if "anyOf" in schema:
        return _sample(name, schema["anyOf"][0], known)
    choices = schema.get("enum", [schema["const"]] if "const" in schema else [])
    kind = schema.get("type", "")
    if kind == "array":
        return [_sample(name, schema.get("items", {}), known)]
    text = "{{$isoTimestamp}}" if schema.get("format") == "date-time" else "{{no}}"
    plain = {"integer": schema.get("minimum", 1), "boolean": True, "string": text}
    return choices[0] if choices else plain.get(kind, "")


if __name__ == "__main__":
    main()
