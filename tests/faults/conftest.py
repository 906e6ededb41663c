"""One living product for the faults of a file."""

from collections.abc import Iterator

import pytest

from tests.faults.living import Living


@pytest.fixture(scope="module")
def living() -> Iterator[Living]:
    """Return a whole product that is broken and healed."""
    product = Living(TUIKE_NOTIFY_FACTOR="600")
    try:
        yield product.seeded()
    finally:
        product.remove()
