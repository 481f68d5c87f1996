"""Copy a scenario, to try something beside it."""

from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.oms.scenarios import store
from ambar.oms.scenarios.actions.save_scenario import Edit, save
from ambar.oms.scenarios.kinds import Kind


def copy_scenario(kind: Kind, scenario_id: int, name: str, *, now: datetime, edit: Edit) -> Any:
    """An inactive scenario called `name` with the same content. Raises `NotFound`, `Invalid` (the name is taken)."""
    with transaction.atomic():
        draft = kind.draft_of(store.lock(kind, scenario_id))
        return save(kind, {**draft, "name": name, "is_active": False}, now=now, edit=edit, act="copied")
