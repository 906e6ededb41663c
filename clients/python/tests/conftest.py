"""Tests of the package. Those in test_live.py call a running host; its address and its parties' software come by the
environment: TUIKE_BASE, and TUIKE_PROMOTER, TUIKE_SHOP (an external one), TUIKE_LEADER as `AppID:AppSecret`.
"""

import os
from collections.abc import Iterator
from typing import Any

import pytest

from tuike_client import Leader, Merchant, Promoter


def _signed(kind: Any, name: str) -> Iterator[Any]:
    base, pair = os.environ.get("TUIKE_BASE"), os.environ.get(name)
    if not base or not pair:
        pytest.skip(f"TUIKE_BASE and {name} are not set")
    appid, _, secret = pair.partition(":")
    with kind(base, appid=appid, secret=secret, language="en") as client:
        yield client


@pytest.fixture
def promoter() -> Iterator[Promoter]:
    yield from _signed(Promoter, "TUIKE_PROMOTER")


@pytest.fixture
def shop() -> Iterator[Merchant]:
    yield from _signed(Merchant, "TUIKE_SHOP")


@pytest.fixture
def leader() -> Iterator[Leader]:
    yield from _signed(Leader, "TUIKE_LEADER")
