"""Bring an earlier version of a scenario back, in one call."""

from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db import transaction

from ambar.oms.scenarios import store
from ambar.oms.scenarios.actions.save_scenario import Edit, refuse_overtaken, write
from ambar.oms.scenarios.kinds import Kind


def go_back(kind: Kind, scenario_id: int, number: int, *, now: datetime, edit: Edit) -> Any:
    """What version `number` holds stands again, as a new version; whether the scenario is active stays as it is.

    It is checked like any draft: a location or channel that is gone since is refused with its field.
    Raises `NotFound`, `Invalid`, `Conflict`.
    """
    with transaction.atomic():
        scenario = store.lock(kind, scenario_id)
        refuse_overtaken(kind, scenario, edit.expected_version)
        body = store.version(kind, scenario_id, number).body
        given = {name: body[name] for name in kind.fields if name in body and name != "is_active"}
        given["rules"] = [_rule(rule) for rule in body["rules"]]
        return write(kind, scenario, given, now=now, edit=edit, act="went_back")


def _rule(kept: dict[str, Any]) -> dict[str, Any]:
    above = kept.get("split_above_amount")
    return {**kept, "split_above_amount": Decimal(above)} if above is not None else dict(kept)
