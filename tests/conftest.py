"""For every test with a database."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.worlds.waiting import LONG_SECONDS

# How fast a machine is while others work on it says nothing about an example.
settings.register_profile("ambar", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("ambar")


@pytest.fixture
def unhurried_health(monkeypatch: pytest.MonkeyPatch) -> None:
    """Readiness waits for an answer for as long as it takes: for what it says, not how soon."""
    from ambar.kit import health

    monkeypatch.setattr(health, "ANSWER_SECONDS", LONG_SECONDS)
    monkeypatch.setattr(health, "READY_SECONDS", LONG_SECONDS)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A test that commits is followed by the rows a fresh database holds, the quick way (`tests/planted.py`)."""
    from django.test import TransactionTestCase

    from tests import planted

    with django_db_blocker.unblock():
        fresh = planted.keep()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: fresh.back())
        yield
