"""For every test with a database."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

from tests.worlds.waiting import LONG_SECONDS

# How fast a machine is while others work on it says nothing about an example. Examples are the same in each run, here and
# at CI; `--hypothesis-profile=default` looks for others.
settings.register_profile(
    "ambar", deadline=None, derandomize=True, database=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("ambar")


KEPT_FOR_A_MOMENT = (
    "ambar.kit.rest.lists",
    "ambar.kit.short_memory",
    "ambar.oms.app_settings.queries",
    "ambar.oms.planning.seeing",
    "ambar.oms.states.queries",
)
"""Where a process keeps an answer for a second or more, by its clock."""


class Still:
    """A clock that stands still while a test runs and leaps between two, by more than anything is kept."""

    now = 1e9

    def monotonic(self) -> float:
        return self.now

    def __getattr__(self, name: str) -> Any:
        return getattr(time, name)


_still = Still()


@pytest.fixture(scope="session", autouse=True)
def _what_is_kept_lasts_for_a_test() -> Iterator[None]:
    """What a test finds kept does not depend on how long it takes, nor on the test before it."""
    with pytest.MonkeyPatch.context() as patch:
        for module in filter(None, map(sys.modules.get, KEPT_FOR_A_MOMENT)):
            patch.setattr(module, "time", _still)
        yield


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    _still.now += 1e6


def pytest_runtest_teardown() -> None:
    _still.now += 1e6


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
