"""One sandbox process for the folder, emptied before each test, and the two clients that talk to it."""

from collections.abc import Iterator

import pytest

from tests.sandbox.clients import Merchant, OpenApi
from tests.sandbox_process import NoticeListener, Sandbox, notice_listener, sandbox_process


@pytest.fixture(scope="session")
def sandbox_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with sandbox_process(tmp_path_factory.mktemp("sandbox") / "sandbox", notify_factor=300) as running:
        yield running


@pytest.fixture
def sandbox(sandbox_server: Sandbox) -> Sandbox:
    sandbox_server.reset()
    return sandbox_server


@pytest.fixture
def listener() -> Iterator[NoticeListener]:
    with notice_listener() as running:
        yield running


@pytest.fixture
def merchant(sandbox: Sandbox, listener: NoticeListener) -> Merchant:
    return Merchant(sandbox, listener.url)


@pytest.fixture
def wx(sandbox: Sandbox) -> OpenApi:
    return OpenApi(sandbox)
