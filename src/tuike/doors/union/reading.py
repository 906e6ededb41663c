"""What came with a request, as plain values: the query however its client writes lists, or the JSON of the body."""

import json
import re
from typing import Any

from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, QueryDict, UnreadablePostError

from tuike.kit.errors import Refusal

_BRACKETED = re.compile(r"^([^\[\]]{1,60})((?:\[[^\[\]]{0,40}\]){1,5})$")
_INSIDE = re.compile(r"\[([^\[\]]*)\]")


class BodyNotJson(Refusal):
    """The body is no JSON object."""

    code = "body_not_json"
    status = 400
    zh = "请求内容不是有效的 JSON 对象"
    en = "The body is not a JSON object."


class BodyEmpty(Refusal):
    """A POST came without a body."""

    code = "body_empty"
    status = 400
    zh = "请求内容为空"
    en = "The body is empty."


class TooLarge(Refusal):
    """More came than is read."""

    code = "request_too_large"
    status = 413
    zh = "请求内容超过 1 MB，或参数过多"
    en = "The request is larger than 1 MB, or has too many parameters."


def query(request: HttpRequest) -> QueryDict:
    """Return the query.

    Raises:
        TooLarge: more than a thousand parameters.
    """
    try:
        return request.GET
    except TooManyFieldsSent:
        raise TooLarge from None


def from_query(given: QueryDict) -> dict[str, Any]:
    """Return a query's values by name: `k` text (several: a list), `k[]` a list, `k[x]` a dictionary, and so on.

    What is written in brackets wins over the plain name. A name that is both list and dictionary keeps what came last.
    """
    found: dict[str, Any] = {}
    for name, values in given.lists():
        match = _BRACKETED.match(name)
        if match is None:
            found.setdefault(name, values[0] if len(values) == 1 else [part for v in values for part in v.split(",")])
    for name, values in given.lists():
        match = _BRACKETED.match(name)
        if match is not None:
            _put(found, [match[1], *_INSIDE.findall(match[2])], values)
    return found


def from_body(request: HttpRequest) -> dict[str, Any]:
    """Return the body's fields, whatever its Content-Type says.

    Raises:
        BodyEmpty, BodyNotJson, TooLarge.
    """
    try:
        body = request.body
    except RequestDataTooBig:
        raise TooLarge from None
    except UnreadablePostError:
        raise BodyNotJson from None
    if not body.strip():
        raise BodyEmpty
    try:
        found = json.loads(body, parse_constant=_refused)
    except (ValueError, RecursionError):
        raise BodyNotJson from None
    if not isinstance(found, dict):
        raise BodyNotJson
    return found


def _put(found: dict[str, Any], keys: list[str], values: list[str]) -> None:
    """Set `values` at the place that `keys` lead to; an empty last key is the end of a list."""
    if keys[-1] == "" and len(keys) > 1:
        keys, value = keys[:-1], list(values)
    else:
        value = values[-1]  # type: ignore[assignment]
    at = found
    for key in keys[:-1]:
        below = at.get(key)
        if not isinstance(below, dict):
            below = at[key] = {}
        at = below
    at[keys[-1]] = value


def _refused(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
