"""Whatever the API's description allows, and what it doesn't: never an error of ours."""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as effort
from hypothesis.errors import Unsatisfiable

from tests.make import alliance as make
from tests.make import parties as make_parties
from tuike.flows import outside
from tuike.gateways.types import BadCode, Unreachable
from tuike.kit import clock
from tuike.parties.types import Role
from tuike.people import service as people
from tuike.people.types import SessionKind

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]


class _Silent:
    """WeChat, taking no code and answering nothing else."""

    def code2session(self, code: str) -> None:
        raise BadCode("code2session", "40029")

    def __getattr__(self, name: str) -> object:
        def silent(*_: object, **__: object) -> None:
            raise Unreachable(name, "nobody answers")

        return silent


@pytest.fixture
def one_connection(db):
    """Requests leave the test's connection open, as Django's own test client sees to."""
    began_or_ended = (request_started, request_finished)
    for signal in began_or_ended:
        signal.disconnect(close_old_connections)
    yield
    for signal in began_or_ended:
        signal.connect(close_old_connections)


@pytest.fixture
def everybody(one_connection, monkeypatch) -> list[str]:
    """Return the tokens of a buyer, a shop, a promoter and the operator's finance, in an alliance that lives."""
    monkeypatch.setattr(outside, "wechat", _Silent)
    monkeypatch.setattr(outside, "wechatpay", _Silent)
    one = make.alliance()
    make.touch(one, now=clock.now())
    make.bought(one, pieces=(2,), now=clock.now())
    seats = [make_parties.super_admin_of(party).person_id for party in (one.shop, one.promoter)]
    persons = [one.buyer_id, *seats, make_parties.operator_seat(Role.FINANCE).person_id]
    return [people.open_session(person_id=p, kind=SessionKind.STOREFRONT, now=clock.now()) for p in persons]


def test_no_request_makes_it_fail(everybody):
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())
    failed: list[str] = []
    called = 0
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in (schemathesis.GenerationMode.POSITIVE, schemathesis.GenerationMode.NEGATIVE):

            @effort(
                max_examples=12,
                deadline=None,
                database=None,
                derandomize=True,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode))
            def probe(case: schemathesis.Case) -> None:
                nonlocal called
                called += 1
                case.headers = {**(case.headers or {}), "Authorization": f"Bearer {everybody[called % len(everybody)]}"}
                answer = case.call()
                if answer.status_code >= 500 and answer.status_code != 503:
                    failed.append(f"{case.method} {case.formatted_path}: {answer.status_code} {case.body!r}")

            try:
                probe()
            except Unsatisfiable:  # what takes nothing can't be called wrongly
                assert mode is schemathesis.GenerationMode.NEGATIVE, operation.label
    assert failed == []
    assert called > 300
