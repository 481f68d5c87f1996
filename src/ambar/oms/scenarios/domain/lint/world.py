"""What the linter looks at."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ambar.kit.conditions import Condition
from ambar.oms.scenarios.domain import fields
from ambar.oms.scenarios.domain.rules import Scenario, TransferScenario


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenLocation:
    """A location as rules see it; `properties` hold what location conditions ask."""

    id: int
    name: str
    is_active: bool
    is_fulfillment_center: bool
    max_quota: int | None
    has_position: bool
    has_exit_time: bool
    properties: Mapping[str, Any] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class LintWorld:
    """Scenarios in the order they are asked, and what they refer to.

    `channels`: `{id: {channel_id, channel, channel_type}}`. `leaving`: package states with an active transition out.
    `hooked`: package events sent to the Seller Center; None when there is none to tell. `priced`: zones of the cost table.
    `measured`: locations with enough packages to judge their reliability.
    """

    scenarios: tuple[Scenario, ...]
    transfers: tuple[TransferScenario, ...]
    locations: Mapping[int, SeenLocation]
    channels: Mapping[int, Mapping[str, Any]]
    leaving: frozenset[int]
    hooked: frozenset[str] | None = None
    priced: frozenset[str] = frozenset()
    measured: frozenset[int] = frozenset()

    def packing(self, condition: Condition) -> list[SeenLocation]:
        """Active packaging centres that may pass `condition`, whatever the order is."""
        return [one for one in self._possible(condition) if one.is_fulfillment_center]

    def sources(self, condition: Condition) -> list[SeenLocation]:
        """Active transfer locations that may pass `condition`, whatever the order is."""
        return [one for one in self._possible(condition) if one.properties.get("is_transfer_location")]

    def _possible(self, condition: Condition) -> list[SeenLocation]:
        return [
            one
            for one in self.locations.values()
            if one.is_active and condition.decide(one.properties, fields.ORDER_BOUND) is not False
        ]
