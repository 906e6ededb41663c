"""Whether an answer has the shape that its type says."""

import types
import typing
from typing import Any


def fits(value: Any, shape: Any, where: str = "") -> None:
    """Assert that a value has a shape, field by field, with none missing and none more."""
    origin, inner = typing.get_origin(shape), typing.get_args(shape)
    if shape is Any:
        return
    if typing.is_typeddict(shape):
        hints = typing.get_type_hints(shape)
        assert isinstance(value, dict), (where, value)
        assert set(value) == set(hints), (where, set(value) ^ set(hints))
        for name, kind in hints.items():
            fits(value[name], kind, f"{where}.{name}")
    elif origin in (typing.Union, types.UnionType):
        assert any(_fitting(value, kind, where) for kind in inner), (where, value)
    elif origin is typing.Literal:
        assert value in inner, (where, value)
    elif origin is list:
        for place, one in enumerate(value):
            fits(one, inner[0], f"{where}[{place}]")
    elif origin is dict:
        assert isinstance(value, dict), where
    else:
        assert type(value) is shape, (where, value, shape)


def _fitting(value: Any, kind: Any, where: str) -> bool:
    try:
        fits(value, kind, where)
    except AssertionError:
        return False
    return True
