"""Whatever the API's description allows, and what it doesn't, from software of every kind: never an error of ours, and
each answer as the description has it."""

from collections import Counter
from collections.abc import Mapping

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as effort
from hypothesis import strategies as st
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests import books
from tests.make import alliance as make
from tests.make import apps as make_apps
from tests.make import cooperation as make_cooperation
from tests.make import feed as make_feed
from tests.make import library as make_library
from tests.make.alliance import NOON
from tuike.apps import service as apps
from tuike.audit.types import OPERATOR_SHELL
from tuike.catalog import queries as catalog
from tuike.db import rows
from tuike.flows import outside
from tuike.gateways.types import Unreachable
from tuike.kit import clock
from tuike.library import service as library
from tuike.parties.types import Source

MODES = (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE)
CHECKS = (status_code_conformance, content_type_conformance, response_schema_conformance)
KINDS = ("promoter", "merchant", "leader", "external")
"""Whose software calls; an external shop has orders of its own to report and a prepaid balance."""
TOO_MANY = 1_000_000


class _Silent:
    """WeChat, answering nothing."""

    def __getattr__(self, name: str) -> object:
        def silent(*_: object, **__: object) -> None:
            raise Unreachable(name, "nobody answers")

        return silent


@pytest.fixture
def alive(db, monkeypatch):
    """Return tokens by kind, and names that exist by what a path calls them; requests keep the test's connection."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    monkeypatch.setattr(outside, "wechat", _Silent)
    make_cooperation.open_to_all()
    one = make.alliance(price_fen=10_000)
    make_library.stand([one.product_id])
    library.accept_rules(promoter_id=one.promoter.id, source=Source.MINI_STORE, actor=OPERATOR_SHELL, now=clock.now())
    make.touch(one, leader=True)
    order = make.bought(one, now=NOON)
    make_feed.follow()
    external = make.alliance(source=Source.MINI_PROGRAM, beside=one)
    parties = {"promoter": one.promoter, "merchant": one.shop, "leader": one.leader, "external": external.shop}
    for party in parties.values():
        apps.set_quota(party_id=party.id, per_minute=TOO_MANY, actor=OPERATOR_SHELL, now=clock.now())
    tokens = {
        kind: make_apps.token(make_apps.secret(party, now=clock.now()), now=clock.now())
        for kind, party in parties.items()
    }
    yield tokens, _names(one, order)
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


def _names(one: make.Alliance, order: object) -> dict[str, list[str]]:
    """Return what exists, by the name of a path's parameter."""
    [(pid, code)] = rows.query(
        "SELECT p.pid, l.code FROM attribution_link l JOIN attribution_place p ON p.id = l.place_id LIMIT 1"
    )
    accruals = [f"A{id_}" for (id_,) in rows.query("SELECT id FROM commission_accrual")]
    product = catalog.product_facts([one.product_id])[one.product_id].product_no
    led = [no for (no,) in rows.query("SELECT no FROM cooperation_activity UNION SELECT no FROM cooperation_enrolment")]
    return {"pid": [pid], "code": [code], "source": ["mini_store"], "no": [order.no, product, *accruals, *led]}


@pytest.mark.parametrize(
    "examples", [2, pytest.param(40, marks=[pytest.mark.slow, pytest.mark.timeout(1_500)])], ids=["few", "many"]
)
def test_no_request_breaks_the_description(alive, examples):
    tokens, names = alive
    many = examples > 2
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())
    failed: list[str] = []
    ended: Counter[str] = Counter()
    answered: set[str] = set()
    described: dict[str, bool] = {}
    for result in schema.get_all_operations():
        operation = result.ok()
        raw = operation.definition.raw
        described[raw["operationId"]] = not operation.path_parameters and operation.method == "get"
        own = [*raw.get("x-parties", KINDS[:1])]
        if "merchant" in own:
            own.append("external")
        for mode in MODES:
            for kind in KINDS if many and mode is MODES[0] else own:
                _probe(operation, mode, kind, examples if kind in own else 1, tokens, names, failed, ended, answered)
    books.check()
    assert failed == []
    assert sum(ended.values()) > examples * len(described)
    missing = {name for name, plain in described.items() if plain} - answered - {"why_not_me", "show_reported_order"}
    assert not missing, f"described so that nothing was ever answered: {missing}"
    print(f"{sum(ended.values())} calls: {dict(ended.most_common())}")  # noqa: T201 the figures of the run


def _probe(operation, mode, kind, examples, tokens, names, failed, ended, answered) -> None:  # noqa: PLR0917
    """Call an operation as a party's software, half the time with a name in its path that exists."""

    @effort(
        max_examples=examples, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy(generation_mode=mode), data=st.data())
    def probe(case: schemathesis.Case, data: st.DataObject) -> None:
        known = {name: names[name] for name in case.path_parameters or {} if name in names}
        if known and data.draw(st.booleans()):
            drawn = {name: data.draw(st.sampled_from(values)) for name, values in known.items()}
            case.path_parameters = {**case.path_parameters, **drawn}
        if operation.definition.raw["operationId"] == "report_orders" and data.draw(st.booleans()):
            _likely(case.body)
        case.headers = {**_clean(case.headers or {}), "Authorization": f"Bearer {tokens[kind]}"}
        answer = case.call()
        ended[str(answer.status_code)] += 1
        if answer.status_code < 300:
            answered.add(operation.definition.raw["operationId"])
        told = f"{kind} {case.method} {case.formatted_path} {case.query} {case.body!r}: {answer.status_code}"
        if answer.status_code >= 500 and answer.json()["code"] != "wechat_unreachable":  # the one that nobody answers
            failed.append(told)
        try:
            case.validate_response(answer, checks=list(CHECKS))
        except (Failure, FailureGroup) as failure:
            failed.append(f"{told} {failure!r:.600}")

    probe()


def _likely(body: object) -> None:
    """Make a batch of reports, where it is one, such that its form may be right: past instants, goods named once."""
    orders = body.get("orders") if isinstance(body, dict) else None
    for order in [one for one in orders if isinstance(one, dict)] if isinstance(orders, list) else []:
        order.update({name: "2026-03-02T12:00:00Z" for name in order if name.endswith("_at") and order[name]})
        lines = order.get("lines")
        for line in [one for one in lines if isinstance(one, dict)] if isinstance(lines, list) else []:
            line.pop("sku_id", None)
            line["item"] = "X-1"


def _clean(headers: Mapping[str, object]) -> dict[str, object]:
    """Return headers without proofs of their own: who calls is said by the test."""
    return {name: value for name, value in headers.items() if not name.lower().startswith(("tuike-", "authorization"))}
