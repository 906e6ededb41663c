"""Whatever the description of the union door allows, and what it doesn't: HTTP 200, and in the declared shape."""

import json
from collections import Counter

import jsonschema_rs
import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as effort

from tests.doors.union.conftest import BY_PATH
from tests.make import apps as make_apps
from tests.make import library as make_library
from tests.make import parties as make_parties
from tests.make.alliance import alliance
from tuike.apps import service as apps
from tuike.audit.types import OPERATOR_SHELL
from tuike.doors.union import describe
from tuike.flows import outside
from tuike.gateways.types import Unreachable
from tuike.kit import clock
from tuike.library import service as library
from tuike.parties.types import PartyKind, Source

MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)


class _Silent:
    """WeChat, answering nothing."""

    def __getattr__(self, name: str) -> object:
        def silent(*_: object, **__: object) -> None:
            raise Unreachable(name, "nobody answers")

        return silent


@pytest.fixture
def tokens(db, monkeypatch) -> dict[PartyKind | None, str]:
    """Return a token for each kind of party in an alliance that lives; requests keep the test's connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    monkeypatch.setattr(outside, "wechat", _Silent)
    now, one = clock.now(), alliance()
    make_library.stand([one.product_id])
    library.accept_rules(promoter_id=one.promoter.id, source=Source.MINI_STORE, actor=OPERATOR_SHELL, now=now)
    actor = make_parties.super_admin_of(one.promoter)
    for party in (one.promoter, one.shop):
        apps.set_quota(party_id=party.id, per_minute=1_000_000, actor=actor, now=now)
    yield {
        PartyKind.PROMOTER: make_apps.token(make_apps.secret(one.promoter), now=now),
        PartyKind.MERCHANT: make_apps.token(make_apps.secret(one.shop), now=now),
        None: "",
    }
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.parametrize(
    "examples", [2, pytest.param(60, marks=[pytest.mark.slow, pytest.mark.timeout(900)])], ids=["few", "many"]
)
def test_no_request_breaks_the_description(tokens, examples):
    schema = schemathesis.openapi.from_wsgi("/union/openapi.json", get_wsgi_application())
    failed: list[str] = []
    ended: Counter[int] = Counter()
    done: set[str] = set()
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in MODES:

            @effort(
                max_examples=examples,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def probe(case: schemathesis.Case) -> None:
                call = BY_PATH[case.path]
                if call.who is not None:
                    case.query = {**(case.query or {}), "access_token": tokens[call.who]}
                answer = case.call()
                errcode = _errcode(call, answer)
                ended[errcode] += 1
                if errcode == 0:
                    done.add(case.path)
                if errcode in (-1, 500):
                    failed.append(
                        f"{case.method} {case.formatted_path}: {answer.status_code} {case.query} {case.body!r}"
                    )

            probe()
    assert failed == []
    assert sum(ended.values()) > examples * len(BY_PATH)
    lists = {
        call.path for call in BY_PATH.values() if call.method == "GET" and not any(ask.needed for ask in call.asks)
    }
    assert lists <= done, f"described so that nothing was ever answered: {lists - done}"
    print(f"{sum(ended.values())} calls, errcodes {dict(ended.most_common(8))}")  # noqa: T201 the figures of the run


def _errcode(call, answer) -> int:
    """Return how a call ended; 500 where its answer isn't what the description says."""
    if answer.status_code != 200:
        return 500
    found = json.loads(answer.content)
    shape = describe.answer_schema(call) if found["errcode"] == 0 else describe._REFUSED
    return found["errcode"] if jsonschema_rs.is_valid(shape, found) else 500


def test_the_description_is_good_openapi(client):
    document = client.get("/union/openapi.json").json()
    assert document["openapi"] == "3.1.0"
    assert document["paths"].keys() == BY_PATH.keys()
    for schema in document["components"]["schemas"].values():
        jsonschema_rs.meta.validate(schema)
    for path, methods in document["paths"].items():
        [(method, operation)] = methods.items()
        assert method == BY_PATH[path].method.lower()
        jsonschema_rs.meta.validate(operation["responses"]["200"]["content"]["application/json"]["schema"])
