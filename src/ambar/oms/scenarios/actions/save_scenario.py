"""Create a distribution scenario or change it."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from ambar.oms.catalogue.models import Channel
from ambar.oms.locations.models import StockLocation
from ambar.oms.orders import store as orders
from ambar.oms.scenarios import store
from ambar.oms.scenarios.domain.draft import check_draft
from ambar.oms.scenarios.models import DistributionScenario
from ambar.oms.scenarios.schemas import draft_of


def save_scenario(
    given: Mapping[str, Any], *, scenario_id: int | None = None, now: datetime
) -> DistributionScenario:
    """Store a scenario. `given` holds the fields to set; for a change, those not given stay, `rules` as a whole.

    Orders that were held for want of a matching scenario are planned again. Raises `Invalid` naming the fields,
    `NotFound`. Source: "Akinon OMS: How to create or edit distribution scenarios".
    """
    with transaction.atomic():
        scenario = DistributionScenario(created_at=now) if scenario_id is None else store.lock(scenario_id)
        draft = {**draft_of(scenario), **given}
        if dict(given) != {"is_active": False}:
            _check(draft)
        for name, value in draft.items():
            if name == "default_location":
                scenario.default_location_id = value
            elif name != "rules":
                setattr(scenario, name, value)
        store.save(scenario, draft["rules"] if "rules" in given or scenario_id is None else None, now=now)
        if scenario.is_active:
            orders.mark_new(store.orders_without_scenario(), now)
    return scenario


def _check(draft: Mapping[str, Any]) -> None:
    channels = Channel.objects.filter(pk__in=_whole(draft["channel_values"]))
    locations = StockLocation.objects.filter(pk=draft["default_location"], is_active=True)
    check_draft(
        draft,
        channels=set(channels.values_list("pk", flat=True)),
        locations=set(locations.values_list("pk", flat=True)),
    )


def _whole(values: list[Any]) -> list[int]:
    return [value for value in values if isinstance(value, int) and 0 < value < 2**63]
