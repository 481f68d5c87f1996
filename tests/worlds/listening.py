"""Somebody who hears of everything: events carry their record only where a hook listens to their type."""

from __future__ import annotations

from ambar.kit import accounts
from ambar.kit.accounts.models import User
from ambar.kit.outbox.models import Hook
from ambar.kit.outbox.registry import known_types
from tests.worlds.oms_records import T0


def listen(*types: str) -> None:
    """A hook for each of the types; for every type there is when none is named."""
    user = accounts.ensure_user("listener", "a long password 1", ["integration"])
    assert isinstance(user, User)
    for type_ in types or known_types():
        Hook.objects.create(
            user=user, target_url="https://93.184.216.34/", event_type=type_, created_at=T0, modified_at=T0,
            retry_countdown_config={"choice": "fixed", "kwargs": {"seconds": 1}},
        )  # fmt: skip
