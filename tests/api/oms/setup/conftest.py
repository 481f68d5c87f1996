import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.worlds import oms_upstream as world


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    world.forget()
    yield
    world.forget()


@pytest.fixture
def places(transactional_db: None) -> None:
    world.teach_places()


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Iterator[world.FakeUpstream]:
    with world.serving() as fake:
        allowed = os.environ.get("AMBAR_ALLOWED_TARGETS", "")
        monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", f"{allowed},{urlsplit(fake.base).netloc}")
        yield fake
