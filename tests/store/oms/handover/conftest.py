"""The marketplace on the other side, for tests of the hand-over's store."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.worlds import handover_partner as there
from tests.worlds.oms_records import build


@pytest.fixture
def world(db):
    """Places, products and a channel to make packages of."""
    return build()


@pytest.fixture
def partner(db, monkeypatch) -> Iterator[there.Partner]:
    """A Seller Center that hears, holds and answers as the contract says."""
    with there.partner(monkeypatch) as made:
        yield made
