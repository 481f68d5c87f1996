"""For every test of the console's screens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def a_language_ends_with_its_test() -> Iterator[None]:
    """The client answers in this thread: what a request switched on would be the language of the next test."""
    yield
    translation.deactivate()
