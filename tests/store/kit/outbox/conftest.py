"""A receiver of the test's own, allowed by the address guard."""

from collections.abc import Iterator

import pytest

from ambar.kit import pool
from tests.outbox_project.sink import Sink


@pytest.fixture
def sink(monkeypatch: pytest.MonkeyPatch) -> Iterator[Sink]:
    with Sink() as running:
        monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", "127.0.0.1:*")
        yield running


@pytest.fixture(autouse=True)
def _living_connections() -> Iterator[None]:
    """Some tests end every connection of the database; those of this process are shared with other tests."""
    yield
    pool.discard_dead()
