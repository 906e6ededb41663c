"""Write the client's shapes and calls from the API's description: `python -m tools.client`.

The client's package keeps what was written; a test holds it equal to the description.
"""

import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "clients" / "python" / "src" / "tuike_client"
KINDS = ("promoter", "merchant", "leader")
BY_HAND = {"token", "report_orders", *(f"changes_of_{kind}" for kind in KINDS)}
"""Operations that the client's own code makes."""
_TYPES = {"string": "str", "integer": "int", "boolean": "bool", "number": "float", "null": "None"}
_REF = "#/components/schemas/"


def described() -> dict[str, Any]:
    """Return the API's description."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuike.config.settings")
    django.setup()
    from tuike.doors.openapi.api import api

    schema: dict[str, Any] = api.get_openapi_schema(path_prefix="/api/v1/")
    return schema


def written(schema: Mapping[str, Any]) -> dict[str, str]:
    """Return the files that follow from a description, by name."""
    files = {"shapes.py": _shapes(schema)} | {f"{kind}.py": _calls(schema, kind) for kind in KINDS}
    return {name: _formatted(text) for name, text in files.items()}


def main() -> None:
    """Write the files."""
    for name, text in written(described()).items():
        (FOLDER / name).write_text(text, encoding="utf-8")
        print(f"clients/python/src/tuike_client/{name}: {text.count(chr(10))} lines")


def _formatted(text: str) -> str:
    ruff = Path(sys.executable).parent / "ruff"
    for step in (("check", "--select", "I,F401", "--fix-only", "--quiet"), ("format",)):
        asked = [str(ruff), *step, "--config", str(ROOT / "pyproject.toml"), "--stdin-filename", "written.py", "-"]
        text = subprocess.run(  # noqa: S603 our own formatter on our own text
            asked, input=text, capture_output=True, text=True, check=True, cwd=FOLDER
        ).stdout
    return text


# --- shapes


def _shapes(schema: Mapping[str, Any]) -> str:
    known = schema["components"]["schemas"]
    sent: set[str] = set()
    answered: set[str] = {"Change"}
    for _, _, operation in _operations(schema):
        _collect(_content(operation.get("requestBody", {})), known, sent)
        _collect(_content(_good(operation)[1]), known, answered)
    parts = [
        '"""Shapes of what is sent and what comes back, written from the API\'s description by the product\'s'
        ' `tools/client.py`."""\n\nfrom typing import Any, Literal, NotRequired, TypedDict\n',
        "from datetime import date, datetime\n",
        'Instant = datetime | str\n"""An instant with its offset."""\nDay = date | str\n"""A day in Shanghai."""\n',
    ]
    parts += [_shape(name, known[name], sent=name in sent) for name in sorted(sent | answered)]
    return "\n".join(parts)


def _collect(node: Any, known: Mapping[str, Any], found: set[str]) -> None:
    if isinstance(node, dict):
        name = node.get("$ref", "").removeprefix(_REF)
        if name and name not in found:
            found.add(name)
            _collect(known[name], known, found)
        for part in node.values():
            _collect(part, known, found)
    elif isinstance(node, list):
        for part in node:
            _collect(part, known, found)


def _shape(name: str, shape: Mapping[str, Any], *, sent: bool) -> str:
    lines = [f"class {name}(TypedDict):", _docstring(shape.get("description") or name, "    "), ""]
    for key, value in shape["properties"].items():
        kind = _type(value, sent=sent)
        # What is answered always has all its fields; what is sent may leave out those with a default.
        optional = sent and key not in shape.get("required", ())
        lines.append(f"    {key}: {f'NotRequired[{kind}]' if optional else kind}")
    return "\n".join(lines) + "\n"


def _type(schema: Mapping[str, Any], *, sent: bool, quoted: bool = True) -> str:
    """Return a schema as a type; `quoted`: names of shapes in quotes, since they may stand further down."""
    if "$ref" in schema:
        name: str = schema["$ref"].removeprefix(_REF)
        return f'"{name}"' if quoted else name
    if "anyOf" in schema:
        joined = " | ".join(dict.fromkeys(_type(one, sent=sent, quoted=False) for one in schema["anyOf"]))
        return f'"{joined}"' if quoted and any("$ref" in one for one in schema["anyOf"]) else joined
    if "const" in schema or "enum" in schema:
        values = schema.get("enum", [schema.get("const")])
        return f"Literal[{', '.join(repr(one) for one in values)}]"
    return _plain(schema, sent=sent, quoted=quoted)


def _plain(schema: Mapping[str, Any], *, sent: bool, quoted: bool) -> str:
    kind = schema.get("type", "")
    if kind == "array":
        return f"list[{_type(schema.get('items', {}), sent=sent, quoted=quoted)}]"
    if kind == "object":
        of = schema.get("additionalProperties")
        return f"dict[str, {_type(of, sent=sent, quoted=quoted) if isinstance(of, dict) else 'Any'}]"
    if kind == "string" and sent:
        return {"date-time": "Instant", "date": "Day"}.get(schema.get("format", ""), "str")
    return _TYPES.get(kind, "Any")


# --- calls


