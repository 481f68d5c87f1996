import os
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.worlds import fake_market
from tests.worlds import oms_upstream as world


@pytest.fixture(autouse=True)
def _nothing_remembered() -> Iterator[None]:
    world.forget()
    yield
    world.forget()


@pytest.fixture(scope="package")
def running() -> Iterator[fake_market.Market]:
    """The fake Seller Center of `ambar fake`, one for all tests of this folder."""
    with fake_market.serving() as made:
        yield made


@pytest.fixture
def market(running: fake_market.Market, monkeypatch: pytest.MonkeyPatch) -> fake_market.Market:
    """It, with nothing in it and allowed by the address guard."""
    monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", running.address)
    running.fresh()
    return running


@pytest.fixture
def places(transactional_db: None) -> None:
    world.teach_places()


@pytest.fixture
def upstream(monkeypatch: pytest.MonkeyPatch) -> Iterator[world.FakeUpstream]:
    with world.serving() as fake:
        allowed = os.environ.get("AMBAR_ALLOWED_TARGETS", "")
        monkeypatch.setenv("AMBAR_ALLOWED_TARGETS", f"{allowed},{urlsplit(fake.base).netloc}")
        yield fake
