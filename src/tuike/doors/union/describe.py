"""The description of this door out of its calls: OpenAPI 3.1 for programs, a table for docs/user/union-api.md."""

from collections.abc import Mapping
from functools import cache
from importlib.metadata import version
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe

from tuike.doors.union.calls import Call, Maybe, OneOf, Shape
from tuike.doors.union.kinds import Ask, Many, Object
from tuike.doors.union.registry import CALLS
from tuike.parties.types import PartyKind

_WHO = {PartyKind.PROMOTER: "推客", PartyKind.MERCHANT: "商家", None: "–"}
_TYPES = {str: "string", int: "integer", bool: "boolean"}
_REFUSED: dict[str, Any] = {
    "type": "object",
    "properties": {"errcode": {"type": "integer", "not": {"const": 0}}, "errmsg": {"type": "string"}},
    "required": ["errcode", "errmsg"],
    "additionalProperties": False,
}


@require_safe
def openapi(request: HttpRequest) -> HttpResponse:
    """Show the description."""
    return JsonResponse(document(), json_dumps_params={"ensure_ascii": False})


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Tuike · 推客: 小程序联盟",
            "version": version("tuike"),
            "description": "Every answer is HTTP 200; `errcode` 0 is a success. See docs/user/union-api.md.",
        },
        "paths": {call.path: {call.method.lower(): _operation(call)} for call in CALLS},
        "components": {
            "schemas": {"Refused": _REFUSED},
            "securitySchemes": {"access_token": {"type": "apiKey", "in": "query", "name": "access_token"}},
        },
    }


def schema(shape: Shape) -> dict[str, Any]:
    """Return the JSON schema of an answer's shape; objects have nothing beside what is declared."""
    if isinstance(shape, OneOf):
        return {"type": _TYPES[type(shape.values[0])], "enum": list(shape.values)}
    if isinstance(shape, list):
        return {"type": "array", "items": schema(shape[0])}
    if isinstance(shape, Mapping) and not isinstance(shape.get("type"), str):
        parts = {name: part.shape if isinstance(part, Maybe) else part for name, part in shape.items()}
        return {
            "type": "object",
            "properties": {name: schema(part) for name, part in parts.items()},
            "required": [name for name, part in shape.items() if not isinstance(part, Maybe)],
            "additionalProperties": False,
        }
    return dict(shape)


def answer_schema(call: Call) -> dict[str, Any]:
    """Return the JSON schema of a call's success."""
    return schema({"errcode": OneOf((0,)), "errmsg": OneOf(("ok",)), **call.gives})


def table() -> str:
    """Return the calls as a table of Markdown, a row each."""
    rows = ["| call | by | takes | gives |", "| --- | --- | --- | --- |"]
    for call in CALLS:
        takes = "<br>".join(_asked(ask) for ask in call.asks) or "–"
        gives = ", ".join(f"`{part}`" for part in _names(call.gives)) or "–"
        rows.append(f"| `{call.method} {call.path}`<br>{call.about_zh} | {_WHO[call.who]} | {takes} | {gives} |")
    return "\n".join(rows) + "\n"


def _operation(call: Call) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": call.name,
        "summary": f"{call.about_zh} · {call.about_en}",
        "responses": {
            "200": {
                "description": "The answer, or why there is none",
                "content": {
                    "application/json": {
                        "schema": {"oneOf": [answer_schema(call), {"$ref": "#/components/schemas/Refused"}]}
                    }
                },
            }
        },
    }
    if call.who is not None:
        operation["security"] = [{"access_token": []}]
    if call.method == "GET":
        operation["parameters"] = [_parameter(ask) for ask in call.asks]
    else:
        body = Object(call.asks).schema(query=False)
        operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": body}}}
    return operation


def _parameter(ask: Ask) -> dict[str, Any]:
    made = {"name": ask.name, "in": "query", "required": ask.needed, "schema": ask.kind.schema(query=True)}
    return made | ({"description": ask.about} if ask.about else {})


def _asked(ask: Ask) -> str:
    name = f"`{ask.name}`"
    kind = ask.kind
    if isinstance(kind, Many):
        name = f"`{ask.name}[]` ≤ {kind.most}"
        kind = kind.of
    if isinstance(kind, Object):
        name += " {" + ", ".join(f"`{one.name}`" for one in kind.asks) + "}"
    about = f": {ask.about}" if ask.about else ""
    return f"{'**' if ask.needed else ''}{name}{'**' if ask.needed else ''}{about}"


def _names(shape: Mapping[str, Shape]) -> list[str]:
    return [f"{name}[]" if isinstance(part, list) else name for name, part in shape.items()]