def _calls(schema: Mapping[str, Any], kind: str) -> str:
    made, names = [], set()
    for method, path, operation in _operations(schema):
        if kind in operation["x-parties"]:
            made.append(_call(method, path, operation, schema["components"]["schemas"], kind))
            names |= set(re.findall(r"\b[A-Z][A-Za-z]+\b", made[-1])) & set(schema["components"]["schemas"])
    imports = ", ".join(sorted(names))
    head = (
        f'"""Every operation of the API for {kind}s, written from its description by the product\'s'
        f' `tools/client.py`."""\n\nfrom typing import Any, Literal, cast\n'
        f"from tuike_client.core import Client, address, given\nfrom tuike_client.paging import Pages\n"
        f"from tuike_client.shapes import Day, Instant, {imports}\n\n\n"
        f'class {kind.capitalize()}Calls(Client):\n    """What a {kind}\'s software calls."""\n\n'
        f'    kind = "{kind}"\n\n'
    )
    return head + "\n\n".join(made) + "\n"


def _call(method: str, path: str, operation: Mapping[str, Any], known: Mapping[str, Any], kind: str) -> str:
    name = operation["operationId"].removesuffix(f"_of_{kind}")
    parameters = operation.get("parameters", [])
    holes = [one["name"] for one in parameters if one["in"] == "path"]
    query = [one for one in parameters if one["in"] == "query"]
    keyed = any(one["name"] == "Idempotency-Key" for one in parameters)
    body = known.get(_content(operation.get("requestBody", {})).get("$ref", "").removeprefix(_REF))
    answer = _content(_good(operation)[1])
    returns = _type(answer, sent=False, quoted=False) if answer else "bytes"
    page = known.get(returns, {}).get("properties", {})
    paged = {"items", "next"} <= set(page) and any(one["name"] == "after" for one in query)
    if paged:
        returns = f"Pages[{_type(page['items']['items'], sent=False, quoted=False)}]"
    taken = [*_body_arguments(body), *_query_arguments(query, paged=paged)]
    if keyed:
        taken.append(("key", "str | None", "None"))
    assert len({one[0] for one in taken} | set(holes)) == len(taken) + len(holes), f"{name}: two of one name"
    required = [f"{one}: {of}" for one, of, default in taken if default is None]
    optional = [f"{one}: {of} = {default}" for one, of, default in taken if default is not None]
    signature = ["self", *(f"{hole}: str" for hole in holes), *(["*"] if taken else []), *required, *optional]
    place = path.removeprefix("/api/v1")
    where = f'address("{re.sub(r"{[a-z_]+}", "{}", place)}", {", ".join(holes)})' if holes else f'"{place}"'
    # What must be given goes as it is, null too; what may be left out is left out.
    sent = _given(body, query, paged=paged)
    if paged:
        does = f"self._pages({where}, {sent}, after)"
    elif method == "get":
        does = f"self.{'_read' if answer else '_bytes'}({where}{f', {sent}' if query else ''})"
    elif keyed:
        does = f'self._write("{method.upper()}", {where}{f", {sent}" if body else ""}, key=key)'
    else:
        does = f"self._preview({where}, {sent})"
    cast_ = does if paged or not answer else f"cast({returns}, {does})"
    words = operation["description"].partition("\n\nScope `")[0].strip()
    doc = _docstring(f"{words}\n\nScope `{operation['x-scope']}`.", "        ")
    return f"    def {name}({', '.join(signature)}) -> {returns}:\n{doc}\n        return {cast_}"


def _body_arguments(body: Mapping[str, Any] | None) -> Iterator[tuple[str, str, str | None]]:
    for key, value in (body or {}).get("properties", {}).items():
        kind = _type(value, sent=True, quoted=False)
        if body is not None and key in body.get("required", ()):
            yield key, kind, None
        else:
            yield key, kind if "None" in kind else f"{kind} | None", "None"


def _query_arguments(query: list[dict[str, Any]], *, paged: bool) -> Iterator[tuple[str, str, str | None]]:
    for one in query:
        kind = _type(one["schema"], sent=True, quoted=False)
        if paged and one["name"] == "after":
            yield "after", "str", '""'
        elif one.get("required"):
            yield one["name"], kind, None
        else:
            yield one["name"], kind if "None" in kind else f"{kind} | None", "None"


def _given(body: Mapping[str, Any] | None, query: list[dict[str, Any]], *, paged: bool) -> str:
    names = list((body or {}).get("properties", {}))
    names += [one["name"] for one in query if not (paged and one["name"] == "after")]
    return f"given({', '.join(f'{name}={name}' for name in names)})"


# --- the description


def _operations(schema: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            if operation["operationId"] not in BY_HAND:
                yield method, path, operation
            elif operation["operationId"] == "report_orders":
                yield method, path, operation | {"x-parties": []}  # its shapes are wanted, its call is made by hand


def _good(operation: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    return next((status, answer) for status, answer in operation["responses"].items() if int(status) < 400)


def _content(part: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = part.get("content", {}).get("application/json", {}).get("schema", {})
    return found


def _docstring(text: str, indent: str) -> str:
    width = 118 - len(indent)
    blocks = [" ".join(one.split()) for one in text.replace('"""', "'''").split("\n\n")]
    told = "\n\n".join(textwrap.fill(one, width - 4) for one in blocks).replace("\\", "\\\\")
    if "\n" in told:
        told += "\n"
    return textwrap.indent(f'"""{told}"""', indent)


if __name__ == "__main__":
    main()
